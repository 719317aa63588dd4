"""Whether groups differ in spread: Levene's test, and by how much a variance changes."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from personae.stats.bootstrap import bootstrap
from personae.stats.estimate import Estimate
from personae.stats.group_tests import anova
from personae.stats.samples import Clusters, Floats, take, undefined


def levene(*groups: ArrayLike, center: Literal["median", "mean"] = "median", level: float = 0.95) -> Estimate:
    """Analysis of variance of distances from the centre of each group (Levene, 1960; medians: Brown & Forsythe, 1974).

    When to use: to ask whether groups are equally variable. The rows must be independent: 27 runs of one model are not
    27 models.

    Args:
        groups: Values of each group; NaN is set aside.
        center: The centre that distances are taken from; the median holds its level for skewed values.
        level: Coverage of the interval.

    Returns:
        The share of variance of the distances that lies between groups, with F and p.

    Example:
        >>> found = levene([1.0, 2, 3, 4], [0.0, 10, 20, 30])
        >>> round(found.statistic, 2), round(found.p_value, 3)
        (9.62, 0.021)
    """
    middle = np.median if center == "median" else np.mean
    distances = []
    missing = 0
    for group in groups:
        sample = take(group)
        missing += sample.missing
        centre = float(middle(sample.values)) if len(sample.values) else 0.0
        distances.append(np.abs(sample.values - centre))
    found = anova(*distances, level=level)
    name = "Brown-Forsythe" if center == "median" else "Levene"
    return replace(
        found,
        missing=missing,
        method=f"{name} test: analysis of variance of distances from the {center}",
        conventions=(f"center={center}", *found.conventions),
    )


def variance_change(
    after: ArrayLike,
    before: ArrayLike,
    *,
    rng: np.random.Generator,
    after_clusters: Clusters | None = None,
    before_clusters: Clusters | None = None,
    within: bool = False,
    resamples: int = 1000,
) -> Estimate:
    """Relative change of a variance: ``var(after) / var(before) - 1``, with a bootstrap interval.

    Args:
        after: Values of the group that the change leads to.
        before: Values of the group it starts from.
        rng: Source of the resamples.
        after_clusters: What values share, such as the model; a cluster of the same name in both groups is resampled as
            one. Without clusters values are resampled one by one.
        before_clusters: The same for the other group.
        within: Whether variances are those within clusters, averaged; else those of all values together, which hold
            the differences between clusters too.
        resamples: How many.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> variance_change([1.0, 2, 3, 4], [0.0, 10, 20, 30], rng=rng).estimate
        -0.99
    """
    a, b = (np.asarray(values, dtype=np.float64).ravel() for values in (after, before))
    names = [
        *(range(len(a)) if after_clusters is None else after_clusters),
        *(range(len(a), len(a) + len(b)) if before_clusters is None else before_clusters),
    ]
    codes = np.unique(np.array([str(name) for name in names]), return_inverse=True)[1].astype(float)
    rows = np.column_stack([np.concatenate([a, b]), np.repeat([1.0, 0.0], [len(a), len(b)]), codes])
    scope = "within clusters" if within else "of all values"
    method = f"change of the variance {scope}"
    if min(len(a), len(b)) < 2:
        return undefined("a group has fewer than two values", n=len(rows), missing=0, method=method)

    def change(data: Floats) -> float:
        spreads = [_spread(data[data[:, 1] == side], within) for side in (1.0, 0.0)]
        return spreads[0] / spreads[1] - 1.0 if spreads[1] > 0 else float("nan")

    found = bootstrap(change, rows, rng=rng, resamples=resamples, clusters=list(codes), method="percentile")
    return replace(found, method=f"{method}, {found.method}", conventions=(f"variance={scope}", "ddof=1"))


def _spread(rows: Floats, within: bool) -> float:
    if len(rows) < 2:
        return float("nan")
    if not within:
        return float(rows[:, 0].var(ddof=1))
    groups = [rows[rows[:, 2] == code, 0] for code in np.unique(rows[:, 2])]
    known = [float(group.var(ddof=1)) for group in groups if len(group) > 1]
    return float(np.mean(known)) if known else float("nan")
