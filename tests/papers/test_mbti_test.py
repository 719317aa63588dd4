"""The MBTI test: forced choices, the tie rule, prompts, replay."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from personae.errors import InputError
from personae.instrument import load_instrument
from personae.model import Request, ScriptedModel
from personae.papers.mbti_test import PAPER, MbtiSettings, MbtiTest, as_forced_choice, read_questions, read_replay
from personae.papers.mbti_test.findings import type_of
from personae.study import Finding, compare, run_study
from support.command_line import personae

PUBLISHED = {
    "chatgpt": ((12, 9, 6, 21, 15, 8, 12, 10), "ENTJ"),
    "chatgpt-prompted": ((1, 20, 9, 16, 7, 18, 5, 17), "INFP"),
    "gpt4*（去掉拒答部分）": ((5, 10, 9, 16, 15, 7, 14, 4), "INTJ"),
    "baichuan": ((15, 6, 13, 14, 10, 13, 9, 13), "ENFP"),
    "baichuan13b": ((9, 12, 12, 15, 11, 12, 11, 11), "INFP"),
    "bloom7b": ((8, 13, 14, 12, 13, 11, 12, 10), "ISTJ"),
    "openllama7b_v2": ((10, 11, 10, 16, 9, 15, 14, 8), "INFJ"),
}
"""Counts and types as the authors published them."""


def pick(findings: Sequence[Finding], name: str) -> Finding:
    (one,) = [one for one in findings if one.name == name]
    return one


def counts(values: Sequence[int]) -> dict[str, int]:
    return dict(zip("EISNTFJP", values, strict=True))


def test_pairs_of_the_open_scales_are_choices_between_their_ends() -> None:
    form = as_forced_choice(load_instrument("oejts"))
    assert form.key == "oejts-forced"
    first, fifteenth = form.options_of("3"), form.options_of("15")
    assert [(one.label, one.keyed) for one in first] == [("bored by time alone", "e"), ("needs time alone", "i")]
    assert [(one.label, one.keyed) for one in fifteenth] == [
        ("gets worn out by parties", "i"),
        ("gets fired up by parties", "e"),
    ]
    assert {scale.key: len(scale.items) for scale in form.scales} == dict.fromkeys("eisntfjp", 8)
    with pytest.raises(InputError, match="is no forced choice"):
        read_questions("bfi-44")


@pytest.mark.parametrize("model", PUBLISHED)
def test_every_published_type_follows_from_its_counts(model: str) -> None:
    values, kind = PUBLISHED[model]
    assert type_of(counts(values)) == kind


def test_a_tie_gives_i_n_f_p() -> None:
    assert type_of(counts([1] * 8)) == "INFP"


def keyed(letters: str) -> ScriptedModel:
    """Answers each question by the letters that it wants."""
    form = read_questions("oejts")
    by_label = {one.label: one.keyed.upper() for item in form.items for one in form.options_of(item)}

    def answer(request: Request) -> str:
        lines = request.messages[-1].content.splitlines()
        wanted = letters if request.messages[0].role != "system" else "INFP"
        for mark in ("A", "B"):
            label = next(line.partition(" = ")[2] for line in lines if line.startswith(f"{mark} = "))
            if by_label[label] in wanted:
                return mark
        raise AssertionError(lines)

    return ScriptedModel(answer)


def test_planted_preferences_are_counted_and_the_explicit_prompt_moves_them() -> None:
    study = MbtiTest(MbtiSettings.read({"repeats": "2", "target": "infp"}))
    subject = keyed("ESTJ")
    findings = study.measure(run_study(study, {"subject": subject}).table)
    assert pick(findings, "count.E.base").estimate == 8
    assert pick(findings, "count.I.base").estimate == 0
    assert pick(findings, "count.E.base").note == "ESTJ"
    assert pick(findings, "share.EI.base").estimate == 1
    assert pick(findings, "told.base").estimate == 4
    assert pick(findings, "target.base").estimate == 0
    assert pick(findings, "moved.explicit").estimate == 1
    assert pick(findings, "moved.implicit").estimate == 0  # it does not look at examples
    openings = {tuple(message.role for message in request.messages) for request in subject.requests}
    assert openings == {
        ("user", "assistant") * 3 + ("user",),
        ("system", *("user", "assistant") * 3, "user"),
        ("user", "assistant") * 4 + ("user",),
    }
    implicit = next(request for request in subject.requests if len(request.messages) == 9)
    assert [message.content for message in implicit.messages[1:8:2]] == ["B", "B", "B", "B"]  # I, N, F, P


def test_refusals_are_missing() -> None:
    study = MbtiTest(MbtiSettings.read({"repeats": "1"}))
    table = run_study(study, {"subject": ScriptedModel(lambda _: "I'm sorry, but I can't answer that.")}).table
    findings = study.measure(table)
    one = pick(findings, "count.E.base")
    assert (one.estimate, one.n, one.missing) == (0, 0, 32)
    assert np.isnan(pick(findings, "share.EI.base").estimate)


@pytest.mark.parametrize("answering", ["letter", "logits"])
def test_the_simulated_respondent_answers_either_way(answering: str) -> None:
    from personae.model import open_model

    study = MbtiTest(MbtiSettings.read({"repeats": "1", "answering": answering}))
    findings = study.measure(run_study(study, {"subject": open_model("sim")}).table)
    assert sum(pick(findings, f"count.{letter}.base").n for letter in "EISNTFJP") == 32


def test_the_users_questions_are_asked(tmp_path: Path) -> None:
    path = tmp_path / "questions.json"
    pairs = {str(n): {"question": "Which?\nA.plans\nB.chances", "A": "J", "B": "P"} for n in (1, 2, 3)}
    path.write_text(json.dumps(pairs), encoding="utf-8")
    study = MbtiTest(MbtiSettings.read({"repeats": "1", "questions": str(path)}))
    findings = study.measure(run_study(study, {"subject": ScriptedModel(lambda _: "A")}).table)
    assert pick(findings, "count.J.base").estimate == 3


def test_a_target_that_is_no_type_is_refused() -> None:
    with pytest.raises(InputError, match="'INFX' is no type"):
        MbtiSettings.read({"target": "INFX"})


def test_published_counts_are_replayed_in_whatever_depth(tmp_path: Path) -> None:
    data = {model: {"details": counts(values), "res": kind} for model, (values, kind) in PUBLISHED.items()}
    (tmp_path / "llms_mbti.json").write_text(json.dumps(data), encoding="utf-8")
    tables = {"table6": {"rows": [{"model": "bloom-exam", **counts((9, 12, 13, 13, 12, 11, 12, 10)), "type": "INTJ"}]}}
    (tmp_path / "paper_tables.json").write_text(json.dumps(tables), encoding="utf-8")
    found = read_replay(tmp_path, {})
    assert found.table.height == 8
    findings = found.study.measure(found.table)
    agree = pick(findings, "agree.types")
    assert (agree.estimate, agree.n) == (1, 8)
    assert agree.note == "2 of 8 types rest on a tie"
    own = [one for one in compare(findings, PAPER.claims) if one.claim.subject == one.finding.subject]
    assert len(own) == len(PAPER.claims) == 57
    assert all(one.finding.estimate == one.claim.value for one in own)


def test_a_folder_without_counts_says_what_is_wanted(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{"E": 1}', encoding="utf-8")
    with pytest.raises(InputError, match="holds no counts of letters"):
        read_replay(tmp_path, {})


def test_the_command_runs_and_reports(tmp_path: Path) -> None:
    words = ["paper", "run", "mbti_test", "--model", "sim", "-P", "repeats=1", "--folder", str(tmp_path / "run")]
    ran = personae(*words)
    assert ran.code == 0, ran.err
    assert "SIMULATED" in (tmp_path / "run" / "report.html").read_text(encoding="utf-8")
