"""Anthropic's wire format, from its documentation: bodies out, messages in, and what the API cannot do."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from personae.errors import InputError
from personae.model import FailureKind, Finish, Message, ProviderError, Reply, Request, Role, Sampling, Schema, Usage
from personae.model.anthropic_wire import (
    DEFAULT_MAX_TOKENS,
    StreamedMessage,
    kind_of_error,
    messages_body,
    parse_message,
    parse_usage,
)
from support.messages_server import error_body, events, frame, message, tool_use

ASK = Request.of("Hello", system="You are Ada.")


def text(words: str) -> dict[str, Any]:
    return {"type": "text", "text": words}


# Out


def test_a_question_is_spelled_with_its_system_prompt_apart() -> None:
    assert messages_body(ASK, "claude") == {
        "model": "claude",
        "max_tokens": DEFAULT_MAX_TOKENS,
        "system": [text("You are Ada.")],
        "messages": [{"role": "user", "content": [text("Hello")]}],
    }


def test_everything_that_is_set_is_spelled_and_the_seed_is_not() -> None:
    sampling = Sampling(temperature=0.7, top_p=0.9, max_tokens=50, seed=0, stop=("END",))
    body = messages_body(Request.of("Hello", sampling=sampling), "m", stream=True)
    body.pop("messages")
    assert body == {
        "model": "m",
        "max_tokens": 50,
        "temperature": 0.7,
        "top_p": 0.9,
        "stop_sequences": ["END"],
        "stream": True,
    }


def test_the_system_prompt_is_marked_at_its_end_for_the_prompt_cache() -> None:
    request = Request((Message("system", "Long."), Message("system", "Longer."), Message("user", "Hello")))
    body = messages_body(request, "m", cache_control=True)
    assert body["system"] == [text("Long."), {**text("Longer."), "cache_control": {"type": "ephemeral"}}]
    assert "cache_control" not in orjson.dumps(messages_body(request, "m")).decode()
    assert "system" not in messages_body(Request.of("Hello"), "m", cache_control=True)


def test_messages_of_one_role_become_one_turn_and_empty_ones_none() -> None:
    turns: list[tuple[Role, str]] = [
        ("user", "One."),
        ("user", "Two."),
        ("assistant", ""),
        ("assistant", "Yes?"),
        ("user", "Three."),
    ]
    body = messages_body(Request(tuple(Message(role, words) for role, words in turns)), "m")
    assert body["messages"] == [
        {"role": "user", "content": [text("One."), text("Two.")]},
        {"role": "assistant", "content": [text("Yes?")]},
        {"role": "user", "content": [text("Three.")]},
    ]


ROLES: st.SearchStrategy[Role] = st.sampled_from(("user", "assistant"))


@given(st.lists(st.tuples(ROLES, st.text(max_size=3)), max_size=8))
def test_roles_alternate_and_no_word_is_lost(rows: list[tuple[Role, str]]) -> None:
    try:
        turns = messages_body(Request(tuple(Message(role, words) for role, words in rows)), "m")["messages"]
    except ProviderError as error:
        assert error.kind == "unsupported"
        assert next((role for role, words in rows if words), "assistant") == "assistant"
        return
    roles = [turn["role"] for turn in turns]
    assert roles[0] == "user"
    assert all(first != second for first, second in pairwise(roles))
    assert [block["text"] for turn in turns for block in turn["content"]] == [words for _, words in rows if words]


def test_a_schema_becomes_a_tool_that_must_be_called() -> None:
    schema = Schema("a rating (1-5)", {"properties": {"rating": {"type": "integer"}}, "required": ["rating"]})
    body = messages_body(Request((Message("user", "Rate."),), schema=schema), "m")
    (tool,) = body["tools"]
    assert tool["name"] == "a_rating__1-5_"
    assert tool["input_schema"] == {"type": "object", **schema.definition}
    assert body["tool_choice"] == {"type": "tool", "name": tool["name"]}


@pytest.mark.parametrize("temperature", [-0.1, 1.01, 2.0, float("nan")])
def test_a_temperature_that_the_api_does_not_know_is_refused_and_not_clamped(temperature: float) -> None:
    with pytest.raises(InputError, match="temperature") as caught:
        messages_body(Request.of("Hello", sampling=Sampling(temperature=temperature)), "m", name="anthropic/m")
    assert caught.value.where == "anthropic/m"
    assert caught.value.remedy


@pytest.mark.parametrize("temperature", [0, 1])
def test_the_ends_of_the_range_are_taken(temperature: float) -> None:
    assert messages_body(Request.of("Hello", sampling=Sampling(temperature)), "m")["temperature"] == temperature


IMPOSSIBLE: list[tuple[Request, str]] = [
    (Request.of("Hello", sampling=Sampling(n=2)), "one reply"),
    (Request.of("Hello", sampling=Sampling(top_logprobs=5)), "log-probabilities"),
    (Request((Message("user", "Hi"), Message("system", "Be brief."), Message("user", "Go"))), "system message"),
    (Request((Message("assistant", "Hello"),)), "begins"),
    (Request((Message("system", "You are Ada."),)), "begins"),
    (Request(()), "begins"),
]


@pytest.mark.parametrize(("request_", "word"), IMPOSSIBLE, ids=[word for _, word in IMPOSSIBLE[:3]] + ["a", "s", "n"])
def test_what_the_api_cannot_do_is_said(request_: Request, word: str) -> None:
    with pytest.raises(ProviderError, match=word) as caught:
        messages_body(request_, "m")
    assert (caught.value.kind, caught.value.is_retryable) == ("unsupported", False)


# In


def read(body: Any) -> Reply:
    return parse_message(orjson.dumps(body), model="anthropic/m", seconds=2.0, request_id="req_1")


def test_a_message_is_read_whole() -> None:
    thought = {"type": "thinking", "thinking": "Hm.", "signature": "x"}
    assert read(message(thought, "Good ", "morning.")) == Reply(
        "Good morning.", "stop", "served-model", Usage(9, 3), request_id="msg_1", seconds=2.0
    )


def test_the_input_of_the_tool_is_the_answer() -> None:
    reply = read(message("Let me see.", tool_use({"rating": 4}), stop="tool_use"))
    assert (orjson.loads(reply.text), reply.finish) == ({"rating": 4}, "stop")


FINISHES: list[tuple[str | None, Finish]] = [
    ("end_turn", "stop"),
    ("stop_sequence", "stop"),
    ("tool_use", "stop"),
    ("max_tokens", "length"),
    ("model_context_window_exceeded", "length"),
    ("refusal", "filtered"),
    ("pause_turn", "unknown"),
    (None, "unknown"),
]


@pytest.mark.parametrize(("reason", "finish"), FINISHES)
def test_the_reason_for_stopping_is_read(reason: str | None, finish: Finish) -> None:
    reply = read(message("Hi", stop=reason))
    assert reply.finish == finish
    assert bool(reply.refusal) == (reason == "refusal")


def test_a_refusal_is_told_in_the_words_of_the_endpoint_where_it_has_any() -> None:
    told = {"type": "refusal", "explanation": "It may do harm."}
    assert read(message(stop="refusal", stop_details=told)).refusal == "It may do harm."
    assert read(message(stop="refusal")).refusal == "stop_reason: refusal"


def test_tokens_of_the_prompt_cache_are_input() -> None:
    counts = {
        "input_tokens": 10,
        "cache_creation_input_tokens": 200,
        "cache_read_input_tokens": 3000,
        "output_tokens": 40,
    }
    assert parse_usage(counts) == Usage(3210, 40, 3000)
    assert parse_usage({**counts, "cache_read_input_tokens": None}) == Usage(210, 40, 0)
    assert parse_usage(None) == Usage()


KINDS: list[tuple[str, str, FailureKind]] = [
    ("authentication_error", "invalid x-api-key", "authentication"),
    ("permission_error", "no", "authentication"),
    ("billing_error", "no", "authentication"),
    ("not_found_error", "model: claude-9", "not_found"),
    ("request_too_large", "no", "context_length"),
    ("rate_limit_error", "no", "rate_limited"),
    ("timeout_error", "no", "timeout"),
    ("overloaded_error", "Overloaded", "overloaded"),
    ("api_error", "Internal server error", "overloaded"),
    ("invalid_request_error", "prompt is too long: 205000 tokens > 200000 maximum", "context_length"),
    ("invalid_request_error", "Your credit balance is too low to access the Anthropic API.", "authentication"),
    ("invalid_request_error", "max_tokens: Field required", "bad_request"),
]


@pytest.mark.parametrize(("kind", "words", "meant"), KINDS)
def test_errors_have_the_kinds_of_all_providers(kind: str, words: str, meant: FailureKind) -> None:
    assert kind_of_error({"type": kind, "message": words}) == meant
    with pytest.raises(ProviderError) as caught:
        read(error_body(kind, words))
    assert caught.value.kind == meant


BROKEN: list[Any] = [
    {},
    [],
    None,
    "Hello",
    {"content": None},
    {"content": "Hello"},
    {"content": [{"type": "text"}]},
    {"content": [{"text": "Hi"}]},
    {"content": [{"type": "text", "text": 5}]},
    {"content": [{"type": "tool_use"}]},
    {"content": [], "usage": "many"},
    {"content": [], "usage": {"input_tokens": "x"}},
    {"choices": [{"message": {"content": "Hi"}}]},
]


@pytest.mark.parametrize("body", BROKEN, ids=lambda body: str(body)[:40])
def test_what_is_no_message_is_a_bad_reply(body: Any) -> None:
    with pytest.raises(ProviderError) as caught:
        read(body)
    assert caught.value.kind == "bad_reply"


def test_what_is_no_json_is_a_bad_reply() -> None:
    with pytest.raises(ProviderError, match="nginx") as caught:
        parse_message(b"<html>nginx", model="m")
    assert caught.value.kind == "bad_reply"


@given(st.recursive(st.none() | st.booleans() | st.integers(0, 9) | st.text(max_size=5), st.lists, max_leaves=5))
def test_nothing_but_a_provider_error_comes_of_nonsense(value: Any) -> None:
    for body in (value, {"content": value}, message("x", usage=value), {"type": "error", "error": value}):
        try:
            read(body)
        except ProviderError as error:
            assert error.remedy


# Streams


def streamed(frames: Sequence[bytes]) -> tuple[str, Reply]:
    whole = StreamedMessage("anthropic/m")
    pieces = [whole.add(orjson.loads(one.partition(b"data: ")[2])) for one in frames]
    return "".join(pieces), whole.whole(1.0)


def test_a_streamed_message_is_put_together() -> None:
    usage = {"input_tokens": 5, "cache_read_input_tokens": 90, "cache_creation_input_tokens": 7, "output_tokens": 12}
    text, reply = streamed(events(["Good ", "morning."], usage=usage).frames)
    assert text == reply.text == "Good morning."
    assert reply == Reply("Good morning.", "stop", "served-model", Usage(102, 12, 90), request_id="msg_1", seconds=1.0)


def test_a_streamed_tool_call_is_the_answer_and_words_before_it_are_not() -> None:
    frames = list(events(['{"rating"', ": 4}"], is_tool=True, stop="tool_use").frames)
    words = [
        frame("content_block_start", index=1, content_block={"type": "text", "text": ""}),
        frame("content_block_delta", index=1, delta={"type": "text_delta", "text": "So."}),
    ]
    _, reply = streamed([*frames[:3], *words, *frames[3:]])
    assert (orjson.loads(reply.text), reply.finish) == ({"rating": 4}, "stop")


def test_thinking_and_events_that_are_not_known_add_nothing() -> None:
    others = [
        frame("content_block_start", index=1, content_block={"type": "thinking", "thinking": ""}),
        frame("content_block_delta", index=1, delta={"type": "thinking_delta", "thinking": "Hm."}),
        frame("content_block_delta", index=1, delta={"type": "signature_delta", "signature": "x"}),
        frame("some_new_event", words="x"),
    ]
    text, reply = streamed(events(["Hi"], between=others).frames)
    assert text == reply.text == "Hi"


def test_a_streamed_refusal_is_a_refusal() -> None:
    _, reply = streamed(events(["I"], stop="refusal").frames)
    assert (reply.finish, bool(reply.refusal)) == ("filtered", True)


@pytest.mark.parametrize("cut", [{"is_cut": True}, {"stop": None}, {"is_stopped": False}])
def test_a_stream_without_its_end_is_no_reply(cut: dict[str, Any]) -> None:
    with pytest.raises(ProviderError, match="ended before") as caught:
        streamed(events(["Hi"], **cut).frames)
    assert caught.value.kind == "bad_reply"


def test_a_stream_without_a_word_is_no_reply() -> None:
    with pytest.raises(ProviderError, match="without a word"):
        StreamedMessage("m").whole(0.0)


def test_an_error_in_the_middle_of_a_stream_has_its_kind() -> None:
    with pytest.raises(ProviderError, match="Overloaded") as caught:
        streamed(
            events(["Hi"], between=[frame("error", error={"type": "overloaded_error", "message": "Overloaded"})]).frames
        )
    assert (caught.value.kind, caught.value.request_id) == ("overloaded", "msg_1")


@pytest.mark.parametrize(
    "broken",
    [
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": 5}},
        {"type": "content_block_delta", "index": 7, "delta": {"type": "text_delta", "text": "x"}},
        {"type": "content_block_delta"},
        {"type": "message_start", "message": 5},
        {"no": "type"},
    ],
)
def test_a_broken_event_is_a_bad_reply(broken: dict[str, Any]) -> None:
    with pytest.raises(ProviderError) as caught:
        StreamedMessage("m").add(broken)
    assert caught.value.kind == "bad_reply"
