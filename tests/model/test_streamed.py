"""A streamed reply equals the reply that was cut into the stream, and a stream that was cut gives none."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from personae.model import ProviderError, Reply, TokenLogprob, Usage
from personae.model.streamed import StreamedReply
from support.values import json_values, texts


def chunk(content: str | None = None, finish: str | None = None, **choice: Any) -> dict[str, Any]:
    delta = {} if content is None else {"content": content}
    return {"id": "c-1", "model": "served", "choices": [{"delta": delta, "finish_reason": finish, **choice}]}


def collect(*events: dict[str, Any]) -> tuple[list[str], Reply]:
    streamed = StreamedReply("asked")
    pieces = [streamed.add(event) for event in events]
    return pieces, streamed.whole(0.5)


@given(st.lists(texts, max_size=6))
def test_the_pieces_make_up_the_text(parts: list[str]) -> None:
    pieces, reply = collect(*(chunk(part) for part in parts), chunk(finish="stop"))
    assert pieces == [*parts, ""]
    assert reply == Reply("".join(parts), model="served", request_id="c-1", seconds=0.5)


def test_usage_comes_in_a_chunk_of_its_own_after_the_last_word() -> None:
    usage = {"prompt_tokens": 7, "completion_tokens": 2, "prompt_tokens_details": {"cached_tokens": 4}}
    _, reply = collect(chunk("Hi", "length"), {"choices": [], "usage": usage})
    assert (reply.usage, reply.finish) == (Usage(7, 2, 4), "length")


def test_a_null_usage_in_every_chunk_does_not_undo_the_one_that_counts() -> None:
    _, reply = collect({**chunk("Hi", "stop"), "usage": {"prompt_tokens": 7}}, {"choices": [], "usage": None})
    assert reply.usage == Usage(7)


def test_alternatives_do_not_mix() -> None:
    pieces, reply = collect(
        chunk("one ", index=0),
        chunk("uno ", index=1),
        chunk("two", index=0),
        chunk("dos", index=1),
        chunk(finish="stop", index=0),
        chunk(finish="stop", index=1),
    )
    assert pieces == ["one ", "", "two", "", "", ""]
    assert (reply.text, reply.alternatives) == ("one two", ("uno dos",))


def test_log_probabilities_and_refusals_are_collected() -> None:
    first = chunk("A", logprobs={"content": [{"token": "A", "logprob": -0.1}]})
    second = chunk("!", "stop", logprobs={"content": [{"token": "!", "logprob": -0.2}]})
    refused = {"choices": [{"delta": {"refusal": "I can"}}]}, {"choices": [{"delta": {"refusal": "not."}}]}
    _, reply = collect(first, *refused, second)
    assert reply.logprobs == (TokenLogprob("A", -0.1), TokenLogprob("!", -0.2))
    assert (reply.text, reply.refusal) == ("A!", "I cannot.")


def test_the_name_asked_for_stands_where_none_is_told() -> None:
    _, reply = collect({"choices": [{"delta": {"content": "Hi"}, "finish_reason": "stop"}]})
    assert (reply.model, reply.request_id) == ("asked", "")


def test_a_finish_reason_that_is_not_known_ends_a_reply_all_the_same() -> None:
    _, reply = collect(chunk("Hi", "another reason"))
    assert reply.finish == "unknown"


@pytest.mark.parametrize("events", [[], [chunk("Half an ans")], [{"choices": [], "usage": {"prompt_tokens": 3}}]])
def test_a_stream_without_finish_reason_was_cut(events: list[dict[str, Any]]) -> None:
    with pytest.raises(ProviderError, match="stream ended") as caught:
        collect(*events)
    assert caught.value.kind == "bad_reply"


def test_an_error_in_the_middle_is_an_error() -> None:
    with pytest.raises(ProviderError, match="upstream is gone") as caught:
        collect(chunk("Half an ans"), {"error": {"code": 503, "message": "upstream is gone"}})
    assert caught.value.kind == "overloaded"


def test_an_error_in_a_choice_is_an_error() -> None:
    with pytest.raises(ProviderError, match="slow down") as caught:
        collect(chunk("Half an ans"), chunk(None, "error", error={"code": 429, "message": "slow down"}))
    assert caught.value.kind == "rate_limited"


def test_a_finish_reason_error_is_an_error() -> None:
    with pytest.raises(ProviderError) as caught:
        collect(chunk("Half an ans"), chunk(finish="error"))
    assert caught.value.kind == "overloaded"


BROKEN: list[dict[str, Any]] = [
    {"choices": 5},
    {"choices": ["x"]},
    {"choices": [None]},
    {"choices": [{"delta": "x"}]},
    {"choices": [{"delta": {"content": 5}}]},
    {"choices": [{"delta": {"content": ["x"]}}]},
    {"choices": [{"delta": {"refusal": 5}}]},
    {"choices": [{"index": "first", "delta": {}}]},
    {"choices": [{"delta": {}, "logprobs": {"content": [{}]}}]},
    {"choices": [{"delta": {}, "finish_reason": ["stop"]}]},
    {"usage": "many"},
]


@pytest.mark.parametrize("event", BROKEN, ids=str)
def test_an_event_of_another_shape_is_a_bad_reply(event: dict[str, Any]) -> None:
    with pytest.raises(ProviderError) as caught:
        StreamedReply("asked").add(event)
    assert caught.value.kind == "bad_reply"


@given(st.dictionaries(st.sampled_from(["choices", "usage", "model", "id", "error"]), json_values), json_values)
def test_no_event_raises_anything_else(event: dict[str, Any], choice: Any) -> None:
    for told in (event, {"choices": [choice]}, {"choices": [{"delta": choice, "logprobs": choice}]}):
        try:
            StreamedReply("asked").add(told)
        except ProviderError as error:
            assert error.kind
