"""Intervals by leaving out one unit at a time: a respondent, a thing that was rated, a cluster."""

from __future__ import annotations

import math
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from personae.stats.samples import Floats


class Interval(NamedTuple):
    """Bounds, and what they rest on."""

    low: float
    high: float
    details: dict[str, float]
    note: str = ""


def jackknife_interval(
    estimate: float, without: Floats, level: float, *, scale: Literal["plain", "complement"] = "plain"
) -> Interval:
    """Interval ``estimate - bias ± t·SE`` by the jackknife (Efron & Tibshirani, 1993, ch. 11).

    A standard error that rests on few units, or on a few that stand out, is itself uncertain; the degrees of freedom of
    t are those of :func:`degrees_of_freedom`. The interval is the same every time: nothing is drawn.

    Args:
        estimate: The statistic of all units.
        without: The statistic without each unit.
        level: Coverage of the interval.
        scale: ``complement`` works on ``log(1 - value)``, on which reliabilities near 1 spread evenly; the interval
            then ends below 1.

    Example:
        >>> values = np.array([1.0, 2.0, 4.0, 5.0])
        >>> without = (values.sum() - values) / 3  # the mean without each value
        >>> found = jackknife_interval(3.0, without, 0.95)
        >>> round(found.details["standard_error"], 3), round(float(values.std(ddof=1)) / 2, 3)
        (0.913, 0.913)
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        centre, values = (
            (estimate, without) if scale == "plain" else (float(np.log(1.0 - estimate)), np.log(1.0 - without))
        )
    if not (np.isfinite(values).all() and math.isfinite(centre)):
        return Interval(math.nan, math.nan, {}, "no interval: without one unit the statistic has no value")
    from scipy.special import stdtrit

    count = len(values)
    bias = (count - 1) * (float(values.mean()) - centre)
    influence = (values - values.mean()) * math.sqrt(1.0 - 1.0 / count)
    error = math.sqrt(float((influence**2).sum()))
    df = degrees_of_freedom(influence, count - 1)
    half = float(stdtrit(df, (1.0 + level) / 2.0)) * error
    details = {"units": float(count), "bias": bias, "standard_error": error, "df": df}
    low, high = centre - bias - half, centre - bias + half
    if scale == "complement":
        low, high = 1.0 - math.exp(high), 1.0 - math.exp(low)
    return Interval(low, high, details)


def degrees_of_freedom(influence: Floats, most: float) -> float:
    """How many normal values would tell a variance as exactly as these do: ``2g / (kurtosis - 1)``, up to ``most``."""
    squares = influence**2
    if not squares.sum() > 0:
        return float(most)
    kurtosis = len(influence) * float((squares**2).sum()) / float(squares.sum()) ** 2
    return min(float(most), 2 * len(influence) / (kurtosis - 1)) if kurtosis > 1 else float(most)


def covariances_without_each(rows: Floats, codes: NDArray[np.int64]) -> Floats:
    """Covariance matrices of the rows without each unit, from sums over units: units by columns by columns.

    Args:
        rows: Values by columns.
        codes: The number of the unit that each row belongs to, from 0.
    """
    columns = rows.shape[1]
    centred = rows - rows.mean(axis=0)
    products = (centred[:, :, None] * centred[:, None, :]).reshape(len(rows), columns**2)
    units = int(codes.max()) + 1
    left = len(rows) - np.bincount(codes, minlength=units)[:, None]
    means = (centred.sum(axis=0) - _sums(centred, codes, units)) / left
    second = ((products.sum(axis=0) - _sums(products, codes, units)) / left).reshape(units, columns, columns)
    covariances: Floats = second - means[:, :, None] * means[:, None, :]
    return covariances


def _sums(values: Floats, codes: NDArray[np.int64], units: int) -> Floats:
    sums = np.zeros((units, values.shape[1]))
    np.add.at(sums, codes, values)
    return sums
