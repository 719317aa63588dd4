"""People who rate consultations: who gets which, and what they said."""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from personae.errors import InputError
from personae.papers.patientsim.axes import CRITERIA

LOWEST, HIGHEST = 1, 4
_COLUMNS = ("dialogue", "rater", "criterion", "score")


@dataclass(frozen=True, slots=True)
class PersonRating:
    """What one person gave one consultation on one criterion."""

    dialogue: str
    rater: str
    criterion: str
    score: int


def assign_raters(consultations: Sequence[tuple[str, str]], raters: int) -> list[int]:
    """Divide consultations among raters: as many each, diagnoses balanced, none twice in a persona if that can be.

    Args:
        consultations: Persona and diagnosis of each.
        raters: How many people there are.

    Returns:
        The number of a rater for each consultation. Nobody gets a persona twice unless it has more consultations than
        there are raters.

    Example:
        >>> assign_raters([("a", "x"), ("a", "y"), ("b", "x"), ("b", "y")], 2)
        [0, 1, 1, 0]
    """
    if raters < 1:
        raise InputError("nobody rates", where="raters", remedy="give 1 or more")
    load: Counter[int] = Counter()
    by_diagnosis: dict[str, Counter[int]] = defaultdict(Counter)
    by_persona: dict[str, Counter[int]] = defaultdict(Counter)
    chosen = []
    for persona, diagnosis in consultations:
        best = min(
            range(raters),
            key=lambda one: (by_persona[persona][one], load[one], by_diagnosis[diagnosis][one], one),
        )
        for counter in (load, by_diagnosis[diagnosis], by_persona[persona]):
            counter[best] += 1
        chosen.append(best)
    return chosen


def read_ratings(path: Path) -> tuple[PersonRating, ...]:
    """Read people's ratings from a CSV with the columns dialogue, rater, criterion and score (1 to 4).

    Raises:
        InputError: If the file cannot be read, lacks a column, or holds something that is no rating.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(
            f"cannot be read ({type(error).__name__})", where=str(path), remedy="give a CSV file in UTF-8"
        ) from error
    if not rows or any(name not in rows[0] for name in _COLUMNS):
        raise InputError("lacks a column or all rows", where=str(path), remedy=f"its columns are {', '.join(_COLUMNS)}")
    return tuple(_read(row, f"{path}: line {number}") for number, row in enumerate(rows, start=2))


def _read(row: Mapping[str, str | None], where: str) -> PersonRating:
    criterion = (row["criterion"] or "").strip()
    if criterion not in CRITERIA:
        raise InputError(f"{criterion!r} is no criterion", where=where, remedy=f"use {', '.join(CRITERIA)}")
    score = (row["score"] or "").strip()
    if not score.isascii() or not score.isdigit() or not LOWEST <= int(score) <= HIGHEST:
        raise InputError(f"{score!r} is no score", where=where, remedy=f"write {LOWEST} to {HIGHEST}")
    return PersonRating((row["dialogue"] or "").strip(), (row["rater"] or "").strip(), criterion, int(score))
