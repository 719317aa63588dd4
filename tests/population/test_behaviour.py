"""Behaviour in words: what was said stands in it letter for letter, and what is none is refused with its place."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from personae.errors import InputError
from personae.persona import read_personas
from personae.population.behaviour import told_behaviour
from support.command_line import personae

WORDS = st.text(min_size=1, max_size=30).filter(lambda text: text.strip() != "")


@settings(max_examples=60, deadline=None)
@given(st.lists(WORDS, max_size=3), st.lists(st.tuples(WORDS, WORDS), max_size=3), st.lists(WORDS, max_size=3))
def test_every_word_of_the_person_can_be_quoted(
    texts: list[str], pairs: list[tuple[str, str]], history: list[str]
) -> None:
    row = {
        "texts": texts,
        "preferences": [{"chosen": a, "rejected": b} for a, b in pairs],
        "history": [{"when": 2021, "what": one} for one in history],
    }
    if not texts and not pairs and not history:
        with pytest.raises(InputError, match="no behaviour"):
            told_behaviour(row)
        return
    told = told_behaviour(row)
    assert len(told) == len(texts) + len(pairs) + len(history)
    for words in (*texts, *(a for a, _ in pairs), *history):
        assert any(words in one for one in told)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({}, "no behaviour"),
        ({"texts": "one"}, "texts is no list"),
        ({"texts": [3]}, "texts holds a int"),
        ({"preferences": [{"chosen": "a"}]}, "preference 1 lacks"),
        ({"preferences": ["a"]}, "preference 1 lacks"),
        ({"texts": ["  "]}, "no behaviour"),
    ],
)
def test_what_is_no_behaviour_is_refused(row: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        told_behaviour(row)


def test_a_profile_of_past_items_is_a_history() -> None:
    row = {"profile": [{"id": "1", "title": "On bees", "abstract": "They dance."}]}
    assert told_behaviour(row) == ("title: On bees; abstract: They dance.",)


ROWS: list[dict[str, Any]] = [
    {"id": "u1", "consent": "research", "texts": ["I am shy and quiet at parties. I love reading at home."]},
    {"preferences": [{"prompt": "Plans?", "chosen": "I am talkative, a big party!", "rejected": "Nothing."}]},
    {"history": [{"when": "2021", "what": "bought seeds and kept a diary"}]},
]


def test_people_are_induced_from_texts_preferences_and_histories(tmp_path: Path) -> None:
    path, to = tmp_path / "behaviour.jsonl", tmp_path / "people.jsonl"
    path.write_text("\n".join(map(json.dumps, ROWS)), encoding="utf-8")
    said = personae("population", "induce", str(path), "--to", str(to), "--model", "sim", "--json")
    assert said.code == 0, said.err
    assert said.data["counts"] == {"ok": 3}
    people = [one.persona for one in read_personas(to)]
    assert people[0].id == "u1"
    for one, row in zip(people, ROWS, strict=True):
        lineage = one.extensions["lineage"]
        assert isinstance(lineage, dict)
        evidence = lineage["evidence"]
        assert isinstance(evidence, list)
        assert evidence
        assert all(any(str(passage) in text for text in told_behaviour(row)) for passage in evidence)
        assert one.provenance_of("traits.big_five.openness").origin == "inferred"
    assert people[0].provenance_of("description").consent == "research"
    assert people[0].traits["big_five.extraversion"] < people[1].traits["big_five.extraversion"]


@pytest.mark.parametrize(
    ("content", "more", "said"),
    [
        ('{"a": 1}', (), "person 1"),
        ("", (), "tells of nobody"),
        ('["x"]', (), "no object"),
        ('{"texts": ["a"]}', ("--trait", "big_five"), "big_five"),
        ("{bad", (), ""),
    ],
)
def test_bad_behaviour_writes_nothing(tmp_path: Path, content: str, more: tuple[str, ...], said: str) -> None:
    path, to = tmp_path / "behaviour.jsonl", tmp_path / "people.jsonl"
    path.write_text(content, encoding="utf-8")
    refused = personae("population", "induce", str(path), "--to", str(to), "--model", "sim", *more, "--json")
    assert refused.code == 3
    assert said in json.dumps(refused.error)
    assert not to.exists()


def test_people_are_imagined_from_a_text_a_line_or_a_column(tmp_path: Path) -> None:
    lines, table, to = tmp_path / "texts.txt", tmp_path / "texts.csv", tmp_path / "people.jsonl"
    lines.write_text("On keeping bees in winter.\n\nTax law of 1990.\n", encoding="utf-8")
    table.write_text("title,text\na,On bees.\nb,\n", encoding="utf-8")
    said = personae(
        "population", "imagine", str(lines), "--to", str(to), "--model", "sim", "--each", "2", "--attitude", "like",
        "--licence", "cc0-1.0", "--json",
    )  # fmt: skip
    assert said.data["asked"] == 4, said.err
    people = [one.persona for one in read_personas(to)]
    assert len({json.dumps(one.extensions["lineage"]) for one in people}) == 2
    assert all(one.extensions["lineage"]["attitude"] == "like" for one in people)  # type: ignore[index, call-overload]
    assert {one.provenance_of("description").licence for one in people} == {"cc0-1.0"}
    column = personae(
        "population", "imagine", str(table), "--to", str(to), "--model", "sim", "--column", "title", "--json"
    )
    assert column.data["asked"] == 2
    for bad in (["--attitude", "eat"], ["--column", "nix"]):
        refused = personae("population", "imagine", str(table), "--to", str(to), "--model", "sim", *bad, "--json")
        assert refused.code == 3
