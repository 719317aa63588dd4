"""PERSONA: the gated data set of pairs, in the layouts that it was published in."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

from personae.errors import InputError
from personae.papers.persona_testbed import PAPER, read_people
from personae.papers.persona_testbed.published import read_replay
from support.findings import pick

ATTRIBUTES = {
    "age": "29",
    "sex": "Female",
    "race": "White alone",
    "household language": "Spanish",
    "education": "Grade 10",
    "income": "62000.0",
    "marital status": "Married",
    "big five scores": "Openness: Low, Conscientiousness: High, Extraversion: Average, Agreeableness: Average, "
    "Neuroticism: Extremely High",
    "defining quirks": "Collects old radios",
    "ideology": "Believes in thrift",
    "political views": "Liberal",
    "religion": "Religiously Unaffiliated",
}


def persona(**changed: str) -> str:
    told = {**ATTRIBUTES, **{name.replace("_", " "): value for name, value in changed.items()}}
    return "\n".join(f"{name}: {value}" for name, value in told.items()) + "\n"


def pair(person: str, request: str, revised: str = "A longer answer than before.", part: str = "") -> dict[str, str]:
    row = {"persona": person, "instruction": request, "original": "An answer.", "data": revised}
    return {**row, "critique": "more", "question type": part} if part else row


PEOPLE = (persona(), persona(age="41", sex="Male"), persona(age="16", marital_status="Married"))


def pairs() -> list[dict[str, str]]:
    rows = [pair(person, f"question {number}", part="train") for person in PEOPLE[:2] for number in range(4)]
    rows += [pair(PEOPLE[2], f"question {number}", part="test") for number in (3, 9)]
    rows[0]["data"] = rows[0]["original"]
    rows[1]["data"] = "As one who is Religiously Unaffiliated I say so."
    return rows


@pytest.mark.parametrize("name", ["train-00000-of-00001.parquet", "pairs.jsonl", "pairs.csv"])
def test_released_pairs_are_measured_without_a_model(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    if path.suffix == ".jsonl":
        path.write_text("\n".join(map(json.dumps, pairs())), encoding="utf-8")
    elif path.suffix == ".csv":
        pl.DataFrame(pairs()).write_csv(path)
    else:
        pl.DataFrame(pairs()).write_parquet(path)
    found = read_replay(tmp_path, {})
    assert not found.warnings
    findings = found.study.measure(found.table)
    sizes = {name: pick(findings, name, "as_published").estimate for name in ("people", "pairs", "requests")}
    assert sizes == {"people": 3, "pairs": 10, "requests": 5}
    each = pick(findings, "each", "as_published")
    assert (each.low, each.high) == (2, 4)
    assert pick(findings, "unseen.person", "as_published").estimate == 1
    assert pick(findings, "unseen.request", "as_published").estimate == 0.5  # one of two was asked in training
    assert pick(findings, "unchanged", "corrected").estimate == pytest.approx(0.1)
    assert pick(findings, "accuracy.longest", "corrected").estimate == pytest.approx((3 / 4 + 1 + 1) / 3)
    assert pick(findings, "quoted", "corrected").estimate == pytest.approx((1 / 4) / 3)
    assert pick(findings, "adults", "corrected").estimate == pytest.approx(2 / 3)
    assert all(any(section.holds(one) for section in PAPER.plan.sections) for one in findings)
    claims = {one.name: one.value for one in PAPER.claims}
    assert claims["people"] * claims["each"] == claims["pairs"] == 317_200


def test_people_of_the_pairs_can_be_run_with(tmp_path: Path) -> None:
    path = tmp_path / "pairs.parquet"
    adults = [persona(age=str(age)) for age in (29, 41, 53)]
    pl.DataFrame([pair(one, "why?") for one in adults] * 2).write_parquet(path)
    people = read_people(path)
    assert [one.demographics.age for one in people] == [29, 41, 53]
    assert people[0].traits["big_five.openness"] < 0 < people[0].traits["big_five.neuroticism"]
    assert people[0].personal_identity["defining_quirks"] == "Collects old radios"
    assert people[0].demographics.politics == "Liberal"


def test_other_names_of_the_columns_are_known(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    rows = [
        {"Age": age, "Sex": "Female", "Occupation": "Teacher", "Big Five Traits": "Openness: High", "Quirks": "Hums"}
        for age in (30, 40, 50)
    ]
    pl.DataFrame(rows).write_csv(path)
    people = read_people(path)
    assert [one.demographics.age for one in people] == [30, 40, 50]
    assert people[0].personal_identity["defining_quirks"] == "Hums"
    assert people[0].demographics.occupation == "Teacher"


def test_rows_without_a_pair_and_ages_that_are_none_are_named(tmp_path: Path) -> None:
    path = tmp_path / "pairs.jsonl"
    path.write_text("\n".join(map(json.dumps, [*pairs(), {"persona": "age: 3"}, {}])), encoding="utf-8")
    assert read_replay(tmp_path, {}).warnings == (
        f"{path}: 2 rows left out (11, 12): no persona, instruction, original and data",
    )
    path.write_text(json.dumps(pair(persona(age="young"), "why?")), encoding="utf-8")
    with pytest.raises(InputError, match="'young' is no age"):
        read_replay(tmp_path, {})
    path.write_text(json.dumps(pair("nothing at all", "why?")), encoding="utf-8")
    with pytest.raises(InputError, match="holds no attributes"):
        read_replay(tmp_path, {})
    path.write_text("{}\n", encoding="utf-8")
    with pytest.raises(InputError, match="holds no pairs"):
        read_replay(tmp_path, {})
