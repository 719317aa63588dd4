"""PsychoBench: norms, roles, shuffles, replay of means and of raw answers."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from personae.errors import InputError
from personae.instrument import Norm, load_instrument
from personae.model import Request, ScriptedModel
from personae.papers.psychobench import PAPER, PsychoBench, PsychoBenchSettings, beside_people, read_replay
from personae.study import Finding, compare, run_study
from support.command_line import personae

PEOPLE = Norm(group="people", mean=3.25, sd=0.9, n=6076, source="a table")


def pick(findings: Sequence[Finding], name: str, convention: str = "as_published") -> Finding:
    (one,) = [one for one in findings if one.name == name and one.conventions[0] == convention]
    return one


# Against people.


def test_the_published_test_is_that_of_the_published_procedure() -> None:
    scores = np.array([3.4, 4.1, 2.2, 3.9, 3.0, 4.4])
    found = beside_people(scores, PEOPLE, as_published=True)
    student = stats.ttest_ind_from_stats(scores.mean(), scores.std(ddof=1) + 1e-8, 6, 3.25, 0.9, 6076)
    assert found.p_value == pytest.approx(student.pvalue)
    assert "Student's t after an F test" in found.method
    narrow = np.array([4.0, 4.1, 4.0, 4.1, 4.0, 4.1])
    welch = stats.ttest_ind_from_stats(narrow.mean(), narrow.std(ddof=1) + 1e-8, 6, 3.25, 0.9, 6076, equal_var=False)
    found = beside_people(narrow, PEOPLE, as_published=True)
    assert found.p_value == pytest.approx(welch.pvalue)
    assert "Welch's t after an F test" in found.method
    assert found.note == "higher than people (n=6076)"


def test_the_f_test_is_held_against_half_of_alpha_as_published() -> None:
    scores = 3 + 0.42 * np.linspace(-1.4, 1.4, 10)
    ratio = 0.9**2 / (scores.std(ddof=1) + 1e-8) ** 2
    p = float(2 * stats.f.sf(ratio, 6075, 9))
    assert 0.001 < p < 0.1
    decided = {}
    for factor in (0.9, 1.5, 2.5):  # pooled unless p lies below alpha / 2, so at alpha = 1.5 p still
        found = beside_people(scores, PEOPLE, alpha=min(p * factor, 0.99), as_published=True)
        decided[factor] = "Student" in found.method
    assert decided == {0.9: True, 1.5: True, 2.5: False}


def test_constant_runs_are_tested_by_the_error_of_people_alone() -> None:
    constant = np.full(10, 3.25)
    assert beside_people(constant, PEOPLE).estimate == 0
    found = beside_people(np.full(10, 3.3), PEOPLE)
    assert found.p_value == pytest.approx(2 * stats.t.sf(0.05 / (0.9 / np.sqrt(6076)), 6075), rel=1e-6)
    assert found.low < 0.05 < found.high
    published = beside_people(np.full(10, 3.3), PEOPLE, as_published=True)
    assert published.p_value == pytest.approx(found.p_value, rel=1e-4)


def test_too_few_runs_and_unknown_numbers_give_no_test() -> None:
    assert beside_people(np.array([4.0, np.nan]), PEOPLE).p_value is None
    assert beside_people(np.array([4.0, 4.1]), PEOPLE.model_copy(update={"n": None})).p_value is None


# Fresh runs.


def by_item(request: Request) -> str:
    """Answer 5 to what extraversion asks for and 2 to everything else; a liar answers 1."""
    value = 5 if "psychopath" not in request.messages[0].content else 1
    lines = [line for line in request.messages[-1].content.splitlines() if line.startswith("(")]
    marks = [line.partition(")")[0] for line in lines]
    asked = ["talkative" in line or "sociable" in line for line in lines]
    return "\n".join(f"{mark}) {value if is_asked else 2}" for mark, is_asked in zip(marks, asked, strict=True))


def test_items_are_shuffled_asked_in_sheets_of_forty_and_scored_in_printed_order() -> None:
    given = {"forms": "bfi-44", "roles": "neutral,psychopath", "orders": "2", "repeats": "2"}
    study = PsychoBench(PsychoBenchSettings.read(given))
    subject = ScriptedModel(by_item)
    table = run_study(study, {"subject": subject}).table
    assert table.height == 8
    answers = {tuple(row) for row in table["answers"].to_list()}
    expected = [5 if n in (1, 36) else 2 for n in range(1, 45)]
    assert answers == {tuple(expected), tuple(1 if value == 5 else value for value in expected)}
    sheets = [request.messages[-1].content for request in subject.requests]
    assert sorted({sheet.count("\n(") for sheet in sheets}) == [4, 40]
    shuffles = {sheet for sheet in sheets if sheet.count("\n(") == 40}
    assert len(shuffles) == 2  # printed, and one shuffle that all roles and repeats share
    findings = study.measure(table)
    extraversion = pick(findings, "score.bfi-44.extraversion.neutral")
    assert extraversion.estimate == pytest.approx((5 + 4 + 2 + 2 + 4 + 2 + 4 + 5) / 8)
    assert pick(findings, "role.bfi-44.extraversion.psychopath", "corrected").estimate == pytest.approx(-1)
    assert pick(findings, "read.bfi-44", "corrected").estimate == 1
    tested = pick(findings, "people.bfi-44.extraversion.neutral.people", "corrected")
    assert tested.p_adjusted is not None


def test_a_cipher_moves_letters_and_nothing_else() -> None:
    given = {"forms": "bfi-44", "roles": "cipher", "orders": "1", "repeats": "2"}
    study = PsychoBench(PsychoBenchSettings.read(given))
    subject = ScriptedModel(lambda request: "\n".join(f"({n}) 4" for n in range(1, 45)))
    findings = study.measure(run_study(study, {"subject": subject}).table)
    prompt = subject.requests[0].messages[-1].content
    assert "wdondwlyh" in prompt
    assert "talkative" not in prompt
    assert "Caesar cipher" in subject.requests[0].messages[0].content
    assert pick(findings, "score.bfi-44.extraversion.cipher").estimate == pytest.approx((5 * 4 + 3 * 2) / 8)


def test_forms_without_texts_and_unknown_roles_are_refused() -> None:
    with pytest.raises(InputError, match=r"ecr-r: the texts of its 36 items may not be shipped"):
        PsychoBench(PsychoBenchSettings.read({"forms": "ecr-r"})).design(np.random.default_rng(0))
    with pytest.raises(InputError, match="no role is called 'wizard'"):
        PsychoBenchSettings.read({"roles": "wizard"})


def test_forms_of_the_published_file_are_asked(tmp_path: Path) -> None:
    from instrument.importing.test_psychobench import FORM

    path = tmp_path / "questionnaires.json"
    path.write_text(json.dumps([FORM]), encoding="utf-8")
    given = {"forms": str(path), "roles": "neutral", "orders": "1", "repeats": "2"}
    study = PsychoBench(PsychoBenchSettings.read(given))
    table = run_study(study, {"subject": ScriptedModel(lambda _: "(1) 4\n(2) 0\n(3) 2")}).table
    assert pick(study.measure(table), "score.mood-two.overall.neutral").estimate == 8


# Replay.


def test_published_means_give_the_published_distances(replay: Callable[[str], Path]) -> None:
    found = read_replay(replay("109"), {})
    findings = found.study.measure(found.table)
    beside = compare(findings, PAPER.claims)
    own = [one for one in beside if one.claim.subject == one.finding.subject]
    assert len(own) == len(PAPER.claims) == 31
    for one in own:
        # z with two decimals, means with one: a mean that ends in 5 was rounded either way
        tolerance = 0.0051 if one.claim.name.startswith("z.") else 0.0501
        assert one.finding.estimate == pytest.approx(one.claim.value, abs=tolerance), one.claim
    assert not found.warnings


def test_the_leaderboard_and_refusals_are_read(tmp_path: Path) -> None:
    board = {
        "DTDD": {"Crowd": {"Neuroticism": 4.88}, "M": {"Neuroticism": 6.55, "Psychopathy": 0.0}},
        "EPQ-R": {"M": {"Pschoticism": 0.0, "Lying": 9.6}},
        "16P": {"M": {"Mind": 3}},
    }
    (tmp_path / "data.json").write_text(json.dumps(board), encoding="utf-8")
    found = read_replay(tmp_path, {})
    rows = {(row["form"], row["scale"]): row["mean"] for row in found.table.iter_rows(named=True)}
    assert rows == {
        ("dtdd", "narcissism"): 6.55,
        ("dtdd", "psychopathy"): None,  # no mean of answers from 1 to 9 is 0
        ("epq-r", "psychoticism"): 0.0,  # a sum of noes is
        ("epq-r", "lie"): 9.6,
    }
    missing = pick(found.study.measure(found.table), "score.dtdd.psychopathy.neutral")
    assert (missing.n, missing.missing, missing.note) == (0, 1, "the model did not answer")


def test_raw_answers_are_put_in_order_and_scored(tmp_path: Path) -> None:
    form = load_instrument("icb")
    shuffled = ["8", "1", "2", "3", "4", "5", "6", "7"]
    by_number = {str(n): 6 if n <= 4 else 1 for n in range(1, 9)}
    head = ["Prompt: x", "order-1", "shuffle0-test0", "shuffle0-test1", "Prompt: x", "order-2", "shuffle1-test0"]
    rows = [
        ["q", item, by_number[item], by_number[item], "q", other, "" if other == "3" else by_number[other]]
        for item, other in zip(form.item_ids, shuffled, strict=True)
    ]
    with (tmp_path / "gpt-4-ICB.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([head, *rows])
    found = read_replay(tmp_path, {})
    assert found.table["model"].unique().to_list() == ["gpt-4"]
    assert found.table.height == 3
    score = pick(found.study.measure(found.table), "score.icb.fixed_culture.neutral")
    assert (score.estimate, score.n, score.missing) == (6, 2, 1)


def test_a_folder_of_neither_says_what_is_wanted(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("[", encoding="utf-8")
    (tmp_path / "b.csv").write_text("x\n", encoding="utf-8")
    with pytest.raises(InputError, match="holds neither means nor raw answers"):
        read_replay(tmp_path, {})


def test_the_command_runs_and_reports(tmp_path: Path) -> None:
    words = ["paper", "run", "psychobench", "--model", "sim", "-P", "repeats=2", "--folder", str(tmp_path / "run")]
    ran = personae(*words)
    assert ran.code == 0, ran.err
    page = (tmp_path / "run" / "report.html").read_text(encoding="utf-8")
    assert "SIMULATED" in page
    assert "What a role changes" in page
