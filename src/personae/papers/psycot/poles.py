"""What is detected: five traits, or four dichotomies of a type indicator; their poles and the scale that is asked."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Target:
    """One thing to be told about an author: which of two poles."""

    key: str
    high: str
    """Words of the pole that a label of 1 means."""
    low: str
    scale: str
    """Scale of the instrument that is asked."""
    is_turned: bool = False
    """Whether a high score of the scale speaks for the low pole."""
    trait: str = ""
    """Trait by which simulated authors are given their pole."""
    meaning: str = ""
    """What the trait is, for the baseline that is told."""


ESSAYS: tuple[Target, ...] = (
    Target(
        "openness",
        "High openness",
        "Low openness",
        "openness",
        trait="big_five.openness",
        meaning="curiosity, imagination and a taste for art and ideas, against a liking for what is familiar",
    ),
    Target(
        "conscientiousness",
        "High conscientiousness",
        "Low conscientiousness",
        "conscientiousness",
        trait="big_five.conscientiousness",
        meaning="order, duty and perseverance, against carelessness and impulse",
    ),
    Target(
        "extraversion",
        "High extraversion",
        "Low extraversion",
        "extraversion",
        trait="big_five.extraversion",
        meaning="energy, sociability and assertiveness, against reserve",
    ),
    Target(
        "agreeableness",
        "High agreeableness",
        "Low agreeableness",
        "agreeableness",
        trait="big_five.agreeableness",
        meaning="trust, kindness and cooperation, against criticism and rivalry",
    ),
    Target(
        "neuroticism",
        "High neuroticism",
        "Low neuroticism",
        "neuroticism",
        trait="big_five.neuroticism",
        meaning="worry, moodiness and tension, against calm",
    ),
)

KAGGLE: tuple[Target, ...] = (
    Target(
        "EI",
        "Extraversion (E)",
        "Introversion (I)",
        "ie",
        trait="big_five.extraversion",
        meaning="whether energy comes from people or from being alone",
    ),
    Target(
        "NS",
        "Intuition (N)",
        "Sensing (S)",
        "sn",
        trait="big_five.openness",
        meaning="whether ideas or facts count first",
    ),
    Target(
        "TF",
        "Thinking (T)",
        "Feeling (F)",
        "ft",
        trait="big_five.agreeableness",
        meaning="whether reasons or people decide",
    ),
    Target(
        "PJ",
        "Perceiving (P)",
        "Judging (J)",
        "jp",
        trait="big_five.conscientiousness",
        meaning="whether things are left open or planned",
    ),
)

OPPOSED = frozenset({"TF", "PJ"})
"""Dichotomies whose first pole goes with little of the trait (McCrae & Costa, 1989)."""


def targets_of(dataset: str) -> tuple[Target, ...]:
    """What is detected in a data set."""
    return ESSAYS if dataset == "essays" else KAGGLE
