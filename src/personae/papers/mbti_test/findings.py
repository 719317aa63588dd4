"""Letters counted, the type that follows, and how far a prompt moved it.

As published: the type is the letter of each pair with the larger count, by a strict "larger than", so that a tie gives
I, N, F or P. Corrected: the share of the first letter with its interval; a pair is told apart only where that leaves
one half out.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from personae.instrument import Instrument, answer_matrix
from personae.papers.mbti_test.settings import PAIRS
from personae.stats import Estimate, difference_of_proportions, proportion
from personae.study import AS_PUBLISHED, CORRECTED, Finding

if TYPE_CHECKING:
    import polars as pl

BASE = "base"
LETTERS = "".join(PAIRS)


def type_of(counts: Mapping[str, float]) -> str:
    """The type of these counts, by the published rule.

    Example:
        >>> type_of({"E": 9, "I": 12, "S": 12, "N": 15, "T": 11, "F": 12, "J": 11, "P": 11})
        'INFP'
    """
    return "".join(pair[0] if counts[pair[0]] > counts[pair[1]] else pair[1] for pair in PAIRS)


def measure_table(table: pl.DataFrame, questions: Instrument | None, target: str) -> list[Finding]:
    """Measure a fresh run, or published counts of letters, for each model in the table."""
    found: list[Finding] = []
    if "E" in table.columns:
        return [one for row in table.iter_rows(named=True) for one in _of_counts(row)] + _of_all(table)
    if questions is None or "condition" not in table.columns:
        return found
    for (subject,), mine in table.group_by(["model"], maintain_order=True):
        base: dict[str, tuple[int, int]] = {}
        for (condition,), rows in mine.sort("condition", "repeat").group_by(["condition"], maintain_order=True):
            chosen = _chosen(rows, questions)
            counts = {letter: sum(row.count(letter) for row in chosen) for letter in LETTERS}
            asked = sum(len(questions.item_ids) for _ in chosen)
            missing = asked - sum(counts.values())
            found += _of_condition(str(subject), str(condition), counts, len(chosen), missing)
            found += _toward(str(subject), str(condition), counts, target, base)
    return found


def _chosen(rows: pl.DataFrame, questions: Instrument) -> list[list[str]]:
    """The letter of each chosen option, by row; questions without an answer are left out."""
    found = []
    for answers in answer_matrix(rows, questions):
        letters = []
        for item, value in zip(questions.item_ids, answers, strict=True):
            if math.isfinite(value):
                option = next(one for one in questions.options_of(item) if one.value == int(value))
                letters.append(option.keyed.upper())
        found.append(letters)
    return found


def _of_condition(
    subject: str, condition: str, counts: Mapping[str, int], runs: int, missing: int
) -> Iterator[Finding]:
    kind = type_of(counts)
    ties = [pair for pair in PAIRS if counts[pair[0]] == counts[pair[1]]]
    note = f"{kind}{f'; tied: {chr(44).join(ties)}' if ties else ''}"
    for letter in LETTERS:
        mean = counts[letter] / runs if runs else math.nan
        count = Estimate(mean, math.nan, math.nan, n=counts[letter], missing=missing, method="mean count of a run")
        yield Finding.of(
            f"count.{letter}.{condition}",
            subject,
            replace(count, note=note),
            unit="answers",
            conventions=(AS_PUBLISHED, "tie=I,N,F,P"),
        )
    told = 0
    for pair in PAIRS:
        first, both = counts[pair[0]], counts[pair[0]] + counts[pair[1]]
        share = proportion(first, both)
        told += bool(share.low > 0.5 or share.high < 0.5)
        yield Finding.of(
            f"share.{pair}.{condition}",
            subject,
            replace(share, note=f"{pair[0]} {first}, {pair[1]} {both - first}"),
            unit=f"share of {pair[0]}",
            conventions=(CORRECTED, "unit=answer"),
        )
    certain = Estimate(told, math.nan, math.nan, n=len(PAIRS), method="pairs whose interval leaves one half out")
    yield Finding.of(
        f"told.{condition}", subject, replace(certain, note=note), unit="letters of 4", conventions=(CORRECTED,)
    )


def _toward(
    subject: str, condition: str, counts: Mapping[str, int], target: str, base: dict[str, tuple[int, int]]
) -> Iterator[Finding]:
    """Share of answers that are the target's, and how much of it a prompt added."""
    hits, total = sum(counts[letter] for letter in target), sum(counts.values())
    if condition == BASE:
        base[BASE] = hits, total
    share = proportion(hits, total)
    yield Finding.of(f"target.{condition}", subject, share, unit=f"share of {target}", conventions=(CORRECTED,))
    if condition != BASE and BASE in base:
        before = base[BASE]
        moved = difference_of_proportions(hits, total, *before)
        yield Finding.of(
            f"moved.{condition}", subject, moved, unit=f"share of {target}", conventions=(CORRECTED, "unit=answer")
        )


def _of_counts(row: Mapping[str, object]) -> Iterator[Finding]:
    counts = {letter: int(str(row[letter])) for letter in LETTERS}
    yield from _of_condition(str(row["model"]), BASE, counts, 1, 0)


def _of_all(table: pl.DataFrame) -> list[Finding]:
    """Whether the published types follow from the published counts."""
    stored: Sequence[str | None] = table["type"].to_list()
    rebuilt = [type_of(row) for row in table.select(list(LETTERS)).iter_rows(named=True)]
    known = [a == b for a, b in zip(stored, rebuilt, strict=True) if a]
    tied = int(np.sum([any(row[p[0]] == row[p[1]] for p in PAIRS) for row in table.iter_rows(named=True)]))
    agree = proportion(sum(known), len(known), missing=len(stored) - len(known))
    note = f"{tied} of {len(stored)} types rest on a tie"
    return [
        Finding.of("agree.types", "all models", replace(agree, note=note), unit="share", conventions=(AS_PUBLISHED,))
    ]
