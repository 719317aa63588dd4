"""Sources under numbers: when they are read, how many sentences rest on them, and abilities that are read out."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from personae.model import Message, Request, Sampling, Schema
from personae.respondent import SimSettings, SimulatedRespondent
from personae.respondent.shown_sources import read_sources

BEES = "I keep bees and sell their honey. Heavy boxes are hard for my back. My brother lifts them."
TRAM = "She drives a tram through the town. Fog makes her slow. A bell tells her of each stop."
SHOWN = f"Sources that you may draw on:\n[1] Bees: {BEES}\n[2] {TRAM}"
CITES = "End each sentence with its number in square brackets."
PAIR: dict[str, Any] = {
    "type": "object",
    "properties": {
        "ability": {"type": "string"},
        "constraint": {"type": "string"},
        "support": {"type": "string"},
        "source": {"type": "integer"},
    },
    "required": ["ability", "constraint", "source"],
}
ABILITIES: dict[str, Any] = {"type": "object", "properties": {"can": {"type": "array", "items": PAIR}}}


def told(system: str, question: str, **planted: Any) -> str:
    sim = SimulatedRespondent(SimSettings(**planted))
    return asyncio.run(sim.generate(Request.of(question, system=system))).text


def filled(question: str, schema: dict[str, Any]) -> dict[str, Any]:
    asked = Request((Message("user", question),), Sampling(), Schema("wanted", schema))
    made: dict[str, Any] = json.loads(asyncio.run(SimulatedRespondent().generate(asked)).text)
    return made


def test_the_source_that_fits_the_question_is_told() -> None:
    assert told(SHOWN, "How is the honey of your bees?") == BEES
    assert told(SHOWN, "Who drives the tram?") == TRAM
    assert told(f"{SHOWN}\n\n{CITES}", "Who drives the tram?").count(" [2].") == 3


def test_without_grounding_nothing_rests_on_sources() -> None:
    free = told(SHOWN, "How is the honey of your bees?", grounding=0.0)
    assert not [line for line in BEES.split(". ") if line.rstrip(".") in free]
    halves = [told(SHOWN, "How is the honey?", grounding=0.5, seed=seed) for seed in range(200)]
    share = sum("I keep bees" in one for one in halves) / 200
    assert share == pytest.approx(0.5, abs=0.1)


@pytest.mark.parametrize(
    "text",
    ["[1] Bees: I sell honey.", "Options:\n[1] Agree\n[2] Disagree", "Sources of energy:\n1. Coal", "Sources:\n[2] x"],
)
def test_what_only_looks_like_sources_is_none(text: str) -> None:
    assert read_sources(text) == ()


@given(st.text(max_size=300))
def test_no_text_is_too_odd(text: str) -> None:
    assert isinstance(read_sources(f"Sources:\n{text}"), tuple)


def test_abilities_are_read_out_of_sources_with_their_numbers() -> None:
    rows = filled(f"{SHOWN}\n\nDerive abilities.", ABILITIES)["can"]
    assert [row["source"] for row in rows] == [1, 2]
    assert rows[0] == {
        "ability": "keep bees and sell their honey",
        "constraint": "Heavy boxes are hard for my back",
        "support": "My brother lifts them",
        "source": 1,
    }


def test_a_schema_of_something_else_is_filled_as_ever() -> None:
    other = {"type": "object", "properties": {"rating": {"type": "integer", "minimum": 1, "maximum": 5}}}
    assert filled(SHOWN, other)["rating"] in range(1, 6)
    assert set(filled("Derive abilities from nothing.", ABILITIES)) == {"can"}
