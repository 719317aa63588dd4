"""How far a population is from a target: margins, pairs, all columns together; how much more alike its people are."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from personae.errors import InputError
from personae.population.distances import coded, distances_to, draw_pairs
from personae.population.fields import fact_columns
from personae.population.microdata import weights_of
from personae.population.quality import distance_matrix, jackknifed, pair_mean
from personae.stats.bootstrap import interval_of_draws
from personae.stats.estimate import Estimate
from personae.stats.raking import effective_n

if TYPE_CHECKING:
    import polars as pl

_PAIRS = 20_000
_MOST_LEVELS = 200
_KERNEL = 1_000
_RESAMPLES = 200
_JOINT = 300


TOGETHER = "all columns together"


"""What :func:`distances_to_target` calls the joint distribution."""


def homogenisation(
    people: pl.DataFrame,
    reference: pl.DataFrame,
    *,
    rng: np.random.Generator,
    columns: Sequence[str] | None = None,
) -> Estimate:
    """How much more alike people are than those of a reference: 1 less the ratio of their mean distances.

    0 if they are as different as the reference, .3 if their distances are three tenths smaller, negative if they are
    more different. Both are coded by the reference, and count by their weights if they have any. The interval is a
    bootstrap over people of both.

    Raises:
        InputError: If they share no column.
    """
    shared = list(columns) if columns else _shared(people, reference)
    ours, theirs = coded(people, shared, like=reference), coded(reference, shared)

    sides = ((ours, weights_of(people)), (theirs, weights_of(reference)))

    def ratio(a: float, b: float) -> float:
        return 1.0 - a / b if b > 0 else float("nan")

    value = ratio(*(pair_mean(table, own, *draw_pairs(len(own), _PAIRS, rng=rng))[0] for table, own in sides))
    draws = []
    for _ in range(_RESAMPLES):
        means = []
        for table, own in sides:
            rows = rng.integers(len(own), size=len(own))
            first, second = rng.choice(rows, 2000), rng.choice(rows, 2000)
            kept = first != second
            means.append(pair_mean(table, own, first[kept], second[kept])[0])
        draws.append(ratio(*means))
    return _around(value, draws, people.height, "1 - mean pair distance over that of the reference")


@dataclass(frozen=True, slots=True)
class Distance:
    """How far one column, or one pair of columns, is from a target."""

    columns: tuple[str, ...]
    measure: str
    value: Estimate

    @property
    def name(self) -> str:
        """The columns in words."""
        return " x ".join(self.columns)


def distances_to_target(
    people: pl.DataFrame, target: pl.DataFrame, *, rng: np.random.Generator, columns: Sequence[str] | None = None
) -> list[Distance]:
    """How far a population is from a target: each column, each pair of columns, then all of them together.

    Total variation for categories (numbers are cut at the tenths of the target), the 1-Wasserstein distance in standard
    deviations of the target for numbers. For the joint distribution the squared maximum mean discrepancy (Gretton et
    al., 2012) of the kernel ``exp(-2 Gower distance / its median)``, which is a product over columns and so sees what
    no pair of them shows. ``noise`` in the details is the mean distance of two samples of these sizes from the target
    (for the discrepancy: of people who changed sides at random): what is not above it is no difference. People of both
    count by their weights if they have any; then a sample is as large as its effective n.

    Raises:
        InputError: If they share no column.
    """
    shared = list(columns) if columns else _shared(people, target)
    found = []
    weights = (weights_of(people), weights_of(target))
    cut = {name: codes_of(people[name], target[name]) for name in shared}
    for name in shared:
        if target.schema[name].is_numeric():
            found.append(Distance((name,), "Wasserstein, SD", _wasserstein(people[name], target[name], weights, rng)))
        found.append(Distance((name,), "total variation", _variation(*cut[name], weights, rng)))
    for first, second in itertools.combinations(shared, 2):
        if max(max(cut[name][1], default=0) for name in (first, second)) >= _MOST_LEVELS:
            continue
        pair = [x * (_MOST_LEVELS + 1) + y for x, y in zip(cut[first], cut[second], strict=True)]
        found.append(Distance((first, second), "total variation", _variation(pair[0], pair[1], weights, rng)))
    if len(shared) > 1:
        found.append(Distance((TOGETHER,), "discrepancy", _discrepancy(people, target, shared, weights, rng)))
    return found


def coverage(
    people: pl.DataFrame, target: pl.DataFrame, *, columns: Sequence[str] | None = None, radius: float = 0.1
) -> float:
    """Share of the people of a target who have somebody within a Gower distance, among all columns.

    Example:
        >>> import polars as pl
        >>> coverage(pl.DataFrame({"style": ["a"]}), pl.DataFrame({"style": ["a", "a", "b", "c"]}))
        0.5
    """
    shared = list(columns) if columns else _shared(people, target)
    ours, theirs = coded(people, shared, like=target), coded(target, shared)
    step = max(1, target.height // _KERNEL)
    places = range(0, target.height, step)
    near = [float(distances_to(ours, theirs.row(place)).min()) <= radius for place in places]
    return sum(near) / len(near)


def _shared(people: pl.DataFrame, other: pl.DataFrame) -> list[str]:
    mine = fact_columns(people)
    shared = [
        name
        for name in mine
        if name in other.columns
        and (people.schema[name].is_numeric() == other.schema[name].is_numeric())
        and other[name].n_unique() <= max(_MOST_LEVELS, 0 if not other.schema[name].is_numeric() else other.height)
    ]
    if not shared:
        raise InputError("share no column that can be compared", where="people, target", remedy="name columns alike")
    return shared


def codes_of(ours: pl.Series, target: pl.Series) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Category numbers of both, the empty cell one of them."""
    if target.dtype.is_numeric():
        edges = np.unique(np.nanquantile(target.cast(float).to_numpy(), np.linspace(0.1, 0.9, 9)))
        sides = []
        for values in (ours, target):
            numbers = values.cast(float).to_numpy()
            sides.append(
                np.where(np.isnan(numbers), 0, 1 + np.searchsorted(edges, numbers, side="right")).astype(np.int64)
            )
        return sides[0], sides[1]
    place: dict[Any, int] = {None: 0}
    codes = [
        np.array([place.setdefault(value, len(place)) for value in values.to_list()], dtype=np.int64)
        for values in (ours, target)
    ]
    return codes[0], codes[1]


