"""Planted item bias is found with its size and sign; where there is none, it is claimed at the nominal rate."""

from __future__ import annotations

import numpy as np
import pytest

from personae.errors import InputError
from personae.stats.item_bias import ItemBias, item_bias
from support.graded_answers import draw_answers, draw_parameters

ITEMS = 10


def two_groups(
    rng: np.random.Generator, n: int, *, bias: float = 0.0, steeper: float = 1.0, impact: float = 0.0
) -> list[ItemBias]:
    """The last item is easier by ``bias`` SD of the trait in the second group, or its slope another."""
    a, b = draw_parameters(ITEMS, rng)
    other_a, other_b = a.copy(), b.copy()
    other_a[-1] *= steeper
    other_b[-1] -= bias
    first = draw_answers(n, ITEMS, rng, parameters=(a, b)).answers
    second = draw_answers(n, ITEMS, rng, parameters=(other_a, other_b), shift=impact).answers
    return item_bias(np.vstack([first, second]), ["one"] * n + ["two"] * n)


def test_without_bias_an_item_is_accused_at_the_nominal_rate() -> None:
    rng = np.random.default_rng(0)
    p_values = [one.effect.p_value for _ in range(40) for one in two_groups(rng, 400)]
    assert np.mean([p is not None and p < 0.05 for p in p_values]) == pytest.approx(0.05, abs=0.03)


def test_groups_of_different_level_are_not_biased_items() -> None:
    rng = np.random.default_rng(1)
    found = [two_groups(rng, 400, impact=0.8) for _ in range(15)]
    assert not any(one.is_biased() for items in found for one in items)


def test_a_planted_shift_is_found_and_only_there() -> None:
    rng = np.random.default_rng(2)
    hits, false = 0, 0
    for _ in range(12):
        found = two_groups(rng, 400, bias=1.0)
        hits += found[-1].is_biased()
        false += sum(one.is_biased() for one in found[:-1])
        assert found[-1].effect.estimate > 0.5  # easier in the second group
        assert found[-1].effect.low > 0
    assert hits == 12
    assert false <= 1


def test_a_planted_change_of_slope_is_told_from_a_shift() -> None:
    rng = np.random.default_rng(3)
    found = [two_groups(rng, 1500, steeper=0.3)[-1] for _ in range(5)]
    assert sum(one.p_adjusted is not None and one.p_adjusted < 0.05 for one in found) >= 4
    assert sum(not one.is_uniform for one in found) >= 4


def test_people_who_answer_twice_are_one_person() -> None:
    rng = np.random.default_rng(4)
    accused = []
    for _ in range(25):
        planted = draw_answers(150, 8, rng)
        rows = np.repeat(planted.answers, 4, axis=0)  # a model that repeats itself
        group = np.repeat(rng.integers(2, size=150), 4).tolist()
        people = np.repeat(np.arange(150), 4)
        accused += [one.effect.p_value for one in item_bias(rows, group, clusters=people)]
    assert np.mean([p is not None and p < 0.05 for p in accused]) < 0.1


def test_three_groups_are_tested_together() -> None:
    rng = np.random.default_rng(5)
    a, b = draw_parameters(8, rng)
    other = b.copy()
    other[0] -= 1.2
    rows = [draw_answers(300, 8, rng, parameters=(a, own)).answers for own in (b, b, other)]
    found = item_bias(np.vstack(rows), np.repeat(["x", "y", "z"], 300).tolist())
    assert [one.item for one in found if one.is_biased()] == [0]
    assert np.isnan(found[0].effect.low)


def test_gaps_and_constants() -> None:
    rng = np.random.default_rng(6)
    rows = draw_answers(240, 5, rng).answers
    rows[0, 0] = np.nan
    rows[:, 4] = 3
    found = item_bias(rows, np.tile(["a", "b"], 120).tolist())
    assert (found[0].effect.n, found[0].effect.missing) == (239, 1)
    assert found[4].size == "unknown"
    assert not found[4].is_biased()
    with pytest.raises(InputError, match="one group"):
        item_bias(rows, ["a"] * 240)
    with pytest.raises(InputError, match="240 rows have 2"):
        item_bias(rows, ["a", "b"])
