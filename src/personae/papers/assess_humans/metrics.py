"""How much assessments agree: over runs, over orders of the options, over groups.

Each published score is ``alpha / (alpha + D)``, D being a mean Euclidean distance between vectors of percentages. The
form is as our notes of the paper have it; the constant is not certain, so that the distances themselves are the
findings to read.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def similarity(distance: float, alpha: float) -> float:
    """A distance as a score: 1 for none, one half at ``alpha``.

    Example:
        >>> similarity(0.0, 10.0), similarity(10.0, 10.0)
        (1.0, 0.5)
    """
    return alpha / (alpha + distance)


def distances_to_mean(runs: Floats) -> Floats:
    """Distance of each run's vector to the mean of all; runs with a gap are left out."""
    known = runs[np.isfinite(runs).all(axis=1)]
    away: Floats = np.linalg.norm(known - known.mean(axis=0), axis=1) if len(known) else np.array([])
    return away


def distance_of_means(first: Floats, second: Floats) -> float:
    """Distance between two mean vectors; NaN if either is unknown."""
    a, b = _mean(first), _mean(second)
    return float(np.linalg.norm(a - b)) if np.isfinite(a).all() and np.isfinite(b).all() else math.nan


def expected_by_noise(first: Floats, second: Floats) -> float:
    """Distance between two means that runs of one and the same vector would have by chance alone.

    Root of the summed variances of both means: what a difference has to exceed to mean anything.
    """
    a, b = (runs[np.isfinite(runs).all(axis=1)] for runs in (first, second))
    if len(a) < 2 or len(b) < 2:
        return math.nan
    variance = a.var(axis=0, ddof=1) / len(a) + b.var(axis=0, ddof=1) / len(b)
    return math.sqrt(float(variance.sum()))


def _mean(runs: Floats) -> Floats:
    known = runs[np.isfinite(runs).all(axis=1)]
    mean: Floats = known.mean(axis=0) if len(known) else np.full(runs.shape[1], np.nan)
    return mean
