"""Correlations, with intervals on the scale on which they are nearly normal."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike

from personae.errors import InputError
from personae.stats.effects import check_level, is_constant
from personae.stats.estimate import Estimate
from personae.stats.noncentral import noncentral_t_interval
from personae.stats.samples import Floats, take_pairs, undefined

_PERFECT = 1 - 1e-14


def pearson(first: ArrayLike, second: ArrayLike, *, level: float = 0.95) -> Estimate:
    """Product-moment correlation with Fisher's (1921) z interval: ``atanh r ± z / sqrt(n - 3)``.

    When to use: two measured variables, jointly near normal. If one of them was set to two values, as a planted pole
    is, its interval is not right (too wide for large r); use :func:`point_biserial`.

    Args:
        first: One variable; a pair that misses a value is set aside.
        second: The other.
        level: Coverage of the interval.

    Returns:
        r, with p of its t test; NaN with fewer than three pairs or a constant variable. A perfect r, and three pairs,
        have no interval.

    Raises:
        InputError: If the two differ in length.

    Example:
        >>> round(pearson([1, 2, 3, 4, 5], [1, 2, 3, 5, 4]).estimate, 2)
        0.9
    """
    a, b, missing = take_pairs(first, second)
    return _by_fisher(a, b, missing, level, "Pearson r, Fisher z interval", bonett=False)


def spearman(first: ArrayLike, second: ArrayLike, *, level: float = 0.95) -> Estimate:
    """Rank correlation; Fisher's z with the variance ``(1 + r²/2) / (n - 3)`` of Bonett & Wright (2000).

    When to use: ordinal variables, or a relation that rises but not in a straight line. p is that of the t test of r,
    an approximation. Above a population value of about .9 the interval is a little too narrow.

    Args:
        first: One variable; a pair that misses a value is set aside.
        second: The other.
        level: Coverage of the interval.

    Raises:
        InputError: If the two differ in length.

    Example:
        >>> round(spearman([1, 2, 3, 4, 5], [1, 4, 9, 25, 16]).estimate, 3)
        0.9
    """
    from scipy.stats import rankdata

    a, b, missing = take_pairs(first, second)
    method = "Spearman rho, Bonett-Wright interval"
    return _by_fisher(rankdata(a), rankdata(b), missing, level, method, bonett=True)


def point_biserial(binary: ArrayLike, values: ArrayLike, *, level: float = 0.95) -> Estimate:
    """Correlation of a two-valued variable with a measured one.

    When to use: one variable is a group or a planted pole. It is the t test of the two groups on another scale,
    ``r = t / sqrt(t² + n - 2)``, and its p value is that of the pooled t test. The interval inverts the noncentral t
    distribution for the group sizes at hand and maps δ to ``δ / sqrt(δ² + n)``, the correlation in a population with
    these shares; it is exact for normal groups of one variance. Fisher's z would be wrong for two values.

    Args:
        binary: Two different numbers, or booleans; r is positive if the higher goes with higher values.
        values: The measured variable; a pair that misses a value is set aside.
        level: Coverage of the interval.

    Raises:
        InputError: If the two differ in length.
        InputError: If the binary variable takes more than two values.

    Example:
        >>> found = point_biserial([1, 1, 1, 0, 0, 0], [5, 4, 5, 2, 3, 2])
        >>> round(found.estimate, 2)
        0.93
    """
    check_level(level)
    sides, measured, missing = take_pairs(np.asarray(binary, dtype=np.float64), values)
    n, method = len(measured), "point-biserial r, noncentral t interval"
    levels = np.unique(sides)
    if len(levels) > 2:
        raise InputError(f"takes {len(levels)} different values", where="binary", remedy="it may take two")
    if len(levels) < 2:
        return _undefined("only one of the two values occurs", n, missing, level, method)
    high, low_side = measured[sides == levels[1]], measured[sides == levels[0]]
    if is_constant(high) and is_constant(low_side):  # as with one value each
        return _undefined("no variation within the groups", n, missing, level, method)
    within = float(((high - high.mean()) ** 2).sum() + ((low_side - low_side.mean()) ** 2).sum())
    from scipy.special import stdtr

    error = math.sqrt(within / (n - 2) * (1 / len(high) + 1 / len(low_side)))
    t = float(high.mean() - low_side.mean()) / error
    bounds = noncentral_t_interval(t, n - 2, level)
    low, upper = (bound / math.sqrt(bound**2 + n) for bound in bounds)
    p = float(2.0 * stdtr(n - 2, -abs(t)))
    details = {"n_high": float(len(high)), "n_low": float(len(low_side)), "df": float(n - 2)}
    r = t / math.sqrt(t**2 + n - 2)
    return Estimate(r, low, upper, n, missing, level, method, p_value=p, statistic=t, details=details)


def _by_fisher(a: Floats, b: Floats, missing: int, level: float, method: str, *, bonett: bool) -> Estimate:
    check_level(level)
    n = len(a)
    if n < 3 or is_constant(a) or is_constant(b):
        return _undefined("fewer than three pairs, or a constant variable", n, missing, level, method)
    from scipy.special import ndtri, stdtr

    r = _correlate(a, b)
    if abs(r) >= _PERFECT:
        note, nan = "the variables determine each other: the interval is unknown", math.nan
        return Estimate(r, nan, nan, n, missing, level, method, p_value=0.0, statistic=r * math.inf, note=note)
    t = r * math.sqrt((n - 2) / (1.0 - r**2))
    p = float(2.0 * stdtr(n - 2, -abs(t)))
    if n == 3:
        note, nan = "an interval needs four pairs", math.nan
        return Estimate(r, nan, nan, n, missing, level, method, p_value=p, statistic=t, note=note)
    variance = (1.0 + r**2 / 2.0) / (n - 3) if bonett else 1.0 / (n - 3)
    half = float(ndtri((1.0 + level) / 2.0)) * math.sqrt(variance)
    z = math.atanh(r)
    return Estimate(r, math.tanh(z - half), math.tanh(z + half), n, missing, level, method, p_value=p, statistic=t)


def _correlate(a: Floats, b: Floats) -> float:
    """Correlation of variables that vary, each brought to size 1 first, so that no product over- or underflows."""
    x, y = a - a.mean(), b - b.mean()
    x, y = x / np.abs(x).max(), y / np.abs(y).max()
    return max(-1.0, min(1.0, float(x @ y) / math.sqrt(float(x @ x) * float(y @ y))))


def _undefined(note: str, n: int, missing: int, level: float, method: str) -> Estimate:
    """A correlation that cannot be computed, nor its test."""
    empty = undefined(note, n=n, missing=missing, method=method)
    return replace(empty, level=level, p_value=math.nan, statistic=math.nan)
