"""JSON out of models that do as they please."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from personae.model import ProviderError, Reply, Request, Schema, ScriptedModel, ask_structured, read_structured
from personae.model.status import Status
from support.values import json_values, texts

SCHEMA = {
    "type": "object",
    "required": ["value"],
    "properties": {
        "value": {"type": "integer", "minimum": 1, "maximum": 5},
        "share": {"type": "number", "minimum": 0},
        "mood": {"enum": ["good", "bad"]},
    },
}
REQUEST = replace(Request.of("Rate yourself."), schema=Schema("rating", SCHEMA))


def status_of(text: str) -> Status:
    return read_structured(Reply(text), SCHEMA).status


def test_bare_json_is_ok() -> None:
    result = read_structured(Reply(' {"value": 4}\n'), SCHEMA)
    assert (result.status, result.value, result.attempts, result.detail) == ("ok", {"value": 4}, 1, "")


WRAPPED = [
    '```json\n{"value": 4}\n```',
    '```JSON {"value": 4}```',
    '```\n{"value": 4}\n```',
    'Here you are:\n```json\n{"value": 4}\n```\nI hope this helps!',
    'My rating is {"value": 4}, as always.',
    '<think>Hm.</think>{"value": 4}',
    'Not this: ```python\nprint()\n``` but {"value": 4}',
]


@pytest.mark.parametrize("text", WRAPPED)
def test_json_within_words_or_a_fence_is_repaired(text: str) -> None:
    result = read_structured(Reply(text), SCHEMA)
    assert (result.status, result.value, result.text) == ("repaired", {"value": 4}, text)


@given(st.dictionaries(texts, json_values), texts.filter(lambda text: "{" not in text and "}" not in text))
def test_any_object_is_found_among_words(value: dict[str, Any], words: str) -> None:
    result = read_structured(Reply(f"{words} {json.dumps(value)} {words}"), {})
    assert result.value == value


UNUSABLE: list[tuple[str, Status]] = [
    ("", "empty"),
    (" \n\t", "empty"),
    ("I'm sorry, but I can't rate myself.", "refused"),
    ("four", "unparsed"),
    ("4", "unparsed"),
    ("[4]", "unparsed"),
    ('{"value": 4', "unparsed"),
    ('{"value": }', "unparsed"),
    ("{}", "unparsed"),
    ('{"mood": "good"}', "unparsed"),
    ('{"value": 6}', "unparsed"),
    ('{"value": 0}', "unparsed"),
    ('{"value": "4"}', "unparsed"),
    ('{"value": true}', "unparsed"),
    ('{"value": null}', "unparsed"),
    ('{"value": 3.5}', "unparsed"),
    ('{"value": 3, "share": -0.1}', "unparsed"),
    ('{"value": 3, "mood": "so-so"}', "unparsed"),
]


@pytest.mark.parametrize(("text", "status"), UNUSABLE)
def test_what_cannot_be_used_has_a_status_and_no_value(text: str, status: Status) -> None:
    result = read_structured(Reply(text), SCHEMA)
    assert (result.status, result.value) == (status, None)


def test_what_was_wrong_is_said() -> None:
    assert "'value'" in read_structured(Reply('{"mood": "good"}'), SCHEMA).detail
    assert "'share'" in read_structured(Reply('{"value": 3, "share": -1}'), SCHEMA).detail
    assert "'mood'" in read_structured(Reply('{"value": 3, "mood": ""}'), SCHEMA).detail


def test_a_whole_number_written_as_a_fraction_is_whole() -> None:
    assert status_of('{"value": 3.0}') == "ok"


def test_bounds_belong_to_the_range() -> None:
    assert status_of('{"value": 1}') == status_of('{"value": 5}') == "ok"


def test_a_refusal_of_the_endpoint_counts_whatever_the_text_says() -> None:
    result = read_structured(Reply('{"value": 4}', refusal="no"), SCHEMA)
    assert (result.status, result.value) == ("refused", None)


@given(st.text(max_size=300))
def test_any_text_has_a_status(text: str) -> None:
    result = read_structured(Reply(text), SCHEMA)
    assert (result.value is not None) == (result.status in ("ok", "repaired"))


HOSTILE = ["```" + " " * 20_000 + "x", "```json" * 20_000, "{" * 100_000, "{" * 50_000 + "}" * 50_000, "`" * 100_000]


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: text[:8])
def test_a_hostile_text_is_read_in_no_time(text: str) -> None:
    started = time.process_time()
    assert read_structured(Reply(text), SCHEMA).value is None
    assert time.process_time() - started < 1.0


async def test_an_answer_at_once_costs_one_call() -> None:
    model = ScriptedModel(['{"value": 4}', "not asked for"])
    result = await ask_structured(model, REQUEST, attempts=3)
    assert (result.status, result.attempts, len(model.requests)) == ("ok", 1, 1)


async def test_a_bad_answer_is_asked_for_again_and_the_good_one_is_repaired() -> None:
    model = ScriptedModel(["four", "", '{"value": 4}'])
    result = await ask_structured(model, REQUEST, attempts=3)
    assert (result.status, result.value, result.attempts) == ("repaired", {"value": 4}, 3)


async def test_a_bad_model_is_asked_a_bounded_number_of_times() -> None:
    model = ScriptedModel(lambda _: "four")
    result = await ask_structured(model, REQUEST, attempts=3)
    assert (result.status, result.value, result.attempts, len(model.requests)) == ("unparsed", None, 3, 3)
    assert result.text == "four"


async def test_each_call_is_a_replicate_of_its_own() -> None:
    model = ScriptedModel(lambda _: "four")
    for replicate in range(4):
        await ask_structured(model, replace(REQUEST, replicate=replicate), attempts=3)
    assert sorted(request.replicate for request in model.requests) == list(range(12))


async def test_a_single_attempt_asks_the_request_itself() -> None:
    model = ScriptedModel(['{"value": 4}'])
    await ask_structured(model, replace(REQUEST, replicate=5), attempts=1)
    assert model.requests == [replace(REQUEST, replicate=5)]


async def test_a_call_that_failed_is_a_status_not_an_exception() -> None:
    model = ScriptedModel(["four", ProviderError("timeout", "no answer within 1 s")])
    result = await ask_structured(model, REQUEST, attempts=3)
    assert (result.status, result.value, result.attempts) == ("failed", None, 2)
    assert "no answer within 1 s" in result.detail


async def test_a_hopeless_failure_ends_the_run() -> None:
    with pytest.raises(ProviderError):
        await ask_structured(ScriptedModel([ProviderError("authentication", "no key")]), REQUEST)


async def test_a_request_without_schema_is_a_mistake_of_the_caller() -> None:
    model = ScriptedModel(["x"])
    with pytest.raises(ValueError, match="schema"):
        await ask_structured(model, Request.of("Rate."))
    assert model.requests == []
