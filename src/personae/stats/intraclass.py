"""Intraclass correlation: how much of the spread of ratings is between the things that were rated."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from personae.errors import InputError
from personae.stats.effects import check_level, is_constant
from personae.stats.estimate import Estimate
from personae.stats.samples import take_rows, undefined

Form = Literal["A1", "C1", "Ak", "Ck"]


def icc(matrix: ArrayLike, *, form: Form = "A1", level: float = 0.95) -> Estimate:
    """Two-way intraclass correlation with the F-based intervals of McGraw & Wong (1996).

    ``A`` asks for the same values (absolute agreement), ``C`` for the same order (consistency); ``1`` is the
    reliability of one rater, ``k`` of the mean of all of them. Rows that miss a rating are set aside.

    Args:
        matrix: Targets by raters.
        form: Which coefficient.
        level: Coverage of the interval.

    Raises:
        InputError: If it is no matrix, the form is unknown, or the level is none.

    Example:
        >>> round(icc([[9, 2, 5], [6, 1, 3], [8, 4, 6], [7, 1, 2]], form="C1").estimate, 2)
        0.71
    """
    check_level(level)
    if form not in ("A1", "C1", "Ak", "Ck"):
        raise InputError(f"form {form!r} is unknown", remedy="it is A1, C1, Ak or Ck")
    rows, _, missing = take_rows(matrix)
    n, k = rows.shape
    method = f"ICC({form[0]},{form[1]}), McGraw-Wong interval"
    conventions = (f"raters={k}",)
    fault = "fewer than two targets or raters" if n < 2 or k < 2 else ""
    if not fault and is_constant(rows.mean(axis=1), float(np.abs(rows).max())):
        fault = "targets do not differ: there is nothing to tell apart" if np.ptp(rows) else "no variation"
    if fault:
        empty = undefined(fault, n=n, missing=missing, method=method, conventions=conventions)
        return replace(empty, level=level)
    grand = rows.mean()
    ms_rows = k * float(((rows.mean(axis=1) - grand) ** 2).sum()) / (n - 1)
    ms_columns = n * float(((rows.mean(axis=0) - grand) ** 2).sum()) / (k - 1)
    residuals = rows - rows.mean(axis=1, keepdims=True) - rows.mean(axis=0) + grand
    left = float((residuals**2).sum())
    # What rounding leaves of nothing is nothing.
    ms_error = left / ((n - 1) * (k - 1)) if left > 1e-24 * float(((rows - grand) ** 2).sum()) else 0.0
    single = _absolute(ms_rows, ms_columns, ms_error, n, k) if form[0] == "A" else _consistent(ms_rows, ms_error, k)
    bounds = (
        _absolute_bounds(ms_rows, ms_columns, ms_error, single, n, k, level)
        if form[0] == "A"
        else _consistent_bounds(ms_rows, ms_error, n, k, level)
    )
    estimate, low, high = (
        (single, *bounds) if form[1] == "1" else tuple(_stepped_up(value, k) for value in (single, *bounds))
    )
    return Estimate(estimate, low, high, n, missing, level, method, conventions)


def _consistent(ms_rows: float, ms_error: float, k: int) -> float:
    return (ms_rows - ms_error) / (ms_rows + (k - 1) * ms_error)


def _absolute(ms_rows: float, ms_columns: float, ms_error: float, n: int, k: int) -> float:
    return (ms_rows - ms_error) / (ms_rows + (k - 1) * ms_error + k / n * (ms_columns - ms_error))


def _stepped_up(single: float, k: int) -> float:
    """Reliability of a mean of k raters from that of one (Spearman-Brown)."""
    whole = 1 + (k - 1) * single
    return k * single / whole if whole > 0 else math.nan


def _consistent_bounds(ms_rows: float, ms_error: float, n: int, k: int, level: float) -> tuple[float, float]:
    from scipy.stats import f

    if ms_error == 0.0:
        return 1.0, 1.0
    observed, df1, df2 = ms_rows / ms_error, n - 1, (n - 1) * (k - 1)
    tail = (1.0 + level) / 2.0
    low, high = observed / float(f.ppf(tail, df1, df2)), observed * float(f.ppf(tail, df2, df1))
    return (low - 1) / (low + k - 1), (high - 1) / (high + k - 1)


def _absolute_bounds(
    ms_rows: float, ms_columns: float, ms_error: float, rho: float, n: int, k: int, level: float
) -> tuple[float, float]:
    """Satterthwaite's degrees of freedom for the sum of mean squares in the denominator."""
    from scipy.stats import f

    a = k * rho / (n * (1 - rho)) if rho < 1 else float("inf")
    b = 1 + k * rho * (n - 1) / (n * (1 - rho)) if rho < 1 else float("inf")
    if not np.isfinite(a):
        return 1.0, 1.0
    v = (a * ms_columns + b * ms_error) ** 2 / (
        (a * ms_columns) ** 2 / (k - 1) + (b * ms_error) ** 2 / ((n - 1) * (k - 1))
    )
    tail = (1.0 + level) / 2.0
    lower, upper = float(f.ppf(tail, n - 1, v)), float(f.ppf(tail, v, n - 1))
    noise = k * ms_columns + (k * n - k - n) * ms_error
    low = n * (ms_rows - lower * ms_error) / (lower * noise + n * ms_rows)
    high = n * (upper * ms_rows - ms_error) / (noise + n * upper * ms_rows)
    return low, high
