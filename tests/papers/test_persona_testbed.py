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
    read_intersections,
    read_people,
    read_requests,
    split_both,
)
from personae.papers.persona_testbed.export import write_testbed
from personae.papers.persona_testbed.humans import is_revised_first
from personae.papers.persona_testbed.intersections import gap, members
from personae.papers.persona_testbed.margins import measure_margins
from personae.papers.persona_testbed.people import ASKED, PEOPLE
from personae.papers.persona_testbed.profile import GROUPS, is_quoted, left_out, shown
from personae.papers.persona_testbed.study import made_people
from personae.persona import Demographics, Persona, lint_persona
from personae.population import Block, Population
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


def test_groups_and_attributes_can_be_left_out() -> None:
    person = draw_people(1).people[0]
    whole = shown(person)
    for group in GROUPS:
        rest = shown(person, without=group)
        assert len(rest) < len(whole)
        assert set(rest.splitlines()) | set(shown(person, [group]).splitlines()) == set(whole.splitlines())
    assert set(whole.splitlines()) - set(shown(person, without="age").splitlines()) == {
        f"- age: {person.demographics.age}"
    }
    assert left_out("age, politics", [person]) == ("age", "politics")
    with pytest.raises(InputError, match="nobody has 'shoe size'"):
        left_out("shoe size", [person])


def test_an_answer_that_repeats_the_profile_is_told_from_one_that_does_not() -> None:
    person = Persona(demographics=Demographics(age=40, occupation="truck driver", religion="Jewish"))
    assert is_quoted(person, "As a Truck Driver you will know.")
    assert not is_quoted(person, "At 40, on the road, you will know.")


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


