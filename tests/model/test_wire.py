"""The wire format, both ways, compared with bodies spelled out by hand."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from personae.model import FailureKind, Finish, ProviderError, Reply, Request, Sampling, Schema, TokenLogprob, Usage
from personae.model.wire import (
    choice_scores,
    error_message,
    parse_event,
    parse_logprobs,
    parse_reply,
    parse_usage,
    reply_body,
    request_body,
    usage_body,
)
from support.chat_server import completion
from support.values import FULL_REQUEST, json_values, replies, requests, usages


def read(body: Any, **options: Any) -> Reply:
    return parse_reply(orjson.dumps(body), model="asked", **options)


def test_a_bare_request_sends_model_and_messages_only() -> None:
    assert request_body(Request.of("Hello", system="You are Ada."), "gpt-4o") == {
        "model": "gpt-4o",
        "messages": [{"role": "system", "content": "You are Ada."}, {"role": "user", "content": "Hello"}],
    }


def test_every_field_that_is_set_is_sent_under_its_name() -> None:
    assert request_body(FULL_REQUEST, "m") == {
        "model": "m",
        "messages": [
            {"role": "system", "content": "You are Ada."},
            {"role": "user", "content": "Rate yourself."},
            {"role": "assistant", "content": "On what?"},
        ],
        "temperature": 0.7,
        "top_p": 0.9,
        "max_tokens": 50,
        "seed": 0,
        "stop": ["END"],
        "n": 2,
        "logprobs": True,
        "top_logprobs": 5,
        "response_format": {
            "type": "json_schema",
            "json_schema": {
                "name": "rating",
                "schema": {"type": "object", "properties": {"value": {"type": "integer"}}},
                "strict": False,
            },
        },
    }


def test_the_bound_of_the_reply_goes_where_the_endpoint_wants_it() -> None:
    request = Request.of("Hello", sampling=Sampling(max_tokens=7))
    body = request_body(request, "m", max_tokens_field="max_completion_tokens")
    assert body["max_completion_tokens"] == 7
    assert "max_tokens" not in body


def test_a_temperature_and_a_seed_of_0_are_sent() -> None:
    body = request_body(Request.of("Hello", sampling=Sampling(temperature=0, seed=0)), "m")
    assert (body["temperature"], body["seed"]) == (0, 0)


def test_the_seed_is_kept_back_where_the_endpoint_knows_none() -> None:
    assert "seed" not in request_body(Request.of("Hello", sampling=Sampling(seed=3)), "m", seed_field="")


def test_a_closed_schema_is_asked_for_strictly() -> None:
    schema = Schema("rating", {"type": "object", "properties": {}, "additionalProperties": False})
    body = request_body(replace(Request.of("Rate."), schema=schema), "m")
    assert body["response_format"]["json_schema"]["strict"] is True


def test_a_stream_is_asked_for_with_its_usage() -> None:
    body = request_body(Request.of("Hello"), "m", stream=True)
    assert body["stream"] is True
    assert body["stream_options"] == {"include_usage": True}


@given(requests, st.booleans())
def test_any_request_has_a_body_that_json_can_hold_and_no_null_in_it(request: Request, stream: bool) -> None:
    body = orjson.loads(orjson.dumps(request_body(request, "m", stream=stream)))
    assert None not in body.values()
    assert [message["content"] for message in body["messages"]] == [message.content for message in request.messages]


def test_the_replicate_and_the_choices_stay_at_home() -> None:
    request = replace(Request.of("Hello"), choices=("a", "b"), replicate=7)
    assert request_body(request, "m") == request_body(Request.of("Hello"), "m")


def test_a_completion_is_read_whole() -> None:
    body = completion(
        "Four.",
        finish="length",
        model="gpt-4o-2024-08-06",
        usage={
            "prompt_tokens": 20,
            "completion_tokens": 9,
            "prompt_tokens_details": {"cached_tokens": 16},
            "completion_tokens_details": {"reasoning_tokens": 5},
        },
        logprobs=[
            {"token": "Four", "logprob": -0.5, "top_logprobs": [{"token": "Four", "logprob": -0.5}]},
            {"token": ".", "logprob": 0.0},
        ],
        others=("Five.", "Six."),
    )
    assert read(body, seconds=0.25) == Reply(
        text="Four.",
        finish="length",
        model="gpt-4o-2024-08-06",
        usage=Usage(input_tokens=20, output_tokens=9, cached_tokens=16, reasoning_tokens=5),
        alternatives=("Five.", "Six."),
        logprobs=(TokenLogprob("Four", -0.5, (("Four", -0.5),)), TokenLogprob(".", 0.0)),
        request_id="chatcmpl-1",
        seconds=0.25,
    )


FINISHES: list[tuple[str | None, Finish]] = [
    ("stop", "stop"),
    ("length", "length"),
    ("model_length", "length"),
    ("content_filter", "filtered"),
    ("tool_calls", "stop"),
    ("another reason", "unknown"),
    (None, "unknown"),
    ("", "unknown"),
]


@pytest.mark.parametrize(("reason", "finish"), FINISHES)
def test_the_finish_reason_is_one_of_four(reason: str | None, finish: Finish) -> None:
    assert read(completion("x", finish=reason)).finish == finish


@pytest.mark.parametrize("reason", ["error", "insufficient_system_resource"])
def test_a_reply_that_the_endpoint_broke_off_is_no_reply(reason: str) -> None:
    with pytest.raises(ProviderError) as caught:
        read(completion("Half an ans", finish=reason))
    assert caught.value.kind == "overloaded"


def test_an_error_within_a_choice_is_an_error() -> None:
    body = completion("Half an ans", finish="error")
    body["choices"][0]["error"] = {"code": 429, "message": "upstream is busy"}
    with pytest.raises(ProviderError, match="upstream is busy") as caught:
        read(body)
    assert caught.value.kind == "rate_limited"


def test_choices_are_put_into_the_order_of_their_index() -> None:
    body = completion("first", others=("second", "third"))
    body["choices"].reverse()
    reply = read(body)
    assert (reply.text, reply.alternatives) == ("first", ("second", "third"))


def test_a_refusal_stands_apart_from_the_text() -> None:
    reply = read(completion(None, refusal="I cannot help with that."))
    assert (reply.text, reply.refusal) == ("", "I cannot help with that.")


@pytest.mark.parametrize("content", [None, "", []])
def test_no_content_is_an_empty_text(content: Any) -> None:
    assert read(completion(content)).text == ""


def test_parts_of_text_are_joined_and_other_parts_are_left_out() -> None:
    parts = [{"type": "thinking", "thinking": "hm"}, {"type": "text", "text": "Good "}, {"type": "text", "text": "day"}]
    assert read(completion(parts)).text == "Good day"


def test_a_server_that_tells_no_usage_and_no_name_is_understood() -> None:
    body = completion("x", usage=None)
    del body["model"], body["id"]
    reply = read(body, request_id="req-9")
    assert (reply.usage, reply.model, reply.request_id) == (Usage(), "asked", "req-9")


NO_COMPLETIONS = [
    b"",
    b"null",
    b"[]",
    b'"Hello"',
    b"{}",
    b'{"choices": []}',
    b'{"choices": null}',
    b'{"choices": [{}]}',
    b'{"choices": [{"message": null}]}',
    b'{"choices": ["Hello"]}',
    b'{"choices": 5}',
    b'{"choices": [{"message": {"content": "x"}}], "usage": "many"}',
    b'{"choices": [{"message": {"content": "x"}, "logprobs": {"content": [{"token": "x"}]}}]}',
    b"<html><body>502 Bad Gateway</body></html>",
    b'{"choices": [{"message": {"content": "cut he',
    b"\xff\xfe\x00",
    b"data: {}",
    b"[" * 100_000,
]


@pytest.mark.parametrize("payload", NO_COMPLETIONS, ids=lambda payload: payload[:40].decode("latin1"))
def test_what_is_no_completion_is_a_bad_reply(payload: bytes) -> None:
    with pytest.raises(ProviderError) as caught:
        parse_reply(payload, model="asked", request_id="req-9")
    assert (caught.value.kind, caught.value.request_id) == ("bad_reply", "req-9")
    assert len(str(caught.value)) < 1000


@given(st.binary(max_size=200))
def test_no_bytes_raise_anything_else(payload: bytes) -> None:
    with pytest.raises(ProviderError):
        parse_reply(payload, model="asked")


@given(st.dictionaries(st.sampled_from(["choices", "error", "usage", "model", "id"]), json_values))
def test_no_json_raises_anything_else(body: dict[str, Any]) -> None:
    try:
        read(body)
    except ProviderError as error:
        assert error.kind


@given(json_values, json_values, json_values, json_values)
def test_no_choice_raises_anything_else(message: Any, content: Any, usage: Any, logprobs: Any) -> None:
    for told in (message, {"content": content}):
        try:
            read({"choices": [{"message": told, "logprobs": logprobs}], "usage": usage})
        except ProviderError as error:
            assert error.kind == "bad_reply"


WRAPPED: list[tuple[Any, FailureKind, int]] = [
    ({"message": "upstream failed", "code": 502}, "overloaded", 502),
    ({"message": "slow down", "code": 429}, "rate_limited", 429),
    ({"message": "slow down", "code": "429"}, "rate_limited", 429),
    ({"message": "no such key", "code": 401}, "authentication", 401),
    ({"message": "Incorrect API key provided", "code": "invalid_api_key"}, "authentication", 200),
    ({"message": "too long", "code": "context_length_exceeded"}, "context_length", 200),
    ({"message": "you are broke", "type": "insufficient_quota", "code": None}, "authentication", 200),
    ({"message": "something"}, "overloaded", 200),
    ({"message": "something", "code": 7}, "overloaded", 200),
    ("a mere text", "overloaded", 200),
    (["a", "list"], "overloaded", 200),
]


@pytest.mark.parametrize(("error", "kind", "status"), WRAPPED)
def test_an_error_within_a_200_has_the_kind_of_its_code(error: Any, kind: FailureKind, status: int) -> None:
    with pytest.raises(ProviderError) as caught:
        read({"error": error})
    assert (caught.value.kind, caught.value.status) == (kind, status)


@pytest.mark.parametrize("nothing", [None, "", {}])
def test_an_empty_error_is_none(nothing: Any) -> None:
    assert read({**completion("Hello"), "error": nothing}).text == "Hello"


@given(replies)
def test_a_reply_spelled_as_a_completion_is_read_back(reply: Reply) -> None:
    body = orjson.loads(orjson.dumps(reply_body(reply, created=0)))
    told = replace(reply, is_cached=False, finish="stop" if reply.finish == "unknown" else reply.finish)
    assert read(body, seconds=reply.seconds) == replace(told, model=told.model or "asked")


@given(usages)
def test_tokens_spelled_for_the_wire_are_read_back(usage: Usage) -> None:
    assert parse_usage(usage_body(usage)) == usage
    assert usage_body(usage)["total_tokens"] == usage.input_tokens + usage.output_tokens


@pytest.mark.parametrize(
    "data", [None, {}, {"prompt_tokens": None}, {"prompt_tokens_details": None, "completion_tokens_details": None}]
)
def test_tokens_that_are_not_told_count_as_0(data: Any) -> None:
    assert parse_usage(data) == Usage()


ERRORS: list[tuple[str, tuple[str, str]]] = [
    ('{"error": {"message": "no", "type": "t", "code": "c"}}', ("no", "c")),
    ('{"error": {"message": "no", "type": "t", "code": null}}', ("no", "t")),
    ('[{"error": {"message": "no", "code": 400}}]', ("no", "400")),
    ('{"error": "model not found"}', ("model not found", "")),
    ('{"detail": "Not Found"}', ('{"detail": "Not Found"}', "")),
    ("  Bad Gateway\n", ("Bad Gateway", "")),
    ("[]", ("[]", "")),
    ("", ("", "")),
]


@pytest.mark.parametrize(("body", "expected"), ERRORS)
def test_message_and_code_are_taken_out_of_an_error(body: str, expected: tuple[str, str]) -> None:
    assert error_message(body) == expected


@given(json_values)
def test_any_body_has_a_message(value: Any) -> None:
    message, code = error_message(json.dumps({"error": value}))
    assert isinstance(message, str)
    assert isinstance(code, str)


def token(*rivals: tuple[str, float]) -> TokenLogprob:
    return TokenLogprob(rivals[0][0], rivals[0][1], rivals)


def test_tokens_that_stand_for_one_choice_add_up() -> None:
    scores = choice_scores([token(("A", math.log(0.3)), (" A", math.log(0.2)), ("B", math.log(0.1)))], ["A", "B"])
    assert scores == pytest.approx({"A": math.log(0.5), "B": math.log(0.1)})


def test_a_choice_that_no_token_stands_for_is_left_out() -> None:
    assert choice_scores([token(("A", -0.1))], ["A", "B"]) == {"A": -0.1}
    assert choice_scores([], ["A"]) == {}
    assert choice_scores([token(("Hello", -0.1))], ["A"]) == {}


def test_the_beginning_of_one_choice_stands_for_it_and_that_of_two_for_neither() -> None:
    rivals = token((" Dis", -1.0), ("Agree", -2.0), ("Strong", -3.0))
    choices = ["Disagree", "Agree", "Strongly agree", "Strongly disagree"]
    assert choice_scores([rivals], choices) == {"Disagree": -1.0, "Agree": -2.0}


def test_a_whole_choice_stands_for_itself_even_where_another_begins_with_it() -> None:
    assert choice_scores([token(("1", -0.5))], ["1", "10"]) == {"1": -0.5}


def test_white_space_stands_for_nothing() -> None:
    assert choice_scores([token((" ", -0.1), ("\n", -0.2), ("", -0.3))], ["A"]) == {}


def test_without_rivals_the_token_itself_is_scored() -> None:
    assert choice_scores([TokenLogprob("B", -0.7)], ["A", "B"]) == {"B": -0.7}


def test_only_the_first_token_counts_and_the_order_is_that_of_the_choices() -> None:
    scores = choice_scores([token(("B", -1.0), ("A", -2.0)), token(("C", -0.1))], ["A", "B", "C"])
    assert list(scores.items()) == [("A", -2.0), ("B", -1.0)]


@given(st.lists(st.tuples(st.sampled_from(["A", " A", "B", "x", ""]), st.floats(-50, -1e-6)), min_size=1, max_size=8))
def test_scores_never_sum_to_more_than_the_tokens_reported(rivals: list[tuple[str, float]]) -> None:
    scores = choice_scores([token(*rivals)], ["A", "B"])
    total = sum(math.exp(value) for _, value in rivals)
    assert sum(math.exp(value) for value in scores.values()) <= total * (1 + 1e-9)


@pytest.mark.parametrize("data", [None, {}, {"content": None}, {"content": []}, {"tokens": ["x"]}])
def test_log_probabilities_that_are_not_told_are_none(data: Any) -> None:
    assert parse_logprobs(data) == ()


EVENTS: list[tuple[bytes, dict[str, Any] | None]] = [
    (b'data: {"a": 1}\n', {"a": 1}),
    (b'data:{"a": 1}\r\n', {"a": 1}),
    (b"data: [DONE]\n", None),
    (b"data:\n", None),
    (b": OPENROUTER PROCESSING\n", None),
    (b"event: message\n", None),
    (b"id: 7\n", None),
    (b"\n", None),
]


@pytest.mark.parametrize(("line", "event"), EVENTS)
def test_a_line_is_an_event_or_nothing(line: bytes, event: dict[str, Any] | None) -> None:
    assert parse_event(line) == event


@pytest.mark.parametrize("line", [b"data: {", b"data: hello", b"data: [1]", b'data: "x"', b"data: 5", b"data: \xff"])
def test_an_event_that_is_no_object_raises(line: bytes) -> None:
    with pytest.raises(ValueError):
        parse_event(line)
