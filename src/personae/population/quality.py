"""How good a population is: how much of a space it covers, how diverse it is, how far from a target."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from personae.errors import InputError
from personae.population.distances import Coded, between, coded, pair_distances
from personae.population.fields import WEIGHT, number_columns, text_columns
from personae.population.microdata import checked_weights
from personae.stats.bootstrap import interval_of_draws
from personae.stats.estimate import Estimate

if TYPE_CHECKING:
    import polars as pl

_BINS = 10
_PAIRS = 20_000
_MOST_LEVELS = 200
_KERNEL = 1_000
_RESAMPLES = 200


@dataclass(frozen=True, slots=True)
class FieldSummary:
    """One column: what is told, how evenly."""

    column: str
    kind: str
    missing: int
    levels: int
    entropy: float
    """Shannon entropy in bits; numbers are cut into ten pieces of equal width."""
    evenness: float
    """Entropy over the most that this many levels can have: 1 if all are equally frequent."""
    commonest: str
    mean: float | None = None
    sd: float | None = None

    def to_json(self) -> dict[str, Any]:
        """Plain JSON form."""
        return {name: getattr(self, name) for name in self.__slots__}


def describe_fields(people: pl.DataFrame) -> list[FieldSummary]:
    """Summarise every column of numbers and texts, weighted if there are weights.

    Example:
        >>> import polars as pl
        >>> one = describe_fields(pl.DataFrame({"style": ["a", "a", "b", "b"]}))[0]
        >>> one.entropy, one.evenness, one.commonest
        (1.0, 1.0, 'a')
    """
    weights = checked_weights(people[WEIGHT].to_numpy() if WEIGHT in people.columns else None, people.height)
    found = []
    for column in [*number_columns(people), *text_columns(people)]:
        values = people[column]
        known = values.is_not_null().to_numpy()
        missing = int((~known).sum())
        is_number = values.dtype.is_numeric()
        shares = _shares(values, weights)
        bits = entropy(list(shares.values()))
        levels = values.drop_nulls().n_unique()
        most = math.log2(min(levels, _BINS) if is_number else levels) if levels > 1 else 0.0
        numbers = values.drop_nulls().cast(float).to_numpy() if is_number else np.empty(0)
        own = weights[known]
        mean = float(np.average(numbers, weights=own)) if len(numbers) and own.sum() > 0 else None
        sd = None if mean is None else float(np.sqrt(np.average((numbers - mean) ** 2, weights=own)))
        common = max(sorted(shares, key=str), key=lambda value: shares[value]) if shares else ""
        found.append(
            FieldSummary(
                column,
                "number" if is_number else "text",
                missing,
                levels,
                bits,
                bits / most if most else 0.0,
                "" if is_number else str(common),
                mean,
                sd,
            )
        )
    return found


def entropy(shares: Sequence[float]) -> float:
    """Shannon entropy in bits of shares or counts.

    Example:
        >>> entropy([1, 1, 2])
        1.5
    """
    total = float(sum(shares))
    return -sum(s / total * math.log2(s / total) for s in shares if s > 0) + 0.0 if total > 0 else float("nan")


@dataclass(frozen=True, slots=True)
class Diversity:
    """How different the people of a population are."""

    distance: Estimate
    """Mean Gower distance of two people."""
    effective: Estimate
    """Effective number of different people among those looked at (Vendi score)."""
    nearest: Estimate
    """Mean distance of a person to the nearest other among those looked at."""

    def to_json(self) -> dict[str, Any]:
        """Plain JSON form."""
        return {
            name: {"estimate": one.estimate, "low": one.low, "high": one.high, "n": one.n}
            for name, one in (("distance", self.distance), ("effective", self.effective), ("nearest", self.nearest))
        }


def diversity(
    people: pl.DataFrame, *, rng: np.random.Generator, columns: Sequence[str] | None = None, sample: int = 400
) -> Diversity:
    """Measure how different people are, on a random part of them.

    The effective number is ``exp(H)`` of the eigenvalues of the similarity matrix over its size, similarities 1 less
    Gower distance (Vendi score; Friedman & Dieng, 2023): n if all are wholly different, 1 if all are the same. Its
    interval spans random four fifths of the people looked at.

    Raises:
        InputError: If there are fewer than three people.

    Example:
        >>> import polars as pl
        >>> same = pl.DataFrame({"style": ["a"] * 10})
        >>> round(diversity(same, rng=np.random.default_rng(0)).effective.estimate, 3)
        1.0
    """
    if people.height < 3:
        raise InputError(f"{people.height} people are too few", where="diversity", remedy="give three or more")
    n = min(people.height, sample, _KERNEL)
    chosen = np.sort(rng.choice(people.height, n, replace=False))
    table = coded(people[chosen], columns, like=people)
    matrix = _distance_matrix(table)
    pairs = pair_distances(coded(people, columns), _PAIRS, rng=rng)
    draws: dict[str, list[float]] = {"effective": [], "nearest": []}
    for _ in range(60):
        rows = rng.choice(n, max(2, round(0.8 * n)), replace=False)
        part = matrix[np.ix_(rows, rows)]
        draws["effective"].append(_vendi(1 - part))
        draws["nearest"].append(float(_nearest(part).mean()))
    mean = float(pairs.mean())
    error = float(pairs.std(ddof=1) / math.sqrt(len(pairs))) if len(pairs) > 1 else float("nan")
    nearest = float(_nearest(matrix).mean())
    effective = _vendi(1 - matrix)
    return Diversity(
        Estimate(mean, mean - 1.96 * error, mean + 1.96 * error, people.height, method="mean Gower distance of pairs"),
        _around(effective, draws["effective"], n, "Vendi score, interval over random four fifths"),
        _around(nearest, draws["nearest"], n, "mean distance to the nearest other"),
    )


def homogenisation(
    people: pl.DataFrame,
    reference: pl.DataFrame,
    *,
    rng: np.random.Generator,
    columns: Sequence[str] | None = None,
) -> Estimate:
    """How much more alike people are than those of a reference: 1 less the ratio of their mean distances.

    0 if they are as different as the reference, .3 if their distances are three tenths smaller, negative if they are
    more different. Both are coded by the reference. The interval is a bootstrap over people of both.

    Raises:
        InputError: If they share no column.
    """
    shared = list(columns) if columns else _shared(people, reference)
    ours, theirs = coded(people, shared, like=reference), coded(reference, shared)

    def ratio(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
        return 1.0 - float(a.mean()) / float(b.mean()) if len(b) and b.mean() > 0 else float("nan")

    a, b = pair_distances(ours, _PAIRS, rng=rng), pair_distances(theirs, _PAIRS, rng=rng)
    draws = []
    for _ in range(_RESAMPLES):
        x, y = (rng.integers(len(table.numbers), size=len(table.numbers)) for table in (ours, theirs))
        draws.append(ratio(_resampled(ours, x, rng), _resampled(theirs, y, rng)))
    return _around(ratio(a, b), draws, people.height, "1 - mean pair distance over that of the reference")


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
    """How far a population is from a target: each column, then each pair of columns.

    Total variation for categories (numbers are cut at the tenths of the target), the 1-Wasserstein distance in standard
    deviations of the target for numbers. ``noise`` in the details is the mean distance of samples of the same size from
    the target itself: what is not above it is no difference.

    Raises:
        InputError: If they share no column.
    """
    shared = list(columns) if columns else _shared(people, target)
    found = []
    cut = {name: codes_of(people[name], target[name]) for name in shared}
    for name in shared:
        if target.schema[name].is_numeric():
            a, b = (frame[name].drop_nulls().cast(float).to_numpy() for frame in (people, target))
            found.append(Distance((name,), "Wasserstein, SD", _wasserstein(a, b, rng)))
        found.append(Distance((name,), "total variation", _variation(*cut[name], rng)))
    for first, second in itertools.combinations(shared, 2):
        if max(max(cut[name][1], default=0) for name in (first, second)) >= _MOST_LEVELS:
            continue
        pair = [x * (_MOST_LEVELS + 1) + y for x, y in zip(cut[first], cut[second], strict=True)]
        found.append(Distance((first, second), "total variation", _variation(pair[0], pair[1], rng)))
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
    from personae.population.distances import distances_to

    shared = list(columns) if columns else _shared(people, target)
    ours, theirs = coded(people, shared, like=target), coded(target, shared)
    step = max(1, target.height // _KERNEL)
    places = range(0, target.height, step)
    near = [float(distances_to(ours, theirs.row(place)).min()) <= radius for place in places]
    return sum(near) / len(near)


def _shared(people: pl.DataFrame, other: pl.DataFrame) -> list[str]:
    mine = [*number_columns(people), *text_columns(people)]
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


def _shares(values: pl.Series, weights: NDArray[np.float64]) -> Mapping[Any, float]:
    if values.dtype.is_numeric():
        numbers = values.cast(float).to_numpy()
        known = np.isfinite(numbers)
        counts, _ = np.histogram(numbers[known], bins=_BINS, weights=weights[known])
        return dict(enumerate(counts.tolist()))
    found: dict[Any, float] = {}
    for value, weight in zip(values.to_list(), weights, strict=True):
        if value is not None:
            found[value] = found.get(value, 0.0) + float(weight)
    return found


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


def _variation(ours: NDArray[np.int64], target: NDArray[np.int64], rng: np.random.Generator) -> Estimate:
    _, codes = np.unique(np.concatenate([ours, target]), return_inverse=True)
    size = int(codes.max()) + 1
    a, b = codes[: len(ours)], codes[len(ours) :]
    p, q = np.bincount(a, minlength=size) / len(a), np.bincount(b, minlength=size) / len(b)
    value = 0.5 * float(np.abs(p - q).sum())
    draws = 0.5 * np.abs(rng.multinomial(len(a), p, size=_RESAMPLES) / len(a) - q).sum(axis=1)
    noise = 0.5 * np.abs(rng.multinomial(len(a), q, size=_RESAMPLES) / len(a) - q).sum(axis=1)
    found = _around(value, draws.tolist(), len(a), "total variation, percentile bootstrap over people")
    return Estimate(
        **{**_fields(found), "details": {"noise": float(noise.mean()), "noise_95": float(np.quantile(noise, 0.95))}}
    )


def _wasserstein(ours: NDArray[np.float64], target: NDArray[np.float64], rng: np.random.Generator) -> Estimate:
    from scipy.stats import wasserstein_distance

    scale = float(target.std()) or 1.0
    a, b = (values if len(values) <= _PAIRS else rng.choice(values, _PAIRS, replace=False) for values in (ours, target))
    value = float(wasserstein_distance(a, b)) / scale
    draws = [float(wasserstein_distance(rng.choice(a, len(a)), b)) / scale for _ in range(60)]
    noise = [float(wasserstein_distance(rng.choice(b, len(a)), b)) / scale for _ in range(60)]
    found = _around(value, draws, len(ours), "1-Wasserstein distance in SD of the target")
    return Estimate(
        **{**_fields(found), "details": {"noise": float(np.mean(noise)), "noise_95": float(np.quantile(noise, 0.95))}}
    )


def _fields(estimate: Estimate) -> dict[str, Any]:
    return {name: getattr(estimate, name) for name in estimate.__slots__}


def _around(value: float, draws: Sequence[float], n: int, method: str) -> Estimate:
    low, high = interval_of_draws(value, np.array(draws), 0.95)
    return Estimate(value, min(low, value), max(high, value), n, method=method)


def _resampled(table: Coded, rows: Any, rng: np.random.Generator) -> NDArray[np.float64]:
    first, second = rng.choice(rows, 2000), rng.choice(rows, 2000)
    kept = first != second
    return between(table, first[kept], table, second[kept])


def _distance_matrix(table: Coded) -> NDArray[np.float64]:
    n = table.numbers.shape[0]
    first, second = np.triu_indices(n, 1)
    matrix = np.zeros((n, n))
    matrix[first, second] = between(table, first, table, second)
    return matrix + matrix.T


def _nearest(matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    filled: NDArray[np.float64] = np.where(np.eye(len(matrix), dtype=bool), np.inf, matrix).min(axis=1)
    return filled


def _vendi(similarity: NDArray[np.float64]) -> float:
    values = np.clip(np.linalg.eigvalsh(similarity / len(similarity)), 0.0, None)
    kept = values[values > 1e-12]
    kept = kept / kept.sum()
    return float(np.exp(-(kept * np.log(kept)).sum()))
