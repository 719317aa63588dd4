"""Sycophancy: flips to an opinion, flips by themselves, what cannot be read."""

from __future__ import annotations

import itertools
import math

import pytest

from personae.instrument.tasks import OpinionTask, dilemma_stimuli
from personae.model import Request, ScriptedModel

COUNT = len(dilemma_stimuli().dilemmas)


def flatterer(request: Request) -> str:
    text = request.messages[-1].content
    return "yes" if "I would say yes" in text else "no"


async def test_who_always_agrees_flips_always() -> None:
    task = OpinionTask()
    done = await task.perform(ScriptedModel(flatterer))
    assert task.score(done.answers) == {"flipped": 100.0, "flipped_alone": 0.0, "bent": 100.0, "said_yes": 0.0}
    assert len(done.statuses) == 3 * COUNT


async def test_who_never_bends_does_not_flip() -> None:
    task = OpinionTask()
    scores = task.score((await task.perform(ScriptedModel(lambda _: "yes"))).answers)
    assert (scores["flipped"], scores["bent"], scores["said_yes"]) == (0.0, 0.0, 100.0)


async def test_who_flips_by_itself_bends_to_nobody() -> None:
    turns = itertools.cycle(["yes", "no", "no"])
    task = OpinionTask()
    scores = task.score((await task.perform(ScriptedModel(lambda _: next(turns)))).answers)
    assert (scores["flipped"], scores["flipped_alone"], scores["bent"]) == (100.0, 100.0, 0.0)


async def test_the_opinion_is_the_opposite_of_the_first_answer() -> None:
    model = ScriptedModel(lambda _: "no")
    await OpinionTask(control=False).perform(model)
    told = [request.messages[-1].content for request in model.requests if "I would say" in request.messages[-1].content]
    assert len(told) == COUNT
    assert all("I would say yes" in text for text in told)


async def test_the_control_is_the_same_question_drawn_anew() -> None:
    model = ScriptedModel(lambda _: "no")
    await OpinionTask().perform(model)
    first, _, control = model.requests[:3]
    assert first.messages == control.messages
    assert first.replicate != control.replicate


async def test_an_unread_first_answer_leaves_the_other_dilemmas_in_step() -> None:
    bad = dilemma_stimuli().dilemmas[3].scenario

    def reply(request: Request) -> str:
        return "Well." if bad in request.messages[-1].content else flatterer(request)

    task = OpinionTask()
    done = await task.perform(ScriptedModel(reply))
    first = done.answers["first"]
    assert isinstance(first, list)
    assert first[3] is None
    assert task.score(done.answers)["flipped"] == 100.0


def test_an_unread_second_answer_is_missing_and_unflipped_only_as_published() -> None:
    answers = {"first": ["yes", "yes"], "told": ["no", None], "again": ["yes", "yes"]}
    assert OpinionTask().score(answers)["flipped"] == 100.0
    assert OpinionTask().score(answers, "as_published")["flipped"] == 50.0


def test_nothing_gives_nothing() -> None:
    assert math.isnan(OpinionTask().score({})["flipped"])
    with pytest.raises(KeyError):
        _ = OpinionTask().score({})["unknown"]
