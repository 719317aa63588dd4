"""PERSONA: people of a census, balanced requests, microdata and requests of the user."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given as drawn_by
from hypothesis import strategies as st

from personae.errors import InputError
from personae.papers.persona_testbed import (
    PAPER,
    assign_requests,
    census_source,
    draw_people,
    part_of,
    read_people,
    read_requests,
    split_both,
)
from personae.papers.persona_testbed.margins import measure_margins
from personae.papers.persona_testbed.people import ASKED, PEOPLE
from personae.papers.persona_testbed.profile import GROUPS, is_quoted, left_out, shown
from personae.persona import Demographics, Persona, lint_persona
from personae.population import Block, Population
from personae.study import Finding

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
