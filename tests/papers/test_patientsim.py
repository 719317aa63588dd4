"""PatientSim: the thirty-seven patients, consultations with planted answers, facts, ratings, the authors' axes."""

from __future__ import annotations

import csv
import json
from collections import Counter
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from personae.errors import InputError
from personae.papers.patientsim import (
    PAPER,
    PatientSim,
    PatientSimSettings,
    assign_raters,
    draw_profiles,
    patients,
    read_axes,
    split_profiles,
)
from personae.papers.patientsim.axes import AXES, COLUMNS
from personae.papers.patientsim.consultation import rank_of, read_diagnoses
from personae.papers.patientsim.profiles import AMBULANCE, FIELDS
from personae.papers.patientsim.words import read_words
from support.command_line import personae
from support.findings import pick

# The patients.


def test_there_are_thirty_seven_patients_by_construction() -> None:
    people = patients().people
    assert people.height == 37 == 6 * 3 * 2 + 1
    assert people.unique().height == 37
    dazed = people.filter(pl.col(COLUMNS["dazed"]) != "normal")
    assert dazed.rows() == [("plain", "B", "high", "high")]
    assert patients(3).size == 111


def test_axes_are_described_with_words_of_the_level() -> None:
    axes, lists = read_axes(), read_words()
    assert {axis: tuple(levels) for axis, levels in axes.texts.items()} == dict(AXES)
    assert axes.sentences == {**dict.fromkeys(AXES["personality"], 3), "verbose": 8}
    shown = lists.shown("B", np.random.default_rng(1))
    text = axes.describe({"personality": "plain", "language": "B", "recall": "low", "dazed": "normal"}, shown)
    assert "$" not in "".join(text.values())
    assert "infection" in text["language"]
    assert set(lists.beyond("C")) == set()
    assert set(lists.beyond("B")) < set(lists.beyond("A"))
    for level in AXES["language"]:
        assert not set(lists.known("general", level)) & set(lists.beyond(level))


def test_profiles_have_twenty_five_fields_and_hide_the_diagnosis() -> None:
    profiles = draw_profiles(170)
    assert len(FIELDS) == 25
    assert Counter(one.diagnosis for one in profiles) == dict.fromkeys({one.diagnosis for one in profiles}, 34)
    assert len({one.diagnosis for one in profiles}) == 5
    for one in profiles:
        assert one.diagnosis not in one.shown()
        assert "disposition" not in one.told
    assert draw_profiles(20) == profiles[:20]


def test_profiles_are_parted_into_ten_fifty_two_and_one_hundred_and_eight() -> None:
    split = split_profiles(draw_profiles(170))
    assert (len(split.validation), len(split.information), len(split.persona)) == (10, 52, 108)
    numbers = [one.number for part in (split.validation, split.information, split.persona) for one in part]
    assert len(set(numbers)) == 170
    counts = Counter(one.diagnosis for one in split.persona)
    assert max(counts.values()) - min(counts.values()) <= 1
    with pytest.raises(InputError, match="parted"):
        split_profiles(draw_profiles(2))


def test_raters_are_balanced_and_see_no_persona_twice() -> None:
    study = PatientSim(PatientSimSettings.read({"replicates": "3", "information": "0"}))
    cells = study.design(np.random.default_rng(0))
    assert len(cells) == 111
    seen = [(*(cell.factors[axis] for axis in AXES), cell.factors["rater"]) for cell in cells]
    assert len(set(seen)) == len(seen)
    loads = Counter(cell.factors["rater"] for cell in cells)
    assert max(loads.values()) - min(loads.values()) <= 1
    by_number = {one.number: one.diagnosis for one in study.profiles.persona}
    each = Counter((cell.factors["rater"], by_number[int(str(cell.factors["profile"]))]) for cell in cells)
    assert max(each.values()) - min(each.values()) <= 4
    clear = [cell.factors["profile"] for cell in cells if cell.factors["dazed"] == "normal"]
    assert len(set(clear)) == 108  # every case once
    with pytest.raises(InputError, match="nobody"):
        assign_raters([("a", "x")], 0)


