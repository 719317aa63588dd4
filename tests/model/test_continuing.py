"""How likely given texts are to come next, from servers that tell it."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from personae.errors import InputError
from personae.model import (
    Message,
    ProviderError,
    Reply,
    Request,
    ResponseCache,
    ScriptedModel,
    continuation_request,
    is_continuation,
    open_client,
    open_model,
    score_continuations,
)
from support.chat_server import ChatServer, completion, raw
from support.echo_server import EchoServer

ASK = Request((Message("system", "You are Ada."), Message("user", "Do you like tea?")))
TABLE = {"Yes": -0.5, "No": -2.0, "not": -1.5, "sure": -3.0, "at": -0.25, "all": -0.125}
CHOICES = ["Yes", "No not at all", "not sure"]
SUMS = [-0.5, -2.0 - 1.5 - 0.25 - 0.125, -1.5 - 3.0]


async def ask(url: str, choices: list[str] = CHOICES, **options: str) -> list[tuple[str, float, int]]:
    model = open_client(f"{url}#m", options)
    try:
        found = await score_continuations(model, ASK, choices)
    finally:
        await model.aclose()
    return [(one.text, round(one.logprob, 9), len(one.tokens)) for one in found]


async def test_all_tokens_of_an_echoed_continuation_count_in_one_call() -> None:
    with EchoServer(TABLE) as server:
        found = await ask(server.url)
    assert [score for _, score, _ in found] == pytest.approx(SUMS)
    assert [count for *_, count in found] == [1, 4, 2]
    (body,) = server.completions
    assert body["max_tokens"] == 0
    assert body["echo"] is True
    assert body["prompt"] == [f"You are Ada.\n\nDo you like tea?\n{choice}" for choice in CHOICES]


async def test_within_a_chat_template_the_common_beginning_does_not_count() -> None:
    with EchoServer(TABLE) as server:
        found = await ask(server.url, scoring="prompt_logprobs")
    assert [score for _, score, _ in found] == pytest.approx(SUMS)
    assert len(server.requests) == 3
    assert [body["messages"][-1] for body in server.requests] == [
        {"role": "assistant", "content": choice} for choice in CHOICES
    ]
    assert all(body["continue_final_message"] and not body["add_generation_prompt"] for body in server.requests)


async def test_a_longer_continuation_is_not_punished_by_the_mean_of_its_tokens() -> None:
    with EchoServer(TABLE) as server:
        model = open_client(f"{server.url}#m", {})
        found = await score_continuations(model, ASK, CHOICES)
        await model.aclose()
    assert found[1].per_token == pytest.approx(SUMS[1] / 4)
    assert found[1].logprob < found[2].logprob + 1
    assert found[1].per_token > found[2].per_token


@pytest.mark.parametrize("scoring", ["echo", "prompt_logprobs"])
async def test_a_server_that_tells_nothing_is_said_to(scoring: str) -> None:
    with (
        EchoServer(TABLE, has_echo=False, has_prompt_logprobs=False) as server,
        pytest.raises(ProviderError) as caught,
    ):
        await ask(server.url, scoring=scoring)
    assert caught.value.kind == "unsupported"


async def test_a_server_without_the_address_is_said_to_lack_it() -> None:
    with ChatServer("Hello.") as server, pytest.raises(ProviderError) as caught:
        await ask(server.url)
    assert caught.value.status == 404


async def test_something_else_than_json_may_pass_when_asked_again() -> None:
    with ChatServer(raw(b"<html>")) as server, pytest.raises(ProviderError) as caught:
        await ask(server.url, scoring="prompt_logprobs")
    assert caught.value.kind == "bad_reply"


async def test_one_continuation_that_begins_another_cannot_be_told_apart_within_a_chat() -> None:
    with EchoServer(TABLE) as server:
        with pytest.raises(ProviderError, match="beginning of another"):
            await ask(server.url, ["not", "not sure"], scoring="prompt_logprobs")
        assert [score for _, score, _ in await ask(server.url, ["not", "not sure"])] == pytest.approx([-1.5, -4.5])


async def test_scores_are_kept_as_replies_are(tmp_path: Path) -> None:
    cache = ResponseCache(tmp_path)
    with EchoServer(TABLE) as server:
        model = open_model(f"{server.url}#m", cache=cache)
        first = await score_continuations(model, ASK, CHOICES)
        again = await score_continuations(model, ASK, CHOICES)
        await score_continuations(model, ASK, CHOICES[::-1])
        await model.aclose()  # type: ignore[attr-defined]
    cache.close()
    assert first == again
    assert len(server.completions) == 2


def test_the_way_of_scoring_is_part_of_the_identity_where_it_is_chosen() -> None:
    plain, chosen = (
        open_client("http://127.0.0.1:1/v1#m", options) for options in ({}, {"scoring": "prompt_logprobs"})
    )
    assert plain.identity == open_client("http://127.0.0.1:1/v1#m", {"scoring": "echo"}).identity
    assert plain.identity != chosen.identity
    with pytest.raises(InputError, match="prompt_logprobs"):
        open_client("http://127.0.0.1:1/v1#m", {"scoring": "loud"})


async def test_the_simulated_respondent_scores_its_options() -> None:
    question = "Statement: I talk a lot.\n1 = Disagree strongly\n2 = Neutral\n3 = Agree strongly"
    found = await score_continuations(
        open_model("sim"), Request.of(question, system="You are extremely outgoing."), ["1", "2", "3"]
    )
    assert sum(math.exp(one.logprob) for one in found) == pytest.approx(1)
    assert max(found, key=lambda one: one.logprob).text == "3"


async def test_a_model_that_writes_instead_is_unsupported() -> None:
    with pytest.raises(ProviderError) as caught:
        await score_continuations(ScriptedModel(["Yes"]), ASK, CHOICES)
    assert caught.value.kind == "unsupported"


async def test_a_model_that_scores_choices_is_asked_that_way() -> None:
    class Scorer(ScriptedModel):
        async def score(self, request: Request) -> dict[str, float]:
            return dict(zip(request.choices, SUMS, strict=True))

    found = await score_continuations(Scorer([Reply("")]), ASK, CHOICES)
    assert [one.logprob for one in found] == SUMS


@pytest.mark.parametrize("choices", [["Yes"], ["Yes", "Yes"], ["Yes", ""]])
async def test_continuations_are_different_texts(choices: list[str]) -> None:
    with pytest.raises(InputError, match="continuations"):
        await score_continuations(ScriptedModel([]), ASK, choices)


def test_a_request_for_continuations_is_no_other_request() -> None:
    asked = continuation_request(ASK, CHOICES)
    assert is_continuation(asked)
    assert not is_continuation(ASK)
    assert asked.key != ASK.key != continuation_request(ASK, CHOICES[:2]).key


def test_batches_do_not_score_given_texts() -> None:
    client = open_client("http://127.0.0.1:1/v1#m", {})
    with pytest.raises(ProviderError, match="batches"):
        client.body(continuation_request(ASK, CHOICES))


async def test_an_echo_that_is_too_short_is_a_bad_reply() -> None:
    with ChatServer(completion("x")) as server, pytest.raises(ProviderError):
        await ask(server.url, scoring="prompt_logprobs")
