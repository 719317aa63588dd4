"""What a released data set of pairs holds: its sizes, whether its test is unseen, and what revisions give away."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from personae.stats import Estimate, cluster_mean, one_sample_t, proportion
from personae.study import AS_PUBLISHED, CORRECTED, Finding

if TYPE_CHECKING:
    import polars as pl

DATA = "the data set"
ADULT = 18


def measure_released(table: pl.DataFrame) -> list[Finding]:
    """Sizes of a released data set, whether its test is unseen, and what revisions give away."""
    rows = table.to_dicts()
    people = [row["person"] for row in rows]
    pairs = {(row["person"], row["request"]) for row in rows}
    each = Counter(person for person, _ in pairs)
    first = {row["person"]: row for row in rows}
    found = [
        *(_count(name, n) for name, n in (("people", len(each)), ("pairs", len(rows)))),
        _count("requests", len({row["request"] for row in rows})),
        Finding.of("each", DATA, _mean([*each.values()]), unit="requests of a person", conventions=(AS_PUBLISHED,)),
        _share("repeated", len(rows) - len(pairs), len(rows), "share of pairs", CORRECTED),
        _share("unchanged", sum(row["same"] for row in rows), len(rows), "share of pairs", CORRECTED),
        *(
            _by_person(name, column, rows, people)
            for name, column in (("accuracy.longest", "longer"), ("quoted", "quoted"))
        ),
        _share(
            "contradictory",
            sum(row["contradictory"] for row in first.values()),
            len(first),
            "share of people",
            CORRECTED,
        ),
    ]
    ages = [row["age"] for row in first.values() if row["age"] is not None]
    found.append(
        Finding.of(
            "adults",
            DATA,
            replace(
                proportion(sum(age >= ADULT for age in ages), len(ages), missing=len(first) - len(ages)), p_value=None
            ),
            unit="share of people",
            conventions=(CORRECTED,),
        )
    )
    return [*found, *_split(rows)]


def _split(rows: Sequence[Mapping[str, Any]]) -> Iterator[Finding]:
    """Whether the people and the requests of the test are seen in training, where rows say which they are of."""
    for name in ("person", "request"):
        train = {row[name] for row in rows if row["part"] == "train"}
        tested = [row[name] for row in rows if row["part"] == "test"]
        if train and tested:
            unseen = sum(one not in train for one in tested)
            yield _share(f"unseen.{name}", unseen, len(tested), "share of pairs of the test", AS_PUBLISHED)


def _by_person(name: str, column: str, rows: Sequence[Mapping[str, Any]], people: Sequence[int]) -> Finding:
    mean = cluster_mean([float(row[column]) for row in rows], [str(one) for one in people])
    bounded = replace(mean, low=float(np.maximum(mean.low, 0)), high=float(np.minimum(mean.high, 1)), p_value=None)
    return Finding.of(name, DATA, bounded, unit="share of pairs", conventions=(CORRECTED, "unit=person"))


def _share(name: str, n: int, of: int, unit: str, way: str) -> Finding:
    return Finding.of(name, DATA, replace(proportion(n, of), p_value=None), unit=unit, conventions=(way,))


def _count(name: str, number: int) -> Finding:
    counted = Estimate(number, number, number, n=number, method="count")
    return Finding.of(name, DATA, counted, unit=name, conventions=(AS_PUBLISHED,))


def _mean(values: Sequence[int]) -> Estimate:
    found = one_sample_t([float(one) for one in values])
    return replace(found, low=float(min(values)), high=float(max(values)), method="mean; least and most", p_value=None)
