"""Tests of a difference: p against SciPy, intervals by planted truth, and what happens where nothing varies."""

from __future__ import annotations

import math
from collections.abc import Sequence

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
    mann_whitney,
    one_sample_t,
    paired_t,
    student_t,
    welch_t,
)
from support.coverage import VALUES, A, B, coverage, is_nan

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


@pytest.mark.oracle
@pytest.mark.filterwarnings("ignore")
def test_tests_agree_with_pingouin() -> None:
    pingouin = pytest.importorskip("pingouin")
    theirs = pingouin.ttest(A, B, correction=True).iloc[0]
    assert welch_t(A, B).p_value == pytest.approx(theirs["p_val"])
    ranks = pingouin.mwu(A, B, method="asymptotic").iloc[0]
    ours = mann_whitney(A, B, p_method="asymptotic")
    assert (ours.estimate, ours.p_value) == pytest.approx((ranks["CLES"], ranks["p_val"]))