def test_dazed_patients_come_by_ambulance() -> None:
    study = PatientSim()
    arrivals = {one.number: one.arrival_transport for one in study.profiles.persona}
    (dazed,) = [cell for cell in study.design(np.random.default_rng(0)) if cell.factors["dazed"] == "high"]
    assert arrivals[int(str(dazed.factors["profile"]))] == AMBULANCE


# Lists of diagnoses.


@pytest.mark.parametrize(
    ("text", "listed"),
    [
        ("[DDX]\n1. Stroke\n2) TIA\n- Migraine", ("Stroke", "TIA", "Migraine")),
        ("Thank you. [ddx]: Stroke, TIA; Migraine.", ("Stroke", "TIA", "Migraine")),
        ("[DDX]\n" + "\n".join(f"{k}. d{k}" for k in range(1, 9)), ("d1", "d2", "d3", "d4", "d5")),
        ("[DDX]", ()),
        ("Where does it hurt?", None),
    ],
)
def test_lists_are_read(text: str, listed: tuple[str, ...] | None) -> None:
    assert read_diagnoses(text) == listed


def test_other_names_of_a_diagnosis_count_and_parts_of_words_do_not() -> None:
    assert rank_of("myocardial infarction", ["GERD", "NSTEMI"]) == 2
    assert rank_of("urinary tract infection", ["Acute cystitis (UTI)"]) == 1
    assert rank_of("urinary tract infection", ["Cutis laxa"]) is None
    assert rank_of("gout", ["Gout"]) == 1


# Ratings by people.


def test_ratings_of_people_are_averaged_and_their_agreement_measured(tmp_path: Path) -> None:
    path = tmp_path / "ratings.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["dialogue", "rater", "criterion", "score"])
        for number in range(20):
            for rater in ("a", "b"):
                writer.writerow([number, rater, "realism", 3 if number == 0 and rater == "a" else 4])
    study = PatientSim(PatientSimSettings.read({"ratings": str(path)}))
    findings = study.measure(pl.DataFrame({"model": []}, schema={"model": pl.String}))
    assert pick(findings, "fidelity.all", "as_published", "people").estimate == pytest.approx(3.975)
    assert pick(findings, "agreement.realism", "as_published").estimate > 0.95
    assert pick(findings, "agreement.realism").estimate < 0.1  # alpha falls where nearly all say the same
    path.write_text("dialogue,rater,criterion,score\n1,a,charm,4\n", encoding="utf-8")
    with pytest.raises(InputError, match="no criterion"):
        study.measure(pl.DataFrame({"model": []}, schema={"model": pl.String}))


# Files of the user.


def test_profiles_of_the_user_take_the_place_of_ours(tmp_path: Path) -> None:
    path = tmp_path / "cases.json"
    row = {"age": 50, "gender": "woman", "chief_complaint": "rash", "diagnosis": "shingles", "medication": ["a", "b"]}
    path.write_text(json.dumps([{**row, "arrival_transport": "Ambulance"}] * 4), encoding="utf-8")
    study = PatientSim(PatientSimSettings.read({"profiles": str(path)}))
    assert {one.medication for one in study.profiles.persona} == {"a, b"}
    other = tmp_path / "other.json"
    other.write_text(json.dumps([{"age": 50, "gender": "woman", "mood": "bad"}]), encoding="utf-8")
    with pytest.raises(InputError, match="profile 1"):
        PAPER.make_study({"profiles": str(other)})


def test_words_of_a_level_must_be_there(tmp_path: Path) -> None:
    path = tmp_path / "words.toml"
    path.write_text('[general]\nA = ["a"]\n', encoding="utf-8")
    with pytest.raises(InputError, match=r"general\.B"):
        PAPER.make_study({"words": str(path)})


def test_the_command_runs_on_sim_and_says_so(tmp_path: Path) -> None:
    ran = personae("paper", "run", "patientsim", "--model", "sim", "-P", "rounds=2", "--folder", str(tmp_path / "run"))
    assert ran.code == 0, ran.err
    page = (tmp_path / "run" / "report.html").read_text(encoding="utf-8")
    assert "SIMULATED" in page
    assert "Control: another persona" in page
