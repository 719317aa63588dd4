"""Reading samples: missing values are set aside and counted, clusters are kept in step with their values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

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


def take_pairs(first: ArrayLike, second: ArrayLike) -> tuple[Floats, Floats, int]:
    """Set pairs aside of which one value is missing.

    Raises:
        ValueError: If the two differ in length.
    """
    a = np.asarray(first, dtype=np.float64).ravel()
    b = np.asarray(second, dtype=np.float64).ravel()
    if len(a) != len(b):
        raise ValueError(f"{len(a)} values are paired with {len(b)}")
    both = ~(np.isnan(a) | np.isnan(b))
    return a[both], b[both], int((~both).sum())


def take_clustered(values: ArrayLike, clusters: Clusters) -> ClusteredSample:
    """Set missing values aside and number the clusters that are left.

    Raises:
        ValueError: If there is not one cluster a value.
    """
    given = np.asarray(values, dtype=np.float64).ravel()
    if len(given) != len(clusters):
        raise ValueError(f"{len(given)} values have {len(clusters)} clusters")
    is_there = ~np.isnan(given)
    kept = [cluster for cluster, there in zip(clusters, is_there, strict=True) if there]
    numbers = {cluster: number for number, cluster in enumerate(dict.fromkeys(kept))}
    codes = np.array([numbers[cluster] for cluster in kept], dtype=np.int64)
    return ClusteredSample(given[is_there], codes, len(numbers), int((~is_there).sum()))


def take_rows(matrix: ArrayLike) -> tuple[Floats, NDArray[np.bool_], int]:
    """Set rows aside that miss a value; tells which rows are left and how many are not.

    Raises:
        ValueError: If it is no matrix.
    """
    given = np.asarray(matrix, dtype=np.float64)
    if given.ndim != 2:
        raise ValueError(f"a matrix of respondents by items is wanted, not {given.ndim} dimensions")
    kept: NDArray[np.bool_] = np.asarray(~np.isnan(given).any(axis=1))
    return given[kept], kept, int((~kept).sum())


def undefined(note: str, *, n: int, missing: int, method: str, conventions: tuple[str, ...] = ()) -> Estimate:
    """An estimate that cannot be computed, and why."""
    nan = float("nan")
    return Estimate(nan, nan, nan, n, missing, method=method, conventions=conventions, note=note)
