"""Personality traits in language models: published layouts made here, planted correlations, and fresh runs on sim."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from personae.errors import InputError
from personae.instrument import load_instrument
from personae.model import Model, Request, ScriptedModel, open_model
from personae.papers.personality_traits import (
    PAPER,
    PersonalityTraits,
    PersonalityTraitsSettings,
    read_replay,
    read_session,
)
from personae.papers.personality_traits.biographies import biographies
from personae.papers.personality_traits.constructs import CRITERIA, TRAITS, batteries, lacking
from personae.papers.personality_traits.findings import CONCURRENT, SINGLE, VALIDITY
from personae.papers.personality_traits.prompts import INSTRUCTIONS, POSTAMBLES, item_prompt
from personae.study import Finding, compare, run_study
from support.command_line import personae

CODES = ("EXT", "AGR", "CON", "NEU", "OPE")
FLAN = {"EXT": 0.92, "AGR": 0.88, "CON": 0.9, "NEU": 0.89, "OPE": 0.89}
SMALL = {"biographies": "3", "ways": "1", "shaped": "1", "levels": "3", "texts": "3", "inventory": "mini-ipip-20"}


def pick(findings: Sequence[Finding], name: str, convention: str = "as_published", subject: str = "") -> Finding:
    (found,) = [
        one
        for one in findings
        if one.name == name and one.conventions[0] == convention and (not subject or one.subject == subject)
    ]
    return found


# Published figures, in every shape that a table may take.

TABLE = {"Flan-PaLM 540B": FLAN, "PaLM 62B": {"EXT": 0.1, "AGR": 0.02, "CON": 0.05, "NEU": -0.01, "OPE": 0.07}}
SHAPES: dict[str, Any] = {
    "by model": {model: {**row, "Average": 0.9 if model.startswith("Flan") else 0.05} for model, row in TABLE.items()},
    "by trait": {code: {model: row[code] for model, row in TABLE.items()} for code in CODES},
    "rows": [{"model": model, **row, "avg": 0.9} for model, row in TABLE.items()],
    "long rows": [
        {"model": model, "trait": code, "r": value} for model, row in TABLE.items() for code, value in row.items()
    ],
    "split": {
        "columns": [f"IPIP-{code}" for code in CODES],
        "index": list(TABLE),
        "data": [list(row.values()) for row in TABLE.values()],
    },
    "columns": {
        "Model": {str(place): model for place, model in enumerate(TABLE)},
        **{code: {str(place): row[code] for place, row in enumerate(TABLE.values())} for code in CODES},
    },
    "names": {
        model: dict(zip((name.title() for name in TRAITS), row.values(), strict=True)) for model, row in TABLE.items()
    },
}


@pytest.mark.parametrize("shape", SHAPES)
def test_convergent_correlations_are_read_in_any_shape(tmp_path: Path, shape: str) -> None:
    (tmp_path / "convergent_validity.json").write_text(json.dumps(SHAPES[shape]), encoding="utf-8")
    found = read_replay(tmp_path, {})
    findings = found.study.measure(found.table)
    for name, code in zip(TRAITS, CODES, strict=True):
        one = pick(findings, f"convergent.{name}", subject="Flan-PaLM 540B")
        assert one.estimate == FLAN[code]
        assert one.low < FLAN[code] < one.high
        assert one.n == 1250
    assert pick(findings, "convergent.average", subject="Flan-PaLM 540B").estimate == pytest.approx(0.896)
    assert pick(findings, "convergent.average", subject="PaLM 62B").estimate == pytest.approx(0.046)
    own = [one for one in compare(findings, PAPER.claims) if one.is_same_subject]
    assert {round(one.claim.value, 2) for one in own} == {0.9, 0.05}
    assert all(abs(one.difference) < 0.005 for one in own)
    assert not found.warnings
    if shape == "by model":
        assert pick(findings, "stored_convergent.average", subject="PaLM 62B").estimate == 0.05


@pytest.mark.parametrize("is_nested", [True, False])
def test_criterion_correlations_are_read_with_their_signs(tmp_path: Path, is_nested: bool) -> None:
    values = {"PHYS": -0.88, "VRBL": -0.72, "ANGR": -0.86, "HSTL": -0.73}
    agreeableness: Any = {"AGR": values} if is_nested else {f"AGR-{key}": value for key, value in values.items()}
    data = {"Flan-PaLM 540B": {**agreeableness, "NEU": {"NA": 0.91, "PA": -0.6}}}
    (tmp_path / "criterion_validity.json").write_text(json.dumps(data), encoding="utf-8")
    found = read_replay(tmp_path, {})
    findings = found.study.measure(found.table)
    assert pick(findings, "criterion.agreeableness.hostility").estimate == -0.73
    assert pick(findings, "criterion.neuroticism.negative_affect").estimate == 0.91
    assert pick(findings, "criterion.neuroticism.positive_affect").estimate == -0.6
    own = [one for one in compare(findings, PAPER.claims) if one.is_same_subject]
    assert len(own) == 5
    assert all(one.difference == pytest.approx(0) for one in own)


def test_values_that_are_no_correlation_are_left_out_with_a_warning(tmp_path: Path) -> None:
    data = {"m": {**FLAN, "n": 1250, "colour": 0.4}}
    (tmp_path / "convergent_validity.json").write_text(json.dumps(data), encoding="utf-8")
    found = read_replay(tmp_path, {})
    assert any("no correlation" in warning for warning in found.warnings)


def test_a_folder_without_figures_or_scores_says_what_is_wanted(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(InputError, match="no published validity"):
        read_replay(tmp_path, {})


def write_scores(path: Path, *, validity: float = 0.8, people: int = 200) -> Path:
    rng = np.random.default_rng(0)
    traits = rng.normal(size=(people, 5))
    data: dict[str, Any] = {
        "model_id": ["m"] * people,
        "item_preamble_id": [f"d{n // 5}-rg{n % 5}" for n in range(people)],
    }
    for form in ("BFI", "IPIP300"):
        for place, code in enumerate(CODES):
            noise = np.sqrt(1 - validity) * rng.normal(size=people)
            data[f"{form}-{code}"] = np.sqrt(validity) * traits[:, place] + noise
    data["PHYS"] = -0.7 * traits[:, 1] + 0.7 * rng.normal(size=people)
    data["PA"] = 0.7 * traits[:, 0] + 0.7 * rng.normal(size=people)
    pl.DataFrame(data).write_csv(path)
    return path


def test_scores_of_respondents_give_the_whole_matrix(tmp_path: Path) -> None:
    write_scores(tmp_path / "scored.csv")
    found = read_replay(tmp_path, {})
    findings = found.study.measure(found.table)
    assert pick(findings, "convergent.average").estimate == pytest.approx(0.8, abs=0.04)
    assert pick(findings, "discriminant.average").estimate == pytest.approx(0.74, abs=0.06)  # minus mean |r| of noise
    assert pick(findings, "campbell_fiske.across").estimate == 1
    assert pick(findings, "criterion.agreeableness.physical_aggression").high < -0.4
    assert pick(findings, "criterion.extraversion.positive_affect").low > 0.4
    wide, narrow = (pick(findings, "convergent.average", kind) for kind in ("corrected", "as_published"))
    assert (wide.conventions[1], narrow.conventions[1]) == ("unit=biography", "unit=respondent")


# The design.


def test_the_published_size_is_1250_2250_and_1600() -> None:
    study = PersonalityTraits(PersonalityTraitsSettings.read(PAPER.full))
    parts = [cell.factors["part"] for cell in study.design(np.random.default_rng(0))]
    assert (parts.count(VALIDITY), parts.count(SINGLE), parts.count(CONCURRENT)) == (1250, 2250, 1600)


def test_there_are_fifty_lives_and_five_ways_of_each_kind() -> None:
    assert len(set(biographies())) == 50
    assert len(INSTRUCTIONS) == 5
    assert {len(set(ways)) for ways in POSTAMBLES.values()} == {5}
    assert {one.instrument for one in CRITERIA} <= set(POSTAMBLES)


def test_what_may_not_be_shipped_is_named_as_lacking_and_can_be_brought(tmp_path: Path) -> None:
    given = batteries({})
    assert len(given["pvq-rr"].items) == 15  # achievement 3, conformity 6, security 6, as published
    missing = set(lacking(given))
    assert missing <= {"panas", "bpaq", "sscs"}
    form = load_instrument("bfi-10").model_dump(mode="json") | {"key": "panas"}
    own = tmp_path / "panas.toml"
    shelf = Path(__file__).parents[2] / "src" / "personae" / "instrument" / "library" / "bfi-10.toml"
    own.write_text(shelf.read_text(encoding="utf-8").replace('"bfi-10"', '"panas"'), encoding="utf-8")
    study = PersonalityTraits(PersonalityTraitsSettings.read({**SMALL, "own": str(own)}))
    assert "panas" in study.batteries
    assert len(study.batteries["panas"].items) == len(form["items"])
    stranger = tmp_path / "mood.toml"
    stranger.write_text(shelf.read_text(encoding="utf-8").replace('"bfi-10"', '"mood"'), encoding="utf-8")
    with pytest.raises(InputError, match="no battery"):
        _ = PersonalityTraits(PersonalityTraitsSettings.read({"own": str(stranger)})).batteries


def test_a_prompt_is_the_published_frame() -> None:
    bfi = load_instrument("bfi-44")
    text = item_prompt("I owe $5.", 1, "bfi", 0, bfi)
    assert text.startswith(
        'For the following task, respond in a way that matches this description: "I owe $$5.". Considering'
    )
    assert 'the statement, "$items", please indicate the extent' in text
    assert '(where 1 = "disagree strongly",' in text
    assert text.endswith("RATING: ")


def test_a_session_of_the_authors_gives_its_descriptions(tmp_path: Path) -> None:
    frame = 'For the following task, respond in a way that matches this description: "{}". {} the statement, "'
    data = {
        "measures": {"BFI": {"items": {"bf1": "x", "bf2": "y"}}},
        "item_preambles": {
            f"d{n}-{w}": frame.format(f"I have {n} cats. I nap.", word)
            for n in (1, 2)
            for w, word in (("rg6", "Regarding"), ("th2", "Thinking about"))
        },
        "item_postambles": {},
    }
    path = tmp_path / "session.json"
    path.write_text(json.dumps(data), encoding="utf-8")
    session = read_session(path)
    assert session.descriptions == ("I have 1 cats. I nap.", "I have 2 cats. I nap.")
    assert session.instructions == ("Regarding", "Thinking about")
    assert session.measures == {"BFI": 2}
    study = PersonalityTraits(PersonalityTraitsSettings.read({**SMALL, "biographies": "2", "session": str(path)}))
    assert study.descriptions == session.descriptions
    path.write_text('{"item_preambles": {"a": "nothing"}, "measures": {}}', encoding="utf-8")
    with pytest.raises(InputError, match="no preamble"):
        read_session(path)
    path.write_text("[]", encoding="utf-8")
    with pytest.raises(InputError, match="no administration session"):
        read_session(path)


# Fresh runs.


def run(given: Mapping[str, str], models: Mapping[str, Model] | None = None) -> tuple[PersonalityTraits, pl.DataFrame]:
    study = PersonalityTraits(PersonalityTraitsSettings.read({**SMALL, **given}))
    return study, run_study(study, models or dict.fromkeys(study.roles, open_model("sim", {}))).table


def test_shaping_moves_its_own_trait_on_both_inventories_and_in_texts() -> None:
    study, table = run({})
    findings = study.measure(table)
    for name in TRAITS:
        assert pick(findings, f"shape_rho.{name}.ipip").estimate > 0.9
        assert pick(findings, f"shape_reach.{name}.bfi", "corrected").estimate > 2
        assert pick(findings, f"transfer.{name}").estimate > 0.9
        assert pick(findings, f"apart.{name}.ipip", "corrected").estimate > 2
        for other in TRAITS:
            if other != name:
                across = pick(findings, f"crosstalk.{name}.{other}", "corrected")
                assert abs(across.estimate) < 1.2 or across.low < 0 < across.high  # words for one trait touch others
    assert pick(findings, "text.average").estimate > 0.4
    assert len([one for one in findings if one.name.startswith("curve.extraversion.at_")]) == 3
    assert pick(findings, "read.ipip", "corrected").estimate > 0.99


def test_constant_answers_have_no_reliability_and_no_validity() -> None:
    study, table = run({"shaped": "0"}, {"subject": ScriptedModel(lambda _: "3")})
    findings = study.measure(table)
    assert np.isnan(pick(findings, "alpha.bfi.extraversion").estimate)
    assert pick(findings, "alpha.bfi.extraversion").note
    assert np.isnan(pick(findings, "convergent.average").estimate)


def test_every_way_of_asking_is_put() -> None:
    subject = ScriptedModel(lambda _: "4")
    run({"biographies": "1", "ways": "5", "shaped": "0"}, {"subject": subject})
    asked = [request.messages[-1].content for request in subject.requests]
    assert {word for word in INSTRUCTIONS if any(f"{word} the statement" in text for text in asked)} == set(
        INSTRUCTIONS
    )
    assert all(any(way in text for text in asked) for way in POSTAMBLES["ipip"])


def test_answers_can_be_scored_as_continuations() -> None:
    study, table = run({"biographies": "1", "shaped": "0", "answering": "continuation"})
    assert pick(study.measure(table), "read.bfi", "corrected").estimate == 1


@pytest.mark.slow
def test_a_failing_judge_leaves_texts_unread() -> None:
    def judge(_: Request) -> str:
        return "I would rather not."

    study, table = run({"levels": "2"}, {"subject": open_model("sim", {}), "judge": ScriptedModel(judge)})
    assert "ok" not in set(table["text.status"].drop_nulls().to_list())
    assert np.isnan(pick(study.measure(table), "text.extraversion").estimate)


def test_the_command_runs_reports_and_replays(tmp_path: Path) -> None:
    small = [word for name, value in SMALL.items() for word in ("-P", f"{name}={value}")]
    ran = personae("paper", "run", "personality_traits", "--model", "sim", *small, "--folder", str(tmp_path / "run"))
    assert ran.code == 0, ran.err
    page = (tmp_path / "run" / "report.html").read_text(encoding="utf-8")
    assert "SIMULATED" in page
    assert "Shaping one trait at nine levels" in page
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "convergent_validity.json").write_text(json.dumps(SHAPES["by model"]), encoding="utf-8")
    replayed = personae("paper", "replay", "personality_traits", str(tmp_path / "data"), "--json")
    assert replayed.code == 0, replayed.err
    assert "convergent.average" in replayed.out
