"""Role-play at scale: the published reports, reports of the same layout made here, and fresh runs on sim."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from personae.errors import InputError
from personae.instrument import load_instrument
from personae.model import Request, ScriptedModel, open_model
from personae.papers.stable_values import PAPER, StableValues, StableValuesSettings, read_replay
from personae.papers.stable_values.people import COUNTRIES, draw_people
from personae.papers.stable_values.profiles import INSTRUMENTS, PARTS, centred, dimensions
from personae.study import Finding, run_study
from support.command_line import personae

MFQ = ("Harm", "Fairness", "Ingroup", "Authority", "Purity")


def pick(findings: Sequence[Finding], name: str, convention: str = "as_published", subject: str = "") -> Finding:
    (found,) = [
        one
        for one in findings
        if one.name == name and one.conventions[0] == convention and (not subject or one.subject == subject)
    ]
    return found


def write_reports(path: Path, counts: Mapping[tuple[int, int], Sequence[Sequence[int]]], *, shift: float = 0.0) -> Path:
    """Write reports of one model: counts of A to F by foundation, for each (seed, people)."""
    columns = ["condition", "instrument", "model", "seed", "personas", "judge", "dimension", "score", *"ABCDEF"]
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        for (seed, people), table in counts.items():
            scores = centred(np.array(table, dtype=float), 0) + shift
            for name, score, row in zip(MFQ, scores, table, strict=True):
                writer.writerow(["persona", "mfq-30", "m", seed, people, "m", name, round(score, 4), *row])
    return path


# The published reports.


@pytest.mark.replay
def test_every_published_score_is_rebuilt_from_its_counts(replay: Callable[[str], Path]) -> None:
    found = read_replay(replay("103"), {})
    findings = found.study.measure(found.table)
    stored = [one for one in findings if one.name.startswith("stored.")]
    assert len({one.subject for one in stored}) == found.table["model"].n_unique() >= 5
    assert sum(one.n for one in stored) == found.table.height
    assert all(one.estimate <= 5.1e-5 and one.missing == 0 for one in stored)  # four decimals were published


@pytest.mark.replay
def test_the_published_figures_come_out(replay: Callable[[str], Path]) -> None:
    found = read_replay(replay("103"), {})
    findings = found.study.measure(found.table)
    shown = set(found.table["model"]) | {"all models"}
    claims = [claim for claim in PAPER.claims if claim.subject in shown]
    assert len(claims) >= 15
    for claim in claims:
        assert round(pick(findings, claim.name, subject=claim.subject).estimate, 4) == pytest.approx(claim.value), claim


@pytest.mark.replay
def test_harm_and_fairness_lead_and_power_trails_in_every_set(replay: Callable[[str], Path]) -> None:
    found = read_replay(replay("103"), {})
    findings = found.study.measure(found.table)
    for name in ("top_two.mfq-30.harm_fairness", "bottom_two.pvq-rr.power"):
        over_all = pick(findings, name, subject="all models")
        assert (over_all.estimate, over_all.missing) == (1.0, 0)
        assert over_all.n >= 15


# Reports made here.

RISING = [[0, 0, 0, 1, 4, 5], [0, 0, 1, 4, 4, 1], [1, 2, 4, 2, 1, 0], [2, 4, 2, 2, 0, 0], [6, 4, 0, 0, 0, 0]]


def test_sets_that_agree_have_no_variance_and_rank_alike(tmp_path: Path) -> None:
    write_reports(tmp_path / "a.csv", {(seed, 10): RISING for seed in (1, 2, 3)})
    found = read_replay(tmp_path, {})
    findings = found.study.measure(found.table)
    variance = pick(findings, "variance.mfq-30.at_10")
    assert variance.estimate == pytest.approx(0, abs=1e-12)
    assert variance.p_value is None  # no variance is below nought: nothing to test
    assert pick(findings, "rank.mfq-30.at_10").estimate == pytest.approx(1)
    assert pick(findings, "stored.mfq-30").estimate < 5.1e-5
    assert pick(findings, "top_two.mfq-30.harm_fairness").estimate == 1


def test_a_set_in_opposite_order_is_found(tmp_path: Path) -> None:
    write_reports(tmp_path / "a.csv", {(1, 10): RISING, (2, 10): RISING, (3, 10): RISING[::-1]})
    found = read_replay(tmp_path, {})
    findings = found.study.measure(found.table)
    assert pick(findings, "rank.mfq-30.at_10").estimate == pytest.approx(-1)  # the worst pair
    assert pick(findings, "rank.mfq-30.at_10", "corrected").estimate == pytest.approx(-1 / 3)  # the mean of three
    assert pick(findings, "top_two.mfq-30.harm_fairness").estimate == pytest.approx(2 / 3)
    biased, unbiased = (pick(findings, "variance.mfq-30.at_10", kind) for kind in ("as_published", "corrected"))
    assert unbiased.estimate == pytest.approx(biased.estimate * 3 / 2)


def test_a_score_that_its_counts_do_not_give_is_found(tmp_path: Path) -> None:
    write_reports(tmp_path / "a.csv", {(1, 10): RISING, (2, 10): RISING}, shift=0.25)
    found = read_replay(tmp_path, {})
    assert pick(found.study.measure(found.table), "stored.mfq-30").estimate == pytest.approx(0.25, abs=1e-3)


def test_answers_that_were_not_counted_are_missing(tmp_path: Path) -> None:
    write_reports(tmp_path / "a.csv", {(1, 10): RISING, (2, 10): RISING})
    found = read_replay(tmp_path, {})
    read = pick(found.study.measure(found.table), "read.mfq-30", "corrected")
    assert read.n == 2 * 10 * 30
    assert read.estimate == pytest.approx(2 * np.sum(RISING) / 600)


def test_a_folder_without_reports_says_what_is_wanted(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="condition, instrument, model"):
        read_replay(tmp_path, {})
    (tmp_path / "other.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(InputError, match="no reports"):
        read_replay(tmp_path, {})


def test_files_and_rows_that_are_something_else_are_left_out_with_a_warning(tmp_path: Path) -> None:
    path = write_reports(tmp_path / "a.csv", {(1, 10): RISING, (2, 10): RISING})
    path.write_text(path.read_text(encoding="utf-8") + "base,bfi,m,,,m,Harm,0,1,0,0,0,0,0\n", encoding="utf-8")
    (tmp_path / "other.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    found = read_replay(tmp_path, {})
    assert found.table.height == 10
    assert any("other.csv" in warning for warning in found.warnings)
    assert any("1 rows" in warning for warning in found.warnings)


# The design.


def test_the_published_size_is_three_sets_of_two_hundred() -> None:
    study = StableValues(StableValuesSettings.read(PAPER.full))
    cells = study.design(np.random.default_rng(0))
    assert Counter(cell.factors["set"] for cell in cells) == {0: 5, 111: 200, 333: 200, 555: 200}
    assert sum(len(load_instrument(part).item_ids) for part in PARTS) == 57 + 30


def test_smaller_sets_are_the_beginnings_of_larger_ones() -> None:
    few, many = (draw_people(count, np.random.default_rng(111)) for count in (5, 50))
    assert few == many[:5]
    assert len({one.description for one in many}) == 50


def test_facts_are_drawn_evenly_and_independently() -> None:
    people = [one.demographics for one in draw_people(4000, np.random.default_rng(1))]
    sexes = Counter(one.gender for one in people)
    assert abs(sexes["man"] / 4000 - 0.5) < 0.03
    assert {one.nationality for one in people} == set(COUNTRIES)
    ages = [one.age for one in people if one.age is not None]
    assert (min(ages), max(ages)) == (20, 80)
    assert abs(np.mean(ages) - 50) < 1
    men = [one.age for one in people if one.gender == "man" and one.age is not None]
    assert abs(np.mean(men) - 50) < 1.5


def test_each_dimension_has_the_published_number_of_items() -> None:
    assert len(dimensions("pvq-rr")) == 19
    assert {len(scale.items) for scale in load_instrument("pvq-rr").scales} == {3}
    assert dimensions("mfq-30") == ("harm", "fairness", "ingroup", "authority", "purity")
    for part in INSTRUMENTS["mfq-30"]:
        assert {len(scale.items) for scale in load_instrument(part).scales} == {3}


# Fresh runs.


def run(given: Mapping[str, str], sim: Mapping[str, str] | None = None) -> tuple[StableValues, pl.DataFrame]:
    study = StableValues(StableValuesSettings.read(given))
    outcome = run_study(study, dict.fromkeys(study.roles, open_model("sim", sim or {})))
    return study, outcome.table


def test_a_run_gives_scores_ranks_and_a_curve() -> None:
    study, table = run({"people": "6", "step": "2", "base_runs": "2"})
    findings = study.measure(table)
    names = {one.name for one in findings}
    assert {f"variance.mfq-30.at_{size}" for size in (2, 4, 6)} <= names
    assert {f"score.pvq-rr.{name}" for name in dimensions("pvq-rr")} <= names
    corrected = pick(findings, "score.mfq-30.harm", "corrected")
    assert corrected.n == 18
    assert pick(findings, "read.pvq-rr", "corrected").n == 57 * (18 + 2)
    assert "alpha.pvq-rr.achievement" in names
    assert "rank.mfq-30.with_and_without_persona" in names


def test_a_shared_leaning_to_agree_does_not_move_centred_scores() -> None:
    study, plain = run({"people": "6", "step": "3", "base_runs": "1", "judge": "none"})
    shifted = plain.with_columns(
        pl.col("answers.pvq-rr").list.eval(pl.element().clip(2, 5) - 1),
    )
    lifted = shifted.with_columns(pl.col("answers.pvq-rr").list.eval(pl.element() + 2))
    low, high = (study.measure(table) for table in (shifted.drop("status"), lifted.drop("status")))
    for name in dimensions("pvq-rr"):
        for convention in ("as_published", "corrected"):
            a, b = (pick(findings, f"score.pvq-rr.{name}", convention) for findings in (low, high))
            assert a.estimate == pytest.approx(b.estimate)


def test_refusals_are_missing_and_never_read_as_an_answer() -> None:
    study, table = run({"people": "4", "step": "2", "base_runs": "1", "judge": "none"}, {"refusal_rate": "0.3"})
    read = pick(study.measure(table), "read.pvq-rr", "corrected")
    assert read.n == 57 * (12 + 1)
    assert read.estimate is not None
    assert abs(read.estimate - 0.7) < 0.08


def test_a_gap_in_the_answers_leaves_the_other_dimensions_alone() -> None:
    study, table = run({"people": "4", "step": "2", "base_runs": "1", "judge": "none"})
    form = load_instrument("mfq-30-relevance")
    harm = {form.item_ids.index(item) for item in form.scale("harm").items}

    def without_harm(answers: list[int | None]) -> list[int | None]:
        return [None if index in harm else value for index, value in enumerate(answers)]

    gap = table.with_columns(
        pl.Series("answers.mfq-30-relevance", list(map(without_harm, table["answers.mfq-30-relevance"].to_list())))
    )
    before, after = study.measure(table), study.measure(gap)
    assert pick(after, "read.mfq-30", "corrected").estimate == pytest.approx(0.9)
    # centred on fewer answers, all others move by the same amount
    moved = {
        round(
            pick(after, f"score.mfq-30.{name}").estimate - pick(before, f"score.mfq-30.{name}").estimate,
            9,
        )
        for name in ("fairness", "ingroup", "authority", "purity")
    }
    assert max(moved) - min(moved) < 0.05


LEVELS = {"harm": "F", "fairness": "E", "ingroup": "C", "authority": "B", "purity": "A"}


def planted(request: Request) -> str:
    """Choose by the foundation that an item belongs to, and B for everything else; in words that no rule reads."""
    text = request.messages[-1].content
    for part in INSTRUMENTS["mfq-30"]:
        form = load_instrument(part)
        for scale in form.scales:
            if any(form.items[item] in text for item in scale.items):
                return LEVELS[scale.key]
    return "B"


def test_planted_priorities_are_found() -> None:
    study = StableValues(StableValuesSettings.read({"people": "4", "step": "2", "judge": "none"}))
    table = run_study(study, {"subject": ScriptedModel(planted)}).table
    findings = study.measure(table)
    expected = {"harm": 5, "fairness": 4, "ingroup": 2, "authority": 1, "purity": 0}
    mean = sum(expected.values()) / 5
    for name, value in expected.items():
        for convention in ("as_published", "corrected"):
            assert pick(findings, f"score.mfq-30.{name}", convention).estimate == pytest.approx(value - mean)
    assert pick(findings, "rank.mfq-30.at_4").estimate == pytest.approx(1)
    assert pick(findings, "top_two.mfq-30.harm_fairness").estimate == 1
    assert pick(findings, "own.mfq-30", "corrected").estimate == pytest.approx(1)
    assert np.isnan(pick(findings, "alpha.mfq-30-judgments.harm", "corrected").estimate)  # nobody differs from anybody


@pytest.mark.parametrize(("judge", "asked"), [("unread", True), ("none", False), ("all", True)])
def test_a_reply_that_no_rule_reads_goes_to_the_judge(judge: str, asked: bool) -> None:
    study = StableValues(
        StableValuesSettings.read({"people": "4", "base_runs": "1", "sets": "2", "step": "2", "judge": judge})
    )
    subject = ScriptedModel(lambda _: "Oh, that is me through and through, more than I can say.")
    reader = ScriptedModel(lambda _: "F")
    models = {"subject": subject, "judge": reader} if judge != "none" else {"subject": subject}
    table = run_study(study, models).table
    assert bool(reader.requests) == asked
    assert pick(study.measure(table), "read.pvq-rr", "corrected").estimate == (1.0 if asked else 0.0)
    if asked:
        assert "through and through" in reader.requests[0].messages[-1].content


def test_a_judge_may_say_that_nothing_was_chosen() -> None:
    study = StableValues(StableValuesSettings.read({"people": "4", "base_runs": "1", "sets": "2", "step": "2"}))
    models = {"subject": ScriptedModel(lambda _: "Well, well."), "judge": ScriptedModel(lambda _: "none")}
    assert pick(study.measure(run_study(study, models).table), "read.mfq-30", "corrected").estimate == 0


def test_women_read_a_form_about_women_and_nobody_in_particular_reads_both() -> None:
    study = StableValues(
        StableValuesSettings.read({"people": "4", "base_runs": "1", "sets": "2", "step": "2", "judge": "none"})
    )
    subject = ScriptedModel(planted)
    run_study(study, {"subject": subject})
    seen = {"woman": 0, "man": 0, "nobody": 0}
    for request in subject.requests:
        text = " ".join(message.content for message in request.messages)
        if "important to hi" not in text and "important to he" not in text:
            continue
        who = "woman" if "You are a woman" in text else "man" if "You are a man" in text else "nobody"
        form = "important to her " if who == "woman" else "important to him " if who == "man" else "to him/her "
        assert form in text
        seen[who] += 1
    assert min(seen.values()) >= 50


def test_the_command_runs_reports_and_replays(tmp_path: Path) -> None:
    small = ["-P", "people=4", "-P", "step=2", "-P", "base_runs=1", "-P", "sets=2"]
    ran = personae("paper", "run", "stable_values", "--model", "sim", *small, "--folder", str(tmp_path / "run"))
    assert ran.code == 0, ran.err
    page = (tmp_path / "run" / "report.html").read_text(encoding="utf-8")
    assert "SIMULATED" in page
    assert "Control: no persona" in page
    write_reports(tmp_path / "a.csv", {(seed, 10): RISING for seed in (1, 2, 3)})
    replayed = personae("paper", "replay", "stable_values", str(tmp_path), "--json")
    assert replayed.code == 0, replayed.err
    assert "variance.mfq-30.at_10" in replayed.out
