"""The questionnaire in the client's place: roles, validity against planted truth, and rows for training."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import polars as pl
import pytest

from personae.errors import InputError
from personae.instrument import load_instrument
from personae.model import ScriptedModel, open_model
from personae.papers.counselling_big_five import PAPER, Counselling, CounsellingSettings, write_training
from personae.papers.counselling_big_five.sessions import read_sessions
from personae.papers.counselling_big_five.training import part_of
from personae.study import Finding, run_study
from support.command_line import personae
from support.findings import pick

SHORT = {"instrument": "bfi-10", "direct": "false"}


def study_of(given: Mapping[str, str]) -> Counselling:
    return Counselling(CounsellingSettings.read(given))


def file_of(tmp_path: Path) -> Path:
    rows = []
    for number in range(4):
        turns = [("counsellor", "Hello: how are you?"), ("client", "I am client {x}."), ("client", "More: a lot.")]
        dialogue = [{"speaker": speaker, "text": text} for speaker, text in turns]
        answers = {str(item): 1 + (number + item) % 5 for item in range(1, 11)}
        rows.append({"client": f"c{number}", "session": "1", "dialogue": dialogue, "answers": answers})
    path = tmp_path / "sessions.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    return path


def test_roles_are_reversed_and_every_item_is_a_call_of_its_own(tmp_path: Path) -> None:
    model = ScriptedModel(lambda _: "4, because of what I said.")
    study = study_of({**SHORT, "data": str(file_of(tmp_path)), "roles": "client"})
    run_study(study, {"subject": model}, workers=1)
    assert len(model.requests) == 4 * 10
    messages = model.requests[0].messages
    assert [one.role for one in messages] == ["system", "user", "assistant", "user"]
    assert messages[1].content == "Hello: how are you?"
    assert messages[2].content == "I am client {x}.\nMore: a lot."  # neighbours merged, nothing cut at a colon
    assert "the reason for it" in messages[3].content
    assert model.requests[0].sampling.max_tokens == 256


def test_an_observer_reads_the_transcript_and_nobody_reads_nothing(tmp_path: Path) -> None:
    for role, is_read in (("observer", True), ("counsellor", True), ("none", False)):
        model = ScriptedModel(lambda _: "4")
        study = study_of({**SHORT, "data": str(file_of(tmp_path)), "roles": role})
        run_study(study, {"subject": model}, workers=1)
        said = " ".join(one.content for one in model.requests[0].messages)
        assert ("I am client {x}." in said) == is_read
        assert ("The client is reserved" in said) == is_read


def test_a_model_without_a_system_role_gets_none(tmp_path: Path) -> None:
    model = ScriptedModel(lambda _: "4")
    given = {**SHORT, "data": str(file_of(tmp_path)), "roles": "client", "has_system_role": "false"}
    run_study(study_of(given), {"subject": model}, workers=1)
    assert {one.role for request in model.requests for one in request.messages} == {"user", "assistant"}


def test_the_first_digit_of_a_reply_need_not_be_its_answer(tmp_path: Path) -> None:
    model = ScriptedModel(lambda _: "My 2 children would say: Agree strongly")
    study = study_of({**SHORT, "data": str(file_of(tmp_path)), "roles": "client"})
    table = run_study(study, {"subject": model}).table
    assert set(table["answers"].to_list()[0]) == {5}
    assert set(table["first_digits"].to_list()[0]) == {2}
    assert pick(study.measure(table), "first_digit_errs.client").estimate == 1


def run(given: Mapping[str, str]) -> list[Finding]:
    study = study_of(given)
    return study.measure(run_study(study, {"subject": open_model("sim")}).table)


def test_planted_clients_are_predicted_by_who_heard_them_and_by_nobody_else() -> None:
    findings = run({"clients": "16", "roles": "client,observer,none"})
    assert pick(findings, "mean_r.questionnaire.client").estimate > 0.5
    assert pick(findings, "mean_r.questionnaire.observer").estimate > 0.5
    assert pick(findings, "mean_r.direct.client").estimate > 0.5
    heard_nothing = [pick(findings, f"r.questionnaire.none.{trait}").estimate for trait in ("openness", "extraversion")]
    assert not any(value > 0.7 for value in heard_nothing)
    assert pick(findings, "r.questionnaire.client.extraversion").n == 16
    assert pick(findings, "mae.questionnaire.client.extraversion").estimate < 1.2
    assert pick(findings, "read.client").estimate == 1


def test_sessions_of_a_client_are_averaged_and_single_sessions_reported() -> None:
    findings = run({**SHORT, "clients": "6", "sessions": "2", "roles": "client"})
    assert pick(findings, "r.questionnaire.client.openness").n == 6
    assert pick(findings, "r_session.questionnaire.client.openness", "as_published").n == 12


def test_published_ratios_are_consistent() -> None:
    trained, plain, large = (claim.value for claim in PAPER.claims)
    assert round(100 * (trained / plain - 1), 2) == 130.95
    assert round(100 * (trained / large - 1), 2) == 36.94


def test_the_published_form_needs_its_texts() -> None:
    with pytest.raises(InputError, match="may not be shipped"):
        _ = study_of({"instrument": "bfi-2"}).instrument


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{", "no session"),
        ('{"client": "a"}', "KeyError"),
        ('{"client": "a", "dialogue": [], "answers": {"99": 1}}', "item '99'"),
        ("", "no sessions"),
    ],
)
def test_files_that_cannot_be_used_are_refused(tmp_path: Path, line: str, said: str) -> None:
    (tmp_path / "s.jsonl").write_text(line, encoding="utf-8")
    with pytest.raises(InputError, match=said):
        read_sessions(tmp_path / "s.jsonl", load_instrument("bfi-10"))


def test_rows_for_training_are_split_by_client_and_prefer_the_clients_own_answer(tmp_path: Path) -> None:
    study = study_of({**SHORT, "clients": "30", "roles": "client"})
    table: pl.DataFrame = run_study(study, {"subject": ScriptedModel(lambda _: "3, I guess.")}).table
    counts = write_training(study, table, tmp_path)
    assert counts["sft-train.jsonl"] + counts["sft-test.jsonl"] == 30 * 10
    assert {part_of(one.client) for one in study.sessions} == {"train", "test"}
    (first, *_) = (tmp_path / "sft-train.jsonl").read_text(encoding="utf-8").splitlines()
    assert json.loads(first)["messages"][-1]["role"] == "assistant"
    rows = [json.loads(line) for line in (tmp_path / "dpo-train.jsonl").read_text(encoding="utf-8").splitlines()]
    assert rows
    for row in rows:
        assert row["rejected"] == [{"role": "assistant", "content": "3, I guess."}]
        assert not row["chosen"][0]["content"].startswith("3")
        assert row["prompt"][-1]["role"] == "user"


def test_the_command_runs_and_reports(tmp_path: Path) -> None:
    arguments = ["-P", "instrument=bfi-10", "-P", "clients=5", "--folder", str(tmp_path / "r")]
    ran = personae("paper", "run", "counselling_big_five", "--model", "sim", *arguments)
    assert ran.code == 0, ran.err
    page = (tmp_path / "r" / "report.html").read_text(encoding="utf-8")
    assert "SIMULATED" in page
    assert "Validity of each trait" in page


def test_a_table_of_turns_says_what_lines_of_json_say(tmp_path: Path) -> None:
    lines = read_sessions(file_of(tmp_path), load_instrument("bfi-10"))
    items = [str(item) for item in range(1, 11)]
    rows = [",".join(["client", "session", "speaker", "text", *items])]
    for one in lines:
        for place, turn in enumerate(one.dialogue):
            own = [str(one.answers[item]) if place == 0 else "" for item in items]
            rows.append(",".join([one.client, one.session, turn.speaker, turn.text, *own]))
    (tmp_path / "sessions.csv").write_text("\n".join(rows), encoding="utf-8")
    assert read_sessions(tmp_path / "sessions.csv", load_instrument("bfi-10")) == lines


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("client,session,speaker,text\na,1,,hello\n", "no speaker"),
        ("client,speaker,text,77\na,client,hello,3\n", "'77'"),
        ("client,speaker,text,1\na,client,hello,often\n", "'often'"),
        ("client,speaker,text,1\na,client,hello,3\na,client,more,4\n", "twice"),
    ],
)
def test_tables_that_cannot_be_used_are_refused(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "s.csv").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=said):
        read_sessions(tmp_path / "s.csv", load_instrument("bfi-10"))


def test_the_command_writes_rows_for_training_into_its_folder_if_asked(tmp_path: Path) -> None:
    given = ["-P", "instrument=bfi-10", "-P", "clients=4", "-P", "roles=client", "-P", "direct=false"]
    arguments = ["paper", "run", "counselling_big_five", "--model", "sim", *given, "--folder", str(tmp_path / "r")]
    assert personae(*arguments).code == 0
    assert not (tmp_path / "r" / "training").exists()
    ran = personae(*arguments, "-P", "training=true")  # the same run: nothing is asked again
    assert ran.code == 0, ran.err
    written = {path.name for path in (tmp_path / "r" / "training").iterdir()}
    assert written == {f"{kind}-{part}.jsonl" for kind in ("sft", "dpo") for part in ("train", "test")}
