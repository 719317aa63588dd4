"""Presumed cultural identity: planted presumption, and controls that find what is none."""

from __future__ import annotations

import numpy as np
import pytest

from personae.model import Request, ScriptedModel
from personae.papers.presumed_cultural_identity import PresumptionSettings
from personae.papers.presumed_cultural_identity.material import askers_of
from personae.papers.presumed_cultural_identity.rows import Excess
from personae.population import load_names
from personae.respondent import SimSettings, SimulatedRespondent
from support.findings import pick
from support.presumption import CONCEPTS, SMALL, asked_by, names_in, run


def test_a_planted_presumption_is_recovered() -> None:
    subject = SimulatedRespondent(SimSettings(name_presumption=0.6, unprompted_culture=0.3))
    findings = run({"per_facet": "2"}, subject)
    expected = 0.6 * (1 - 0.3 / 30)
    every = pick(findings, "bias.all")
    assert every.low < expected < every.high
    assert every.estimate == pytest.approx(expected, abs=0.1)
    assert every.is_significant(0.001)
    assert pick(findings, "bias.all", "as_published").estimate == pytest.approx(every.estimate, abs=1e-9)
    for culture in CONCEPTS:
        assert pick(findings, f"bias.{culture}").low > 0.1
        assert pick(findings, f"bias.{culture}").low < expected < pick(findings, f"bias.{culture}").high
    assert pick(findings, "specific.all").is_significant()
    assert pick(findings, "explicit_share.all").low < 0.5 < pick(findings, "explicit_share.all").high
    assert pick(findings, "strength.explicit").estimate + pick(findings, "strength.implied").estimate == pytest.approx(
        every.estimate
    )
    for control in ("invented_minus_none", "placebo_minus_none", "other_name_minus_none"):
        found = pick(findings, f"control.{control}")
        assert abs(found.estimate) < 0.03
        assert not found.is_significant()
    assert not pick(findings, "gender.feminine_minus_masculine").is_significant()
    assert pick(findings, "variance.culture").estimate < 0.1
    # A shared name is taken for any of its cultures, also those that are not studied.
    shared = [one for one in askers_of(PresumptionSettings.read(SMALL)) if one.condition == "shared"]
    of_all = [len(one.cultures) / len(known.cultures) for one in shared if (known := load_names().find(one.name))]
    found = pick(findings, "flattened.bias")
    assert found.low < 0.6 * float(np.mean(of_all)) < found.high
    assert not pick(findings, "flattened.concentration").is_significant()
    assert pick(findings, "agreement.judge_matcher").estimate == 1


def test_none_is_reported_when_it_is_switched_off_though_cultures_are_spoken_of() -> None:
    findings = run({"baseline_repeats": "8"}, SimulatedRespondent(SimSettings(unprompted_culture=0.9)))
    assert pick(findings, "rate_none.all").estimate > 0.01
    assert pick(findings, "bias.all").low < 0 < pick(findings, "bias.all").high
    assert not any(one.is_significant() for one in findings)
    assert all(pick(findings, f"bias.{culture}").low < 0 for culture in CONCEPTS)


def test_a_plain_respondent_presumes_nothing_and_the_interval_says_how_sure_that_is() -> None:
    findings = run({}, SimulatedRespondent())
    found = pick(findings, "bias.chinese")
    assert found.estimate == 0
    assert found.low < 0 < found.high < 0.6  # four names and five questions are not many
    assert "Newcombe" in found.method
    assert pick(findings, "rate_name.all").high < 0.5
    assert pick(findings, "flattened.concentration").n == 0


def test_a_bias_against_one_culture_is_its_own_and_none_of_the_others() -> None:
    names = names_in("russian")

    def subject(request: Request) -> str:
        return f"Try {CONCEPTS['russian']}." if asked_by(request, *names) else "Try something you like."

    findings = run({}, ScriptedModel(subject))
    assert pick(findings, "bias.russian").estimate == 1
    assert pick(findings, "bias.russian").low > 0.3
    assert pick(findings, "bias.chinese").estimate == 0
    assert pick(findings, "bias.all").estimate == pytest.approx(0.25)
    assert pick(findings, "specific.russian").estimate == 1
    assert pick(findings, "explicit_share.russian").estimate == 0
    assert pick(findings, "variance.culture").estimate > 0.95
    assert pick(findings, "cell.russian.food").estimate == 1
    assert pick(findings, "bias_in.drink").estimate == pytest.approx(0.25)


def test_a_bias_of_single_names_is_not_one_of_cultures() -> None:
    chosen = [names_in(culture)[0] for culture in CONCEPTS]

    def subject(request: Request) -> str:
        return f"Try {' '.join(CONCEPTS.values())}." if asked_by(request, *chosen) else "Try something you like."

    findings = run({}, ScriptedModel(subject))
    assert pick(findings, "bias.all").estimate == pytest.approx(0.25)
    assert pick(findings, "variance.name").estimate > 0.8
    assert pick(findings, "variance.culture").estimate < 0.1
    assert not pick(findings, "bias.russian").is_significant()  # one of four names


