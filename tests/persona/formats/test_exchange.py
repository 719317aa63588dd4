"""All formats at once: found by content, read, edited, written again, and honest about what they cannot hold."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from personae.errors import InputError, StorageError
from personae.persona import (
    FORMATS,
    Persona,
    convert_personas,
    detect_format,
    read_personas,
    write_personas,
)
from personae.persona.formats import file_name
from support.cards import GOLDEN
from support.personas import FULL_PERSONA, json_values, personas

FILES = {
    "tinytroupe.agent.json": "tinytroupe",
    "tinytroupe.fragment.json": "tinytroupe",
    "edsl.json": "edsl",
    "oasis_reddit.json": "oasis-reddit",
    "oasis_twitter.csv": "oasis-twitter",
    "nemotron.jsonl": "nemotron",
    "personahub.jsonl": "personahub",
    "finepersonas.jsonl": "personahub",
    "letta_blocks.json": "letta-blocks",
    "letta_agent.af": "letta-af",
    "letta_first.af": "letta-af",
    "concordia.json": "concordia",
    "lamp.json": "lamp",
    "people.csv": "csv",
    "genagents": "genagents",
}


@pytest.mark.parametrize(("name", "key"), FILES.items())
def test_a_file_of_another_tool_is_known_and_comes_back(name: str, key: str, tmp_path: Path) -> None:
    source = GOLDEN / name
    assert detect_format(source) == key
    found = read_personas(source)
    report = write_personas(found, tmp_path / "again", format=key)
    assert report.losses == ()
    again = read_personas(tmp_path / "again")
    assert [one.persona for one in again] == [one.persona for one in found]
    assert [dict(one.assets) for one in again] == [dict(one.assets) for one in found]


@pytest.mark.parametrize("name", [name for name in FILES if name.endswith(("json", ".af"))])
def test_json_files_come_back_with_every_value(name: str) -> None:
    source = (GOLDEN / name).read_bytes()
    assert json.loads(convert_personas(read_personas(source), FILES[name]).data) == json.loads(source)


@pytest.mark.parametrize(("name", "key"), FILES.items())
def test_the_name_of_a_file_says_nothing(name: str, key: str, tmp_path: Path) -> None:
    if (GOLDEN / name).is_dir():
        return
    other = tmp_path / "lies.png"
    other.write_bytes((GOLDEN / name).read_bytes())
    assert detect_format(other) == detect_format((GOLDEN / name).read_bytes()) == key


@settings(deadline=None, max_examples=60)
@given(
    persona=personas,
    key=st.sampled_from(list(FORMATS)),
)
def test_what_the_report_does_not_name_arrives_and_nothing_is_invented(persona: Persona, key: str) -> None:
    written = convert_personas([persona], key)
    assert written.report.paths("invented") == ()
    if written.files:
        return
    assert detect_format(written.data) == key
    (again,) = read_personas(written.data)
    second = convert_personas([again], key)
    assert second.data == written.data
    assert second.report.is_complete  # what has arrived once is never lost again
    lost = {path.split("/")[1] for fate in ("dropped", "changed") for path in written.report.paths(fate)}
    for field, value in persona.content().items():
        if field not in (*lost, "extensions") and field not in ("description", "personal_identity"):
            assert told(again.persona.content().get(field, {})) == told(value)


def told(value: object) -> object:
    """What a field says: an entry without words says nothing, and no format has a place for that."""
    return {key: one for key, one in value.items() if one != ""} if isinstance(value, dict) else value


@settings(deadline=None, max_examples=40)
@given(
    extra=st.dictionaries(st.text("xyz_", min_size=2, max_size=5), json_values, max_size=3),
    name=st.sampled_from(sorted(FILES)),
)
def test_unknown_keys_survive_an_edit(extra: dict[str, Any], name: str) -> None:
    key = FILES[name]
    if key in ("csv", "oasis-twitter", "genagents", "letta-blocks", "letta-af", "nemotron"):
        return  # tables hold texts; the others are edited below
    data = json.loads((GOLDEN / name).read_bytes())
    row = data[0] if isinstance(data, list) else data["agent_list"][0] if key == "edsl" else data
    row.update(extra)
    (first, *_) = read_personas(json.dumps(data).encode())
    edited = first.persona.model_copy(update={"name": "Somebody Else", "goals": ("a new goal",)})
    again = convert_personas([edited], key).data
    written = json.loads(again)
    row = written[0] if isinstance(written, list) else written["agent_list"][0] if key == "edsl" else written
    for field, value in extra.items():
        assert row[field] == value


def test_an_edit_changes_what_was_edited_alone() -> None:
    (mira,) = read_personas(GOLDEN / "tinytroupe.agent.json")
    before = json.loads((GOLDEN / "tinytroupe.agent.json").read_bytes())
    edited = mira.persona.model_copy(update={"beliefs": ("The sea decides.", "Oil is dear."), "style": ""})
    after = json.loads(convert_personas([edited], "tinytroupe").data)
    before["persona"]["beliefs"].append("Oil is dear.")
    del before["persona"]["style"]
    assert after == before


def test_many_personas_go_into_one_file_or_into_a_folder(tmp_path: Path) -> None:
    people = [Persona(id="../a", name="Ada"), Persona(id="b", name="Bo")]
    write_personas(people, tmp_path / "people.json", format="oasis-reddit")
    assert [one.persona.name for one in read_personas(tmp_path / "people.json")] == ["Ada", "Bo"]
    write_personas(people, tmp_path / "cards", format="card-png")
    assert sorted(path.name for path in (tmp_path / "cards").iterdir()) == ["a.png", "b.png"]
    write_personas(people, tmp_path / "own.jsonl")
    assert [one.persona.id for one in read_personas(tmp_path / "own.jsonl")] == ["../a", "b"]
    for name in ("own.yaml", "own.json"):
        write_personas(people, tmp_path / name)
        assert [one.persona for one in read_personas(tmp_path / name)] == people
    with pytest.raises(InputError, match="one persona"):
        convert_personas(people, "card-v3")


def test_an_id_from_elsewhere_cannot_leave_the_folder() -> None:
    for odd in ("../../etc/passwd", "/root", "..", ".", "a\x00b", "C:\\x", "x" * 500, "日本"):
        name = file_name(Persona(id=odd))
        assert "/" not in name and "\\" not in name and name not in ("", ".", "..") and len(name) <= 80


def test_an_own_file_is_still_an_own_file(tmp_path: Path) -> None:
    for name in ("full.yaml", "full.json", "full.jsonl"):
        write_personas([FULL_PERSONA], tmp_path / name)
        assert detect_format(tmp_path / name) == "personae"
        assert read_personas(tmp_path / name)[0].persona == FULL_PERSONA


def test_what_cannot_be_written_leaves_the_old_file(tmp_path: Path) -> None:
    (tmp_path / "taken").mkdir()
    with pytest.raises(StorageError):
        write_personas([FULL_PERSONA], tmp_path / "taken", format="card-v3")
    with pytest.raises(InputError, match="did you mean 'card-png'"):
        convert_personas([FULL_PERSONA], "card-pgn")
    with pytest.raises(InputError, match="no persona to write"):
        convert_personas([], "edsl")


@pytest.mark.parametrize(
    "data", [b"", b"[]", b"{}", b"\x00\x01", b"a,b\n1,2", b'[{"x": 1}, 2]', b"PAR1garbage", b"{" * 9999]
)
def test_files_of_nothing_known_are_refused_in_one_line(data: bytes) -> None:
    try:
        read_personas(data, name="odd")
    except InputError as error:
        assert "odd" in str(error)
        assert "\n" not in str(error)


@given(st.binary(max_size=200))
def test_no_bytes_break_the_reader(data: bytes) -> None:
    with contextlib.suppress(InputError):
        read_personas(data)


@settings(deadline=None)
@given(st.sampled_from(sorted(FILES)), st.data())
def test_files_with_values_of_other_types_break_nothing(name: str, data: st.DataObject) -> None:
    if (GOLDEN / name).is_dir() or name.endswith("csv"):
        return
    text = (GOLDEN / name).read_text()
    loaded = json.loads(text)
    row = loaded[0] if isinstance(loaded, list) else loaded
    inner = [row, *[value for value in row.values() if isinstance(value, dict)]]
    target = data.draw(st.sampled_from(inner))
    if target:
        target[data.draw(st.sampled_from(sorted(target)))] = data.draw(json_values)
    try:
        found = read_personas(json.dumps(loaded).encode())
    except InputError:
        return
    for one in found:
        assert one.persona.hash


def test_people_in_lines_of_yaml_are_no_table(tmp_path: Path) -> None:
    path = tmp_path / "people.yaml"
    path.write_text(
        "- {id: ada, name: Ada, traits: {big_five.extraversion: 1.5}}\n- {id: bob, name: Bob, description: Tall.}\n",
        encoding="utf-8",
    )
    assert detect_format(path) == "personae"
    assert [one.persona.id for one in read_personas(path)] == ["ada", "bob"]
    assert detect_format(b"id,name,big_five.extraversion\nada,Ada,1.5\n") == "csv"
