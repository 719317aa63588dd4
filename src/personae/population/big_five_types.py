"""The 32 types of the Big Five: every combination of one pole of each of five traits, with their published codes."""

from __future__ import annotations

from collections.abc import Mapping

from personae.persona import BIG_FIVE, POLE_Z, Persona
from personae.population.factorial import cross_traits

POLE_CODES: dict[str, tuple[str, str]] = {
    "big_five.extraversion": ("extr", "intr"),
    "big_five.agreeableness": ("agre", "anta"),
    "big_five.conscientiousness": ("cons", "unco"),
    "big_five.neuroticism": ("neur", "emot"),
    "big_five.openness": ("open", "clos"),
}
"""First four letters of the adjective of each pole, high first, as the authors of PersonaLLM name their files."""


def type_code(traits: Mapping[str, float]) -> str:
    """Code of a type.

    Example:
        >>> type_code({trait: 1.0 for trait in BIG_FIVE})
        'extr_agre_cons_neur_open'
    """
    return "_".join(POLE_CODES[trait][0 if traits[trait] > 0 else 1] for trait in BIG_FIVE)


def persona_types() -> dict[str, Persona]:
    """The 32 personas, by code."""
    levels = dict.fromkeys(BIG_FIVE, (POLE_Z, -POLE_Z))
    return {persona.id: persona for persona in cross_traits(levels, name=type_code)}
