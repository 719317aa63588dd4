"""The three rates of TRAIT count what was planted, and nothing else."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from personae.errors import InputError
from personae.instrument.sensitivity import (
    order_sensitivity,
    order_symmetry,
    prompt_sensitivity,
    refusal_rate,
    repeat_sensitivity,
)

NAN = math.nan


def test_every_reply_without_a_decision_is_a_refusal_as_published() -> None:
    statuses = ["ok", "repaired", "refused", "unparsed", "empty", "failed"]
    found = refusal_rate(statuses)
    assert found.estimate == pytest.approx(3 / 5)
    assert (found.n, found.missing) == (5, 1)
    assert refusal_rate(statuses, strict=True).estimate == pytest.approx(1 / 5)


def test_no_reply_is_no_rate() -> None:
    found = refusal_rate(["failed", "failed"])
    assert math.isnan(found.estimate)
    assert found.missing == 2


def test_an_item_is_sensitive_if_any_template_differs() -> None:
    decisions: list[list[float]] = [[1, 1, 1], [1, 1, 0], [0, 1, 0], [1, NAN, NAN], [1, NAN, 1]]
    found = prompt_sensitivity(decisions)
    assert found.estimate == pytest.approx(2 / 4)
    assert (found.n, found.missing) == (4, 1)
    assert found.low < 0.5 < found.high


def test_pairs_do_not_grow_with_the_number_of_templates() -> None:
    rng = np.random.default_rng(3)
    two, ten = (rng.random((4000, width)) < 0.5 for width in (2, 10))
    assert prompt_sensitivity(two).estimate == pytest.approx(0.5, abs=0.03)
    assert prompt_sensitivity(ten).estimate > 0.99
    assert prompt_sensitivity(ten, counted="pairs").estimate == pytest.approx(0.5, abs=0.02)


@pytest.mark.parametrize("rate", [0.0, 0.1, 0.4])
def test_planted_order_bias_is_found(rate: float) -> None:
    rng = np.random.default_rng(5)
    usual = (rng.random(3000) < 0.6).astype(float)
    is_swayed = rng.random(3000) < rate
    swapped = np.where(is_swayed, 1 - usual, usual)
    found = order_sensitivity(usual, swapped)
    assert found.low <= rate <= found.high
    assert repeat_sensitivity(usual, usual).estimate == 0


def test_whole_respondents_are_the_units_where_they_are_named() -> None:
    first, second = np.zeros(40), np.repeat([0.0, 1.0], 20)
    clusters = np.repeat(["steady", "swayed"], 20).tolist()
    found = order_sensitivity(first, second, clusters=clusters)
    assert found.estimate == 0.5
    assert (found.low, found.high) == (0.0, 1.0)  # two respondents say next to nothing


def test_decisions_of_different_length_are_refused() -> None:
    with pytest.raises(InputError, match="2 decisions are paired with 3"):
        order_sensitivity([1, 0], [1, 0, 1])
    with pytest.raises(InputError, match="no matrix"):
        prompt_sensitivity([1, 0])


@given(st.lists(st.lists(st.sampled_from([0.0, 1.0, NAN]), min_size=3, max_size=3), min_size=1, max_size=20))
def test_pairs_never_exceed_any(rows: list[list[float]]) -> None:
    anything, pairs = prompt_sensitivity(rows), prompt_sensitivity(rows, counted="pairs")
    assert anything.n == pairs.n
    assert anything.n + anything.missing == len(rows)
    if anything.n:
        assert pairs.estimate <= anything.estimate + 1e-12


# Places of options.


def test_even_places_are_called_even_at_the_nominal_rate() -> None:
    rng = np.random.default_rng(11)
    found = [order_symmetry(rng.integers(5, size=400), 5) for _ in range(400)]
    rejected = sum(one.p_value is not None and one.p_value < 0.05 for one in found)
    assert 6 <= rejected <= 36  # 20 expected


def test_a_preferred_place_is_found() -> None:
    rng = np.random.default_rng(12)
    places = rng.choice(4, p=[0.4, 0.2, 0.2, 0.2], size=2000)
    found = order_symmetry(places, 4, missing=3)
    assert found.low <= 0.15 <= found.high
    assert found.p_value is not None
    assert found.p_value < 1e-6
    assert found.missing == 3


def test_a_place_that_does_not_exist_is_refused() -> None:
    with pytest.raises(InputError, match="outside"):
        order_symmetry([0, 4], 4)
    assert math.isnan(order_symmetry([], 4).estimate)
