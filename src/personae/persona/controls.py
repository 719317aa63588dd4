"""Controls: what a persona effect has to be told apart from.

A score that moves as much under a neutral paraphrase as under a persona measures the wording, not the person.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from personae.errors import InputError
from personae.persona.persona import Persona
from personae.persona.rendering import Prompt

if TYPE_CHECKING:
    import numpy as np

NEUTRAL_PROMPTS: dict[str, str] = {
    "neutral-1": "You are a person.",
    "neutral-2": "Answer as an ordinary adult would.",
    "neutral-3": "Please respond as yourself.",
    "neutral-4": "You are taking part in a survey.",
}
"""Prompts that ask for someone and describe nobody; their spread is the noise floor of wording."""


def empty_persona() -> Persona:
    """The persona of whom nothing is said: every renderer gives the empty text, and no system message is sent."""
    return Persona(id="empty")


def neutral_prompts() -> list[Prompt]:
    """The neutral paraphrases, each under its own name."""
    return [Prompt(text, f"control/{key}@1") for key, text in NEUTRAL_PROMPTS.items()]


def random_other(persona: Persona, population: Sequence[Persona], rng: np.random.Generator) -> Persona:
    """Someone else from the same population, to be shown in this persona's place.

    Raises:
        InputError: If the population has nobody of different content.
    """
    others = [other for other in population if other.hash != persona.hash]
    if not others:
        raise InputError("the population has nobody else", where=persona.id, remedy="add personas that differ")
    return others[int(rng.integers(len(others)))]


def demographics_only(persona: Persona) -> Persona:
    """The same person reduced to the demographics and their sources, under an id of its own.

    The name is left out: names tell of gender, age and origin, which is what this control is to hold still.
    """
    sources = {
        path: source for path, source in persona.provenance.items() if path.partition(".")[0] in ("*", "demographics")
    }
    return Persona(demographics=persona.demographics, provenance=sources)
