"""The Columbia Card Task: its design, its expected values, its scores."""

from __future__ import annotations

import numpy as np
import pytest

from personae.instrument.tasks import ROUNDS, CardTask, Round, best_cards, expected_points
from personae.instrument.tasks.cards import CARDS, read_as_published
from personae.model import ScriptedModel


def test_the_design_is_the_full_factorial() -> None:
    assert len(ROUNDS) == 27
    assert {one.losses for one in ROUNDS} == {1, 3, 5}
    assert {one.gain for one in ROUNDS} == {10, 20, 30}
    assert {one.loss for one in ROUNDS} == {250, 500, 750}
    assert len(set(ROUNDS)) == 27


@pytest.mark.parametrize("one", [ROUNDS[0], ROUNDS[8], ROUNDS[13], ROUNDS[26]])
def test_expected_points_are_what_many_rounds_bring(one: Round) -> None:
    rng = np.random.default_rng(3)
    deck = np.array([1] * one.losses + [0] * (CARDS - one.losses))
    for cards in (1, 6, 20):
        turned = rng.permuted(np.tile(deck, (40_000, 1)), axis=1)[:, :cards]
        is_hit = turned.any(axis=1)
        before = np.where(is_hit, turned.argmax(axis=1), cards)
        points = before * one.gain - is_hit * one.loss
        tolerance = 4 * points.std() / np.sqrt(len(points))
        assert expected_points(one, cards) == pytest.approx(points.mean(), abs=tolerance)


def test_nothing_turned_brings_nothing_and_everything_brings_the_loss() -> None:
    one = Round(3, 20, 500)
    assert expected_points(one, 0) == expected_points(one, 0, "as_published") == 0
    assert expected_points(one, CARDS, "as_published") == pytest.approx(-500)
    with pytest.raises(ValueError, match="33 cards"):
        expected_points(one, 33)


def test_the_published_expectation_forgets_what_was_gained() -> None:
    for one in ROUNDS:
        assert expected_points(one, 10, "as_published") < expected_points(one, 10)
        assert best_cards(one, "as_published") <= best_cards(one)


def test_more_loss_cards_and_higher_losses_call_for_fewer_cards() -> None:
    assert best_cards(Round(1, 30, 250)) > best_cards(Round(3, 30, 250)) > best_cards(Round(5, 30, 750)) == 0


async def test_the_best_choices_lose_no_points() -> None:
    task = CardTask()
    best = {one.prompt(): str(best_cards(one)) for one in ROUNDS}
    done = await task.perform(ScriptedModel(lambda request: best[request.messages[-1].content]))
    scores = task.score(done.answers)
    assert set(done.statuses) == {"ok"}
    assert scores["points_lost"] == scores["beyond_best"] == 0
    assert scores["cards"] == pytest.approx(np.mean([best_cards(one) for one in ROUNDS]))


async def test_a_refusal_is_missing_and_passes_as_0_only_as_published() -> None:
    task = CardTask()
    replies = iter(["I'm sorry, but I can't answer that.", "between 3 and 5", *["8"] * 25])
    done = await task.perform(ScriptedModel(lambda _: next(replies)))
    assert done.statuses[:2] == ("refused", "unparsed")
    assert task.score(done.answers)["cards"] == 8
    assert task.score(done.answers, "as_published")["cards"] == pytest.approx((0 + 32 + 25 * 8) / 27)


def test_the_published_reading() -> None:
    assert [read_as_published(text) for text in ("12", "1 2", "none", "100")] == [12, 12, 0, 32]


async def test_the_system_message_is_passed_on_and_every_round_is_a_call() -> None:
    model = ScriptedModel(lambda _: "1")
    await CardTask().perform(model, system="You are bold.")
    assert len(model.requests) == 27
    assert {request.messages[0].content for request in model.requests} == {"You are bold."}
