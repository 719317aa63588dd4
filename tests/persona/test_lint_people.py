"""Lint on people: what is wrong with bad ones is found, and good ones are left alone, by what their texts mean."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from personae.persona import Persona, lint_persona, read_personas


def rows(name: str) -> list[dict[str, Any]]:
    text = (Path(__file__).parent / "linted" / name).read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


GOOD: list[dict[str, Any]] = rows("good.jsonl")
"""People without a fault, whose words are those that rules look for: of others, of other times, or in another sense."""

BAD: list[dict[str, Any]] = rows("bad.jsonl")
"""People with a fault, and the code that is to find it."""


def codes(fields: dict[str, Any]) -> list[str]:
    return [one.code for one in lint_persona(Persona.model_validate(fields)) if one.severity != "hint"]


@pytest.mark.parametrize("fields", GOOD, ids=[str(row["description"])[:24] for row in GOOD])
def test_a_good_persona_is_left_alone(fields: dict[str, Any]) -> None:
    assert codes({"name": "X", **fields}) == []


@pytest.mark.parametrize("row", BAD, ids=[f"{number}-{row['code']}" for number, row in enumerate(BAD)])
def test_a_bad_persona_is_found(row: dict[str, Any]) -> None:
    assert row["code"] in [one.code for one in lint_persona(Persona.model_validate(row["persona"]))]


def test_published_people_are_seldom_found_at_fault(replay: Callable[[str], Path]) -> None:
    """Sentences of others: but for being short, fewer than one in two hundred is found, and these name a deficit."""
    people = [one.persona for one in read_personas(replay("023/tool.jsonl"))]
    people += [one.persona for one in read_personas(replay("009/benchmark_personas.json"))]
    found = [code for one in people for code in codes(one.model_dump()) if code != "P102"]
    assert set(found) == {"P403"}
    assert len(found) < len(people) / 200


@pytest.mark.parametrize(
    "word",
    ["twenty years ", "a " * 50, "married for ", "his ", "in her ", "1 ", "score ", "z = ", "2 years old ", "shy "],
)
def test_long_texts_do_not_slow_the_rules_down(word: str) -> None:
    text = word * (100_000 // len(word))
    facts = {"age": 40, "gender": "female", "marital_status": "single"}
    start = time.process_time()
    lint_persona(Persona(name="X", description=text, demographics=facts, traits={"big_five.extraversion": 1.0}))
    assert time.process_time() - start < 5
