"""Profiles in five parts, as they are written for a person or read from the authors' files."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from personae.canonical import content_hash
from personae.errors import InputError

PARTS = ("S", "P_personality", "P_value", "C_behavior", "C_lovehate")
BLOCKS = {"S": ("S",), "P": ("P_personality", "P_value"), "C": ("C_lovehate", "C_behavior")}
CONDITIONS = ("none", "S", "P", "C", "SP", "SC", "PC", "SPC")
_MOST_BYTES = 200_000
_ROW = re.compile(r"^\|[ \t]*(\d{1,6})[ \t]*\|([^|\n]{1,200})\|([^|\n]{1,200})\|[ \t]*$", re.MULTILINE)
_OLD_NAMES = {"I_behavior": "C_behavior", "I_lovehate": "C_lovehate"}
"""Of the authors' first release, which called life context individualized information; some of its files were left."""
_PART = re.compile(rf"(?:^|[_\-. ])({'|'.join(sorted((*PARTS, *_OLD_NAMES), key=len, reverse=True))})(?:$|[_\-. ])")
_PROMPTS = "prompts"


@dataclass(frozen=True, slots=True)
class Profile:
    """A person in five parts."""

    name: str
    parts: Mapping[str, str]
    work: str = ""
    """The series that a character is from; empty for people."""
    is_scored: bool = False
    """Whether personal identity is sentences on scores; published profiles are prose already."""

    @property
    def id(self) -> str:
        """The name."""
        return self.name

    @property
    def hash(self) -> str:
        """Content hash, by which a cell knows it."""
        return content_hash([self.name, dict(self.parts), self.work, self.is_scored])

    @property
    def whole(self) -> str:
        """All five parts: what somebody who is the person knows of themselves."""
        return "\n\n".join(self.parts[part] for block in BLOCKS.values() for part in block if self.parts[part])


def read_profiles(folder: Path) -> tuple[list[Profile], tuple[str, ...]]:
    """Read profiles from text files: ``NAME_PART.txt``, or ``PART/NAME.txt``, or ``NAME/PART.txt``.

    A name may be ``CHARACTER (SERIES)``, or a number of the table ``| id | title | character |`` in a ``README.md`` of
    the folder or of one of the two above it, as in the authors' repository. The parts of its first release are known
    too, ``I_behavior`` and ``I_lovehate``; where a person has both, the later one counts.

    Returns:
        Whole profiles by name, and a warning for each person that lacks a part.

    Raises:
        InputError: If the folder holds none.
    """
    whole, warnings = [], []
    table = _characters(folder)
    for name, parts in read_parts(folder).items():
        if lacking := [part for part in PARTS if not parts.get(part)]:
            warnings.append(f"{name} lacks {', '.join(lacking)}; left out")
            continue
        character, _, work = table.get(name, name).partition("(")
        whole.append(Profile(character.strip(), {part: parts[part] for part in PARTS}, work.rstrip(") ")))
    return whole, tuple(warnings)


def read_parts(folder: Path) -> dict[str, dict[str, str]]:
    """Parts of everybody that has one, by name; files of a folder ``prompts`` are templates and nobody's.

    Raises:
        InputError: If the folder holds none.
    """
    found: dict[str, dict[str, str]] = {}
    for path in sorted(folder.rglob("*.txt")):
        if _PROMPTS in path.relative_to(folder).parts[:-1]:
            continue
        where = [path.stem, path.parent.name]
        named = next((match for word in where if (match := _PART.search(word))), None)
        if named is None or path.stat().st_size > _MOST_BYTES:
            continue
        rest = _PART.sub(" ", path.stem).strip(" _-.")
        name = " ".join((rest or path.parent.name).replace("_", " ").split())
        text = path.read_text(encoding="utf-8", errors="replace").strip()
        parts, part = found.setdefault(name, {}), named[1]
        if part in _OLD_NAMES:
            parts.setdefault(_OLD_NAMES[part], text)  # files are sorted: the later name comes first
        else:
            parts[part] = text
    if not found:
        raise InputError(
            "holds no profiles", where=str(folder), remedy=f"name files NAME_PART.txt, with PART of {', '.join(PARTS)}"
        )
    return found


def _characters(folder: Path) -> dict[str, str]:
    """For each number of the table its ``CHARACTER (SERIES)``."""
    for place in (folder, folder.absolute().parent, folder.absolute().parent.parent):
        path = place / "README.md"
        if path.is_file() and path.stat().st_size <= _MOST_BYTES:
            rows = _ROW.findall(path.read_text(encoding="utf-8", errors="replace"))
            if rows:
                return {number: f"{character.strip()} ({title.strip()})" for number, title, character in rows}
    return {}
