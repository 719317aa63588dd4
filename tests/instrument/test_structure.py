"""The card of an instrument: what is planted into many people's answers is found, and few people are told so."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray

from personae.instrument import Instrument, load_instrument
from personae.instrument.assessment import score_table
from personae.instrument.assessment.measure import measure_table
from personae.instrument.validity import desirability
from personae.study import Finding

pytest.importorskip("mirt", reason="needs the extra stats")

BFI = load_instrument("bfi-44")
SCALE = BFI.scale("extraversion")
Floats = NDArray[np.float64]


def answers_of(people: int, rng: np.random.Generator, instrument: Instrument = BFI) -> Floats:
    """Whole answers by five independent traits."""
    matrix = np.empty((people, len(instrument.item_ids)))
    for scale in instrument.broad_scales():
        trait = rng.normal(size=people)
        for item, sign in instrument.keying(scale).items():
            value = 3 + sign * trait + rng.normal(0, 0.8, people)
            matrix[:, instrument.item_ids.index(item)] = np.clip(np.round(value), 1, 5)
    return matrix


def table_of(answers: dict[str, Floats]) -> pl.DataFrame:
    rows = []
    for condition, matrix in answers.items():
        name, _, repeat = condition.partition("#")
        for number, values in enumerate(matrix):
            person = f"p{number:03}"
            given = [None if math.isnan(value) else int(value) for value in values]
            rows.append(
                {
                    "cell": f"{condition}/{person}",
                    "model": "m",
                    "condition": name,
                    "person": person,
                    "called": person,
                    "trait": "",
                    "level": 0,
                    "repeat": int(repeat or 1),
                    "status": "ok",
                    "answers": given,
                    "answers.statuses": ["refused" if value is None else "ok" for value in given],
                }
            )
    return pl.DataFrame(rows)


def findings_of(answers: dict[str, Floats]) -> dict[str, Finding]:
    return {one.name: one for one in measure_table(table_of(answers), BFI, ())}


def test_many_people_have_a_card() -> None:
    rng = np.random.default_rng(0)
    matrix = answers_of(300, rng)
    matrix[:15] = rng.integers(1, 6, (15, 44))
    found = findings_of({"main": matrix})
    for scale in BFI.broad_scales():
        reliability = found[f"irt.{scale.key}"]
        assert reliability.estimate > 0.85
        assert "rough" in reliability.note
        assert "weakest" in found[f"slope.{scale.key}"].note
        assert found[f"misfit.{scale.key}"].n == 300
    assert 0 < found["misfit.openness"].estimate < 0.12
    assert found["omega_h.openness"].estimate > 0.7
    assert "omega_h.extraversion" not in found  # eight items make no three groups


def test_few_people_are_told_how_many_are_needed() -> None:
    rng = np.random.default_rng(1)
    matrix = answers_of(20, rng)
    found = findings_of({"main": matrix, "descending": matrix})
    for name, needed in (("omega_h", "100 people"), ("irt", "500 people"), ("bias", "100 people")):
        assert math.isnan(found[name].estimate)
        assert needed in found[name].note
        assert "there are 20" in found[name].note


def test_an_item_that_another_way_of_asking_shifts_is_named() -> None:
    rng = np.random.default_rng(2)
    usual = answers_of(160, rng)
    other = np.clip(usual + rng.choice([-1, 0, 1], p=[0.1, 0.8, 0.1], size=usual.shape), 1, 5)
    column = BFI.item_ids.index(SCALE.items[0])
    other[:, column] = np.clip(other[:, column] + 1, 1, 5)
    found = findings_of({"main": usual, "lettered": other})
    assert found["bias.extraversion.lettered"].estimate == pytest.approx(1 / 8)
    assert found["bias.extraversion.lettered"].note == f"items {SCALE.items[0]}"
    assert found["bias.openness.lettered"].estimate == 0
    assert f"broken by items {SCALE.items[0]}" in found["invariance.extraversion.lettered"].note
    assert "reached: scalar" in found["invariance.openness.lettered"].note


def test_the_three_rates_stand_beside_that_of_asking_again() -> None:
    rng = np.random.default_rng(3)
    usual = np.where(rng.random((30, 44)) < 0.5, 2.0, 4.0)
    swayed = rng.random(usual.shape) < 0.3
    usual[0, 0] = np.nan
    found = findings_of(
        {"main": usual, "main#2": usual, "descending": np.where(swayed, 6 - usual, usual), "shuffled": usual}
    )
    assert found["sensitivity.repeat"].estimate == 0
    assert found["sensitivity.order"].estimate == pytest.approx(swayed.mean(), abs=0.005)
    assert found["sensitivity.prompt"].estimate == 0
    assert found["sensitivity.refusal"].estimate == pytest.approx(2 / (2 * 30 * 44))


@pytest.mark.parametrize("shift", [-0.8, 0.0, 0.8])
def test_a_leaning_to_what_is_thought_well_of_is_recovered(shift: float) -> None:
    rng = np.random.default_rng(4)
    matrix = np.full((200, 44), 3.0)
    for scale in BFI.broad_scales():
        pole = -1 if scale.key == "neuroticism" else 1
        for item, sign in BFI.keying(scale).items():
            matrix[:, BFI.item_ids.index(item)] += pole * sign * shift
    matrix += rng.normal(0, 0.3, matrix.shape)
    people = [f"p{n}" for n in range(200)]
    found = desirability(matrix, BFI, people)
    assert found.low <= shift <= found.high
    agreeing = desirability(matrix + 0.5, BFI, people)  # agreement is something else
    assert agreeing.estimate == pytest.approx(shift, abs=0.12)


def test_an_instrument_of_other_traits_has_no_desirable_pole() -> None:
    values = load_instrument("pvq-rr")
    found = desirability(np.full((3, 57), 3.0), values, list("abc"))
    assert math.isnan(found.estimate)
    assert "desirable pole" in found.note


def test_percentiles_stand_beside_scores_that_have_norms() -> None:
    data = BFI.model_dump()
    norm = {"group": "adults", "mean": 3.0, "sd": 1.0, "source": "a table", "n": 100}
    for scale in data["scales"]:
        scale["norms"] = [norm] if scale["key"] == "extraversion" else []
    normed = Instrument.model_validate(data)
    answers: Sequence[float] = [3.0] * 44
    table = score_table(table_of({"main": np.array([answers])}), normed)
    assert table["percentile.extraversion"].to_list() == [pytest.approx(50.0)]
    assert "percentile.openness" not in table.columns
