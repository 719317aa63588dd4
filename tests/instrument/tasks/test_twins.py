"""Scenario twins: both sides, the four measures, the constant answer."""

from __future__ import annotations

import math
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from personae.instrument.tasks import TwinTask, congruence, twin_stimuli
from personae.model import Request, ScriptedModel

TWINS = twin_stimuli().twins
STEPS = st.lists(st.integers(1, 7), min_size=3, max_size=30)


def test_every_trait_has_seven_pairs_of_which_three_are_counter_keyed() -> None:
    assert len(TWINS) >= 30
    counts = Counter((twin.trait, twin.keyed) for twin in TWINS)
    traits = {trait for trait, _ in counts}
    assert len(traits) == 5
    for trait in traits:
        assert counts[trait, 1] + counts[trait, -1] == 7
        assert counts[trait, -1] == 3


def planted(said: int, acts: bool) -> ScriptedModel:
    """Says one number to every statement, and always acts, or never, as who agrees would."""
    wanted = {twin.act if acts else twin.other for twin in TWINS}

    def reply(request: Request) -> str:
        text = request.messages[-1].content
        if "Statement:" in text:
            return str(said)
        first = text.split("\nA: ")[1].split("\n")[0]
        return "1" if first in wanted else "7"

    return ScriptedModel(reply)


async def test_answers_to_scenes_are_turned_to_the_act_of_who_agrees() -> None:
    task = TwinTask()
    done = await task.perform(planted(7, acts=True), seed=3)
    assert done.answers["done"] == [7.0] * len(TWINS)
    scores = task.score(done.answers)
    assert scores["cosine"] == pytest.approx(1)
    assert (scores["difference"], scores["consistent"]) == (0.0, 1.0)
    against = task.score((await task.perform(planted(7, acts=False), seed=3)).answers)
    assert against["cosine"] == pytest.approx(-1)
    assert (against["difference"], against["consistent"]) == (6.0, 0.0)


async def test_sides_are_drawn_evenly_and_by_seed() -> None:
    task = TwinTask()
    first, other = [await task.perform(planted(4, acts=True), seed=seed) for seed in (1, 2)]
    swapped = first.answers["swapped"]
    assert isinstance(swapped, list)
    assert sum(swapped) in (len(TWINS) // 2, len(TWINS) // 2 + 1)
    assert swapped != other.answers["swapped"]


def test_a_constant_answer_looks_congruent_by_the_published_cosine_only() -> None:
    said = [7, 1, 6, 2, 7, 1, 5, 3]
    constant = [4] * len(said)
    assert congruence(said, constant, way="as_published")["cosine"] > 0.85
    assert math.isnan(congruence(said, constant)["cosine"])
    assert math.isnan(congruence(said, constant)["spearman"])


@given(STEPS)
def test_what_agrees_with_itself_is_consistent(values: list[int]) -> None:
    found = congruence(values, values)
    assert found["difference"] == 0
    assert found["consistent"] == 1
    assert math.isnan(found["cosine"]) or found["cosine"] == pytest.approx(1)


@given(STEPS)
def test_the_opposite_has_the_opposite_cosine(values: list[int]) -> None:
    mirrored = [8 - value for value in values]
    found = congruence(values, mirrored)
    assert math.isnan(found["cosine"]) or found["cosine"] == pytest.approx(-1)
    assert congruence(values, mirrored, way="as_published")["cosine"] > 0


def test_missing_answers_leave_their_pair_out() -> None:
    found = congruence([7, None, 1, 6], [7, 1, None, 5])
    assert found["difference"] == pytest.approx(0.5)
    assert all(math.isnan(value) for value in congruence([None], [3]).values())


def test_the_middle_is_consistent_with_a_neighbour_only() -> None:
    assert congruence([4, 4], [5, 7])["consistent"] == 0.5
    assert congruence([5, 5], [7, 4], slack=0)["consistent"] == 0.5
