"""Rows of participants, answers and codes of studies with people."""

from __future__ import annotations

from pathlib import Path

import pytest

from personae.errors import InputError
from personae.instrument import load_instrument
from personae.papers.human_study import read_choice, read_codes, read_participants, themes_of


def write(folder: Path, text: str) -> Path:
    path = folder / "file.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_codes_are_kept_by_participant_and_passage(tmp_path: Path) -> None:
    codes = read_codes(write(tmp_path, "participant,code,second\nA,bond,trust\nA,bond,\nB,trust,trust\n"))
    assert codes == {"A": (["bond", "bond"], ["trust", None]), "B": (["trust"], ["trust"])}
    alone = read_codes(write(tmp_path, "participant,code\nA,bond\n"))
    assert alone == {"A": (["bond"], [None])}


def test_a_theme_is_counted_once_a_participant() -> None:
    found = dict(themes_of([["bond", "bond"], ["trust"], []], [[None, None], [None], []]))
    assert found["theme.bond"].estimate == pytest.approx(1 / 3)
    assert found["theme.bond"].n == 3
    assert "coders.kappa" not in found  # nobody coded a second time
    same = dict(themes_of([["a", "b", "a"], ["b"]], [["a", "b", "a"], ["b"]]))
    assert same["coders.kappa"].estimate == 1.0


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("participant,other\nA,x\n", "lacks 1 columns, 'code' first"),
        ("participant,code\n,bond\n", "row 2: has no participant"),
        ("participant,code\nA,bond\nB,\n", "row 3: has no code"),
        ("participant,code\n", "holds no rows"),
        ("participant,code\nA\n", "row 2"),
    ],
)
def test_what_cannot_be_read_is_named(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(InputError, match=told):
        read_codes(write(tmp_path, text))


def test_answers_are_options_or_missing(tmp_path: Path) -> None:
    scale = load_instrument("bfi-10")
    item = scale.item_ids[0]
    assert read_choice("3", scale, item, "row 2") == read_choice(" 3.0 ", scale, item, "row 2") == 3
    assert read_choice("  ", scale, item, "row 2") is None
    with pytest.raises(InputError, match=f"row 2, item {item}"):
        read_choice("9", scale, item, "row 2")
    rows = read_participants(write(tmp_path, "participant,x\n A ,1\n"), ("x",))
    assert rows == [{"participant": "A", "x": "1"}]
