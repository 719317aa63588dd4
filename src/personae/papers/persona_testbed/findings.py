"""Who can tell which answer was made for a person, from which attributes, and whose answers suit it?

As published: pairs are the units, the revised answer is right, and people whom the judge finds contradictory are left
out. Corrected: people are the units, an answer counts only if it is chosen in both orders alike, and beside each share
stands that of choosing the longer answer: revisions tend to grow.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from math import comb
from typing import TYPE_CHECKING, Any

import numpy as np

from personae.papers.persona_testbed.agreement import measure_humans
from personae.papers.persona_testbed.asking import METHODS
from personae.papers.persona_testbed.humans import Choices
from personae.papers.persona_testbed.intersections import Intersection, gap, members
from personae.papers.persona_testbed.preparing import REASONS
from personae.papers.persona_testbed.rows import Row, by_person, once, share, verdict
from personae.persona import Persona
from personae.stats import Estimate, cluster_mean, cohen_kappa, paired_t, proportion
from personae.study import AS_PUBLISHED, CORRECTED, Finding

if TYPE_CHECKING:
    import polars as pl

_PAIRS, _ANSWERS = "share of pairs", "share of answers"
_DIFFERENCES = {
    "full_minus_none": ("full", "none"),
    "full_minus_other": ("full", "other"),
    "full_minus_demographics": ("full", "demographics"),
    "reasoned_minus_full": ("reasoned", "full"),
    "summary_minus_full": ("summary", "full"),
}
_CHOICE, _ANSWER = "choice", "answer"
Reading = Callable[[Any], float]


def measure_table(
    table: pl.DataFrame,
    people: Sequence[Persona],
    humans: Choices,
    refused: int,
    intersections: Sequence[Intersection],
    leave_out: Sequence[str],
) -> list[Finding]:
    """Measure everything, for each model in the table."""
    found: list[Finding] = []
    if "arm" not in table.columns:
        return found
    for (model,), mine in table.group_by(["model"], maintain_order=True):
        rows = list(mine.sort("person", "request").iter_rows(named=True))
        if any(row["arm"] in ("place", "request") for row in rows):
            found += _prepared(rows, str(model))
            continue
        pairs, sizes = _kept(rows, str(model), refused)
        found += sizes
        if not pairs:
            continue
        found += _choices(pairs, str(model), leave_out)
        found += measure_humans(pairs, str(model), humans)
        answered = [row for row in pairs if row["answered"]]
        if answered:
            found += _answers(answered, str(model), leave_out)
        found += _intersections(pairs, answered, str(model), people, intersections)
    return found


def _prepared(rows: Sequence[Row], subject: str) -> Iterator[Finding]:
    """How many candidates it took to fill the places, why others were refused, and which requests are contested."""
    places = [row for row in rows if row["arm"] == "place"]
    made = sum(row.get("made") is not None for row in places)
    yield Finding.of("people", subject, _count(made), unit="people", conventions=(AS_PUBLISHED,))
    yield Finding.of("filled", subject, proportion(made, len(places)), unit="share of places", conventions=(CORRECTED,))
    counts = {reason: sum(row.get(f"refused.{reason}") or 0 for row in places) for reason in REASONS}
    seen = made + sum(counts.values())
    for reason, n in counts.items():
        share_refused = proportion(n, seen)
        yield Finding.of(
            f"refused.{reason}", subject, share_refused, unit="share of candidates", conventions=(CORRECTED,)
        )
    asked = [row for row in rows if row["arm"] == "request"]
    told = [row["contested"] for row in asked if row.get("contested") is not None]
    contested = proportion(sum(told), len(told), missing=len(asked) - len(told))
    yield Finding.of("contested", subject, contested, unit="share of requests", conventions=(AS_PUBLISHED,))


def _kept(rows: Sequence[Row], subject: str, refused: int) -> tuple[list[Row], list[Finding]]:
    checked = [row for row in rows if row["arm"] == "check"]
    told = [row for row in checked if row.get("consistent") is not None]
    every = [row for row in rows if row["arm"] == "pair"]
    people = {row["person"] for row in every}
    sizes = [
        Finding.of("people", subject, _count(len(people)), unit="people", conventions=(AS_PUBLISHED,)),
        Finding.of("pairs", subject, _count(len(every)), unit="pairs", conventions=(AS_PUBLISHED,)),
        Finding.of(
            "requests",
            subject,
            _count(len({row["request"] for row in every})),
            unit="requests",
            conventions=(AS_PUBLISHED,),
        ),
        Finding.of("refused_by_rules", subject, _count(refused), unit="people", conventions=(CORRECTED,)),
    ]
    if checked:
        fine = proportion(sum(row["consistent"] for row in told), len(told), missing=len(checked) - len(told))
        sizes.append(Finding.of("consistent", subject, fine, unit="share of people", conventions=(AS_PUBLISHED,)))
    out = {row["person"] for row in told if not row["consistent"]}
    return [row for row in every if row["status"] in ("ok", "repaired") and row["person"] not in out], sizes


def _choices(pairs: Sequence[Row], subject: str, leave_out: Sequence[str]) -> Iterator[Finding]:
    yield from _accuracy("judged", pairs, subject)
    yield from _accuracy("longest", [{**row, "longest": [int(row["longer"])] * 2} for row in pairs], subject)
    same = proportion(sum(row["same"] for row in pairs), len(pairs))
    yield Finding.of("unchanged", subject, same, unit=_PAIRS, conventions=(CORRECTED,))
    tested = [row for row in pairs if row["part"] == "test"]
    for method in METHODS:
        yield from _accuracy(f"chosen.{method}", pairs, subject)
        if tested:
            yield from _accuracy(f"chosen.{method}", tested, subject, ".unseen")
        judged, chosen = ([once(row.get(name)) for row in pairs] for name in ("judged", f"chosen.{method}"))
        conventions = (AS_PUBLISHED, "order=first")
        yield Finding.of(f"kappa.{method}", subject, cohen_kappa(judged, chosen), conventions=conventions)
    crossed = [row for row in pairs if row.get("crossed") is not None and row["crossed"] != row["revised"]]
    for column in ("crossed.judged", "crossed.none", "crossed.full"):
        yield from _accuracy(column, crossed, subject, missing=len(pairs) - len(crossed))
    for name, (first, second) in _DIFFERENCES.items():
        columns = (f"chosen.{first}", f"chosen.{second}")
        yield _difference(f"{_CHOICE}.{name}", pairs, subject, columns, share, "methods")
    yield _difference(
        f"{_CHOICE}.crossed_full_minus_none", crossed, subject, ("crossed.full", "crossed.none"), share, "methods"
    )
    for name in leave_out:
        columns = ("chosen.full", f"without.{name}")
        yield _difference(f"relevance.{_CHOICE}.{name}", pairs, subject, columns, share, "relevance")
    for column in ("judged", *(f"chosen.{method}" for method in METHODS), "crossed.judged", "crossed.full"):
        both = [row[column] for row in pairs if row.get(column) and min(row[column]) >= 0]
        changed = proportion(sum(one[0] != one[1] for one in both), len(both), missing=len(pairs) - len(both))
        label = f"order.{column.removeprefix('chosen.')}"
        yield Finding.of(label, subject, changed, unit=_PAIRS, conventions=(CORRECTED,))


def _answers(rows: Sequence[Row], subject: str, leave_out: Sequence[str]) -> Iterator[Finding]:
    """Answers that the critics let pass, by what was told; by attributes left out; in k attempts."""
    people = [str(row["person"]) for row in rows]
    for method in METHODS:
        told = [row.get(f"suits.{method}") for row in rows]
        known = [one for one in told if one is not None]
        plain = proportion(sum(known), len(known), missing=len(told) - len(known))
        conventions = (AS_PUBLISHED, "unit=answer")
        yield Finding.of(f"suits.{method}", subject, plain, unit=_ANSWERS, conventions=conventions)
        mean = _mean_share([verdict(one) for one in told], people)
        yield Finding.of(f"suits.{method}", subject, mean, unit=_ANSWERS, conventions=(CORRECTED, "unit=person"))
        quoted = [row[f"quoted.{method}"] for row in rows if row.get(f"quoted.{method}") is not None]
        repeated = proportion(sum(quoted), len(quoted), missing=len(rows) - len(quoted))
        yield Finding.of(f"quoted.{method}", subject, repeated, unit=_ANSWERS, conventions=(CORRECTED,))
    for name, (first, second) in _DIFFERENCES.items():
        columns = (f"suits.{first}", f"suits.{second}")
        yield _difference(f"{_ANSWER}.{name}", rows, subject, columns, verdict, "methods")
    for name in leave_out:
        columns = ("suits.full", f"suits_without.{name}")
        yield _difference(f"relevance.{_ANSWER}.{name}", rows, subject, columns, verdict, "relevance")
    yield from _pass_at(rows, subject, "attempts", "pass_at")
    yield from _pass_at(rows, subject, "attempts.packaged", "packaged_pass_at")


def _accuracy(column: str, pairs: Sequence[Row], subject: str, suffix: str = "", missing: int = 0) -> Iterator[Finding]:
    first = [once(row.get(column)) for row in pairs]
    known = [one for one in first if one is not None]
    name = f"accuracy.{column.removeprefix('chosen.')}{suffix}"
    plain = proportion(sum(known), len(known), missing=missing + len(first) - len(known))
    yield Finding.of(name, subject, plain, unit=_PAIRS, conventions=(AS_PUBLISHED, "unit=pair", "order=first"))
    both = _mean_share([share(row.get(column)) for row in pairs], [str(row["person"]) for row in pairs])
    conventions = (CORRECTED, "unit=person", "order=both")
    both = replace(both, missing=both.missing + missing)
    yield Finding.of(name, subject, both, unit=_PAIRS, conventions=conventions)


def _difference(
    name: str, rows: Sequence[Row], subject: str, columns: tuple[str, str], reading: Reading, family: str
) -> Finding:
    """Mean over people of the difference of two columns."""
    first, second = (by_person(rows, column, reading) for column in columns)
    tested = paired_t([*first.values()], [*second.values()])
    unit = _ANSWERS if reading is verdict else _PAIRS
    return Finding.of(name, subject, tested, unit=unit, conventions=(CORRECTED, "unit=person"), family=family)


def _pass_at(rows: Sequence[Row], subject: str, column: str, name: str) -> Iterator[Finding]:
    """The chance that one of k attempts passes.

    As published, the share of answers with a pass among the first k; corrected, ``1 - C(n-c, k) / C(n, k)``, which uses
    all n attempts whatever k, with people as units.
    """
    drawn = [[one for one in row.get(column) or () if one >= 0] for row in rows]
    people = [str(row["person"]) for row in rows]
    for k in range(1, max(map(len, drawn), default=0) + 1):
        enough = [one for one in drawn if len(one) >= k]
        missing = len(drawn) - len(enough)
        first = proportion(sum(any(one[:k]) for one in enough), len(enough), missing=missing)
        yield Finding.of(f"{name}.{k}", subject, first, unit=_ANSWERS, conventions=(AS_PUBLISHED, "attempts=first_k"))
        values = [
            1 - comb(len(one) - sum(one), k) / comb(len(one), k) if len(one) >= k else float("nan") for one in drawn
        ]
        mean = _mean_share(values, people)
        conventions = (CORRECTED, "estimator=unbiased", "unit=person")
        yield Finding.of(f"{name}.{k}", subject, mean, unit=_ANSWERS, conventions=conventions)


def _intersections(
    pairs: Sequence[Row],
    answered: Sequence[Row],
    subject: str,
    people: Sequence[Persona],
    intersections: Sequence[Intersection],
) -> Iterator[Finding]:
    groups = [members(one, people) for one in intersections]
    tasks: tuple[tuple[str, Sequence[Row], str, Reading], ...] = (
        (_CHOICE, pairs, "chosen.full", share),
        (_ANSWER, answered, "suits.full", verdict),
    )
    for task, rows, column, reading in tasks:
        values = by_person(rows, column, reading)
        for one, group in zip(intersections, groups, strict=True):
            mine = [row for row in rows if row["person"] in group]
            if not mine:
                continue
            mean = _mean_share([reading(row.get(column)) for row in mine], [str(row["person"]) for row in mine])
            conventions = (CORRECTED, "unit=person", f"people={len(group & values.keys())}")
            name = f"intersection.{task}.{one.name}"
            yield Finding.of(name, subject, mean, unit="share", conventions=conventions)
        widest = gap(values, groups)
        if widest is not None:
            yield Finding.of(f"intersection_gap.{task}", subject, widest, conventions=(CORRECTED,), family="gap")


def _mean_share(values: Sequence[float], people: Sequence[str]) -> Estimate:
    """Mean over people; the t interval of few of them would go beyond what a share can be."""
    mean = cluster_mean(values, people)
    return replace(mean, low=float(np.maximum(mean.low, 0.0)), high=float(np.minimum(mean.high, 1.0)), p_value=None)


def _count(number: int) -> Estimate:
    return Estimate(number, number, number, n=number, method="count")
