"""Correlations behind categories, held against planted truth and against exact values."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from personae.errors import InputError
from personae.stats.latent_correlation import nearest_correlation, normal_scores, polychoric, polyserial
from personae.stats.samples import Floats


def pair(rho: float, n: int, seed: int) -> tuple[Floats, Floats]:
    x, e = np.random.default_rng(seed).standard_normal((2, n))
    return x, rho * x + math.sqrt(1 - rho**2) * e


@pytest.mark.parametrize("rho", [-0.9, -0.4, 0.0, 0.3, 0.8, 0.95])
def test_planted_correlations_are_found(rho: float) -> None:
    x, y = pair(rho, 100_000, 7)
    a, b = np.digitize(x, [-0.5, 0.9]), np.digitize(y, [-1.0, 0.0, 0.7])
    assert polychoric(a, b) == pytest.approx(rho, abs=0.012)
    assert polyserial(normal_scores(x), b) == pytest.approx(rho, abs=0.012)


def test_medians_have_the_closed_form() -> None:
    """For two variables cut at 0, P(both above) = 1/4 + asin(rho) / 2 pi (Sheppard, 1898)."""
    rho = 0.5
    both = 0.25 + math.asin(rho) / (2 * math.pi)
    counts = np.rint(np.array([both, 0.5 - both, 0.5 - both, both]) * 1_200_000).astype(int)
    a, b = np.repeat([1, 1, 0, 0], counts), np.repeat([1, 0, 1, 0], counts)
    assert polychoric(a, b) == pytest.approx(rho, abs=1e-5)


def test_perfect_agreement_is_one_and_order_reversed_is_minus_one() -> None:
    codes = np.array([0, 1, 2] * 50)
    assert polychoric(codes, codes) == pytest.approx(1, abs=1e-3)
    assert polychoric(codes, 2 - codes) == pytest.approx(-1, abs=1e-3)


def test_one_category_and_unequal_lengths_are_refused() -> None:
    with pytest.raises(InputError, match="one category"):
        polychoric([0, 0], [0, 1])
    with pytest.raises(InputError, match="paired"):
        polyserial([0.0], [0, 1])


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(-1, 1), min_size=6, max_size=6))
def test_the_nearest_matrix_is_a_correlation_matrix_and_a_good_one_is_left_alone(values: list[float]) -> None:
    matrix = np.eye(4)
    matrix[np.triu_indices(4, 1)] = values
    matrix = matrix + matrix.T - np.eye(4)
    found = nearest_correlation(matrix)
    assert np.linalg.eigvalsh(found)[0] > -1e-9
    assert np.allclose(np.diag(found), 1)
    if np.linalg.eigvalsh(matrix)[0] > 1e-6:
        assert np.allclose(found, matrix)
