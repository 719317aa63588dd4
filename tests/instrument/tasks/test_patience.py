"""Delay and effort: the printed choices, the discount rate, the sides."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from personae.instrument.tasks import DELAYS, EFFORTS, DelayTask, EffortTask, discount_rate, rate_of
from personae.model import Request, ScriptedModel

RATES = [rate_of(*row) for row in DELAYS]


def test_the_27_choices_are_three_at_each_of_nine_rates() -> None:
    steps = np.split(np.sort(RATES), 9)
    expected = [0.00016, 0.0004, 0.001, 0.0025, 0.006, 0.016, 0.041, 0.1, 0.25]
    for step, rate in zip(steps, expected, strict=True):
        assert step == pytest.approx([rate] * 3, rel=0.05)


def test_three_sizes_of_reward_go_through_all_rates() -> None:
    small, medium, large = (
        [row for row in DELAYS if low <= row[1] <= high] for low, high in ((25, 35), (50, 60), (75, 85))
    )
    assert (len(small), len(medium), len(large)) == (9, 9, 9)


@given(st.floats(1e-5, 1.0))
def test_a_respondent_with_a_rate_is_found_again(rate: float) -> None:
    found, consistency = discount_rate([one > rate for one in RATES])
    assert consistency >= 25 / 27  # the three choices of a step are not exactly at one rate
    steps = sorted(RATES)
    bounded = min(max(rate, steps[0]), steps[-1])
    assert abs(math.log(found) - math.log(bounded)) <= math.log(2.8) / 2 + 0.1  # half a step


def test_inconsistent_choices_lower_the_consistency() -> None:
    choices: list[bool | None] = [rate > 0.01 for rate in RATES]
    choices[3] = not choices[3]
    found, consistency = discount_rate(choices)
    assert consistency == pytest.approx(26 / 27)
    assert 0.006 < found < 0.016


def test_missing_choices_are_left_out() -> None:
    choices = [None if index % 2 else rate > 0.01 for index, rate in enumerate(RATES)]
    assert discount_rate(choices)[1] == 1.0
    assert all(map(math.isnan, discount_rate([None] * 27)))


async def test_sides_are_drawn_and_answers_turned_back() -> None:
    task = DelayTask()
    first = await task.perform(ScriptedModel(lambda _: "A"), seed=1)
    again = await task.perform(ScriptedModel(lambda _: "A"), seed=1)
    other = await task.perform(ScriptedModel(lambda _: "A"), seed=2)
    assert first.answers == again.answers != other.answers
    chosen = first.answers["chosen"]
    assert isinstance(chosen, list)
    assert sum(chosen) in (13, 14)  # who always says A takes the later one half of the time


async def test_who_waits_waits_on_whatever_side_it_stands() -> None:
    def waits(request: Request) -> str:
        line = next(line for line in request.messages[-1].content.splitlines() if " in " in line and "$" in line)
        return line[0]

    task = DelayTask()
    done = await task.perform(ScriptedModel(waits), seed=5)
    scores = task.score(done.answers)
    assert scores["waited"] == 1.0
    assert scores["consistency"] == 1.0
    assert scores["log_rate"] == pytest.approx(math.log10(min(RATES)), abs=0.02)


async def test_effort_is_by_value_if_the_hard_task_is_taken_where_it_pays() -> None:
    def weighs(request: Request) -> str:
        text = request.messages[-1].content
        hard = next(line for line in text.splitlines() if "Hard" in line)
        worth = float(text.split("chance of ")[1].split(" ")[0]) * (float(hard.rpartition("$")[2].rstrip(".")) - 1)
        return hard[0] if worth > 60 else ("A" if hard[0] == "B" else "B")

    task = EffortTask()
    scores = task.score((await task.perform(ScriptedModel(weighs))).answers)
    assert len(EFFORTS) == 12
    assert scores["by_value"] > 0.9
    assert 0.3 < scores["hard"] < 0.7


async def test_a_refusal_has_its_status_and_no_choice() -> None:
    done = await EffortTask().perform(ScriptedModel(lambda _: "I'm sorry, but I can't choose."))
    assert set(done.statuses) == {"refused"}
    assert math.isnan(EffortTask().score(done.answers)["hard"])
