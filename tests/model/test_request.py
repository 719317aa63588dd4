"""Requests: what a key holds, and the way to JSON and back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, fields, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from personae.canonical import canonical_json
from personae.model import Message, Request, Sampling, Schema, Tool, messages_from_json, request_from_json, request_key
from support.values import FULL_REQUEST, messages, requests, samplings


@given(requests)
def test_a_request_comes_back_from_its_json_as_it_was(request: Request) -> None:
    stored = canonical_json(request)
    assert request_from_json(json.loads(stored)) == request
    assert request_key(request_from_json(json.loads(stored))) == request_key(request)


@given(requests, requests)
def test_keys_are_equal_exactly_when_requests_are(first: Request, second: Request) -> None:
    assert (request_key(first) == request_key(second)) == (plain(first) == plain(second))


def plain(request: Request) -> str:
    return json.dumps(asdict(request), sort_keys=True)


OTHER_SAMPLING: dict[str, Any] = {
    "temperature": 0.71,
    "top_p": None,
    "max_tokens": 51,
    "seed": None,
    "stop": (),
    "n": 1,
    "top_logprobs": 0,
}

OTHER_REQUEST: dict[str, Any] = {
    "messages": FULL_REQUEST.messages[:2],
    "schema": None,
    "choices": ("yes",),
    "replicate": 4,
    "tools": (Tool("look_up"),),
    "tool_choice": "required",
}


def test_the_lists_of_changes_below_leave_no_field_out() -> None:
    assert {field.name for field in fields(Sampling)} == set(OTHER_SAMPLING)
    assert {field.name for field in fields(Request)} == {*OTHER_REQUEST, "sampling"}


@pytest.mark.parametrize(("field", "value"), OTHER_SAMPLING.items())
def test_each_way_to_draw_changes_the_key(field: str, value: Any) -> None:
    other = replace(FULL_REQUEST, sampling=replace(FULL_REQUEST.sampling, **{field: value}))
    assert request_key(other) != request_key(FULL_REQUEST)


@pytest.mark.parametrize(("field", "value"), OTHER_REQUEST.items())
def test_each_thing_asked_changes_the_key(field: str, value: Any) -> None:
    assert request_key(replace(FULL_REQUEST, **{field: value})) != request_key(FULL_REQUEST)


def test_the_order_and_the_roles_of_messages_change_the_key() -> None:
    first, second = Message("user", "a"), Message("user", "b")
    keys = {
        request_key(Request(messages))
        for messages in [(first, second), (second, first), (first,), (Message("system", "a"), second)]
    }
    assert len(keys) == 4


def test_the_name_and_the_definition_of_a_schema_change_the_key() -> None:
    asked = Request.of("Rate.")
    schemas = [Schema("a", {"type": "object"}), Schema("b", {"type": "object"}), Schema("a", {"type": "array"})]
    assert len({request_key(replace(asked, schema=schema)) for schema in [None, *schemas]}) == 4


def test_no_seed_and_seed_0_are_not_the_same() -> None:
    keys = {request_key(Request.of("Hello", sampling=Sampling(seed=seed))) for seed in (None, 0, 1)}
    assert len(keys) == 3


def test_a_whole_number_and_the_equal_fraction_are_one_temperature() -> None:
    whole = Request.of("Hello", sampling=Sampling(temperature=1, top_p=1))
    fraction = Request.of("Hello", sampling=Sampling(temperature=1.0, top_p=1.0))
    assert whole == fraction
    assert request_key(whole) == request_key(fraction)


@given(samplings)
def test_a_sampling_is_a_value(sampling: Sampling) -> None:
    assert replace(sampling) == sampling
    assert hash(replace(sampling)) == hash(sampling)


def test_one_question_is_one_message_and_an_empty_system_message_is_none() -> None:
    assert Request.of("Hello").messages == (Message("user", "Hello"),)
    assert Request.of("Hello", system="") == Request.of("Hello")
    asked = Request.of("Hello", system="You are Ada.", sampling=Sampling(seed=0), replicate=2)
    assert asked == Request(
        (Message("system", "You are Ada."), Message("user", "Hello")), Sampling(seed=0), replicate=2
    )


@given(st.lists(messages))
def test_messages_come_back_from_their_json(chat: list[Message]) -> None:
    assert messages_from_json([asdict(message) for message in chat]) == tuple(chat)


def test_the_developers_role_is_the_system_role() -> None:
    assert messages_from_json([{"role": "developer", "content": "Be brief."}]) == (Message("system", "Be brief."),)


def test_parts_of_text_are_joined() -> None:
    parts = [{"type": "text", "text": "Good "}, {"type": "image_url"}, {"type": "text", "text": "morning"}]
    assert messages_from_json([{"role": "user", "content": parts}]) == (Message("user", "Good morning"),)


MALFORMED: list[Any] = [
    {"role": "tool", "content": "x"},
    {"content": "x"},
    {"role": "user"},
    {"role": "user", "content": None},
    {"role": "user", "content": 5},
    {"role": "user", "content": [{"text": 5}]},
    "Hello",
    None,
]


@pytest.mark.parametrize("row", MALFORMED)
def test_a_row_without_role_or_text_is_refused_with_its_number(row: Any) -> None:
    with pytest.raises(ValueError, match="message 1"):
        messages_from_json([{"role": "user", "content": "fine"}, row])


def test_a_stored_request_may_leave_everything_out_but_its_messages() -> None:
    data: Mapping[str, Any] = {"messages": [{"role": "user", "content": "Hello"}]}
    assert request_from_json(data) == Request.of("Hello")


def test_a_field_that_no_sampling_has_is_refused() -> None:
    data = {"messages": [], "sampling": {"temprature": 1}}
    with pytest.raises(TypeError, match="temprature"):
        request_from_json(data)
