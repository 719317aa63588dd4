"""The inversions are checked against SciPy where SciPy is safe, against drawn values where it is not, and at limits."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from personae.stats.noncentral import noncentral_f_interval, noncentral_t_interval

LEVELS = st.sampled_from([0.8, 0.9, 0.95, 0.99])


@pytest.mark.parametrize("df", [2, 5, 18, 60, 318])
@pytest.mark.parametrize("t", [0.0, 0.3, 1.7, 4.0, 12.0, 40.0])
def test_t_limits_leave_half_of_the_rest_on_either_side(t: float, df: int) -> None:
    low, high = noncentral_t_interval(t, df, 0.95)
    assert stats.nct.sf(t, df, low) == pytest.approx(0.025, rel=1e-5)
    assert stats.nct.cdf(t, df, high) == pytest.approx(0.025, rel=1e-5)


@pytest.mark.parametrize("df1", [1, 2, 6, 31])
@pytest.mark.parametrize("f", [1.0, 3.0, 9.0, 60.0])
def test_f_limits_leave_half_of_the_rest_on_either_side(f: float, df1: int) -> None:
    low, high = noncentral_f_interval(f, df1, 90, 0.95)
    if low > 0:
        assert stats.ncf.sf(f, df1, 90, low) == pytest.approx(0.025, rel=1e-5)
    if high > 0:
        assert stats.ncf.cdf(f, df1, 90, high) == pytest.approx(0.025, rel=1e-5)


def probability(draw: Callable[[np.random.Generator], np.ndarray[tuple[int], np.dtype[np.bool_]]]) -> float:
    return float(np.mean([draw(np.random.default_rng(seed)).mean() for seed in range(8)]))


@pytest.mark.parametrize(("t", "df"), [(134.16, 318), (69.8, 318), (300.0, 8), (9.0, 1), (5000.0, 40)])
def test_t_limits_hold_against_drawn_values_where_effects_are_huge(t: float, df: int) -> None:
    """t = 134 is d = 15 among 160 + 160 values; 1.6 million draws tell a tail of .025 to .0004."""
    low, high = noncentral_t_interval(t, df, 0.95)

    def drawn(rng: np.random.Generator, delta: float) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        return (rng.standard_normal(200_000) + delta) / np.sqrt(rng.chisquare(df, 200_000) / df)

    assert probability(lambda rng: drawn(rng, low) >= t) == pytest.approx(0.025, abs=0.0006)
    assert probability(lambda rng: drawn(rng, high) <= t) == pytest.approx(0.025, abs=0.0006)


@pytest.mark.parametrize(("f", "df1", "df2"), [(18_000.0, 1, 318), (900.0, 4, 30), (2.5e6, 1, 100)])
def test_f_limits_hold_against_drawn_values_where_effects_are_huge(f: float, df1: int, df2: int) -> None:
    low, high = noncentral_f_interval(f, df1, df2, 0.95)

    def drawn(rng: np.random.Generator, noncentrality: float) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        return rng.noncentral_f(df1, df2, noncentrality, 200_000)

    assert probability(lambda rng: drawn(rng, low) >= f) == pytest.approx(0.025, abs=0.0006)
    assert probability(lambda rng: drawn(rng, high) <= f) == pytest.approx(0.025, abs=0.0006)


def test_the_f_limit_of_two_groups_passes_ten_thousand_where_scipy_stops() -> None:
    low, high = noncentral_f_interval(18_000.0, 1, 318, 0.95)
    assert 10_000 < low < 18_000 < high
    t_low, t_high = noncentral_t_interval(math.sqrt(18_000.0), 318, 0.95)
    assert (math.sqrt(low), math.sqrt(high)) == pytest.approx((t_low, t_high), rel=1e-6)


@pytest.mark.parametrize("df", [1, 2, 10, 318, 10_000])
def test_for_t_without_bound_only_the_spread_of_s_is_left(df: int) -> None:
    low, high = noncentral_t_interval(1e9, df, 0.95)
    edges = [math.sqrt(float(stats.chi2.ppf(p, df)) / df) for p in (0.025, 0.975)]
    assert (low / 1e9, high / 1e9) == pytest.approx(edges, rel=2e-3)


def test_many_degrees_of_freedom_give_the_normal_interval() -> None:
    low, high = noncentral_t_interval(2.0, 10_000_000, 0.95)
    assert (low, high) == pytest.approx((2 - 1.959964, 2 + 1.959964), abs=1e-4)


def test_an_f_below_chance_has_no_noncentrality() -> None:
    assert noncentral_f_interval(0.0, 2, 30, 0.95) == (0.0, 0.0)
    low, high = noncentral_f_interval(1.0, 2, 30, 0.95)
    assert low == 0.0
    assert high > 0


@settings(deadline=None, max_examples=60)
@given(st.floats(-200, 200), st.integers(1, 5000), LEVELS)
def test_t_limits_surround_t_nearly_and_turn_with_its_sign(t: float, df: int, level: float) -> None:
    low, high = noncentral_t_interval(t, df, level)
    assert low < high
    assert noncentral_t_interval(-t, df, level) == (-high, -low)
    wide_low, wide_high = noncentral_t_interval(t, df, 0.999)
    assert wide_low < low
    assert high < wide_high


@settings(deadline=None, max_examples=40)
@given(st.floats(0, 500), st.integers(1, 40), st.integers(2, 2000), LEVELS)
def test_f_limits_are_ordered_and_rise_with_f(f: float, df1: int, df2: int, level: float) -> None:
    low, high = noncentral_f_interval(f, df1, df2, level)
    assert 0 <= low <= high
    higher_low, higher_high = noncentral_f_interval(f + 1, df1, df2, level)
    assert higher_low >= low - 1e-6
    assert higher_high >= high - 1e-6


def test_limits_are_quick_enough_for_a_table_of_hundreds() -> None:
    import time

    start = time.process_time()
    for t in np.linspace(-20, 20, 100):
        noncentral_t_interval(float(t), 318, 0.95)
    assert time.process_time() - start < 2  # some 20 ms here; a search that went astray takes minutes
