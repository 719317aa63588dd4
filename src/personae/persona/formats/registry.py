"""All foreign formats, and which of them a file is of."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from pathlib import Path

from personae.errors import InputError
from personae.persona.formats.card import CARD_V1, CARD_V2, CARD_V3
from personae.persona.formats.charx import CARD_CHARX
from personae.persona.formats.concordia import CONCORDIA
from personae.persona.formats.content import Content, load_content
from personae.persona.formats.edsl import EDSL
from personae.persona.formats.format import Format
from personae.persona.formats.genagents import GENAGENTS
from personae.persona.formats.lamp import LAMP
from personae.persona.formats.letta import LETTA_BLOCKS, LETTA_FILE
from personae.persona.formats.nemotron import NEMOTRON
from personae.persona.formats.oasis import OASIS_REDDIT, OASIS_TWITTER
from personae.persona.formats.personahub import PERSONAHUB
from personae.persona.formats.png import CARD_PNG
from personae.persona.formats.rows import ROWS
from personae.persona.formats.table import TABLE_CSV, TABLE_PARQUET, table_of
from personae.persona.formats.tinytroupe import TINYTROUPE

OWN = "personae"
"""Key of the files that personae writes itself: YAML, JSON, JSONL."""

FORMATS: dict[str, Format] = {
    one.key: one
    for one in (
        CARD_PNG,
        CARD_CHARX,
        CARD_V3,
        CARD_V2,
        CARD_V1,
        TINYTROUPE,
        EDSL,
        GENAGENTS,
        LETTA_BLOCKS,
        LETTA_FILE,
        CONCORDIA,
        LAMP,
        OASIS_REDDIT,
        OASIS_TWITTER,
        NEMOTRON,
        PERSONAHUB,
        ROWS,
        TABLE_CSV,
        TABLE_PARQUET,
    )
}
"""Foreign formats by key, in the order in which a file is held against them."""


def detect_format(source: Path | str | bytes | Content) -> str:
    """The key of the format that a file is of, told by what is in it; its name says nothing.

    A file that no foreign format claims is taken for one of personae's own.

    Raises:
        InputError: If the file cannot be read.

    Example:
        >>> detect_format(b'{"spec": "chara_card_v2", "spec_version": "2.0", "data": {"name": "Ada"}}')
        'card-v2'
        >>> detect_format(b"name: Ada")
        'personae'
    """
    content = source if isinstance(source, Content) else load_content(source)
    return next((key for key, one in FORMATS.items() if one.recognise(content)), OWN)


def format_of(content: Content, columns: Mapping[str, str] | None = None) -> str:
    """The key of the format of a file; one whose columns are mapped is a table, whatever else it may be."""
    return (table_of(content) if columns is not None else "") or detect_format(content)


def find_format(key: str) -> Format:
    """A foreign format by its key.

    Raises:
        InputError: If no format is called so.
    """
    if key not in FORMATS:
        close = difflib.get_close_matches(key, FORMATS, n=1)
        remedy = f"did you mean {close[0]!r}?" if close else f"known are {OWN}, {', '.join(FORMATS)}"
        raise InputError(f"no format is called {key!r}", remedy=remedy)
    return FORMATS[key]
