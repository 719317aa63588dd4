"""Gwet's agreement: chance agreement that does not explode where nearly everybody gives the same rating."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from personae.errors import InputError
from personae.stats.effects import check_level
from personae.stats.estimate import Estimate
from personae.stats.jackknife import jackknife_interval
from personae.stats.samples import undefined

Floats = NDArray[np.float64]
Weights = Literal["identity", "ordinal", "linear", "quadratic"]


def gwet_ac(
    ratings: ArrayLike, *, categories: ArrayLike | None = None, weights: Weights = "identity", level: float = 0.95
) -> Estimate:
    """Agreement of any number of raters, with gaps: AC1 without weights, AC2 with them (Gwet, 2008, 2014).

    ``(p_a - p_e) / (1 - p_e)``, where ``p_e = T / (q (q - 1)) * sum_k pi_k (1 - pi_k)``, T is the sum of all weights, q
    the number of categories and ``pi_k`` the mean share of category k over units.

    When to use: beside Krippendorff's alpha where one category is far more common than all others, so that alpha falls
    to 0 or below though raters hardly differ.

    Args:
        ratings: Units by raters; NaN is a rating that is not there. Units with one rating count for the shares of
            categories, not for agreement.
        categories: All values that could be given; those that were given, if not said.
        weights: Credit for two different ratings: none, by ranks, by distance, or by squared distance.
        level: Coverage of the interval, a jackknife over units.

    Raises:
        InputError: If it is no matrix, a value is no category, or the weights are unknown.

    Example:
        >>> round(gwet_ac([[1, 1], [1, 1], [1, 2], [2, 2]], categories=[1, 2]).estimate, 3)
        0.529
    """
    check_level(level)
    table = np.asarray(ratings, dtype=np.float64)
    if table.ndim != 2:
        raise InputError("is no matrix of ratings", remedy="give units by raters")
    given = np.unique(table[np.isfinite(table)])
    values = given if categories is None else np.unique(np.asarray(categories, dtype=np.float64))
    if not np.isin(given, values).all():
        raise InputError("holds a rating that is no category", remedy="list all categories")
    counts = (table[:, :, None] == values).sum(axis=1).astype(np.float64)
    counts = counts[counts.sum(axis=1) > 0]
    usable = counts.sum(axis=1) > 1
    n, missing = int(usable.sum()), len(table) - int(usable.sum())
    name = "AC1" if weights == "identity" else f"AC2, {weights} weights"
    method = f"Gwet's {name}, jackknife over {len(counts)} units"
    if n < 2 or len(values) < 2:
        note = "fewer than two units with two ratings, or one category"
        return undefined(note, n=n, missing=missing, method=method, conventions=(f"weights={weights}",))
    credit = _credit(values, weights)
    value = _ac(counts, credit)
    without = np.array([_ac(np.delete(counts, row, axis=0), credit) for row in range(len(counts))])
    low, high, details, note = jackknife_interval(value, without, level)
    conventions = (f"weights={weights}", f"categories={len(values)}")
    return Estimate(value, low, min(1.0, high), n, missing, level, method, conventions, note=note, details=details)


def _ac(counts: Floats, credit: Floats) -> float:
    raters = counts.sum(axis=1)
    usable = raters > 1
    if not usable.any():
        return float("nan")
    mine, sizes = counts[usable], raters[usable]
    agreed = (mine * (mine @ credit - 1.0)).sum(axis=1) / (sizes * (sizes - 1.0))
    shares = (counts / raters[:, None]).mean(axis=0)
    q = len(shares)
    chance = credit.sum() / (q * (q - 1)) * float((shares * (1.0 - shares)).sum())
    return float((agreed.mean() - chance) / (1.0 - chance)) if chance < 1.0 else float("nan")


def _credit(values: Floats, weights: Weights) -> Floats:
    q = len(values)
    places = np.arange(q)
    steps = np.abs(places[:, None] - places[None, :]).astype(np.float64)
    apart = np.abs(values[:, None] - values[None, :]) / np.ptp(values)
    match weights:
        case "identity":
            return np.eye(q)
        case "ordinal":
            credit: Floats = 1.0 - (steps + 1) * steps / (q * (q - 1))
            return credit
        case "linear":
            return 1.0 - apart
        case "quadratic":
            return 1.0 - apart**2
    raise InputError(f"weights {weights!r} are unknown", remedy="use identity, ordinal, linear or quadratic")
