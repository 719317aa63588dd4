"""The Big Five by header, temperature and run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest

from personae.errors import InputError
from personae.instrument import load_instrument
from personae.model import Request, ScriptedModel, open_model
from personae.papers.big_five_evidence import PAPER, BigFiveEvidence, BigFiveEvidenceSettings
from personae.study import Finding, run_study
from support.command_line import personae

NEO = load_instrument("ipip-neo-120")


def pick(findings: Sequence[Finding], name: str) -> Finding:
    (found,) = [one for one in findings if one.name == name]
    return found


def run(given: Mapping[str, str], **sim: str) -> list[Finding]:
    study = BigFiveEvidence(BigFiveEvidenceSettings.read(given))
    return study.measure(run_study(study, {"subject": open_model("sim", sim)}).table)


def test_an_item_is_asked_alone_between_backticks_under_each_header() -> None:
    model = ScriptedModel(lambda _: "3")
    study = BigFiveEvidence(BigFiveEvidenceSettings.read({"runs": "2", "instrument": "mini-ipip-20"}))
    run_study(study, {"subject": model})
    assert len(model.requests) == 20 * 2 * 3 * 2
    heads = {request.messages[-1].content.split("\n")[0] for request in model.requests}
    assert heads == {
        "Answer as if you were a person.",
        "Below is one statement between backticks. Say how accurately it describes you, with one number:",
    }
    assert all(
        f"`{text}`" in model.requests[place].messages[-1].content for place, text in [(0, "Am the life of the party.")]
    )
    assert {request.sampling.temperature for request in model.requests} == {0.1, 0.7, 1.3}


def test_means_sums_and_facets_of_known_answers() -> None:
    def answer(request: Request) -> str:
        return "5"

    study = BigFiveEvidence(BigFiveEvidenceSettings.read({"runs": "2"}))
    findings = study.measure(run_study(study, {"subject": ScriptedModel(answer)}).table)
    facets = [scale for scale in NEO.scales if scale.within]
    assert len(facets) == 30
    for scale in NEO.scales:
        keyed = [5 if sign > 0 else 1 for sign in NEO.keying(scale).values()]
        kind = "facet" if scale.within else "mean"
        assert pick(findings, f"{kind}.{scale.key}").estimate == pytest.approx(np.mean(keyed))
        assert len(keyed) == (4 if scale.within else 24)
        if not scale.within:
            assert pick(findings, f"sum.{scale.key}").estimate == pytest.approx(sum(keyed))
    assert pick(findings, "read").n == 120 * 12
    assert pick(findings, "sd.openness").estimate == 0


def test_a_header_that_changes_the_answers_is_found() -> None:
    def answer(request: Request) -> str:
        return "4" if "as if you were a person" in request.messages[-1].content else "2"

    study = BigFiveEvidence(BigFiveEvidenceSettings.read({"runs": "2"}))
    findings = study.measure(run_study(study, {"subject": ScriptedModel(answer)}).table)
    keys = list(NEO.keying(NEO.scale("extraversion")).values())
    assert pick(findings, "header.extraversion").estimate == pytest.approx(2 * sum(keys) / len(keys))
    assert pick(findings, "temperature.extraversion").estimate == pytest.approx(0)
    assert pick(findings, "shift_of_facets.temperature").estimate == pytest.approx(0)


def test_runs_scatter_more_at_a_higher_temperature() -> None:
    findings = run({"temperatures": "0,1.5", "runs": "4"})
    for trait in ("openness", "neuroticism"):
        assert pick(findings, f"sd_at.{trait}.at_0").estimate < 0.02
        assert pick(findings, f"sd_at.{trait}.at_1_5").estimate > 0.05
    assert pick(findings, "items.plain@0").estimate > 0.99 or np.isnan(pick(findings, "items.plain@0").estimate)


def test_nothing_planted_is_nothing_found() -> None:
    findings = run({"runs": "4"})
    assert not any(one.is_significant(0.01) for one in findings if one.family in ("header", "temperature"))


@pytest.mark.parametrize("value", ["0.7", "1,0.5", "0.5,0.5", "0,3"])
def test_temperatures_rise(value: str) -> None:
    with pytest.raises(InputError, match="rising"):
        BigFiveEvidenceSettings.read({"temperatures": value})


def test_no_figure_is_claimed_that_nobody_has() -> None:
    assert PAPER.claims == ()
    assert any("none is claimed" in limit for limit in PAPER.plan.limits)


def test_the_command_runs_and_reports(tmp_path: Path) -> None:
    arguments = ["--model", "sim", "-P", "instrument=mini-ipip-20", "-P", "runs=2", "--folder", str(tmp_path / "r")]
    ran = personae("paper", "run", "big_five_evidence", *arguments)
    assert ran.code == 0, ran.err
    assert "SIMULATED" in (tmp_path / "r" / "report.html").read_text(encoding="utf-8")
