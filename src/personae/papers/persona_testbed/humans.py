"""People who choose in a persona's place: the sheet that they fill in, and how it is read."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path

from personae.canonical import content_hash
from personae.errors import InputError

REVISED, BASE = "revised", "base"
Choices = Mapping[tuple[int, int], Mapping[str, int]]
"""By person and request, what each rater chose: 1 for the revised answer, 0 for the base one."""


def is_revised_first(person: int, request: int) -> bool:
    """Whether the revised answer is the one that is called A on the sheet; raters cannot tell.

    Example:
        >>> {is_revised_first(person, 0) for person in range(20)} == {True, False}
        True
    """
    return int(content_hash(["sheet", person, request])[:2], 16) % 2 == 0


def read_humans(path: Path) -> Choices:
    """Read sheets that were filled in, of several raters one below the other; rows without a choice are left out.

    Raises:
        InputError: If the file cannot be read, lacks a column, or a choice is none.
    """
    found: dict[tuple[int, int], dict[str, int]] = {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            for row in csv.DictReader(file):
                said = row["choice"].strip()
                if not said:
                    continue
                place = (int(row["person"]), int(row["request"]))
                if said.upper() in ("A", "B"):
                    code = int((said.upper() == "A") == is_revised_first(*place))
                else:
                    code = (BASE, REVISED).index(said.casefold())
                raters = found.setdefault(place, {})
                name = (row.get("rater") or "").strip() or "rater"
                if name in raters:
                    raise ValueError(f"{name} chose twice for person {place[0]}, request {place[1]}")
                raters[name] = code
    except (OSError, UnicodeDecodeError, KeyError, ValueError, TypeError, AttributeError) as error:
        raise InputError(
            f"holds no choices ({error})",
            where=str(path),
            remedy="its columns are person, request (numbers), choice (A or B of the sheet, revised or base), rater",
        ) from error
    return found
