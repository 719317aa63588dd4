"""Settings that stand out: principal components of the trait scores, then density clusters in their plane.

The published reference for the components is the grid of all 5^5 possible profiles. Its five eigenvalues are equal, so
that any plane is as good as another and the result depends on which one the software happens to return. The reference
here is the data; the published one is reported over all planes of two traits.
"""

from __future__ import annotations

import itertools

import numpy as np
from numpy.typing import NDArray

from personae.stats import Estimate, proportion

Floats = NDArray[np.float64]
EPS, MIN_POINTS = 0.30, 20


def noise_points(points: Floats, eps: float = EPS, min_points: int = MIN_POINTS) -> NDArray[np.bool_]:
    """Points that DBSCAN (Ester et al., 1996) leaves in no cluster: no core point, and none within reach of one.

    A core point has at least ``min_points`` points within ``eps``, itself included.

    Example:
        >>> cloud = np.zeros((30, 2))
        >>> int(noise_points(np.vstack([cloud, [[5.0, 5.0]]])).sum())
        1
    """
    from scipy.spatial import cKDTree

    if not len(points):
        return np.zeros(0, dtype=bool)
    tree = cKDTree(points)
    counts = np.asarray(tree.query_ball_point(points, eps, return_length=True))
    is_core = counts >= min_points
    if not is_core.any():
        return np.ones(len(points), dtype=bool)
    nearest, _ = cKDTree(points[is_core]).query(points)
    is_noise: NDArray[np.bool_] = np.asarray(nearest) > eps
    return is_noise


def outlier_share(scores: Floats) -> Estimate:
    """Share of settings that stand out in the plane of the first two components of the data."""
    known = scores[np.isfinite(scores).all(axis=1)]
    missing = len(scores) - len(known)
    if len(known) < 3:
        return proportion(0, 0, missing=missing)
    centred = known - known.mean(axis=0)
    _, _, axes = np.linalg.svd(centred, full_matrices=False)
    return proportion(int(noise_points(centred @ axes[:2].T).sum()), len(known), missing=missing)


def outlier_share_on_grid(scores: Floats) -> Estimate:
    """Share of settings that stand out in a plane of the grid: mean and extremes over pairs of traits."""
    known = scores[np.isfinite(scores).all(axis=1)]
    nan = float("nan")
    if not len(known):
        return Estimate(nan, nan, nan, n=0, missing=len(scores), note="no complete profile")
    shares = [
        float(noise_points(known[:, [first, second]]).mean())
        for first, second in itertools.combinations(range(known.shape[1]), 2)
    ]
    return Estimate(
        float(np.mean(shares)),
        min(shares),
        max(shares),
        n=len(known),
        missing=len(scores) - len(known),
        method="mean over the planes of two traits; bounds are the extremes",
        note="the grid's eigenvalues are equal, so that which plane is used is arbitrary",
    )
