"""Persona files: what is written is read back byte for byte, and what is not understood is kept and told."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import personae.persona.files as files
from personae.errors import InputError, StorageError
from personae.persona import (
    Memory,
    Persona,
    dump_json,
    dump_yaml,
    load_persona,
    persona_to_json,
    read_persona,
    read_personas,
    save_persona,
    unknown_fields,
)
from support.personas import FULL_PERSONA, ODD_TEXTS, json_values, personas, some_texts

ENDINGS = ["yaml", "yml", "json", "JSON", "jsonl", "ndjson", "persona"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("personas")


def write(folder: Path, content: str | bytes, name: str = "ada.yaml") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def refusal(action: Callable[[], object]) -> str:
    """The message of a refusal; it fits one line, and says what to do."""
    with pytest.raises(InputError) as caught:
        action()
    message = str(caught.value)
    assert "\n" not in message
    return message


# --- round trips ------------------------------------------------------------------------------------------------------


@settings(deadline=None)
@given(persona=personas, ending=st.sampled_from(ENDINGS))
def test_save_load_save_is_identical_to_the_byte(folder: Path, persona: Persona, ending: str) -> None:
    path = folder / f"round.{ending}"
    save_persona(persona, path)
    written = path.read_bytes()
    again = load_persona(path)
    assert again == persona
    assert (again.id, again.hash) == (persona.id, persona.hash)
    assert again.provenance == persona.provenance
    save_persona(again, path)
    assert path.read_bytes() == written


@settings(deadline=None)
@given(persona=personas)
def test_yaml_and_json_hold_the_same_person(folder: Path, persona: Persona) -> None:
    save_persona(persona, folder / "one.yaml")
    save_persona(load_persona(folder / "one.yaml"), folder / "two.json")
    save_persona(load_persona(folder / "two.json"), folder / "three.yaml")
    assert (folder / "three.yaml").read_bytes() == (folder / "one.yaml").read_bytes()


@pytest.mark.parametrize("text", ODD_TEXTS, ids=ascii)
def test_odd_texts_survive_in_every_kind_of_field(folder: Path, text: str) -> None:
    persona = Persona(
        id=text,
        name=text,
        goals=(text, text),
        social_identity={text: text},
        memories=(Memory(text=text or "x", when=text),),
        extensions={text: [text, {text: None}]},
    )
    for ending in ("yaml", "json", "jsonl"):
        path = folder / f"odd.{ending}"
        save_persona(persona, path)
        assert load_persona(path) == persona


def test_the_id_of_a_persona_without_one_is_the_same_at_each_reading(tmp_path: Path) -> None:
    path = write(tmp_path, "name: Ada\ntraits: {big_five.openness: 1.5}\n")
    first, second = load_persona(path), load_persona(path)
    assert first.id == second.id
    save_persona(first, path)
    assert load_persona(path).id == first.id
    turned = write(tmp_path, "traits: {big_five.openness: 1.50}\nname: 'Ada'\n", "turned.yaml")
    assert load_persona(turned).id == first.id


def test_a_file_says_its_format_first_and_the_id_next() -> None:
    assert dump_yaml(FULL_PERSONA).startswith("format: personae.persona/1\nid: ada\nname: Ada Lovelace\n")
    assert list(json.loads(dump_json(FULL_PERSONA)))[:3] == ["format", "id", "name"]
    assert dump_json(Persona(id="x")) == '{\n  "format": "personae.persona/1",\n  "id": "x"\n}\n'


def test_files_are_utf_8_and_spell_letters_as_letters(tmp_path: Path) -> None:
    for name in ("p.yaml", "p.json"):
        save_persona(Persona(name="Grüße 日本 😀"), tmp_path / name)
        assert "Grüße 日本 😀".encode() in (tmp_path / name).read_bytes()


def test_the_json_form_is_plain_and_leaves_out_what_was_not_said() -> None:
    data = persona_to_json(Persona(id="x", traits={"a.b": 0}))
    assert data == {"format": "personae.persona/1", "id": "x", "traits": {"a.b": 0.0}}
    assert json.loads(json.dumps(persona_to_json(FULL_PERSONA))) == persona_to_json(FULL_PERSONA)


# --- unknown fields ---------------------------------------------------------------------------------------------------

FOREIGN = """\
format: personae.persona/1
id: ada
name: Ada
shoe_size: 38
demographics:
  age: 36
  star_sign: Sagittarius
memories:
- text: a fever
- text: meeting Mr Babbage
  mood: {joy: 0.9, tags: [a, null, no]}
abilities:
- ability: ride
  since: '1820'
voice: {timbre: [warm]}
model: {seed: 7}
provenance:
  demographics.age: {origin: inferred, page: 3}
