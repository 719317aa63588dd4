"""Presumed cultural identity: how a name comes in, what the judge sees, whose names are asked."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from personae.errors import InputError
from personae.model import Request, ScriptedModel
from personae.papers.presumed_cultural_identity import PAPER, PresumedIdentity, PresumptionSettings
from personae.papers.presumed_cultural_identity.material import askers_of, cultures_of, hide_name, words_for
from personae.papers.presumed_cultural_identity.paper import make_study
from personae.respondent import SimSettings, SimulatedRespondent
from support.findings import pick
from support.presumption import CONCEPTS, SMALL, asked_by, names_in, run


def test_a_name_comes_in_by_three_channels_and_the_arm_without_has_the_same_words() -> None:
    askers = askers_of(PresumptionSettings.read({**SMALL, "channels": "true"}))
    seen: dict[tuple[str, str], tuple[str, str, str]] = {}
    for one in askers:
        if one.condition in ("none", "name"):
            seen.setdefault((one.condition, one.channel), (*words_for(one, "Q?", "My name is $name. "), one.name))
    assert seen["none", "introduction"][1] == "Q?"
    name = seen["name", "introduction"][2]
    assert seen["name", "introduction"][1] == f"My name is {name}. Q?"
    assert f"name is {name}" in seen["name", "memory"][0] and seen["name", "memory"][1] == "Q?"
    assert f"Name: {name}\n" in seen["name", "cv"][1]
    for channel in ("memory", "cv"):
        with_name, without = (seen[arm, channel][0] + seen[arm, channel][1] for arm in ("name", "none"))
        assert len(with_name.splitlines()) == len(without.splitlines()) + 1
        assert "name" not in without.lower().replace("username", "")


def test_the_judge_sees_knowledge_and_question_but_no_name() -> None:
    judge = ScriptedModel(lambda _: json.dumps({"presumption": 2}))
    findings = run({"masks_name": "true"}, ScriptedModel(lambda request: request.messages[-1].content[:40]), judge)
    prompts = [request.messages[-1].content for request in judge.requests]
    assert not any(name in prompt for name in names_in("chinese") for prompt in prompts)
    assert any("[name]" in prompt for prompt in prompts)
    assert any("mapo tofu" in prompt and "Culture: China, Chinese" in prompt for prompt in prompts)
    assert pick(findings, "rate_name.all").estimate == 1
    assert pick(findings, "explicit_share.all").estimate == 0
    assert pick(findings, "bias.all").estimate == 0


def test_hiding_a_name_leaves_words_that_hold_it() -> None:
    assert hide_name("Ann, Anna and ANN", "Ann") == "[name], Anna and ANN"
    assert hide_name("Gulsen or Gülşen", "Gülşen") == "[name] or [name]"


def test_refusals_and_ratings_that_cannot_be_read_are_missing_and_not_a_no() -> None:
    def subject(request: Request) -> str:
        return "I'm sorry, but I can't help with that." if asked_by(request, "dinner") else f"{CONCEPTS['chinese']}"

    findings = run({}, ScriptedModel(subject), ScriptedModel(lambda _: "no idea"))
    assert pick(findings, "judged").estimate == 0
    assert pick(findings, "replies.refused").estimate == pytest.approx(0.2)
    assert not [one for one in findings if one.name == "bias.all"]
    assert pick(findings, "kb_rate_name.chinese").estimate == 1


def test_without_a_judge_words_alone_decide_and_are_tested() -> None:
    findings = run({"judge": "false"}, SimulatedRespondent(SimSettings(name_presumption=0.8)))
    assert PresumedIdentity(PresumptionSettings.read({"judge": "false"})).roles == ("subject",)
    assert pick(findings, "kb_bias.all").is_significant()
    assert not [one for one in findings if one.name.startswith("bias.")]


def test_a_culture_that_the_base_does_not_know_is_reported_and_not_scored(tmp_path: Path) -> None:
    path = tmp_path / "base.csv"
    path.write_text("country,facet,assertion,concepts\nChina,foods,It is eaten.,mapo tofu\n", encoding="utf-8")
    findings = run({"knowledge": str(path)}, ScriptedModel(lambda _: "Mapo tofu."))
    missing = pick(findings, "knowledge.missing")
    assert missing.estimate == pytest.approx(19 / 20)
    assert "mexican food" in missing.note
    assert pick(findings, "knowledge.chinese").estimate == pytest.approx(0.2)
    assert pick(findings, "rate_name.chinese").n == 4
    assert not [one for one in findings if one.name == "bias.mexican" and one.n]


def test_names_of_the_user_take_the_place_of_ours(tmp_path: Path) -> None:
    rows = ["name,country,gender,count"]
    rows += [f"{name},{country},F,100" for name, country in zip(["Ea", "Eb", "Ia", "Ib"], "EEII", strict=True)]
    (tmp_path / "names.csv").write_text("\n".join([*rows, "Both,E,M,50", "Both,I,M,50"]), encoding="utf-8")
    settings = PresumptionSettings.read({"names": str(tmp_path / "names.csv"), "channels": "false"})
    assert [one.key for one in cultures_of(settings)] == ["e", "i"]
    shared = [one for one in askers_of(settings) if one.condition == "shared"]
    assert [(one.name, one.cultures) for one in shared] == [("Both", ("i", "e"))]
    with pytest.raises(InputError, match="there is no"):
        PresumptionSettings.read({"names": str(tmp_path / "none.csv")})


@pytest.mark.parametrize(("only", "match"), [("japanese", "two"), ("thai,thai", "two"), ("thai,atlantis", "atlantis")])
def test_cultures_that_cannot_be_studied_are_refused_before_anything_is_asked(only: str, match: str) -> None:
    with pytest.raises(InputError, match=match):
        make_study({"only": only})


def test_the_design_has_every_arm_and_its_published_size_needs_names_of_the_user() -> None:
    study = PresumedIdentity(PresumptionSettings.read({**PAPER.full, "channels": "false"}))
    cells = list(study.design(np.random.default_rng(0)))
    assert {cell.factors["condition"] for cell in cells} == {"none", "placebo", "invented", "name", "shared"}
    assert len({cell.factors["name"] for cell in cells if cell.factors["condition"] == "name"}) == 358
    assert len({cell.key for cell in cells}) == len(cells)
    assert {claim.name for claim in PAPER.claims} == {"size.names", "size.cultures", "size.queries"}
    assert {claim.confidence for claim in PAPER.claims} == {"memory"}