def test_more_of_pums_is_read(tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    path.write_text(
        "AGEP,SEX,RAC1P,HISP,SCHL,OCCP,PINCP,ADJINC,ESR,COW,CIT,MIL,DIS,HICOV,LANX,ENG\n"
        "40,1,1,01,24,0010,24000,1100000,1,6,4,2,2,1,1,2\n"
        "30,2,8,02,16,9142,90000,1000000,3,1,1,4,1,2,2,\n"
        "50,2,6,01,99,9999,,1000000,9,,5,4,2,1,2,\n",
        encoding="utf-8",
    )
    rows = {row["demographics.age"]: row for row in census_source(path).census.draw(Block(0, 60, 60, 1)).to_dicts()}
    first, second, third = rows[40], rows[30], rows[50]
    assert first["demographics.ethnicity"] == "White"
    assert second["demographics.ethnicity"] == "Hispanic or Latino"
    assert first["demographics.education"] == "doctorate" and second["demographics.education"] == "high school diploma"
    assert (
        first["demographics.occupation"] == "management" and second["demographics.occupation"] == "transport and moving"
    )
    assert first["demographics.income"] == "$25,000 to $50,000"  # 24,000 in dollars of the file's year
    assert first["social_identity.work"] == "employed" and second["social_identity.work"] == "unemployed"
    assert first["social_identity.class_of_worker"] == "self-employed"
    assert first["social_identity.citizenship"] == "citizen by naturalisation"
    assert first["social_identity.military_service"] == "veteran"
    assert (second["social_identity.disability"], second["social_identity.health_insurance"]) == (
        "with a disability",
        "not insured",
    )
    assert (first["social_identity.language_at_home"], first["social_identity.english"]) == (
        "another than English",
        "well",
    )
    for column in ("education", "occupation", "income"):
        assert third[f"demographics.{column}"] is None  # codes that no dictionary has
    assert third["social_identity.work"] is third["social_identity.class_of_worker"] is None
    person = Population(census_source(path), 5, seed=1).personas()
    assert "- citizenship:" in shown(next(iter(person)), ["demographics"])


def test_what_goes_together_in_the_census_goes_together_in_the_people() -> None:
    drawn = Population(census_source(), 1586, seed=0).frame()
    target = Population(census_source(), 4000, seed=1).frame()
    found = {one.name: one.estimate for one in measure_margins(drawn, target)}
    assert found["joint.people"] < 0.7 * found["joint.shuffled"]
    assert all(value < 0.06 for name, value in found.items() if name.startswith("margin."))


def test_the_published_table_of_people_is_read(tmp_path: Path) -> None:
    table = pl.DataFrame(
        {
            "age": ["34", "70", "51"],
            "sex": ["Female", "Male", "Male"],
            "big five scores": ["Openness: Extremely High, Neuroticism: Low", "Extraversion: Average", "unknown"],
            "political views": ["Liberal", "Moderate", "Conservative"],
            "ideology": ["progressive", "centrist", "traditional"],
            "citizenship": ["Born in the US"] * 3,
            "defining quirks": ["hums", "whistles", "sings"],
        }
    )
    path = tmp_path / "people.parquet"
    table.write_parquet(path)
    people = read_people(path)
    assert [one.demographics.age for one in people] == [34, 70, 51]
    assert people[0].traits == {"big_five.neuroticism": -1.0, "big_five.openness": 2.0}
    assert people[1].traits == {"big_five.extraversion": 0.0}
    assert people[2].social_identity["big_five_scores"] == "unknown"  # kept, as it cannot be read
    assert "- defining quirks: hums" in shown(people[0], ["quirks"])
    assert shown(people[0], ["politics"]).splitlines() == ["- politics: Liberal", "- ideology: progressive"]
    assert people[0].provenance_of("demographics.age").licence == "CC BY-NC-SA 4.0"
    with pytest.raises(InputError, match="holds 3 people, not 12"):
        PAPER.make_study({"people_file": str(path)})
    table.with_columns(pl.lit("old").alias("age")).write_parquet(tmp_path / "bad.parquet")
    with pytest.raises(InputError, match="'old' is no age"):
        read_people(tmp_path / "bad.parquet")


def test_conversations_of_prism_are_kept_if_they_were_guided(tmp_path: Path) -> None:
    path = tmp_path / "conversations.jsonl"
    rows = [
        {"conversation_type": kind, "opening_prompt": text}
        for kind, text in (("unguided", "Hi"), ("values guided", "Is it right?"), ("controversy guided", "Ban it?"))
    ]
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    assert read_requests(path) == ("Is it right?", "Ban it?")
    table = tmp_path / "filter.parquet"
    pl.DataFrame({"question": ["One?", "Two?", "One?"]}).write_parquet(table)
    assert read_requests(table) == ("One?", "Two?")
    pl.DataFrame({"other": ["One?"]}).write_parquet(table)
    with pytest.raises(InputError, match="holds no requests"):
        read_requests(table)


def test_requests_of_the_user_are_read(tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    path.write_text('{"user_prompt": "One?"}\nTwo?\n{"prompt": "One?"}\n', encoding="utf-8")
    assert read_requests(path) == ("One?", "Two?")
    path.write_text('{"text": "One?"}\n', encoding="utf-8")
    with pytest.raises(InputError, match="line 1"):
        read_requests(path)


# Making people.


def maker(request: Request) -> str:
    """Copies what is bound, and makes everybody a hummer; a third of the answers change a fact."""
    assert request.schema is not None
    rules = request.schema.definition["properties"]
    filled = {name: rule.get("const", "hums") for name, rule in rules.items()}
    if "demographics.age" in filled and filled["demographics.age"] % 3 == 0:
        filled["demographics.age"] += 1
    return json.dumps(filled)


def strict(request: Request) -> str:
    """Finds men contradictory, and taxes plain."""
    assert request.schema is not None
    text = request.messages[-1].content
    if "consistent" in request.schema.definition["required"]:
        return json.dumps({"consistent": "contradictory" if "gender: man" in text else "consistent"})
    return json.dumps({"kind": "plain" if "taxes" in text else "contested"})


def test_places_are_filled_by_the_first_who_passes_and_the_others_are_counted(tmp_path: Path) -> None:
    models = {"subject": ScriptedModel(maker), "writer": ScriptedModel(maker), "judge": ScriptedModel(strict)}
    study = PluralTestbed(PluralSettings.read({"stage": "people", "people": "25", "tries": "12"}))
    table = run_study(study, models).table
    people = made_people(table)
    assert len(people) == 25
    assert {one.demographics.gender for one in people} == {"woman"}
    assert {one.personal_identity["quirk"] for one in people} == {"hums"}
    assert all(one.demographics.age is not None and one.demographics.age % 3 for one in people)
    assert {one.provenance_of("personal_identity.quirk").origin for one in people} == {"written"}
    assert {one.provenance_of("demographics.age").origin for one in people} == {"sampled"}
    findings = study.measure(table)
    assert pick(findings, "people", "as_published").estimate == 25
    assert pick(findings, "filled").estimate == 1
    assert abs(pick(findings, "refused.writing").estimate - 1 / 3) < 0.15
    assert abs(pick(findings, "refused.judge").estimate - 0.49 * 2 / 3) < 0.15
    shares = sum(pick(findings, f"refused.{why}").estimate for why in ("rules", "writing", "judge"))
    seen = pick(findings, "refused.rules").n
    assert shares * seen + 25 == pytest.approx(seen)  # everybody is accounted for
    assert pick(findings, "contested", "as_published").estimate == pytest.approx(23 / 24)
    assert pick(findings, "margin.gender").estimate > 0.3  # only women are left, and it shows
    assert not [one for one in findings if one.name == "margin.politics"]  # free words have no margins

    counts = write_testbed(study, table, tmp_path)
    assert counts == {"people.jsonl": 25, "requests.jsonl": 23}
    assert read_people(tmp_path / "people.jsonl") == people
    assert len(read_requests(tmp_path / "requests.jsonl")) == 23
    again = PluralSettings.read({"people_file": str(tmp_path / "people.jsonl"), "people": "25", "each": "2"})
    assert {cell.factors["arm"] for cell in PluralTestbed(again).design(np.random.default_rng(0))} == {"pair"}


def test_a_place_that_nobody_can_take_is_told() -> None:
    never = ScriptedModel(lambda request: json.dumps({"consistent": "contradictory", "kind": "plain"}))
    study = PluralTestbed(PluralSettings.read({"stage": "people", "people": "4", "written": "false", "tries": "2"}))
    table = run_study(study, {"subject": never, "writer": never, "judge": never}).table
    assert pick(study.measure(table), "filled").estimate == 0
    assert set(table.filter(pl.col("arm") == "place")["status"]) == {"unparsed"}
    assert not made_people(table)


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


def test_settings_that_cannot_be_are_told_before_anything_is_asked(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="nobody has"):
        PAPER.make_study({"leave_out": "shoes"})
    with pytest.raises(InputError):
        PAPER.make_study({"stage": "dreams"})
    empty = tmp_path / "empty.jsonl"
    empty.write_text("", encoding="utf-8")
    with pytest.raises(InputError):
        PAPER.make_study({"people_file": str(empty)})


def test_the_command_runs_on_sim_in_two_stages_and_says_so(tmp_path: Path) -> None:
    first = ["-P", "stage=people", "-P", "people=4"]
    ran = personae("paper", "run", "persona_testbed", "--model", "sim", *first, "--folder", str(tmp_path / "people"))
    assert ran.code == 0, ran.err
    made = tmp_path / "people" / "testbed"
    small = ["-P", "people=4", "-P", "each=2", "-P", f"people_file={made / 'people.jsonl'}"]
    small += ["-P", f"requests={made / 'requests.jsonl'}"]
    ran = personae("paper", "run", "persona_testbed", "--model", "sim", *small, "--folder", str(tmp_path / "run"))
    assert ran.code == 0, ran.err
    assert "SIMULATED" in (tmp_path / "run" / "report.html").read_text(encoding="utf-8")
    findings = json.loads((tmp_path / "run" / "findings.json").read_text(encoding="utf-8"))
    named = {one["name"]: one for one in (findings if isinstance(findings, list) else findings["findings"])}
    assert named["accuracy.full"]["estimate"] > 0.8 > named["accuracy.none"]["estimate"]
    sheet = tmp_path / "run" / "testbed" / "sheet.csv"
    filled = tmp_path / "filled.csv"
    pl.read_csv(sheet, infer_schema=False).with_columns(choice=pl.lit("A")).write_csv(filled)
    again = [*small, "-P", f"humans={filled}", "--folder", str(tmp_path / "run")]
    ran = personae("paper", "run", "persona_testbed", "--model", "sim", *again)  # the same run, measured anew
    assert ran.code == 0, ran.err
    assert "humans_agree.judge" in (tmp_path / "run" / "findings.json").read_text(encoding="utf-8")
