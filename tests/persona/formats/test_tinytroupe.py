"""TinyTroupe: agents and fragments of all versions, and the Big Five as phrases."""

from __future__ import annotations

import json
from typing import Any

import pytest

from personae.persona import Persona, convert_personas, detect_format, read_personas
from personae.persona.formats.levels import AMOUNTS, read_level
from support.foreign import edited, read


def test_tinytroupe() -> None:
    mira = read("tinytroupe.agent.json")
    assert (mira.name, mira.demographics.age, mira.demographics.occupation) == ("Mira Holm", 58, "Lighthouse keeper")
    assert mira.description == "You are patient.\nYou like storms."
    assert mira.traits == {
        "big_five.openness": 1.0,
        "big_five.conscientiousness": 1.5,
        "big_five.extraversion": -1.0,
        "big_five.agreeableness": 0.0,
    }  # a phrase that names no level is no number
    assert mira.provenance_of("traits.big_five.openness").origin == "inferred"
    assert [(one.ability, one.constraint) for one in mira.abilities][1] == ("You row well", "your back hurts.")
    assert mira.social_identity == {"organization": "Coast service", "relationship with Bo": "Your brother."}
    assert mira.personal_identity["interests"] == "Birds.; Knots."
    written = json.loads(convert_personas([Persona(name="Ada", traits={"big_five.openness": 2.0})], "tinytroupe").data)
    assert written["type"] == "TinyPerson"
    assert written["persona"]["personality"]["big_five"]["openness"].startswith("Extremely high.")
    fragment = convert_personas([Persona(beliefs=("Ropes remember.",))], "tinytroupe").data
    assert json.loads(fragment) == {"type": "Fragment", "persona": {"beliefs": ["Ropes remember."]}}


@pytest.mark.parametrize("level", range(1, 10))
def test_levels_are_read_back(level: int) -> None:
    z = (level - 5) / 2
    assert read_level(f"{AMOUNTS[level - 1]}. And more.") == z
    (again,) = read_personas(convert_personas([Persona(name="A", traits={"big_five.openness": z})], "tinytroupe").data)
    assert again.persona.traits == {"big_five.openness": z}


OLD_AGENT: dict[str, Any] = {
    "name": "Oskar",
    "_configuration": {
        "name": "Oskar",
        "age": "early thirties",
        "country_of_residence": "Denmark",
        "occupation": "Keeper",
        "occupation_description": "You keep the lamp.",
        "personality_traits": [{"trait": "You are patient."}, {"trait": "You like fog."}],
        "personal_interests": [{"interest": "Knots"}],
        "skills": [{"skill": "You splice rope."}],
        "relationships": [{"name": "Bo", "description": "Your brother."}],
        "current_goals": [],
    },
    "_mental_faculties": [],
    "episodic_memory": {"json_serializable_class_name": "EpisodicMemory", "memory": [{"role": "user"}]},
}


@pytest.mark.parametrize("layout", ["oldest", "state", "class", "simulation"])
def test_agents_of_other_versions_of_tinytroupe(layout: str) -> None:
    person = OLD_AGENT["_configuration"]
    rest = {key: value for key, value in OLD_AGENT.items() if key not in ("name", "_configuration")}
    file = {
        "oldest": OLD_AGENT,
        "state": {"name": "Oskar", "_persona": person, **rest},
        "class": {"json_serializable_class_name": "TinyPerson", "persona": person, **rest},
        "simulation": {"agents": [OLD_AGENT, OLD_AGENT], "environments": [], "name": "world"},
    }[layout]
    data = json.dumps(file).encode()
    assert detect_format(data) == "tinytroupe"
    found = read_personas(data)
    assert len(found) == (2 if layout == "simulation" else 1)
    oskar = found[0].persona
    assert (oskar.name, oskar.demographics.residence, oskar.demographics.occupation) == ("Oskar", "Denmark", "Keeper")
    assert oskar.description == "You are patient.\nYou like fog."
    assert oskar.life_context == "You keep the lamp."
    assert oskar.personal_identity == {"age": "early thirties", "interests": "Knots"}
    assert oskar.social_identity == {"relationship with Bo": "Your brother."}
    assert oskar.abilities[0].ability == "You splice rope."
    written = json.loads(convert_personas(found[:1], "tinytroupe").data)
    assert (written["type"], written["persona"]) == ("TinyPerson", person)  # what TinyTroupe opens
    assert written["episodic_memory"] == OLD_AGENT["episodic_memory"]


def test_names_that_tinytroupe_leaves_open_are_read_and_written() -> None:
    person: dict[str, Any] = {
        "name": "Maya",
        "biography": "A designer.",
        "behaviors": {
            "general": ["Counts costs."],
            "travel": ["Plans trips.", "Takes pictures."],
            "routines": {"morning": ["Reads mail.", "Plans."], "evening": ["Logs hours."]},
        },
        "preferences": {"likes": ["Tea."], "device": "phone"},
        "personality": {"big_five": {"openness": "Low-Medium. Wary.", "neuroticism": "Medium-High"}},
        "occupation": {"title": "Designer", "department": "Products"},
        "budget": 50,
    }
    raw = json.dumps({"type": "TinyPerson", "persona": person}).encode()
    (maya,) = read_personas(raw)
    assert maya.persona.personal_identity == {
        "biography": "A designer.",
        "habits": "Counts costs.",
        "travel habits": "Plans trips.; Takes pictures.",
        "routines": "morning: Reads mail.; Plans.\nevening: Logs hours.",
        "likes": "Tea.",
        "device": "phone",
        "occupation department": "Products",
    }
    assert maya.persona.traits == {"big_five.openness": -0.5, "big_five.neuroticism": 0.5}
    told = {**maya.persona.personal_identity, "routines": "morning: Sleeps.", "travel habits": "Stays."}
    written = convert_personas([edited(maya.persona, personal_identity={**told, "hobby": "maps"})], "tinytroupe")
    assert written.report.losses == ()
    behaviors = {**person["behaviors"], "travel": ["Stays."], "routines": {"morning": ["Sleeps."]}}
    assert json.loads(written.data)["persona"] == {**person, "behaviors": behaviors, "hobby": "maps"}
