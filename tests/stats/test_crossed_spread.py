"""Spread over people who met the same items: planted differences, no differences, items of unequal difficulty."""

from __future__ import annotations

import numpy as np
import pytest

from personae.errors import InputError
from personae.stats import balanced_matrix, crossed_spread
from personae.stats.crossed_spread import spread_of_means


def test_without_differences_the_excess_is_nought_and_the_test_holds_its_level() -> None:
    rng = np.random.default_rng(1)
    excess, hits = [], 0
    for _ in range(200):
        difficulty = rng.uniform(0.05, 0.95, 30)
        answers = (rng.random((20, 30)) < difficulty).astype(float)
        found = crossed_spread(answers, rng=rng, permutations=99, resamples=20)
        excess.append(found.excess.estimate)
        hits += found.excess.p_value is not None and found.excess.p_value <= 0.05
    assert abs(np.mean(excess)) < 3 * np.std(excess) / np.sqrt(200)
    assert hits / 200 <= 0.09


def test_a_planted_variance_is_found_above_the_floor() -> None:
    rng = np.random.default_rng(2)
    found = []
    for _ in range(60):
        people = np.repeat([0.3, 0.7], 25)  # variance of the true rates: 0.0408
        answers = (rng.random((50, 40)) < people[:, None]).astype(float)
        found.append(crossed_spread(answers, rng=rng, permutations=60, resamples=20))
    mean = np.mean([one.excess.estimate for one in found])
    # Shuffling mixes the two groups, so that the floor holds p(1-p)/n of the mixture.
    planted = people.var(ddof=1)
    assert mean == pytest.approx(planted, rel=0.12)
    assert all(one.observed.estimate > one.floor.high for one in found)
    assert all(one.excess.p_value is not None and one.excess.p_value < 0.05 for one in found)


def test_the_interval_holds_the_planted_variance() -> None:
    rng = np.random.default_rng(3)
    people = rng.uniform(0.2, 0.8, 60)
    hits = 0
    for _ in range(60):
        difficulty = rng.normal(0, 0.1, 50)
        answers = (rng.random((60, 50)) < np.clip(people[:, None] + difficulty, 0, 1)).astype(float)
        excess = crossed_spread(answers, rng=rng, permutations=40, resamples=120).excess
        hits += excess.low <= people.var(ddof=1) <= excess.high
    assert hits >= 51


def test_the_order_of_items_and_people_does_not_matter_for_what_is_observed() -> None:
    data = np.random.default_rng(4).normal(size=(6, 9))
    one = crossed_spread(data, rng=np.random.default_rng(0)).observed.estimate
    other = crossed_spread(data[::-1, ::-1], rng=np.random.default_rng(0)).observed.estimate
    assert one == pytest.approx(other)
    assert one == pytest.approx(data.mean(axis=1).var(ddof=1))


def test_missing_answers_stay_where_they_are_and_empty_people_are_counted() -> None:
    data = np.random.default_rng(5).integers(0, 2, (8, 12)).astype(float)
    data[0, :4] = np.nan
    data[7] = np.nan
    found = crossed_spread(data, rng=np.random.default_rng(0))
    assert (found.observed.n, found.observed.missing) == (7, 1)
    assert found.observed.estimate == pytest.approx(np.nanmean(data[:7], axis=1).var(ddof=1))
    assert np.isfinite(found.floor.estimate)


def test_too_little_is_no_number_and_no_matrix_is_an_error() -> None:
    rng = np.random.default_rng(0)
    assert np.isnan(crossed_spread(np.ones((1, 5)), rng=rng).excess.estimate)
    assert np.isnan(crossed_spread(np.full((3, 5), np.nan), rng=rng).observed.estimate)
    assert np.isnan(spread_of_means(np.ones((1, 2))))
    with pytest.raises(InputError, match="no matrix"):
        crossed_spread(np.ones(3), rng=rng)


def test_a_balanced_row_has_the_mean_of_its_sets() -> None:
    items, sets = ["1", "2", "3", "4"], ["a", "b", "b", "b"]
    matrix = balanced_matrix([items, items], [sets, sets], [[1, 0, 0, 1], [1, None, 0, 1]])
    assert matrix[0].mean() == pytest.approx((1 + 1 / 3) / 2)
    assert np.isnan(matrix[1]).sum() == 1
    assert balanced_matrix([["1"], ["2"]], [["a"], ["a"]], [[1.0], [0.5]]).shape == (2, 2)
