"""TRAIT: orders, templates and paraphrases planted and found, the construction, the published flattening."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from personae.errors import InputError
from personae.instrument.tasks import situation_stimuli
from personae.model import Request, ScriptedModel, open_model
from personae.papers.trait import PAPER, Trait, TraitSettings
from personae.papers.trait.construction import Built, Seed, construct, fault_of, validated_items
from personae.papers.trait.findings import averaged, built_items, decision
from personae.papers.trait.prompts import TEMPLATES, persona_prompts
from personae.study import Finding, run_study
from support.command_line import personae

PLAIN = {"personas": "false", "build": "0", "mode": "sampling", "draws": "1"}
HIGH = {text for one in situation_stimuli().situations for text in one.high}
LOW = {text for one in situation_stimuli().situations for text in one.low}


def pick(findings: Sequence[Finding], name: str, way: str = "corrected") -> Finding:
    (found,) = [one for one in findings if one.name == name and one.conventions[0] == way]
    return found


def options(request: Request) -> dict[str, str]:
    """Options by mark, as the prompt shows them."""
    found = {}
    for line in request.messages[-1].content.splitlines():
        mark, _, rest = line.partition(" ")
        text = rest.removeprefix("= ").strip()
        if mark.rstrip(".:") in "ABCD1234" and mark and text in HIGH | LOW:
            found[mark.rstrip(".:")] = text
    return found


def takes(pole: set[str]) -> ScriptedModel:
    return ScriptedModel(lambda request: next(mark for mark, text in options(request).items() if text in pole))


def run(given: Mapping[str, str], model: ScriptedModel | None = None) -> tuple[Trait, pl.DataFrame]:
    study = Trait(TraitSettings.read(given))
    models = dict.fromkeys(study.roles, model or open_model("sim"))
    return study, run_study(study, models).table


def test_who_takes_the_high_pole_has_a_hundred_in_any_order_and_template() -> None:
    study, table = run(PLAIN, takes(HIGH))
    findings = study.measure(table)
    for way in ("as_published", "corrected"):
        assert pick(findings, "score.psychopathy", way).estimate == 100
        assert pick(findings, "score_in_template_3.openness", way).estimate == 100
    for name in ("prompt", "order", "paraphrase"):
        way = "corrected" if name == "prompt" else "as_published"
        assert pick(findings, f"sensitivity.{name}", way).estimate == 0
    study, table = run(PLAIN, takes(LOW))
    assert pick(study.measure(table), "score.openness").estimate == 0


def test_who_takes_the_first_option_is_found_to_depend_on_order() -> None:
    study, table = run(PLAIN, ScriptedModel(lambda request: next(iter(options(request)))))
    findings = study.measure(table)
    assert pick(findings, "sensitivity.order", "as_published").estimate == 1.0
    assert pick(findings, "score.openness").missing == 4  # high and low are equally probable: nothing is decided
    assert pick(findings, "score.openness", "as_published").estimate == 100  # as published, the first of equals wins


def test_who_answers_by_template_is_found_to_depend_on_it() -> None:
    def reply(request: Request) -> str:
        wanted = LOW if "Response:" in request.messages[-1].content else HIGH
        return next(mark for mark, text in options(request).items() if text in wanted)

    study, table = run(PLAIN, ScriptedModel(reply))
    findings = study.measure(table)
    assert pick(findings, "sensitivity.prompt", "as_published").estimate == 1.0
    assert pick(findings, "sensitivity.prompt").estimate == pytest.approx(2 / 3)


def test_who_answers_paraphrases_the_other_way_is_found() -> None:
    texts = [one.paraphrase for one in situation_stimuli().situations]

    def reply(request: Request) -> str:
        wanted = LOW if any(text in request.messages[-1].content for text in texts) else HIGH
        return next(mark for mark, text in options(request).items() if text in wanted)

    study, table = run({**PLAIN, "templates": "1"}, ScriptedModel(reply))
    assert pick(study.measure(table), "sensitivity.paraphrase", "as_published").estimate == 1.0


def test_a_refusal_has_no_decision_and_is_counted() -> None:
    study, table = run({**PLAIN, "templates": "1"}, ScriptedModel(lambda _: "I'm sorry, but I can't choose."))
    findings = study.measure(table)
    assert pick(findings, "refusals").estimate == pick(findings, "refusals", "as_published").estimate == 1.0
    assert pick(findings, "score.openness").missing == 4
    assert set(table["status"]) == {"refused"}


def test_both_orders_are_averaged_by_content() -> None:
    row = {"p.usual": [0.7, 0.1, 0.1, 0.1], "p.swapped": [0.1, 0.7, 0.1, 0.1]}
    assert averaged(row, "corrected") == pytest.approx([0.4, 0.4, 0.1, 0.1])
    assert math.isnan(decision(averaged(row, "corrected")))
    assert averaged({"p.usual": [1, 0, 0, 0], "p.swapped": None}, "corrected") is None


def test_exponentiating_twice_flattens_and_drops_what_is_not_told() -> None:
    row = {"personality": "x"} | {
        f"{kind}.{label}": values
        for kind, values in (
            ("p", [0.9, 0.1, 0.0, 0.0]),
            ("published", [math.exp(0.9) / (math.exp(0.9) + math.exp(0.1)), 0.0, 0.0, 0.0]),
        )
        for label in ("usual", "swapped")
    }
    ours, theirs = averaged(row, "corrected"), averaged(row, "as_published")
    assert ours is not None and theirs is not None
    assert ours[0] == pytest.approx(0.9)
    assert theirs[0] == pytest.approx(0.69, abs=0.001)


def test_the_study_stores_the_published_probabilities_beside_its_own() -> None:
    _, table = run({**PLAIN, "mode": "auto", "templates": "1", "paraphrases": "false"}, None)
    for row in table.iter_rows(named=True):
        flat = [math.exp(p * row["covered.usual"]) for p in row["p.usual"]]
        assert row["published.usual"] == pytest.approx([one / sum(flat) for one in flat])


def test_first_tokens_of_sim_are_used_and_personas_move_their_trait() -> None:
    study, table = run({"build": "0", "templates": "1", "paraphrases": "false"})
    findings = study.measure(table)
    assert pick(findings, "first_tokens").estimate == 1.0
    for name in ("openness", "psychopathy", "narcissism"):
        assert pick(findings, f"steered.{name}").estimate == 100
    assert pick(findings, "probability.openness").estimate == pytest.approx(50, abs=1e-6)


def test_sixteen_personas_and_three_templates_of_two_orders() -> None:
    assert len(list(persona_prompts())) == 16
    assert {len(marks) for marks, _ in TEMPLATES.values()} == {4}
    study = Trait(TraitSettings.read({"build": "0"}))
    assert len(study.design(np.random.default_rng(0))) == 32 * 3 + 32 * 16


# Construction.


def writer(request: Request) -> str:
    schema = request.schema
    assert schema is not None
    names = list(schema.definition["properties"])
    if names == ["descriptions"]:
        return json.dumps({"descriptions": ["She asks strangers about their work.", "She reads in three languages."]})
    if names == ["situation", "question"]:
        return json.dumps({"situation": "You sit beside a stranger on the train.", "question": "What do you do?"})
    return json.dumps({"high1": "I ask where she goes.", "high2": "I look at her book.", "low1": "I read my paper.",
                       "low2": "I look out and sleep."})  # fmt: skip


def evaluator(request: Request) -> str:
    text = request.messages[-1].content
    return "low" if "I read my paper." in text or "I look out and sleep." in text else "high"


async def test_a_construction_keeps_what_passes_and_counts_what_does_not() -> None:
    seed = Seed("bfi-44/10", "big_five.openness", "high", "I am curious.")
    made = await construct(seed, ScriptedModel(writer), ScriptedModel(evaluator), descriptions=3)
    assert len(made.built) == 2
    assert made.rejected["no_description"] == 1
    assert sum(made.rejected.values()) + len(made.built) == made.tried == 3
    wrong = await construct(seed, ScriptedModel(writer), ScriptedModel(lambda _: "high"), descriptions=2)
    assert (len(wrong.built), wrong.rejected["wrong_pole"]) == (0, 2)
    broken = await construct(seed, ScriptedModel(lambda _: "no"), ScriptedModel(evaluator), descriptions=2)
    assert (len(broken.built), broken.rejected["no_description"]) == (0, 2)


@pytest.mark.parametrize(
    ("high", "low", "reason"),
    [
        (("I go.", "I ask him why."), ("I stay here.", "I wait for it."), "too_short"),
        (("I ask him why.", "I ask him why"), ("I stay here.", "I wait for it."), "same_options"),
        (("I show my openness there.", "I ask him why."), ("I stay here.", "I wait for it."), "names_trait"),
        (("I ask him why " * 9, "I ask him"), ("I stay here.", "I wait for it."), "unlike_length"),
        (("I ask him why.", "I go and see."), ("I stay here.", "I wait for it."), ""),
    ],
)
def test_the_filter(high: tuple[str, str], low: tuple[str, str], reason: str) -> None:
    seed = Seed("1", "big_five.openness", "high", "I am curious.")
    assert fault_of(Built(seed, "You are asked along.", "What do you do?", high, low)) == reason


def test_the_validated_items_are_those_of_two_questionnaires() -> None:
    seeds = list(validated_items())
    assert sum(one.key.startswith("bfi-44/") for one in seeds) == 44
    assert len({one.trait for one in seeds}) in (5, 8)
    assert {one.level for one in seeds} == {"high", "low"}


def test_what_was_built_is_a_table_in_the_public_layout() -> None:
    study = Trait(TraitSettings.read({"build": "2", "per_trait": "1", "personas": "false", "templates": "1"}))
    models = {"subject": takes(HIGH), "writer": ScriptedModel(writer), "evaluator": ScriptedModel(evaluator)}
    table = run_study(study, models).table
    items = built_items(table)
    assert items.height == 4
    assert {"situation", "query", "response_high1", "response_low2"} <= set(items.columns)
    assert pick(study.measure(table), "built.kept").estimate == pytest.approx(4 / 6)


def test_items_of_the_user_are_put(tmp_path: Path) -> None:
    path = tmp_path / "TRAIT.json"
    row = {"personality": "Openness", "situation": "S.", "query": "Q?"}
    texts = {
        "response_high1": "one act",
        "response_high2": "two acts",
        "response_low1": "no act",
        "response_low2": "none",
    }
    path.write_text(json.dumps([{**row, **texts}]), encoding="utf-8")
    model = ScriptedModel(lambda _: "A")
    run({**PLAIN, "items": str(path), "templates": "1"}, model)
    assert any("two acts" in request.messages[-1].content for request in model.requests)
    with pytest.raises(InputError):
        PAPER.make_study({"items": str(tmp_path / "absent.json")})


def test_the_command_runs_and_reports(tmp_path: Path) -> None:
    small = ["-P", "per_trait=1", "-P", "build=1"]
    ran = personae("paper", "run", "trait", "--model", "sim", *small, "--folder", str(tmp_path / "run"))
    assert ran.code == 0, ran.err
    page = (tmp_path / "run" / "report.html").read_text(encoding="utf-8")
    assert "SIMULATED" in page
    assert "What a persona elicits" in page
