"""Situations of the form of TRAIT: ours, and the public layout."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from personae.instrument.tasks import read_trait_json, situation_stimuli
from support.refusals import assert_refused

ROW: dict[str, Any] = {
    "personality": "Openness",
    "situation": "Somebody invites you.",
    "query": "What do you do?",
    "response_high1": "a",
    "response_high2": "b",
    "response_low1": "c",
    "response_low2": "d",
    "likelihood": {"A": 0.5},
}


def test_ours_cover_eight_traits_alike_with_paraphrases() -> None:
    counts = Counter(one.trait for one in situation_stimuli().situations)
    assert len(counts) == 8
    assert set(counts.values()) == {4}
    assert all(one.paraphrase for one in situation_stimuli().situations)


@pytest.mark.parametrize("form", ["list", "lines"])
def test_the_public_layout_is_read(tmp_path: Path, form: str) -> None:
    rows = [ROW, {**ROW, "personality": "Psychopathy", "paraphrased_situation": "P.", "paraphrased_query": "Q?"}]
    path = tmp_path / "TRAIT.json"
    path.write_text(json.dumps(rows) if form == "list" else "\n".join(map(json.dumps, rows)), encoding="utf-8")
    found = situation_stimuli(str(path))
    assert found.origin == "user"
    assert [one.trait for one in found.situations] == ["big_five.openness", "dark_triad.psychopathy"]
    assert found.situations[0].high == ("a", "b")
    assert [one.paraphrase for one in found.situations] == ["", "P. Q?"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (json.dumps([{**ROW, "personality": "Zeal"}]), "none of the eight traits"),
        (json.dumps([{key: value for key, value in ROW.items() if key != "response_low2"}]), "lacks response_low2"),
        ("[]", "holds no situation"),
        ("{nothing", "is not JSON"),
        ('["a"]', "lacks personality"),
    ],
)
def test_a_file_that_is_something_else_says_so(tmp_path: Path, content: str, message: str) -> None:
    assert_refused(read_trait_json, tmp_path / "x.json", content, message)


def test_four_options_must_differ(tmp_path: Path) -> None:
    content = json.dumps([{**ROW, "response_low1": "a"}])
    assert_refused(read_trait_json, tmp_path / "x.json", content, "are the same")
