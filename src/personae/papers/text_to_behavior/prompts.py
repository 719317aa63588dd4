"""Steering sentences, historical figures and the questions that they are asked. Our words."""

from __future__ import annotations

from dataclasses import dataclass

from personae.judge import Criterion, Rubric
from personae.persona import BIG_FIVE, trait_words

CONTROL = "none"
"""The condition without a trait."""


def steering(trait: str) -> str:
    """The system message that asks for much of a trait; empty for the control."""
    return "" if trait == CONTROL else f"You are a person who is extremely {trait_words()[trait].high}."


TARGETS = (*BIG_FIVE, CONTROL)


@dataclass(frozen=True, slots=True)
class Figure:
    """A historical figure, and what a judge is told of its philosophy and style."""

    key: str
    name: str
    philosophy: str
    style: str


FIGURES = (
    Figure(
        "socrates",
        "Socrates",
        "claims to know nothing, and examines what others hold true",
        "asks question after question",
    ),
    Figure(
        "seneca",
        "Seneca",
        "holds virtue for the only good, and what fortune gives for indifferent",
        "writes short maxims and letters of advice",
    ),
    Figure(
        "confucius",
        "Confucius",
        "seeks harmony by ritual, filial duty and the cultivation of oneself",
        "speaks in terse sayings and examples of the ancients",
    ),
    Figure(
        "hume",
        "David Hume",
        "trusts experience alone and doubts that reason gives causes",
        "argues politely and ironically, from observation",
    ),
    Figure(
        "nietzsche",
        "Friedrich Nietzsche",
        "attacks the morality of pity and calls for values of one's own",
        "writes in aphorisms, metaphors and exclamations",
    ),
)
"""Five thinkers; what is said of them is common knowledge in our words."""

QUESTIONS = (
    "How should somebody live who has lost everything?",
    "What do you think of people who always obey the law?",
    "Can one ever be sure of anything?",
)

FIGURE_PROMPT = "{question}\n\nAnswer as you would have, in about {words} words."

FIGURE_RUBRIC = Rubric(
    "figure",
    (
        Criterion("philosophy", "How well does the answer agree with this philosophy?", "not at all", "fully"),
        Criterion("style", "How well does the answer agree with this way of speaking?", "not at all", "fully"),
    ),
)


def context_of(figure: Figure) -> str:
    """What the judge is told: whom the answer is held against, and never who was asked to play."""
    return f"{figure.name} {figure.philosophy}, and {figure.style}. Hold the answer against this description."
