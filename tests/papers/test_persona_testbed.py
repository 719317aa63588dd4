"""PERSONA: people of a census, balanced requests, pairs with planted preferences, microdata of the user."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given as drawn_by
from hypothesis import strategies as st

from personae.errors import InputError
from personae.model import Model, Request, ScriptedModel
from personae.papers.persona_testbed import (
    PAPER,
    PluralSettings,
    PluralTestbed,
    assign_requests,
    census_source,
    draw_people,
    part_of,
    split_both,
)
from personae.papers.persona_testbed.assigning import read_requests
from personae.papers.persona_testbed.people import ASKED, GROUPS, PEOPLE, shown
from personae.persona import lint_persona
from personae.population import Population
from personae.study import Finding, run_study
from support.command_line import personae

VIEWS = ("liberal", "moderate", "conservative")


def pick(findings: Sequence[Finding], name: str, way: str = "corrected") -> Finding:
    (found,) = [one for one in findings if one.name == name and (one.conventions or ("",))[0] == way]
    return found


# The people and what they are asked.


def test_the_data_set_has_its_size_by_construction() -> None:
    given = assign_requests(PEOPLE, 3868, ASKED, np.random.default_rng(0))
    assert PEOPLE * ASKED == 317_200
    assert sum(map(len, given)) == 317_200
    assert {len(set(one)) for one in given} == {200}
    loads = Counter(one for row in given for one in row)
    assert set(loads.values()) == {82, 83}


@drawn_by(st.integers(1, 40), st.integers(1, 40), st.data())
def test_requests_are_balanced_whatever_the_size(people: int, requests: int, data: st.DataObject) -> None:
    each = data.draw(st.integers(1, requests))
    given = assign_requests(people, requests, each, np.random.default_rng(0))
    assert all(len(set(one)) == len(one) == each for one in given)
    loads = Counter(one for row in given for one in row)
    counts = [loads[one] for one in range(requests)]
    assert max(counts) - min(counts) <= 1


def test_a_pair_is_for_testing_only_if_person_and_request_are_unseen() -> None:
    tested = split_both(50, 20, np.random.default_rng(0))
    assert (len(tested[0]), len(tested[1])) == (10, 4)
    parts = {(p, r): part_of(p, r, tested) for p in range(50) for r in range(20)}
    assert Counter(parts.values()) == {"test": 40, "train": 40 * 16, "mixed": 10 * 16 + 40 * 4}
    trained = [pair for pair, part in parts.items() if part == "train"]
    assert not {p for p, _ in trained} & tested[0]
    assert not {r for _, r in trained} & tested[1]
    with pytest.raises(InputError, match="cannot be given"):
        assign_requests(3, 2, 3, np.random.default_rng(0))


def test_people_have_views_that_no_census_asks_and_no_contradictions() -> None:
    drawn = draw_people(200, seed=3)
    assert len({one.id for one in drawn.people}) == 200
    for one in drawn.people:
        assert one.demographics.politics in VIEWS
        assert len(one.traits) == 5
        assert not [fault for fault in lint_persona(one) if fault.severity == "error"]
        age = one.demographics.age
        assert age is not None
        assert not (age <= 26 and one.demographics.education == "doctorate")
    religious = Counter(
        (one.demographics.politics, one.demographics.religion == "no religion") for one in draw_people(1500).people
    )
    share = {view: religious[view, True] / (religious[view, True] + religious[view, False]) for view in VIEWS}
    assert abs(share["liberal"] - 0.45) < 0.07
    assert abs(share["conservative"] - 0.14) < 0.06


def test_groups_can_be_left_out() -> None:
    person = draw_people(1).people[0]
    whole = shown(person)
    for group in GROUPS:
        rest = shown(person, [one for one in GROUPS if one != group])
        assert len(rest) < len(whole)
        assert set(rest.splitlines()) | set(shown(person, [group]).splitlines()) == set(whole.splitlines())


def test_microdata_are_drawn_by_weight_with_their_codes(tmp_path: Path) -> None:
    path = tmp_path / "pums.csv"
    rows = ["AGEP,SEX,MAR,RAC1P,SCHL,PINCP,PWGTP", "34,2,1,6,21,61000,300", "70,1,2,2,16,20000,100", "9,1,5,1,3,,500"]
    path.write_text("\n".join(rows), encoding="utf-8")
    frame = Population(census_source(path), 4000, seed=1).frame()
    women = frame.filter(pl.col("demographics.gender") == "woman")
    assert abs(women.height / 4000 - 0.75) < 0.03
    wanted = ["demographics.age", "demographics.marital_status", "demographics.ethnicity", "demographics.education"]
    assert women.select(wanted).unique().rows() == [(34, "married", "Asian", "bachelor's degree")]
    assert set(frame["demographics.age"]) == {34, 70}  # no children
    assert women["demographics.income"].unique().to_list() == ["$50,000 to $100,000"]
    with pytest.raises(InputError, match="lacks the weight"):
        census_source(path, "nothing")
    path.write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(InputError, match="no columns"):
        census_source(path)


def test_requests_of_the_user_are_read(tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    path.write_text('{"user_prompt": "One?"}\nTwo?\n{"prompt": "One?"}\n', encoding="utf-8")
    assert read_requests(path) == ("One?", "Two?")
    path.write_text('{"text": "One?"}\n', encoding="utf-8")
    with pytest.raises(InputError, match="line 1"):
        read_requests(path)


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
    """Takes the answer in the person's politics, else the one that depends; at random letters if it knows nothing."""
    text = request.messages[-1].content
    assert request.schema is not None
    if "consistent" in request.schema.definition["required"]:
        return json.dumps({"consistent": "consistent"})
    answers = dict(re.findall(r"Answer ([AB]):\n(.+)", text))
    view = re.search(r"politics: (\w+)", text)
    fits = [mark for mark, one in answers.items() if view and f"As a {view[1]} " in one]
    plain = [mark for mark, one in answers.items() if one == "It depends."]
    choice = fits[0] if fits else plain[0] if view else "A"
    return json.dumps({"reason": "so", "choice": choice})


