"""Answering closed questions: the trait, through the graded response model and the planted biases, to a mark."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence
from functools import lru_cache

import orjson

from personae.respondent.acting import known_pole
from personae.respondent.equity import equity_utilities
from personae.respondent.graded import biased, category_probabilities, draw
from personae.respondent.items import loading_of
from personae.respondent.lexicon_file import trait_lexicon
from personae.respondent.poles import pole_of
from personae.respondent.scales import is_number
from personae.respondent.settings import SimSettings
from personae.respondent.sheet import Sheet

_KNOWN_ACT = 1.6  # an act of the library speaks as clearly as two words of its trait
_VAGUE_DISCRIMINATION = 1.6  # of items that speak of no trait: answers scatter around the middle

_POLE_WEIGHT = 2.0

DESIRABLE: dict[str, int] = {
    "big_five.extraversion": 1,
    "big_five.agreeableness": 1,
    "big_five.conscientiousness": 1,
    "big_five.neuroticism": -1,
    "big_five.openness": 1,
    "dark_triad.machiavellianism": -1,
    "dark_triad.narcissism": -1,
    "dark_triad.psychopathy": -1,
}
"""Socially desirable pole of each trait."""


def option_probabilities(
    item: str, sheet: Sheet, traits: Mapping[str, float], settings: SimSettings, temperature: float
) -> tuple[float, ...]:
    """How likely each option of a sheet is as the answer to one item, in the order listed."""
    if not sheet.is_scale:
        return _alternative_probabilities(sheet, traits, settings, temperature)
    loading = loading_of(item)
    if loading is None:
        theta, discrimination, difficulty = 0.0, _VAGUE_DISCRIMINATION, 0.0
    else:
        theta = loading.theta(traits)
        if settings.desirability:
            theta += loading.sign * desired(loading.trait) * settings.desirability
        discrimination, difficulty = loading.discrimination, loading.difficulty
    return _listed_probabilities(
        theta + settings.acquiescence,
        discrimination,
        difficulty,
        sheet.order,
        settings.order_bias,
        settings.noise,
        temperature,
    )


def answer_sheet(
    sheet: Sheet, traits: Mapping[str, float], settings: SimSettings, temperature: float, rng: random.Random
) -> list[str]:
    """Choose an option for every item: its mark, or its words where options have no marks."""
    if sheet.parts:
        return [answer for part in sheet.parts for answer in answer_sheet(part, traits, settings, temperature, rng)]
    shown = [choice.mark or choice.label for choice in sheet.choices]
    return [
        shown[draw(option_probabilities(item, sheet, traits, settings, temperature), rng.random())]
        for item in sheet.items
    ]


def desired(trait: str) -> int:
    """The socially desirable pole of a trait or of the domain of a facet; 0 if it has none."""
    return DESIRABLE.get(trait) or DESIRABLE.get(trait.rpartition(".")[0], 0)


def write_answers(sheet: Sheet, answers: Sequence[str]) -> str:
    """Write answers the way the prompt asks for them: one a line behind the mark of its item, or as a JSON object."""
    if sheet.is_json:
        keys = sheet.labels or (sheet.json_key,)
        values = [int(answer) if is_number(answer) else answer for answer in answers]
        return orjson.dumps(dict(zip(keys, values, strict=True))).decode()
    labels = sheet.labels or ("",)
    return "\n".join(
        sheet.template.format(label=label, answer=answer) for label, answer in zip(labels, answers, strict=True)
    )


@lru_cache(maxsize=65_536)
def _listed_probabilities(
    theta: float,
    discrimination: float,
    difficulty: float,
    order: tuple[int, ...],
    order_bias: float,
    noise: float,
    temperature: float,
) -> tuple[float, ...]:
    by_agreement = biased(
        category_probabilities(theta, discrimination, difficulty, len(order), 1.0),
        order,
        order_bias=order_bias,
        noise=noise,
        temperature=temperature,
    )
    listed = [0.0] * len(order)
    for category, index in enumerate(order):
        listed[index] = by_agreement[category]
    return tuple(listed)


def _alternative_probabilities(
    sheet: Sheet, traits: Mapping[str, float], settings: SimSettings, temperature: float
) -> tuple[float, ...]:
    """Alternatives in words of their own: the more an alternative sounds like the person, the likelier (soft-max)."""
    utilities = []
    for choice in sheet.choices:
        known = known_pole(choice.label)
        poles = (
            [(*known, _KNOWN_ACT)] if known else [(hit.trait, 1, hit.z) for hit in trait_lexicon().scan(choice.label)]
        )
        fit = 0.0
        for trait, sign, weight in poles:
            own = settings.behaviour_link * traits.get(trait, 0.0)
            fit += sign * weight * (own + desired(trait) * settings.desirability)
        utilities.append(fit)
    named = [pole_of(choice.label) for choice in sheet.choices]
    if not any(utilities) and all(named):
        utilities = [_POLE_WEIGHT * pole[1] * traits.get(pole[0], 0.0) for pole in named if pole]
    utilities = equity_utilities(tuple(choice.label for choice in sheet.choices), traits) or utilities
    most = max(utilities)
    weights = [math.exp(utility - most) for utility in utilities]
    total = sum(weights)
    return biased(
        [weight / total for weight in weights],
        range(len(weights)),
        order_bias=settings.order_bias,
        noise=settings.noise,
        temperature=temperature,
    )
