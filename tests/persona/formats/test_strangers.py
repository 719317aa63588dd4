"""Files that hold no people, or hold them in odd spellings: known for what they are, or refused in words that help."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from personae.errors import InputError
from personae.persona import detect_format, read_personas

_MANY = ("001/outputs", "009/evaluations", "025/", "105/task", "108/june2025")
"""Hundreds of answers; all are objects without a field of a persona, as others of their studies are."""

WEBP = b"RIFF\x1a\x00\x00\x00WEBPVP8 " + b"\x00" * 14


def refusal(data: bytes | Any) -> str:
    raw = data if isinstance(data, bytes) else json.dumps(data).encode()
    with pytest.raises(InputError) as caught:
        read_personas(raw, name="odd")
    message = str(caught.value)
    assert message.startswith("odd")
    assert "\n" not in message
    return message


@pytest.mark.parametrize(
    ("data", "what"),
    [
        ({"answers": [1, 2], "seed": 3}, "has no field of a persona ('answers', 'seed')"),
        ([{"id": 7, "question": "?"}], "has no field of a persona ('question')"),
        ({"spec": "lorebook_v3", "data": {"entries": []}}, "is a lorebook, not a person"),
        ({"entries": {"0": {"key": ["a"], "content": "b"}}}, "is a lorebook, not a person"),
        ({"spec": "chara_card_v2", "spec_version": "2.0", "data": None}, "is a card without its data"),
        ({"task": "LaMP_3", "golds": [{"id": "310", "output": "4"}]}, "holds the answers of LaMP"),
        (b'{"name": "A", "first_mes": "x", "x": 99999999999999999999999}', "beyond the 64-bit range"),
        (b'{"name": "A", "first_mes": "x", "x": ' + b"9" * 5000 + b"}", "a number has too many digits"),
        (b'{"name": "A \\ud83d", "first_mes": "x"}', "half a character"),
        (b'{"name": "A", "first_mes": "x", "x": ' + b"[" * 300 + b"]" * 300 + b"}", "is nested too deeply"),
        (b'{"name": "A", "goals": [NaN]}', "NaN is no JSON value, write null"),
        ({"agents": [1, 2]}, "has no field of a persona"),
        (b"\xff\xd8\xff\xe0" + b"\x00" * 40 + b"\xff\xd9", "is a JPEG picture without a card"),
        (WEBP, "is a damaged picture"),
        (b"GIF89a" + b"\x00" * 20, "is a GIF picture"),
        (gzip.compress(b"name: Ada", mtime=0)[:-9], "is cut off"),
        (b"\x1f\x8b" + b"name: Ada", "cannot be unpacked"),
        (b"%PDF-1.7\n", "is a PDF"),
        (b"<!DOCTYPE html><html><body>404</body></html>", "is a web page"),
        (b"id,score\n1,3\n", "is a table, and none of its columns is a field of a persona ('id', 'score')"),
        (b",q1,q2\n0,3,4\n", "is a table"),
        ("name;age\nZoé;3\n".encode("cp1252"), "name its encoding"),
    ],
)
def test_what_is_no_persona_is_said_in_words(data: Any, what: str) -> None:
    assert what in refusal(data)


def test_what_is_packed_by_gzip_is_read_as_what_it_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    packed = gzip.compress(b'{"agent_list": [{"traits": {"age": 30}}]}')
    assert detect_format(packed) == "edsl"
    assert read_personas(packed)[0].persona.demographics.age == 30
    twice = gzip.compress(b"name: ") + gzip.compress(b"Ada")
    assert read_personas(twice)[0].persona.name == "Ada"
    monkeypatch.setattr("personae.persona.formats.content.MOST_FILE_BYTES", 1_000_000)
    assert "unpacks to more than 1000000 bytes" in refusal(gzip.compress(b" " * 1_000_001))


def test_a_persona_of_a_later_version_is_not_taken_for_a_stranger() -> None:
    (found,) = read_personas(b'{"format": "personae.persona/1", "aura": "blue"}')
    assert found.unknown == ("aura",)


def test_lines_of_json_are_known_by_what_is_in_them() -> None:
    found = read_personas(
        b'{"name": "Ada", "goals": ["rest"]}\n\n{"name": "Bo", "style": "dry"}\n', name="standard input"
    )
    assert [one.persona.name for one in found] == ["Ada", "Bo"]


def test_people_of_the_published_outputs_are_read_and_nothing_else_is(replay: Callable[[str], Path]) -> None:
    """Every file of a study is either people of a known format or refused; none becomes a person without content."""
    root = replay(".")
    people: dict[str, tuple[str, int]] = {}
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root).as_posix()
        if not path.is_file() or name.startswith(_MANY):
            continue
        try:
            found = read_personas(path)
        except InputError as error:
            assert error.where
            assert error.remedy
            continue
        assert all(set(one.persona.content()) - {"extensions", "name"} for one in found), name
        people[name] = (detect_format(path), len(found))
    assert people == {
        "006/data/dv3/dv3_main_generations.csv": ("csv", 1350),  # each row names gender and ethnicity
        "009/benchmark_personas.json": ("personahub", 200),
        "023/tool.jsonl": ("personahub", 2500),
        "034/bidder_pool.jsonl": ("personahub", 10),
        "096/papi_test_300x300.csv": ("csv", 300),
        "105/users_summary.csv": ("csv", 1500),
    }
    user = read_personas(root / "105/users_summary.csv")[0].persona
    assert user.personal_identity == {"age": "35-44 years old"}
    assert user.demographics.education == "University Bachelors Degree"
    person = read_personas(root / "096/papi_test_300x300.csv")[0].persona
    assert (person.demographics.age, person.demographics.gender) == (17, "")  # 1 is a code, not a gender
