"""Alternatives that name the pole of a trait: "High extraversion" or "Low extraversion", "Thinking" or "Feeling"."""

from __future__ import annotations

import re

from personae.respondent.judging import trait_of

_LOW = re.compile(r"\b(?:low|lower|less|little|not|below)\b", re.I)
_TYPES = (
    (re.compile(r"\bintuiti", re.I), "big_five.openness", 1),
    (re.compile(r"\bsensing\b|\bsensor\b", re.I), "big_five.openness", -1),
    (re.compile(r"\bfeeling\b|\bfeeler\b", re.I), "big_five.agreeableness", 1),
    (re.compile(r"\bthinking\b|\bthinker\b", re.I), "big_five.agreeableness", -1),
    (re.compile(r"\bjudging\b|\bjudger\b", re.I), "big_five.conscientiousness", 1),
    (re.compile(r"\bperceiving\b|\bperceiver\b", re.I), "big_five.conscientiousness", -1),
)
"""Poles of type indicators, by the Big Five trait that each correlates with most (McCrae & Costa, 1989)."""
_LONGEST = 12


def pole_of(label: str) -> tuple[str, int] | None:
    """The trait whose pole an alternative names, and which pole; ``None`` if it names none.

    Example:
        >>> pole_of("Low level of Extraversion"), pole_of("Feeling (F)"), pole_of("a walk")
        (('big_five.extraversion', -1), ('big_five.agreeableness', 1), None)
    """
    if len(label.split()) > _LONGEST:
        return None
    for pattern, trait, sign in _TYPES:
        if pattern.search(label):
            return trait, sign
    named = trait_of(label)
    if named is None:
        return None
    trait, sign = named
    return trait, -sign if _LOW.search(label) else sign
