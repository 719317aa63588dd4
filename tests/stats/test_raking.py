"""Margins are reached to 1e-8, by tables and by weights, and as an independent implementation reaches them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from personae.errors import InputError
from personae.stats.raking import effective_n, fit_table, integerise, rake_weights, whole_counts

RNG = np.random.default_rng(5)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 6), st.integers(2, 5), st.integers(2, 4))
def test_a_table_reaches_its_margins_to_a_hundred_millionth(seed: int, a: int, b: int, c: int) -> None:
    rng = np.random.default_rng(seed)
    table, truth = rng.random((a, b, c)) + 0.05, rng.random((a, b, c)) + 0.05
    margins = {(0,): truth.sum(axis=(1, 2)), (2, 1): truth.sum(axis=0).T}
    found = fit_table(table, margins)
    assert found.is_converged
    assert np.abs(found.values.sum(axis=(1, 2)) - margins[0,]).max() < 1e-8 * truth.sum()
    assert np.abs(found.values.sum(axis=0).T - margins[2, 1]).max() < 1e-8 * truth.sum()


def test_odds_ratios_stay() -> None:
    table = np.array([[10.0, 2.0], [3.0, 8.0]])
    found = fit_table(table, {(0,): [40, 60], (1,): [55, 45]}).values
    odds = [t[0, 0] * t[1, 1] / (t[0, 1] * t[1, 0]) for t in (table, found)]
    assert odds[0] == pytest.approx(odds[1])


@pytest.mark.oracle
def test_tables_agree_with_ipfn() -> None:
    ipfn = pytest.importorskip("ipfn.ipfn").ipfn
    table = RNG.random((8, 6, 5, 4)) + 0.1
    truth = RNG.random((8, 6, 5, 4))
    others = [(1, 2, 3), (0, 2, 3), (0, 1, 3), (0, 1, 2)]
    margins = [truth.sum(axis=axes) for axes in others]
    theirs = ipfn(table.copy(), margins, [[0], [1], [2], [3]], convergence_rate=1e-12).iteration()
    ours = fit_table(table, {(axis,): margin for axis, margin in enumerate(margins)}, tolerance=1e-13).values
    assert np.abs(ours - theirs).max() < 1e-8


def test_structural_zeros_stay_and_wanted_people_who_cannot_be_are_refused() -> None:
    found = fit_table([[1.0, 0.0], [1.0, 1.0]], {(0,): [3, 7], (1,): [6, 4]}).values
    assert found[0, 1] == 0
    with pytest.raises(InputError, match="where the table has none"):
        fit_table([[0.0, 0.0], [1.0, 1.0]], {(0,): [1, 1]})
    with pytest.raises(InputError, match="same number"):
        fit_table([[1.0, 1.0], [1.0, 1.0]], {(0,): [1, 1], (1,): [1, 2]})


def test_margins_that_no_table_with_these_zeros_has_are_told() -> None:
    found = fit_table([[1.0, 0.0], [0.0, 1.0]], {(0,): [3, 7], (1,): [6, 4]}, rounds=50)
    assert not found.is_converged
    assert found.largest_error > 0.1


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(100, 400))
def test_weights_reach_their_margins_to_a_hundred_millionth(seed: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    codes = [rng.integers(k, size=n) for k in (2, 3, 4)]
    if any(len(np.unique(code)) < k for code, k in zip(codes, (2, 3, 4), strict=True)):
        return
    goals = [rng.dirichlet(np.full(k, 5.0)) for k in (2, 3, 4)]
    found = rake_weights(codes, goals)
    assert found.is_converged
    assert (found.values > 0).all()
    for code, goal in zip(codes, goals, strict=True):
        assert np.abs(np.bincount(code, found.values) / found.values.sum() - goal).max() < 1e-8


def test_trimmed_weights_say_that_margins_are_missed() -> None:
    code = np.array([0] * 99 + [1])
    found = rake_weights([code], [[0.5, 0.5]], largest=5.0, rounds=100)
    assert not found.is_converged
    assert found.values.max() <= 5.0 + 1e-9
    assert found.largest_error > 0.4


def test_a_category_that_nobody_has_is_refused() -> None:
    with pytest.raises(InputError, match="nobody has it"):
        rake_weights([np.array([0, 0])], [[0.5, 0.5]])


def test_the_effective_number_is_kishs() -> None:
    assert effective_n(np.ones(50)) == pytest.approx(50)
    weights = RNG.gamma(2.0, size=400)
    cv2 = weights.var() / weights.mean() ** 2
    assert effective_n(weights) == pytest.approx(400 / (1 + cv2))


@given(st.lists(st.floats(0, 100), min_size=1, max_size=20).filter(lambda s: sum(s) > 0.01), st.integers(0, 1000))
def test_whole_counts_sum_and_are_near(shares: list[float], n: int) -> None:
    counts = whole_counts(shares, n)
    assert counts.sum() == n
    assert np.abs(counts - np.array(shares) / sum(shares) * n).max() < 1 + 1e-6


def test_whole_tables_are_unbiased() -> None:
    table = np.array([[0.3, 1.9], [2.45, 0.35]])
    rng = np.random.default_rng(0)
    draws = np.array([integerise(table, 5, rng=rng) for _ in range(4000)])
    assert (draws.sum(axis=(1, 2)) == 5).all()
    assert np.abs(draws.mean(axis=0) - table).max() < 0.03
    assert np.abs(draws - table).max() < 1


def test_people_alike_are_weighted_alike_whatever_their_design_weights() -> None:
    rng = np.random.default_rng(1)
    codes = [rng.integers(3, size=500), rng.integers(2, size=500)]
    base = rng.gamma(2.0, size=500)
    goals = [np.array([0.2, 0.3, 0.5]), np.array([0.6, 0.4])]
    found = rake_weights(codes, goals, base=base)
    factors = found.values / base
    for a in range(3):
        for b in range(2):
            mine = factors[(codes[0] == a) & (codes[1] == b)]
            assert np.ptp(mine) < 1e-9 * mine.mean()
    assert found.values.mean() == pytest.approx(1.0)
    for code, goal in zip(codes, goals, strict=True):
        assert np.abs(np.bincount(code, found.values) / 500 - goal).max() < 1e-8
