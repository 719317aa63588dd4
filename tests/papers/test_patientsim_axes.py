"""PatientSim: the axes in the authors' files."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import polars as pl
import pytest

from personae.errors import InputError
from personae.papers.patientsim import (
    PAPER,
    read_axes,
    read_replay,
)
from personae.papers.patientsim.axes import AXES
from support.findings import pick

PUBLISHED = {
    "personality_type.json": dict.fromkeys((*AXES["personality"],), "some manner costing $5"),
    "cefr_type.json": dict.fromkeys(AXES["language"], "knows {understand_words}, not {misunderstand_words}"),
    "recall_level_type.json": dict.fromkeys(AXES["recall"], "remember some of it"),
    "dazed_level_type.json": dict.fromkeys(AXES["dazed"], "somehow"),
    "sentence_length_limit.json": {**dict.fromkeys(AXES["personality"], "3"), "verbose": "8", "upset": "3"},
}


def write_axes(folder: Path, **changed: Mapping[str, str]) -> Path:
    for name, levels in PUBLISHED.items():
        (folder / name).write_text(json.dumps(changed.get(name.removesuffix(".json"), levels)), encoding="utf-8")
    return folder


# The authors' axes.


@pytest.mark.replay
def test_the_published_axes_make_thirty_seven_patients(replay: Callable[[str], Path]) -> None:
    found = read_replay(replay("044"), {})
    findings = found.study.measure(found.table)
    for claim in PAPER.claims:
        if claim.subject == "the axes":
            assert pick(findings, claim.name, "as_published").estimate == claim.value
    assert any("upset" in warning for warning in found.warnings)
    # The count follows what is described: without the very dazed level there is no 37th patient.
    fewer = found.study.measure(found.table.filter(pl.col("level") != "high"))
    assert pick(fewer, "combinations", "as_published").estimate == 6 * 3 * 1
    assert all(any(section.holds(one) for section in PAPER.plan.sections) for one in findings)
    axes = read_axes(replay("044"))
    assert axes.sentences == read_axes().sentences
    text = axes.describe({"personality": "plain", "language": "A", "recall": "low", "dazed": "high"}, {"within": "dog"})
    assert "dog" in text["language"]


def test_axes_in_the_published_layout_are_read(tmp_path: Path) -> None:
    axes = read_axes(write_axes(tmp_path))
    levels = {"personality": "plain", "language": "A", "recall": "low", "dazed": "high"}
    described = axes.describe(levels, {"within": "dog", "beyond": "paresis"})
    assert described["language"] == "knows dog, not paresis"
    assert described["personality"] == "some manner costing $5"
    assert axes.unused == ("upset",)


def test_axes_that_lack_a_level_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no text for C"):
        read_axes(write_axes(tmp_path, cefr_type={"A": "a", "B": "b"}))
    (tmp_path / "cefr_type.json").write_text("[1]", encoding="utf-8")
    read_axes.cache_clear()
    with pytest.raises(InputError, match="no object"):
        read_axes(tmp_path)
