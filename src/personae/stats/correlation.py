"""Correlations, with intervals on the scale on which they are nearly normal."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from personae.stats.estimate import Estimate
from personae.stats.noncentral import noncentral_t_interval
from personae.stats.samples import Floats, take_pairs, undefined


def pearson(first: ArrayLike, second: ArrayLike, *, level: float = 0.95) -> Estimate:
    """Product-moment correlation with Fisher's (1921) z interval; pairs that miss a value are set aside.

    Raises:
        ValueError: If the two differ in length.

    Example:
        >>> round(pearson([1, 2, 3, 4, 5], [1, 2, 3, 5, 4]).estimate, 2)
        0.9
    """
    a, b, missing = take_pairs(first, second)
    return _by_fisher(a, b, missing, level, "Pearson r, Fisher z interval", bonett=False)


def spearman(first: ArrayLike, second: ArrayLike, *, level: float = 0.95) -> Estimate:
    """Rank correlation; Fisher's z with the variance ``(1 + r²/2) / (n - 3)`` of Bonett & Wright (2000).

    Raises:
        ValueError: If the two differ in length.
    """
    from scipy.stats import rankdata

    a, b, missing = take_pairs(first, second)
    method = "Spearman rho, Bonett-Wright interval"
    return _by_fisher(rankdata(a), rankdata(b), missing, level, method, bonett=True)


def point_biserial(binary: ArrayLike, values: ArrayLike, *, level: float = 0.95) -> Estimate:
    """Correlation of a two-valued variable with a measured one.

    It is the t test of the two groups on another scale: ``r = t / sqrt(t² + n - 2)``, and its p value is that of the
    pooled t test. The interval inverts the noncentral t distribution for the group sizes at hand, ``λ / sqrt(λ² + n)``;
    Fisher's z would be wrong for a variable with two values.

    Raises:
        ValueError: If the two differ in length.

    Example:
        >>> found = point_biserial([1, 1, 1, 0, 0, 0], [5, 4, 5, 2, 3, 2])
        >>> round(found.estimate, 2)
        0.93
    """
    sides, measured, missing = take_pairs(np.asarray(binary, dtype=np.float64), values)
    n, method = len(measured), "point-biserial r, noncentral t interval"
    levels = np.unique(sides)
    if len(levels) != 2:
        return undefined("the binary variable does not have two values", n=n, missing=missing, method=method)
    high, low_side = measured[sides == levels[1]], measured[sides == levels[0]]
    within = float(((high - high.mean()) ** 2).sum() + ((low_side - low_side.mean()) ** 2).sum())
    if n < 4 or within == 0.0:
        return undefined("too few values, or no variation within the groups", n=n, missing=missing, method=method)
    from scipy.stats import t as student

    error = math.sqrt(within / (n - 2) * (1 / len(high) + 1 / len(low_side)))
    t = float(high.mean() - low_side.mean()) / error
    bounds = noncentral_t_interval(t, n - 2, level)
    low, upper = (bound / math.sqrt(bound**2 + n) for bound in bounds)
    p = float(2.0 * student.sf(abs(t), n - 2))
    return Estimate(t / math.sqrt(t**2 + n - 2), low, upper, n, missing, level, method, p_value=p, statistic=t)


def _by_fisher(a: Floats, b: Floats, missing: int, level: float, method: str, *, bonett: bool) -> Estimate:
    n = len(a)
    if n < 4 or np.ptp(a) == 0.0 or np.ptp(b) == 0.0:
        return undefined("fewer than four pairs, or a constant variable", n=n, missing=missing, method=method)
    from scipy.stats import norm
    from scipy.stats import t as student

    r = max(-1.0, min(1.0, float(np.corrcoef(a, b)[0, 1])))
    if abs(r) >= 1.0 - 1e-15:
        return Estimate(r, r, r, n, missing, level, method, p_value=0.0, note="the variables determine each other")
    variance = (1.0 + r**2 / 2.0) / (n - 3) if bonett else 1.0 / (n - 3)
    half = float(norm.ppf((1.0 + level) / 2.0)) * math.sqrt(variance)
    z = math.atanh(r)
    t = r * math.sqrt((n - 2) / (1.0 - r**2))
    p = float(2.0 * student.sf(abs(t), n - 2))
    return Estimate(r, math.tanh(z - half), math.tanh(z + half), n, missing, level, method, p_value=p, statistic=t)
