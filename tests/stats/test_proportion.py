"""Shares: intervals that hold near 0 and 1, differences, changes of sides."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from personae.errors import InputError
from personae.stats import difference_of_proportions, mcnemar, proportion


def test_the_interval_is_wilsons() -> None:
    found = proportion(7, 20)
    scipys = stats.binomtest(7, 20).proportion_ci(method="wilson")
    assert found.estimate == 0.35
    assert (found.low, found.high) == pytest.approx((scipys.low, scipys.high))
    assert (found.n, found.missing) == (20, 0)


@pytest.mark.parametrize(("successes", "edge"), [(0, "low"), (30, "high")])
def test_at_an_edge_the_interval_ends_exactly_there_and_has_width(successes: int, edge: str) -> None:
    found = proportion(successes, 30)
    assert getattr(found, edge) == found.estimate
    assert found.high - found.low > 0.05


@given(st.integers(1, 300).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_an_interval_holds_its_estimate_and_mirrors(case: tuple[int, int]) -> None:
    successes, n = case
    found, mirrored = proportion(successes, n), proportion(n - successes, n)
    assert 0 <= found.low <= found.estimate <= found.high <= 1
    assert found.low == pytest.approx(1 - mirrored.high)


@pytest.mark.parametrize("truth", [0.1, 0.3, 0.5])
def test_wilson_covers_exactly_computed(truth: float) -> None:
    n = 160
    chances = stats.binom.pmf(np.arange(n + 1), n, truth)
    intervals = [proportion(successes, n) for successes in range(n + 1)]
    held = sum(chance for chance, one in zip(chances, intervals, strict=True) if one.low <= truth <= one.high)
    assert 0.93 < held < 0.97


def test_nothing_to_count_is_nan_with_a_note() -> None:
    found = proportion(0, 0, missing=3)
    assert math.isnan(found.estimate)
    assert found.missing == 3
    assert "nothing to count" in found.note


def test_a_difference_by_the_published_example_of_newcombe() -> None:
    """Newcombe (1998), method 10: 56/70 against 48/80."""
    found = difference_of_proportions(56, 70, 48, 80)
    assert found.estimate == pytest.approx(0.2)
    assert (found.low, found.high) == pytest.approx((0.0524, 0.3339), abs=5e-5)


@pytest.mark.parametrize(("a", "b"), [(0.5, 0.5), (0.1, 0.3), (0.9, 0.6)])
def test_the_interval_of_a_difference_covers(a: float, b: float) -> None:
    n = 60
    first, second = (stats.binom.pmf(np.arange(n + 1), n, share) for share in (a, b))
    held = 0.0
    for x in range(n + 1):
        for y in range(n + 1):
            if first[x] * second[y] > 1e-7:
                one = difference_of_proportions(x, n, y, n)
                held += float(first[x] * second[y]) * (one.low <= a - b <= one.high)
    assert 0.93 < held < 0.97


def test_an_empty_group_has_no_difference() -> None:
    assert "empty" in difference_of_proportions(0, 0, 3, 5).note


def test_mcnemar_is_the_exact_binomial_test_of_those_that_changed() -> None:
    found = mcnemar(9, 2, n=40, missing=1)
    assert found.estimate == pytest.approx(7 / 40)
    assert found.p_value == pytest.approx(stats.binomtest(9, 11).pvalue)
    assert (found.n, found.missing) == (40, 1)
    assert mcnemar(0, 0, n=10).p_value == 1.0
    assert "no pairs" in mcnemar(0, 0, n=0).note


@given(st.integers(0, 20), st.integers(0, 20), st.integers(0, 40))
def test_exchanging_the_occasions_turns_the_sign(won: int, lost: int, same: int) -> None:
    n = won + lost + same
    if n:
        found, turned = mcnemar(won, lost, n=n), mcnemar(lost, won, n=n)
        assert found.estimate == pytest.approx(-turned.estimate)
        assert found.low == pytest.approx(-turned.high)
        assert found.p_value == pytest.approx(turned.p_value)


def test_the_interval_of_paired_shares_covers() -> None:
    rng, n, held = np.random.default_rng(0), 80, 0
    shares = [0.2, 0.1, 0.4, 0.3]  # won, lost, both, neither
    for won, lost, *_ in rng.multinomial(n, shares, size=4000):
        found = mcnemar(int(won), int(lost), n=n)
        held += found.low <= 0.1 <= found.high
    assert 0.93 < held / 4000 < 0.97


@pytest.mark.parametrize(("successes", "n"), [(5, 4), (-1, 4), (1, 0)])
def test_impossible_counts_are_refused(successes: int, n: int) -> None:
    with pytest.raises(InputError):
        proportion(successes, n)
    with pytest.raises(InputError):
        difference_of_proportions(successes, n, 1, 2)
    with pytest.raises(InputError):
        mcnemar(successes, 0, n=n)


def test_a_level_that_is_none_is_refused() -> None:
    with pytest.raises(InputError, match="level"):
        proportion(3, 9, level=95)
    with pytest.raises(InputError, match="level"):
        mcnemar(3, 1, n=9, level=95)
