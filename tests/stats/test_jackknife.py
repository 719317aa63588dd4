"""The jackknife: known formulas, planted truth."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from personae.stats.jackknife import covariances_without_each, degrees_of_freedom, jackknife_interval


def means_without(values: NDArray[np.float64]) -> NDArray[np.float64]:
    means: NDArray[np.float64] = (values.sum() - values) / (len(values) - 1)
    return means


def test_for_a_mean_it_is_the_standard_error_of_the_mean_and_no_bias() -> None:
    values = np.random.default_rng(0).normal(size=40)
    found = jackknife_interval(float(values.mean()), means_without(values), 0.95)
    assert found.details["standard_error"] == pytest.approx(values.std(ddof=1) / math.sqrt(40))
    assert found.details["bias"] == pytest.approx(0.0, abs=1e-12)
    assert found.details["units"] == 40


def test_the_known_bias_of_the_population_variance_is_taken_out() -> None:
    values = np.random.default_rng(1).normal(size=25)
    without = np.array([np.delete(values, index).var() for index in range(25)])
    found = jackknife_interval(float(values.var()), without, 0.95)
    middle = (found.low + found.high) / 2
    assert middle == pytest.approx(values.var(ddof=1))


def test_the_complement_keeps_the_interval_below_1() -> None:
    without = np.array([0.98, 0.995, 0.97, 0.99, 0.96])
    plain = jackknife_interval(0.98, without, 0.95)
    found = jackknife_interval(0.98, without, 0.95, scale="complement")
    assert plain.high > 1 > found.high


@pytest.mark.parametrize("bad", [math.nan, math.inf, 1.0])
def test_a_unit_without_which_there_is_no_value_leaves_no_interval(bad: float) -> None:
    found = jackknife_interval(0.5, np.array([0.4, bad, 0.6]), 0.95, scale="complement")
    assert math.isnan(found.low)
    assert math.isnan(found.high)
    assert "without one unit" in found.note


def test_a_wider_level_gives_a_wider_interval() -> None:
    without = np.random.default_rng(2).normal(0.5, 0.01, 30)
    narrow, wide = (jackknife_interval(0.5, without, level) for level in (0.8, 0.99))
    assert wide.low < narrow.low < narrow.high < wide.high


def test_one_unit_that_stands_out_costs_degrees_of_freedom() -> None:
    even = np.array([-1.0, 1.0] * 15) + np.linspace(-0.4, 0.4, 30)
    assert degrees_of_freedom(even, 29) == 29
    assert degrees_of_freedom(np.append(even, 30.0), 30) < 3
    assert degrees_of_freedom(np.zeros(10), 9) == 9


@given(st.integers(0, 10_000))
def test_covariances_without_each_unit_are_those_of_the_rows_that_are_left(seed: int) -> None:
    rng = np.random.default_rng(seed)
    rows, codes = rng.normal(5, 2, (12, 3)), rng.permutation(np.repeat(np.arange(4), 3))
    found = covariances_without_each(rows, codes)
    for unit in range(4):
        assert found[unit] == pytest.approx(np.cov(rows[codes != unit], rowvar=False, ddof=0))
