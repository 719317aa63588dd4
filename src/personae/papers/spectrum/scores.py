"""From answers to sentences: facets of a 30-item Big Five form, ten values of a 21-item form, both on 1 to 7.

Keys are facts: that of the BFI-2-S (Soto & John, 2017) is the one of the scoring code that the paper's authors
published, and of two further public copies of the scoring sheet; a test holds it against the library's ``bfi-2``, whose
items the short form is taken from. The values' key is the library's ``pvq-21``. Neither wording is shipped.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from personae.errors import InputError
from personae.instrument import load_instrument

LOWEST, HIGHEST = 1, 7
PERSONALITY_ITEMS, VALUE_ITEMS = 30, 21

FACETS: Mapping[str, tuple[str, tuple[int, int]]] = {
    "sociability": ("extraversion", (-1, 16)),
    "assertiveness": ("extraversion", (6, -21)),
    "energy level": ("extraversion", (11, -26)),
    "compassion": ("agreeableness", (2, -17)),
    "respectfulness": ("agreeableness", (-7, 22)),
    "trust": ("agreeableness", (12, -27)),
    "organization": ("conscientiousness", (-3, 18)),
    "productiveness": ("conscientiousness", (-8, 23)),
    "responsibility": ("conscientiousness", (13, -28)),
    "anxiety": ("neuroticism", (4, -19)),
    "depression": ("neuroticism", (9, -24)),
    "emotional volatility": ("neuroticism", (-14, 29)),
    "intellectual curiosity": ("openness", (-10, 25)),
    "aesthetic sensitivity": ("openness", (5, -20)),
    "creative imagination": ("openness", (15, -30)),
}
"""For each facet its domain and its two items; a negative number is keyed against it."""

DEGREES = ("very low", "low", "slightly below average", "slightly above average", "high", "very high")
"""Of the authors' scoring code: a band from each whole number on, to below the next."""
_IMPORTANCE = (
    "of minimal importance",
    "of little importance",
    "of some importance",
    "important",
    "very important",
    "of the utmost importance",
)


def facet_scores(answers: Sequence[int]) -> dict[str, float]:
    """Mean of the two items of each facet, turned where they are keyed against it.

    Raises:
        InputError: If there are not 30 answers of 1 to 7.

    Example:
        >>> facet_scores([4] * 30)["trust"], facet_scores([7] * 30)["trust"]
        (4.0, 4.0)
    """
    _check(answers, PERSONALITY_ITEMS, "personality")
    return {
        facet: sum(_turned(answers[abs(item) - 1], item) for item in items) / 2 for facet, (_, items) in FACETS.items()
    }


def domain_scores(facets: Mapping[str, float]) -> dict[str, float]:
    """Mean of the three facets of each domain."""
    domains: dict[str, list[float]] = {}
    for facet, (domain, _) in FACETS.items():
        domains.setdefault(domain, []).append(facets[facet])
    return {domain: sum(scores) / len(scores) for domain, scores in domains.items()}


def value_scores(answers: Sequence[int]) -> dict[str, float]:
    """Mean of the two or three items of each of ten values.

    The authors number the items 1 to 19, 21 and 22: number 20 is no item, and nothing is left out.

    Raises:
        InputError: If there are not 21 answers of 1 to 7.

    Example:
        >>> value_scores([4] * 19 + [1, 4])["Tradition"]
        2.5
    """
    _check(answers, VALUE_ITEMS, "values")
    scores = {}
    for scale in load_instrument("pvq-21").scales:
        items = [int(item) for item in scale.items]
        scores[scale.title] = sum(answers[item - 1] for item in items) / len(items)
    return scores


def band(score: float) -> int:
    """Which of six bands a score of personality is in; a whole number begins a band, and 7 belongs to the last.

    Example:
        >>> band(1), band(1.99), band(4), band(7)
        (0, 0, 3, 5)
    """
    return max(0, min(5, int(score) - LOWEST))


def value_band(score: float) -> int:
    """Which of six bands a value is in; here a whole number ends a band, and 1 belongs to the first.

    Example:
        >>> value_band(1), value_band(2), value_band(2.5), value_band(7)
        (0, 0, 1, 5)
    """
    return max(0, min(5, math.ceil(score) - LOWEST - 1))


def describe_personality(facets: Mapping[str, float]) -> str:
    """A sentence a domain: where the person stands on it, and on its facets."""
    lines = []
    for domain, score in domain_scores(facets).items():
        parts = [f"{facet} is {DEGREES[band(facets[facet])]}" for facet, (one, _) in FACETS.items() if one == domain]
        lines.append(f"Your {domain} is {DEGREES[band(score)]}: {', '.join(parts)}.")
    return "\n".join(lines)


def describe_values(values: Mapping[str, float]) -> str:
    """A sentence a value, the most important first."""
    ordered = sorted(values.items(), key=lambda one: -one[1])
    return "\n".join(f"{name} is {_IMPORTANCE[value_band(score)]} to you." for name, score in ordered)


def _turned(answer: int, item: int) -> int:
    return answer if item > 0 else LOWEST + HIGHEST - answer


def _check(answers: Sequence[int], wanted: int, where: str) -> None:
    if len(answers) != wanted or not all(LOWEST <= answer <= HIGHEST for answer in answers):
        raise InputError(f"{len(answers)} answers; {wanted} of {LOWEST} to {HIGHEST} are needed", where=where)
