"""One common factor by minimum residuals, for many covariance matrices at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from personae.stats.samples import Floats

_MOST_STEPS = 500
_PRECISION = 1e-7


def one_factor(covariances: Floats) -> tuple[Floats, NDArray[np.bool_]]:
    """Loadings of one common factor (Harman & Jones, 1966): the rank-one fit to what is off the diagonal.

    From the first principal axis on, each loading in turn is set to the value that leaves the smallest residuals, until
    none moves, which is the minimum-residual solution. A communality that would exceed the variance of its item is held
    at it.

    Args:
        covariances: Matrices by items by items.

    Returns:
        Loadings, matrices by items, turned so that their sum is not negative; and for each matrix whether a communality
        was held (a Heywood case).

    Example:
        >>> found, _ = one_factor(np.array([[[1.0, 0.56, 0.48], [0.56, 1.0, 0.42], [0.48, 0.42, 1.0]]]))
        >>> np.round(found[0], 2)
        array([0.8, 0.7, 0.6])
    """
    variances = np.diagonal(covariances, axis1=1, axis2=2).copy()
    scale = np.sqrt(np.where(variances > 0, variances, 1.0))
    correlations = covariances / (scale[:, :, None] * scale[:, None, :])
    places = np.arange(covariances.shape[-1])
    off_diagonal = np.abs(correlations)
    off_diagonal[:, places, places] = 0.0
    reduced = correlations.copy()
    reduced[:, places, places] = off_diagonal.max(axis=2)
    values, vectors = np.linalg.eigh(reduced)
    loadings = vectors[:, :, -1] * np.sqrt(np.clip(values[:, -1:], 0.0, None))
    correlations[:, places, places] = 0.0
    squares = (loadings**2).sum(axis=1)
    for _ in range(_MOST_STEPS):
        before = loadings.copy()
        for item in places:
            others = squares - loadings[:, item] ** 2
            wanted = np.einsum("bj,bj->b", correlations[:, item], loadings)
            best = np.divide(wanted, others, out=np.zeros_like(wanted), where=others > _PRECISION**2)
            loadings[:, item] = np.clip(best, -1.0, 1.0)
            squares = others + loadings[:, item] ** 2
        if np.abs(loadings - before).max() < _PRECISION:
            break
    signs = np.where(loadings.sum(axis=1, keepdims=True) < 0, -1.0, 1.0)
    is_heywood: NDArray[np.bool_] = (loadings**2 > 1.0 - 1e-6).any(axis=1)
    return loadings * signs * scale, is_heywood
