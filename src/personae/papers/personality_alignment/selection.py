"""Choosing test people who cover a population: the nearest to each of as many centres as are wanted."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from personae.errors import InputError

_ITERATIONS = 50


def select_people(answers: ArrayLike, count: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Rows of the people nearest to k-means centres of standardised answers, each centre with a person of its own.

    The published test set is 300 such people of about 300,000. A missing answer counts as the item's mean. Which people
    are chosen depends on the draws of k-means; the published draw cannot be repeated from its seed alone.

    Args:
        answers: People by items; NaN is missing.
        count: How many people are wanted.
        rng: Source of the starts.

    Raises:
        InputError: If more people are wanted than there are.

    Example:
        >>> two = np.repeat([[1.0, 1.0], [5.0, 5.0]], 10, axis=0)
        >>> sorted(int(row) // 10 for row in select_people(two, 2, np.random.default_rng(0)))
        [0, 1]
    """
    from scipy.cluster.vq import kmeans2

    given = np.asarray(answers, dtype=np.float64)
    if not 1 <= count <= len(given):
        raise InputError(f"{count} people are wanted of {len(given)}", remedy="ask for fewer")
    with np.errstate(invalid="ignore"):
        counts = np.maximum(np.isfinite(given).sum(axis=0), 1)
        means = np.nansum(given, axis=0) / counts
        filled = np.where(np.isfinite(given), given, means)
    spread = filled.std(axis=0)
    scaled = (filled - filled.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    different = len(np.unique(scaled, axis=0))
    start = scaled[rng.choice(len(scaled), size=count, replace=False)]
    centres = start
    if different > count:
        centres = kmeans2(scaled, _plus_plus(scaled, count, rng), minit="matrix", iter=_ITERATIONS, missing="warn")[0]
    elif different == count:
        centres = np.unique(scaled, axis=0)
    chosen: list[int] = []
    free = np.ones(len(scaled), dtype=np.bool_)
    for centre in centres:
        distances = ((scaled - centre) ** 2).sum(axis=1)
        distances[~free] = np.inf
        nearest = int(distances.argmin())
        free[nearest] = False
        chosen.append(nearest)
    return np.array(chosen, dtype=np.int64)


def _plus_plus(points: NDArray[np.float64], count: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Starts that lie apart (Arthur & Vassilvitskii, 2007)."""
    chosen = [int(rng.integers(len(points)))]
    distances = ((points - points[chosen[0]]) ** 2).sum(axis=1)
    while len(chosen) < count:
        chosen.append(int(rng.choice(len(points), p=distances / distances.sum())))
        distances = np.minimum(distances, ((points - points[chosen[-1]]) ** 2).sum(axis=1))
    return points[chosen]
