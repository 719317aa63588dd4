"""Replies: the way to JSON and back, and the sum of tokens."""

from __future__ import annotations

import json

from hypothesis import given

from personae.canonical import canonical_json
from personae.model import Reply, Usage, reply_from_json
from support.values import FULL_REPLY, replies, usages


@given(replies)
def test_a_reply_comes_back_from_its_json_as_it_was(reply: Reply) -> None:
    assert reply_from_json(json.loads(canonical_json(reply))) == reply


def test_every_field_is_stored() -> None:
    stored = json.loads(canonical_json(FULL_REPLY))
    assert stored["usage"] == {"input_tokens": 10, "output_tokens": 5, "cached_tokens": 4, "reasoning_tokens": 2}
    assert stored["logprobs"] == [{"token": "Four", "logprob": -0.1, "top": [["Four", -0.1], ["Five", -2.0]]}]
    assert (stored["text"], stored["finish"], stored["refusal"]) == ("Four.", "length", "No.")
    assert (stored["alternatives"], stored["request_id"], stored["seconds"]) == (["Five."], "chatcmpl-7", 1.5)
    assert (stored["model"], stored["is_cached"]) == ("gpt-4o-mini-2024-07-18", False)


def test_a_text_alone_is_a_reply_that_ended_for_an_unknown_reason() -> None:
    assert reply_from_json({"text": "Hello"}) == Reply("Hello", finish="unknown")


@given(usages, usages, usages)
def test_tokens_add_up_in_any_order(first: Usage, second: Usage, third: Usage) -> None:
    assert first + second == second + first
    assert (first + second) + third == first + (second + third)
    assert first + Usage() == first


def test_each_kind_of_token_is_added_to_its_own() -> None:
    assert Usage(1, 2, 3, 4) + Usage(10, 20, 30, 40) == Usage(11, 22, 33, 44)
