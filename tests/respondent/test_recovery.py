"""Recovery of planted traits: what the prompt says comes back as a score, however the questionnaire is put."""

from __future__ import annotations

import itertools
from typing import Literal

import numpy as np
import pytest
from numpy.typing import NDArray

from personae.instrument import Administration, Instrument, list_instruments, load_instrument, make_form, score_traits
from personae.model import Request, Sampling
from personae.persona import BIG_FIVE, Persona, level_of, render, z_of_level
from personae.respondent import SimSettings, SimulatedRespondent

Numbers = NDArray[np.float64]

LEVELS = [z_of_level(level) for level in range(1, 10)]
MODES: tuple[Literal["all_in_one", "item_wise"], ...] = ("all_in_one", "item_wise")
ORDERS: tuple[Literal["ascending", "descending"], ...] = ("ascending", "descending")
OPTION_MARKS: tuple[Literal["values", "ranks", "letters"], ...] = ("values", "ranks", "letters")
ITEM_MARKS: tuple[Literal["letters", "numbers"], ...] = ("letters", "numbers")
ADMINISTRATIONS = [
    Administration(
        mode=mode, wording=wording, option_order=order, option_marks=marks, show_labels=labels, item_marks=items
    )
    for mode, wording, order, marks, labels, items in itertools.product(
        MODES, ("original", "simplified"), ORDERS, OPTION_MARKS, (True, False), ITEM_MARKS
    )
    if mode == "all_in_one" or items == "letters"  # one item alone has no mark
]


def crowd(n: int, seed: int) -> Numbers:
    """Traits of a population, standard normal and independent."""
    return np.random.default_rng(seed).normal(size=(n, len(BIG_FIVE)))


def measured(
    traits: Numbers,
    *,
    key: str = "bfi-44",
    how: Administration | None = None,
    temperature: float = 1.0,
    renderer: str = "nine-level",
    settings: SimSettings | None = None,
) -> Numbers:
    """Scores of a population, one column a trait; every answer has to be readable as it stands."""
    how, instrument = how or Administration(), load_instrument(key)
    respondent = SimulatedRespondent(settings or SimSettings())
    rows = []
    for seed, row in enumerate(traits):
        persona = Persona(traits=dict(zip(BIG_FIVE, map(float, row), strict=True)))
        rows.append(
            answers(respondent, instrument, how, render(persona, renderer).text, Sampling(temperature, seed=seed))
        )
    scores = score_traits(np.array(rows, dtype=float), instrument, BIG_FIVE)
    return np.column_stack([scores[trait] for trait in BIG_FIVE])


def answers(
    respondent: SimulatedRespondent, instrument: Instrument, how: Administration, system: str, sampling: Sampling
) -> list[int | None]:
    form = make_form(instrument, how, np.random.default_rng(sampling.seed))
    if how.mode == "all_in_one":
        reply = respondent.answer(Request.of(form.prompt(how.template), system=system, sampling=sampling))
        given = form.reader.read_sheet(reply.text, form.labels)
    else:
        prompts = (form.prompt(how.template, index) for index in range(len(form.item_ids)))
        replies = (respondent.answer(Request.of(prompt, system=system, sampling=sampling)) for prompt in prompts)
        given = [form.reader.read(reply.text) for reply in replies]
    assert {answer.status for answer in given} == {"ok"}
    by_item = dict(zip(form.item_ids, given, strict=True))
    return [by_item[item].value for item in instrument.item_ids]


def recovery(planted: Numbers, scores: Numbers) -> Numbers:
    """Correlation of every planted trait (rows) with every measured one (columns)."""
    r: Numbers = np.corrcoef(planted.T, scores.T)[: len(BIG_FIVE), len(BIG_FIVE) :]
    return r


def levels_of(traits: Numbers) -> Numbers:
    """The traits as the nine-level renderer can word them."""
    levels = [[z_of_level(level_of(float(z))) for z in row] for row in traits]
    return np.array(levels)


def at_every_level(times: int, seed: int) -> Numbers:
    """People at all nine levels of every trait, so many at each, the traits independent but for chance."""
    rng = np.random.default_rng(seed)
    return np.column_stack([rng.permutation(np.repeat(LEVELS, times)) for _ in BIG_FIVE])


