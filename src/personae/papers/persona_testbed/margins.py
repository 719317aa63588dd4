"""Are the people like the census: in every field, and in what goes together?"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

import numpy as np

from personae.population.targets import distances_to_target
from personae.stats import Estimate
from personae.study import CORRECTED, Finding

if TYPE_CHECKING:
    import polars as pl

_WHO = "the people"


def measure_margins(people: pl.DataFrame, target: pl.DataFrame, *, free: Collection[str] = ()) -> list[Finding]:
    """Total variation of each field, and the mean over pairs of fields, beside people whose fields were shuffled.

    The shuffled people have the same margins to the last row and nothing that goes together: what drawing
    field by field would have made. What is in ``free`` was written in words of its own, and has no categories.
    """
    known = [name for name in target.columns if name.startswith("demographics.") and name in people.columns]
    fields = [name for name in known if name not in free]
    rng = np.random.default_rng(0)
    found = [one for one in distances_to_target(people, target, rng=rng, columns=fields) if "variation" in one.measure]
    margins = [
        Finding.of(
            f"margin.{one.columns[0].partition('.')[2]}",
            _WHO,
            one.value,
            unit="total variation",
            conventions=(CORRECTED, f"noise_95={one.value.details['noise_95']:.3f}"),
        )
        for one in found
        if len(one.columns) == 1
    ]
    shuffled = people.with_columns(people[name].gather(rng.permutation(people.height)) for name in fields)
    apart = distances_to_target(shuffled, target, rng=rng, columns=fields)
    for name, distances in (("joint.people", found), ("joint.shuffled", apart)):
        pairs = [one.value.estimate for one in distances if len(one.columns) == 2]
        if pairs:
            mean = Estimate(
                float(np.mean(pairs)), float("nan"), float("nan"), n=people.height, method="mean over pairs of fields"
            )
            conventions = (CORRECTED, f"pairs={len(pairs)}")
            margins.append(Finding.of(name, _WHO, mean, unit="total variation", conventions=conventions))
    return margins
