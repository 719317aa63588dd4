"""YAML, JSON and JSONL as persona files spell them: nothing is lost, and other readers agree."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from personae.errors import InputError
from personae.persona.spelling import parse_rows, write_yaml
from support.personas import ODD_TEXTS, json_values, texts

YAML = Path("people.yaml")
JSON = Path("people.json")
LINES = Path("people.jsonl")


def read_yaml(text: str) -> Any:
    rows = parse_rows(text, YAML)
    assert len(rows) == 1
    return rows[0]


@settings(deadline=None)
@given(st.dictionaries(texts, json_values, max_size=4))
def test_what_json_can_say_survives_yaml(data: dict[str, Any]) -> None:
    written = write_yaml(data)
    assert json.dumps(read_yaml(written)) == json.dumps(data)  # by spelling: True is not 1, and 1 is not 1.0
    assert write_yaml(read_yaml(written)) == written


@pytest.mark.parametrize("text", ODD_TEXTS, ids=ascii)
def test_odd_texts_survive_yaml_as_value_key_and_list_item(text: str) -> None:
    data = {text: text, "list": [text, [text]], "inner": {text: {"x": text}}}
    assert read_yaml(write_yaml(data)) == data


@settings(deadline=None)
@given(st.dictionaries(texts, texts | st.lists(texts, max_size=3), max_size=4))
def test_other_readers_of_yaml_take_texts_for_texts(data: dict[str, Any]) -> None:
    for loader in (yaml.SafeLoader, yaml.CSafeLoader):
        assert yaml.load(write_yaml(data), Loader=loader) == data


@settings(deadline=None)
@given(st.dictionaries(texts, st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**63), 2**64 - 1)))
def test_other_readers_of_yaml_see_the_same_numbers(data: dict[str, Any]) -> None:
    assert json.dumps(yaml.safe_load(write_yaml(data))) == json.dumps(data)


@settings(deadline=None)
@given(st.lists(json_values, min_size=1, max_size=3))
def test_json_and_jsonl_are_read_as_they_are_written(rows: list[Any]) -> None:
    for is_ascii in (True, False):
        assert parse_rows(json.dumps(rows, ensure_ascii=is_ascii), JSON) == rows
        lines = "\n".join(json.dumps(row, ensure_ascii=is_ascii) for row in rows)
        assert parse_rows(lines + "\n\n", LINES) == rows


BARE_TEXTS = (
    *("no", "No", "NO", "yes", "on", "off", "y", "n", "True", "TRUE", "False", "Null", "NULL", "tru", "nul", "-a"),
    *("0123", "007", "0x1F", "0b101", "1_000", "12:30", "12:30:45", "2020-01-01", "2020-01-01T10:00:00Z"),
    *("+1", ".5", "1.", "-1.", "--1", "1e", "1.2.3", ".inf", "-.inf", ".nan", "NaN", "=", "<<"),
)

BARE_VALUES: list[tuple[str, Any]] = [
    ("true", True),
    ("false", False),
    ("null", None),
    ("~", None),
    ("", None),
    ("0", 0),
    ("-7", -7),
    ("12", 12),
    ("1.5", 1.5),
    ("-0.25", -0.25),
    ("1e3", 1000.0),
    ("2.5E-3", 0.0025),
]


@pytest.mark.parametrize(("word", "meant"), [*BARE_VALUES, *((word, word) for word in BARE_TEXTS)])
def test_a_bare_word_is_read_as_json_would_or_as_text(word: str, meant: Any) -> None:
    row = read_yaml(f"x: {word}\n")
    assert row == {"x": meant}
    assert type(row["x"]) is type(meant)


def test_the_country_norway_stays_a_country() -> None:
    assert read_yaml("residence: no\nlanguages: [no, sv, yes]") == {"residence": "no", "languages": ["no", "sv", "yes"]}


def test_a_merge_key_is_a_key_like_any_other() -> None:
    assert read_yaml("<<: {name: Ada}") == {"<<": {"name": "Ada"}}


def test_a_file_holds_one_or_a_list_or_nothing() -> None:
    assert parse_rows("name: a", YAML) == [{"name": "a"}]
    assert parse_rows("- name: a\n- name: b", YAML) == [{"name": "a"}, {"name": "b"}]
    assert parse_rows('[{"name": "a"}, 3]', JSON) == [{"name": "a"}, 3]
    for nothing in ("", "\n\n", "# a comment\n", "null", "[]", "---\n"):
        assert parse_rows(nothing, YAML) == []
    assert parse_rows("\n \n", LINES) == []


def test_the_content_decides_whatever_the_file_is_called() -> None:
    assert parse_rows('\n {"name": "a"}', Path("people")) == [{"name": "a"}]
    assert parse_rows("name: a", Path("people.json")) == [{"name": "a"}]
    assert parse_rows('{"name": "a", "ok": true}', YAML) == [{"name": "a", "ok": True}]


def test_flow_style_is_yaml() -> None:
    assert parse_rows("{name: Ada, goals: [rest]}\n", YAML) == [{"name": "Ada", "goals": ["rest"]}]
    assert parse_rows("[{name: Ada}]", Path("people.YML")) == [{"name": "Ada"}]


def test_line_ends_of_other_systems_are_read() -> None:
    assert parse_rows('{"name": "a"}\r\n\r\n{"name": "b"}\r\n', LINES) == [{"name": "a"}, {"name": "b"}]
    assert parse_rows("name: a\r\ngoals:\r\n- b\r\n", YAML) == [{"name": "a", "goals": ["b"]}]


def test_a_line_of_jsonl_ends_at_a_line_feed_only() -> None:
    rows = [{"name": f"a{mark}b"} for mark in "\u2028\u2029\x85"]
    text = "\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    assert len(text.splitlines()) > len(rows)
    assert parse_rows(text, LINES) == rows


BAD: list[tuple[Path, str, str, str]] = [
    (JSON, '{"name": }', "people.json", "not JSON"),
    (JSON, '{"name": "a"', "people.json", "not JSON"),
    (JSON, '{"name": "a"}{"name": "b"}', "people.json", "not JSON"),
    (JSON, '{"x": NaN}', "people.json", "NaN is no JSON value"),
    (JSON, '{"x": -Infinity}', "people.json", "-Infinity is no JSON value"),
    (JSON, '{"x": {"a": 1, "b": 2, "a": 3}}', "people.json", "'a' is written twice"),
    (LINES, '{"name": "a"}\n\n{"name": }\n', "people.jsonl:3", "not JSON"),
    (LINES, '{"name": "a"}\nname: b\n', "people.jsonl:2", "not JSON"),
    (YAML, "name: a\ngoals: [x\nstyle: b\n", "people.yaml:", "not YAML"),
    (YAML, "name: a\n\tgoals: b\n", "people.yaml:2", "not YAML"),
    (YAML, "name: 'a\n", "people.yaml:", "not YAML"),
    (YAML, "name: a\nname: b\n", "people.yaml:2", "'name' is written twice"),
    (YAML, "x:\n  a: 1\n  b: 2\n  'a': 3\n", "people.yaml:4", "'a' is written twice"),
    (YAML, "name: a\n---\nname: b\n", "people.yaml:2", "another document"),
    (YAML, "? [a]\n: b\n", "people.yaml:1", "not YAML"),
    (YAML, "x: !!python/object/apply:os.system ['true']\n", "people.yaml:1", "tag"),
    (YAML, "x: !!python/name:os.system\n", "people.yaml:1", "tag"),
    (YAML, "x: !!timestamp 2020-01-01\n", "people.yaml:1", "tag"),
    (YAML, "x: !!binary aGk=\n", "people.yaml:1", "tag"),
    (YAML, "x: !!set {a, b}\n", "people.yaml:1", "tag"),
    (YAML, "x: !mine y\n", "people.yaml:1", "tag"),
    (YAML, "x: !!int ten\n", "people.yaml", "tag"),
    (YAML, "x: !!bool maybe\n", "people.yaml", "tag"),
    (YAML, "x: \x01\n", "people.yaml", "not YAML"),
    (YAML, "x: &a b\ny: *a\n", "people.yaml", "aliases"),
    (YAML, "x: &a [b, *a]\n", "people.yaml", "aliases"),
    (JSON, '{"x": ' + "[" * 100_000, "people.json", "nested too deeply"),
    (YAML, "x: " + "[" * 100_000, "people.yaml", "nested too deeply"),
    (YAML, "x: " + "[" * 5000 + "]" * 5000, "people.yaml", "nested too deeply"),
    (YAML, "- " * 100_000 + "x", "people.yaml", "nested too deeply"),
]


@pytest.mark.parametrize(("path", "text", "where", "what"), BAD, ids=[f"{row[0]}-{row[1][:30]!a}" for row in BAD])
def test_what_is_malformed_is_refused_in_one_line_that_names_the_place(
    path: Path, text: str, where: str, what: str
) -> None:
    with pytest.raises(InputError) as caught:
        parse_rows(text, path)
    message = str(caught.value)
    assert message.startswith(where)
    assert what in message
    assert "\n" not in message
    assert len(message) < 400
    assert caught.value.remedy


@pytest.mark.parametrize("depth", [1, 50, 200])
def test_what_a_persona_may_nest_is_read_back(depth: int) -> None:
    value: Any = "x"
    for _ in range(depth):
        value = {"in": [value]} if depth < 100 else [value]
    assert read_yaml(write_yaml({"a": value})) == {"a": value}


def test_aliases_that_unfold_to_gigabytes_are_refused_at_once() -> None:
    bomb = 'a0: &a0 ["x"]\n' + "".join(
        f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 10)}]\n" for level in range(1, 12)
    )
    with pytest.raises(InputError, match="aliases"):
        parse_rows(bomb, YAML)


def test_a_star_in_a_text_is_no_alias() -> None:
    assert read_yaml("name: '*a'\nstyle: 2 * 3\n") == {"name": "*a", "style": "2 * 3"}
    assert read_yaml("name: &anchor Ada\n") == {"name": "Ada"}


@settings(deadline=None)
@given(st.text(max_size=60) | st.lists(st.sampled_from([*ODD_TEXTS, "\n", "  ", ": ", "- "]), max_size=12).map("".join))
@example("!!float ''")
@example("!!null x: 1")
@example("x: !!int ''")
@example("!!map x")
@example("!!seq x")
@example("!!str {a: b}")
def test_any_text_is_either_read_as_json_or_refused(text: str) -> None:
    for path in (YAML, JSON, LINES, Path("people")):
        try:
            rows = parse_rows(text, path)
        except InputError as error:
            assert "\n" not in str(error)
        else:
            for row in rows:
                assert_json(row)


def assert_json(value: Any) -> None:
    """Keys are judged later, where they can be named."""
    if isinstance(value, dict):
        for inner in value.values():
            assert_json(inner)
    elif isinstance(value, list):
        for inner in value:
            assert_json(inner)
    else:
        assert value is None or type(value) in (str, int, float, bool)
