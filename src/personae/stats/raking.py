"""Fitting to known margins: iterative proportional fitting of tables, raking of weights, and what that costs in n."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from personae.errors import InputError
from personae.stats.samples import Floats

TOLERANCE = 1e-9
_TRIMS = 200
_PATIENCE, _PROGRESS = 100, 1e-4
"""Rounds after which the error must have fallen by this part of itself: margins that contradict never meet."""


@dataclass(frozen=True, slots=True)
class Fitted:
    """Weights or a table that have the margins wanted, and how near they came."""

    values: Floats
    rounds: int
    largest_error: float
    """Largest difference between a margin reached and the margin wanted, as a share of the total."""
    is_converged: bool


def fit_table(
    seed: ArrayLike, margins: Mapping[tuple[int, ...], ArrayLike], *, tolerance: float = TOLERANCE, rounds: int = 2000
) -> Fitted:
    """Scale a table until its margins are those wanted, keeping its odds ratios (Deming & Stephan, 1940).

    When to use: to make a joint distribution out of published margins and a sample that shows what goes together.

    Args:
        seed: Counts of the sample, one axis a field. A zero stays zero: it says that such people do not exist.
        margins: Wanted totals by axes: ``{(0,): ages, (1,): sexes, (0, 2): ages by region}``.
        tolerance: Largest difference, as a share of the total, at which it is done.
        rounds: Rounds at most.

    Raises:
        InputError: If margins disagree in their totals, do not fit the table, or want people where the table has none.

    Example:
        >>> found = fit_table([[1.0, 1.0], [1.0, 1.0]], {(0,): [30, 70], (1,): [60, 40]})
        >>> found.values.round(6).tolist()
        [[18.0, 12.0], [42.0, 28.0]]
    """
    table = np.array(seed, dtype=np.float64)
    if (table < 0).any() or not np.isfinite(table).all() or table.sum() <= 0:
        raise InputError(
            "the table has a count that is none", where="seed", remedy="counts are 0 or more, some above 0"
        )
    wanted = {axes: np.asarray(totals, dtype=np.float64) for axes, totals in margins.items()}
    _check_margins(table, wanted)
    total = float(next(iter(wanted.values())).sum())
    error, before = math.inf, math.inf
    for round_ in range(1, rounds + 1):
        for axes, target in wanted.items():
            others = tuple(axis for axis in range(table.ndim) if axis not in axes)
            now = table.sum(axis=others, keepdims=True)
            shape = [table.shape[axis] if axis in axes else 1 for axis in range(table.ndim)]
            goal = np.transpose(target, np.argsort(axes)).reshape(shape)
            table = table * np.divide(goal, now, out=np.zeros_like(now), where=now > 0)
        error = _table_error(table, wanted) / total
        if error <= tolerance:
            return Fitted(table, round_, error, True)
        if round_ % _PATIENCE == 0:
            if error > before * (1 - _PROGRESS):
                return Fitted(table, round_, error, False)
            before = error
    return Fitted(table, rounds, error, False)


def rake_weights(
    codes: Sequence[NDArray[np.int64]],
    targets: Sequence[ArrayLike],
    *,
    base: ArrayLike | None = None,
    tolerance: float = TOLERANCE,
    rounds: int = 2000,
    largest: float | None = None,
) -> Fitted:
    """Weights of people such that the weighted shares of every field are those wanted (raking; Deming & Stephan, 1940).

    When to use: when a sample is to stand for a population of which only margins are known.

    Args:
        codes: For each field, the category number of each person, from 0.
        targets: For each field, the share wanted of each category.
        base: Weights to begin with (design weights); ones if there are none.
        tolerance: Largest difference of a share at which it is done.
        rounds: Rounds at most.
        largest: Trims weights above this many times the mean weight, each round; margins may then be missed.

    Returns:
        Weights with mean 1. Margins that contradict each other among these people (nobody is young and widowed) are not
        reached; then ``is_converged`` is false, ``largest_error`` says by how much, and it ends as soon as nothing gets
        better.

    Raises:
        InputError: If shares or design weights are none, a category is wanted that nobody with a weight has, or
            ``largest`` is not above 1.

    Example:
        >>> found = rake_weights([np.array([0, 0, 0, 1])], [[0.5, 0.5]])
        >>> found.values.round(4).tolist()
        [0.6667, 0.6667, 0.6667, 2.0]
    """
    n = len(codes[0]) if codes else 0
    if largest is not None and largest <= 1:
        raise InputError(f"largest = {largest:g} leaves no weights", where="raking", remedy="give more than 1")
    if n == 0:
        raise InputError("has nobody to weight", where="raking", remedy="give people and their fields")
    start = _base_weights(base, n)
    goals = []
    for place, (code, target) in enumerate(zip(codes, targets, strict=True)):
        goal = np.asarray(target, dtype=np.float64)
        if not np.isfinite(goal).all() or (goal < 0).any():
            raise InputError("has a share that is none", where=f"target {place + 1}", remedy="shares are 0 or more")
        if not math.isclose(goal.sum(), 1.0, abs_tol=1e-6):
            raise InputError(f"shares sum to {goal.sum():g}", where=f"target {place + 1}", remedy="shares sum to 1")
        have = np.bincount(code, start, minlength=len(goal))
        if len(have) > len(goal):
            raise InputError("a category has no share", where=f"target {place + 1}", remedy="give each a share, or 0")
        if lacking := [index for index in np.flatnonzero(goal > 0) if have[index] == 0]:
            raise InputError(
                f"category {lacking[0]} is wanted and nobody has it",
                where=f"target {place + 1}",
                remedy="merge it with another category, or add people",
            )
        goals.append(goal / goal.sum())
    rows, kind, people = np.unique(np.column_stack([*codes, start]), axis=0, return_inverse=True, return_counts=True)
    kinds = [rows[:, place].astype(np.int64) for place in range(len(goals))]  # people alike keep weights alike
    weights = rows[:, -1]
    error, before = math.inf, math.inf
    for round_ in range(1, rounds + 1):
        for code, goal in zip(kinds, goals, strict=True):
            now = np.bincount(code, weights * people, minlength=len(goal)) / n
            weights = weights * np.divide(goal, now, out=np.zeros_like(goal), where=now > 0)[code]
        if largest is not None:
            weights = _trimmed(weights, people, largest)
        error = max(
            float(np.abs(np.bincount(code, weights * people, minlength=len(goal)) / n - goal).max())
            for code, goal in zip(kinds, goals, strict=True)
        )
        is_converged = error <= tolerance
        if is_converged or (round_ % _PATIENCE == 0 and error > before * (1 - _PROGRESS)):
            break
        before = error if round_ % _PATIENCE == 0 else before
    return Fitted(weights[kind.reshape(-1)], round_, error, is_converged)


def effective_n(weights: ArrayLike) -> float:
    """How many people of equal weight would tell as much: ``(sum w)^2 / sum w^2`` (Kish, 1965).

    Example:
        >>> effective_n([1.0, 1.0, 1.0]), round(effective_n([3.0, 1.0]), 2)
        (3.0, 1.6)
    """
    given = np.asarray(weights, dtype=np.float64)
    squares = float((given**2).sum())
    return float(given.sum()) ** 2 / squares if squares > 0 else 0.0


def whole_counts(shares: ArrayLike, n: int) -> NDArray[np.int64]:
    """Whole numbers that sum to n and are as near to the shares as whole numbers can be (largest remainders, Hamilton).

    Example:
        >>> whole_counts([0.5, 0.3, 0.2], 9).tolist()
        [4, 3, 2]
    """
    given = np.asarray(shares, dtype=np.float64)
    exact = given / given.sum() * n
    counts: NDArray[np.int64] = np.floor(exact + 1e-9).astype(np.int64)
    order = np.argsort(-(exact - counts), kind="stable")
    counts[order[: n - int(counts.sum())]] += 1
    return counts


def integerise(table: ArrayLike, n: int, *, rng: np.random.Generator) -> NDArray[np.int64]:
    """Whole counts out of a table of fractions, unbiased cell by cell: systematic sampling of the remainders.

    Every cell gets its whole part, and the rest is drawn so that its expected value is its fraction (truncate,
    replicate, sample; Lovelace & Ballas, 2013).

    Example:
        >>> integerise([[2.5, 1.5]], 4, rng=np.random.default_rng(0)).sum()
        np.int64(4)
    """
    given = np.asarray(table, dtype=np.float64)
    exact = given / given.sum() * n
    counts: NDArray[np.int64] = np.floor(exact + 1e-9).astype(np.int64)
    left = n - int(counts.sum())
    if left:
        remainders = np.clip(exact - counts, 0.0, None).ravel()
        order = rng.permutation(remainders.size)
        edges = np.cumsum(remainders[order]) / remainders.sum() * left
        marks = rng.random() + np.arange(left)
        chosen = order[np.minimum(np.searchsorted(edges, marks, side="right"), remainders.size - 1)]
        counts += np.bincount(chosen, minlength=remainders.size).reshape(counts.shape)
    return counts


def _base_weights(base: ArrayLike | None, n: int) -> Floats:
    """Design weights of mean 1."""
    if base is None:
        return np.ones(n)
    given = np.array(base, dtype=np.float64)
    if given.shape != (n,):
        raise InputError(f"{given.size} weights are given for {n} people", where="raking", remedy="give one a person")
    if not np.isfinite(given).all() or (given < 0).any() or not given.sum() > 0:
        raise InputError("has a weight that is none", where="raking", remedy="weights are 0 or more, some above 0")
    return np.asarray(given * (n / given.sum()), dtype=np.float64)


def _trimmed(weights: Floats, people: NDArray[np.int64], largest: float) -> Floats:
    """Weights of mean 1, none above a bound: what is cut off goes to all others in proportion."""
    for _ in range(_TRIMS):
        if float(weights.max()) <= largest * (1 + 1e-12):
            break
        weights = np.minimum(weights, largest)
        weights = weights * (people.sum() / (weights * people).sum())
    return np.minimum(weights, largest)


def _check_margins(table: Floats, wanted: Mapping[tuple[int, ...], Floats]) -> None:
    if not wanted:
        raise InputError("no margins are given", where="margins", remedy="give at least one")
    totals = [float(target.sum()) for target in wanted.values()]
    if not all(math.isclose(total, totals[0], rel_tol=1e-9) for total in totals):
        raise InputError(f"margins sum to {totals}", where="margins", remedy="all must sum to the same number")
    for axes, target in wanted.items():
        shape = tuple(table.shape[axis] for axis in axes if axis < table.ndim)
        if target.shape != shape:
            raise InputError(
                f"is {target.shape}, the table {shape}", where=f"margin {axes}", remedy="give one number a level"
            )
        if ((_in_order(table, axes) == 0) & (target > 0)).any():
            raise InputError(
                "wants people where the table has none",
                where=f"margin {axes}",
                remedy="add a small count to the cells that can exist",
            )


def _in_order(table: Floats, axes: tuple[int, ...]) -> Floats:
    """The margin of a table over these axes, in the order in which they are named."""
    others = tuple(axis for axis in range(table.ndim) if axis not in axes)
    kept = table.sum(axis=others)
    return np.asarray(np.transpose(kept, np.argsort(np.argsort(axes))), dtype=np.float64)


def _table_error(table: Floats, wanted: Mapping[tuple[int, ...], Floats]) -> float:
    return max(float(np.abs(_in_order(table, axes) - target).max()) for axes, target in wanted.items())
