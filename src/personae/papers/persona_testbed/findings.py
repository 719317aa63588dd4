"""Who can tell which answer was made for a person, and from which of its attributes?

As published: pairs are the units, the revised answer is right, and people whom the judge finds contradictory are left
out. Corrected: people are the units, an answer counts only if it is chosen in both orders alike, and beside each share
stands that of choosing the longer answer: revisions tend to grow.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from math import comb
from typing import TYPE_CHECKING, Any

import numpy as np

from personae.papers.persona_testbed.people import GROUPS
from personae.stats import Estimate, cluster_mean, cohen_kappa, paired_t, proportion
from personae.study import AS_PUBLISHED, CORRECTED, Finding

if TYPE_CHECKING:
    import polars as pl

Row = Mapping[str, Any]
METHODS = ("none", "demographics", "full", "reasoned", "other")
_PAIRS = "share of pairs"


def measure_table(table: pl.DataFrame, humans: Mapping[tuple[int, int], int], refused: int) -> list[Finding]:
    """Measure everything, for each model in the table."""
    found: list[Finding] = []
    if "arm" not in table.columns:
        return found
    for (model,), mine in table.group_by(["model"], maintain_order=True):
        rows = list(mine.sort("person", "request").iter_rows(named=True))
        found += _of_model(rows, str(model), humans, refused)
    return found


def _of_model(
    rows: Sequence[Row], subject: str, humans: Mapping[tuple[int, int], int], refused: int
) -> Iterator[Finding]:
    checked = [row for row in rows if row["arm"] == "check"]
    told = [row for row in checked if row.get("consistent") is not None]
    share = proportion(sum(row["consistent"] for row in told), len(told), missing=len(checked) - len(told))
    yield Finding.of("consistent", subject, share, unit="share of people", conventions=(AS_PUBLISHED,))
    yield Finding.of("refused_by_rules", subject, _count(refused), unit="people", conventions=(CORRECTED,))
    yield Finding.of("people", subject, _count(len(checked)), unit="people", conventions=(AS_PUBLISHED,))
    every = [row for row in rows if row["arm"] == "pair"]
    yield Finding.of("pairs", subject, _count(len(every)), unit="pairs", conventions=(AS_PUBLISHED,))
    out = {row["person"] for row in told if not row["consistent"]}
    pairs = [row for row in every if row["status"] in ("ok", "repaired") and row["person"] not in out]
    if not pairs:
        return
    yield from _accuracy("judged", pairs, subject)
    yield from _accuracy("longest", [{**row, "longest": [int(row["longer"])] * 2} for row in pairs], subject)
    same = proportion(sum(row["same"] for row in pairs), len(pairs))
    yield Finding.of("unchanged", subject, same, unit=_PAIRS, conventions=(CORRECTED,))
    for method in METHODS:
        yield from _accuracy(f"chosen.{method}", pairs, subject)
        tested = [row for row in pairs if row["part"] == "test"]
        if tested:
            yield from _accuracy(f"chosen.{method}", tested, subject, ".unseen")
        judged, chosen = ([_once(row.get(name)) for row in pairs] for name in ("judged", f"chosen.{method}"))
        yield Finding.of(
            f"kappa.{method}", subject, cohen_kappa(judged, chosen), conventions=(AS_PUBLISHED, "order=first")
        )
    for name, (first, second) in {
        "full_minus_none": ("full", "none"),
        "full_minus_other": ("full", "other"),
        "reasoned_minus_full": ("reasoned", "full"),
    }.items():
        yield _difference(name, pairs, subject, f"chosen.{first}", f"chosen.{second}")
    for group in GROUPS:
        if any(row.get(f"without.{group}") for row in pairs):
            yield _difference(f"relevance.{group}", pairs, subject, "chosen.full", f"without.{group}")
    for column in dict.fromkeys(key for row in pairs for key in row if key.startswith("only.")):
        yield from _accuracy(column, pairs, subject)
    yield from _pass_at(pairs, subject)
    yield from _orders(pairs, subject)
    yield from _people(pairs, subject, humans)


def _count(number: int) -> Estimate:
    return Estimate(number, number, number, n=number, method="count")


def _once(chosen: Sequence[int] | None) -> int | None:
    """The choice in the first order."""
    return None if not chosen or chosen[0] < 0 else chosen[0]


def _share(chosen: Sequence[int] | None) -> float:
    """1 if the revised answer is chosen in both orders, 0 if the base one, one half if it depends on the order."""
    return float(np.mean(chosen)) if chosen and min(chosen) >= 0 else float("nan")


def _accuracy(column: str, pairs: Sequence[Row], subject: str, suffix: str = "") -> Iterator[Finding]:
    first = [_once(row.get(column)) for row in pairs]
    known = [one for one in first if one is not None]
    name = f"accuracy.{column.removeprefix('chosen.')}{suffix}"
    plain = proportion(sum(known), len(known), missing=len(first) - len(known))
    yield Finding.of(name, subject, plain, unit=_PAIRS, conventions=(AS_PUBLISHED, "unit=pair", "order=first"))
    both = cluster_mean([_share(row.get(column)) for row in pairs], [str(row["person"]) for row in pairs])
    conventions = (CORRECTED, "unit=person", "order=both")
    yield Finding.of(name, subject, replace(both, p_value=None), unit=_PAIRS, conventions=conventions)


def _difference(name: str, pairs: Sequence[Row], subject: str, first: str, second: str) -> Finding:
    """Mean over people of the difference of two ways to choose."""
    people = list(dict.fromkeys(row["person"] for row in pairs))
    sides = []
    for column in (first, second):
        by_person: dict[Any, list[float]] = {person: [] for person in people}
        for row in pairs:
            by_person[row["person"]].append(_share(row.get(column)))
        sides.append(
            [float(np.nanmean(values)) if np.isfinite(values).any() else np.nan for values in by_person.values()]
        )
    family = "relevance" if name.startswith("relevance") else "methods"
    return Finding.of(
        name, subject, paired_t(*sides), unit=_PAIRS, conventions=(CORRECTED, "unit=person"), family=family
    )


def _pass_at(pairs: Sequence[Row], subject: str) -> Iterator[Finding]:
    """The chance that one of k drawn choices is right: ``1 - C(n-c, k) / C(n, k)``, averaged over pairs."""
    drawn = [[one for one in row.get("samples") or () if one >= 0] for row in pairs]
    most = max(map(len, drawn), default=0)
    for k in range(1, most + 1):
        values = [
            1 - comb(len(one) - sum(one), k) / comb(len(one), k) if len(one) >= k else float("nan") for one in drawn
        ]
        mean = cluster_mean(values, [str(row["person"]) for row in pairs])
        conventions = (AS_PUBLISHED, "estimator=unbiased", "unit=person")
        yield Finding.of(f"pass_at.{k}", subject, replace(mean, p_value=None), unit=_PAIRS, conventions=conventions)


def _orders(pairs: Sequence[Row], subject: str) -> Iterator[Finding]:
    for column in ("judged", *(f"chosen.{method}" for method in METHODS)):
        both = [row[column] for row in pairs if row.get(column) and min(row[column]) >= 0]
        changed = proportion(sum(one[0] != one[1] for one in both), len(both), missing=len(pairs) - len(both))
        yield Finding.of(
            f"order.{column.removeprefix('chosen.')}", subject, changed, unit=_PAIRS, conventions=(CORRECTED,)
        )


def _people(pairs: Sequence[Row], subject: str, humans: Mapping[tuple[int, int], int]) -> Iterator[Finding]:
    """The judge against people who chose in the persona's place."""
    if not humans:
        return
    theirs = [humans.get((row["person"], row["request"])) for row in pairs]
    judged = [_once(row.get("judged")) for row in pairs]
    both = [(a, b) for a, b in zip(theirs, judged, strict=True) if a is not None and b is not None]
    agreed = proportion(sum(a == b for a, b in both), len(both), missing=len(pairs) - len(both))
    yield Finding.of("people_agree", subject, agreed, unit=_PAIRS, conventions=(AS_PUBLISHED,))
    yield Finding.of("people_kappa", subject, cohen_kappa(theirs, judged), conventions=(AS_PUBLISHED,))
