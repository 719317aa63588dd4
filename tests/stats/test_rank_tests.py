"""Rank tests and the gate between them and t tests: agreement with scipy, coverage, what cannot be tested."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from scipy import stats

from personae.errors import InputError
from personae.stats import (
    Estimate,
    anova,
    gated_test,
    mann_whitney,
    normality_gate,
)
from support.coverage import LIKERT, VALUES, A, B, coverage, is_nan


@pytest.mark.parametrize("method", ["auto", "asymptotic", "exact"])
@pytest.mark.parametrize("continuity", [True, False])
def test_the_rank_test_agrees_with_scipy(method: str, continuity: bool) -> None:
    rng = np.random.default_rng(4)
    a, b = rng.normal(1, 1, 7), rng.normal(0, 1, 9)
    found = mann_whitney(a, b, p_method=method, continuity=continuity)  # type: ignore[arg-type]
    theirs = stats.mannwhitneyu(a, b, method=method, use_continuity=continuity)
    assert (found.statistic, found.p_value) == (theirs.statistic, theirs.pvalue)
    assert found.estimate == pytest.approx(theirs.statistic / 63)
    assert found.conventions == ("ties=half", f"p={method}", f"continuity={continuity}")


@settings(deadline=None)
@given(VALUES, VALUES)
def test_superiority_counts_pairs_and_its_complement_is_inferiority(a: list[float], b: list[float]) -> None:
    found, back = mann_whitney(a, b), mann_whitney(b, a)
    pairs = [(x > y) + (x == y) / 2 for x in a for y in b]
    assert found.estimate == pytest.approx(np.mean(pairs))
    assert (back.low, back.high) == pytest.approx((1 - found.high, 1 - found.low), nan_ok=True, abs=1e-6)
    if not is_nan(found.low):
        assert 0 <= found.low <= found.estimate <= found.high <= 1
        assert found.low < found.high


@pytest.mark.slow
@pytest.mark.parametrize("d", [0.0, 0.5, 1.0, 2.0])
@pytest.mark.parametrize("size", [20, 40, 160])
def test_the_interval_of_superiority_covers(d: float, size: int) -> None:
    truth = float(stats.norm.cdf(d / math.sqrt(2)))

    def draw(rng: np.random.Generator) -> Estimate:
        return mann_whitney(rng.normal(d, 1, size), rng.normal(0, 1, size), p_method="asymptotic")

    assert 0.93 < coverage(draw, truth, times=2000) < 0.975


@pytest.mark.slow
@pytest.mark.parametrize("shares", LIKERT)
@pytest.mark.parametrize("size", [20, 40, 160])
def test_the_interval_of_superiority_covers_on_five_point_scales(
    shares: tuple[tuple[float, ...], tuple[float, ...]], size: int
) -> None:
    pa, pb = shares
    truth = sum(pa[x] * pb[y] * ((x > y) + (x == y) / 2) for x in range(5) for y in range(5))

    def draw(rng: np.random.Generator) -> Estimate:
        return mann_whitney(rng.choice(5, size, p=pa), rng.choice(5, size, p=pb), p_method="asymptotic")

    assert 0.93 < coverage(draw, truth, times=2000) < 0.98


@pytest.mark.slow
@pytest.mark.parametrize("d", [3.0, 4.0])
@pytest.mark.parametrize("size", [15, 40, 160])
def test_near_the_edge_the_interval_is_rather_too_wide_than_too_narrow(d: float, size: int) -> None:
    truth = float(stats.norm.cdf(d / math.sqrt(2)))

    def draw(rng: np.random.Generator) -> Estimate:
        return mann_whitney(rng.normal(d, 1, size), rng.normal(0, 1, size), p_method="asymptotic")

    assert coverage(draw, truth, times=2000) > 0.94


def test_groups_that_do_not_overlap_keep_an_interval() -> None:
    found = mann_whitney([5, 6, 7, 8, 9], [1, 2, 3, 4])
    assert (found.estimate, found.high) == (1.0, 1.0)
    assert 0.3 < found.low < 0.8
    more = mann_whitney(np.arange(200, 300), np.arange(100))
    assert more.low > 0.95
    below = mann_whitney([1, 2, 3, 4], [5, 6, 7, 8, 9])
    assert (below.estimate, below.low) == (0.0, 0.0)
    assert below.high == pytest.approx(1 - found.low)


def test_where_no_two_values_differ_there_is_no_rank_test() -> None:
    found = mann_whitney([3, 3, 3], [3, 3])
    assert found.estimate == 0.5
    assert is_nan(found.low, found.high, found.p_value)
    assert found.note == "no two values differ"


def test_an_unknown_way_to_p_is_refused() -> None:
    with pytest.raises(InputError, match="p_method 'fast'"):
        mann_whitney(A, B, p_method="fast")  # type: ignore[arg-type]


# The gate


def test_the_gate_agrees_with_scipy() -> None:
    values = np.random.default_rng(5).exponential(1, 60)
    found, theirs = normality_gate(values), stats.normaltest(values)
    assert (found.estimate, found.p_value) == pytest.approx((theirs.statistic, theirs.pvalue))
    assert found.n == 60


def test_a_test_statistic_has_no_interval() -> None:
    found = normality_gate(np.arange(30.0))
    assert is_nan(found.low, found.high)
    assert "no interval" in found.note
    assert "rough" not in found.note
    assert "rough" in normality_gate(np.arange(10.0)).note


def test_the_gate_lets_normal_values_pass_about_as_often_as_it_says() -> None:
    rng = np.random.default_rng(6)
    p_values = np.array([normality_gate(rng.standard_normal(150)).p_value for _ in range(1500)], dtype=float)
    assert float(np.mean(p_values < 0.05)) == pytest.approx(0.05, abs=0.02)
    skewed = [normality_gate(rng.exponential(1, 150)).p_value for _ in range(50)]
    assert all(p is not None and p < 0.05 for p in skewed)


def test_what_cannot_be_tested_has_no_gate() -> None:
    for values in ([1.0] * 20, [1.0, 2.0, 3.0]):
        found = normality_gate(values)
        assert is_nan(found.estimate, found.p_value)
        assert found.note


def test_two_normal_groups_are_compared_by_anova() -> None:
    rng = np.random.default_rng(8)
    a, b = rng.normal(1, 1, 80), rng.normal(0, 1, 80)
    found = gated_test(a, b)
    assert (found.estimate, found.p_value) == pytest.approx((anova(a, b).estimate, anova(a, b).p_value))
    assert found.conventions[:2] == ("test=ANOVA", "gate_alpha=0.05")
    assert found.details["gate_p_first"] == pytest.approx(stats.normaltest(a).pvalue)
    assert found.details["gate_p_second"] == pytest.approx(stats.normaltest(b).pvalue)
    assert "both groups pass" in found.method


@pytest.mark.parametrize("side", [0, 1])
def test_one_skewed_group_is_enough_for_the_rank_test(side: int) -> None:
    rng = np.random.default_rng(9)
    groups = [rng.normal(1, 1, 80), rng.exponential(1, 80)]
    a, b = groups[side], groups[1 - side]
    found = gated_test(a, b)
    assert (found.estimate, found.p_value) == (mann_whitney(a, b).estimate, mann_whitney(a, b).p_value)
    assert found.conventions[0] == "test=Mann-Whitney"
    assert "not both groups pass" in found.method


def test_the_gate_follows_its_alpha() -> None:
    rng = np.random.default_rng(10)
    a, b = rng.normal(0, 1, 60), rng.normal(0, 1, 60)
    smallest = min(found.p_value or 0.0 for found in (normality_gate(a), normality_gate(b)))
    assert gated_test(a, b, alpha=smallest * 0.99).conventions[0] == "test=ANOVA"
    assert gated_test(a, b, alpha=smallest * 1.01).conventions[0] == "test=Mann-Whitney"


def test_groups_that_cannot_be_gated_are_compared_by_ranks() -> None:
    rng = np.random.default_rng(11)
    for group in ([5.0] * 40, [1.0, 2.0, 3.0]):
        found = gated_test(group, rng.normal(0, 1, 40))
        assert found.conventions[0] == "test=Mann-Whitney"
        assert is_nan(found.details["gate_p_first"])
        assert "untestable" in found.method
