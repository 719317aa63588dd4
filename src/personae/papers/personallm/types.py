"""The published codes of the 32 types, read."""

from __future__ import annotations

from personae.errors import InputError
from personae.persona import BIG_FIVE
from personae.population import POLE_CODES

_SHORTEST = 3


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


def whole_code(code: str) -> str:
    """The code of a type whose parts may be shortened to three letters, as the authors' runs by gender name them.

    Raises:
        InputError: If it is no code of a type.

    Example:
        >>> whole_code("ext_agr_unc_emo_clo")
        'extr_agre_unco_emot_clos'
    """
    poles = [pole for pair in POLE_CODES.values() for pole in pair]
    parts = [
        next((pole for pole in poles if len(part) >= _SHORTEST and pole.startswith(part)), part)
        for part in code.split("_")
    ]
    whole = "_".join(parts)
    poles_of(whole)
    return whole
