"""PERSONA: pairs with planted preferences, and what is found in them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from personae.errors import InputError
from personae.model import Model, Request, ScriptedModel
from personae.papers.persona_testbed import (
    PAPER,
    PluralSettings,
    PluralTestbed,
    draw_people,
    read_intersections,
)
from personae.papers.persona_testbed.export import write_testbed
from personae.papers.persona_testbed.humans import is_revised_first
from personae.papers.persona_testbed.intersections import gap, members
from personae.persona import Demographics, Persona
from personae.study import Finding, run_study

VIEWS = ("liberal", "moderate", "conservative")


def pick(findings: Sequence[Finding], name: str, way: str = "corrected") -> Finding:
    (found,) = [one for one in findings if one.name == name and (one.conventions or ("",))[0] == way]
    return found


# Planted preferences.


def writer(request: Request) -> str:
    """Answers anybody alike, and revises into the politics of the person."""
    text = request.messages[-1].content
    found = re.search(r"politics: (\w+)", text)
    if "You are this person" in text:
        return f"I am {found[1] if found else 'nobody'}."
    said = re.search(r"I am (\w+)\.", text)
    return f"As a {said[1]} would say: certainly." if said else "It depends."


def chooses(request: Request) -> str:
    """Takes the answer in the person's politics, else the one that depends; the first of those whose person is unknown.

    As a critic it lets pass what is in the person's politics; it answers in the politics it was told.
    """
    text = request.messages[-1].content
    assert request.schema is not None
    wanted = request.schema.definition["required"]
    view = re.search(r"politics: (\w+)", text)
    if "consistent" in wanted:
        return json.dumps({"consistent": "consistent"})
    if "answer" in wanted:
        told = dict.fromkeys(wanted, "so")
        return json.dumps({**told, "answer": f"As a {view[1]} would say: yes." if view else "It depends."})
    if "suits_person" in wanted:
        suits = view is not None and f"As a {view[1]} " in text.partition("<response>")[2]
        return json.dumps({**dict.fromkeys(wanted, "so"), "suits_person": suits})
    answers = dict(re.findall(r"Answer ([AB]):\n(.+)", text))
    fits = [mark for mark, one in answers.items() if view and f"As a {view[1]} " in one]
    plain = [mark for mark, one in answers.items() if one == "It depends."]
    choice = fits[0] if fits else plain[0] if view and plain else "A"
    return json.dumps({**dict.fromkeys(wanted, "so"), "choice": choice})


def run(given: Mapping[str, str], models: Mapping[str, Model]) -> tuple[list[Finding], pl.DataFrame]:
    study = PluralTestbed(PluralSettings.read(given))
    table = run_study(study, models).table
    return study.measure(table), table


MODELS = {"subject": ScriptedModel(chooses), "writer": ScriptedModel(writer), "judge": ScriptedModel(chooses)}


@pytest.fixture(scope="module")
def planted() -> tuple[list[Finding], pl.DataFrame]:
    return run({"people": "20", "each": "6", "answered": "2", "as_packaged": "true"}, MODELS)


def shared_views(table: pl.DataFrame, arm: str = "pair") -> list[bool]:
    people = draw_people(20).people
    return [
        people[row["person"]].demographics.politics == people[(row["person"] + 1) % 20].demographics.politics
        for row in table.filter(pl.col("arm") == arm).iter_rows(named=True)
    ]


def test_who_knows_the_person_is_right_and_who_does_not_is_at_chance(
    planted: tuple[list[Finding], pl.DataFrame],
) -> None:
    findings, _ = planted
    for method in ("full", "reasoned", "summary"):
        assert pick(findings, f"accuracy.{method}").estimate == 1.0
        assert pick(findings, f"accuracy.{method}", "as_published").estimate == 1.0
    for method in ("none", "demographics"):
        assert pick(findings, f"accuracy.{method}").estimate == 0.5  # always A: half a point in both orders
        assert pick(findings, f"accuracy.{method}", "as_published").estimate == 1.0  # and right by the order alone
        assert pick(findings, f"order.{method}").estimate == 1.0
    assert pick(findings, "order.full").estimate == 0.0
    assert pick(findings, "accuracy.judged").estimate == 1.0
    assert pick(findings, "accuracy.longest").estimate == 1.0  # the trap: the longer answer is as good
    assert pick(findings, "accuracy.full.unseen").n >= 1
    assert pick(findings, "choice.full_minus_none").estimate == 0.5


def test_another_persons_profile_is_right_only_where_views_are_shared(
    planted: tuple[list[Finding], pl.DataFrame],
) -> None:
    findings, table = planted
    shared = shared_views(table)
    assert 0 < np.mean(shared) < 1
    assert pick(findings, "accuracy.other").estimate == pytest.approx(np.mean(shared))
    assert pick(findings, "choice.full_minus_other").estimate == pytest.approx(1 - np.mean(shared))


def test_crossed_revisions_are_told_apart_by_the_person_alone(planted: tuple[list[Finding], pl.DataFrame]) -> None:
    findings, table = planted
    shared = shared_views(table)
    right = pick(findings, "accuracy.crossed.full")
    assert right.estimate == 1.0
    assert (right.n, right.missing) == (len(shared) - sum(shared), sum(shared))  # alike answers are set aside
    assert pick(findings, "accuracy.crossed.none").estimate == 0.5
    assert pick(findings, "choice.crossed_full_minus_none").estimate == 0.5


def test_the_attribute_that_matters_is_found(planted: tuple[list[Finding], pl.DataFrame]) -> None:
    findings, _ = planted
    assert pick(findings, "relevance.choice.politics").estimate == pytest.approx(0.5)
    assert pick(findings, "relevance.answer.politics").estimate == pytest.approx(1.0)
    for group in ("demographics", "religion", "personality", "quirks"):
        assert pick(findings, f"relevance.choice.{group}").estimate == 0
        assert pick(findings, f"relevance.answer.{group}").estimate == 0


def test_single_attributes_are_left_out_too() -> None:
    given = {"people": "4", "each": "1", "leave_out": "age,politics", "answered": "0"}
    findings, _ = run(given, MODELS)
    assert pick(findings, "relevance.choice.age").estimate == 0
    assert pick(findings, "relevance.choice.politics").estimate == pytest.approx(0.5)
    assert not [one for one in findings if one.name.startswith(("suits", "pass_at", "relevance.answer"))]


def test_answers_suit_if_they_are_written_for_the_person(planted: tuple[list[Finding], pl.DataFrame]) -> None:
    findings, table = planted
    for method in ("full", "summary", "reasoned"):
        assert pick(findings, f"suits.{method}").estimate == 1.0
        assert pick(findings, f"quoted.{method}").estimate > 0.5  # "liberal" is repeated, against what was asked
    for method in ("none", "demographics"):
        assert pick(findings, f"suits.{method}", "as_published").estimate == 0.0
        assert pick(findings, f"quoted.{method}").estimate == 0.0
    answered = table.filter(pl.col("answered"))
    assert answered.height == 40
    assert pick(findings, "suits.other").estimate == pytest.approx(np.mean(shared_views(answered)))
    assert pick(findings, "answer.full_minus_none").estimate == 1.0
    assert pick(findings, "pass_at.1").estimate == 1.0
    assert pick(findings, "packaged_pass_at.3", "as_published").n == 40


def test_one_of_k_attempts() -> None:
    study = PluralTestbed(PluralSettings.read({"people": "3", "each": "1"}))
    row = {
        "arm": "pair", "model": "m", "status": "ok", "person": 0, "request": 0, "part": "train", "longer": True,
        "same": False, "judged": [1, 1], "attempts": [0, 0, 0, 1], "consistent": None, "answered": True,
    }  # fmt: skip
    findings = study.measure(pl.DataFrame([row, {**row, "person": 1, "attempts": [0, 0, 0, 0]}]))
    for k in (1, 2, 3, 4):
        assert pick(findings, f"pass_at.{k}").estimate == pytest.approx(k / 4 / 2)  # whatever the order of attempts
        assert pick(findings, f"pass_at.{k}", "as_published").estimate == (0.5 if k == 4 else 0.0)
    assert not [one for one in findings if one.name.startswith("packaged")]


def test_groups_that_differ_are_told_from_groups_that_do_not() -> None:
    groups = [frozenset(range(20)), frozenset(range(20, 40)), frozenset({40})]
    differ = gap({person: float(person < 20) for person in range(41)}, groups)
    assert differ is not None and differ.p_value is not None
    assert differ.estimate == 1.0 and differ.p_value < 0.001
    rng = np.random.default_rng(0)
    p_values = []
    for _ in range(40):
        alike = gap({person: float(rng.random() < 0.5) for person in range(40)}, groups)
        assert alike is not None and alike.p_value is not None
        p_values.append(alike.p_value)
    assert sum(p < 0.05 for p in p_values) <= 5
    assert gap({0: 1.0, 1: 0.0}, groups) is None


def test_intersections_of_the_published_form_are_read(tmp_path: Path) -> None:
    path = tmp_path / "i.json"
    ages = [str(age) for age in range(18, 35)]
    wanted = [{"attribute": "sex", "values": ["Male"]}, {"attribute": "age", "values": ages}]
    path.write_text(json.dumps([{"attributes": wanted}]), encoding="utf-8")
    (one,) = read_intersections(path)
    people = [
        Persona(demographics=Demographics(age=age, gender=gender))
        for age, gender in ((20, "man"), (20, "woman"), (50, "man"))
    ]
    assert members(one, people) == {0}
    for default in read_intersections(None):
        assert members(default, draw_people(200).people)
    path.write_text('{"attributes": 3}', encoding="utf-8")
    with pytest.raises(InputError, match="holds no intersections"):
        read_intersections(path)


def test_intersections_are_measured_in_a_run(planted: tuple[list[Finding], pl.DataFrame]) -> None:
    findings, _ = planted
    named = [one for one in findings if one.name.startswith("intersection.choice.")]
    assert sum(one.n for one in named) == 120  # sex by age: everybody is in one
    assert {one.estimate for one in named} == {1.0}
    assert pick(findings, "intersection_gap.choice").estimate == 0.0


def test_people_whom_the_judge_finds_contradictory_are_left_out(tmp_path: Path) -> None:
    calls: list[int] = []

    def first_is_strange(request: Request) -> str:
        assert request.schema is not None
        if "consistent" in request.schema.definition["required"]:
            calls.append(1)
            return json.dumps({"consistent": "contradictory" if len(calls) == 1 else "consistent"})
        return chooses(request)

    models = {**MODELS, "judge": ScriptedModel(first_is_strange)}
    given = {"people": "4", "each": "2", "ablations": "false", "samples": "1"}
    findings, table = run(given, models)
    assert pick(findings, "consistent", "as_published").estimate == 0.75
    assert pick(findings, "accuracy.full", "as_published").n == 6
    assert pick(findings, "pairs", "as_published").estimate == 8
    assert not [one for one in findings if one.name.startswith("relevance")]
    counts = write_testbed(PluralTestbed(PluralSettings.read(given)), table, tmp_path)
    assert sum(n for name, n in counts.items() if name.startswith("pairs")) == counts["sheet.csv"] == 6
    lines = [
        line
        for part in ("train", "test", "mixed")
        for line in (tmp_path / f"pairs-{part}.jsonl").read_text("utf-8").splitlines()
    ]
    first = json.loads(lines[0])
    assert first["rejected"] == [{"role": "assistant", "content": "It depends."}]
    assert [one["role"] for one in first["prompt"]] == ["system", "user"]


def test_the_sheet_that_people_fill_in_is_held_against_the_judge(tmp_path: Path) -> None:
    given = {"people": "6", "each": "2", "ablations": "false", "answered": "0"}
    _, table = run(given, MODELS)
    write_testbed(PluralTestbed(PluralSettings.read(given)), table, tmp_path)
    sheet = pl.read_csv(tmp_path / "sheet.csv", infer_schema=False)
    filled = []
    for number, row in enumerate(sheet.iter_rows(named=True)):
        takes_revised = number != 0  # ann disagrees once, bob never
        mark = "A" if (row["a"] != "It depends.") == takes_revised else "B"
        filled.append({**row, "choice": mark, "rater": "ann"})
        filled.append({**row, "choice": "A" if row["a"] != "It depends." else "B", "rater": "bob"})
        assert (row["a"] != "It depends.") == is_revised_first(int(row["person"]), int(row["request"]))
    path = tmp_path / "filled.csv"
    pl.DataFrame(filled).write_csv(path)
    findings = PluralTestbed(PluralSettings.read({**given, "humans": str(path)})).measure(table)
    assert pick(findings, "humans_agree.judge", "as_published").estimate == 1.0
    assert pick(findings, "humans_agree.judge", "as_published").missing == 1  # one for each: no majority
    assert -0.1 < pick(findings, "humans_alpha").estimate < 1
    pl.DataFrame([row for row in filled if row["rater"] == "ann"]).write_csv(path)
    findings = PluralTestbed(PluralSettings.read({**given, "humans": str(path)})).measure(table)
    assert pick(findings, "humans_agree.judge", "as_published").estimate == pytest.approx(11 / 12)
    assert pick(findings, "humans_kappa.judge").estimate == 0.0  # a judge who always takes one answer has no kappa
    bad = tmp_path / "bad.csv"
    bad.write_text("person,request,choice\n0,0,neither\n", encoding="utf-8")
    with pytest.raises(InputError, match="no choices"):
        PAPER.make_study({"humans": str(bad)})
