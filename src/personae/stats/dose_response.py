"""Dose and response: how much a response rises with each step of what was given, and whether it only ever rises."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from personae.stats.effects import check_level, is_constant
from personae.stats.estimate import Estimate
from personae.stats.samples import Floats, take_pairs, undefined

_SLOPE = "least-squares slope, t interval"


def dose_slope(doses: ArrayLike, responses: ArrayLike, *, level: float = 0.95) -> Estimate:
    """Rise of the response by one step of the dose: ``cov(x, y) / var(x)``, with a t interval of ``n - 2`` degrees.

    When to use: a dose of several steps, with one response a step (the mean of its draws: draws of one prompt are not
    independent of each other). The line needs not fit: at the ends of a response scale it cannot; read the slope with
    the curve and with :func:`monotone_fit`.

    Args:
        doses: What was given; a pair that misses a value is set aside.
        responses: What came back.
        level: Coverage of the interval.

    Returns:
        The slope in units of the response for one step; without interval below three points or on a perfect line.

    Raises:
        InputError: If the two differ in length.

    Example:
        >>> dose_slope([1, 2, 3, 4], [2.0, 2.5, 3.5, 4.0]).estimate
        0.7
    """
    from scipy.special import stdtr, stdtrit

    check_level(level)
    x, y, missing = take_pairs(doses, responses)
    n = len(x)
    if n < 2 or is_constant(x):
        return undefined("fewer than two doses", n=n, missing=missing, method=_SLOPE)
    about = x - x.mean()
    spread = float((about**2).sum())
    slope = float((about * y).sum()) / spread
    rest = float(((y - y.mean() - slope * about) ** 2).sum())
    if n < 3 or rest <= 1e-24 * max(1.0, float((y**2).sum())):
        note = "too few points for an interval" if n < 3 else "a perfect line: how far the slope may be off is unknown"
        nan = math.nan
        return Estimate(slope, nan, nan, n, missing, level, _SLOPE, p_value=nan, statistic=nan, note=note)
    error = math.sqrt(rest / (n - 2) / spread)
    half = float(stdtrit(n - 2, (1.0 + level) / 2.0)) * error
    p = float(2.0 * stdtr(n - 2, -abs(slope / error)))
    return Estimate(
        slope,
        slope - half,
        slope + half,
        n,
        missing,
        level,
        _SLOPE,
        p_value=p,
        statistic=slope / error,
        details={"df": float(n - 2), "standard_error": error},
    )


def monotone_fit(doses: ArrayLike, responses: ArrayLike) -> Estimate:
    """Share of the response's variance that a curve explains which never falls (isotonic regression; Barlow, 1972).

    When to use: to tell a response that levels off, which is still 1, from one that turns back. Bounds are 0 and what
    a rising curve can explain at best; it is a description, so that ``low`` and ``high`` are NaN.

    Args:
        doses: What was given; a pair that misses a value is set aside. Responses to one dose are averaged.
        responses: What came back.

    Example:
        >>> monotone_fit([1, 2, 3, 4], [1.0, 2.0, 2.0, 5.0]).estimate
        1.0
    """
    from scipy.optimize import isotonic_regression

    method = "share of variance explained by isotonic regression"
    x, y, missing = take_pairs(doses, responses)
    steps, means, weights = _by_dose(x, y)
    centre = float((weights * means).sum() / max(weights.sum(), 1.0))
    total = float((weights * (means - centre) ** 2).sum())
    if len(steps) < 2 or is_constant(means) or total == 0.0:
        return undefined("fewer than two different responses", n=len(x), missing=missing, method=method)
    fitted = isotonic_regression(means, weights=weights).x
    rest = float((weights * (means - fitted) ** 2).sum())
    return Estimate(
        1.0 - rest / total, math.nan, math.nan, len(x), missing, method=method, note="a description, without interval"
    )


def _by_dose(x: Floats, y: Floats) -> tuple[Floats, Floats, Floats]:
    steps, codes = np.unique(x, return_inverse=True)
    weights = np.bincount(codes, minlength=len(steps)).astype(float)
    totals = np.bincount(codes, weights=y, minlength=len(steps))
    return steps, totals / np.maximum(weights, 1.0), weights
