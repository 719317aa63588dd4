"""Equivalent prompts and turned options: planted effects, refusals, and the published answers of another study."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest

from personae.instrument import load_instrument, scale_of_trait
from personae.model import Request, ScriptedModel, open_model
from personae.papers.self_assessment_unreliable import PAPER, SelfAssessment, SelfAssessmentSettings, read_replay
from personae.papers.self_assessment_unreliable.findings import compared
from personae.papers.self_assessment_unreliable.prompts import MARKS
from personae.study import Finding, run_study
from support.command_line import personae

TRAITS = ("openness", "conscientiousness", "extraversion", "agreeableness", "neuroticism")
SHORT = {"instrument": "mini-ipip-20"}


def pick(findings: Sequence[Finding], name: str, convention: str = "corrected") -> Finding:
    (found,) = [one for one in findings if one.name == name and one.conventions[0] == convention]
    return found


def run(given: Mapping[str, str], **sim: str) -> list[Finding]:
    study = SelfAssessment(SelfAssessmentSettings.read({**SHORT, **given}))
    return study.measure(run_study(study, {"subject": open_model("sim", sim)}).table)


def scripted(answer: Callable[[Request], str], given: Mapping[str, str] | None = None) -> list[Finding]:
    study = SelfAssessment(SelfAssessmentSettings.read({**SHORT, "repeats": "1", **(given or {})}))
    return study.measure(run_study(study, {"subject": ScriptedModel(answer)}).table)


def options(request: Request) -> dict[str, str]:
    return dict(re.findall(r"^([A-E1-5]) = (.+)$", request.messages[-1].content, re.MULTILINE))


def by_words(request: Request, words: str) -> str:
    return next(mark for mark, label in options(request).items() if label == words)


def test_the_published_size_is_sixty_items_a_trait_in_six_conditions() -> None:
    study = SelfAssessment(SelfAssessmentSettings.read({**PAPER.full, "repeats": "1"}))
    assert {len(scale.items) for scale in study.instrument.broad_scales()} == {60}
    assert len(study.design(np.random.default_rng(0))) == 3 * 2


def test_every_item_is_asked_alone_with_its_marks_bound_anew() -> None:
    model = ScriptedModel(lambda request: next(iter(options(request))))
    study = SelfAssessment(SelfAssessmentSettings.read({**SHORT, "repeats": "1"}))
    run_study(study, {"subject": model})
    assert len(model.requests) == 20 * 6
    firsts = {next(iter(options(request).items())) for request in model.requests}
    assert firsts == {(mark, label) for mark in ("A", "1") for label in ("Very Inaccurate", "Very Accurate")}
    assert set(MARKS.values()) == {"letters", "ranks"}


def test_whoever_reads_the_words_is_the_same_under_every_prompt_and_order() -> None:
    findings = scripted(lambda request: by_words(request, "Moderately Accurate"))
    for name in ("template.describe_people", "order.describe", "order.score"):
        for trait in TRAITS:
            assert pick(findings, f"{name}.{trait}").estimate == 0
    assert pick(findings, "changed.order.people").estimate == 0
    instrument = load_instrument("mini-ipip-20")
    for trait in TRAITS:
        scale = scale_of_trait(instrument, f"big_five.{trait}")
        keyed = [4 if sign > 0 else 2 for sign in instrument.keying(scale).values()]
        expected = np.mean(keyed)
        for order in ("ascending", "descending"):
            found = pick(findings, f"mean.score.{order}.{trait}", "as_published").estimate
            assert found == pytest.approx(expected)  # turned options are scored by their words


def test_whoever_takes_the_first_option_is_found_out() -> None:
    findings = scripted(lambda request: next(iter(options(request))))
    assert pick(findings, "changed.order.describe").estimate == 1
    effects = [pick(findings, f"order.describe.{trait}").estimate for trait in TRAITS]
    assert all(abs(effect) <= 4 for effect in effects)
    assert pick(findings, "template.describe_score.openness").estimate == 0  # the prompts agree with each other


def test_a_preference_for_the_first_option_is_recovered_from_sim() -> None:
    given = {"temperature": "1", "instrument": "ipip-bffm-50"}
    plain, biased = run(given), run(given, order_bias="6")
    for name in ("changed.order.describe", "changed.order.score"):
        assert pick(biased, name).estimate > pick(plain, name).estimate
    assert not any(
        one.is_significant(0.01) for one in plain if one.conventions[0] == "corrected" and one.name.startswith("order.")
    )
    assert pick(plain, "floor.describe").n == 50


def test_pairing_finds_a_shift_that_unpaired_items_hide() -> None:
    """Items differ more than prompts do: each is its own control."""
    rng = np.random.default_rng(0)
    items = rng.uniform(1.5, 4.5, 60)
    moved = items + 0.2 + rng.normal(0, 0.1, 60)
    found = list(compared("template.a_b", "m", {"big_five.openness": moved}, {"big_five.openness": items}))
    unpaired, paired = (pick(found, "template.a_b.openness", kind) for kind in ("as_published", "corrected"))
    assert unpaired.p_value is not None
    assert paired.p_value is not None
    assert unpaired.p_value > 0.05
    assert paired.p_value < 1e-6
    assert paired.estimate == pytest.approx(0.2, abs=0.05)


def test_refusals_are_missing_and_never_the_middle() -> None:
    def answer(request: Request) -> str:
        return "I'm sorry, but I can't rate myself." if "Your score" in request.messages[-1].content else "A"

    findings = scripted(answer)
    assert pick(findings, "refused.score.ascending").estimate == 1
    assert pick(findings, "read.score.ascending").estimate == 0
    mean = pick(findings, "mean.score.ascending.openness", "as_published")
    assert np.isnan(mean.estimate)
    assert mean.missing == 4
    assert pick(findings, "changed.describe_score").n == 0


@pytest.mark.parametrize("answering", ["first_token", "continuation"])
def test_the_most_probable_option_may_be_the_answer(answering: str) -> None:
    findings = run({"answering": answering, "repeats": "1"})
    assert pick(findings, "read.describe.ascending").estimate > 0.9


@pytest.mark.replay
def test_the_published_answers_of_another_study_stand_in(replay: Callable[[str], Path]) -> None:
    found = read_replay(replay("061"), {})
    assert "stand-in" in found.warnings[0]
    findings = found.study.measure(found.table)
    effect = pick(findings, "order.all.neuroticism")
    assert round(effect.estimate, 2) == -0.11
    assert effect.n == 1250
    assert effect.is_significant(0.001)
    assert pick(findings, "template.t1_t2.openness").n == 500
    # Distributions that differ in shape need not differ in mean.
    assert abs(pick(findings, "order.all.openness").estimate) < 0.01


def test_the_command_runs_and_reports(tmp_path: Path) -> None:
    arguments = ["--model", "sim", "-P", "instrument=mini-ipip-20", "--folder", str(tmp_path / "r")]
    ran = personae("paper", "run", "self_assessment_unreliable", *arguments)
    assert ran.code == 0, ran.err
    page = (tmp_path / "r" / "report.html").read_text(encoding="utf-8")
    assert "SIMULATED" in page
    assert "Options turned" in page
