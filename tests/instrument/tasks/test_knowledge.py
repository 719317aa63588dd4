"""Confidence and accuracy: reading answers, Brier score, calibration error, consistency."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from personae.instrument.tasks import (
    Heard,
    KnowledgeTask,
    is_right,
    knowledge_stimuli,
)
from personae.instrument.tasks.knowledge import read_answer
from personae.model import Request, ScriptedModel
from personae.stats import brier_score, calibration_error

RIGHT = {one.question: one.answers[0] for one in knowledge_stimuli().questions}


@pytest.mark.parametrize(
    ("text", "answer", "confidence", "status"),
    [
        ("Answer: Mars\nConfidence: 10", "Mars", 10, "ok"),
        ("answer: Mars\nconfidence: 7/10", "Mars", 7, "repaired"),
        ("Answer: Mars. Confidence: 85%", "Mars", 8.5, "repaired"),
        ("Answer: Mars", "Mars", None, "unparsed"),
        ("Answer: Mars\nConfidence: 300", "Mars", None, "unparsed"),
        ("Mars", None, None, "unparsed"),
        ("I'm sorry, but I can't answer.", None, None, "refused"),
    ],
)
def test_answers_and_confidences_are_read(text: str, answer: str | None, confidence: float | None, status: str) -> None:
    assert read_answer(Heard(text, "ok")) == (answer, confidence, status)


def test_spellings_of_an_answer_count() -> None:
    assert is_right("LEONARDO", ("Leonardo",))
    assert is_right("the femur", ("femur",))
    assert not is_right("Mercury planet", ("mercury",))


def test_the_calibration_error_of_a_calibrated_respondent_goes_to_0() -> None:
    rng = np.random.default_rng(0)
    sure = rng.uniform(0.05, 1, 200_000)
    hit = rng.uniform(size=len(sure)) < sure
    assert calibration_error(sure, hit) < 0.01
    assert calibration_error(np.full(1000, 0.9), np.zeros(1000)) == pytest.approx(0.9)
    assert brier_score(sure, hit) == pytest.approx(float(np.mean(sure * (1 - sure))), abs=0.005)


def test_a_confidence_of_0_counts_unless_as_published() -> None:
    assert calibration_error([0.0, 0.0], [1, 1]) == 1.0
    assert calibration_error([0.0, 0.0], [1, 1], closed="right") == 0.0


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=40))
def test_errors_lie_between_0_and_1(pairs: list[tuple[float, bool]]) -> None:
    sure, hit = zip(*pairs, strict=True)
    assert 0 <= calibration_error(sure, hit) <= 1
    assert 0 <= brier_score(sure, hit) <= 1


def test_nothing_gives_nothing() -> None:
    assert math.isnan(brier_score([], []))
    assert math.isnan(calibration_error([], []))


def knows(share_of: int, confidence: int, again: int) -> ScriptedModel:
    """Knows questions up to a difficulty, is always as sure, and less or more so when asked again."""
    hard = {one.question: one.difficulty for one in knowledge_stimuli().questions}

    def reply(request: Request) -> str:
        text = request.messages[-1].content
        question = text.split("Question: ")[1].split("\n")[0]
        if "Answer given:" in text:
            return str(again)
        return f"Answer: {RIGHT[question] if hard[question] <= share_of else 'Zembla'}\nConfidence: {confidence}"

    return ScriptedModel(reply)


async def test_planted_overconfidence_and_inconsistency_are_found() -> None:
    task = KnowledgeTask()
    done = await task.perform(knows(2, 9, 6))
    scores = task.score(done.answers)
    assert scores["accuracy"] == pytest.approx(0.4)
    assert scores["overconfidence"] == pytest.approx(50)
    assert scores["inconsistency"] == pytest.approx(30)
    assert scores["calibration_error"] == pytest.approx(0.5)
    assert scores["brier"] == pytest.approx(0.4 * 0.01 + 0.6 * 0.81)
    assert len(done.statuses) == 2 * len(RIGHT)


async def test_a_question_without_an_answer_is_not_asked_about_again() -> None:
    model = ScriptedModel(lambda _: "I'm sorry, but I can't answer.")
    task = KnowledgeTask()
    done = await task.perform(model)
    assert len(model.requests) == len(RIGHT) == len(done.statuses)
    assert math.isnan(task.score(done.answers)["accuracy"])
    assert task.score(done.answers, "as_published")["accuracy"] == 0
    assert task.score(done.answers, "as_published")["confidence"] == pytest.approx(-0.01 * 1)


def test_six_questions_of_each_difficulty() -> None:
    counts = np.bincount([one.difficulty for one in knowledge_stimuli().questions])
    assert list(counts[1:]) == [6] * 5
