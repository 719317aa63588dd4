"""How much a foreign file may take: cards and tables from the web are untrusted input.

Every limit stands far above what honest files need, and a file beyond one is refused with its name.
"""

MOST_FILE_BYTES = 256_000_000
"""Largest foreign file, table or folder that is read."""

MOST_JSON_BYTES = 20_000_000
"""Largest JSON text of one card or of one file of records."""

MOST_CHUNKS = 100_000
"""Chunks of one PNG; an animation of an hour has fewer."""

MOST_TEXT_CHUNK = 32_000_000
"""Bytes of one text chunk of a PNG, compressed or not: base64 takes a third more than the JSON in it."""

MOST_PIXELS = 40_000_000
"""Pixels of a picture that has to be decoded; a card has one million."""

MOST_ENTRIES = 2_000
"""Files in one CHARX archive."""

MOST_ENTRY_BYTES = 128_000_000
"""Unpacked size of one file of an archive."""

MOST_UNPACKED = 512_000_000
"""Unpacked size of a whole archive."""

MOST_RATIO = 200
"""How many times larger than its packed form a file of an archive may be; text packs by ten, a bomb by a thousand."""

LEAST_SUSPECT = 1_000_000
"""Unpacked bytes below which the ratio says nothing."""

MOST_RECORDS = 1_000_000
"""Personas of one file; a population has commands of its own."""

MOST_LORE_ENTRIES = 10_000
"""Entries of one lorebook."""

MOST_KEYS = 1_000
"""Keys of one entry."""

MOST_PATTERN = 2_000
"""Letters of one regular expression in a lorebook."""

PATTERN_SECONDS = 0.1
"""Time that one regular expression may search; one that takes longer counts as no match."""

SCAN_SECONDS = 2.0
"""Time that all regular expressions of one scan may take together."""

MOST_SCANNED = 200_000
"""Letters of one message that are searched for keys, from its end."""

MOST_PASSES = 10
"""Rounds in which the content of one entry may call up another."""

MOST_MACROS = 10_000
"""Macros that are resolved in one text."""

MOST_MACRO_TEXT = 1_000_000
"""Letters that a text may have after its macros were resolved."""
