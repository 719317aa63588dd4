"""PatientSim: profiles, dialogues, verdicts and clinicians' ratings in the layout of the authors' data set."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from personae.errors import InputError
from personae.papers.patientsim import PAPER, PatientSim, PatientSimSettings, read_replay
from personae.papers.patientsim.profiles import read_profiles
from personae.study import Finding

LLAMA = "vllm-llama3.3-70b-instruct"
PROFILE = {
    "hadm_id": "20000001",
    "age": "61",
    "gender": "F",
    "race": "WHITE",
    "marital_status": "MARRIED",
    "insurance": "Medicare",
    "occupation": "teacher",
    "living_situation": "with husband",
    "children": "two",
    "exercise": "walks",
    "tobacco": "never",
    "alcohol": "none",
    "illicit_drug": "denies",
    "sexual_history": "active",
    "allergies": "penicillin",
    "family_medical_history": "father: stroke",
    "medical_device": "none",
    "medical_history": "hypertension; diabetes",
    "chiefcomplaint": "Chest pain",
    "pain": "7",
    "medication": "lisinopril",
    "arrival_transport": "AMBULANCE",
    "disposition": "ADMITTED",
    "diagnosis": "Myocardial infarction",
    "present_illness_positive": "chest pain",
    "present_illness_negative": None,
    **{f"cefr_{level}{half}": "house, eat" for level in "ABC" for half in "12"},
    **{f"med_{level}": "pain, blood" for level in "ABC"},
    "cefr": "B",
    "split": "persona",
    "personality": "verbose",
    "recall_level": "high",
    "dazed_level": "normal",
}


def pick(findings: Sequence[Finding], name: str, way: str = "as_published", subject: str = "") -> Finding:
    (found,) = [
        one
        for one in findings
        if one.name == name and one.conventions[0] == way and (not subject or one.subject == subject)
    ]
    return found


def dialogue(record: str, said: str, listed: str = "[DDX]\n1. Heart attack\n2. GERD", **changed: str) -> dict[str, Any]:
    return {
        "hadm_id": record,
        "doctor_engine_name": "gpt-4o-mini",
        "patient_engine_name": LLAMA,
        "cefr_type": "B",
        "personality_type": "verbose",
        "recall_level_type": "high",
        "dazed_level_type": "normal",
        "diagnosis": "Myocardial infarction",
        "dialog_history": [
            {"role": "Doctor", "content": "Hello, how can I help you?"},
            {"role": "Patient", "content": said},
            {"role": "Doctor", "content": "Where is it? Since when?"},
            {"role": "Patient", "content": "It is here."},
            {"role": "Doctor", "content": listed},
        ],
        **changed,
    }


def write(path: Path, data: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = "\n".join(map(json.dumps, data)) if path.suffix == ".jsonl" else json.dumps(data, indent=4)
    path.write_text(lines + "\n", encoding="utf-8")


def sentence(
    categories: Mapping[str, int], held: Sequence[int], adds: int, rating: int | None = None
) -> dict[str, Any]:
    """A sentence with information, as the authors' three steps label it."""
    told: dict[str, Any] = {
        "step0": {"prediction": "information"},
        "step1-1": [{"category": name, "prediction": found} for name, found in categories.items()],
        "step1-2": {"prediction": adds, "explanation": "as it is"},
    }
    if held:
        told["step2-2"] = [{"profile": "x", "entailment_prediction": one} for one in held]
    if rating is not None:
        told["step2-1"] = {"explanation": "could be", "plausibility_rating": rating}
    return told


def data_set(folder: Path) -> Path:
    others = [{**PROFILE, "hadm_id": 20000002.0, "split": "info"}, {**PROFILE, "hadm_id": 20000003, "split": "valid"}]
    write(folder / "patient_profile.json", [PROFILE, *others])
    place = folder / "persona_test" / "llm_simulation" / "llama3.3"
    write(
        place / "llm_dialogue.json",
        [
            dialogue("20000001", "I have chest pain. " * 10),
            dialogue("20000002", "Chest pain.", "[DDX]\n1. GERD", cefr_type="A", personality_type="plain"),
        ],
    )
    write(place / "gemini-2.5-flash_ddx_Doctor.json", {"20000001": {"answer": "Y"}, "20000002": {"answer": "N"}})
    write(
        place / "gemini-2.5-flash_persona_quality_Patient.json",
        {
            "Personality": {"20000001": "Feedback: good. [RESULT]: 4", "20000002": "[RESULT]: 2"},
            "CEFR": {"20000001": "[RESULT]: 3", "20000002": None},
            "Recall_level": {},
            "Dazed_level": {},
            "Realism_w_Profile": {"20000001": "[RESULT]: (4)"},
            "Overall": {"20000001": "[RESULT]: 4"},
        },
    )
    labels = {
        "20000001": {
            "I have chest pain.": {
                "I have chest pain.": sentence({"chief_complaint": 1, "pain": 1, "age": 0}, [1, 0], 0),
                "Since three days in my toe.": sentence({"present_illness": 1}, [-1], 1, 2),
            },
            "It is here.": {
                "I once was in Rome.": sentence({"age": 0}, [], 1, 4),
                "Why?": {"step0": {"prediction": "inquiry"}},
            },
        }
    }
    write(place / "gemini-2.5-flash_nli.json", labels)
    write(
        place / "gemini-2.5-flash_profile_consistency_LLMscore_Patient.json",
        {"20000001": {"age": {"score": 4}, "pain": {"score": "2"}}},
    )
    return folder


def measured(folder: Path) -> tuple[list[Finding], tuple[str, ...]]:
    found = read_replay(folder, {})
    return found.study.measure(found.table), found.warnings


