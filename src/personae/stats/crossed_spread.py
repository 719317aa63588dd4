"""How much people differ who all met the same items, beyond what chance gives: spread with its noise floor."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from personae.errors import InputError
from personae.stats.bootstrap import interval_of_draws
from personae.stats.estimate import Estimate
from personae.stats.samples import Floats, undefined


@dataclass(frozen=True, slots=True)
class CrossedSpread:
    """The spread of means of people over items, and what it would be if it did not matter who answers."""

    observed: Estimate
    """Variance of the means (ddof = 1), as it is."""
    floor: Estimate
    """Mean variance when the answers to each item are shuffled among people, with the range of the shuffles."""
    excess: Estimate
    """Observed less floor, with p of the permutation test; it may be negative."""


def crossed_spread(
    matrix: ArrayLike, *, rng: np.random.Generator, permutations: int = 400, resamples: int = 400
) -> CrossedSpread:
    """Variance of people's means over the same items, against shuffled answers.

    When to use: a variance of success rates is never zero, as every rate rests on few items. Shuffling within an item
    keeps how hard each item is and how many answered it, and takes away only who answered what. The p value is
    one-sided: whether people differ more than that, ``(1 + hits) / (1 + permutations)``. The interval of the observed
    variance and the excess is a bootstrap over items, because people are the ones that were meant.

    Args:
        matrix: A row for each person, a column for each item; NaN is missing.
        rng: Draws shuffles and resamples.
        permutations: How often answers are shuffled.
        resamples: How often items are drawn again.

    Raises:
        InputError: If it is no matrix.

    Example:
        >>> found = crossed_spread(np.repeat([[0.0], [1.0]], 30, axis=1), rng=np.random.default_rng(0))
        >>> found.observed.estimate, found.excess.p_value < 0.01
        (0.5, True)
    """
    data = np.asarray(matrix, dtype=np.float64)
    if data.ndim != 2:
        raise InputError(f"{data.ndim} dimensions are no matrix", remedy="give a row for each person")
    usable = np.isfinite(data).any(axis=1) if data.size else np.zeros(len(data), dtype=bool)
    rows = data[usable]
    missing = len(data) - len(rows)
    if len(rows) < 2 or rows.shape[1] < 2:
        nothing = undefined("fewer than two people or items", n=len(rows), missing=missing, method="variance of means")
        return CrossedSpread(nothing, nothing, nothing)
    observed = spread_of_means(rows)
    shuffled = np.array([spread_of_means(_shuffled(rows, rng)) for _ in range(permutations)])
    items = rows.shape[1]
    draws = np.array([spread_of_means(rows[:, rng.integers(items, size=items)]) for _ in range(resamples)])
    floor = float(shuffled.mean())
    # Items that are drawn twice add noise of their own to a resampled variance; it is taken out of the interval.
    centred = draws - (np.nanmean(draws) - observed)
    low, high = interval_of_draws(observed, centred, 0.95, units=items)
    low, high = min(max(low, 0.0), observed), max(high, observed)
    p = (1 + int((shuffled >= observed - 1e-15).sum())) / (1 + permutations)
    note = f"{items} items a person"
    bounds = np.quantile(shuffled, [0.025, 0.975])
    words = "variance of means over items"
    return CrossedSpread(
        Estimate(observed, low, high, len(rows), missing, method=f"{words}, bootstrap over items", note=note),
        Estimate(
            floor,
            float(bounds[0]),
            float(bounds[1]),
            len(rows),
            missing,
            method=f"{words} with answers shuffled within items; bounds hold 95% of shuffles",
            note=note,
        ),
        Estimate(
            observed - floor,
            low - floor,
            high - floor,
            len(rows),
            missing,
            method=f"{words} less its mean when shuffled within items; one-sided permutation test",
            p_value=p,
            note=note,
        ),
    )


def balanced_matrix(
    items: Sequence[Sequence[str]], sets: Sequence[Sequence[str]], values: Sequence[Sequence[float | None]]
) -> Floats:
    """Answers of people as a matrix in which the mean of a complete row is the mean of its sets' means.

    When to use: where a score is a mean of means (accuracy over subjects, a rate over two data sets) and sets differ
    in size. Each answer is weighted by how many items there are, over the number of sets and the size of its own.

    Args:
        items: Names of the items that each person answered.
        sets: The set of each of them.
        values: The answers; ``None`` is missing.

    Example:
        >>> float(balanced_matrix([["1", "2", "3"]], [["a", "b", "b"]], [[1.0, 0.0, 0.0]]).mean())
        0.5
    """
    columns = list(dict.fromkeys(pair for one in zip(sets, items, strict=True) for pair in zip(*one, strict=True)))
    sizes = Counter(name for name, _ in columns)
    place = {column: number for number, column in enumerate(columns)}
    matrix = np.full((len(items), len(columns)), np.nan)
    for number, (own, names, given) in enumerate(zip(items, sets, values, strict=True)):
        for item, name, value in zip(own, names, given, strict=True):
            if value is not None:
                matrix[number, place[name, item]] = value * len(columns) / (len(sizes) * sizes[name])
    return matrix


def spread_of_means(rows: Floats) -> float:
    """Variance (ddof = 1) of the means of rows; NaN if fewer than two rows have one."""
    known = np.isfinite(rows)
    counts = known.sum(axis=1)
    sums = np.where(known, rows, 0.0).sum(axis=1)
    means = sums[counts > 0] / counts[counts > 0]
    return float(means.var(ddof=1)) if len(means) > 1 else float("nan")


def _shuffled(rows: Floats, rng: np.random.Generator) -> Floats:
    """The answers to each item in new hands; what is missing stays where it is."""
    keys = rng.random(rows.shape)
    known = np.isfinite(rows)
    if known.all():
        shuffled: Floats = np.take_along_axis(rows, np.argsort(keys, axis=0), axis=0)
        return shuffled
    mixed = rows.copy()
    for column in range(rows.shape[1]):
        there = known[:, column]
        mixed[there, column] = rng.permutation(rows[there, column])
    return mixed
