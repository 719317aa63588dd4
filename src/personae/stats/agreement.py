"""Agreement of raters beyond chance, and what most of them say."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Sequence
from typing import Literal, TypeVar

import numpy as np
from numpy.typing import ArrayLike

from personae.errors import InputError
from personae.stats.effects import check_level
from personae.stats.estimate import Estimate
from personae.stats.jackknife import jackknife_interval
from personae.stats.samples import Floats, undefined

Vote = TypeVar("Vote", bound=Hashable)
Measure = Literal["nominal", "ordinal", "interval"]


def majority_vote(votes: Sequence[Vote]) -> Vote | None:
    """What more raters say than anything else; ``None`` on a tie, which is never broken silently.

    Example:
        >>> majority_vote(["a", "b", "a"]), majority_vote(["a", "b"]), majority_vote([])
        ('a', None, None)
    """
    counts = Counter(votes).most_common(2)
    if not counts or (len(counts) == 2 and counts[0][1] == counts[1][1]):
        return None
    return counts[0][0]


def cohen_kappa(first: Sequence[Hashable], second: Sequence[Hashable], *, level: float = 0.95) -> Estimate:
    """Agreement of two raters on categories, beyond what their habits give by chance (Cohen, 1960).

    ``(p_o - p_e) / (1 - p_e)``, with a jackknife over units. Units that a rater left open (``None`` or NaN) are set
    aside.

    Raises:
        InputError: If the two differ in length.

    Example:
        >>> round(cohen_kappa(list("aabbab"), list("aabbbb")).estimate, 2)
        0.67
    """
    check_level(level)
    if len(first) != len(second):
        raise InputError(f"{len(first)} ratings are paired with {len(second)}", remedy="give pairs; None is missing")
    pairs = [(a, b) for a, b in zip(first, second, strict=True) if _is_given(a) and _is_given(b)]
    missing, n = len(first) - len(pairs), len(pairs)
    categories = list(dict.fromkeys(value for pair in pairs for value in pair))
    fault = "fewer than three units" if n < 3 else "both raters use one category only" if len(categories) < 2 else ""
    if fault:
        return undefined(fault, n=n, missing=missing, method=_words("Cohen's kappa", n))
    place = {category: index for index, category in enumerate(categories)}
    units = np.zeros((n, len(categories), len(categories)))
    for unit, (a, b) in enumerate(pairs):
        units[unit, place[a], place[b]] = 1.0
    table = units.sum(axis=0)
    estimate, without = float(_kappa(table[None])[0]), _kappa(table - units)
    return _estimate("Cohen's kappa", estimate, without, n, missing, level)


def fleiss_kappa(counts: ArrayLike, *, level: float = 0.95) -> Estimate:
    """Agreement of many raters on categories (Fleiss, 1971), with a jackknife over units.

    Args:
        counts: Units by categories: how many raters chose each. Every unit has the same number of raters.
        level: Coverage of the interval.

    Raises:
        InputError: If units differ in their number of raters, or something is no count.
    """
    check_level(level)
    table = np.asarray(counts, dtype=np.float64)
    if table.ndim != 2 or not (table >= 0).all():  # NaN is no count either
        raise InputError("holds something that is no count", remedy="give units by categories, without gaps")
    raters, n = table.sum(axis=1), len(table)
    if n and np.ptp(raters) != 0:
        raise InputError("units differ in their number of raters", remedy="krippendorff_alpha allows that")
    fault = "fewer than three units" if n < 3 else "fewer than two raters" if raters[0] < 2 else ""
    if fault:
        return undefined(fault, n=n, missing=0, method=_words("Fleiss' kappa", n))
    agreement = ((table**2).sum(axis=1) - raters) / (raters * (raters - 1))
    weights = np.vstack([np.full(n, 1.0 / n), (1.0 - np.eye(n)) / (n - 1)])
    estimate, *without = _fleiss(weights, agreement, table / raters[0])
    return _estimate("Fleiss' kappa", float(estimate), np.array(without), n, 0, level)


def krippendorff_alpha(ratings: ArrayLike, *, measure: Measure = "nominal", level: float = 0.95) -> Estimate:
    """Agreement of any number of raters, with gaps (Krippendorff, 2004): ``1 - observed / expected disagreement``.

    1 is perfect agreement, 0 what chance gives, below 0 is disagreement by system. Units with fewer than two ratings
    say nothing about agreement and are set aside. The interval is a jackknife over units.

    Args:
        ratings: Units by raters; NaN is a rating that is not there.
        measure: How far apart two values are: different or not (nominal), by the ranks between them (ordinal), by the
            squared difference (interval).
        level: Coverage of the interval.

    Raises:
        InputError: If it is no matrix, or the measure or the level is unknown.

    Example:
        >>> round(krippendorff_alpha([[1, 1], [2, 2], [3, 3], [1, 2]]).estimate, 2)
        0.67
    """
    check_level(level)
    if measure not in ("nominal", "ordinal", "interval"):
        raise InputError(f"measure {measure!r} is unknown", remedy="it is nominal, ordinal or interval")
    given = np.asarray(ratings, dtype=np.float64)
    if given.ndim != 2:
        raise InputError(f"{given.ndim} dimensions are no matrix", remedy="give a row for each unit")
    counts_of_ratings = (~np.isnan(given)).sum(axis=1)
    usable = given[counts_of_ratings >= 2]
    missing, n = len(given) - len(usable), len(usable)
    conventions = (f"measure={measure}",)
    values = np.unique(usable[~np.isnan(usable)])
    fault = "fewer than three units" if n < 3 else "all raters use one value only" if len(values) < 2 else ""
    if fault:
        method = _words("Krippendorff's alpha", n)
        return undefined(fault, n=n, missing=missing, method=method, conventions=conventions)
    # How often each unit was given each value, and the pairs of values within it.
    counts = (usable[:, :, None] == values).sum(axis=1).astype(np.float64)
    pairs = counts[:, :, None] * counts[:, None, :]
    places = np.arange(len(values))
    pairs[:, places, places] -= counts
    pairs /= (counts.sum(axis=1) - 1.0)[:, None, None]
    together = pairs.sum(axis=0)
    estimate = float(_alpha(together[None], values, measure)[0])
    without = _alpha(together - pairs, values, measure)
    return _estimate("Krippendorff's alpha", estimate, without, n, missing, level, conventions)


def _is_given(rating: Hashable) -> bool:
    return rating is not None and not (isinstance(rating, float) and math.isnan(rating))


def _words(name: str, units: int) -> str:
    return f"{name}, jackknife over {units} units"


def _estimate(
    name: str, value: float, without: Floats, n: int, missing: int, level: float, conventions: tuple[str, ...] = ()
) -> Estimate:
    method = _words(name, n)
    if math.isnan(value):
        note = "all raters use one category only"
        return undefined(note, n=n, missing=missing, method=method, conventions=conventions)
    low, high, details, note = jackknife_interval(value, without, level)
    # No agreement is above 1, whatever a symmetric interval says.
    return Estimate(value, low, min(1.0, high), n, missing, level, method, conventions, note=note, details=details)


def _kappa(tables: Floats) -> Floats:
    """Cohen's kappa of each table of counts; NaN where both raters use one category only."""
    n = tables.sum(axis=(1, 2))
    observed = np.trace(tables, axis1=1, axis2=2) / n
    expected = (tables.sum(axis=2) * tables.sum(axis=1)).sum(axis=1) / n**2
    room = 1.0 - expected
    kappas: Floats = np.divide(observed - expected, room, out=np.full(len(room), np.nan), where=room > 1e-12)
    return kappas


