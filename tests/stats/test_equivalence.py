"""Equivalence is claimed at the nominal rate at the bound, often within it, never beyond it."""

from __future__ import annotations

import math

import numpy as np
import pytest

from personae.errors import InputError
from personae.stats.equivalence import equivalent_correlation, equivalent_means
from personae.stats.estimate import Estimate


def correlated(rng: np.random.Generator, n: int, r: float) -> tuple[np.ndarray, np.ndarray]:
    a = rng.normal(size=n)
    return a, r * a + math.sqrt(1 - r**2) * rng.normal(size=n)


def share(found: list[Estimate], alpha: float = 0.05) -> float:
    return float(np.mean([one.p_value is not None and one.p_value < alpha for one in found]))


def test_at_the_bound_equivalence_is_claimed_at_the_nominal_rate() -> None:
    rng = np.random.default_rng(1)
    found = [equivalent_correlation(*correlated(rng, 200, 0.3), kind="pearson") for _ in range(1500)]
    assert share(found) == pytest.approx(0.05, abs=0.02)


def test_nothing_is_found_to_be_nothing() -> None:
    rng = np.random.default_rng(2)
    found = [equivalent_correlation(*correlated(rng, 300, 0.0)) for _ in range(200)]
    assert share(found) > 0.9
    few = [equivalent_correlation(*correlated(rng, 12, 0.0)) for _ in range(200)]
    assert share(few) < 0.05  # of few, absence cannot be shown


def test_the_interval_lies_within_the_bounds_exactly_where_p_says_so() -> None:
    rng = np.random.default_rng(3)
    for _ in range(200):
        one = equivalent_correlation(*correlated(rng, 80, 0.2), bound=0.35)
        assert one.p_value is not None
        assert (one.p_value < 0.05) == (one.low > -0.35 and one.high < 0.35)
        assert one.level == pytest.approx(0.9)


def test_clusters_are_the_units_where_values_share_one() -> None:
    rng = np.random.default_rng(4)
    claimed = []
    for _ in range(200):
        shared_a, shared_b = rng.normal(size=12), rng.normal(size=12)
        a, b = np.repeat(shared_a, 30), np.repeat(shared_b, 30)  # 360 rows that are 12 values
        claimed.append(equivalent_correlation(a, b, kind="pearson", clusters=np.repeat(np.arange(12), 30)))
        assert claimed[-1].details["units"] == 12
    differs = np.mean([one.details["p_difference"] < 0.05 for one in claimed if one.details])
    assert differs < 0.12


def test_missing_pairs_are_counted_and_constants_have_no_correlation() -> None:
    found = equivalent_correlation([1, 2, 3, 4, 5, np.nan], [2, 1, 4, 3, 6, 1])
    assert (found.n, found.missing) == (5, 1)
    assert math.isnan(equivalent_correlation([1, 1, 1, 1, 1], [1, 2, 3, 4, 5]).estimate)
    with pytest.raises(InputError, match="bound"):
        equivalent_correlation([1, 2], [1, 2], bound=1.0)
    with pytest.raises(InputError, match="paired"):
        equivalent_correlation([1, 2], [1, 2, 3])


def test_means_at_the_bound_and_at_nothing() -> None:
    rng = np.random.default_rng(5)
    at_bound = [equivalent_means(rng.normal(0.2, 1, 100), bound=0.2) for _ in range(1500)]
    nothing = [equivalent_means(rng.normal(0, 1, 1000), bound=0.2) for _ in range(100)]
    assert share(at_bound) == pytest.approx(0.05, abs=0.02)
    assert share(nothing) > 0.9
    assert math.isnan(equivalent_means([1.0, 1.0], bound=0.5).estimate)
    with pytest.raises(InputError, match="bound"):
        equivalent_means([1.0, 2.0], bound=0)
