"""Texts elicited from models: planted levels, activation, size and fine-tuning; completion prompting; calibration."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import polars as pl
import pytest

from personae.errors import InputError
from personae.instrument.tasks import elicitation_stimuli
from personae.judge import train_scorer
from personae.model import Model, Request, ScriptedModel, open_model
from personae.papers.eliciting_traits import PAPER, ElicitingSettings, ElicitingTraits
from personae.respondent import SimulatedRespondent, simulated_texts
from personae.study import Finding, run_study
from support.command_line import personae

SIM = SimulatedRespondent()
QUICK = {"train": "none", "completions": "4"}


def pick(findings: Sequence[Finding], name: str, way: str = "corrected", subject: str = "") -> Finding:
    (found,) = [
        one for one in findings if one.name == name and one.conventions[0] == way and subject in ("", one.subject)
    ]
    return found


class Persona:
    """Sim under one system message, for every request that has none."""

    def __init__(self, name: str, system: str, *, when: str = "") -> None:
        self.name = name
        self._system = system
        self._when = when

    async def generate(self, request: Request) -> object:
        text = request.messages[-1].content
        system = self._system if self._when in text else ""
        return await SIM.generate(Request.of(text, system=system, sampling=request.sampling))


def run(given: Mapping[str, str], models: Mapping[str, object]) -> list[Finding]:
    study = ElicitingTraits(ElicitingSettings.read(given))
    chosen: dict[str, Model] = {role: models.get(role, open_model("sim")) for role in study.roles}  # type: ignore[misc]
    return study.measure(run_study(study, chosen).table)


def test_a_planted_trait_is_found_by_two_scorers_of_three_at_least() -> None:
    findings = run({"completions": "4"}, {"subject": Persona("calm", "You are extremely calm and extremely outgoing.")})
    assert pick(findings, "level.rated.neuroticism").high < 5
    assert pick(findings, "level.rated.extraversion").low > 5
    assert pick(findings, "level.classifier.neuroticism").high < 0.5
    assert pick(findings, "level.classifier.extraversion").low > 0.5
    assert pick(findings, "level.classifier.extraversion", "as_published").n == 44
    assert pick(findings, "written").estimate == 1.0


def test_activation_that_is_planted_is_found_and_no_activation_is_none() -> None:
    prompt = next(one for one in elicitation_stimuli().prompts if one.trait == "big_five.neuroticism")
    worried = Persona("m", "You are extremely anxious and nervous.", when=prompt.question)
    findings = run({**QUICK, "completions": "6"}, {"subject": worried})
    assert pick(findings, "activation.rated.neuroticism", "as_published").low > 1
    assert pick(findings, "activation_rank.rated.neuroticism").estimate == 1.0
    assert pick(findings, "prompts.rated.neuroticism", "as_published").estimate > 0.3
    other = run(QUICK, {})
    found = pick(other, "activation.rated.neuroticism", "as_published")
    assert found.low < 0 < found.high


def test_fine_tuning_and_size_that_are_planted_are_found() -> None:
    words = ("You are extremely antagonistic.", "You are a bit antagonistic.", "You are extremely agreeable.")
    roles = ("subject", "model_2", "model_3")
    models = {role: Persona(f"m-{role}", text) for role, text in zip(roles, words, strict=True)}
    models["tuned"] = Persona("m-tuned", words[2])
    findings = run({**QUICK, "models": "3", "parameters": "7,13,70", "tuned": "true"}, models)
    assert pick(findings, "parameters.rated.agreeableness").estimate == pytest.approx(1)
    tuned = pick(findings, "tuned.rated.agreeableness")
    assert tuned.low > 1
    assert tuned.n == 11
    assert abs(pick(findings, "tuned.rated.openness").estimate) < tuned.estimate / 3


def test_a_base_model_is_given_the_bare_beginning_and_its_words_belong_to_the_text() -> None:
    model = ScriptedModel(lambda _: " like to plan my work and to finish it well before the day on which it is due.")
    study = ElicitingTraits(ElicitingSettings.read({**QUICK, "form": "completion", "rated": "false"}))
    table = run_study(study, {"subject": model}).table
    asked = {request.messages[-1].content for request in model.requests}
    assert asked == {one.opening for one in study.stimuli.prompts}
    assert all(len(request.messages) == 1 and request.sampling.max_tokens for request in model.requests)
    assert any(text.startswith("Well, I like to plan") for text in table["text"].to_list())


def test_refusals_and_empty_texts_are_no_texts() -> None:
    study = ElicitingTraits(ElicitingSettings.read({**QUICK, "rated": "false"}))
    declines = ScriptedModel(lambda _: "As an AI language model, I do not have personal experiences.")
    table = run_study(study, {"subject": declines}).table
    assert set(table["status"]) == {"refused"}
    assert pick(study.measure(table), "written").estimate == 0.0
    table = run_study(study, {"subject": ScriptedModel(lambda _: " ")}).table
    assert set(table["status"]) == {"empty"}


def test_the_report_of_calibration_says_what_was_trained_on() -> None:
    findings = run({"completions": "2"}, {})
    auc = pick(findings, "calibration.auc.openness")
    assert "texts=SIMULATED" in auc.conventions
    assert auc.low > 0.5
    assert pick(findings, "shift.separation").estimate < 0.65
    far = ScriptedModel(lambda request: f"The ledger of {len(request.messages[0].content)} invoices was audited. " * 6)
    assert pick(run({"completions": "2", "rated": "false"}, {"subject": far}), "shift.separation").estimate > 0.9


def test_a_saved_classifier_and_labelled_texts_of_the_user_are_used(tmp_path: Path) -> None:
    data = simulated_texts(60)
    scorer = train_scorer(data)
    scorer.save(tmp_path / "scorer.json")
    study = PAPER.make_study({"classifier": str(tmp_path / "scorer.json")})
    assert scorer.hash[:12] in study.parameters["classifier"]
    path = tmp_path / "essays.csv"
    pl.DataFrame(
        {"text": data.texts, "cOPN": ["y" if one else "n" for one in data.labels["big_five.openness"]]}
    ).write_csv(path)
    mine = PAPER.make_study({"train": str(path)})
    assert "essays.csv" in mine.parameters["classifier"]
    with pytest.raises(InputError, match="cannot be read"):
        PAPER.make_study({"train": str(tmp_path / "absent.csv")})
    with pytest.raises(InputError, match="numbers such as"):
        PAPER.make_study({"parameters": "seven"})


def test_the_command_runs_and_reports(tmp_path: Path) -> None:
    small = ["-P", "completions=2", "-P", "train=none"]
    ran = personae("paper", "run", "eliciting_traits", "--model", "sim", *small, "--folder", str(tmp_path / "run"))
    assert ran.code == 0, ran.err
    page = (tmp_path / "run" / "report.html").read_text(encoding="utf-8")
    assert "SIMULATED" in page
    assert "Is a trait called up?" in page
