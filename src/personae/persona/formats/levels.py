"""Traits in words: the nine levels as phrases that are read back."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from personae.persona.narrative import word_trait
from personae.persona.traits import level_of, z_of_level

AMOUNTS = (
    "Extremely low",
    "Very low",
    "Low",
    "A bit low",
    "Average",
    "A bit high",
    "High",
    "Very high",
    "Extremely high",
)
"""The nine levels, as other tools word the Big Five ("High. Very imaginative and curious.")."""

_SAME = {"medium": "average", "moderate": "average", "somewhat": "a bit", "slightly": "a bit", "moderately": "a bit"}
_SIDE = r"(?:low|high|average|medium|moderate)"
_PHRASE = re.compile(
    r"\s*(?:(?P<much>extremely|very|a bit|somewhat|slightly|moderately)\s+)?"
    rf"(?P<side>{_SIDE})(?:\s*(?:-|–|/|to)\s*(?P<other>{_SIDE}))?\b",
    re.IGNORECASE,
)


def read_level(value: Any) -> float | None:
    """The z-score that a phrase stands for: the middle of its level; ``None`` if it names no level.

    Example:
        >>> read_level("High. Very imaginative."), read_level("Medium openness"), read_level("Often tired")
        (1.0, 0.0, None)
        >>> read_level("Low-Medium. Comfortable alone."), read_level("medium to high")
        (-0.5, 0.5)
    """
    found = _PHRASE.match(value) if isinstance(value, str) else None
    if found is None:
        return None
    level = _level_named(found["side"], found["much"] or "")
    return (level + _level_named(found["other"], "")) / 2 if found["other"] else level


def _level_named(side: str, much: str) -> float:
    side, much = side.lower(), much.lower()
    side = _SAME.get(side, side)
    words = side if side == "average" else f"{_SAME.get(much, much)} {side}".strip()
    return z_of_level([amount.lower() for amount in AMOUNTS].index(words) + 1)


def word_level(key: str) -> Callable[[Any], str]:
    """Words a trait by its level and its adjective."""

    def write(z: Any) -> str:
        words = word_trait(key, float(z))
        return f"{AMOUNTS[level_of(float(z)) - 1]}. {words[:1].upper()}{words[1:]}."

    return write
