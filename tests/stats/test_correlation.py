"""Correlations: against SciPy and Pingouin, against planted truth, at the edges."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats

from personae.errors import InputError
from personae.stats import Estimate, pearson, point_biserial, spearman, student_t

X = [1.0, 2.0, 2.5, 4.0, 3.0, 7.0]
Y = [2.0, 1.0, 4.0, 3.0, 5.0, 6.0]
NUMBERS = st.integers(-60, 60).map(lambda value: value / 4)
PAIRS = st.lists(st.tuples(NUMBERS, NUMBERS), min_size=4, max_size=20)
Correlation = Callable[..., Estimate]


def coverage(draw: Callable[[np.random.Generator], Estimate], truth: float, *, times: int = 4000) -> float:
    """Share of intervals that hold the truth."""
    rng = np.random.default_rng(21)
    found = [draw(rng) for _ in range(times)]
    return float(np.mean([one.low <= truth <= one.high for one in found]))


def bivariate(rng: np.random.Generator, rho: float, n: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    x, noise = rng.standard_normal((2, n))
    return x, rho * x + math.sqrt(1 - rho**2) * noise


def test_pearson_agrees_with_scipy() -> None:
    ours, theirs = pearson(X, Y, level=0.9), stats.pearsonr(X, Y)
    interval = theirs.confidence_interval(0.9)
    assert ours.estimate == pytest.approx(theirs.statistic)
    assert ours.p_value == pytest.approx(theirs.pvalue)
    assert (ours.low, ours.high) == pytest.approx((interval.low, interval.high))
    assert (ours.n, ours.level) == (6, 0.9)


def test_spearman_agrees_with_scipy_ties_included() -> None:
    x, y = [1, 2, 2, 3, 5, 5, 5, 9], [2, 1, 4, 4, 6, 7, 5, 5]
    ours, theirs = spearman(x, y), stats.spearmanr(x, y)
    assert ours.estimate == pytest.approx(theirs.statistic)
    assert ours.p_value == pytest.approx(theirs.pvalue)


def test_the_interval_of_spearman_is_that_of_bonett_and_wright() -> None:
    found = spearman(X, Y)
    half = 1.959964 * math.sqrt((1 + found.estimate**2 / 2) / 3)
    z = math.atanh(found.estimate)
    assert (found.low, found.high) == pytest.approx((math.tanh(z - half), math.tanh(z + half)), abs=1e-6)


def test_point_biserial_is_the_pooled_t_test_on_another_scale() -> None:
    binary, values = [0, 0, 1, 1, 1, 0], X
    found = point_biserial(binary, values)
    theirs = stats.pointbiserialr(binary, values)
    groups = [v for v, b in zip(X, binary, strict=True) if b], [v for v, b in zip(X, binary, strict=True) if not b]
    t_test = student_t(*groups)
    assert found.estimate == pytest.approx(theirs.statistic)
    assert found.p_value == pytest.approx(theirs.pvalue)
    assert (found.p_value, found.statistic) == pytest.approx((t_test.p_value, t_test.statistic))
    assert (found.details["n_high"], found.details["n_low"], found.details["df"]) == (3, 3, 4)


@pytest.mark.parametrize("rho", [0.0, 0.4, 0.9])
@pytest.mark.parametrize("n", [10, 60])
def test_the_interval_of_pearson_covers(rho: float, n: int) -> None:
    assert 0.93 < coverage(lambda rng: pearson(*bivariate(rng, rho, n)), rho) < 0.97


@pytest.mark.parametrize("rho", [0.0, 0.4, 0.8])
def test_the_interval_of_spearman_covers(rho: float) -> None:
    truth = 6 / math.pi * math.asin(rho / 2)
    assert 0.93 < coverage(lambda rng: spearman(*bivariate(rng, rho, 60)), truth) < 0.97


@pytest.mark.parametrize("d", [0.0, 0.5, 2.0, 8.0])
@pytest.mark.parametrize("sizes", [(10, 10), (40, 12), (160, 160)])
def test_the_interval_of_point_biserial_covers(d: float, sizes: tuple[int, int]) -> None:
    n = sum(sizes)
    share = sizes[0] / n
    truth = d * math.sqrt(share * (1 - share) / (1 + d**2 * share * (1 - share)))
    binary = np.repeat([True, False], sizes)
    found = coverage(lambda rng: point_biserial(binary, rng.standard_normal(n) + d * binary), truth)
    assert 0.93 < found < 0.97


def test_fishers_interval_would_not_do_for_a_planted_pole() -> None:
    poles = np.repeat([1.0, -1.0], 40)
    truth = 3 / math.sqrt(1 + 9)
    fisher = coverage(lambda rng: pearson(poles, rng.standard_normal(80) + 3 * poles), truth, times=2000)
    exact = coverage(lambda rng: point_biserial(poles, rng.standard_normal(80) + 3 * poles), truth, times=2000)
    assert fisher > 0.98
    assert 0.93 < exact < 0.97


@pytest.mark.parametrize("correlate", [pearson, spearman])
@settings(deadline=None)
@given(pairs=PAIRS)
def test_the_order_of_pairs_and_of_variables_does_not_matter(
    correlate: Correlation, pairs: list[tuple[float, float]]
) -> None:
    x, y = [a for a, _ in pairs], [b for _, b in pairs]
    found, turned, other = correlate(x, y), correlate(y, x), correlate(x[::-1], y[::-1])
    for one in (turned, other):
        assert (one.estimate, one.low, one.high, one.p_value) == pytest.approx(
            (found.estimate, found.low, found.high, found.p_value), nan_ok=True
        )


@settings(deadline=None)
@given(PAIRS, st.floats(0.05, 20), st.floats(-50, 50))
def test_r_knows_neither_unit_nor_origin_and_turns_with_the_sign(
    pairs: list[tuple[float, float]], unit: float, origin: float
) -> None:
    x, y = np.array(pairs).T
    found = pearson(x, y)
    assume(found.note == "")
    moved, turned = pearson(unit * x + origin, y), pearson(-x, y)
    assert (moved.estimate, moved.low, moved.high) == pytest.approx((found.estimate, found.low, found.high), abs=1e-6)
    assert (turned.estimate, turned.low, turned.high) == pytest.approx((-found.estimate, -found.high, -found.low))
    assert -1 <= found.low <= found.estimate <= found.high <= 1


@settings(deadline=None)
@given(PAIRS)
def test_ranks_know_only_order(pairs: list[tuple[float, float]]) -> None:
    x, y = np.array(pairs).T
    found, bent = spearman(x, y), spearman(x**3, np.exp(y / 4))
    assert (bent.estimate, bent.p_value) == pytest.approx((found.estimate, found.p_value), nan_ok=True)


def test_very_large_and_very_small_numbers_correlate_as_others_do() -> None:
    x, y = np.array(X), np.array(Y)
    expected = pearson(x, y).estimate
    assert pearson(x * 1e200, y * 1e-200).estimate == pytest.approx(expected)


@pytest.mark.parametrize("correlate", [pearson, spearman, point_biserial])
def test_pairs_that_miss_a_value_are_set_aside_and_counted(correlate: Correlation) -> None:
    nan = math.nan
    binary = [0.0, 1.0, 1.0, 0.0, 1.0]
    whole = correlate(binary, [1.0, 5.0, 4.0, 2.0, 6.0])
    found = correlate([*binary, nan, 1.0, nan], [1.0, 5.0, 4.0, 2.0, 6.0, 1.0, nan, nan])
    assert (found.estimate, found.low, found.n, found.missing) == (whole.estimate, whole.low, 5, 3)


@pytest.mark.parametrize("correlate", [pearson, spearman, point_biserial])
@pytest.mark.parametrize(("x", "y"), [([], []), ([1, 1, 1, 1], [1, 2, 3, 4]), ([0, 1, 0, 1], [2, 2, 2, 2])])
def test_what_does_not_vary_correlates_with_nothing(correlate: Correlation, x: list[float], y: list[float]) -> None:
    found = correlate(x, y, level=0.9)
    assert math.isnan(found.estimate)
    assert math.isnan(found.low)
    assert found.p_value is not None
    assert math.isnan(found.p_value)
    assert found.note
    assert found.level == 0.9


def test_rounding_is_no_variation() -> None:
    assert math.isnan(pearson([0.3, 0.1 + 0.2, 0.3, 0.3], [1, 2, 3, 4]).estimate)


@pytest.mark.parametrize("correlate", [pearson, spearman])
def test_a_perfect_correlation_claims_no_interval_of_no_width(correlate: Correlation) -> None:
    for sign in (1, -1):
        found = correlate([1, 2, 3, 4, 5], [sign * value for value in (2, 4, 6, 8, 10)])
        assert found.estimate == pytest.approx(sign)
        assert math.isnan(found.low)
        assert math.isnan(found.high)
        assert found.p_value == 0
        assert "determine" in found.note


def test_three_pairs_have_a_correlation_without_interval() -> None:
    found = pearson([1, 2, 4], [1, 3, 2])
    assert found.estimate == pytest.approx(stats.pearsonr([1, 2, 4], [1, 3, 2]).statistic)
    assert math.isnan(found.low)
    assert "four pairs" in found.note


def test_groups_without_spread_have_no_point_biserial() -> None:
    found = point_biserial([0, 0, 1, 1], [2, 2, 5, 5])
    assert math.isnan(found.estimate)
    assert found.note == "no variation within the groups"


def test_a_group_of_one_is_enough() -> None:
    found = point_biserial([1, 0, 0, 0], [9, 1, 2, 3])
    assert found.estimate == pytest.approx(stats.pointbiserialr([1, 0, 0, 0], [9, 1, 2, 3]).statistic)
    assert found.low < found.estimate < found.high


def test_the_higher_of_two_codes_is_the_positive_side() -> None:
    for codes in ([0, 0, 1, 1], [-1, -1, 1, 1], [1, 1, 2, 2], [False, False, True, True]):
        assert point_biserial(codes, [1, 2, 5, 6]).estimate > 0.9


def test_three_codes_are_refused() -> None:
    with pytest.raises(InputError, match="3 different values"):
        point_biserial([0, 1, 2], [1, 2, 3])


def test_sides_of_unequal_length_are_refused() -> None:
    for correlate in (pearson, spearman, point_biserial):
        with pytest.raises((InputError, ValueError)):
            correlate([1, 2, 3], [1, 2])


@pytest.mark.parametrize("correlate", [pearson, spearman, point_biserial])
def test_a_level_that_is_none_is_refused(correlate: Correlation) -> None:
    with pytest.raises(InputError, match="level"):
        correlate([0, 1, 0, 1], [1, 2, 3, 4], level=95)


@pytest.mark.oracle
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("method", ["pearson", "spearman"])
def test_estimates_agree_with_pingouin(method: str) -> None:
    pingouin = pytest.importorskip("pingouin")
    theirs = pingouin.corr(X, Y, method=method).iloc[0]
    ours = pearson(X, Y) if method == "pearson" else spearman(X, Y)
    assert ours.estimate == pytest.approx(theirs["r"])
    if method == "pearson":
        assert (ours.low, ours.high) == pytest.approx(tuple(theirs["CI95"]), abs=0.006)  # Pingouin rounds its bounds
