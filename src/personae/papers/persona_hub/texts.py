"""Texts that people are made from: of a file, each with its licence, or a few of ours for rehearsals."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from personae.canonical import content_hash
from personae.errors import InputError

OWN_LICENCE = "MIT"

_OWN = (
    "Before you prune an apple tree, look at it for ten minutes. Take out what is dead, what crosses and what grows "
    "into the middle, and leave the short spurs that bear fruit.",
    "The new bus timetable drops the 22:40 to the harbour. Night shifts at the fish market end at 22:30, so that forty "
    "people will have to walk or to share cars.",
    "A p value tells how surprising data would be if nothing were there. It does not tell how probable it is that "
    "nothing is there, and a larger sample makes small things surprising.",
    "Soak the beans overnight. Fry onions slowly until they are the colour of straw, add paprika off the heat, then "
    "beans and stock, and leave the pot alone for two hours.",
    "Our youth team needs a goalkeeper who does not mind mud. Training is on Tuesdays, boots can be borrowed, and the "
    "club pays the fee of whoever cannot.",
    "When the compressor trips after start, measure the winding resistance before you order parts. In four of five "
    "cases a relay of two euros is to blame.",
    "The manuscript was copied by two hands. The second begins in the middle of a psalm, writes larger, and forgets "
    "the red initials from the ninth leaf on.",
    "Index the column that you filter by, not the one that you show. Then look at the plan again: a scan of the whole "
    "table may still be cheaper when it is small.",
)


@dataclass(frozen=True, slots=True)
class SourceText:
    """A text and the terms it came with."""

    text: str
    licence: str

    @property
    def hash(self) -> str:
        """Content hash of the text."""
        return content_hash(self.text)


def forbids_derivatives(licence: str) -> bool:
    """Whether a licence says that nothing may be made from the work.

    Example:
        >>> forbids_derivatives("CC BY-NC-ND 4.0"), forbids_derivatives("CC-BY-SA-4.0")
        (True, False)
    """
    words = re.split(r"[^a-z]+", licence.casefold())
    return "nd" in words or "noderivatives" in words or "all rights reserved" in licence.casefold()


def own_texts() -> tuple[SourceText, ...]:
    """Our texts, for rehearsals; the people that come of them are no sample of anybody."""
    return tuple(SourceText(text, OWN_LICENCE) for text in _OWN)


def read_texts(path: Path, licence: str) -> tuple[SourceText, ...]:
    """Read texts: CSV, Parquet or JSONL with a column ``text`` and perhaps ``licence``; or lines of a ``.txt``.

    Raises:
        InputError: If there are no texts.
    """
    return _read_at(path, licence, path.stat().st_mtime_ns)


@lru_cache(maxsize=4)
def _read_at(path: Path, licence: str, changed: int) -> tuple[SourceText, ...]:
    """A file, read once until it is changed."""
    from personae.population.microdata import read_table

    if path.suffix.lower() == ".txt":
        try:
            lines = path.read_text(encoding="utf-8-sig").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise InputError(f"cannot be read ({type(error).__name__})", where=str(path)) from error
        found = [SourceText(line.strip(), licence) for line in lines if line.strip()]
    else:
        table = read_table(path)
        if "text" not in table.columns:
            raise InputError("has no column text", where=str(path), remedy="name the columns text and licence")
        found = [
            SourceText(str(row["text"]).strip(), str(row.get("licence") or licence))
            for row in table.iter_rows(named=True)
            if str(row["text"] or "").strip()
        ]
    if not found:
        raise InputError("holds no texts", where=str(path))
    return tuple({one.text: one for one in found}.values())
