"""PersonaLLM on the simulated respondent, where the truth is known: what was planted is found, and nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest

from personae.model import Model, open_model
from personae.papers.personallm import PersonaLLM, PersonaLLMSettings
from personae.persona import BIG_FIVE, trait_title
from personae.respondent import SimServer, SimSettings, SimulatedRespondent
from personae.study import Finding, run_study
from support.switched_off import count_significant

LEAN = PersonaLLMSettings(personas_per_type=2, judged_per_type=0, stories=False, controls=False, robustness=False)


def run(settings: PersonaLLMSettings, sim: Mapping[str, str] | None = None, *, seed: int = 0) -> list[Finding]:
    study = PersonaLLM(settings)
    model: Model = SimulatedRespondent(SimSettings.read(sim or {}))
    outcome = run_study(study, dict.fromkeys(study.roles, model), seed=seed)
    return study.measure(outcome.table)


def one(findings: list[Finding], name: str, convention: str = "corrected") -> Finding:
    (found,) = [each for each in findings if each.name == name and each.conventions[0] == convention]
    return found


def test_planted_traits_are_recovered() -> None:
    findings = run(LEAN)
    for trait in BIG_FIVE:
        recovery = one(findings, f"recovery.{trait_title(trait)}")
        assert recovery.estimate >= 0.95
        assert (recovery.n, recovery.missing) == (64, 0)
    assert one(findings, "recovery.overall").estimate >= 0.95


def test_planted_biases_are_found_by_the_robustness_card_and_absent_otherwise() -> None:
    settings = LEAN.model_copy(update={"robustness": True})
    clean = run(settings)
    biased = run(settings, {"acquiescence": "1.0", "order_bias": "1.5", "refusal_rate": "0.2"})
    assert one(clean, "acquiescence").note == ""
    assert one(biased, "acquiescence").note.startswith("found")
    assert not one(clean, "order.options").is_significant()
    order = one(biased, "order.options")
    assert order.is_significant()
    assert order.low > 0  # what is listed first is preferred
    assert one(clean, "refusals.first_attempt").estimate == 0
    refused = one(biased, "refusals.first_attempt")
    assert refused.low < 0.2 < refused.high
    assert one(biased, "refusals.asked_again").low > 0  # asking again hides the refusals; the attempts do not


def test_wording_and_mode_change_nothing_where_nothing_was_planted() -> None:
    findings = run(LEAN.model_copy(update={"robustness": True}))
    settings = [each for each in findings if each.name.startswith("setting.")]
    assert len(settings) == 15
    assert not any(each.is_significant() for each in settings)


def test_controls_show_nobody() -> None:
    findings = run(LEAN.model_copy(update={"controls": True}))
    for trait in BIG_FIVE:
        name = trait_title(trait)
        empty = one(findings, f"control.empty.{name}")
        assert abs(empty.estimate - 3) < 0.4
        assert abs(one(findings, f"control.exchanged.{name}").estimate) < abs(one(findings, f"d.{name}").estimate) / 3


def test_stories_and_judges_see_the_planted_trait() -> None:
    settings = LEAN.model_copy(update={"stories": True, "judged_per_type": 1, "raters": 3})
    findings = run(settings)
    for trait in BIG_FIVE:
        name = trait_title(trait)
        assert one(findings, f"accuracy.majority.unaware.{name}").low > 0.5
        assert one(findings, f"named.{name}").estimate == 0  # it was told not to name the trait
    assert one(findings, "r.extraversion.social").estimate > 0
    assert one(findings, "story.words").estimate > 200
    assert one(findings, "agreement.aware.extraversion").estimate > 0.5


def test_without_stories_nobody_is_asked_to_judge() -> None:
    assert PersonaLLM(LEAN).roles == ("subject",)
    findings = run(LEAN)
    assert not [each for each in findings if each.name.startswith(("rating", "accuracy", "story"))]


def test_every_stage_ends_in_a_status_and_counts_sum_to_n() -> None:
    from personae.study.report import count_statuses

    settings = LEAN.model_copy(update={"stories": True, "judged_per_type": 1, "raters": 2, "attempts": 1})
    study = PersonaLLM(settings)
    model = SimulatedRespondent(SimSettings.read({"refusal_rate": "0.4"}))
    table = run_study(study, dict.fromkeys(study.roles, model)).table
    rows = {row.stage: row for row in count_statuses(table)}
    assert rows["whole observation"].n == table.height == 64
    assert rows["answers"].n == 64 * 44
    assert rows["story"].n == 64
    assert rows["aware"].n == rows["unaware"].n == 64  # one story of each type, two raters
    assert all(sum(row.counts.values()) == row.n for row in rows.values())
    assert rows["answers"].counts["refused"] > 0


def test_the_same_run_over_http_gives_identical_findings() -> None:
    settings = LEAN.model_copy(update={"stories": True, "judged_per_type": 1, "raters": 2})
    study = PersonaLLM(settings)
    here = SimulatedRespondent(SimSettings(seed=5))
    local = run_study(study, dict.fromkeys(study.roles, here), seed=11)

    import threading

    started, stop = threading.Event(), threading.Event()
    url: list[str] = []

    def serve() -> None:
        async def until_stopped() -> None:
            async with SimServer(SimulatedRespondent(SimSettings(seed=5))) as server:
                url.append(server.url)
                started.set()
                await asyncio.to_thread(stop.wait)

        asyncio.run(until_stopped())

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        assert started.wait(10)
        remote = open_model(f"{url[0]}#sim")
        distant = run_study(study, dict.fromkeys(study.roles, remote), seed=11)
    finally:
        stop.set()
        thread.join()
    ours = [each.to_json() for each in study.measure(local.table)]
    theirs = [{**each.to_json(), "subject": "sim"} for each in study.measure(distant.table)]
    assert ours == theirs


def test_seeds_are_seeds_and_zero_is_one() -> None:
    first, again, other = run(LEAN), run(LEAN, seed=0), run(LEAN, seed=1)
    assert [each.estimate for each in first if each.name.startswith("d.")] == [
        each.estimate for each in again if each.name.startswith("d.")
    ]
    assert one(first, "d.openness").estimate != one(other, "d.openness").estimate


@pytest.mark.slow
def test_with_the_persona_switched_off_nothing_is_found() -> None:
    """In at least 95 % of 200 seeds no finding is significant after correction, language and readers included."""
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        runs = list(pool.map(count_significant, range(200)))
    assert min(tested for tested, _ in runs) > 50
    assert sum(significant > 0 for _, significant in runs) <= 10


def test_the_run_folder_is_not_written_outside(tmp_path: Path) -> None:
    study = PersonaLLM(LEAN)
    run_study(study, {"subject": SimulatedRespondent()}, folder=tmp_path / "here", limit=3)
    assert {path.name for path in tmp_path.iterdir()} == {"here"}


def test_a_recorded_run_answers_as_the_model_did(tmp_path: Path) -> None:
    study = PersonaLLM(LEAN)
    first = run_study(study, {"subject": SimulatedRespondent(SimSettings(seed=2))}, folder=tmp_path / "run", seed=4)
    recorded = run_study(study, {"subject": open_model(f"replay/{tmp_path / 'run'}")}, seed=4)
    assert [one.estimate for one in study.measure(first.table)] == [
        one.estimate for one in study.measure(recorded.table)
    ]
    other = run_study(study, {"subject": open_model(f"replay/{tmp_path / 'run'}")}, seed=5)
    assert set(other.table["status"]) == {"failed"}  # nothing is made up for what was not recorded
