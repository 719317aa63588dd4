"""One factor by minimum residuals: planted loadings, the right minimum, the hard cases."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import optimize

from personae.stats.factor import one_factor

Floats = NDArray[np.float64]


def residual(covariance: Floats, loadings: Floats) -> float:
    """Sum of squared residual correlations off the diagonal."""
    scale = np.sqrt(np.diag(covariance))
    left = (covariance - np.outer(loadings, loadings)) / np.outer(scale, scale)
    np.fill_diagonal(left, 0.0)
    return float((left**2).sum())


def sample(rng: np.random.Generator, loadings: Floats, n: int = 300) -> Floats:
    rows = rng.normal(size=(n, 1)) * loadings + rng.normal(size=(n, len(loadings))) * np.sqrt(1 - loadings**2)
    return np.cov(rows, rowvar=False)


def test_planted_loadings_are_found_in_the_units_of_the_items() -> None:
    loadings, scale = np.array([0.9, 0.5, -0.4, 0.7]), np.array([1.0, 3.0, 2.0, 0.5])
    correlation = np.outer(loadings, loadings)
    np.fill_diagonal(correlation, 1.0)
    found, is_heywood = one_factor((correlation * np.outer(scale, scale))[None])
    assert found[0] == pytest.approx(loadings * scale, abs=1e-5)
    assert not is_heywood[0]


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(3, 9))
def test_no_general_minimiser_finds_a_better_fit(seed: int, items: int) -> None:
    rng = np.random.default_rng(seed)
    covariance = sample(rng, rng.uniform(0.3, 0.9, items))
    found, _ = one_factor(covariance[None])
    scale = np.sqrt(np.diag(covariance))
    best = optimize.minimize(
        lambda x: residual(covariance, x * scale), found[0] / scale, bounds=[(-1.0, 1.0)] * items, method="L-BFGS-B"
    )
    assert residual(covariance, found[0]) <= best.fun + 1e-7


def test_many_matrices_are_solved_as_each_alone() -> None:
    rng = np.random.default_rng(0)
    covariances = np.stack([sample(rng, rng.uniform(0.2, 0.9, 5)) for _ in range(20)])
    together, _ = one_factor(covariances)
    for covariance, loadings in zip(covariances, together, strict=True):
        assert one_factor(covariance[None])[0][0] == pytest.approx(loadings, abs=1e-5)


def test_loadings_point_where_most_items_point() -> None:
    rng = np.random.default_rng(1)
    found, _ = one_factor(sample(rng, np.array([-0.8, -0.7, -0.6, 0.2]))[None])
    assert found[0].sum() >= 0
    assert found[0][:3].min() > 0 > found[0][3]


def test_a_communality_cannot_exceed_the_variance_of_its_item() -> None:
    correlation = np.array([[1.0, 0.9, 0.9], [0.9, 1.0, 0.4], [0.9, 0.4, 1.0]])  # wants a loading of 1.42
    found, is_heywood = one_factor(correlation[None])
    assert is_heywood[0]
    assert np.abs(found).max() <= 1.0 + 1e-9


def test_an_item_without_variance_has_no_loading() -> None:
    covariance = np.zeros((4, 4))
    covariance[:3, :3] = sample(np.random.default_rng(2), np.array([0.8, 0.7, 0.6]))
    found, _ = one_factor(covariance[None])
    assert found[0][3] == 0.0
    assert np.isfinite(found).all()
