"""Questions with eight answers each and what every scorer gives them; some made by rule, for rehearsals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from personae.canonical import content_hash
from personae.papers.personalllm_preferences.scorers import PLAIN, plain_scores

ANSWERS = 8
BY_RULE = "answers by rule"
REFERENCE = "gpt-4o"
"""Whose answer win rates are against, where the table names it."""


@dataclass(frozen=True, slots=True)
class Question:
    """A question and its answers."""

    prompt: str
    answers: tuple[str, ...]


@dataclass(frozen=True)
class Bank:
    """Questions, the first of them for histories and the rest for tests, with all scores."""

    questions: tuple[Question, ...]
    train: int
    """How many of them histories are made of."""
    scorers: tuple[str, ...]
    raw: NDArray[np.float64]
    """Questions x answers x scorers."""
    models: tuple[str, ...]
    """Who gave the first, the second, ... answer."""

    @cached_property
    def hash(self) -> str:
        """Content hash."""
        return content_hash(
            [[[one.prompt, *one.answers] for one in self.questions], self.train, self.scorers, self.raw.tolist()]
        )

    @property
    def is_plain(self) -> bool:
        """Whether new answers can be scored here and now."""
        return self.scorers == tuple(PLAIN)

    @property
    def reference(self) -> int:
        """Place of the answer that win rates are against: the reference model's, else the first."""
        named = [place for place, name in enumerate(self.models) if REFERENCE in name.casefold()]
        return named[0] if named else 0

    @cached_property
    def _moments(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        known = self.raw[: self.train].reshape(-1, len(self.scorers))
        spread = known.std(axis=0)
        return known.mean(axis=0), np.where(spread > 0, spread, 1.0)

    def standardised(self, raw: NDArray[np.float64]) -> NDArray[np.float64]:
        """Scores less their mean over the answers of histories, in standard deviations of these (ddof = 0).

        Raw scores of reward models differ in scale by a factor of five; without this the widest decides for everybody.
        """
        mean, spread = self._moments
        result: NDArray[np.float64] = (raw - mean) / spread
        return result

    @cached_property
    def scores(self) -> NDArray[np.float64]:
        """Standardised scores: questions x answers x scorers."""
        return self.standardised(self.raw)


_TOPICS = (
    "sleep better", "learn to cook", "find a hobby", "make a friend in a new town", "plan a trip by train",
    "read more books", "start to run", "keep a garden on a balcony", "save money", "write a speech",
    "teach a child to swim", "speak up in meetings", "learn a language", "tidy a small flat", "choose a bicycle",
    "host a dinner", "give up coffee", "look after an old dog", "repair a chair", "prepare an interview",
    "take better photographs", "grow tomatoes", "talk to a stubborn neighbour", "study for an examination",
    "move to another country", "name a boat", "visit a museum with children", "bake bread", "enjoy the winter",
    "work from home", "choose a present for a colleague", "remember names", "organise a reunion", "learn chess",
    "walk a long path", "sing in a choir", "keep a diary", "ride a horse", "build a shelf", "cope with noise",
)  # fmt: skip
_ASKING = ("How do I {}?", "What would you tell somebody who wants to {}?")
_STYLES = ("reference by rule", "short", "list", "warm", "careful", "sure", "examples", "lively")


def _by_style(topic: str, style: str, pick: int) -> str:
    when = ("in the morning", "at the weekend", "after work")[pick % 3]
    step = ("begin small", "ask somebody who has done it", "set a date")[pick % 3]
    written = {
        "reference by rule": f"To {topic}, {step} and go on step by step. Most people manage within {pick + 2} weeks. "
        f"Do it {when}, note what works, and change one thing at a time.",
        "short": f"{step.capitalize()}.",
        "list": f"Here is a way to {topic}:\n1. {step.capitalize()}.\n2. Do it {when}.\n3. Note what works.\n"
        f"4. Repeat for {pick + 2} weeks.",
        "warm": f"I am glad you want to {topic}, thank you for asking. Please be kind to yourself, {step}, and share "
        "it with good friends. I hope you enjoy it together.",
        "careful": f"It depends. You could perhaps {step}, and some people may find it likely easier {when}. It might "
        f"often take about {pick + 2} weeks, and possibly more.",
        "sure": f"The best and only way to {topic} is clear: you must always {step}. Never wait. Do it every day, "
        f"certainly {when}.",
        "examples": f"Take for example {pick + 20} people who wanted to {topic}. For instance, {pick + 3} of them "
        f"began {when}, such as teachers and nurses, and {pick + 1} did so at 7 in the evening.",
        "lively": f"What a plan! Why not {step} today? You will love it! Ready? Go and {topic} {when}!",
    }
    return written[style]


@lru_cache(maxsize=4)
def built_in_bank(questions: int = 60, test: int = 20) -> Bank:
    """A bank made by rule: eight styles of answers to everyday questions. For rehearsals; it shows no model's answers.

    Example:
        >>> bank = built_in_bank()
        >>> bank.raw.shape, bank.is_plain
        ((60, 8, 10), True)
    """
    made = []
    for number in range(questions):
        topic = _TOPICS[number % len(_TOPICS)]
        prompt = _ASKING[number // len(_TOPICS) % len(_ASKING)].format(topic)
        made.append(Question(prompt, tuple(_by_style(topic, style, number % 7) for style in _STYLES)))
    return Bank(tuple(made), questions - test, tuple(PLAIN), score_plainly(made), _STYLES)


def score_plainly(questions: Sequence[Question]) -> NDArray[np.float64]:
    """What the plain measures give all answers: questions x answers x measures."""
    return np.array([plain_scores(one.answers) for one in questions])