def run(given: Mapping[str, str], models: Mapping[str, Model]) -> tuple[list[Finding], pl.DataFrame]:
    study = PluralTestbed(PluralSettings.read(given))
    table = run_study(study, models).table
    return study.measure(table), table


@pytest.fixture(scope="module")
def planted() -> tuple[list[Finding], pl.DataFrame]:
    models = {"subject": ScriptedModel(chooses), "writer": ScriptedModel(writer), "judge": ScriptedModel(chooses)}
    return run({"people": "20", "each": "6"}, models)


def test_who_knows_the_person_is_right_and_who_does_not_is_at_chance(
    planted: tuple[list[Finding], pl.DataFrame],
) -> None:
    findings, _ = planted
    for method in ("full", "reasoned"):
        assert pick(findings, f"accuracy.{method}").estimate == 1.0
        assert pick(findings, f"accuracy.{method}", "as_published").estimate == 1.0
    assert pick(findings, "accuracy.none").estimate == 0.5  # always A: half a point in both orders
    assert pick(findings, "accuracy.none", "as_published").estimate == 1.0  # and right by the order alone
    assert pick(findings, "order.none").estimate == 1.0
    assert pick(findings, "order.full").estimate == 0.0
    assert pick(findings, "accuracy.judged").estimate == 1.0
    assert pick(findings, "accuracy.longest").estimate == 1.0  # the trap: the longer answer is as good
    assert pick(findings, "accuracy.full.unseen").n >= 1


def test_another_persons_profile_is_right_only_where_views_are_shared(
    planted: tuple[list[Finding], pl.DataFrame],
) -> None:
    findings, table = planted
    people = draw_people(20).people
    shared = [
        people[row["person"]].demographics.politics == people[(row["person"] + 1) % 20].demographics.politics
        for row in table.filter(pl.col("arm") == "pair").iter_rows(named=True)
    ]
    assert pick(findings, "accuracy.other").estimate == pytest.approx(np.mean(shared))
    assert pick(findings, "full_minus_other").estimate == pytest.approx(1 - np.mean(shared))