def _alpha(coincidences: Floats, values: Floats, measure: Measure) -> Floats:
    marginals = coincidences.sum(axis=2)
    distances = _distances(marginals, values, measure)
    n = marginals.sum(axis=1)
    observed = (coincidences * distances).sum(axis=(1, 2)) / n
    chance = marginals[:, :, None] * marginals[:, None, :]
    places = np.arange(len(values))
    chance[:, places, places] -= marginals
    expected = (chance * distances).sum(axis=(1, 2)) / (n * (n - 1.0))
    ratios = np.divide(observed, expected, out=np.full(len(n), np.nan), where=expected > 0)
    alphas: Floats = 1.0 - ratios
    return alphas


def _distances(marginals: Floats, values: Floats, measure: Measure) -> Floats:
    if measure == "nominal":
        shape = (len(marginals), len(values), len(values))
        nominal: Floats = np.broadcast_to(1.0 - np.eye(len(values)), shape)
        return nominal
    if measure == "interval":
        apart: Floats = ((values[:, None] - values[None, :]) ** 2)[None]
        return apart
    # Ranks between two values, each end counted half.
    up_to = np.cumsum(marginals, axis=1) - marginals / 2.0
    ordinal: Floats = (up_to[:, :, None] - up_to[:, None, :]) ** 2
    return ordinal


def _fleiss(weights: Floats, agreement: Floats, shares: Floats) -> Floats:
    observed = weights @ agreement
    expected = ((weights @ shares) ** 2).sum(axis=1)
    room = 1.0 - expected
    kappas: Floats = np.divide(observed - expected, room, out=np.full(len(room), np.nan), where=room > 1e-12)
    return kappas
