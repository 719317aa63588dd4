"""Presumed cultural identity: labels of people, stored replies, and the command."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from personae.errors import InputError
from personae.model import ScriptedModel
from personae.papers.presumed_cultural_identity import PAPER, PresumedIdentity, PresumptionSettings, read_replay
from personae.papers.presumed_cultural_identity.labels import label_key, read_labels, write_sheet
from personae.papers.presumed_cultural_identity.paper import make_study
from personae.papers.presumed_cultural_identity.rows import rulings_of
from personae.respondent import SimSettings, SimulatedRespondent
from personae.study import run_study
from support.command_line import personae
from support.findings import pick
from support.presumption import SMALL


def test_a_sheet_is_blind_and_labels_come_back_as_agreement(tmp_path: Path) -> None:
    subject = SimulatedRespondent(SimSettings(name_presumption=0.5))
    study = PresumedIdentity(PresumptionSettings.read(SMALL))
    table = run_study(study, {"subject": subject, "judge": SimulatedRespondent()}).table
    assert write_sheet(table, {"food_1": "What to eat?"}, 24, tmp_path) == 24
    with (tmp_path / "to_label.csv").open(newline="", encoding="utf-8") as file:
        sheet = list(csv.DictReader(file))
    assert set(sheet[0]) == {"question", "text", "culture", "presumes", "rater"}
    assert any(row["question"] == "What to eat?" for row in sheet)
    verdicts = {label_key(one.text, one.culture): bool(one.rated) for one in rulings_of(table)}
    truths = [verdicts[label_key(row["text"], row["culture"])] for row in sheet]
    assert sum(truths) == 12
    with (tmp_path / "labels.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(sheet[0]))
        writer.writeheader()
        for number, (row, truth) in enumerate(zip(sheet, truths, strict=True)):
            for rater in "ab":  # both see a fifth of what the judge calls no presumption as one
                said = truth or number % 5 == 0
                writer.writerow({**row, "presumes": int(said), "rater": rater, "text": f" {row['text']}\n"})
    found = PresumedIdentity(PresumptionSettings.read({**SMALL, "labels": str(tmp_path / "labels.csv")})).measure(table)
    missed = sum(not truth and number % 5 == 0 for number, truth in enumerate(truths))
    assert pick(found, "agreed.judge_people").estimate == pytest.approx(1 - missed / 24)
    assert pick(found, "sensitivity.judge").estimate == pytest.approx(12 / (12 + missed))
    assert pick(found, "specificity.judge").estimate == 1
    assert 0.5 < pick(found, "agreement.judge_people").estimate < 1
    assert pick(found, "agreement.people").estimate == 1


def test_labels_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    path = tmp_path / "labels.csv"
    path.write_text("text,culture,presumes\na,b,perhaps\n", encoding="utf-8")
    with pytest.raises(InputError, match="row 1"):
        read_labels(path)
    path.write_text("text\na\n", encoding="utf-8")
    with pytest.raises(InputError, match="columns"):
        read_labels(path)
    assert read_labels(None) == {}


def write_replies(path: Path, rows: Sequence[Mapping[str, object]]) -> None:
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), encoding="utf-8")


def test_stored_replies_are_matched_and_stored_verdicts_kept(tmp_path: Path) -> None:
    rows: list[dict[str, object]] = []
    for query in ("q1", "q2", "q3", "q4"):
        common = {"model": "m", "facet": "food", "query": query}
        for name, culture in (("Sakura", "Japan"), ("Yui", "japanese"), ("Boris", "Russia"), ("Ivan", "Russian")):
            text = f"Hi {name}, make sushi." if culture[0] in "Jj" else "Make soup."
            rows.append({**common, "name": name, "culture": culture, "response": text, "presumes": "1"})
        rows.append({**common, "name": "", "culture": "", "response": "Make soup."})
        for judged in ("Japan", "Russia"):
            reply = {"response": "Make toast.", "judged": judged, "presumes": 0}
            rows.append({**common, **reply})
    write_replies(tmp_path / "replies.jsonl", rows)
    replay = read_replay(tmp_path, {})
    assert replay.sources["replies"] == str(4 * 4 + 4 * 2)
    findings = replay.study.measure(replay.table)
    assert pick(findings, "kb_bias.japanese").estimate == 1
    assert pick(findings, "kb_bias.russian").estimate == 0
    assert pick(findings, "bias.russian").estimate == 1  # as the stored verdict has it
    assert pick(findings, "rate_none.all").missing == 8
    assert pick(findings, "size.names", "as_published").estimate == 4
    assert "Sakura" not in json.dumps(replay.table["texts"].to_list())


def test_stored_replies_without_verdicts_are_judged_and_nobody_else_is_asked(tmp_path: Path) -> None:
    rows: list[dict[str, object]] = []
    for query in ("food_1", "Any other question?"):
        common = {"model": "elsewhere/m", "facet": "food", "query": query}
        for name, culture in (("Sakura", "Japan"), ("Yui", "Japan"), ("Ivan", "Russia"), ("Olga", "Russia")):
            rows.append({**common, "name": name, "culture": culture, "response": f"{name}, make sushi."})
        rows.append({**common, "response": "Make soup."})
        rows.append({**common, "name": "Igor", "culture": "Russia", "response": "Make jam.", "presumes": 2})
    write_replies(tmp_path / "replies.jsonl", rows)
    judge = ScriptedModel(lambda request: json.dumps({"presumption": 1 + ("sushi." in request.messages[-1].content)}))
    study = make_study({"replies": str(tmp_path / "replies.jsonl")})
    assert study.roles == ("subject",)
    table = run_study(study, {"subject": judge}).table
    assert set(table["model"].to_list()) == {"elsewhere/m"}
    findings = study.measure(table)
    assert pick(findings, "bias.japanese").estimate == 1
    assert pick(findings, "explicit_share.russian").estimate == pytest.approx(1 / 3)
    assert pick(findings, "kb_bias.russian").estimate == 0
    prompts = [request.messages[-1].content for request in judge.requests]
    assert len(prompts) == 2 * (
        4 + 2
    )  # of who has no name, for both cultures; a verdict that is there is not asked for
    assert sum("What should I cook for dinner tonight?" in prompt for prompt in prompts) == 6
    assert not any("Sakura" in prompt for prompt in prompts)
    alone = make_study({"replies": str(tmp_path), "judge": "false"})
    silent = ScriptedModel(lambda _: "never")
    assert pick(alone.measure(run_study(alone, {"subject": silent}).table), "kb_bias.japanese").estimate == 1
    assert not silent.requests


def test_shared_and_unknown_cultures_are_replayed_too(tmp_path: Path) -> None:
    with (tmp_path / "a.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["facet", "query", "response", "name", "culture", "gender"])
        for query in ("q1", "q2"):
            writer.writerow(["food", query, "Make\ngazpacho.", "Maria", "Spain/Mexico", "feminine"])
            writer.writerow(["food", query, "Make soup.", "Tane", "Aotearoa", "masculine"])
            writer.writerow(["food", query, "", "Zorvik", "", ""])
            writer.writerow(["food", query, "Make soup.", "", "", ""])
    findings = (replay := read_replay(tmp_path, {})).study.measure(replay.table)
    assert pick(findings, "kb_flattened.bias").estimate == 1
    assert pick(findings, "knowledge.aotearoa").estimate == 0
    assert pick(findings, "replies.empty").n == 8


@pytest.mark.parametrize(
    ("row", "match"),
    [
        ({"presumes": "perhaps", "culture": "Japan", "name": "Yui"}, "presumes"),
        ({"presumes": "1"}, "which culture"),
        ({"channel": "telephone"}, "channel"),
        ({"condition": "odd"}, "condition"),
        ({"query": ""}, "no query"),
    ],
)
def test_rows_that_cannot_be_used_are_named(tmp_path: Path, row: dict[str, str], match: str) -> None:
    write_replies(tmp_path / "a.jsonl", [{"facet": "food", "query": "q", "response": "r", **row}])
    with pytest.raises(InputError, match=match):
        read_replay(tmp_path, {})


def test_folders_without_replies_are_refused_and_other_files_left_out(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no replies"):
        read_replay(tmp_path, {})
    write_replies(tmp_path / "a.jsonl", [{"facet": "food", "query": "q", "response": "r"}])
    (tmp_path / "b.csv").write_text("x\n1\n", encoding="utf-8")
    (tmp_path / "c.jsonl").write_text("{", encoding="utf-8")
    warnings = read_replay(tmp_path, {}).warnings
    assert len(warnings) == 2


def test_the_command_runs_and_reports_and_writes_the_sheet(tmp_path: Path) -> None:
    small = [
        word
        for name, value in {**SMALL, "only": "spanish,mexican", "names_per_culture": "2"}.items()
        for word in ("-P", f"{name}={value}")
    ]
    dials = ["-M", "name_presumption=0.6", "-M", "unprompted_culture=0.3"]
    folder = tmp_path / "run"
    ran = personae("paper", "run", PAPER.key, "--model", "sim", *dials, *small, "--folder", str(folder))
    assert ran.code == 0, ran.err
    assert "size.cultures" in ran.out
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert "SIMULATED" in page
    assert "Names that several cultures share" in page
    assert (folder / "to_label.csv").read_text(encoding="utf-8").startswith("question,text,culture")
