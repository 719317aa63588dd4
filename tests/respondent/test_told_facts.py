"""What the respondent takes from plain sentences, in what form, and what it falls for."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest

from personae.model import Request, Sampling, Schema
from personae.respondent import SimulatedRespondent
from personae.respondent.told_facts import ToldFact, fact_keys, told_facts

KEYS = (
    "name",
    "birth_date",
    "residence",
    "occupation",
    "employer",
    "education",
    "spouse",
    "diet",
    "interests",
    "children",
)
FACT = {
    "key": {"type": "string", "enum": list(KEYS)},
    "value": {"type": "string", "maxLength": 20},
    "confidence": {"type": "number", "minimum": 0, "maximum": 1},
}


def read(*lines: str, seed: int = 0, as_changes: bool = False, before: str = "") -> list[ToldFact]:
    return told_facts(before + "\n".join(lines), KEYS, random.Random(seed), as_changes=as_changes)


def schema(**more: Any) -> Schema:
    item = {"type": "object", "properties": {**FACT, **more}, "required": [*FACT, *more], "additionalProperties": False}
    rows = {"type": "array", "items": item, "maxItems": 9}
    return Schema("facts", {"type": "object", "properties": {"facts": rows}, "required": ["facts"]})


@pytest.mark.parametrize(
    ("said", "key", "value"),
    [
        ("I have moved, and live in Rome now.", "residence", "Rome"),
        ("Ann Bell was born on 4 May 1970.", "birth_date", "4 May 1970"),
        ("She works as a baker and sings.", "occupation", "a baker"),
        ("I am employed by the City Archive.", "employer", "the City Archive"),
        ("I have married Kim Sato.", "spouse", "Kim Sato"),
        ("We have two children by now.", "children", "two"),
        ("I eat vegan food only.", "diet", "vegan"),
        ("At last I have finished a degree in law.", "education", "a degree in law"),
    ],
)
def test_plain_sentences_are_read(said: str, key: str, value: str) -> None:
    assert read(f"[2024-05-01, user] {said}") == [ToldFact(key, value)]


def test_without_lines_that_say_who_spoke_nothing_is_read() -> None:
    assert read("I live in Rome.") == []
    assert read("[2024-05-01, user] The weather was fine.") == []


def test_others_and_the_assistant_are_believed_now_and_then_and_with_less_certainty() -> None:
    for line in ("[d, user] My sister lives in Bonn.", "[d, assistant] Then you must be living in Bonn by now?"):
        taken = [one for seed in range(300) for one in read(line, seed=seed)]
        assert 60 <= len(taken) <= 120
        assert set(taken) == {ToldFact("residence", "Bonn", sure=0.6)}


def test_what_was_done_twice_is_a_habit_and_once_now_and_then() -> None:
    twice = ("[d, behaviour] booked a course on chess", "[e, behaviour] borrowed a book on chess")
    assert all(read(*twice, seed=seed) == [ToldFact("interests", "chess")] for seed in range(20))
    once = [one for seed in range(300) for one in read(twice[0], seed=seed)]
    assert 60 <= len(once) <= 120


def test_changes_are_told_from_what_is_new_and_whole_profiles_keep_the_rest() -> None:
    before = (
        "- residence: where\n- education: degrees (may be several)\n\nThe profile so far:\n"
        "- residence: Lyon\n- education: a degree in law\n- spouse: Kim Sato\n- diet: vegan\n\n"
    )
    lines = (
        "[d, user] I live in Rome now.",
        "[d, user] They have given me a diploma in botany.",
        "[d, user] I am divorced from Kim Sato.",
    )
    changes = read(*lines, as_changes=True, before=before)
    assert [(one.change, one.key) for one in changes] == [
        ("modify", "residence"),
        ("insert", "education"),
        ("remove", "spouse"),
    ]
    whole = {(one.key, one.value) for one in read(*lines, before=before)}
    assert whole == {
        ("residence", "Rome"),
        ("education", "a degree in law"),
        ("education", "a diploma in botany"),
        ("diet", "vegan"),
    }


def test_lists_of_facts_are_filled_as_the_schema_wants_them() -> None:
    prompt = "[d, user] I live in Rome now.\n[d, user] I am employed by a company with a very long name indeed."
    for more in ({}, {"op": {"type": "string", "enum": ["insert", "modify", "remove"]}}):
        asked = Request.of(prompt, sampling=Sampling(temperature=0.0))
        reply = SimulatedRespondent().answer(Request(asked.messages, asked.sampling, schema(**more)))
        (row,) = json.loads(reply.text)["facts"]  # what is too long for the schema is left out
        assert (row["key"], row["value"], row["confidence"]) == ("residence", "Rome", 0.9)
        assert row.get("op", "insert") == "insert"


def test_other_lists_are_no_facts() -> None:
    assert fact_keys({"properties": FACT}) == KEYS
    assert fact_keys({"properties": {"key": {"type": "string"}, "value": {"type": "string"}}}) == ()
    assert fact_keys({"properties": {**FACT, "value": {"type": "number"}}}) == ()
    assert fact_keys({"type": "string"}) == ()
