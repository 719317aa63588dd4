"""What all formats share: what cannot be read is kept in words, an edit goes where the file has the field."""

from __future__ import annotations

import json
from typing import Any

import pytest

from personae.persona import Memory, Persona, convert_personas, detect_format, read_personas
from support.foreign import edited, read


def test_concordia_and_lamp() -> None:
    mira = read("concordia.json")
    assert (mira.name, mira.demographics.occupation) == ("Mira", "keeper")
    assert (mira.memories[0].text, mira.knowledge) == ("Mira saw a wreck.", ("The harbour burned.",))
    assert mira.personal_identity == {"favourite weather": "fog"}
    user = read("lamp.json")
    assert user.id == "310"
    assert [(one.text, one.when) for one in user.memories] == [("On fog.", "2001-01-02"), ("On lamps.", "")]
    (row,) = json.loads(convert_personas([Persona(id="7", memories=(Memory(text="x"),))], "lamp").data)
    assert (row["id"], row["input"], row["profile"][0]["text"]) == ("7", "", "x")


@pytest.mark.parametrize(
    ("key", "data"),
    [
        ("edsl", {"agent_list": [{"traits": {"age": "25-34", "openness": "Often tired"}}]}),
        ("concordia", [{"name": "", "characteristics": {"age": "25-34", "openness": "Often tired"}}]),
        (
            "tinytroupe",
            {
                "type": "TinyPerson",
                "persona": {"age": "25-34", "personality": {"big_five": {"openness": "Often tired"}}},
            },
        ),
        ("oasis-reddit", [{"username": "u", "persona": "x", "age": "25-34"}]),
        ("nemotron", [{"uuid": "u", "persona": "x", "sex": "f", "education_level": "", "age": "25-34"}]),
    ],
)
def test_what_a_field_cannot_read_is_kept_in_words(key: str, data: Any) -> None:
    raw = json.dumps(data).encode()
    assert detect_format(raw) == key
    (found,) = read_personas(raw)
    assert found.persona.demographics.age is None
    assert found.persona.personal_identity["age"] == "25-34"
    if key in ("edsl", "concordia", "tinytroupe"):
        assert found.persona.personal_identity["openness"] == "Often tired"
    written = convert_personas([found], key)
    assert written.report.losses == ()
    assert read_personas(written.data)[0].persona == found.persona


@pytest.mark.parametrize(
    ("key", "data", "change", "place"),
    [
        (
            "edsl",
            {"agent_list": [{"traits": {"persona": "x", "sex": "F"}}]},
            {"description": "y"},
            ("traits", "persona"),
        ),
        (
            "concordia",
            [{"name": "A", "characteristics": {"bio": "x"}}],
            {"description": "y"},
            ("characteristics", "bio"),
        ),
        ("personahub", [{"input persona": "x", "synthesized text": ""}], {"description": "y"}, ("input persona",)),
        (
            "tinytroupe",
            {"type": "TinyPerson", "persona": {"country_of_residence": "x"}},
            {"demographics": {"residence": "y"}},
            ("persona", "country_of_residence"),
        ),
        (
            "tinytroupe",
            {"type": "TinyPerson", "persona": {"personality_traits": [{"trait": "x"}]}},
            {"description": "y"},
            ("persona", "personality_traits"),
        ),
    ],
)
def test_an_edit_goes_under_the_name_that_the_file_has(
    key: str, data: Any, change: dict[str, Any], place: tuple[str, ...]
) -> None:
    (found,) = read_personas(json.dumps(data).encode())
    written = convert_personas([edited(found.persona, **change)], key)
    assert written.report.losses == ()
    value = json.loads(written.data)
    value = value["agent_list"] if key == "edsl" else value
    value = value[0] if isinstance(value, list) else value
    assert set(value) >= {place[0]}
    for name in place:
        assert not {"description", "residence", "personality", "persona"} & set(value) - {place[0], name}
        value = value[name]
    assert value in ("y", [{"trait": "y"}])
