"""Telling layouts by their content; filling in texts; keyed pairs; the commands."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from personae.errors import InputError
from personae.instrument import Instrument, load_instrument, type_letters
from personae.instrument.importing import import_file
from personae.instrument.importing.fill import fill_instrument
from personae.instrument.writing import write_instrument
from support.command_line import personae
from support.questionnaires import small_instrument

PAIRS = {
    "1": {"question": "At a party:\nA.talk\nB.listen", "A": "E", "B": "I"},
    "2": {"question": "Which?\\nA. facts \\nB.ideas", "A": "S", "B": "N"},
    "3": {"question": "Which?\nA.reason\nB.plans", "A": "T", "B": "N"},
}


def test_a_file_of_ours_is_read_whatever_it_is_called(tmp_path: Path) -> None:
    path = tmp_path / "form.txt"
    path.write_text(write_instrument(small_instrument()), encoding="utf-8")
    assert import_file(path).instruments == (small_instrument(),)


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "is empty; known layouts are PsychoBench"),
        (b"{]", "is not JSON"),
        (b'{"a": 1}', "is JSON of no known layout"),
        (b"[]", "is JSON of no known layout"),
        (b"text\n\xff\xfe", "is not UTF-8 text; save it as UTF-8"),
        (b'{"measures": 3, "response_scales": {}}', "measures: Input should be"),
        (b'{"SurveyEntry": 1, "SurveyElements": []}', "SurveyEntry: is no object"),
        (b"[" * 100_000, "is not JSON"),
    ],
)
def test_what_cannot_be_read_is_named(tmp_path: Path, content: bytes, what: str) -> None:
    path = tmp_path / "form.json"
    path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        import_file(path)
    assert what in str(caught.value)
    assert str(path) in str(caught.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none\.json: cannot be read"):
        import_file(tmp_path / "none.json")


def test_keyed_pairs_are_a_forced_choice_with_types(tmp_path: Path) -> None:
    path = tmp_path / "mbti.json"
    path.write_text(json.dumps(PAIRS), encoding="utf-8")
    found = import_file(path)
    (form,) = found.instruments
    assert form.items == {"1": "At a party:", "2": "Which?", "3": "Which?"}
    assert [one.label for one in form.options_of("2")] == ["facts", "ideas"]
    assert found.warnings == ("item 3 is keyed to T and N, which are no pair of poles",)
    assert type_letters(np.array([[1.0, 2.0, 2.0]]), form) == ["EN"]
    path.write_text(json.dumps({"1": {**PAIRS["1"], "A": "X"}}), encoding="utf-8")
    with pytest.raises(InputError, match="keyed to 'X' and 'I'"):
        import_file(path)


def structure() -> Instrument:
    data = small_instrument().model_dump(mode="json")
    return Instrument.model_validate({**data, "items": 4, "wordings": [], "obtain": "Ask."})


def test_texts_are_filled_in_by_identifier_or_by_order() -> None:
    texts = {"4": "d", "1": "a", "3": "c", "2": "b"}
    assert list(fill_instrument(structure(), texts, "x").items.values()) == ["a", "b", "c", "d"]
    others = {"q1": "a", "q2": "b", "q3": "c", "q4": "d"}
    filled = fill_instrument(structure(), others, "x")
    assert list(filled.items.items()) == [("1", "a"), ("2", "b"), ("3", "c"), ("4", "d")]
    assert not filled.is_structure_only
    assert filled.scales == small_instrument().scales


def test_a_form_is_filled_in_whole_or_not_at_all() -> None:
    with pytest.raises(InputError, match="has 1 texts; small has 4 items"):
        fill_instrument(structure(), {"1": "a"}, "x")
    with pytest.raises(InputError, match="has its texts already"):
        fill_instrument(small_instrument(), {"1": "a"}, "x")


# The commands.


def run(*words: str) -> Any:
    found = personae("instrument", *words, "--json")
    return found, json.loads(found.out) if found.out else {}


def test_a_table_becomes_a_form_that_a_model_answers_and_a_report(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text("text,scale,reverse\nI talk a lot.,e,no\nI am shy.,e,yes\nI like tea.,,\n", encoding="utf-8")
    found, answer = run("import", str(path), "--options", "Disagree|Neutral|Agree", "--into", str(tmp_path))
    assert found.code == 0, found.err
    assert answer["data"]["files"] == [str(tmp_path / "mine.toml")]
    folder = tmp_path / "run"
    found, answer = run("administer", str(tmp_path / "mine.toml"), "--model", "sim", "--folder", str(folder))
    assert found.code == 0, found.err
    assert (folder / "report.html").exists()
    assert "score.e" in {one["name"] for one in answer["data"]["findings"]}
    found, _ = run("import", str(path), "--options", "No|Yes", "--into", str(tmp_path))
    assert found.code == 6
    found, _ = run("import", str(path), "--options", "No|Yes", "--into", str(tmp_path), "--overwrite")
    assert found.code == 0
    assert len(load_instrument(str(tmp_path / "mine.toml")).options) == 2


def test_an_unfilled_form_says_what_to_do_and_a_filled_one_is_asked(tmp_path: Path) -> None:
    form = tmp_path / "small.toml"
    form.write_text(write_instrument(structure()), encoding="utf-8")
    found, answer = run("administer", str(form), "--model", "sim", "--folder", str(tmp_path / "a"))
    assert found.code == 3
    assert "personae instrument import YOUR_FILE --fill small" in str(answer)
    texts = tmp_path / "texts.csv"
    texts.write_text("item,text\n1,I talk a lot.\n2,I am shy.\n3,I am calm.\n4,I worry.\n", encoding="utf-8")
    found, answer = run("import", str(texts), "--fill", str(form), "--into", str(tmp_path / "filled"))
    assert found.code == 0, found.err
    filled = load_instrument(str(tmp_path / "filled" / "small.toml"))
    assert filled.items["2"] == "I am shy."
    found, _ = run("administer", str(tmp_path / "filled" / "small.toml"), "--folder", str(tmp_path / "b"))
    assert found.code == 0, found.err


def test_an_export_reads_back_as_the_same(tmp_path: Path) -> None:
    found, _ = run("export", "ipip-neo-120", str(tmp_path / "copy.toml"))
    assert found.code == 0, found.err
    assert load_instrument(str(tmp_path / "copy.toml")) == load_instrument("ipip-neo-120")


@pytest.mark.parametrize("key", ["oejts", "8values", "lot-r"])
def test_forms_with_types_weights_and_fillers_are_administered_and_reported(key: str, tmp_path: Path) -> None:
    import polars as pl

    words = ("administer", key, "--model", "sim", "-P", "checked=1", "-P", "repeats=3", "--folder", str(tmp_path))
    found, answer = run(*words)
    assert found.code == 0, found.err
    names = {one["name"] for one in answer["data"]["findings"]}
    assert {f"score.{scale.key}" for scale in load_instrument(key).scales} <= names
    table = pl.read_parquet(next(tmp_path.glob("scores*.parquet")))
    if key == "oejts":
        assert {len(kind) for kind in table.filter(pl.col("condition") == "main")["type"]} == {4}
    else:
        assert "type" not in table.columns
