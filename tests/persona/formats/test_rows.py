"""JSON objects with the usual names: people that models and scripts write when nobody names a format."""

from __future__ import annotations

import json
from typing import Any

import pytest

from personae.persona import Persona, convert_personas, detect_format, read_personas
from support.foreign import edited

ADA = {"name": "Ada", "age": 36, "gender": "female", "occupation": "nurse", "bio": "Likes tea.", "weight": 0.3}
FREE = {"Full Name": "Bo Holm", "Age": "41", "Job Title": "pilot", "hobbies": ["maps", "rain"], "mood": "dry"}


def read(data: Any) -> list[Persona]:
    raw = json.dumps(data).encode()
    assert detect_format(raw) == "rows"
    return [one.persona for one in read_personas(raw)]


def test_usual_names_are_fields_and_other_texts_set_the_person_apart() -> None:
    ada, bo = read([ADA, FREE])
    assert (ada.name, ada.demographics.age, ada.demographics.occupation) == ("Ada", 36, "nurse")
    assert ada.description == "Likes tea."
    assert ada.personal_identity == {}  # a weight is nobody's persona
    assert (bo.name, bo.demographics.age, bo.demographics.occupation) == ("Bo Holm", 41, "pilot")
    assert bo.personal_identity == {"hobbies": "maps; rain", "mood": "dry"}


def test_objects_inside_are_read_one_floor_down() -> None:
    job = {"title": "Vice president", "organization": "Bank"}
    (carlos,) = read(
        {"name": "Carlos", "occupation": job, "personality": {"traits": ["calm"]}, "goals": ["rest"], "interests": []}
        | {"demographics": {"age": 48, "Nationality": "Brazilian"}, "age": None, "city": "Recife"}
    )
    assert carlos.demographics.occupation == "Vice president"
    assert (carlos.demographics.age, carlos.demographics.nationality) == (48, "Brazilian")
    assert carlos.personal_identity == {"occupation organization": "Bank", "personality traits": "calm"}
    assert carlos.goals == ("rest",)


@pytest.mark.parametrize("shape", ["list", "lines", "one", "around"])
def test_every_shape_comes_back(shape: str) -> None:
    data: Any = {"list": [ADA, FREE], "one": ADA, "around": {"made": "today", "personas": [ADA, FREE]}}.get(shape)
    raw = "\n".join(map(json.dumps, (ADA, FREE))).encode() if shape == "lines" else json.dumps(data).encode()
    found = read_personas(raw)
    written = convert_personas(found, "rows")
    assert written.report.losses == ()
    assert json.loads(written.data) == ([ADA, FREE] if shape == "lines" else data)
    assert [one.persona for one in read_personas(written.data)] == [one.persona for one in found]


def test_an_edit_goes_under_the_name_that_the_row_has() -> None:
    (bo,) = read(FREE)
    changed = edited(bo, name="Bo", demographics={"age": 42, "occupation": "retired"})
    written = convert_personas([changed], "rows")
    assert written.report.losses == ()
    assert json.loads(written.data) == {**FREE, "Full Name": "Bo", "Age": 42, "Job Title": "retired"}


@pytest.mark.parametrize(
    "data",
    [
        {"name": "Ada", "goals": ["rest"]},
        {"format": "personae.persona/1", "name": "Ada", "age": 3},
        [{"name": "Ada", "age": 36}, {"question": "?"}],
        {"age": 36, "score": 3},
        {"name": 3, "age": 36},
        {"agents": [1]},
    ],
)
def test_our_own_files_and_results_are_none(data: Any) -> None:
    assert detect_format(json.dumps(data).encode()) == "personae"