extensions:
  other_tool: {depth: 3}
"""

FOREIGN_FIELDS = {
    "shoe_size": 38,
    "demographics.star_sign": "Sagittarius",
    "memories.1.mood": {"joy": 0.9, "tags": ["a", None, "no"]},
    "abilities.0.since": "1820",
    "voice.timbre": ["warm"],
    "model.seed": 7,
    "provenance.demographics.age.page": 3,
}


def test_unknown_fields_are_kept_wherever_they_stand_and_told(tmp_path: Path) -> None:
    (found,) = read_personas(write(tmp_path, FOREIGN))
    assert set(found.unknown) == set(FOREIGN_FIELDS)
    assert found.persona.extensions == {"other_tool": {"depth": 3}, "unknown": FOREIGN_FIELDS}
    assert found.persona.demographics.age == 36
    assert [memory.text for memory in found.persona.memories] == ["a fever", "meeting Mr Babbage"]
    assert found.persona.provenance["demographics.age"].origin == "inferred"
    lines = unknown_fields([found])
    assert len(lines) == len(FOREIGN_FIELDS)
    assert any("Ada" in line and "'memories.1.mood'" in line for line in lines)


@pytest.mark.parametrize("ending", ["yaml", "json", "jsonl"])
def test_unknown_fields_survive_load_save_load(tmp_path: Path, ending: str) -> None:
    first = load_persona(write(tmp_path, FOREIGN))
    path = tmp_path / f"again.{ending}"
    save_persona(first, path)
    (second,) = read_personas(path)
    assert second.persona == first
    assert second.unknown == ()
    assert second.persona.extensions["unknown"] == FOREIGN_FIELDS


@settings(deadline=None)
@given(
    place=st.sampled_from(["", "demographics", "voice", "model", "memories", "abilities", "provenance"]),
    name=some_texts,
    value=json_values,
)
def test_any_unknown_field_anywhere_survives(folder: Path, place: str, name: str, value: Any) -> None:
    data = persona_to_json(FULL_PERSONA)
    inner: Any = {"": data, "provenance": data["provenance"]["traits"]}.get(place, data.get(place))
    row = inner[-1] if isinstance(inner, list) else inner
    known = {*Persona.model_fields, "format"} if row is data else set(type_of(place))
    assume(name not in known)
    row[name] = value
    found = read_persona(data)
    (field,) = found.unknown
    assert field.endswith(name)
    kept = found.persona.extensions["unknown"]
    assert isinstance(kept, dict)
    assert json.dumps(kept[field]) == json.dumps(value)
    assert found.persona.extensions["tool"] == FULL_PERSONA.extensions["tool"]
    assert found.persona.model_copy(update={"extensions": FULL_PERSONA.extensions}) == FULL_PERSONA
    save_persona(found.persona, folder / "foreign.yaml")
    assert load_persona(folder / "foreign.yaml") == found.persona


def type_of(place: str) -> list[str]:
    facet: Any = getattr(FULL_PERSONA, place)
    item = facet[-1] if isinstance(facet, tuple) else facet["traits"] if isinstance(facet, dict) else facet
    return list(type(item).model_fields)


def test_fields_that_an_earlier_reader_kept_are_not_overwritten(tmp_path: Path) -> None:
    text = "name: Ada\nshoe: 2\ndemographics: {shoe: 3}\ndemographics.shoe: 4\nextensions: {unknown: {shoe: 1}}\n"
    (found,) = read_personas(write(tmp_path, text))
    kept = found.persona.extensions["unknown"]
    assert isinstance(kept, dict)
    assert kept["shoe"] == 1
    assert sorted(map(str, kept.values())) == ["1", "2", "3", "4"]
    assert set(found.unknown) == set(kept) - {"shoe"}


def test_reading_changes_nothing_of_what_it_was_given() -> None:
    data = {"name": "Ada", "shoe": 1, "memories": [{"text": "x", "mood": 2}], "extensions": {"a": 1}}
    before = json.dumps(data)
    read_persona(data)
    assert json.dumps(data) == before


def test_an_unknown_field_beside_a_wrong_one_is_no_excuse(tmp_path: Path) -> None:
    message = refusal(lambda: read_personas(write(tmp_path, "shoe: 1\nmemories: [{text: x}, {txt: y}]\n")))
    assert "memories.1.text" in message


# --- files of several, and from elsewhere -----------------------------------------------------------------------------


def test_a_list_or_lines_of_personas_are_read_in_order(tmp_path: Path) -> None:
    texts = {
        "a.yaml": "- name: A\n- name: B\n  id: b\n",
        "a.json": '[{"name": "A"}, {"name": "B", "id": "b"}]',
        "a.jsonl": '{"name": "A"}\n\n{"name": "B", "id": "b"}\n',
        "a.ndjson": '{"name": "A"}\r\n{"name": "B", "id": "b"}',
    }
    for name, text in texts.items():
        found = read_personas(write(tmp_path, text, name))
        assert [one.persona.name for one in found] == ["A", "B"]
        assert found[1].persona.id == "b"
        assert "holds 2 personas" in refusal(lambda name=name: load_persona(tmp_path / name))  # type: ignore[misc]


def test_a_byte_order_mark_is_no_part_of_the_text(tmp_path: Path) -> None:
    for name, text in {"a.yaml": "name: A", "a.json": '{"name": "A"}', "a.jsonl": '{"name": "A"}'}.items():
        assert load_persona(write(tmp_path, b"\xef\xbb\xbf" + text.encode(), name)).name == "A"


def test_a_path_may_be_a_text(tmp_path: Path) -> None:
    save_persona(Persona(name="A"), str(tmp_path / "a.yaml"))
    assert load_persona(str(tmp_path / "a.yaml")).name == "A"


def test_an_empty_object_is_the_empty_persona() -> None:
    assert read_persona({}).persona == Persona()


# --- what is refused --------------------------------------------------------------------------------------------------

WRONG: list[tuple[str, str]] = [
    ("name: 5", "ada.yaml: name: "),
    ("name:", "ada.yaml: name: "),
    ("name: [a]", "ada.yaml: name: "),
    ("demographics: {age: old}", "demographics.age"),
    ("demographics: {age: true}", "demographics.age"),
    ("demographics: {age: 1815}", "demographics.age"),
    ("demographics: x", "demographics"),
    ("traits: {big_five.openness: high}", "big_five.openness"),
    ("traits: {big_five.openness: .nan}", "big_five.openness"),
    ("traits: {big_five.openness: nan}", "big_five.openness"),
    ("traits: {big_five.openness: .inf}", "big_five.openness"),
    ("traits: {big_five.openness: 1e400}", "big_five.openness"),
    ("traits: {big_five.openness: 50}", "big_five.openness"),
    ("traits: {big_five.openness: true}", "big_five.openness"),
    ("traits: {openness: 1}", "'openness' is no trait"),
    ("traits: [1]", "traits"),
    ('traits: {"a\\nb": 1}', "traits"),
    ('traits: {"a\\nb": x}', "traits"),
    ("memories: [{text: x}, {text: ''}]", "memories.1.text"),
    ("memories: hello", "memories"),
    ("memories: [{text: x, importance: 2}]", "memories.0.importance"),
    ("model: {temperature: .inf}", "model.temperature"),
    ("goals: rest", "goals"),
    ("provenance: {name: {origin: guessed}}", "provenance.name.origin"),
    ("provenance: {name: {confidence: 2}}", "provenance.name.confidence"),
    ("extensions: [1]", "extensions"),
    ("shoe: 1\nextensions: [1]", "extensions"),
    ("shoe: 1\nextensions: {unknown: 3}", "shoe"),
    ("extensions: {1: a}", "extensions.1"),
    ("1: a", "ada.yaml: 1"),
    ("null: a", "ada.yaml"),
    ("extensions: {x: 123456789012345678901234567890}", "64-bit"),
    (f"extensions: {{x: {'9' * 5000}}}", "ada.yaml"),
    ("format: personae.persona/2", "'personae.persona/2'"),
    ("format: 1", "format"),
    ("just a text", "ada.yaml: is a str, not a persona"),
    ("7", "ada.yaml: is a int, not a persona"),
    ("- name: a\n- 7", "persona 2"),
    ("- name: a\n- name: 7", "persona 2: name"),
    ("", "ada.yaml: holds no persona"),
    ("[]", "ada.yaml: holds no persona"),
    ("extensions: {a: " + "[" * 280 + "]" * 280 + "}", "ada.yaml"),
    ("x: " + "[" * 5000 + "]" * 5000, "ada.yaml"),
]


@pytest.mark.parametrize(("text", "hint"), WRONG, ids=[row[0][:40] for row in WRONG])
def test_a_wrong_file_is_refused_in_one_line_with_file_and_field(tmp_path: Path, text: str, hint: str) -> None:
    message = refusal(lambda: read_personas(write(tmp_path, text)))
    assert str(tmp_path / "ada.yaml") in message
    assert hint in message
    assert len(message) < len(str(tmp_path)) + 350


def test_of_several_faults_the_first_is_named_and_the_others_counted(tmp_path: Path) -> None:
    message = refusal(lambda: read_personas(write(tmp_path, "name: 5\nstyle: 6\ngoals: x\n")))
    assert "name" in message
    assert "(and 2 more)" in message


def test_a_malformed_line_is_named_by_its_number(tmp_path: Path) -> None:
    assert "a.jsonl:3" in refusal(lambda: read_personas(write(tmp_path, '{}\n\n{"name"}\n', "a.jsonl")))
    assert "ada.yaml:2" in refusal(lambda: read_personas(write(tmp_path, "name: a\n\tb: c\n")))


def test_escaped_halves_of_letters_are_refused(tmp_path: Path) -> None:
    for text in ('{"name": "\\ud800"}', '{"provenance": {"*": {"by": "\\udfff"}}}', '{"extensions": {"\\ud800": 1}}'):
        assert "half a character" in refusal(lambda text=text: read_personas(write(tmp_path, text, "a.json")))  # type: ignore[misc]


@pytest.mark.parametrize("raw", ["name: é".encode("latin-1"), b"\x80", b"name: \xc3"])
def test_what_is_not_utf_8_is_refused(tmp_path: Path, raw: bytes) -> None:
    assert "not UTF-8" in refusal(lambda: read_personas(write(tmp_path, raw)))


def test_a_file_that_is_too_large_is_refused_unread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MOST_BYTES", 1000)
    assert load_persona(write(tmp_path, "name: " + "x" * 994)).name == "x" * 994
    assert "1000 bytes" in refusal(lambda: read_personas(write(tmp_path, "name: " + "x" * 995)))
    if Path("/dev/zero").exists():  # it never ends, and tells no size
        assert "1000 bytes" in refusal(lambda: read_personas("/dev/zero"))


def test_the_limit_is_far_above_any_persona() -> None:
    assert 10_000_000 <= files.MOST_BYTES <= 100_000_000


def test_what_cannot_be_opened_is_refused(tmp_path: Path) -> None:
    assert "No such file" in refusal(lambda: read_personas(tmp_path / "absent.yaml"))
    assert "directory" in refusal(lambda: read_personas(tmp_path))
    assert "cannot be read" in refusal(lambda: read_personas("a\0b"))
    assert "cannot be read" in refusal(lambda: read_personas(tmp_path / ("x" * 300)))


def test_a_persona_from_code_is_judged_like_one_from_a_file() -> None:
    assert "study, row 3: name" in refusal(lambda: read_persona({"name": 3}, where="study, row 3"))
    assert "set" in refusal(lambda: read_persona({"extensions": {"a": {1, 2}}}))
    for data in ("x", 3, None, ["name"]):
        assert "not a persona" in refusal(lambda data=data: read_persona(data))  # type: ignore[misc]


@settings(deadline=None)
@given(raw=st.binary(max_size=60) | st.text(max_size=60).map(lambda text: text.encode("utf-8", "ignore")))
def test_any_bytes_are_read_or_refused(folder: Path, raw: bytes) -> None:
    for name in ("any.yaml", "any.json", "any.jsonl"):
        try:
            found = read_personas(write(folder, raw, name))
        except InputError as error:
            assert "\n" not in str(error)
        else:
            for one in found:
                assert json.loads(dump_json(one.persona))["id"]


# --- writing ----------------------------------------------------------------------------------------------------------


def test_a_reader_never_sees_half_a_file(tmp_path: Path) -> None:
    path = tmp_path / "ada.yaml"
    people = [Persona(id=str(index), description="x" * 3_000 * index) for index in (1, 5)]
    save_persona(people[0], path)
    done = threading.Event()

    def keep_writing() -> None:
        for index in range(40):
            save_persona(people[index % 2], path)
        done.set()

    writer = threading.Thread(target=keep_writing)
    writer.start()
    seen = 0
    while not done.is_set():
        assert load_persona(path) in people
        seen += 1
    writer.join()
    assert seen
    assert [entry.name for entry in tmp_path.iterdir()] == ["ada.yaml"]


def test_what_cannot_be_written_is_told_and_the_older_file_stays(tmp_path: Path) -> None:
    with pytest.raises(StorageError) as caught:
        save_persona(Persona(), tmp_path / "absent" / "ada.yaml")
    assert "ada.yaml" in caught.value.where
    assert caught.value.remedy
    path = tmp_path / "ada.yaml"
    save_persona(Persona(name="Ada"), path)
    os.mkdir(tmp_path / "ada.yaml.partial")  # noqa: PTH102  # stands where the new file would be prepared
    with pytest.raises(StorageError):
        save_persona(Persona(name="Bob"), path)
    assert load_persona(path).name == "Ada"


def test_names_with_line_ends_do_not_tear_the_report_of_unknown_fields() -> None:
    found = read_persona({"name": "Ada\nLovelace", "a\nb": 1})
    (line,) = unknown_fields([found])
    assert "\n" not in line
    assert "Ada\\nLovelace" in line
