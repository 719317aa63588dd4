"""The category lexicon that ships with personae, under CC0."""

from __future__ import annotations

import tomllib
from functools import lru_cache
from importlib.resources import files

from personae.text.lexicon import Category, Lexicon


@lru_cache(maxsize=1)
def open_lexicon() -> Lexicon:
    """The open category lexicon: English words in the families of categories that psycholinguistics uses.

    Use it where a study needs categories in the manner of LIWC and nobody has a licence for LIWC. The words are our own
    selection: percentages are not those of LIWC, even under the same name, and no norms exist for them. It has not been
    validated against people's judgements.

    Example:
        >>> counts = open_lexicon().count("I was so happy to see my sister.")
        >>> counts.counts["i"], counts.counts["positive_emotion"], counts.counts["family"]
        (2, 1, 1)
    """
    data = tomllib.loads((files("personae.text") / "data" / "open_categories.toml").read_text(encoding="utf-8"))
    entries: dict[str, tuple[str, ...]] = {}
    for key, row in data["categories"].items():
        for word in row.get("words", "").split():
            entry = word.replace("_", " ")
            entries[entry] = (*entries.get(entry, ()), key)
    categories = tuple(
        Category(key, row["title"], tuple(row.get("parents", ()))) for key, row in data["categories"].items()
    )
    return Lexicon(data["name"], data["version"], categories, entries)
