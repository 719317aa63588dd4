"""Whether verdicts on a persona say what was planted: tables of known answers, and a respondent with known traits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl
import pytest

from personae.errors import InputError
from personae.instrument import Instrument, load_instrument
from personae.instrument.assessment.persona_audit import PersonaAudit, audit_persona
from personae.persona import NEUTRAL_PROMPTS, Persona

TRAITS = ("big_five.extraversion", "big_five.agreeableness")
WAYS = ("descending", "lettered", "item_wise", "shuffled")
JITTER = (0, 1, 0, -1, 0, 0, 1, -1, 0, 0)


def answers(instrument: Instrument, scores: dict[str, float], jitter: int = 0) -> list[int]:
    """Answers whose scale scores are those wanted: items keyed backwards get the mirror of it."""
    wanted = {scale.key: scores.get(scale.trait or "", 3.0) for scale in instrument.scales}
    found = []
    for item in instrument.item_ids:
        (scale,) = [one for one in instrument.scales if item in one.items]
        value = wanted[scale.key]
        place = list(scale.items).index(item)
        keyed = int(value) + (place < round((value % 1) * len(scale.items)))
        keyed = min(5, max(1, keyed + (jitter if place == 0 else 0)))
        found.append(6 - keyed if item in scale.reverse else keyed)
    return found


def table(
    instrument: Instrument,
    main: Sequence[dict[str, float]],
    ways: dict[str, dict[str, float]],
    neutral: dict[str, float] | None = None,
) -> pl.DataFrame:
    rows: list[dict[str, Any]] = []

    def add(condition: str, person: str, repeat: int, scores: dict[str, float], jitter: int) -> None:
        given = answers(instrument, scores, jitter)
        rows.append({
            "model": "m", "condition": condition, "person": person, "called": person, "trait": "", "level": 0,
            "repeat": repeat, "answers": given, "answers.statuses": ["ok"] * len(given),
        })  # fmt: skip

    for number, scores in enumerate(main):
        add("main", "ada", number, scores, JITTER[number % len(JITTER)])
    for way, scores in ways.items():
        add(way, "ada", 1, scores, 0)
    for number in range(5):
        add("empty", "empty", number, {}, JITTER[number])
        for name in NEUTRAL_PROMPTS:
            add(name, "empty", number, neutral or {}, JITTER[number])
    return pl.DataFrame(rows)


@pytest.fixture(scope="module")
def instrument() -> Instrument:
    return load_instrument("ipip-bffm-50")


def judged(found: Sequence[PersonaAudit]) -> dict[str, tuple[str, str]]:
    (one,) = found
    return {verdict.trait.rpartition(".")[2]: (verdict.took, verdict.holds) for verdict in one.traits}


def persona(**z: float) -> Persona:
    return Persona(id="ada", name="Ada", traits={f"big_five.{name}": value for name, value in z.items()})


def test_a_shift_in_the_direction_that_was_asked_took_and_holds(instrument: Instrument) -> None:
    up = {TRAITS[0]: 4.5}
    made = table(instrument, [up] * 10, dict.fromkeys(WAYS, up))
    (found,) = audit_persona(made, instrument, persona(extraversion=2.0), TRAITS)
    verdict = found.traits[0]
    assert (verdict.took, verdict.holds) == ("took", "holds")
    assert verdict.shift.estimate == pytest.approx(1.5, abs=0.05)
    assert verdict.shift.level == pytest.approx(0.975)
    assert verdict.kept.n == len(WAYS)
    assert found.traits[1].took == "still"
    assert found.sentence == (
        "It took in 1 of 1 traits; it holds under other ways of asking in 1 of these 1; 0 traits moved unasked."
    )


def test_the_other_direction_is_told_and_not_called_taken(instrument: Instrument) -> None:
    up = {TRAITS[0]: 4.5}
    made = table(instrument, [up] * 10, dict.fromkeys(WAYS, up))
    assert judged(audit_persona(made, instrument, persona(extraversion=-2.0), TRAITS))["extraversion"] == (
        "against",
        "not judged",
    )
    down = {TRAITS[0]: 1.5}
    made = table(instrument, [down] * 10, dict.fromkeys(WAYS, down))
    assert judged(audit_persona(made, instrument, persona(extraversion=-2.0), TRAITS))["extraversion"] == (
        "took",
        "holds",
    )


def test_a_persona_that_changes_nothing_is_not_shown(instrument: Instrument) -> None:
    made = table(instrument, [{}] * 10, {way: {} for way in WAYS})
    found = audit_persona(made, instrument, persona(extraversion=2.0), TRAITS)
    assert judged(found)["extraversion"] == ("not shown", "not judged")
    assert found[0].sentence.startswith("It took in 0 of 1 traits; 0 traits moved")


def test_what_a_neutral_prompt_does_as_well_is_no_effect_of_the_persona(instrument: Instrument) -> None:
    up = {TRAITS[0]: 4.0}
    made = table(instrument, [up] * 10, dict.fromkeys(WAYS, up), neutral={TRAITS[0]: 4.5})
    assert judged(audit_persona(made, instrument, persona(extraversion=2.0), TRAITS))["extraversion"][0] == (
        "no more than wording"
    )


@pytest.mark.parametrize(("lost", "verdict"), [(0, "holds"), (1, "partly"), (2, "partly"), (3, "does not hold")])
def test_it_holds_as_far_as_other_ways_of_asking_keep_half_of_it(
    instrument: Instrument, lost: int, verdict: str
) -> None:
    up = {TRAITS[0]: 4.5}
    ways = {way: {} if number < lost else up for number, way in enumerate(WAYS)}
    made = table(instrument, [up] * 10, ways)
    assert judged(audit_persona(made, instrument, persona(extraversion=2.0), TRAITS))["extraversion"] == (
        "took",
        verdict,
    )


def test_a_trait_that_nobody_asked_for_is_a_side_effect(instrument: Instrument) -> None:
    both = {TRAITS[0]: 4.5, TRAITS[1]: 1.5}
    made = table(instrument, [both] * 10, dict.fromkeys(WAYS, both))
    (found,) = audit_persona(made, instrument, persona(extraversion=2.0, agreeableness=0.2), TRAITS)
    assert [one.trait for one in found.side_effects] == [TRAITS[1]]
    assert found.sentence.endswith("1 trait moved unasked.")


def test_draws_that_do_not_vary_are_taken_as_they_are(instrument: Instrument) -> None:
    up = {TRAITS[0]: 4.5}
    made = table(instrument, [up] * 10, dict.fromkeys(WAYS, up)).filter(pl.col("repeat").is_in([0, 1, 2, 4]))
    same = made.with_columns(pl.col("answers").first().over("condition"))
    (found,) = audit_persona(same, instrument, persona(extraversion=2.0), TRAITS[:1])
    assert found.traits[0].shift.low != found.traits[0].shift.low  # no interval
    assert found.traits[0].took == "took"


def test_a_table_without_controls_is_refused(instrument: Instrument) -> None:
    made = table(instrument, [{}] * 4, {}).filter(pl.col("condition") == "main")
    with pytest.raises(InputError, match="no control"):
        audit_persona(made, instrument, persona(extraversion=2.0), TRAITS)


@pytest.mark.parametrize(("effect", "took"), [("1", "took"), ("0", "not shown")])
def test_a_respondent_of_known_traits_is_judged_rightly(tmp_path: Any, effect: str, took: str) -> None:
    """Positive and negative control: the simulated respondent with and without an ear for personas."""
    from personae.instrument.assessment import assessment
    from personae.launch import Launch, ModelChoice

    people = tmp_path / "ada.jsonl"
    people.write_text('{"id": "ada", "name": "Ada", "traits": {"big_five.extraversion": 2.0}}\n', encoding="utf-8")
    given = {"instrument": "ipip-bffm-50", "people": str(people), "repeats": "10", "checked": "1"}
    launch = Launch(assessment(given), given, ModelChoice.read("sim", {}, {"persona_effect": effect}, ""), 0)
    launch.run(folder=tmp_path / "run", workers=32, limit=None, budget=None, use_cache=False, is_quiet=True)
    made = pl.read_parquet(tmp_path / "run" / "observations.parquet")
    found = audit_persona(
        made, load_instrument("ipip-bffm-50"), Persona(traits={"big_five.extraversion": 2.0}), TRAITS[:1]
    )
    assert judged(found)["extraversion"][0] == took
