"""Text to behaviour: steering that is planted and none, overlap, dispersion, figures and their control."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import polars as pl
import pytest

from personae.model import Model, Request, ScriptedModel, open_model
from personae.papers.text_to_behavior import TextToBehavior, TextToBehaviorSettings
from personae.papers.text_to_behavior.prompts import FIGURES, QUESTIONS, TARGETS, steering
from personae.persona import BIG_FIVE
from personae.study import Finding, run_study
from support.command_line import personae

NAMES = ("extraversion", "agreeableness", "conscientiousness", "neuroticism", "openness")


def pick(findings: Sequence[Finding], name: str) -> Finding:
    (found,) = [one for one in findings if one.name == name]
    return found


def run(given: Mapping[str, str], subject: Model, judge: Model | None = None) -> tuple[TextToBehavior, pl.DataFrame]:
    study = TextToBehavior(TextToBehaviorSettings.read(given))
    return study, run_study(study, {"subject": subject, "judge": judge or open_model("sim")}).table


def test_steering_that_is_planted_is_found_and_none_is_not() -> None:
    study, table = run({"texts": "8", "figures": "false"}, open_model("sim"))
    steered = study.measure(table)
    study, table = run({"texts": "8", "figures": "false"}, open_model("sim", {"persona_effect": "0"}))
    not_steered = study.measure(table)
    assert pick(steered, "steerability.rated").low > 1
    assert pick(not_steered, "steerability.rated").low < 0.3
    for name in NAMES:
        assert pick(steered, f"dominance.rated.{name}").low > 0.3
        assert pick(steered, f"recognised.rated.{name}").estimate > 0.5
        assert pick(steered, f"shift.rated.{name}").low > 0
        assert pick(steered, f"matrix.rated.{name}.{name}").estimate > 1
        assert pick(steered, f"dispersion.rated.{name}").estimate < 1
    assert sum(pick(not_steered, f"shift.rated.{name}").low > 0 for name in NAMES) <= 1


def rated(request: Request) -> str:
    """Rates texts that name what they are; the warm ones high in two traits alike."""
    text = request.messages[-1].content
    shared = "warm" in text
    scores = dict.fromkeys(NAMES, 2)
    scores["extraversion"] = scores["agreeableness"] = 8 if shared else 2
    for name in ("conscientiousness", "neuroticism", "openness"):
        if f"I am {name}" in text:
            scores[name] = 8
    return json.dumps(scores)


def writes(request: Request) -> str:
    system = request.messages[0].content if request.messages[0].role == "system" else ""
    target = next((trait for trait in BIG_FIVE if system == steering(trait)), "")
    if target.endswith(("extraversion", "agreeableness")):
        return "It was a warm week among friends, and I went home late on every single day of it."
    return f"I am {target.rpartition('.')[2]} and that is all that there is to say about this long week of mine."


def test_two_targets_that_overlap_are_the_closest_pair() -> None:
    study, table = run({"texts": "3", "figures": "false"}, ScriptedModel(writes), ScriptedModel(rated))
    findings = study.measure(table)
    pair = pick(findings, "separation.rated.extraversion.agreeableness")
    assert pair.estimate == pytest.approx(0)
    assert pair.note.startswith("overlap")
    assert "extraversion and agreeableness" in pick(findings, "closest.rated").note
    assert not pick(findings, "separation.rated.neuroticism.openness").note
    assert pick(findings, "recognised.rated.openness").estimate == 1.0


def test_figures_are_held_against_the_others_without_naming_who_was_played() -> None:
    """The writer says whom it plays; a judge that knows rates it high against that figure alone."""

    def plays(request: Request) -> str:
        return f"{request.messages[0].content} I have thought about this for a long time and will say what I think."

    def knows(request: Request) -> str:
        text = request.messages[-1].content
        held = next(one.name for one in FIGURES if text.startswith(one.name))
        return json.dumps(dict.fromkeys(("philosophy", "style"), 5 if f"You are {held}." in text else 2))

    judge = ScriptedModel(lambda r: knows(r) if "philosophy" in str(r.schema) else rated(r))
    study, table = run({"texts": "2"}, ScriptedModel(plays), judge)
    findings = study.measure(table)
    assert pick(findings, "figure.philosophy.hume").estimate == 5
    assert pick(findings, "figure_beyond_others.style").estimate == 3
    study, table = run({"texts": "2"}, open_model("sim"))
    assert pick(study.measure(table), "figure_beyond_others.philosophy").estimate == pytest.approx(0)


def test_version_and_date_are_kept_and_refusals_are_no_texts() -> None:
    study, table = run({"texts": "2", "figures": "false"}, open_model("sim"))
    assert set(table["version"]) == {"sim"}
    assert all(len(date) == 10 for date in table["date"])
    assert "versions and dates" in pick(study.measure(table), "written").note
    study, table = run({"texts": "2"}, ScriptedModel(lambda _: "I'm sorry, but I can't write that."))
    assert set(table["status"]) == {"refused"}
    assert pick(study.measure(table), "written").estimate == 0


def test_the_design_has_five_targets_a_control_and_every_figure() -> None:
    import numpy as np

    study = TextToBehavior(TextToBehaviorSettings.read({"texts": "4"}))
    assert len(study.design(np.random.default_rng(0))) == 4 * len(TARGETS) + len(FIGURES) * len(QUESTIONS)
    assert steering("none") == ""


def test_the_command_runs_and_reports(tmp_path: Path) -> None:
    ran = personae(
        "paper", "run", "text_to_behavior", "--model", "sim", "-P", "texts=3", "--folder", str(tmp_path / "run")
    )
    assert ran.code == 0, ran.err
    page = (tmp_path / "run" / "report.html").read_text(encoding="utf-8")
    assert "SIMULATED" in page
    assert "Historical figures" in page
