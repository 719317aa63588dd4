"""The respondent as a model: what a reply carries besides its text."""

from __future__ import annotations

import math

import pytest

from personae.model import Message, Model, Reply, Request, Sampling
from personae.persona import BIG_FIVE
from personae.respondent import SimSettings, SimulatedRespondent
from personae.respondent.graded import category_probabilities
from personae.respondent.items import loading_of

E = BIG_FIVE[0]
SYSTEM = "You are very talkative."
ITEM = "Statement: I am talkative.\n1 = Disagree\n2 = Neutral\n3 = Agree\nAnswer with the number only."
STORY = "Please share a personal story in 100 words."


def reply_to(prompt: str, **sampling: object) -> Reply:
    settings = Sampling(**{"seed": 0, **sampling})  # type: ignore[arg-type]
    return SimulatedRespondent().answer(Request.of(prompt, system=SYSTEM, sampling=settings))


def test_it_is_a_model_like_any_other() -> None:
    model: Model = SimulatedRespondent()
    assert model.name == "sim"


async def test_generating_is_answering() -> None:
    respondent, request = SimulatedRespondent(), Request.of(STORY, sampling=Sampling(seed=1))
    assert await respondent.generate(request) == respondent.answer(request)


async def test_a_stream_is_the_reply_in_pieces_and_then_the_reply() -> None:
    respondent, request = SimulatedRespondent(), Request.of(STORY, sampling=Sampling(seed=1))
    arrived = [piece async for piece in respondent.stream(request)]
    assert arrived[-1] == respondent.answer(request)
    assert "".join(piece for piece in arrived[:-1] if isinstance(piece, str)) == respondent.answer(request).text
    assert len(arrived) > 50


def test_a_stop_sequence_ends_the_reply_before_it() -> None:
    whole = reply_to(STORY).text
    cut = reply_to(STORY, stop=("zebra", ", "))
    assert whole.startswith(cut.text)
    assert cut.text == whole.partition(", ")[0]
    assert cut.finish == "stop"


def test_a_bound_on_tokens_cuts_the_reply_and_says_so() -> None:
    whole = reply_to(STORY)
    cut = reply_to(STORY, max_tokens=5)
    assert (whole.finish, cut.finish) == ("stop", "length")
    assert whole.text.startswith(cut.text)
    assert 0 < len(cut.text) <= 20
    assert reply_to(STORY, max_tokens=5000) == whole
    assert reply_to(STORY, max_tokens=0).text == ""


def test_tokens_are_counted_so_that_a_rehearsal_can_be_priced() -> None:
    short, long = reply_to(ITEM), reply_to(STORY)
    assert short.usage.output_tokens == 1
    assert long.usage.output_tokens == -(-len(long.text) // 4)
    assert short.usage.input_tokens == -(-(len(SYSTEM) + len(ITEM)) // 4)
    assert reply_to(STORY, n=3).usage.output_tokens > 2 * long.usage.output_tokens


def test_an_answer_comes_with_the_log_probabilities_of_the_response_model() -> None:
    loading = loading_of("I am talkative.")
    assert loading is not None
    p = category_probabilities(loading.theta({E: 1.5}), loading.discrimination, loading.difficulty, 3, 1.0)
    for temperature in (0.0, 1.0, 2.0):
        (token,) = reply_to(ITEM, temperature=temperature, top_logprobs=3).logprobs
        assert {word: math.exp(value) for word, value in token.top} == pytest.approx(
            {str(k + 1): p[k] for k in range(3)}
        )
        assert token.logprob == dict(token.top)[token.token]
    (token,) = reply_to(ITEM, top_logprobs=2).logprobs
    assert [word for word, _ in token.top] == ["3", "2"]


def test_texts_come_without_log_probabilities() -> None:
    assert reply_to(STORY, top_logprobs=5).logprobs == ()
    assert reply_to(ITEM).logprobs == ()


async def test_choices_are_scored_exactly_by_mark_or_by_words() -> None:
    respondent = SimulatedRespondent()
    by_mark = await respondent.score(Request(Request.of(ITEM, system=SYSTEM).messages, choices=("1", "2", "3")))
    words = ("Disagree", "neutral", "AGREE", "Perhaps")
    by_words = await respondent.score(Request(Request.of(ITEM, system=SYSTEM).messages, choices=words))
    assert sum(map(math.exp, by_mark.values())) == pytest.approx(1.0)
    assert list(by_words.values()) == pytest.approx(list(by_mark.values()))
    assert "Perhaps" not in by_words
    unlisted = await respondent.score(
        Request(Request.of("I am talkative.", system=SYSTEM).messages, choices=("no", "yes"))
    )
    assert unlisted["yes"] > math.log(0.9) > unlisted["no"]


def test_the_truth_can_be_asked_for() -> None:
    messages = [Message("system", SYSTEM), Message("user", ITEM)]
    assert SimulatedRespondent().traits(messages) == {E: 1.5}
    assert SimulatedRespondent(SimSettings(persona_effect=0.5)).traits(messages) == {E: 0.75}
    assert SimulatedRespondent(SimSettings(persona_effect=-1.0)).traits(messages) == {E: -1.5}
    assert SimulatedRespondent().traits([Message("user", ITEM)]) == {}


def test_an_empty_conversation_is_answered_too() -> None:
    assert SimulatedRespondent().answer(Request((), Sampling(seed=0))).text
    assert SimulatedRespondent().answer(Request((Message("system", SYSTEM),), Sampling(seed=0))).text