def test_the_attribute_that_matters_is_found(planted: tuple[list[Finding], pl.DataFrame]) -> None:
    findings, _ = planted
    assert pick(findings, "relevance.politics").estimate == pytest.approx(0.5)
    for group in ("demographics", "religion", "personality", "quirks"):
        assert pick(findings, f"relevance.{group}").estimate == 0
    assert pick(findings, "accuracy.only.politics+quirks").estimate == 1.0
    assert pick(findings, "accuracy.only.demographics+quirks").estimate == 0.5


def test_one_of_k_uses_the_unbiased_estimator() -> None:
    study = PluralTestbed(PluralSettings.read({"people": "3", "each": "1"}))
    row = {
        "arm": "pair", "model": "m", "status": "ok", "person": 0, "request": 0, "part": "train", "longer": True,
        "same": False, "judged": [1, 1], "samples": [1, 0, 0, 0], "consistent": None,
    }  # fmt: skip
    findings = study.measure(pl.DataFrame([row, {**row, "person": 1, "samples": [0, 0, 0, 0]}]))
    for k in (1, 2, 3, 4):
        assert pick(findings, f"pass_at.{k}", "as_published").estimate == pytest.approx(k / 4 / 2)


def test_people_whom_the_judge_finds_contradictory_are_left_out() -> None:
    calls: list[int] = []

    def strict(request: Request) -> str:
        assert request.schema is not None
        if "consistent" in request.schema.definition["required"]:
            calls.append(1)
            return json.dumps({"consistent": "contradictory" if len(calls) == 1 else "consistent"})
        return chooses(request)

    models = {"subject": ScriptedModel(chooses), "writer": ScriptedModel(writer), "judge": ScriptedModel(strict)}
    findings, _ = run({"people": "4", "each": "2", "ablations": "false", "samples": "1"}, models)
    assert pick(findings, "consistent", "as_published").estimate == 0.75
    assert pick(findings, "accuracy.full", "as_published").n == 6
    assert pick(findings, "pairs", "as_published").estimate == 8
    assert not [one for one in findings if one.name.startswith("relevance")]


def test_choices_of_people_are_held_against_the_judge(tmp_path: Path) -> None:
    models = {"subject": ScriptedModel(chooses), "writer": ScriptedModel(writer), "judge": ScriptedModel(chooses)}
    _, table = run({"people": "4", "each": "2", "ablations": "false"}, models)
    pairs = table.filter(pl.col("arm") == "pair").select("person", "request").rows()
    path = tmp_path / "people.csv"
    lines = [f"{p},{r},{'base' if place == 0 else 'revised'}" for place, (p, r) in enumerate(pairs)]
    path.write_text("\n".join(["person,request,choice", *lines]), encoding="utf-8")
    study = PluralTestbed(PluralSettings.read({"people": "4", "each": "2", "humans": str(path)}))
    assert pick(study.measure(table), "people_agree", "as_published").estimate == pytest.approx(7 / 8)
    bad = tmp_path / "bad.csv"
    bad.write_text("person,request,choice\n0,0,neither\n", encoding="utf-8")
    with pytest.raises(InputError, match="no choices"):
        PAPER.make_study({"humans": str(bad)})


def test_people_are_near_what_they_were_drawn_from() -> None:
    findings = PluralTestbed(PluralSettings.read({"people": "400"})).measure(pl.DataFrame())
    margins = [one for one in findings if one.name.startswith("margin.")]
    assert {"margin.age", "margin.income", "margin.politics"} <= {one.name for one in margins}
    assert all(one.estimate < 0.15 for one in margins)


def test_the_command_runs_on_sim_and_says_so(tmp_path: Path) -> None:
    small = ["-P", "people=4", "-P", "each=2"]
    ran = personae("paper", "run", "persona_testbed", "--model", "sim", *small, "--folder", str(tmp_path / "run"))
    assert ran.code == 0, ran.err
    assert "SIMULATED" in (tmp_path / "run" / "report.html").read_text(encoding="utf-8")