@pytest.mark.parametrize("how", ADMINISTRATIONS, ids=lambda how: "-".join(map(str, how.spell().values())))
@pytest.mark.parametrize("temperature", [0.7, 1.0])
def test_every_administration_recovers_what_was_planted(how: Administration, temperature: float) -> None:
    planted = at_every_level(4, 1)
    assert np.diag(recovery(planted, measured(planted, how=how, temperature=temperature))).min() >= 0.95


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("temperature", [0.7, 1.0])
def test_continuous_traits_of_a_population_are_recovered(
    mode: Literal["all_in_one", "item_wise"], temperature: float
) -> None:
    planted = crowd(200, 1)
    scores = measured(planted, how=Administration(mode=mode), temperature=temperature)
    assert np.diag(recovery(levels_of(planted), scores)).min() >= 0.95


@pytest.mark.parametrize("temperature", [0.7, 1.0])
def test_shuffled_items_are_answered_as_themselves(temperature: float) -> None:
    planted = crowd(200, 2)
    scores = measured(planted, how=Administration(item_order="shuffled"), temperature=temperature)
    assert np.diag(recovery(levels_of(planted), scores)).min() >= 0.95


@pytest.mark.parametrize("renderer", ["nine-level", "second-person", "third-person", "json"])
def test_nine_levels_come_back_in_order_and_move_nothing_else(renderer: str) -> None:
    for index in range(len(BIG_FIVE)):
        planted = np.zeros((len(LEVELS) * 6, len(BIG_FIVE)))
        planted[:, index] = np.repeat(LEVELS, 6)
        scores = measured(planted, renderer=renderer, temperature=0.7)
        assert np.corrcoef(planted[:, index], scores[:, index])[0, 1] >= 0.95
        means = scores[:, index].reshape(len(LEVELS), 6).mean(axis=1)
        assert all(low < high for low, high in itertools.pairwise(means[1:-1]))
        assert np.abs(np.delete(scores, index, axis=1).mean(axis=0) - 3.0).max() < 0.3


def test_traits_do_not_leak_into_one_another() -> None:
    planted = crowd(600, 3)
    r = recovery(levels_of(planted), measured(planted))
    assert np.abs(r[~np.eye(len(BIG_FIVE), dtype=bool)]).max() < 0.15  # chance: 0.04 a correlation


BIG_FIVE_MEASURES = [
    key
    for key in list_instruments()
    if {f"big_five.{trait}" for trait in BIG_FIVE} <= {scale.trait for scale in load_instrument(key).scales}
]


@pytest.mark.parametrize("key", BIG_FIVE_MEASURES)
def test_the_longer_an_instrument_the_better_it_recovers(key: str) -> None:
    instrument = load_instrument(key)
    planted = crowd(200, 4)
    least = 0.97 if len(instrument.items) >= 100 else 0.95 if len(instrument.items) >= 40 else 0.75
    assert np.diag(recovery(levels_of(planted), measured(planted, key=key))).min() >= least


def test_without_a_persona_effect_nothing_comes_back() -> None:
    planted = crowd(600, 5)
    scores = measured(planted, settings=SimSettings(persona_effect=0.0))
    assert np.abs(np.diag(recovery(planted, scores))).max() < 0.1
    assert np.abs(scores.mean(axis=0) - 3.0).max() < 0.25


def test_half_a_persona_effect_is_half_the_trait() -> None:
    strong = np.zeros((60, len(BIG_FIVE)))
    strong[:, 0] = 2.0
    halved = measured(strong, settings=SimSettings(persona_effect=0.5))[:, 0]
    as_told = measured(strong / 2.0)[:, 0]
    assert abs(halved.mean() - as_told.mean()) < 0.12
    assert measured(strong)[:, 0].mean() > halved.mean() + 0.5


def test_whoever_is_told_nothing_is_average() -> None:
    nobody = measured(np.zeros((1, len(BIG_FIVE))).repeat(100, axis=0))
    assert np.abs(nobody.mean(axis=0) - 3.0).max() < 0.25