_Weights = tuple[NDArray[np.float64], NDArray[np.float64]]


def _variation(
    ours: NDArray[np.int64], target: NDArray[np.int64], weights: _Weights, rng: np.random.Generator
) -> Estimate:
    _, codes = np.unique(np.concatenate([ours, target]), return_inverse=True)
    size = int(codes.max()) + 1
    a, b = codes[: len(ours)], codes[len(ours) :]
    p, q = (np.bincount(side, own, minlength=size) / own.sum() for side, own in zip((a, b), weights, strict=True))
    value = 0.5 * float(np.abs(p - q).sum())
    n, m = (max(1, round(effective_n(own))) for own in weights)
    draws = 0.5 * np.abs(rng.multinomial(n, p, size=_RESAMPLES) / n - q).sum(axis=1)
    noise = 0.5 * np.abs(_shares_of(rng, n, q) - _shares_of(rng, m, q)).sum(axis=1)
    found = _reflected(value, draws, noise, len(a), "total variation, bootstrap over people")
    return Estimate(
        **{**_fields(found), "details": {"noise": float(noise.mean()), "noise_95": float(np.quantile(noise, 0.95))}}
    )


def _wasserstein(ours: pl.Series, target: pl.Series, weights: _Weights, rng: np.random.Generator) -> Estimate:
    from scipy.stats import wasserstein_distance

    sides = []
    for values, own in zip((ours, target), weights, strict=True):
        numbers = values.cast(float).to_numpy()
        known = np.isfinite(numbers) & (own > 0)
        numbers, own = numbers[known], own[known]
        rows = rng.choice(len(numbers), _PAIRS, replace=False) if len(numbers) > _PAIRS else slice(None)
        sides.append((numbers[rows], own[rows]))
    (a, a_weights), (b, b_weights) = sides
    if not len(a) or not len(b):
        nothing = float("nan")
        return Estimate(nothing, nothing, nothing, 0, len(ours), details={"noise": nothing, "noise_95": nothing})
    middle = np.average(b, weights=b_weights)
    scale = float(np.sqrt(np.average((b - middle) ** 2, weights=b_weights))) or 1.0
    n = max(1, round(effective_n(a_weights)))
    beside = None if np.ptp(b_weights) == 0 else b_weights  # SciPy takes longer with weights
    value = float(wasserstein_distance(a, b, a_weights, beside)) / scale

    def redrawn(values: NDArray[np.float64], own: NDArray[np.float64]) -> list[float]:
        shares = own / own.sum()
        return [
            float(wasserstein_distance(rng.choice(values, n, p=shares), b, None, beside)) / scale for _ in range(60)
        ]

    draws, noise = redrawn(a, a_weights), []
    m, shares = max(1, round(effective_n(b_weights))), b_weights / b_weights.sum()
    for _ in range(60):
        ours_, theirs = rng.choice(b, n, p=shares), rng.choice(b, m, p=shares)
        noise.append(float(wasserstein_distance(ours_, theirs)) / scale)
    found = _reflected(value, draws, noise, len(a), "1-Wasserstein distance in SD of the target, bootstrap over people")
    return Estimate(
        **{**_fields(found), "details": {"noise": float(np.mean(noise)), "noise_95": float(np.quantile(noise, 0.95))}}
    )


