"""Agreement of raters beyond chance, and what most of them say."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Sequence
from typing import Literal, TypeVar

import numpy as np
from numpy.typing import ArrayLike

from personae.stats.bootstrap import interval_of_draws
from personae.stats.estimate import Estimate
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

    ``(p_o - p_e) / (1 - p_e)`` with the large-sample standard error of Fleiss, Cohen & Everitt (1969). Units that a
    rater left open (``None``) are set aside.

    Raises:
        ValueError: If the two differ in length.

    Example:
        >>> round(cohen_kappa(list("aabbab"), list("aabbbb")).estimate, 2)
        0.67
    """
    pairs = [(a, b) for a, b in zip(first, second, strict=True) if a is not None and b is not None]
    missing, n = len(first) - len(pairs), len(pairs)
    method = "Cohen's kappa, large-sample interval"
    categories = list(dict.fromkeys(value for pair in pairs for value in pair))
    if n < 2 or len(categories) < 2:
        return undefined("fewer than two units or categories", n=n, missing=missing, method=method)
    place = {category: index for index, category in enumerate(categories)}
    table = np.zeros((len(categories), len(categories)))
    for a, b in pairs:
        table[place[a], place[b]] += 1.0 / n
    rows, columns = table.sum(axis=1), table.sum(axis=0)
    observed, expected = float(np.trace(table)), float(rows @ columns)
    if expected >= 1.0:
        return undefined("both raters use one category only", n=n, missing=missing, method=method)
    kappa = (observed - expected) / (1.0 - expected)
    half = _normal_quantile(level) * _kappa_error(table, rows, columns, kappa, n)
    return Estimate(kappa, max(-1.0, kappa - half), min(1.0, kappa + half), n, missing, level, method)


def fleiss_kappa(
    counts: ArrayLike, *, rng: np.random.Generator, resamples: int = 2000, level: float = 0.95
) -> Estimate:
    """Agreement of many raters on categories (Fleiss, 1971), with a bootstrap over units.

    Args:
        counts: Units by categories: how many raters chose each. Every unit has the same number of raters.
        rng: Source of the resamples.
        resamples: How many.
        level: Coverage of the interval.

    Raises:
        ValueError: If units differ in their number of raters.
    """
    table = np.asarray(counts, dtype=np.float64)
    raters = table.sum(axis=1)
    if len(table) and np.ptp(raters) != 0:
        raise ValueError("units differ in their number of raters; krippendorff_alpha allows that")
    method = "Fleiss' kappa, bootstrap over units"
    if len(table) < 2 or raters[0] < 2:
        return undefined("fewer than two units or raters", n=len(table), missing=0, method=method)
    agreement = ((table**2).sum(axis=1) - raters) / (raters * (raters - 1))
    weights = rng.multinomial(len(table), np.full(len(table), 1 / len(table)), size=resamples) / len(table)
    shares = table / raters[0]
    estimate = float(_fleiss(np.full((1, len(table)), 1 / len(table)), agreement, shares)[0])
    if math.isnan(estimate):
        return undefined("all raters use one category only", n=len(table), missing=0, method=method)
    low, high = interval_of_draws(estimate, _fleiss(weights, agreement, shares), level)
    return Estimate(estimate, low, high, len(table), 0, level, method)


def krippendorff_alpha(
    ratings: ArrayLike,
    *,
    level: Measure = "nominal",
    rng: np.random.Generator,
    resamples: int = 2000,
    coverage: float = 0.95,
) -> Estimate:
    """Agreement of any number of raters, with gaps (Krippendorff, 2004): ``1 - observed / expected disagreement``.

    1 is perfect agreement, 0 what chance gives, below 0 is disagreement by system. Units with fewer than two ratings
    say nothing about agreement and are set aside.

    Args:
        ratings: Units by raters; NaN is a rating that is not there.
        level: How far apart two values are: different or not (nominal), by the ranks between them (ordinal), by the
            squared difference (interval).
        rng: Source of the resamples of units.
        resamples: How many.
        coverage: Coverage of the interval.

    Example:
        >>> found = krippendorff_alpha([[1, 1], [2, 2], [3, 3], [1, 2]], rng=np.random.default_rng(0))
        >>> round(found.estimate, 2)
        0.67
    """
    given = np.asarray(ratings, dtype=np.float64)
    counts_of_ratings = (~np.isnan(given)).sum(axis=1)
    usable = given[counts_of_ratings >= 2]
    missing, n = len(given) - len(usable), len(usable)
    method, conventions = "Krippendorff's alpha, bootstrap over units", (f"level={level}",)
    values = np.unique(usable[~np.isnan(usable)])
    if n < 2 or len(values) < 2:
        return undefined("fewer than two units or values", n=n, missing=missing, method=method, conventions=conventions)
    # How often each unit was given each value, and the pairs of values within it.
    counts = (usable[:, :, None] == values).sum(axis=1).astype(np.float64)
    totals = counts.sum(axis=1)
    pairs = counts[:, :, None] * counts[:, None, :]
    places = np.arange(len(values))
    pairs[:, places, places] -= counts
    pairs /= (totals - 1.0)[:, None, None]
    estimate = float(_alpha(pairs.sum(axis=0)[None], values, level)[0])
    weights = rng.multinomial(n, np.full(n, 1.0 / n), size=resamples).astype(np.float64)
    draws = _alpha(np.einsum("ru,uij->rij", weights, pairs), values, level)
    low, high = interval_of_draws(estimate, draws, coverage)
    return Estimate(estimate, low, high, n, missing, coverage, method, conventions)


def _alpha(coincidences: Floats, values: Floats, level: Measure) -> Floats:
    marginals = coincidences.sum(axis=2)
    distances = _distances(marginals, values, level)
    n = marginals.sum(axis=1)
    observed = (coincidences * distances).sum(axis=(1, 2)) / n
    chance = marginals[:, :, None] * marginals[:, None, :]
    places = np.arange(len(values))
    chance[:, places, places] -= marginals
    expected = (chance * distances).sum(axis=(1, 2)) / (n * (n - 1.0))
    ratios = np.divide(observed, expected, out=np.full(len(n), np.nan), where=expected > 0)
    alphas: Floats = 1.0 - ratios
    return alphas


def _distances(marginals: Floats, values: Floats, level: Measure) -> Floats:
    if level == "nominal":
        shape = (len(marginals), len(values), len(values))
        nominal: Floats = np.broadcast_to(1.0 - np.eye(len(values)), shape)
        return nominal
    if level == "interval":
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


def _kappa_error(table: Floats, rows: Floats, columns: Floats, kappa: float, n: int) -> float:
    """Standard error of kappa when it is not 0."""
    expected = float(rows @ columns)
    diagonal = np.diag(table)
    first = float((diagonal * (1.0 - (rows + columns) * (1.0 - kappa)) ** 2).sum())
    sums = (columns[:, None] + rows[None, :]) ** 2
    second = (1.0 - kappa) ** 2 * float((table * sums).sum() - (diagonal * np.diag(sums)).sum())
    third = (kappa - expected * (1.0 - kappa)) ** 2
    return math.sqrt(max(0.0, first + second - third) / n) / (1.0 - expected)


def _normal_quantile(level: float) -> float:
    from scipy.stats import norm

    return float(norm.ppf((1.0 + level) / 2.0))
