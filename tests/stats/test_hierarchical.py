"""A planted general factor is told from group factors, and a scale without one is not said to have it."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from personae.errors import InputError
from personae.stats.hierarchical import omega_hierarchical, schmid_leiman

Floats = NDArray[np.float64]


def planted(general: float, group: float, *, facets: int = 3, each: int = 4) -> tuple[Floats, float, float]:
    """Correlations of a bifactor scale, with its ω hierarchical and total."""
    items = facets * each
    own = np.kron(np.eye(facets), np.full((each, 1), group))
    sigma = general**2 * np.ones((items, items)) + own @ own.T
    np.fill_diagonal(sigma, 1.0)
    total = float(sigma.sum())
    common = (general * items) ** 2
    return sigma, common / total, 1 - items * (1 - general**2 - group**2) / total


@pytest.mark.parametrize(("general", "group"), [(0.6, 0.4), (0.4, 0.6), (0.7, 0.3)])
@pytest.mark.parametrize("facets", [3, 5])
def test_exact_correlations_give_the_exact_solution(general: float, group: float, facets: int) -> None:
    sigma, hierarchical, total = planted(general, group, facets=facets)
    found = schmid_leiman(sigma, facets)
    assert found.general == pytest.approx(np.full(len(sigma), general), abs=2e-3)
    assert found.general.sum() ** 2 / sigma.sum() == pytest.approx(hierarchical, abs=5e-3)
    assert 1 - found.unique.sum() / sigma.sum() == pytest.approx(total, abs=5e-3)


def test_units_of_items_do_not_matter() -> None:
    sigma, _, _ = planted(0.6, 0.4)
    scale = np.linspace(0.5, 2, len(sigma))
    found = schmid_leiman(sigma * np.outer(scale, scale), 3)
    assert found.general / scale == pytest.approx(np.full(len(sigma), 0.6), abs=2e-3)


def test_samples_recover_it_with_honest_intervals() -> None:
    sigma, hierarchical, total = planted(0.6, 0.45)
    root = np.linalg.cholesky(sigma)
    rng = np.random.default_rng(0)
    held, estimates = [], []
    for _ in range(12):
        found = omega_hierarchical(rng.normal(size=(400, 12)) @ root.T, rng=rng, resamples=60)
        held.append(found.hierarchical.low <= hierarchical <= found.hierarchical.high)
        estimates.append((found.hierarchical.estimate, found.total.estimate))
    assert np.mean(held) >= 0.8
    assert np.mean(estimates, axis=0) == pytest.approx([hierarchical, total], abs=0.035)


def test_facets_without_a_general_factor_have_little_of_one() -> None:
    sigma, _, total = planted(0.0, 0.75)
    rows = np.random.default_rng(1).normal(size=(1000, 12)) @ np.linalg.cholesky(sigma).T
    found = omega_hierarchical(rows, rng=np.random.default_rng(2), resamples=50)
    assert found.hierarchical.estimate < 0.35
    assert found.hierarchical.low < 0.25
    assert found.total.estimate == pytest.approx(total, abs=0.03)


def test_two_facets_share_their_correlation_alike() -> None:
    sigma, hierarchical, _ = planted(0.6, 0.4, facets=2, each=5)
    found = schmid_leiman(sigma, 2)
    assert found.general.sum() ** 2 / sigma.sum() == pytest.approx(hierarchical, abs=0.01)


def test_what_has_no_solution_says_why() -> None:
    rng = np.random.default_rng(2)
    few = omega_hierarchical(rng.normal(size=(50, 6)), rng=rng)
    assert math.isnan(few.hierarchical.estimate)
    assert "need 9 items" in few.total.note
    rows = rng.normal(size=(50, 9))
    rows[0, 0] = np.nan
    rows[:, 1] = 1
    gap = omega_hierarchical(rows, rng=rng).total
    assert (gap.n, gap.missing) == (49, 1)
    assert "alike" in gap.note
    with pytest.raises(InputError, match="one group factor"):
        omega_hierarchical(rows, rng=rng, factors=1)


@pytest.mark.oracle
@pytest.mark.filterwarnings("ignore")
def test_the_rotation_is_that_of_statsmodels() -> None:
    rotation = pytest.importorskip("statsmodels.multivariate.factor_rotation")
    from personae.stats.hierarchical import _rotate

    rng = np.random.default_rng(3)
    loadings = np.kron(np.eye(3), np.full((4, 1), 0.7)) + 0.1 * rng.normal(size=(12, 3))
    other, _ = rotation.rotate_factors(loadings, "quartimin")
    own, _ = _rotate(loadings @ np.linalg.qr(rng.normal(size=(3, 3)))[0])
    best = [max(abs(np.corrcoef(one, two)[0, 1]) for two in other.T) for one in own.T]
    assert min(best) > 0.9999
