"""The 32 types: every combination of one pole of each of the five traits, and their published codes."""

from __future__ import annotations

from collections.abc import Mapping

from personae.errors import InputError
from personae.persona import BIG_FIVE, POLE_Z, Persona
from personae.population import cross_traits

POLE_CODES: dict[str, tuple[str, str]] = {
    "big_five.extraversion": ("extr", "intr"),
    "big_five.agreeableness": ("agre", "anta"),
    "big_five.conscientiousness": ("cons", "unco"),
    "big_five.neuroticism": ("neur", "emot"),
    "big_five.openness": ("open", "clos"),
}
"""First four letters of the adjective of each pole, high first, as the authors name their files."""


def type_code(traits: Mapping[str, float]) -> str:
    """Code of a type.

    Example:
        >>> type_code({trait: 1.0 for trait in BIG_FIVE})
        'extr_agre_cons_neur_open'
    """
    return "_".join(POLE_CODES[trait][0 if traits[trait] > 0 else 1] for trait in BIG_FIVE)


def poles_of(code: str) -> dict[str, int]:
    """Pole of each trait of a type: 1 high, -1 low.

    Raises:
        InputError: If it is no code of a type.

    Example:
        >>> poles_of("intr_agre_cons_emot_open")["big_five.neuroticism"]
        -1
    """
    parts = code.split("_")
    poles = {}
    for trait, part in zip(BIG_FIVE, parts, strict=False):
        if part in POLE_CODES[trait]:
            poles[trait] = 1 if part == POLE_CODES[trait][0] else -1
    if len(poles) != len(BIG_FIVE) or len(parts) != len(BIG_FIVE):
        raise InputError(f"{code!r} is no code of a type", remedy="a code is like extr_agre_cons_emot_open")
    return poles


def persona_types() -> dict[str, Persona]:
    """The 32 personas, by code."""
    levels = dict.fromkeys(BIG_FIVE, (POLE_Z, -POLE_Z))
    return {persona.id: persona for persona in cross_traits(levels, name=type_code)}