def _fields(estimate: Estimate) -> dict[str, Any]:
    return {name: getattr(estimate, name) for name in estimate.__slots__}


def _shares_of(rng: np.random.Generator, n: int, shares: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(rng.multinomial(n, shares, size=_RESAMPLES) / n, dtype=np.float64)


def _reflected(value: float, draws: Sequence[float] | NDArray[np.float64], noise: Any, n: int, method: str) -> Estimate:
    """An interval of a distance, which is never below 0 and of samples always too large.

    Samples of a sample are too large twice over; the basic interval takes that back. Near 0 it ends too early, so that
    the upper end is no less than that of the percentiles less their bias; and a distance that two samples of the target
    show as well begins at 0.
    """
    given = np.asarray(draws)
    bias = max(0.0, float(given.mean()) - value)
    low, high = np.quantile(2 * value - given, [0.025, 0.975])
    high = max(float(high), float(np.quantile(given, 0.975)) - bias, value)
    is_noise = value <= float(np.quantile(noise, 0.95))
    return Estimate(value, 0.0 if is_noise else max(0.0, min(float(low), value)), high, n, method=method)


def _around(value: float, draws: Sequence[float], n: int, method: str) -> Estimate:
    low, high = interval_of_draws(value, np.array(draws), 0.95)
    return Estimate(value, min(low, value), max(high, value), n, method=method)


def _discrepancy(
    people: pl.DataFrame, target: pl.DataFrame, shared: list[str], weights: _Weights, rng: np.random.Generator
) -> Estimate:
    """Similarity within both sides less that across; people who change sides at random are the noise."""
    import polars as pl

    sides = []
    for frame, own in zip((people, target), weights, strict=True):
        is_weighted = float(np.ptp(own)) > 0
        n = min(frame.height, _JOINT)
        sides.append(frame.select(shared)[np.sort(rng.choice(len(own), n, replace=is_weighted, p=own / own.sum()))])
    matrix = distance_matrix(coded(pl.concat(sides, how="vertical_relaxed"), shared, like=target))
    n, m = sides[0].height, sides[1].height
    matrix = np.exp(-2 * matrix / (float(np.median(matrix)) or 1.0))

    def discrepancy(a: NDArray[np.int64], b: NDArray[np.int64]) -> float:
        within = [(matrix[np.ix_(own, own)].sum() - len(own)) / (len(own) * max(1, len(own) - 1)) for own in (a, b)]
        return float(sum(within) - 2 * matrix[np.ix_(a, b)].mean())

    everybody = np.arange(n + m)
    noise = [discrepancy(rows[:n], rows[n:]) for rows in (rng.permutation(everybody) for _ in range(_RESAMPLES))]
    kept = (max(2, round(0.8 * n)), max(2, round(0.8 * m)))
    draws = [
        discrepancy(rng.choice(n, kept[0], replace=False), n + rng.choice(m, kept[1], replace=False)) for _ in range(60)
    ]
    value = discrepancy(everybody[:n], everybody[n:])
    found = jackknifed(value, draws, n, kept[0], (-2.0, 2.0), "maximum mean discrepancy, squared, unbiased")
    details = {"noise": float(np.mean(noise)), "noise_95": float(np.quantile(noise, 0.95))}
    return Estimate(**{**_fields(found), "details": details})
