"""PatientSim: planted consultations, and what is found in them."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from personae.model import Model, Request, ScriptedModel
from personae.papers.patientsim import (
    PAPER,
    PatientSim,
    PatientSimSettings,
    draw_profiles,
)
from personae.papers.patientsim.axes import CRITERIA
from personae.papers.patientsim.opened import write_patients
from personae.persona import render
from personae.persona.formats import read_personas
from personae.study import Finding, run_study
from support.findings import pick

# Planted consultations.


def doctor(request: Request) -> str:
    """Asks twice and then knows the diagnosis of chest pain only."""
    said = [one.content for one in request.messages]
    if (
        sum("?" in one.content for one in request.messages if one.role == "assistant") < 2
        and "last question" not in said[-1]
    ):
        return "Take your time, you are safe. Do you have any allergies?"
    return "[DDX]\n1. Gastritis\n2. Heart attack" if "chest" in " ".join(said[1:]) else "[DDX]\n1. Gastritis"


def patient(request: Request) -> str:
    """Tells the complaint; the talkative one goes on and on."""
    told = request.messages[0].content
    (complaint,) = re.findall(r"chief complaint: (.+)", told)
    more = " I also like to talk about my garden." * 9 if "talkative" in told else ""
    return f"I have {complaint}. I am from the moon.{more}"


def judge(request: Request) -> str:
    """Rates a persona 4 if it is the talkative one and talks, else 2; knows what the case says."""
    text = request.messages[-1].content
    assert request.schema is not None
    keys = request.schema.definition["required"]
    if set(CRITERIA) <= set(keys):
        fits = ("talkative" in text) == ("my garden" in text)
        return json.dumps(dict.fromkeys(keys, 4 if fits else 2))
    marks = dict(re.findall(r"^(s\d+): (.+)$", text, re.MULTILINE))
    if "information, question, feeling or other" in text:
        return json.dumps({mark: "information" if "garden" not in one else "other" for mark, one in marks.items()})
    if "part of a case" in text:
        return json.dumps({mark: ["chief_complaint" if "I have" in one else "none"] for mark, one in marks.items()})
    (complaint,) = re.findall(r"chief complaint: (.+)", text)
    answer: dict[str, str | int] = {}
    for mark, one in marks.items():
        answer[f"{mark}_adds"] = "garden" in one
        answer[mark] = "supported" if f"I have {complaint}" in one else "unstated"
        answer[f"{mark}_plausible"] = 1
    return json.dumps(answer)


def run(given: Mapping[str, str], models: Mapping[str, Model]) -> tuple[list[Finding], pl.DataFrame]:
    study = PatientSim(PatientSimSettings.read(given))
    table = run_study(study, models).table
    return study.measure(table), table


@pytest.fixture(scope="module")
def planted() -> tuple[list[Finding], pl.DataFrame]:
    models = {"subject": ScriptedModel(patient), "doctor": ScriptedModel(doctor), "judge": ScriptedModel(judge)}
    return run({"rounds": "5", "information": "10"}, models)


def test_the_persona_that_shows_is_told_from_another(planted: tuple[list[Finding], pl.DataFrame]) -> None:
    findings, table = planted
    assert table.height == 47
    assert pick(findings, "fidelity.personality", "as_published").estimate == 4.0
    assert pick(findings, "level.personality.verbose", "as_published").n == 6
    difference = pick(findings, "own_minus_other.personality")
    shares = table.filter(pl.col("arm") == "persona")
    expected = (shares["rating.personality"] - shares["control.personality"]).mean()
    assert difference.estimate == pytest.approx(expected)
    assert difference.estimate > 0.3  # all talkative patients, and whoever was rated as one
    tested = [one for one in findings if one.p_value is not None and one.p_value == one.p_value]
    assert {one.family for one in tested} == {"manner", "own minus other"}
    assert all(
        one.p_adjusted is not None and one.p_adjusted >= one.p_value for one in tested if one.p_value is not None
    )


def test_every_finding_has_a_section_of_the_report(planted: tuple[list[Finding], pl.DataFrame]) -> None:
    findings, _ = planted
    assert not [one.name for one in findings if not any(section.holds(one) for section in PAPER.plan.sections)]


def first_of(rule: Mapping[str, Any]) -> Any:
    """The first answer that a schema lets pass."""
    if rule.get("type") == "array":
        return [rule["items"]["enum"][0]]
    return rule["enum"][0] if "enum" in rule else rule.get("type") != "boolean" and 3


def test_a_judge_that_does_not_look_is_told_by_both_controls() -> None:
    def lazy(request: Request) -> str:
        assert request.schema is not None
        properties = request.schema.definition["properties"]
        return json.dumps({key: first_of(rule) for key, rule in properties.items()})

    models = {"subject": ScriptedModel(patient), "doctor": ScriptedModel(doctor), "judge": ScriptedModel(lazy)}
    findings, _ = run({"rounds": "2", "information": "2"}, models)
    assert pick(findings, "supported.persona").estimate == 1.0  # all is supported, whatever is said
    assert pick(findings, "fidelity.all").estimate == 3.0
    for criterion in CRITERIA:
        assert pick(findings, f"own_minus_other.{criterion}").estimate == 0.0
    assert pick(findings, "own_minus_other_case.supported").estimate == 0.0


def test_facts_are_judged_by_another_case_too(planted: tuple[list[Finding], pl.DataFrame]) -> None:
    findings, _ = planted
    found = pick(findings, "own_minus_other_case.supported")
    assert found.estimate == pytest.approx(0.5)  # the complaint is supported by the own case and by no other
    assert found.n == 47


def test_planted_contradictions_recall_and_hard_words_come_out() -> None:
    def forgetful(request: Request) -> str:
        told = request.messages[0].content
        (complaint,) = re.findall(r"chief complaint: (.+)", told)
        hard = " My dyspnea is intermittent." if "beginner in English" in told else ""
        wrong = " I have never been here for this." if "remember little" in told else ""
        return f"I have {complaint}.{wrong}{hard}"

    def strict(request: Request) -> str:
        text = request.messages[-1].content
        assert request.schema is not None
        keys = request.schema.definition["required"]
        if set(CRITERIA) <= set(keys):
            worst = 1 + ("impatient" in text)
            return json.dumps(dict.fromkeys(keys, worst if "beginner in English" in text else 4))
        marks = dict(re.findall(r"^(s\d+): (.+)$", text, re.MULTILINE))
        if "information, question, feeling or other" in text:
            return json.dumps(dict.fromkeys(marks, "information"))
        if "part of a case" in text:
            return json.dumps({mark: ["chief_complaint"] for mark in marks})
        answer: dict[str, str | int] = {}
        for mark, one in marks.items():
            answer[f"{mark}_adds"] = "never" in one
            answer[mark] = "contradicted" if "never" in one else "unstated" if "dyspnea" in one else "supported"
            answer[f"{mark}_plausible"] = 3
        return json.dumps(answer)

    models = {"subject": ScriptedModel(forgetful), "doctor": ScriptedModel(doctor), "judge": ScriptedModel(strict)}
    findings, table = run({"rounds": "1", "information": "0"}, models)
    low, beginners = table["recall"].to_list().count("low"), table["language"].to_list().count("A")
    assert (low, beginners) == (18, 12)
    said = 37 + low + beginners
    assert pick(findings, "contradicted.persona", "as_published").estimate == pytest.approx(low / said)
    assert pick(findings, "unstated.persona", "as_published").estimate == pytest.approx(beginners / said)
    # Of low recall: 12 with two sentences and 6 with three, of high: 13 with one and 6 with two.
    macro = (12 * 1 / 2 + 6 * 1 / 3 + 13 * 1 + 6 * 1 / 2) / 37
    assert pick(findings, "supported.persona").estimate == pytest.approx(macro)
    gap = (13 + 6 / 2) / 19 - (12 / 2 + 6 / 3) / 18
    assert pick(findings, "supported.high_minus_low_recall").estimate == pytest.approx(gap)
    assert pick(findings, "consistency.persona", "as_published").estimate == pytest.approx(19 / 37)
    assert pick(findings, "plausible.persona").estimate == 3.0
    # What is not stated is new by itself; the judge also finds the contradictions new.
    assert pick(findings, "adds_detail.persona", "as_published").estimate == pytest.approx((low + beginners) / said)
    assert pick(findings, "beyond_level.A").estimate == 1.0
    assert pick(findings, "beyond_level.B").estimate == 0.0
    assert pick(findings, "level.language.A", "as_published").estimate == pytest.approx(1 + 2 / 12)
    assert pick(findings, "level.language.C", "as_published").estimate == 4.0
    assert pick(findings, "levels_differ.language").estimate > 0.9
    assert pick(findings, "levels_differ.recall").estimate < 0.05


def test_a_doctor_who_asks_several_things_at_once_and_one_who_is_right_are_told() -> None:
    def sure(request: Request) -> str:
        asked = sum(one.role == "assistant" for one in request.messages)
        return "Where is it? Since when?" if asked < 2 else "[DDX]\n1. Heart attack\n2. Gastritis"

    models = {"subject": ScriptedModel(patient), "doctor": ScriptedModel(sure), "judge": ScriptedModel(judge)}
    findings, table = run({"rounds": "4", "information": "5", "control": "false"}, models)
    assert pick(findings, "asks_several").estimate == pytest.approx(0.5)  # the opening is one question
    hearts = table["diagnosis"].to_list().count("myocardial infarction")
    for way in ("as_published", "corrected"):
        assert pick(findings, "diagnosis.top_1", way).estimate == pytest.approx(hearts / 42)
    assert not [one for one in findings if one.name.startswith("own_minus_other")]


def test_patients_of_a_run_open_as_personas_that_know_no_diagnosis(tmp_path: Path) -> None:
    models = {"subject": ScriptedModel(patient), "doctor": ScriptedModel(doctor), "judge": ScriptedModel(judge)}
    study = PatientSim(PatientSimSettings.read({"rounds": "1", "information": "3", "control": "false"}))
    path = write_patients(study, run_study(study, models).table, tmp_path)
    assert path is not None
    people = [one.persona for one in read_personas(path)]
    assert len({one.id for one in people}) == len(people) == 37  # that of the facts is the plain one of them
    cases = {f"Patient {one.number}": one for one in draw_profiles(170)}
    for one in people:
        text = render(one, "second-person").text
        case = cases[one.name]
        assert case.chief_complaint in text
        assert case.diagnosis not in text
        assert "disposition" not in text.casefold()
        assert "no real patient" in one.provenance_of("life_context").by
    assert write_patients(study, pl.DataFrame({"axis": ["x"]}), tmp_path) is None


def test_manner_is_counted(planted: tuple[list[Finding], pl.DataFrame]) -> None:
    findings, _ = planted
    assert pick(findings, "verbose_minus_plain").estimate == pytest.approx(9 * 8, abs=1.0)
    assert pick(findings, "over_sentences").estimate == pytest.approx(6 / 37)  # eleven sentences where eight may be
    assert pick(findings, "over_words").estimate == 0
    assert pick(findings, "words.plain").n == 6


def test_facts_are_counted_by_sentence_and_by_consultation(planted: tuple[list[Finding], pl.DataFrame]) -> None:
    findings, table = planted
    for arm in ("persona", "information"):
        for way in ("as_published", "corrected"):
            assert pick(findings, f"supported.{arm}", way).estimate == pytest.approx(0.5)
            assert pick(findings, f"contradicted.{arm}", way).estimate == 0
        assert pick(findings, f"plausible.{arm}").estimate == 1.0
        assert pick(findings, f"consistency.{arm}", "as_published").estimate == 1.0
        fields = table.filter(pl.col("arm") == arm)["fields"]
        expected = float(np.mean([1 / one for one in fields.to_list()]))
        assert pick(findings, f"coverage.{arm}", "as_published").estimate == pytest.approx(expected)


def test_diagnoses_are_found_where_they_were_planted(planted: tuple[list[Finding], pl.DataFrame]) -> None:
    findings, table = planted
    hearts = table.filter(pl.col("diagnosis") == "myocardial infarction").height
    assert pick(findings, "diagnosis.top_5").estimate == pytest.approx(hearts / 47)
    assert pick(findings, "diagnosis.top_1").estimate == 0
    assert pick(findings, "listed").estimate == 1.0
    assert pick(findings, "ended_by_doctor").estimate == 1.0


def test_the_prompt_names_the_limit_and_never_the_diagnosis() -> None:
    subject = ScriptedModel(patient)
    run(
        {"rounds": "1", "information": "0", "control": "false"},
        {"subject": subject, "doctor": ScriptedModel(doctor), "judge": ScriptedModel(judge)},
    )
    limits = Counter("8" if "at most 8 sentences" in one.messages[0].content else "3" for one in subject.requests)
    assert limits == {"8": 6, "3": 31}
    diagnoses = {one.diagnosis for one in draw_profiles(5)}
    for request in subject.requests:
        assert not any(f"diagnosis: {one}" in request.messages[0].content for one in diagnoses)


def test_calm_words_clear_a_dazed_patient() -> None:
    asked = ScriptedModel(lambda _: "Take your time, you are safe. Where does it hurt?")
    models = {"subject": ScriptedModel(patient), "doctor": asked, "judge": ScriptedModel(judge)}
    _, table = run({"rounds": "6", "information": "0", "dazed_by": "rounds"}, models)
    (dazed,) = table.filter(pl.col("dazed") == "high")["dazed_at"].to_list()
    assert dazed == ["high", "high", "moderate", "moderate", "normal", "normal"]
    models["doctor"] = ScriptedModel(lambda _: "Where does it hurt?")
    _, table = run({"rounds": "6", "information": "0", "dazed_by": "rounds"}, models)
    assert table.filter(pl.col("dazed") == "high")["dazed_at"].to_list() == [["high"] * 6]


def test_a_doctor_without_a_list_is_counted_and_not_dropped() -> None:
    models = {
        "subject": ScriptedModel(patient),
        "doctor": ScriptedModel(lambda _: "Where does it hurt?"),
        "judge": ScriptedModel(judge),
    }
    findings, _ = run({"rounds": "2", "information": "3"}, models)
    assert pick(findings, "listed").estimate == 0
    assert pick(findings, "diagnosis.top_5").n == 40
    assert pick(findings, "diagnosis.top_5", "as_published").n == 0


def test_a_patient_that_says_nothing_ends_the_consultation() -> None:
    models = {
        "subject": ScriptedModel(lambda _: " "),
        "doctor": ScriptedModel(doctor),
        "judge": ScriptedModel(judge),
    }
    findings, table = run({"rounds": "2", "information": "0"}, models)
    assert set(table["status"]) == {"empty"}
    assert pick(findings, "fidelity.realism").missing == 37
