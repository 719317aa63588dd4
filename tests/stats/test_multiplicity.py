"""Correction for many tests: by independent implementations, and what it is for."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from personae.errors import InputError
from personae.stats import adjust_families, benjamini_hochberg, holm

PS = st.lists(st.floats(0, 1), min_size=1, max_size=20)


@pytest.mark.oracle
@pytest.mark.parametrize(("ours", "name"), [(holm, "holm"), (benjamini_hochberg, "fdr_bh")])
def test_adjusted_values_are_those_of_statsmodels(ours: Callable[[list[float]], list[float]], name: str) -> None:
    multitest = pytest.importorskip("statsmodels.stats.multitest")
    ps = np.random.default_rng(0).random(30) ** 2
    assert ours(ps.tolist()) == pytest.approx(multitest.multipletests(ps, method=name)[1].tolist())


def test_holm_by_hand() -> None:
    assert list(holm([0.01, 0.04, 0.03])) == pytest.approx([0.03, 0.06, 0.06])


def test_benjamini_hochberg_is_scipys() -> None:
    ps = np.random.default_rng(1).random(25) ** 3
    assert list(benjamini_hochberg(ps.tolist())) == pytest.approx(stats.false_discovery_control(ps).tolist())


@given(PS)
def test_adjusting_never_makes_a_p_value_smaller_nor_changes_the_order(ps: list[float]) -> None:
    for adjust in (holm, benjamini_hochberg):
        adjusted = list(adjust(ps))
        assert all(after >= before - 1e-12 for before, after in zip(ps, adjusted, strict=True) if after is not None)
        assert all(0 <= value <= 1 for value in adjusted if value is not None)
        ranked = [adjusted[index] for index in np.argsort(ps, kind="stable")]
        assert ranked == sorted(ranked)


@given(PS)
def test_what_was_not_tested_stays_open_and_does_not_count(ps: list[float]) -> None:
    for adjust in (holm, benjamini_hochberg):
        with_gaps = list(adjust([None, *ps, None]))
        assert with_gaps[0] is with_gaps[-1] is None
        assert with_gaps[1:-1] == list(adjust(ps))


def test_an_empty_family_is_fine() -> None:
    assert list(holm([])) == []
    assert list(benjamini_hochberg([None])) == [None]


def test_families_are_adjusted_apart_and_then_for_their_number() -> None:
    found = adjust_families({"main": [0.01, 0.02], "more": [0.5, 0.01], "none": [None]}, methods={"more": "bh"})
    assert found["main"] == pytest.approx([0.04, 0.04])  # by Holm, doubled: the family without a test does not count
    assert found["more"] == pytest.approx([1.0, 0.04])
    assert found["none"] == [None]


def test_a_whole_report_makes_a_false_claim_in_at_most_one_of_twenty_cases() -> None:
    rng, wrong, times = np.random.default_rng(2), 0, 4000
    for _ in range(times):
        families = {name: rng.random(size).tolist() for name, size in (("five", 5), ("seventy", 70), ("one", 1))}
        adjusted = adjust_families(families, methods={"seventy": "bh"})
        wrong += any(p is not None and p < 0.05 for ps in adjusted.values() for p in ps)
    assert wrong / times < 0.057  # 0.05, and two standard errors
    assert wrong / times > 0.035  # and it is not bought by never claiming anything


def test_a_test_that_could_not_be_made_stays_open_in_a_report_of_families() -> None:
    found = adjust_families({"effects": [0.01, math.nan, None], "language": [math.nan], "style": [0.5]})
    assert found["effects"][0] == pytest.approx(0.02)
    assert math.isnan(found["effects"][1] or 0.0)
    assert found["effects"][2] is None
    assert math.isnan(found["language"][0] or 0.0)


@pytest.mark.parametrize("value", [-0.1, 1.5])
def test_what_is_no_p_value_is_refused(value: float) -> None:
    for adjust in (holm, benjamini_hochberg):
        with pytest.raises(InputError, match="no p value"):
            adjust([0.2, value])


def test_an_unknown_method_is_refused() -> None:
    with pytest.raises(InputError, match="unknown"):
        adjust_families({"effects": [0.1]}, methods={"effects": "fdr"})  # type: ignore[dict-item]
