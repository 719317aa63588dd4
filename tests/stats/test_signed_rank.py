"""The signed-rank shift: planted shifts and their coverage, SciPy's p, ties, zeros and edges."""

from __future__ import annotations

import math
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import wilcoxon

from personae.errors import InputError
from personae.stats import signed_rank


def test_a_planted_shift_is_found_and_covered() -> None:
    rng = np.random.default_rng(0)
    held = 0
    for _ in range(300):
        base = rng.normal(size=30)
        found = signed_rank(base + 0.5 + rng.standard_t(3, size=30), base)
        held += found.low <= 0.5 <= found.high
    assert 0.925 <= held / 300 <= 0.98


def test_of_equal_ratings_one_in_twenty_tests_is_significant() -> None:
    rng = np.random.default_rng(1)
    hits = 0
    for _ in range(300):
        first, second = rng.integers(1, 8, size=(2, 30))
        hits += (signed_rank(first, second).p_value or 1) < 0.05
    assert hits / 300 < 0.085


@pytest.mark.parametrize("zeros", ["wilcox", "pratt"])
def test_p_is_that_of_scipy(zeros: str) -> None:
    first, second = np.array([5, 6, 7, 6, 5, 7, 4, 3, 6, 2]), np.array([3, 4, 4, 5, 5, 3, 5, 3, 2, 4])
    found = signed_rank(first, second, zeros=zeros)  # type: ignore[arg-type]
    assert found.p_value == pytest.approx(wilcoxon(first - second, zero_method=zeros).pvalue)
    assert found.conventions == (f"zeros={zeros}",)


@given(st.lists(st.integers(-3, 4), min_size=2, max_size=8).filter(any))
@settings(deadline=None, max_examples=40)
def test_few_pairs_with_ties_and_zeros_are_counted_as_scipy_counts_them(differences: list[int]) -> None:
    for zeros in ("wilcox", "pratt"):
        found = signed_rank(differences, [0] * len(differences), zeros=zeros)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            right = wilcoxon(np.array(differences, dtype=float), zero_method=zeros)
        assert found.p_value == pytest.approx(right.pvalue)
        assert found.statistic == right.statistic


def test_the_estimate_is_the_median_of_walsh_averages() -> None:
    # differences 1, 2, 6: averages 1, 1.5, 2, 3.5, 4, 6
    found = signed_rank([1, 2, 6], [0, 0, 0])
    assert found.estimate == 2.75
    assert math.isnan(found.low)
    assert "too few" in found.note


def test_rank_biserial_counts_ranks_for_and_against() -> None:
    # |differences| 1, 2, 3 rank 1, 2, 3; the second is against: (1 + 3 - 2) / 6
    assert signed_rank([1, -2, 3], [0, 0, 0]).details["rank_biserial"] == pytest.approx(2 / 6)


def test_pairs_that_miss_a_value_are_set_aside_and_pairs_that_never_differ_have_no_p() -> None:
    found = signed_rank([1.0, math.nan, 3.0, 4.0], [1.0, 2.0, 3.0, math.nan])
    assert (found.n, found.missing, found.estimate) == (2, 2, 0.0)
    assert found.p_value is not None
    assert math.isnan(found.p_value)
    assert math.isnan(signed_rank([1.0], [2.0]).estimate)


def test_bad_input_is_refused() -> None:
    with pytest.raises(InputError):
        signed_rank([1, 2], [1])
    with pytest.raises(InputError):
        signed_rank([1, 2], [1, 2], zeros="zsplit")  # type: ignore[arg-type]


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(1, 7), st.integers(1, 7)), min_size=2, max_size=30))
def test_it_is_odd_in_its_arguments(pairs: list[tuple[int, int]]) -> None:
    first, second = map(list, zip(*pairs, strict=True))
    there, back = signed_rank(first, second), signed_rank(second, first)
    assert there.estimate == pytest.approx(-back.estimate)
    if math.isfinite(there.low):
        assert there.low == pytest.approx(-back.high)
        assert there.high == pytest.approx(-back.low)
        assert there.low <= there.estimate <= there.high
