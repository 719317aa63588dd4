"""Correlations of what lies behind categories: a normal variable that was cut, and only the piece is seen."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike

from personae.errors import InputError
from personae.stats.samples import Floats

_NODES = 48
_MOST = 0.9999


def thresholds_of(shares: ArrayLike) -> Floats:
    """Where a standard normal is cut so that the pieces have these shares; one threshold less than pieces.

    Example:
        >>> [round(float(cut), 2) for cut in thresholds_of([0.5, 0.5])]
        [0.0]
    """
    from scipy.special import ndtri

    cuts: Floats = ndtri(np.clip(np.cumsum(np.asarray(shares, dtype=np.float64))[:-1], 1e-12, 1 - 1e-12))
    return cuts


def polychoric(first_codes: ArrayLike, second_codes: ArrayLike, *, weights: ArrayLike | None = None) -> float:
    """Correlation of two normal variables of which ordered categories are seen, by two steps.

    Thresholds come from the margins; the correlation is the one whose implied covariance of the category numbers,
    ``sum over thresholds of Phi2(a, b; rho) - Phi(a) Phi(b)`` (Hoeffding, 1940), is the covariance that is seen. The
    bivariate normal is integrated over ``asin(rho)`` (Drezner & Wesolowsky, 1990).

    When to use: for two ordinal or binary columns; Pearson on category numbers is too small.

    Args:
        first_codes: Category numbers from 0, in order.
        second_codes: Those of the other column.
        weights: How many people each pair stands for; all alike if not given.

    Raises:
        InputError: If a column has one category only, or they differ in length.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> x, e = rng.standard_normal((2, 20000))
        >>> y = 0.6 * x + 0.8 * e
        >>> abs(polychoric((x > 0).astype(int), (y > 1).astype(int)) - 0.6) < 0.03
        True
    """
    from scipy.optimize import brentq

    x, y = np.asarray(first_codes, dtype=np.int64), np.asarray(second_codes, dtype=np.int64)
    if x.shape != y.shape or x.ndim != 1:
        raise InputError(f"{x.size} values are paired with {y.size}", where="polychoric", remedy="give pairs")
    a, b = (_thresholds_of_codes(codes, weights) for codes in (x, y))
    seen = _covariance(x.astype(np.float64), y.astype(np.float64), weights)

    def implied(rho: float) -> float:
        return _implied_covariance(a, b, rho) - seen

    low, high = implied(-_MOST), implied(_MOST)
    if low >= 0:
        return -1.0
    if high <= 0:
        return 1.0
    return float(brentq(implied, -_MOST, _MOST, xtol=1e-6))


def polyserial(scores: ArrayLike, codes: ArrayLike, *, weights: ArrayLike | None = None) -> float:
    """Correlation of a normal variable with one of which ordered categories are seen, by two steps.

    ``cov(z, category number) = rho x sum of phi(threshold)``, solved for rho (Olsson, Drasgow & Dorans, 1982).

    Args:
        scores: Standard normal scores of the continuous column (see :func:`normal_scores`).
        codes: Category numbers from 0, in order.
        weights: How many people each pair stands for; all alike if not given.

    Raises:
        InputError: If there is one category only, or they differ in length.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> x, e = rng.standard_normal((2, 20000))
        >>> abs(polyserial(x, (0.6 * x + 0.8 * e > 0).astype(int)) - 0.6) < 0.02
        True
    """
    z, x = np.asarray(scores, dtype=np.float64), np.asarray(codes, dtype=np.int64)
    if z.shape != x.shape or z.ndim != 1:
        raise InputError(f"{z.size} values are paired with {x.size}", where="polyserial", remedy="give pairs")
    density = np.exp(-0.5 * _thresholds_of_codes(x, weights) ** 2) / np.sqrt(2 * np.pi)
    covariance = _covariance(z, x.astype(np.float64), weights)
    spread = np.sqrt(_covariance(z, z, weights))
    return float(np.clip(covariance / density.sum() / spread, -1.0, 1.0)) if spread > 0 else 0.0


def weighted_correlation(first: ArrayLike, second: ArrayLike, *, weights: ArrayLike | None = None) -> float:
    """Pearson's correlation of weighted pairs; 0 where one side never varies.

    Example:
        >>> round(weighted_correlation([0.0, 1.0, 1.0], [0.0, 1.0, 0.0], weights=[1, 1, 0]), 6)
        1.0
    """
    x, y = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    scale = np.sqrt(_covariance(x, x, weights) * _covariance(y, y, weights))
    return float(np.clip(_covariance(x, y, weights) / scale, -1.0, 1.0)) if scale > 0 else 0.0


def normal_scores(values: ArrayLike, *, weights: ArrayLike | None = None) -> Floats:
    """Standard normal scores of values by their ranks, ties at their middle (van der Waerden).

    With weights, a rank is the weight of all that is smaller and half of what is equal.

    Example:
        >>> [round(float(z), 2) for z in normal_scores([3.0, 1.0, 2.0])]
        [0.67, -0.67, 0.0]
    """
    from scipy.special import ndtri
    from scipy.stats import rankdata

    given = np.asarray(values, dtype=np.float64)
    if weights is None:
        scores: Floats = ndtri(rankdata(given) / (len(given) + 1.0))
        return scores
    _, places = np.unique(given, return_inverse=True)
    mass = np.bincount(places, np.asarray(weights, dtype=np.float64))
    middle = (np.cumsum(mass) - mass / 2) / mass.sum()
    weighted: Floats = ndtri(np.clip(middle, 1e-9, 1 - 1e-9))[places]
    return weighted


def nearest_correlation(matrix: ArrayLike, *, least: float = 1e-8) -> Floats:
    """A correlation matrix beside one that was put together from pairs and is none: eigenvalues clipped, diagonal 1.

    Example:
        >>> odd = [[1, 0.9, -0.9], [0.9, 1, 0.9], [-0.9, 0.9, 1]]
        >>> bool(np.linalg.eigvalsh(nearest_correlation(odd))[0] > 0)
        True
    """
    given = np.asarray(matrix, dtype=np.float64)
    values, vectors = np.linalg.eigh((given + given.T) / 2)
    if values[0] >= least:
        return given
    mended = (vectors * np.clip(values, least, None)) @ vectors.T
    scale = np.sqrt(np.diag(mended))
    mended = mended / np.outer(scale, scale)
    np.fill_diagonal(mended, 1.0)
    return np.asarray(mended, dtype=np.float64)


def _covariance(x: Floats, y: Floats, weights: ArrayLike | None) -> float:
    own = None if weights is None else np.asarray(weights, dtype=np.float64)
    return float(np.average(x * y, weights=own) - np.average(x, weights=own) * np.average(y, weights=own))


def _thresholds_of_codes(
    codes: np.ndarray[tuple[int, ...], np.dtype[np.int64]], weights: ArrayLike | None = None
) -> Floats:
    counts = np.bincount(codes, None if weights is None else np.asarray(weights, dtype=np.float64))
    if np.count_nonzero(counts) < 2:
        raise InputError("has one category only", where="latent correlation", remedy="leave this column out")
    return thresholds_of(counts / counts.sum())


def _implied_covariance(a: Floats, b: Floats, rho: float) -> float:
    """Sum over all pairs of thresholds of ``Phi2 - Phi Phi``: one integral over the angle, by Gauss-Legendre."""
    nodes, weights = _gauss()
    top = np.arcsin(rho)
    angles = top * (nodes + 1) / 2
    h, k = a[:, None, None], b[None, :, None]
    inner = np.exp(-(h**2 + k**2 - 2 * h * k * np.sin(angles)) / (2 * np.cos(angles) ** 2))
    return float((inner @ (weights * top / 2)).sum() / (2 * np.pi))


@lru_cache(maxsize=1)
def _gauss() -> tuple[Floats, Floats]:
    nodes, weights = np.polynomial.legendre.leggauss(_NODES)
    return np.asarray(nodes), np.asarray(weights)


def normal_cdf(values: ArrayLike) -> Floats:
    """Distribution function of the standard normal.

    Example:
        >>> float(normal_cdf(0.0))
        0.5
    """
    from scipy.special import ndtr

    found: Floats = ndtr(np.asarray(values, dtype=np.float64))
    return found
