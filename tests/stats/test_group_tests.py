"""Tests of a difference: p against SciPy, intervals by planted truth, and what happens where nothing varies."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats

from personae.errors import InputError
from personae.stats import (
    Estimate,
    anova,
    cluster_difference,
    cluster_mean,
    gated_test,
    mann_whitney,
    normality_gate,
    one_sample_t,
    paired_t,
    student_t,
    welch_t,
)

A = [4.0, 5.0, 6.0, 5.0, 8.0, 2.0]
B = [1.0, 2.0, 3.0, 2.0]
VALUES = st.lists(st.integers(-20, 20).map(lambda value: value / 2), min_size=2, max_size=15)
LIKERT = (
    ((0.1, 0.2, 0.3, 0.25, 0.15), (0.4, 0.3, 0.2, 0.07, 0.03)),
    ((0.01, 0.04, 0.1, 0.25, 0.6), (0.85, 0.1, 0.03, 0.015, 0.005)),
)


def coverage(draw: Callable[[np.random.Generator], Estimate], truth: float, *, times: int = 4000) -> float:
    """Share of intervals that hold the truth."""
    rng = np.random.default_rng(22)
    found = [draw(rng) for _ in range(times)]
    return float(np.mean([one.low <= truth <= one.high for one in found]))


def is_nan(*values: float | None) -> bool:
    return all(value is not None and math.isnan(value) for value in values)


# t tests


@pytest.mark.parametrize("equal", [True, False])
def test_t_tests_agree_with_scipy(equal: bool) -> None:
    ours = (student_t if equal else welch_t)(A, B, level=0.9)
    theirs = stats.ttest_ind(A, B, equal_var=equal)
    interval = theirs.confidence_interval(0.9)
    assert (ours.statistic, ours.p_value) == pytest.approx((theirs.statistic, theirs.pvalue))
    assert (ours.low, ours.high, ours.details["df"]) == pytest.approx((interval.low, interval.high, theirs.df))
    assert ours.estimate == pytest.approx(3.0)
    assert (ours.n, ours.missing, ours.level) == (10, 0, 0.9)


def test_paired_and_one_sample_tests_agree_with_scipy() -> None:
    a, b = A[2:], B
    ours, theirs = paired_t(a, b), stats.ttest_rel(a, b)
    interval = theirs.confidence_interval(0.95)
    assert (ours.statistic, ours.p_value, ours.low, ours.high) == pytest.approx(
        (theirs.statistic, theirs.pvalue, interval.low, interval.high)
    )
    alone, one = one_sample_t(A, 3), stats.ttest_1samp(A, 3)
    assert alone.estimate == pytest.approx(np.mean(A) - 3)
    assert (alone.statistic, alone.p_value) == pytest.approx((one.statistic, one.pvalue))


@pytest.mark.parametrize(("na", "nb", "spread"), [(10, 30, 3.0), (30, 10, 3.0), (12, 12, 1.0)])
def test_the_welch_interval_covers_whatever_the_spreads(na: int, nb: int, spread: float) -> None:
    assert 0.93 < coverage(lambda rng: welch_t(rng.normal(2, spread, na), rng.normal(0, 1, nb)), 2.0) < 0.97


def test_the_student_interval_covers_only_where_spreads_are_equal() -> None:
    assert 0.93 < coverage(lambda rng: student_t(rng.normal(2, 1, 10), rng.normal(0, 1, 30)), 2.0) < 0.97
    assert coverage(lambda rng: student_t(rng.normal(2, 3, 10), rng.normal(0, 1, 30)), 2.0) < 0.9


def test_paired_and_one_sample_intervals_cover() -> None:
    def pairs(rng: np.random.Generator) -> Estimate:
        unit = rng.normal(0, 3, 12)
        return paired_t(unit + rng.normal(0.5, 1, 12), unit + rng.normal(0, 1, 12))

    assert 0.93 < coverage(pairs, 0.5) < 0.97
    assert 0.93 < coverage(lambda rng: one_sample_t(rng.normal(3.5, 1, 6), 3), 0.5) < 0.97


@settings(deadline=None)
@given(VALUES, VALUES)
def test_differences_change_sign_when_groups_change_places(a: list[float], b: list[float]) -> None:
    for test in (welch_t, student_t):
        forth, back = test(a, b), test(b, a)
        assert back.estimate == pytest.approx(-forth.estimate)
        assert (back.low, back.high) == pytest.approx((-forth.high, -forth.low), nan_ok=True)
        assert back.p_value == pytest.approx(forth.p_value, nan_ok=True)


@settings(deadline=None)
@given(st.lists(st.sampled_from([1.0, 2.0, 5.0, math.nan]), max_size=9), st.integers(0, 9))
def test_n_and_missing_sum_to_all_units(values: list[float], shift: int) -> None:
    other = values[shift % (len(values) or 1) :] + values[: shift % (len(values) or 1)]
    assert (found := paired_t(values, other)).n + found.missing == len(values)
    assert (alone := one_sample_t(values)).n + alone.missing == len(values)
    for found in (welch_t(values, other), student_t(values, other), mann_whitney(values, other)):
        assert found.n + found.missing == 2 * len(values)
    clustered = cluster_mean(values, list(range(len(values))))
    assert clustered.n + clustered.missing == len(values)


def test_without_variation_a_difference_claims_neither_interval_nor_p() -> None:
    for found in (
        welch_t([2, 2, 2], [1, 1, 1]),
        student_t([2, 2, 2], [1, 1, 1]),
        paired_t([2, 3, 4], [1, 2, 3]),
        one_sample_t([2, 2], 1),
    ):
        assert found.estimate == pytest.approx(1.0)
        assert is_nan(found.low, found.high, found.p_value)
        assert found.note.startswith("no variation")


def test_rounding_in_differences_is_no_variation() -> None:
    a = np.array([0.1, 0.7, 1.1, 2.3])
    found = paired_t(a + 0.2, a)
    assert found.estimate == pytest.approx(0.2)
    assert is_nan(found.p_value)
    assert is_nan(one_sample_t(a * 3 / 3 - a + 1e6, 1e6).p_value)


def test_one_group_may_be_constant() -> None:
    found = welch_t([2, 2, 2], [1, 2, 3])
    assert found.details["df"] == pytest.approx(2)
    assert found.estimate == 0


def test_too_few_values_have_no_test() -> None:
    for found in (welch_t([1], [1, 2]), student_t([], [1, 2]), mann_whitney([1], [1, 2]), anova([1], [1, 2])):
        assert is_nan(found.estimate, found.low, found.high, found.p_value)
        assert "fewer than two values" in found.note
    assert is_nan(paired_t([], []).estimate)
    single = paired_t([3], [1])
    assert single.estimate == 2
    assert is_nan(single.low, single.p_value)


def test_pairs_of_unequal_length_are_refused() -> None:
    with pytest.raises((InputError, ValueError)):
        paired_t([1, 2], [1, 2, 3])


@pytest.mark.parametrize("level", [0, 1, 95])
def test_a_level_that_is_none_is_refused(level: float) -> None:
    for test in (welch_t, student_t, paired_t, mann_whitney, anova):
        with pytest.raises(InputError, match="level"):
            test([1.0, 2.0, 3.0], [2.0, 3.0, 5.0], level=level)


# Clusters


def in_clusters(
    rng: np.random.Generator, mean: float, sizes: Sequence[int]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    codes = np.repeat(np.arange(len(sizes)), sizes)
    return mean + rng.normal(0, 1, len(sizes))[codes] + rng.normal(0, 1, len(codes)), codes


def test_the_cluster_mean_is_the_mean_of_cluster_means() -> None:
    values, clusters = [1.0, 3.0, 5.0, 5.0, 8.0, 10.0], ["a", "a", "b", "b", "b", "c"]
    found, means = cluster_mean(values, clusters), [2.0, 6.0, 10.0]
    theirs = stats.ttest_1samp(means, 0)
    interval = theirs.confidence_interval(0.95)
    assert found.estimate == pytest.approx(6.0)
    assert (found.low, found.high, found.p_value) == pytest.approx((interval.low, interval.high, theirs.pvalue))
    assert (found.n, found.details["clusters"], found.details["df"]) == (6, 3, 2)


def test_with_clusters_of_one_size_it_is_the_cluster_robust_interval() -> None:
    values, codes = in_clusters(np.random.default_rng(1), 3.0, [5] * 8)
    found = cluster_mean(values, codes)
    sums = np.bincount(codes, values - values.mean())
    robust = math.sqrt(8 / 7 * float((sums**2).sum())) / len(values)
    assert found.estimate == pytest.approx(values.mean())
    assert found.details["standard_error"] == pytest.approx(robust)


@pytest.mark.parametrize("sizes", [[10] * 6, [1, 2, 10, 10, 3, 1, 8, 5]])
def test_the_interval_of_the_cluster_mean_covers(sizes: list[int]) -> None:
    assert 0.93 < coverage(lambda rng: cluster_mean(*in_clusters(rng, 3.0, sizes)), 3.0) < 0.97


def test_the_interval_of_the_cluster_difference_covers_and_that_of_values_does_not() -> None:
    def draw(rng: np.random.Generator, *, is_clustered: bool) -> Estimate:
        a, codes_a = in_clusters(rng, 1.0, [10] * 8)
        b, codes_b = in_clusters(rng, 0.0, [4] * 12)
        return cluster_difference(a, b, codes_a, codes_b) if is_clustered else welch_t(a, b)

    assert 0.93 < coverage(lambda rng: draw(rng, is_clustered=True), 1.0) < 0.97
    assert coverage(lambda rng: draw(rng, is_clustered=False), 1.0) < 0.8


def test_the_cluster_difference_is_welchs_test_on_cluster_means() -> None:
    rng = np.random.default_rng(2)
    (a, codes_a), (b, codes_b) = in_clusters(rng, 1, [3, 4, 5]), in_clusters(rng, 0, [2, 2, 6, 1])
    found = cluster_difference(a, b, codes_a, codes_b)
    plain = welch_t([a[codes_a == code].mean() for code in range(3)], [b[codes_b == code].mean() for code in range(4)])
    assert (found.estimate, found.low, found.high, found.p_value) == pytest.approx(
        (plain.estimate, plain.low, plain.high, plain.p_value)
    )
    assert (found.n, found.details["clusters"]) == (23, 7)


def test_one_value_a_cluster_is_no_clustering() -> None:
    found, plain = cluster_difference(A, B, range(6), range(4)), welch_t(A, B)
    assert (found.low, found.high, found.p_value) == pytest.approx((plain.low, plain.high, plain.p_value))


def test_one_cluster_has_a_mean_without_interval() -> None:
    found = cluster_mean([1, 2, 3], ["u", "u", "u"])
    assert (found.estimate, found.n) == (2, 3)
    assert is_nan(found.low, found.high, found.p_value)


def test_labels_must_match_values() -> None:
    with pytest.raises((InputError, ValueError)):
        cluster_mean([1, 2, 3], ["u", "u"])


# Analysis of variance


def test_anova_agrees_with_scipy_and_for_two_groups_with_student() -> None:
    groups = (A, B, [0.0, 1.0, 7.0])
    found, theirs = anova(*groups), stats.f_oneway(*groups)
    assert (found.statistic, found.p_value) == pytest.approx((theirs.statistic, theirs.pvalue))
    assert (found.details["df1"], found.details["df2"], found.n) == (2, 10, 13)
    two = anova(A, B)
    assert two.p_value == pytest.approx(student_t(A, B).p_value)


def test_a_single_group_is_refused() -> None:
    with pytest.raises(InputError, match="at least two"):
        anova([1, 2, 3])


def test_groups_without_variation_have_no_anova() -> None:
    found = anova([1, 1], [2, 2], [3, 3], level=0.9)
    assert is_nan(found.estimate, found.p_value)
    assert (found.note, found.level) == ("no variation within the groups", 0.9)


# Mann-Whitney


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


@pytest.mark.oracle
@pytest.mark.filterwarnings("ignore")
def test_tests_agree_with_pingouin() -> None:
    pingouin = pytest.importorskip("pingouin")
    theirs = pingouin.ttest(A, B, correction=True).iloc[0]
    assert welch_t(A, B).p_value == pytest.approx(theirs["p_val"])
    ranks = pingouin.mwu(A, B, method="asymptotic").iloc[0]
    ours = mann_whitney(A, B, p_method="asymptotic")
    assert (ours.estimate, ours.p_value) == pytest.approx((ranks["CLES"], ranks["p_val"]))
