"""Reading samples: missing values are set aside and counted, clusters are kept in step with their values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from personae.errors import InputError
from personae.stats.estimate import Estimate

Floats = NDArray[np.float64]
Clusters = Sequence[object] | NDArray[np.str_] | NDArray[np.int64]
"""What each value shares with others: the prompt, the person, the story. One entry a value."""


class Sample(NamedTuple):
    """Values without missing ones, and how many were set aside."""

    values: Floats
    missing: int


class ClusteredSample(NamedTuple):
    """Values without missing ones, the number of the cluster of each, and how many were set aside."""

    values: Floats
    codes: NDArray[np.int64]
    clusters: int
    missing: int

    @property
    def means(self) -> Floats:
        """Mean of each cluster."""
        sums = np.bincount(self.codes, weights=self.values, minlength=self.clusters)
        means: Floats = sums / np.bincount(self.codes, minlength=self.clusters)
        return means


def take(values: ArrayLike) -> Sample:
    """Set missing values (NaN) aside."""
    given = np.asarray(values, dtype=np.float64).ravel()
    is_there = ~np.isnan(given)
    return Sample(given[is_there], int((~is_there).sum()))


def known_mean(values: ArrayLike) -> float:
    """Mean of what is not missing; NaN of nothing, without a warning.

    Example:
        >>> known_mean([1.0, float("nan"), 3.0]), known_mean([])
        (2.0, nan)
    """
    known = take(values).values
    return float(known.mean()) if len(known) else float("nan")


def take_pairs(first: ArrayLike, second: ArrayLike) -> tuple[Floats, Floats, int]:
    """Set pairs aside of which one value is missing.

    Raises:
        InputError: If the two differ in length.
    """
    a = np.asarray(first, dtype=np.float64).ravel()
    b = np.asarray(second, dtype=np.float64).ravel()
    if len(a) != len(b):
        raise InputError(f"{len(a)} values are paired with {len(b)}", remedy="give pairs; NaN is missing")
    both = ~(np.isnan(a) | np.isnan(b))
    return a[both], b[both], int((~both).sum())


def take_clustered(values: ArrayLike, clusters: Clusters) -> ClusteredSample:
    """Set missing values aside and number the clusters that are left.

    Raises:
        InputError: If there is not one cluster a value.
    """
    given = np.asarray(values, dtype=np.float64).ravel()
    is_there: NDArray[np.bool_] = ~np.isnan(given)
    codes = cluster_codes(len(given), clusters, is_there)
    return ClusteredSample(given[is_there], codes, int(codes.max(initial=-1)) + 1, int((~is_there).sum()))


def cluster_codes(n: int, clusters: Clusters | None, kept: NDArray[np.bool_]) -> NDArray[np.int64]:
    """The number of the cluster of each row that is kept, in order of appearance; without clusters, of the row itself.

    Raises:
        InputError: If there is not one cluster a row.
    """
    if clusters is None:
        return np.arange(int(kept.sum()))
    if len(clusters) != n:
        raise InputError(f"{n} values have {len(clusters)} clusters", remedy="give one cluster for each value")
    names = [cluster for cluster, there in zip(clusters, kept, strict=True) if there]
    numbers = {name: number for number, name in enumerate(dict.fromkeys(names))}
    return np.array([numbers[name] for name in names], dtype=np.int64)


def take_rows(matrix: ArrayLike) -> tuple[Floats, NDArray[np.bool_], int]:
    """Set rows aside that miss a value; tells which rows are left and how many are not.

    Raises:
        InputError: If it is no matrix.
    """
    given = np.asarray(matrix, dtype=np.float64)
    if given.ndim != 2:
        raise InputError(f"{given.ndim} dimensions are no matrix", remedy="give a row for each respondent")
    kept: NDArray[np.bool_] = np.asarray(~np.isnan(given).any(axis=1))
    return given[kept], kept, int((~kept).sum())


def undefined(note: str, *, n: int, missing: int, method: str, conventions: tuple[str, ...] = ()) -> Estimate:
    """An estimate that cannot be computed, and why."""
    nan = float("nan")
    return Estimate(nan, nan, nan, n, missing, method=method, conventions=conventions, note=note)


def undefined_test(
    note: str, n: int, missing: int, level: float, method: str, conventions: tuple[str, ...] = ()
) -> Estimate:
    """A test that cannot be made: p is NaN, which is not the same as being no test."""
    empty = undefined(note, n=n, missing=missing, method=method, conventions=conventions)
    nan = float("nan")
    return replace(empty, level=level, p_value=nan, statistic=nan)
