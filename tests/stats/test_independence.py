"""Independence tests: level under independence, power against shapes that a correlation does not see, faults."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from personae.errors import InputError
from personae.stats import INDEPENDENCE_TESTS, chi_square, g_square, hsic, kci, rcit
from personae.stats.samples import Floats

KERNEL = ("kci", "rcit", "hsic")


def circle(n: int, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Two variables without correlation that depend on each other."""
    angle = rng.uniform(0, 2 * np.pi, n)
    return np.cos(angle) + rng.normal(0, 0.1, n), np.sin(angle) + rng.normal(0, 0.1, n)


@pytest.mark.parametrize("name", KERNEL)
def test_the_level_is_held_under_independence(name: str) -> None:
    rng = np.random.default_rng(1)
    hits, runs = 0, 150
    for _ in range(runs):
        found = INDEPENDENCE_TESTS[name](rng.normal(size=80), rng.exponential(size=80), rng)
        assert found.p_value is not None
        hits += found.p_value < 0.05
    assert hits / runs <= 0.11


@pytest.mark.parametrize("name", KERNEL)
def test_dependence_without_correlation_is_found(name: str) -> None:
    rng = np.random.default_rng(2)
    x, y = circle(200, rng)
    assert stats.pearsonr(x, y).pvalue > 0.05
    found = INDEPENDENCE_TESTS[name](x, y, rng)
    assert found.p_value is not None
    assert found.p_value < 0.01
    assert 0 < found.estimate <= 1


def test_many_dimensions_are_taken_as_one_variable() -> None:
    rng = np.random.default_rng(3)
    faces = rng.normal(size=(300, 8))
    trait = np.tanh(faces[:, 2]) + rng.normal(0, 0.3, 300)
    for name in KERNEL:
        found = INDEPENDENCE_TESTS[name](trait, faces, rng)
        assert found.p_value is not None
        assert found.p_value < 0.05, name
    assert hsic(faces, faces, rng=rng, permutations=20).estimate == pytest.approx(1)


def test_tables_agree_with_scipy() -> None:
    rng = np.random.default_rng(4)
    a = rng.integers(0, 3, 200)
    b = (a + rng.integers(0, 2, 200)) % 4
    counts = np.array([[int(((a == i) & (b == j)).sum()) for j in range(4)] for i in range(3)])
    assert chi_square(a, b).p_value == pytest.approx(stats.chi2_contingency(counts, correction=False).pvalue)
    assert g_square(a, b).p_value == pytest.approx(
        stats.chi2_contingency(counts, correction=False, lambda_="log-likelihood").pvalue
    )
    assert chi_square(a, a).estimate == pytest.approx(1)


def test_what_cannot_be_tested_has_no_p_value() -> None:
    rng = np.random.default_rng(5)
    constant, varying = np.ones(50), rng.normal(size=50)
    for name, test in INDEPENDENCE_TESTS.items():
        found = test(constant, varying, rng)
        assert found.p_value is None, name
        assert np.isnan(found.estimate)
        assert found.note == "nothing varies"
        assert INDEPENDENCE_TESTS[name](constant[:0], varying[:0], rng).p_value is None


def test_missing_values_are_set_aside_and_counted() -> None:
    rng = np.random.default_rng(6)
    x, y = circle(120, rng)
    x[:10] = np.nan
    for name in KERNEL:
        assert (INDEPENDENCE_TESTS[name](x, y, rng).n, INDEPENDENCE_TESTS[name](x, y, rng).missing) == (110, 10)
    assert chi_square(np.array(["a", None, "", "b", "a", "b"], dtype=object), [1, 1, 1, 2, 1, 2]).missing == 2
    with pytest.raises(InputError, match="paired"):
        kci(x, y[:-1], rng=rng)
    with pytest.raises(InputError, match="paired"):
        chi_square(["a"], [1, 2])


def test_of_too_many_units_a_sample_is_taken_and_told() -> None:
    rng = np.random.default_rng(7)
    x, y = circle(400, rng)
    found = kci(x, y, rng=rng, most_rows=100)
    assert found.n == 100
    assert "100 of 400" in found.note
    assert rcit(x, y, rng=rng).n == 400


def test_small_expected_counts_are_told() -> None:
    assert "expected count" in chi_square(["a", "b", "b"], [1, 1, 2]).note
