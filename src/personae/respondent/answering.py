"""Answering closed questions: the trait, through the graded response model and the planted biases, to a mark."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping

from personae.respondent.graded import biased, category_probabilities, draw, heated
from personae.respondent.items import loading_of
from personae.respondent.lexicon import trait_lexicon
from personae.respondent.settings import SimSettings
from personae.respondent.sheet import Sheet

_VAGUE_DISCRIMINATION = 1.6  # of items that speak of no trait: answers scatter around the middle

DESIRABLE: dict[str, int] = {
    "big_five.extraversion": 1,
    "big_five.agreeableness": 1,
    "big_five.conscientiousness": 1,
    "big_five.neuroticism": -1,
    "big_five.openness": 1,
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
        desired = DESIRABLE.get(".".join(loading.trait.split(".")[:2]), 0) * settings.desirability
        theta = loading.theta(traits) + loading.sign * desired
        discrimination, difficulty = loading.discrimination, loading.difficulty
    by_agreement = category_probabilities(
        theta + settings.acquiescence, discrimination, difficulty, len(sheet.order), temperature
    )
    by_agreement = biased(by_agreement, sheet.order, order_bias=settings.order_bias, noise=settings.noise)
    listed = [0.0] * len(sheet.order)
    for category, index in enumerate(sheet.order):
        listed[index] = by_agreement[category]
    return tuple(listed)


def answer_sheet(
    sheet: Sheet, traits: Mapping[str, float], settings: SimSettings, temperature: float, rng: random.Random
) -> list[str]:
    """Choose an option for every item: its mark, or its words where options have no marks."""
    chosen = []
    for item in sheet.items:
        choice = sheet.choices[draw(option_probabilities(item, sheet, traits, settings, temperature), rng.random())]
        chosen.append(choice.mark or choice.label)
    return chosen


def write_answers(sheet: Sheet, answers: list[str], *, as_json: bool = False) -> str:
    """Write answers the way the prompt marks its items, one a line; or as a JSON object."""
    if not sheet.labels:
        return answers[0]
    if as_json:
        pairs = ", ".join(
            f'"{label}": {answer if answer.isdigit() else chr(34) + answer + chr(34)}'
            for label, answer in zip(sheet.labels, answers, strict=True)
        )
        return "{" + pairs + "}"
    return "\n".join(
        sheet.template.format(label=label, answer=answer) for label, answer in zip(sheet.labels, answers, strict=True)
    )


def _alternative_probabilities(
    sheet: Sheet, traits: Mapping[str, float], settings: SimSettings, temperature: float
) -> tuple[float, ...]:
    """Alternatives in words of their own: the more an alternative sounds like the person, the likelier (soft-max)."""
    utilities = []
    for choice in sheet.choices:
        fit = 0.0
        for hit in trait_lexicon().scan(choice.label):
            desired = DESIRABLE.get(hit.trait, 0) * settings.desirability
            fit += hit.z * (traits.get(hit.trait, 0.0) + desired)
        utilities.append(fit)
    most = max(utilities)
    weights = [math.exp(utility - most) for utility in utilities]
    total = sum(weights)
    probabilities = heated([weight / total for weight in weights], temperature)
    return biased(probabilities, range(len(probabilities)), order_bias=settings.order_bias, noise=settings.noise)
