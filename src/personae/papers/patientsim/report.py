"""The report of the study."""

from __future__ import annotations

from personae.study.report import ReportPlan, Section

PLAN = ReportPlan(
    title="PatientSim: do simulated patients keep to their persona and to their case?",
    question=(
        "A doctor takes the history of patients who differ in personality, English, memory and clarity. Does the "
        "persona show, is what they say true to the case, and does the doctor find the diagnosis?"
    ),
    source=(
        "Kyung, D. et al. (2025). PatientSim: A Persona-Driven Simulator for Realistic Doctor-Patient Interactions. "
        "NeurIPS 2025 Datasets and Benchmarks. arXiv:2505.17818."
    ),
    sections=(
        Section(
            "Does the persona show?",
            ("fidelity",),
            text="Ratings from 1 to 4. As published over consultations, corrected with cases as units.",
        ),
        Section("By level of each axis", ("level", "levels_differ"), text="Each on the criterion of its own axis."),
        Section(
            "Control: another persona",
            ("own_minus_other",),
            kind="control",
            text="The same consultation rated for a persona that differs on every axis. A judge that finds no "
            "difference did not look at the persona.",
        ),
        Section(
            "Is it true to the case?",
            ("supported", "contradicted", "unstated", "adds_detail", "plausible", "coverage", "consistency", "alike"),
            text="Sentences with information; as published all together, corrected with consultations as units.",
        ),
        Section(
            "Control: another case",
            ("own_minus_other_case",),
            kind="control",
            text="The same sentences judged by a case of another diagnosis. A judge that finds no difference did not "
            "look at the case, and its shares above say nothing.",
        ),
        Section(
            "Does the doctor find it?",
            ("diagnosis", "listed", "ended_by_doctor"),
            text="As published of consultations with a list, corrected of all.",
        ),
        Section(
            "Counted without a judge",
            ("words", "verbose_minus_plain", "over_sentences", "over_words", "beyond_level", "asks_several"),
            kind="validity",
            text="asks_several: questions of the doctor that are more than one, against what the doctor is told.",
        ),
        Section("What could be read", ("rated",), kind="validity", has_chart=False),
        Section("Ratings by people", ("agreement",), kind="validity", has_chart=False),
        Section("The axes and the cases", ("combinations", "levels", "cases"), kind="exploratory", has_chart=False),
    ),
    methods=(
        "37 patients: six personalities, three levels of English and two of recall, all clear-headed, and one "
        "very dazed patient who arrives by ambulance.",
        "Cases are synthetic, of five diagnoses, with 25 fields; patients are not told diagnosis and disposition.",
        "Axes, words and prompts are worded by personae; -P axes=FOLDER takes the authors' texts.",
        "patients.jsonl beside this report holds the patients as personas: in the studio a person takes the history.",
        "Privacy: every case goes to the models of patient and judge, and stays in the ledger of the run. Give no "
        "record of a real patient to a model that may not have it.",
    ),
    limits=(
        "That real patients speak like this, or that a doctor who trains on them learns for real ones.",
        "That a judge reads a persona as clinicians do: give their ratings with -P ratings=FILE.",
        "That figures from synthetic cases are those from hospital records.",
    ),
    factors=("arm", "personality", "language", "recall", "dazed", "profile"),
)
