"""The administration session of the authors: descriptions, instructions and postambles as they were put."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

from personae.errors import InputError

_PREAMBLE = re.compile(
    r'matches this description: "(?P<description>.*?)"\.?\s+(?P<words>[A-Z][a-z]+(?: [a-z]+)?) the statement', re.S
)


@dataclass(frozen=True, slots=True)
class Session:
    """What of a session the study uses."""

    descriptions: tuple[str, ...]
    instructions: tuple[str, ...]
    measures: dict[str, int]
    """Items of each measure."""


def read_session(path: Path) -> Session:
    """Read descriptions and instructions from the item preambles of a session.

    Raises:
        InputError: If it is no session or has no preambles of this design.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        preambles: dict[str, str] = dict(data["item_preambles"])
        measures = {name: len(one["items"]) for name, one in data["measures"].items()}
    except (OSError, UnicodeDecodeError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(
            f"is no administration session ({type(error).__name__})",
            where=str(path),
            remedy="give the JSON with measures, item_preambles and item_postambles",
        ) from error
    found = [match for text in preambles.values() if (match := _PREAMBLE.search(text))]
    if not found:
        raise InputError("has no preamble with a description", where=str(path), remedy="give a session of this study")
    descriptions = tuple(dict.fromkeys(match["description"].strip() for match in found))
    return Session(descriptions, tuple(dict.fromkeys(match["words"] for match in found)), measures)
