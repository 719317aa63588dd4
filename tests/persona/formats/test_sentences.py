"""Nemotron-Personas, PersonaHub and FinePersonas: people in sentences, whose licence travels."""

from __future__ import annotations

import io
import json
from typing import Any

import polars as pl
import pytest

from personae.persona import Persona, convert_personas, detect_format, read_personas
from support.cards import GOLDEN
from support.foreign import read


def test_nemotron() -> None:
    mira = read("nemotron.jsonl")
    assert (mira.id, mira.description, mira.demographics.residence) == (
        "u-1",
        "A keeper of light.",
        "Anholt, Midtjylland, Denmark",
    )
    assert mira.personal_identity["linguistic_persona"] == "Mira speaks little."
    assert mira.provenance_of("description").licence == "CC-BY-4.0"
    assert mira.provenance_of("demographics.age").origin == "sampled"
    table = pl.read_parquet(io.BytesIO(convert_personas([mira], "nemotron").data))
    assert table.to_dicts() == [json.loads((GOLDEN / "nemotron.jsonl").read_text())]
    mine = convert_personas([Persona(id="a", description="An engineer.")], "nemotron").data
    assert read_personas(mine)[0].persona.provenance == {}  # what others made is not claimed for what we wrote


def test_the_licence_of_a_sentence_travels() -> None:
    assert read("personahub.jsonl").provenance_of("description").licence == "CC-BY-NC-SA-4.0"
    assert read("finepersonas.jsonl").provenance_of("description").licence == "CC-BY-4.0"
    (plain,) = read_personas(b'{"persona": "A keeper"}\n')
    assert plain.persona.provenance_of("description").licence == ""
    (told,) = read_personas(b'{"persona": "A keeper"}\n', licence="CC-BY-NC-SA-4.0")
    assert told.persona.provenance_of("description").licence == "CC-BY-NC-SA-4.0"
    fresh = convert_personas([told.persona.model_copy(update={"extensions": {}})], "personahub").data
    assert json.loads(fresh)["licence"] == "CC-BY-NC-SA-4.0"


def test_sentences_of_people_with_and_without_keys() -> None:
    plain = read_personas(b'["A nurse in Rome.", "A cook."]')
    assert [one.persona.description for one in plain] == ["A nurse in Rome.", "A cook."]
    (alice,) = read_personas(b'{"name": "Alice", "persona": "Buys a house.", "age": 28, "budget": 5}')
    assert (alice.persona.name, alice.persona.demographics.age) == ("Alice", 28)
    table = b"input persona,synthesized text,description\nA nurse,text,x\n"
    assert detect_format(table) == "personahub"
    assert read_personas(table)[0].persona.provenance_of("description").licence == "CC-BY-NC-SA-4.0"


@pytest.mark.parametrize(
    ("row", "residence", "languages"),
    [
        ({"city": "Austin", "state": "TX", "zipcode": "78701", "country": "USA"}, "Austin, TX, USA", ()),
        (
            {"prefecture": "東京都", "region": "関東", "area": "東日本", "country": "日本"},
            "東京都, 関東, 東日本, 日本",
            (),
        ),
        (
            {"district": "Patna", "state": "Bihar", "zone": "East", "country": "India"}
            | {
                "native_language": "Hindi",
                "first_language": "Hindi",
                "second_language": "English",
                "third_language": None,
            },
            "Patna, Bihar, East, India",
            ("Hindi", "English"),
        ),
        ({"planning_area": "Tampines", "country": "Singapore"}, "Tampines, Singapore", ()),
    ],
)
def test_nemotron_of_other_countries(row: dict[str, Any], residence: str, languages: tuple[str, ...]) -> None:
    known = {"uuid": "u", "persona": "x", "professional_persona": "p", "sex": "F", "education_level": "e", "age": 40}
    raw = json.dumps({**known, "religion": "none", "ethnicity": "x", "education_degree": "BA", **row}).encode()
    (found,) = read_personas(raw)
    facts = found.persona.demographics
    assert (facts.residence, facts.languages, facts.religion, facts.ethnicity) == (residence, languages, "none", "x")
    assert found.persona.personal_identity["education_degree"] == "BA"
    written = convert_personas([found], "nemotron")
    assert written.report.losses == ()
    assert read_personas(written.data)[0].persona == found.persona