def test_published_dialogues_are_measured_as_a_run_is(tmp_path: Path) -> None:
    findings, warnings = measured(data_set(tmp_path))
    assert not warnings
    assert {one.subject for one in findings} == {LLAMA, "the cases"}
    counts = {one.name: one.estimate for one in findings if one.name.startswith("cases.")}
    assert counts == {"cases.all": 3, "cases.persona": 1, "cases.information": 1, "cases.validation": 1}
    claims = {one.name: one.value for one in PAPER.claims if one.subject == "the cases"}
    assert claims.pop("cases.all") == sum(claims.values()) == 170
    assert pick(findings, "fidelity.personality").estimate == 3
    language = pick(findings, "fidelity.language")
    assert (language.estimate, language.n, language.missing) == (3, 1, 1)
    assert pick(findings, "fidelity.realism").estimate == 4
    few = pick(findings, "fidelity.personality")
    assert (few.low, few.high) == (1, 4)  # of two ratings, and no further than ratings go
    assert pick(findings, "fidelity.all").estimate == pytest.approx(((4 + 3 + 4) / 3 + 2) / 2)  # of what was rated
    assert pick(findings, "diagnosis.top_5", "corrected").estimate == 0.5
    assert pick(findings, "ended_by_doctor", "corrected").estimate == 1
    assert pick(findings, "over_sentences", "corrected").estimate == pytest.approx(0.25)  # ten where eight may be
    assert pick(findings, "asks_several", "corrected").estimate == 0.5
    assert pick(findings, "alike.persona").estimate == 3
    assert all(any(section.holds(one) for section in PAPER.plan.sections) for one in findings)


def test_labels_of_sentences_are_read_step_by_step(tmp_path: Path) -> None:
    findings, _ = measured(data_set(tmp_path))
    for verdict in ("supported", "contradicted", "unstated"):
        assert pick(findings, f"{verdict}.persona").estimate == pytest.approx(1 / 3)
    assert pick(findings, "adds_detail.persona").estimate == pytest.approx(2 / 3)
    assert pick(findings, "plausible.persona", "corrected").estimate == 3  # of 2 and 4
    fields = len(read_profiles(tmp_path / "patient_profile.json")[0].told)
    assert pick(findings, "coverage.persona").estimate == pytest.approx(3 / fields)  # two parts in one sentence
    assert pick(findings, "consistency.persona").estimate == pytest.approx(2 / 3)


def test_clinicians_and_their_plausibility_are_read(tmp_path: Path) -> None:
    rows: list[dict[str, Any]] = [
        {
            "labeler_name": name,
            "hadm_id": record,
            "dialogue_history": [{"role": "Doctor", "content": "Hello"}],
            "doc_ddx": ["stroke"],
            "personality": 4,
            "cefr": 4 - (name == "b"),
            "recall": 3,
            "confused": None,
            "realism": 4,
            "realism_reason": "",
            "tool_usefulness": 4,
            "llm_result": {},
        }
        for name in "ab"
        for record in (1, 2, 3)
    ]
    write(tmp_path / "persona_test" / "expert_dialogue.jsonl", rows)
    scores = [{"labeler_name": name, "hadm_id": 1, "utterance_id": "plaus_1_utter_1_0", "score": 3} for name in "ab"]
    write(tmp_path / "info_test" / "expert_plausibility_label.jsonl", [*scores, {**scores[0], "score": 9}])
    findings, warnings = measured(tmp_path)
    assert pick(findings, "fidelity.all", subject="people").estimate == pytest.approx(3.625)
    assert pick(findings, "fidelity.personality", subject="people").estimate == 4
    assert not [one for one in findings if one.name == "fidelity.dazedness"]
    assert pick(findings, "agreement.realism", "as_published").n == 3
    assert pick(findings, "plausible.rated").n == 2
    assert pick(findings, "plausible.rated", "corrected").estimate == 3
    assert any("1 row left out (3): no score from 1 to 4" in warning for warning in warnings)


def test_profiles_of_the_authors_run_with_their_split(tmp_path: Path) -> None:
    path = data_set(tmp_path) / "patient_profile.json"
    profiles = read_profiles(path)
    assert [one.record for one in profiles] == ["20000001", "20000002", "20000003"]
    assert profiles[0].chief_complaint == "Chest pain"
    assert profiles[0].illicit_drug_use == "denies"
    assert profiles[0].present_illness_negative == ""
    assert profiles[0].insurance in profiles[0].shown()
    assert not {"record", "levels", "diagnosis"} & set(profiles[0].told)
    split = PatientSim(PatientSimSettings.read({"profiles": str(path)})).profiles
    assert [part[0].record for part in (split.persona, split.information, split.validation)] == [
        "20000001",
        "20000002",
        "20000003",
    ]


def test_what_cannot_be_read_is_named(tmp_path: Path) -> None:
    path = tmp_path / "x" / "dialogue.jsonl"
    write(path, [dialogue("1", "Pain.", personality_type="upset")])
    with pytest.raises(InputError, match="'upset' is no level of personality"):
        read_replay(tmp_path, {})
    write(path, [dialogue("1", "Pain."), {"hadm_id": 2}, {"hadm_id": 3, "dialog_history": []}])
    _, warnings = measured(tmp_path)
    assert [warning.partition(": ")[2] for warning in warnings] == [
        "1 row left out (2): no hadm_id and dialog_history",
        "1 row left out (3): no level of an axis, here or in patient_profile.json",
    ]
    (path.parent / "gemini_ddx.json").write_text("[]", encoding="utf-8")
    with pytest.raises(InputError, match="no object by record"):
        read_replay(tmp_path, {})
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(InputError, match="nothing of PatientSim"):
        read_replay(empty, {})
