"""A base of cultural knowledge: ours, foreign layouts, words that several cultures have, cultures that are named."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from personae.errors import InputError
from personae.judge import FACETS, Assertion, KnowledgeBase, load_knowledge, names_culture


def test_our_base_knows_thirty_cultures_in_every_facet() -> None:
    base = load_knowledge()
    assert len(base.subjects) == 30
    for subject in base.subjects:
        for facet in FACETS:
            telling = [term for one in base.about(subject, facet) for term in one.terms if base.match(term, facet)]
            assert len(telling) >= 2, (subject, facet)
    assert "general knowledge" in base.source


def test_words_are_found_whatever_their_accents_plurals_and_hyphens() -> None:
    base = load_knowledge()
    assert base.match("Zurek and golabki, perhaps?", "food") == {"polish": ("żurek", "gołąbki")}
    assert base.match("Two kimonos and a pair of Lederhosen", "clothing") == {
        "japanese": ("kimono",),
        "german": ("lederhosen",),
    }
    assert base.match("A HAFT SIN table", "rituals") == {"iranian": ("haft-sin",)}
    assert base.match("photograph", "food") == {}  # pho is a word of its own


def test_words_of_several_cultures_tell_none_unless_asked_for() -> None:
    base = load_knowledge()
    assert base.match("borscht", "food") == {}
    assert set(base.match("borscht", "food", most_owners=2)) == {"russian", "ukrainian"}


def test_a_facet_is_searched_alone() -> None:
    assert load_knowledge().match("sushi", "drink") == {}
    assert load_knowledge().match("sushi", "unheard_of") == {}


def test_cultures_are_named_in_their_case() -> None:
    assert names_culture("an old Chinese recipe", ["China", "Chinese"])
    assert not names_culture("the good china", ["China", "Chinese"])
    assert not names_culture("Chinaware", ["China"])
    assert not names_culture("anything", [])
    assert names_culture("In México and elsewhere", ["Mexico"])


def test_assertions_with_words_of_the_text_come_first_then_those_the_base_is_surer_of() -> None:
    rows = tuple(Assertion("X", "food", f"t{number}", (f"t{number}",), number / 10) for number in range(10))
    base = KnowledgeBase("k", "s", rows)
    assert [one.text for one in base.about("x", "food", most=2)] == ["t9", "t8"]
    assert [one.text for one in base.about("X", "food", text="have t3", most=2)] == ["t3", "t9"]
    assert base.about("y", "food") == ()


def test_foreign_layouts_are_read(tmp_path: Path) -> None:
    row = {"subject": "Japan", "facet": "drinks", "assertion": "Sake is drunk warm.", "combined_score": 0.9}
    (tmp_path / "a.jsonl").write_text(
        json.dumps({**row, "concepts": ["sake", "warm sake"]}) + "\n\n" + json.dumps(row), encoding="utf-8"
    )
    base = load_knowledge(tmp_path / "a.jsonl")
    assert base.assertions[0] == Assertion("Japan", "drink", "Sake is drunk warm.", ("sake", "warm sake"), 0.9)
    assert base.assertions[1].terms == ()
    with (tmp_path / "b.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["Country", "Topic", "Norm", "terms"])
        writer.writerow(["Peru", "Daily Life", "People greet,\nthen talk.", "greeting; saludo"])
    (found,) = load_knowledge(tmp_path / "b.csv").assertions
    assert (found.facet, found.terms) == ("daily_life", ("greeting", "saludo"))
    (tmp_path / "c.json").write_text(json.dumps([row]), encoding="utf-8")
    assert not load_knowledge(tmp_path / "c.json").is_matchable("japan", "drink")


def test_what_candle_writes_is_read(tmp_path: Path) -> None:
    """A line as its ranking component writes it, in words of ours."""
    row = {
        "id": "0", "subject": "South Korea", "domain": "countries", "rep": "Kimchi stands on every table.", "size": 3,
        "prob": 0.9, "tf": 1.0, "idf": 0.5, "noun_density": 0.4, "has_subjects": 1, "combined_score": 0.0,
        "sentences": [{"text": "kimchi!", "url": "https://example.org"}], "aspect": "food", "concepts": ["kimchi"],
        "masked_sentence": "", "tokens": ["Kimchi"], "matches": [],
    }  # fmt: skip
    (tmp_path / "countries_food.jsonl").write_text(
        "\n".join(json.dumps(one) for one in (row, {**row, "rep": "Rice comes first.", "combined_score": 0.7})), "utf-8"
    )
    base = load_knowledge(tmp_path / "countries_food.jsonl")
    first, second = base.about("South Korea", "food")
    assert (first.text, second.score, second.terms) == ("Rice comes first.", 0.0, ("kimchi",)), "0 is a score"
    (tmp_path / "a.csv").write_text(
        'subject,facet,assertion,concepts\nJapan,food,x,"[\'miso soup\', ""natto""]"\n', "utf-8"
    )
    assert load_knowledge(tmp_path / "a.csv").assertions[0].terms == ("miso soup", "natto")


def test_a_parquet_file_is_read(tmp_path: Path) -> None:
    import polars as pl

    pl.DataFrame({"culture": ["A"], "facet": ["Food"], "sentence": ["s"], "concepts": [["x y"]]}).write_parquet(
        tmp_path / "a.parquet"
    )
    assert load_knowledge(tmp_path / "a.parquet").match("X-y!", "food") == {"a": ("x y",)}


@pytest.mark.parametrize(
    ("name", "text", "match"),
    [
        ("a.csv", "subject,facet\nA,food\n", "no text"),
        ("a.csv", "subject,facet,text\n", "no assertion"),
        ("a.csv", "subject,facet,text,score\nA,food,t,high\n", "score"),
        ("a.jsonl", "{", "cannot be read"),
        ("a.json", "[1]", "no object"),
        ("a.toml", "key = 1", "key"),
        ("a.toml", "=", "TOML"),
        ("a.doc", "", "doc"),
        ("a.parquet", "text", "no Parquet"),
    ],
)
def test_what_is_wrong_with_a_file_is_said(tmp_path: Path, name: str, text: str, match: str) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=match):
        load_knowledge(tmp_path / name)
