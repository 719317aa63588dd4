"""How good a population is: who is in it, how different they are."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from personae.errors import InputError
from personae.population.distances import Coded, between, coded, draw_pairs
from personae.population.fields import list_columns, number_columns, text_columns
from personae.population.microdata import weights_of
from personae.stats.estimate import Estimate
from personae.stats.raking import effective_n

if TYPE_CHECKING:
    import polars as pl

_BINS = 10
_PAIRS = 20_000
_KERNEL = 1_000
_PARTS = 40


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
    """Summarise every column of numbers, texts and lists, weighted if there are weights.

    The levels and the entropy of a list are those of what stands in it.

    Example:
        >>> import polars as pl
        >>> one = describe_fields(pl.DataFrame({"style": ["a", "a", "b", "b"]}))[0]
        >>> one.entropy, one.evenness, one.commonest
        (1.0, 1.0, 'a')
    """
    weights = weights_of(people)
    found = []
    for column in [*number_columns(people), *text_columns(people)]:
        values = people[column].fill_nan(None) if people.schema[column].is_float() else people[column]
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
    return [*found, *(_list_summary(people[column], weights) for column in list_columns(people))]


def _list_summary(values: pl.Series, weights: NDArray[np.float64]) -> FieldSummary:
    shares: dict[str, float] = {}
    missing = 0
    for items, weight in zip(values.to_list(), weights.tolist(), strict=True):
        missing += not items
        for item in items or ():
            shares[str(item)] = shares.get(str(item), 0.0) + weight
    bits = entropy(list(shares.values()))
    common = max(sorted(shares), key=lambda item: shares[item]) if shares else ""
    evenness = bits / math.log2(len(shares)) if len(shares) > 1 else 0.0
    return FieldSummary(values.name, "list", missing, len(shares), bits, evenness, common)


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
    Gower distance (Vendi score; Friedman & Dieng, 2023): n if all are wholly different, 1 if all are the same. It grows
    with the number of people looked at, which is its n. Intervals are those of the delete-d jackknife (Shao & Wu, 1989)
    over random four fifths of them; that of the mean distance is a U-statistic's, people being what was sampled. If
    people have weights, they count by these.

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
    weights = weights_of(people)
    own = weights[chosen] if weights[chosen].sum() > 0 else np.ones(n)
    matrix = distance_matrix(coded(people[chosen], columns, like=people))
    draws: dict[str, list[float]] = {"effective": [], "nearest": []}
    kept = max(2, round(0.8 * n))
    for _ in range(_PARTS):
        rows = rng.choice(n, kept, replace=False)
        part = matrix[np.ix_(rows, rows)]
        draws["effective"].append(vendi(1 - part, own[rows]))
        draws["nearest"].append(_mean(_nearest(part), own[rows]))
    mean, error = _mean_distance(coded(people, columns), weights, matrix, own, rng)
    return Diversity(
        Estimate(
            mean,
            max(0.0, mean - 1.96 * error),
            min(1.0, mean + 1.96 * error),
            people.height,
            method="mean Gower distance of pairs, U-statistic",
        ),
        jackknifed(vendi(1 - matrix, own), draws["effective"], n, kept, (1.0, float(n)), "Vendi score"),
        jackknifed(
            _mean(_nearest(matrix), own), draws["nearest"], n, kept, (0.0, 1.0), "mean distance to the nearest other"
        ),
    )


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


def _mean(values: NDArray[np.float64], weights: NDArray[np.float64]) -> float:
    return float(np.average(values, weights=weights)) if weights.sum() > 0 else float(values.mean())


def pair_mean(
    table: Coded, weights: NDArray[np.float64], first: NDArray[np.int64], second: NDArray[np.int64]
) -> tuple[float, float]:
    """Weighted mean distance of pairs, and its standard error from the choice of the pairs."""
    if not len(first):
        return float("nan"), float("nan")
    values = between(table, first, table, second)
    own = weights[first] * weights[second]
    mean = _mean(values, own)
    error = float(np.sqrt(((own * (values - mean)) ** 2).sum()) / own.sum()) if own.sum() > 0 else float("nan")
    return mean, error


def _mean_distance(
    table: Coded,
    weights: NDArray[np.float64],
    matrix: NDArray[np.float64],
    own: NDArray[np.float64],
    rng: np.random.Generator,
) -> tuple[float, float]:
    """Mean distance of two people and its standard error: 4/n times the variance of everybody's mean distance to others
    (Hoeffding, 1948), and what comes from looking at some pairs only.
    """
    n = len(weights)
    first, second = draw_pairs(n, _PAIRS, rng=rng)
    mean, error = pair_mean(table, weights, first, second)
    others = own.sum() - own
    to_others = (matrix @ own) / np.where(others > 0, others, 1.0)
    spread = float(np.average((to_others - np.average(to_others, weights=own)) ** 2, weights=own))
    is_all = len(first) == n * (n - 1) // 2
    return mean, math.sqrt(4 * spread / max(1.0, effective_n(weights)) + (0.0 if is_all else error**2))


def jackknifed(
    value: float, draws: Sequence[float], n: int, kept: int, ends: tuple[float, float], method: str
) -> Estimate:
    """An estimate whose variance is that of parts of size ``kept``, times kept over what was left out."""
    error = float(np.std(draws)) * math.sqrt(kept / max(1, n - kept))
    low, high = max(ends[0], value - 1.96 * error), min(ends[1], value + 1.96 * error)
    return Estimate(value, min(low, value), max(high, value), n, method=f"{method}, delete-d jackknife")


def distance_matrix(table: Coded) -> NDArray[np.float64]:
    """Gower distances of everybody to everybody."""
    n = table.numbers.shape[0]
    first, second = np.triu_indices(n, 1)
    matrix = np.zeros((n, n))
    matrix[first, second] = between(table, first, table, second)
    return matrix + matrix.T


def _nearest(matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    filled: NDArray[np.float64] = np.where(np.eye(len(matrix), dtype=bool), np.inf, matrix).min(axis=1)
    return filled


def vendi(similarity: NDArray[np.float64], weights: NDArray[np.float64]) -> float:
    """Effective number of different ones: ``exp`` of the entropy of eigenvalues (Friedman & Dieng, 2023)."""
    root = np.sqrt(weights / weights.sum())
    values = np.clip(np.linalg.eigvalsh(similarity * np.outer(root, root)), 0.0, None)
    kept = values[values > 1e-12]
    kept = kept / kept.sum()
    return float(np.exp(-(kept * np.log(kept)).sum()))
