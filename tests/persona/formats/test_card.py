"""Character cards as JSON: nothing of a card is lost, what is for people stays out of the persona's words."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from personae.persona import (
    RENDERERS,
    Persona,
    convert_personas,
    detect_format,
    greetings_of,
    macros_of,
    read_personas,
    render,
)
from personae.persona.spelling import write_yaml
from support.cards import golden
from support.personas import FULL_PERSONA, json_values, personas, texts

SLOT = "character_card"
GOLDEN = {"card-v1": "card_v1.json", "card-v2": "card_v2.json", "card-v3": "card_v3.json"}
CARRYING = ["card-v2", "card-v3", "card-png", "charx"]

cards = st.builds(
    lambda texts_, lists, extensions, unknown, version: {
        "spec": f"chara_card_v{version}",
        "spec_version": f"{version}.0",
        "data": {**unknown, **texts_, **lists, "extensions": extensions},
    },
    st.fixed_dictionaries(dict.fromkeys(("name", "description", "personality", "scenario", "mes_example"), texts)),
    st.fixed_dictionaries({"tags": st.lists(texts, max_size=2), "alternate_greetings": st.lists(texts, max_size=2)}),
    st.dictionaries(texts.filter(lambda key: key != "personae"), json_values, max_size=2),
    st.dictionaries(texts.filter(lambda key: key not in ("creator", "nickname")), json_values, max_size=2),
    st.sampled_from([2, 3]),
)


def read(data: bytes) -> Persona:
    (found,) = read_personas(data)
    return found.persona


def without_original(persona: Persona) -> Persona:
    kept = {key: value for key, value in persona.extensions.items() if key != SLOT}
    return persona.model_copy(update={"extensions": kept})


# --- cards that others made -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("key", "name"), GOLDEN.items())
def test_a_card_comes_back_as_it_was(key: str, name: str) -> None:
    data = golden(name)
    assert detect_format(data) == key
    written = convert_personas(read_personas(data), key)
    assert json.loads(written.data) == json.loads(data)
    assert written.report.losses == ()
    assert read(written.data) == read(data)


@settings(deadline=None, max_examples=150)
@given(card=cards)
def test_any_card_comes_back_as_it_was(card: dict[str, Any]) -> None:
    data = json.dumps(card).encode()
    key = detect_format(data)
    persona = read(data)
    written = convert_personas([persona], key)
    assert json.loads(written.data) == card
    again = read(written.data)
    assert again == persona
    assert again.hash == persona.hash


@settings(deadline=None, max_examples=150)
@given(card=cards, description=texts.filter(lambda text: text and "{" not in text and "<" not in text))
def test_unknown_keys_survive_an_edit(card: dict[str, Any], description: str) -> None:
    key = detect_format(json.dumps(card).encode())
    edited = read(json.dumps(card).encode()).model_copy(update={"description": description})
    written = json.loads(convert_personas([edited], key).data)
    assert written["data"]["description"] == description
    for name, value in card["data"].items():
        if name not in ("description", "extensions"):
            assert written["data"][name] == value
    for name, value in card["data"]["extensions"].items():
        assert written["data"]["extensions"][name] == value
    again = read(json.dumps(written).encode())
    assert (again.description, again.id) == (description, edited.id)


def test_an_edit_reaches_the_copy_that_tools_keep_beside_the_data() -> None:
    persona = read(golden("card_v2.json")).model_copy(update={"description": "She sold it."})
    card = json.loads(convert_personas([persona], "card-v2").data)
    assert card["description"] == card["data"]["description"] == "She sold it."
    assert card["data"]["personality"] == "patient, dry, fond of storms"
    assert card["data"]["mes_example"].startswith("<START>\n{{user}}")  # macros of untouched texts are still macros


def test_texts_are_read_with_macros_resolved_and_kept_with_them() -> None:
    mira = read(golden("card_v2.json"))
    assert mira.description == "Mira keeps the lighthouse. the user arrives by boat."
    assert mira.personal_identity == {"personality": "patient, dry, fond of storms"}
    assert mira.life_context == "A storm is coming."
    assert "{{char}} keeps" in json.dumps(mira.extensions)
    nicknamed = read(golden("card_v3.json"))
    assert nicknamed.name == "Mira Holm"
    assert nicknamed.description in (f"Mira keeps the lighthouse of {place}." for place in ("Skagen", "Anholt"))
    assert read(golden("card_v3.json")).description == nicknamed.description  # the same file is the same persona


@pytest.mark.parametrize("name", GOLDEN.values())
def test_what_is_for_people_never_enters_a_prompt(name: str) -> None:
    persona = read(golden(name))
    for renderer in RENDERERS:
        text = render(persona, renderer).text
        for secret in ("NOTES", "Hinweise", "somebody", "slow", "ENTRY NAME", "example.org"):
            assert secret not in text


# --- personas that are made into cards --------------------------------------------------------------------------------


@settings(deadline=None, max_examples=60)
@given(persona=personas, key=st.sampled_from(CARRYING))
def test_a_persona_travels_whole_in_a_card(persona: Persona, key: str) -> None:
    written = convert_personas([persona], key)
    assert detect_format(written.data) == key
    assert written.report.is_complete
    again = read(written.data)
    assert without_original(again) == persona
    assert convert_personas([again], key).data == written.data


def test_a_card_says_in_words_what_it_has_no_field_for() -> None:
    card = json.loads(convert_personas([FULL_PERSONA], "card-v3").data)["data"]
    assert card["name"] == FULL_PERSONA.name
    assert str(FULL_PERSONA.demographics.age) in card["personality"] + card["description"]
    assert not any(str(z) in card["personality"] for z in FULL_PERSONA.traits.values())  # no score


def test_the_report_tells_what_a_flat_card_leaves_out() -> None:
    persona = Persona(name="Ada", description="An engineer.", goals=("rest",), traits={"big_five.openness": 1.0})
    report = convert_personas([persona], "card-v1").report
    assert set(report.paths("dropped")) == {"/goals", "/traits/big_five.openness"}
    assert report.paths("invented") == ()
    assert report.paths("worded") == ("/personal_identity/personality",)
    assert not report.is_complete
    assert any("goals: dropped" in line for line in report.lines())


def test_an_older_version_reports_the_fields_it_has_no_place_for() -> None:
    written = convert_personas(read_personas(golden("card_v3.json")), "card-v2")
    dropped = written.report.paths("dropped")
    for field in ("assets", "nickname", "group_only_greetings", "creation_date", "source"):
        assert f"/extensions/{SLOT}/data/{field}" in dropped
    card = json.loads(written.data)
    assert (card["spec"], card["data"]["extensions"]) == ("chara_card_v2", {"risuai": {"additionalText": "kept"}})
    upgraded = json.loads(convert_personas(read_personas(golden("card_v2.json")), "card-v3").data)
    assert upgraded["spec_version"] == "3.0"
    assert upgraded["data"]["group_only_greetings"] == []
    assert upgraded["data"]["x-unknown-field"] == {"kept": "yes"}


def test_a_field_that_was_cleared_is_no_loss() -> None:
    mira = read(golden("card_v2.json")).model_copy(update={"life_context": ""})
    written = convert_personas([mira], "card-v2")
    assert json.loads(written.data)["data"]["scenario"] == ""
    assert written.report.is_complete


def test_what_another_tool_edits_counts_even_where_we_carried_more() -> None:
    odd = Persona(name="Ada", description="{{char}} is odd", goals=("rest",))  # resolves to another text
    card = json.loads(convert_personas([odd], "card-v3").data)
    assert read(json.dumps(card).encode()).description == "{{char}} is odd"
    card["data"]["description"] = "Ada is plain"
    card["data"]["personality"] = "written by hand"
    edited = read(json.dumps(card).encode())
    assert edited.description == "Ada is plain"
    assert edited.personal_identity["personality"] == "written by hand"
    assert edited.goals == ("rest",)


def test_the_id_stays_when_a_persona_is_edited() -> None:
    ada = Persona(id="ada-1", name="Ada", description="An engineer.")
    card = convert_personas([ada], "card-v3").data
    edited = read(card).model_copy(update={"description": "A retired engineer."})
    assert read(convert_personas([edited], "card-v3").data).id == "ada-1"


@pytest.mark.parametrize(
    "card",
    [
        {"name": "Mira", "description": "Keeps a lamp.", "personality": None, "scenario": None, "first_mes": None},
        {"name": "Mira", "description": "Keeps a lamp.", "personality": "", "scenario": ""},
        {"name": "Mira", "description": "Keeps a lamp.", "first_mes": "Hello.", "avatar": "none", "chat": "x"},
        {"char_name": "Mira", "char_persona": "Keeps a lamp.", "char_greeting": "Hello.", "world_scenario": ""},
    ],
)
def test_old_cards_with_gaps_and_older_names(card: dict[str, Any]) -> None:
    data = json.dumps(card).encode()
    assert detect_format(data) == "card-v1"
    (mira,) = read_personas(data)
    assert (mira.persona.name, mira.persona.description) == ("Mira", "Keeps a lamp.")
    assert convert_personas([mira], "card-v1").report.losses == ()


@pytest.mark.parametrize(
    "changes",
    [
        {"spec_version": None},
        {"spec_version": 2.0},
        {"data": {"tags": None, "alternate_greetings": "hi"}},
        {"data": {"extensions": None}},
        {"data": {"extensions": []}},
        {"data": {"creator": None, "character_book": None}},
        {"data": {"name": 7}},
    ],
)
def test_odd_fields_of_cards_from_the_web_come_back_as_they_were(changes: dict[str, Any]) -> None:
    card = json.loads(golden("card_v2.json"))
    card["data"] |= changes.pop("data", {})
    card |= changes
    (found,) = read_personas(json.dumps(card).encode())
    assert found.persona.description
    assert json.loads(convert_personas([found], "card-v2").data) == card


@pytest.mark.parametrize("style", ["terse", "Bo: hi\nMira: NO", ""])
@pytest.mark.parametrize("examples", ["{{user}}: hi\n{{char}}: yo", "<START>\n{{char}}: yo", "speaks slowly"])
def test_edited_examples_go_back_where_they_came_from(style: str, examples: str) -> None:
    data = {"name": "Mira", "personality": "patient", "mes_example": examples}
    card = {"spec": "chara_card_v2", "spec_version": "2.0", "data": data}
    (mira,) = read_personas(json.dumps(card).encode())
    written = convert_personas([mira.persona.model_copy(update={"style": style})], "card-v2")
    assert json.loads(written.data)["data"].get("mes_example", "") == style
    assert written.report.losses == ()
    assert read_personas(written.data)[0].persona.style == style


@pytest.mark.parametrize("spelling", ["yaml", "json"])
def test_characters_of_text_generation_webui_are_cards(spelling: str) -> None:
    character = {"name": "Chiharu", "greeting": "Hi!", "context": "{{char}} builds radios.\nShe is shy.", "x-voice": 3}
    raw = json.dumps(character) if spelling == "json" else write_yaml(character)
    assert detect_format(raw.encode()) == "card-v1"
    (found,) = read_personas(raw.encode())
    assert found.persona.description == "Chiharu builds radios.\nShe is shy."
    assert greetings_of(found.persona, macros_of(found.persona)) == ["Hi!"]
    written = convert_personas([found], "card-v1")
    assert json.loads(written.data)["x-voice"] == 3
    assert read_personas(written.data)[0].persona == found.persona


def test_yaml_of_ours_with_such_words_inside_is_ours() -> None:
    assert detect_format(b"name: Ada\nlife_context: x\ndescription: |\n  greeting: hi\n  context: y\n") == "personae"
