"""Answers in JSON, in the shapes that models choose."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from personae.instrument.json_answers import find_json_answers
from support.values import json_values, texts

AB = ("a", "b")


@pytest.mark.parametrize(
    "data",
    [
        {"a": 4, "b": "2"},
        {"(a)": 4, "(b)": 2},
        {"A": 4, "B": 2},
        {"q_a": 4, "item b": 2},
        {"Question a": 4, "question (b)": 2},
        {"(a) is talkative": 4, "(b) is quiet": 2},
        {"answers": {"a": 4, "b": 2}},
        {"answers": [4, 2]},
        {"a": {"answer": 4, "reason": "5 cats"}, "b": {"score": 2}},
        {"results": [{"item": "a", "rating": 4}, {"item": "b", "rating": 2}]},
        [{"label": "b", "value": 2}, {"label": "(a)", "value": 4}],
        [4, 2],
    ],
)
@pytest.mark.parametrize("frame", ["{}", "```json\n{}\n```", "Here: {} I hope it helps."])
def test_every_shape_gives_the_same_answers(data: object, frame: str) -> None:
    found, _ = find_json_answers(frame.replace("{}", json.dumps(data)), AB)
    assert found == {"a": "4", "b": "2"}


def test_only_a_bare_object_by_item_is_as_asked() -> None:
    assert find_json_answers(' {"a": 4} \n', AB) == ({"a": "4"}, True)
    assert find_json_answers('{"answers": {"a": 4}}', AB) == ({"a": "4"}, True)
    assert find_json_answers('Sure: {"a": 4}', AB) == ({"a": "4"}, False)
    assert find_json_answers("[4, 2]", AB) == ({"a": "4", "b": "2"}, False)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "{}",
        "[]",
        "[1]",
        "[1, 2, 3]",
        '{"c": 4}',
        '{"a": null}',
        '{"a": [4]}',
        '{"a": {"why": 4}}',
        '[{"a"}]',
        "}{",
        "{4}",
    ],
)
def test_other_json_and_no_json_answer_nothing(text: str) -> None:
    assert find_json_answers(text, AB) == ({}, False)


def test_a_key_is_not_found_within_another_word() -> None:
    assert find_json_answers('{"q": 1, "item": 2, "quiet": 3, "1": 4}', ("q", "i", "1"))[0] == {"q": "1", "1": "4"}


@given(st.text(max_size=60) | json_values.map(json.dumps), st.lists(texts.filter(bool), max_size=3))
def test_any_text_gives_answers_to_known_items_only(text: str, labels: list[str]) -> None:
    found, _ = find_json_answers(text, labels)
    assert set(found) <= set(labels)
    assert all(isinstance(answer, str) for answer in found.values())


def test_deep_nesting_is_no_crash() -> None:
    assert find_json_answers('{"a":' * 50_000 + "1" + "}" * 50_000, AB) == ({}, False)
    assert find_json_answers('{"answer":' * 900 + "1" + "}" * 900, AB)[0] == {}
