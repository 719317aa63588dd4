"""Closed choices: both ways to find out how probable they are, and that the way is told."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from personae.errors import InputError
from personae.model import ProviderError, Reply, Request, Sampling, ScriptedModel, choose, open_model
from personae.model.choosing import MOST_UNCLEAR, TOP_LOGPROBS, read_choice, read_logprobs
from personae.model.reply import TokenLogprob
from personae.model.served import Served
from personae.model.status import STATUSES, USABLE
from support.chat_server import ChatServer, completion, fail
from support.messages_server import MessagesServer

AB = replace(Request.of("A or B?", sampling=Sampling(temperature=1.0, max_tokens=5, seed=0)), choices=("A", "B", "C"))


def tokens(probabilities: Mapping[str, float]) -> list[TokenLogprob]:
    top = tuple((token, math.log(value)) for token, value in probabilities.items())
    return [TokenLogprob(*top[0], top)]


def served(probabilities: Mapping[str, float]) -> dict[str, Any]:
    top = [{"token": token, "logprob": math.log(value)} for token, value in probabilities.items()]
    return completion(next(iter(probabilities)), logprobs=[{**top[0], "top_logprobs": top}])


# Log-probabilities


async def test_log_probabilities_are_asked_for_first_and_by_one_call() -> None:
    with ChatServer(served({"A": 0.5, " A": 0.1, "B": 0.2, "\n": 0.1})) as server:
        model = open_model(f"{server.url}#m")
        assert isinstance(model, Served)
        found = await choose(model, AB, 50)
        await model.aclose()
    assert found.method == "logprobs"
    assert found.probabilities == pytest.approx({"A": 0.75, "B": 0.25})
    assert found.covered == pytest.approx(0.8)
    assert found.bounds == pytest.approx({"C": 0.1 / 0.9})
    assert (found.n, found.reason, found.counts, found.statuses) == (0, "", {}, {})
    (body,) = server.requests
    assert (body["max_tokens"], body["temperature"], body["top_logprobs"]) == (1, 0, TOP_LOGPROBS)


def test_a_beginning_stands_for_the_one_choice_that_it_begins() -> None:
    found = read_logprobs(tokens({"Dis": 0.3, "Ag": 0.5, "Agree": 0.1}), ["Agree", "Disagree"])
    assert found.probabilities == pytest.approx({"Agree": 2 / 3, "Disagree": 1 / 3})
    assert found.bounds == {}


@pytest.mark.parametrize("probability", [MOST_UNCLEAR * 0.9, MOST_UNCLEAR * 1.1])
def test_what_begins_several_choices_counts_for_none_and_little_of_it_is_borne(probability: float) -> None:
    likert = ["Agree", "Strongly agree", "Strongly disagree"]
    told = tokens({"Agree": 0.9, " Strongly": probability})
    if probability > MOST_UNCLEAR:
        with pytest.raises(ProviderError, match="' Strongly' begins several") as caught:
            read_logprobs(told, likert)
        assert caught.value.kind == "unsupported"
    else:
        found = read_logprobs(told, likert)
        assert found.probabilities == {"Agree": 1.0}
        assert set(found.bounds) == {"Strongly agree", "Strongly disagree"}


def test_one_may_be_the_beginning_of_ten_unless_ten_is_a_token() -> None:
    numbers = [str(number) for number in range(1, 11)]
    with pytest.raises(ProviderError, match="'1' begins"):
        read_logprobs(tokens({"1": 0.4, "7": 0.5}), numbers)
    found = read_logprobs(tokens({"1": 0.4, "7": 0.5, "10": 0.1}), numbers)
    assert found.probabilities == pytest.approx({"1": 0.4, "7": 0.5, "10": 0.1})


@given(
    st.dictionaries(st.sampled_from(["A", " A", "B", "\tB", "C", "x", "\n"]), st.floats(1e-6, 1.0), min_size=1),
    st.floats(0.01, 1.0),
)
def test_probabilities_sum_to_one_and_bounds_hold(weights: dict[str, float], share: float) -> None:
    whole = sum(weights.values()) / share
    reported = {token: weight / whole for token, weight in weights.items()}
    if not any(token.strip() in "ABC" and token.strip() for token in reported):
        with pytest.raises(ProviderError, match="stands for a choice"):
            read_logprobs(tokens(reported), ["A", "B", "C"])
        return
    found = read_logprobs(tokens(reported), ["A", "B", "C"])
    assert sum(found.probabilities.values()) == pytest.approx(1)
    assert set(found.probabilities) | set(found.bounds) == {"A", "B", "C"}
    assert not set(found.probabilities) & set(found.bounds)
    for bound in found.bounds.values():  # all that is not reported, given to this one choice
        assert bound == pytest.approx((1 - share) / (found.covered + 1 - share), abs=1e-6)


# Sampling


async def test_an_endpoint_without_log_probabilities_is_asked_often_and_why_is_told() -> None:
    with ChatServer(plan=["A", "A", "b.", "I'm sorry, but I can't choose.", "", "Milk", "A, surely"]) as server:
        model = open_model(f"{server.url}#m", {"attempts": "1"})
        assert isinstance(model, Served)
        found = await choose(model, AB, 6)
        await model.aclose()
    assert found.method == "sampling"
    assert "no log-probabilities" in found.reason
    assert found.counts == {"A": 2, "B": 1, "C": 0}
    assert found.probabilities == pytest.approx({"A": 2 / 3, "B": 1 / 3, "C": 0})
    assert (found.n, found.covered) == (3, 0.5)
    assert found.statuses == {"ok": 2, "repaired": 1, "refused": 1, "empty": 1, "unparsed": 1}


@pytest.mark.parametrize("refusal", [fail(400, "logprobs is not supported with this model")])
async def test_an_endpoint_that_refuses_the_question_for_them_is_asked_often(refusal: Any) -> None:
    with ChatServer("B", plan=[refusal]) as server:
        model = open_model(f"{server.url}#m")
        assert isinstance(model, Served)
        found = await choose(model, AB, 3)
        await model.aclose()
    assert (found.method, found.counts) == ("sampling", {"A": 0, "B": 3, "C": 0})
    assert "logprobs is not supported" in found.reason


async def test_the_messages_api_is_sampled_without_a_call_in_vain() -> None:
    with MessagesServer("C") as server:
        model = open_model("anthropic/m", base_url=server.url)
        found = await choose(model, AB, 4)
        await model.aclose()  # type: ignore[attr-defined]
    assert (found.method, found.n, len(server.requests)) == ("sampling", 4, 4)


async def test_draws_are_replicates_with_seeds_of_their_own_drawn_as_the_request_says() -> None:
    model = ScriptedModel(lambda _: "A")
    await choose(model, replace(AB, replicate=2), 5, method="sampling")
    assert [one.replicate for one in model.requests] == [10, 11, 12, 13, 14]
    assert len({one.sampling.seed for one in model.requests}) == 5
    assert {(one.sampling.temperature, one.sampling.max_tokens) for one in model.requests} == {(1.0, 5)}
    first = [one.sampling.seed for one in model.requests]
    again = ScriptedModel(lambda _: "A")
    await choose(again, AB, 5, method="sampling")
    assert [one.sampling.seed for one in again.requests] == first  # a seed repeats
    bare = ScriptedModel(lambda _: "A")
    await choose(bare, replace(AB, sampling=Sampling()), 2, method="sampling")
    assert [one.sampling.seed for one in bare.requests] == [None, None]


async def test_draws_that_fail_are_counted_and_those_that_are_hopeless_end_it() -> None:
    lost = ProviderError("timeout", "no answer")
    found = await choose(ScriptedModel(["A", lost, lost]), AB, 3, method="sampling")
    assert (found.n, found.statuses) == (1, {"ok": 1, "failed": 2})
    nothing = await choose(ScriptedModel([lost]), AB, 1, method="sampling")
    assert (nothing.probabilities, nothing.n, nothing.covered) == ({}, 0, 0.0)
    with pytest.raises(ProviderError, match="no such model"):
        await choose(ScriptedModel(["A", ProviderError("not_found", "no such model")]), AB, 2, method="sampling")


async def test_log_probabilities_that_are_insisted_on_are_not_replaced() -> None:
    with pytest.raises(ProviderError, match="no log-probabilities") as caught:
        await choose(ScriptedModel(["A"]), AB, 5, method="logprobs")
    assert caught.value.kind == "unsupported"


async def test_a_server_that_is_down_is_not_sampled_instead() -> None:
    model = ScriptedModel([ProviderError("unreachable", "nobody there")])
    with pytest.raises(ProviderError, match="nobody there"):
        await choose(model, AB, 5)
    assert len(model.requests) == 1


async def test_both_ways_agree_on_a_respondent_that_has_one_probability() -> None:
    ask = replace(Request.of("Do you like parties? Answer Yes or No.", sampling=Sampling(1.0)), choices=("Yes", "No"))
    told = await choose(open_model("sim"), ask)
    drawn = await choose(open_model("sim"), ask, 2000, method="sampling")
    assert (told.method, drawn.method) == ("logprobs", "sampling")
    assert (drawn.n, drawn.statuses) == (2000, {"ok": 2000})
    # four standard errors of a share of 2,000 draws, at most
    assert drawn.probabilities["Yes"] == pytest.approx(told.probabilities["Yes"], abs=4 * math.sqrt(0.25 / 2000))


@pytest.mark.parametrize(
    ("choices", "draws"), [((), 5), (("A",), 5), (("A", "A"), 5), (("A", " "), 5), (("A", "B"), 0)]
)
async def test_what_is_no_choice_is_refused(choices: tuple[str, ...], draws: int) -> None:
    with pytest.raises(InputError) as caught:
        await choose(ScriptedModel(["A"] * 9), replace(AB, choices=choices), draws)
    assert caught.value.remedy


READINGS: list[tuple[str, list[str], str | None, str]] = [
    ("Agree", ["Agree", "Disagree"], "Agree", "ok"),
    (" agree.\n", ["Agree", "Disagree"], "Agree", "ok"),
    ("**(B)**", ["A", "B"], "B", "ok"),
    ("Agree strongly", ["Agree", "Agree strongly"], "Agree strongly", "ok"),
    ("Agreement is hard", ["Agree", "Disagree"], None, "unparsed"),
    ("1", ["1", "10"], "1", "ok"),
    ("10", ["1", "10"], "10", "ok"),
    ("10 of 10", ["1", "10"], "10", "repaired"),
    ("A", ["A", "a"], "A", "ok"),
    ("a.", ["A", "a"], None, "unparsed"),
    ("…", ["A", "B"], None, "unparsed"),
    ("", ["A", "B"], None, "empty"),
]


@pytest.mark.parametrize(("text", "choices", "choice", "status"), READINGS)
def test_a_reply_is_read_strictly_first(text: str, choices: list[str], choice: str | None, status: str) -> None:
    assert read_choice(Reply(text), choices) == (choice, status)


def test_a_refusal_in_its_own_field_is_one() -> None:
    assert read_choice(Reply("A", refusal="no"), ["A", "B"]) == (None, "refused")


@given(st.text(max_size=20), st.lists(st.text(min_size=1, max_size=6), min_size=2, max_size=5, unique=True))
def test_any_reply_is_read(text: str, choices: list[str]) -> None:
    choice, status = read_choice(Reply(text), choices)
    assert status in STATUSES
    assert (choice in choices) if choice is not None else True
    assert (choice is not None) == (status in USABLE)