def test_what_a_model_says_to_everybody_is_taken_off_question_by_question() -> None:
    def subject(request: Request) -> str:
        return "Sichuan style: mapo tofu." if "dinner" in request.messages[-1].content else "Whatever you like."

    findings = run({}, ScriptedModel(subject))
    assert pick(findings, "rate_name.chinese").estimate == pytest.approx(0.2)  # one of five questions
    assert pick(findings, "bias.chinese").estimate == 0
    assert pick(findings, "bias.chinese", "as_published").estimate == pytest.approx(0)


def test_any_name_that_makes_a_model_speak_of_cultures_is_found_by_the_controls() -> None:
    def subject(request: Request) -> str:
        return f"In China: {CONCEPTS['chinese']}." if asked_by(request, "My name is") else "Whatever you like."

    findings = run({}, ScriptedModel(subject))
    assert pick(findings, "bias.chinese").estimate == 1
    invented = pick(findings, "control.invented_minus_none")
    assert invented.estimate == pytest.approx(0.25)
    assert "2 by 5 crossed units" in invented.method  # verdicts on one name for several cultures are no further names
    assert pick(findings, "control.placebo_minus_none").estimate == 0
    assert pick(findings, "control.other_name_minus_none").estimate > 0.2
    assert pick(findings, "specific.chinese").estimate == 0
    assert pick(findings, "explicit_share.chinese").estimate == 1


def test_a_bias_of_one_gender_is_found_within_cultures() -> None:
    settings = PresumptionSettings.read(SMALL)
    women = [one.name for one in askers_of(settings) if one.gender == "feminine" and one.condition == "name"]

    def subject(request: Request) -> str:
        return f"Try {' '.join(CONCEPTS.values())}." if asked_by(request, *women) else "Whatever you like."

    findings = run({}, ScriptedModel(subject))
    assert pick(findings, "gender.feminine").estimate == 1
    assert pick(findings, "gender.masculine").estimate == 0
    assert pick(findings, "gender.feminine_minus_masculine").estimate == 1


def test_shared_names_that_all_go_to_one_culture_are_flattened() -> None:
    settings = PresumptionSettings.read(SMALL)
    shared = [one.name for one in askers_of(settings) if one.condition == "shared"]
    assert len(shared) >= 4

    def subject(request: Request) -> str:
        return f"Try {CONCEPTS['mexican']}." if asked_by(request, *shared) else "Whatever you like."

    findings = run({}, ScriptedModel(subject))
    assert pick(findings, "flattened.bias").estimate > 0.6  # names that are shared with Mexico
    assert pick(findings, "flattened.tied_minus_shared").estimate < -0.5
    assert pick(findings, "flattened.concentration").estimate > 0.3
    assert pick(findings, "flattened_to.mexican").estimate > 0.4
    assert pick(findings, "flattened_to.spanish").estimate < -0.3
    assert pick(findings, "bias.mexican").estimate == 0


def test_channels_are_compared_with_themselves_without_a_name() -> None:
    def subject(request: Request) -> str:
        has_name = asked_by(request, *(name for culture in CONCEPTS for name in names_in(culture)))
        remembers = request.messages[0].role == "system" and has_name
        return f"Try {' '.join(CONCEPTS.values())}." if remembers else "Whatever you like."

    findings = run({"channels": "true"}, ScriptedModel(subject))
    assert pick(findings, "channel.memory").estimate == 1
    assert pick(findings, "channel.introduction").estimate == pick(findings, "channel.cv").estimate == 0
    assert pick(findings, "channel_change.memory").estimate == 1
    assert pick(findings, "channel_change.cv").estimate == 0
    assert pick(findings, "bias.all").estimate == 0


def test_the_interval_of_a_bias_covers_it_with_few_names_and_an_uncertain_reference() -> None:
    rng = np.random.default_rng(7)
    queries = [f"q{number}" for number in range(20)]
    covered = narrow = 0
    for _ in range(300):
        base = rng.beta(1, 6, size=20)  # questions differ in what everybody is told
        lift = np.clip(rng.normal(0.4, 0.1, size=6), 0, 1)  # names differ
        reference = {("introduction", "c", q): rng.binomial(3, p) / 3 for q, p in zip(queries, base, strict=True)}
        plain = (rng.random((6, 20)) < base + (1 - base) * lift[:, None]).astype(float)
        less = np.array([reference["introduction", "c", q] for q in queries])
        names = [name for name in "abcdef" for _ in queries]
        found = Excess((plain - less).ravel().tolist(), names, queries * 6, plain.ravel().tolist()).estimate()
        truth = 0.4 * (1 - 1 / 7)
        covered += found.low <= truth <= found.high
        narrow += found.high - found.low < 0.5
    assert covered / 300 > 0.92
    assert narrow / 300 > 0.9
