"""SPeCtrum: published profiles, ratings of real people, and judgements that others made, in files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from personae.errors import InputError
from personae.model import open_model
from personae.papers.spectrum import (
    PAPER,
    Spectrum,
    SpectrumSettings,
    rating_sheet,
    read_replay,
)
from personae.papers.spectrum.profiles import CONDITIONS
from personae.study import run_study
from support.findings import pick
from support.spectrum import write_profiles


def test_published_profiles_and_ratings_are_replayed(tmp_path: Path) -> None:
    write_profiles(tmp_path, 5)
    rng = np.random.default_rng(0)
    rows = ["person,condition,rating"]
    for person in range(30):
        level = rng.normal(4, 1)
        rows += [f"p{person},C,{level:.3f}", f"p{person},SPC,{level + 0.5 + rng.normal(0, 0.2):.3f}"]
    (tmp_path / "ratings.csv").write_text("\n".join(rows), encoding="utf-8")
    replay = read_replay(tmp_path, {})
    findings = replay.study.measure(replay.table)
    assert pick(findings, "characters", "as_published").estimate == 5
    assert pick(findings, "files", "as_published").estimate == 25
    assert pick(findings, "whole", "as_published").estimate == 1.0
    better = pick(findings, "rating_contrast.similarity.SPC_C")
    assert pick(findings, "rating_direction.similarity.SPC_C", "as_published").estimate == 1.0
    assert pick(findings, "raters", "as_published").estimate == 30
    assert better.estimate == pytest.approx(0.5, abs=0.15)
    assert better.is_significant()
    assert {claim.value for claim in PAPER.claims} == {45.0, 225.0, 1.0, 0.0, 80.0}
    for row in (1, 2):  # the other way round: the published direction is not found
        rows[row::2] = [line.rsplit(",", 1)[0] + f",{row}" for line in rows[row::2]]
    (tmp_path / "ratings.csv").write_text("\n".join([rows[0] + ",scale", *(f"{one},trust" for one in rows[1:])]))
    turned = (replay := read_replay(tmp_path, {})).study.measure(replay.table)
    assert pick(turned, "rating.trust.C").estimate == 1.0
    assert not [one for one in turned if "similarity" in one.name]
    (tmp_path / "ratings.csv").write_text("person,rating\na,1\n", encoding="utf-8")
    with pytest.raises(InputError, match="condition"):
        read_replay(tmp_path, {})


def test_a_blinded_sheet_of_a_run_comes_back_as_ratings(tmp_path: Path) -> None:
    study = Spectrum(SpectrumSettings.read({"count": "4", "is_written": "false"}))
    table = run_study(study, dict.fromkeys(study.roles, open_model("sim"))).table
    sheet = rating_sheet(table, study.people, np.random.default_rng(0))
    assert sheet.height == 4 * len(CONDITIONS)
    assert sheet["code"].n_unique() == sheet.height
    orders = {tuple(group["condition"]) for _, group in sheet.group_by("person", maintain_order=True)}
    assert all(sorted(order) == sorted(CONDITIONS) for order in orders)
    assert len(orders) > 1
    rated = sheet.with_columns(rating=pl.col("condition").str.len_chars() + pl.col("code").cast(pl.Int64) / 1000)
    rated.write_csv(tmp_path / "ratings.csv")
    findings = (replay := read_replay(tmp_path, {})).study.measure(replay.table)
    assert pick(findings, "rating_contrast.similarity.SPC_C").estimate == pytest.approx(2, abs=0.05)


def test_profiles_that_are_not_whole_are_counted(tmp_path: Path) -> None:
    write_profiles(tmp_path, 4)
    (tmp_path / "Cy_S.txt").write_text("only facts", encoding="utf-8")
    replay = read_replay(tmp_path, {})
    assert replay.warnings == ("Cy lacks P_personality, P_value, C_behavior, C_lovehate",)
    findings = replay.study.measure(replay.table)
    assert pick(findings, "characters", "as_published").estimate == 5
    assert pick(findings, "files", "as_published").estimate == 21
    assert pick(findings, "whole", "as_published").estimate == pytest.approx(4 / 5)


def judged(path: Path, header: str = "id,Type,statement,Answer,self") -> None:
    """Six characters; under C nine in ten statements are accepted, under S one in two."""
    rows = [header]
    for person in range(6):
        for condition, every in (("C", 10), ("S", 2), ("S+P+C", 5)):
            for number in range(20):
                answer = "No. That is not me." if number % every == 0 else "Yes. I am like that."
                kind = "open_self" if number % 2 else "hidden_self"
                rows.append(f"{person},{condition},I am {number}.,{answer},{kind}")
    path.write_text("\n".join(rows), encoding="utf-8")


def test_judgements_of_others_are_measured(tmp_path: Path) -> None:
    judged(tmp_path / "gpt-4o.csv")
    (tmp_path / "notes.csv").write_text("a\n1\n", encoding="utf-8")
    replay = read_replay(tmp_path, {})
    assert any("notes.csv" in warning for warning in replay.warnings)
    findings = replay.study.measure(replay.table)
    assert {one.subject for one in findings} == {"gpt-4o"}
    assert pick(findings, "accepted.C", "as_published").estimate == pytest.approx(0.9)
    assert pick(findings, "accepted.S", "as_published").n == 120
    assert pick(findings, "hidden.S", "as_published").estimate == 0
    assert pick(findings, "open.S", "as_published").estimate == 1
    assert pick(findings, "contrast.C_S").estimate == pytest.approx(0.4)
    assert not [one for one in findings if one.name.startswith(("other", "told_apart", "lineup", "quoted"))]


def test_judgements_that_cannot_be_are_named(tmp_path: Path) -> None:
    path = tmp_path / "m.csv"
    path.write_text("person,condition,statement,answer\na,SX,I am.,yes\n", encoding="utf-8")
    with pytest.raises(InputError, match="row 2: 'SX' is no set"):
        read_replay(tmp_path, {})
    rows = "\n".join(f"a,S,I am {n}.,maybe" for n in range(21))
    path.write_text(f"person,condition,statement,answer\n{rows}\n", encoding="utf-8")
    with pytest.raises(InputError, match="21 statements"):
        read_replay(tmp_path, {})
    path.write_text("person,condition,statement,answer\na,S,I am.,maybe\nb,S,I am.,1\n", encoding="utf-8")
    replay = read_replay(tmp_path, {})
    found = pick(replay.study.measure(replay.table), "accepted.S", "as_published")
    assert (found.estimate, found.n) == (1, 1)
