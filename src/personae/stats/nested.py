"""Where variance lies when units are nested: between groups, between the units within them, within units."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from personae.stats.effects import check_level, is_constant
from personae.stats.estimate import Estimate
from personae.stats.jackknife import jackknife_interval
from personae.stats.samples import Clusters, Floats, cluster_codes, undefined


class NestedShares(NamedTuple):
    """Shares of variance, which sum to 1."""

    groups: Estimate
    """Between groups; p by the F test against the units within them."""
    units: Estimate
    """Between units of the same group; p by the F test against what varies within units."""
    rest: Estimate
    """Within units."""


def nested_shares(values: ArrayLike, groups: Clusters, units: Clusters, *, level: float = 0.95) -> NestedShares:
    """Variance components of a random-effects model with units nested in groups, as shares of their sum.

    ``value = mean + group + unit(group) + rest``. Components are Henderson's (1953) first method, the analysis of
    variance set equal to its expectation, which is REML where the design is balanced and no component is below 0; those
    below 0 are 0. Intervals are jackknives over groups, so that of few groups they are wide.

    When to use: to ask whether something belongs to a group (a culture) or to its units (single names of it).

    Args:
        values: One a reading of a unit; NaN is missing.
        groups: The group of each value.
        units: The unit of each value; units of two groups are two units, though they may be called alike.
        level: Coverage of the intervals.

    Raises:
        InputError: If there is not one group and one unit a value.

    Example:
        >>> found = nested_shares([1, 2, 1, 2, 8, 9, 8, 9, 4, 5, 4, 5], list("aaaabbbbcccc"), list("uuvv" * 3))
        >>> round(found.groups.estimate, 2), found.units.estimate
        (0.96, 0.0)
    """
    check_level(level)
    given = np.asarray(values, dtype=np.float64).ravel()
    is_there: NDArray[np.bool_] = ~np.isnan(given)
    outer = cluster_codes(len(given), groups, is_there)
    inner = cluster_codes(len(given), list(zip(groups, units, strict=True)), is_there)
    known = given[is_there]
    n, missing = len(known), int((~is_there).sum())
    a, b = int(outer.max(initial=-1)) + 1, int(inner.max(initial=-1)) + 1
    method = f"share of variance, {b} units nested in {a} groups, ANOVA estimator, jackknife over groups"
    fault = (
        "fewer than three groups"
        if a < 3
        else "no group has two units"
        if b == a
        else "no unit has two values"
        if n == b
        else "all values are the same"
        if is_constant(known)
        else ""
    )
    if fault:
        empty = undefined(fault, n=n, missing=missing, method=method)
        return NestedShares(empty, empty, empty)
    whole, p_values = _shares(known, outer, inner)
    without = np.array([_shares(*_without(known, outer, inner, group))[0] for group in range(a)])
    found = []
    for place, value in enumerate(whole):
        low, high, details, note = jackknife_interval(value, without[:, place], level)
        if math.isfinite(low):  # no share is below 0 or above 1, whatever a symmetric interval says
            low, high = min(max(0.0, low), value), max(min(1.0, high), value)
        if low == high:
            low, high, note = math.nan, math.nan, "at its bound whichever group is left out: the interval is unknown"
        p = p_values[place] if place < 2 else None
        found.append(Estimate(value, low, high, n, missing, level, method, p_value=p, note=note, details=details))
    return NestedShares(*found)


def _without(
    values: Floats, outer: NDArray[np.int64], inner: NDArray[np.int64], group: int
) -> tuple[Floats, NDArray[np.int64], NDArray[np.int64]]:
    kept = outer != group
    renumbered = [np.unique(one[kept], return_inverse=True)[1] for one in (outer, inner)]
    return values[kept], renumbered[0], renumbered[1]


def _shares(
    values: Floats, outer: NDArray[np.int64], inner: NDArray[np.int64]
) -> tuple[tuple[float, float, float], tuple[float, float]]:
    """The three shares, and p of groups and units."""
    from scipy.stats import f as f_distribution

    n = len(values)
    n_outer, n_inner = np.bincount(outer), np.bincount(inner)
    a, b = len(n_outer), len(n_inner)
    of_unit = outer[np.unique(inner, return_index=True)[1]]
    mean_outer = np.bincount(outer, weights=values) / n_outer
    mean_inner = np.bincount(inner, weights=values) / n_inner
    between = float((n_outer * (mean_outer - values.mean()) ** 2).sum())
    within = float((n_inner * (mean_inner - mean_outer[of_unit]) ** 2).sum())
    left = float(((values - mean_inner[inner]) ** 2).sum())
    df = (a - 1, b - a, n - b)
    if min(df) < 1:
        return (math.nan, math.nan, math.nan), (math.nan, math.nan)
    ms_groups, ms_units, ms_rest = between / df[0], within / df[1], left / df[2]
    squares = float((n_inner**2 / n_outer[of_unit]).sum())
    k_units = (n - squares) / df[1]
    k_shared = (squares - float((n_inner**2).sum()) / n) / df[0]
    k_groups = (n - float((n_outer**2).sum()) / n) / df[0]
    of_units = max(0.0, (ms_units - ms_rest) / k_units)
    of_groups = max(0.0, (ms_groups - ms_rest - k_shared * of_units) / k_groups)
    total = of_groups + of_units + ms_rest
    p_groups = float(f_distribution.sf(ms_groups / ms_units, df[0], df[1])) if ms_units > 0 else 0.0
    p_units = float(f_distribution.sf(ms_units / ms_rest, df[1], df[2])) if ms_rest > 0 else 0.0
    if not total > 0:
        return (math.nan, math.nan, math.nan), (math.nan, math.nan)
    return (of_groups / total, of_units / total, ms_rest / total), (p_groups, p_units)
