"""The bootstrap: the right unit, the right coverage, the same draws for the same seed."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from personae.errors import InputError
from personae.stats import bootstrap
from personae.stats.bootstrap import interval_of_draws

Floats = NDArray[np.float64]


def mean(values: Floats) -> float:
    return float(values.mean())


@pytest.mark.slow
@pytest.mark.parametrize("method", ["percentile", "bca"])
def test_the_interval_of_a_mean_covers(method: str) -> None:
    rng, held = np.random.default_rng(0), 0
    for _ in range(2000):
        found = bootstrap(mean, rng.normal(size=60), rng=rng, resamples=400, method=method)  # type: ignore[arg-type]
        held += found.low <= 0 <= found.high
    assert 0.925 < held / 2000 < 0.97


@pytest.mark.slow
def test_resampling_clusters_covers_where_resampling_values_does_not() -> None:
    rng, times = np.random.default_rng(1), 800
    clusters = np.repeat(np.arange(40), 5)
    whole = single = 0
    for _ in range(times):
        values = rng.normal(size=40)[clusters] + rng.normal(0, 0.3, 200)
        one = bootstrap(mean, values, rng=rng, resamples=300, clusters=clusters)
        other = bootstrap(mean, values, rng=rng, resamples=300, method="percentile")
        whole += one.low <= 0 <= one.high
        single += other.low <= 0 <= other.high
    assert 0.92 < whole / times < 0.975
    assert single / times < 0.8


def spread(values: Floats) -> float:
    return float(values.std())


def test_bca_moves_the_interval_of_a_skewed_statistic_to_where_scipy_has_it() -> None:
    from scipy import stats

    values = np.random.default_rng(2).exponential(size=80)
    ours = bootstrap(spread, values, rng=np.random.default_rng(3), resamples=4000)
    theirs = stats.bootstrap(
        (values,), np.std, n_resamples=4000, method="BCa", rng=np.random.default_rng(4)
    ).confidence_interval
    plain = bootstrap(spread, values, rng=np.random.default_rng(3), resamples=4000, method="percentile")
    width = theirs.high - theirs.low
    assert abs(ours.low - theirs.low) < 0.06 * width
    assert abs(ours.high - theirs.high) < 0.06 * width
    assert ours.high > plain.high + 0.1 * width


def test_the_same_generator_gives_the_same_interval_and_the_estimate_is_that_of_all_values() -> None:
    values = np.random.default_rng(8).normal(4.0, 1.0, 40)
    first, again, other = (bootstrap(mean, values, rng=np.random.default_rng(seed)) for seed in (0, 0, 1))
    assert (first.low, first.high) == (again.low, again.high) != (other.low, other.high)
    assert first.estimate == mean(values)
    assert first.low < first.estimate < first.high


def test_rows_of_a_matrix_stay_together_and_gaps_are_counted() -> None:
    rows = np.column_stack([np.arange(30.0), np.arange(30.0) * 2])
    rows[3, 1] = np.nan
    found = bootstrap(
        lambda x: float(np.corrcoef(x[:, 0], x[:, 1])[0, 1]), rows, rng=np.random.default_rng(0), resamples=50
    )
    assert (found.n, found.missing) == (29, 1)
    assert found.estimate == pytest.approx(1.0)
    assert found.low == pytest.approx(1.0)


def test_fewer_than_two_units_have_no_interval() -> None:
    assert "two units" in bootstrap(mean, [1.0], rng=np.random.default_rng(0)).note
    found = bootstrap(mean, [1.0, 2.0, 3.0], rng=np.random.default_rng(0), clusters=["a", "a", "a"])
    assert "two units" in found.note
    assert "two units" in bootstrap(mean, [math.nan, math.nan], rng=np.random.default_rng(0)).note


def test_a_statistic_that_fails_in_most_resamples_says_so() -> None:
    found = bootstrap(lambda _: math.nan, [1.0, 2.0, 3.0], rng=np.random.default_rng(0), resamples=100)
    assert math.isnan(found.low)
    assert "no interval" in found.note


def test_one_cluster_for_each_value_is_wanted() -> None:
    with pytest.raises(InputError, match="3 values have 2 clusters"):
        bootstrap(mean, [1.0, 2.0, 3.0], rng=np.random.default_rng(0), clusters=["a", "b"])


def test_draws_that_are_not_numbers_are_left_out() -> None:
    draws = np.concatenate([np.linspace(0, 1, 101), [math.nan, math.inf]])
    assert interval_of_draws(0.5, draws, 0.9) == pytest.approx((0.05, 0.95))


@pytest.mark.slow
@pytest.mark.parametrize("method", ["percentile", "bca"])
@pytest.mark.parametrize(("units", "size"), [(16, 1), (16, 10), (32, 10)])
def test_the_interval_covers_with_few_units(method: str, units: int, size: int) -> None:
    rng, held, times = np.random.default_rng(12), 0, 2000
    clusters = np.repeat(np.arange(units), size)
    for _ in range(times):
        values = rng.normal(size=units)[clusters] + rng.normal(size=units * size)
        found = bootstrap(mean, values, rng=rng, resamples=400, clusters=clusters, method=method)  # type: ignore[arg-type]
        held += found.low <= 0 <= found.high
    assert 0.93 < held / times < 0.97


def test_a_method_or_level_that_is_unknown_is_refused_and_so_is_a_single_number() -> None:
    rng = np.random.default_rng(0)
    with pytest.raises(InputError, match="method"):
        bootstrap(mean, [1.0, 2.0], rng=rng, method="BCA")  # type: ignore[arg-type]
    with pytest.raises(InputError, match="level"):
        bootstrap(mean, [1.0, 2.0], rng=rng, level=95)
    with pytest.raises(InputError, match="single number"):
        bootstrap(mean, 3.0, rng=rng)
