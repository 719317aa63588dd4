"""Alternatives in words of their own: how much each sounds like the person, by library or by lexicon."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from personae.instrument.tasks import situation_stimuli, twin_stimuli
from personae.respondent.graded import biased, category_probabilities
from personae.respondent.lexicon_file import trait_lexicon
from personae.respondent.settings import SimSettings

_STEPS = 7
_DISCRIMINATION = 2.4


def known_pole(label: str) -> tuple[str, int] | None:
    """The trait that an act of the library shows, and its pole; ``None`` for one that is not of the library."""
    return _known_acts().get(_plain(label))


def step_towards(
    a: str, b: str, traits: Mapping[str, float], settings: SimSettings, temperature: float
) -> tuple[float, ...]:
    """Probabilities of the seven steps between two acts, the first of which is certainly A."""
    towards = []
    for label in (a, b):
        known = known_pole(label)
        if known is not None:
            towards.append(known[1] * traits.get(known[0], 0.0))
            continue
        towards.append(sum(hit.z * traits.get(hit.trait, 0.0) for hit in trait_lexicon().scan(label)))
    theta = settings.behaviour_link * (towards[1] - towards[0]) / 2.0
    return biased(
        category_probabilities(theta, _DISCRIMINATION, 0.0, _STEPS, 1.0),
        range(_STEPS),
        order_bias=settings.order_bias,
        noise=settings.noise,
        temperature=temperature,
    )


def _plain(text: str) -> str:
    return " ".join(text.split()).strip(" .").casefold()


@lru_cache(maxsize=1)
def _known_acts() -> dict[str, tuple[str, int]]:
    """Acts of the library: the trait that each shows, and its pole."""
    known: dict[str, tuple[str, int]] = {}
    for twin in twin_stimuli().twins:
        known[_plain(twin.act)] = (twin.trait, twin.keyed)
        known[_plain(twin.other)] = (twin.trait, -twin.keyed)
    for situation in situation_stimuli().situations:
        known.update({_plain(text): (situation.trait, 1) for text in situation.high})
        known.update({_plain(text): (situation.trait, -1) for text in situation.low})
    return known
