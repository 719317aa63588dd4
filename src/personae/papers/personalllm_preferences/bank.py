"""Questions with eight answers each and what every scorer gives them: read from a table, or made by rule."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from personae.canonical import content_hash
from personae.errors import InputError
from personae.papers.personalllm_preferences.scorers import PLAIN, REWARD_MODELS, plain_scores

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
    return Bank(tuple(made), questions - test, tuple(PLAIN), _plain(made), _STYLES)


def _plain(questions: Sequence[Question]) -> NDArray[np.float64]:
    return np.array([plain_scores(one.answers) for one in questions])


@lru_cache(maxsize=4)
def read_bank(name: str, test: int) -> Bank:
    """Read questions from a Parquet, CSV or JSONL file in the layout of the published data set.

    Columns: ``prompt``, ``response_1`` to ``response_8``, and for each scorer ``response_1_NAME`` and so on; where a
    table has no scores, plain measures score it. A column ``split`` of train and test is used; else the last ``test``
    questions are the test. ``model_1`` to ``model_8`` may name who answered.

    Raises:
        InputError: If columns or scores are missing.
    """
    import polars as pl

    from personae.population.microdata import read_table

    table = read_table(Path(name))
    wanted = ["prompt", *(f"response_{place}" for place in range(1, ANSWERS + 1))]
    if lacking := [column for column in wanted if column not in table.columns]:
        raise InputError(
            f"lacks {', '.join(lacking)}", where=name, remedy="columns are prompt, response_1 to response_8"
        )
    if "split" in table.columns:
        is_test = table["split"].cast(pl.String).str.to_lowercase() == "test"
        table = pl.concat([table.filter(~is_test), table.filter(is_test)])
        test = int(is_test.sum())
    if not 0 < test < table.height:
        raise InputError(
            f"{test} of {table.height} questions for the test leave none for histories or tests", where=name
        )
    questions = tuple(
        Question(str(row[0]), tuple(str(text) for text in row[1:])) for row in table.select(wanted).rows()
    )
    begins = "response_1_"
    found = [column.removeprefix(begins) for column in table.columns if column.startswith(begins)]
    scorers = tuple(sorted(found, key=lambda one: REWARD_MODELS.index(one) if one in REWARD_MODELS else 99))
    if len(scorers) == 1:
        raise InputError("has one scorer; users are weightings of two or more", where=name)
    if scorers:
        columns = [[f"response_{place}_{one}" for one in scorers] for place in range(1, ANSWERS + 1)]
        if lacking := [column for row in columns for column in row if column not in table.columns]:
            raise InputError(f"lacks {', '.join(lacking[:5])}", where=name, remedy="give every answer every score")
        raw = np.stack([table.select(row).cast(pl.Float64).to_numpy() for row in columns], axis=1)
        if not np.isfinite(raw).all():
            raise InputError(f"{int((~np.isfinite(raw)).sum())} scores are missing", where=name, remedy="fill them in")
    else:
        scorers, raw = tuple(PLAIN), _plain(questions)
    names = [
        str(table[f"model_{place}"][0]) if f"model_{place}" in table.columns else f"answer {place}"
        for place in range(1, ANSWERS + 1)
    ]
    return Bank(questions, table.height - test, scorers, raw, tuple(names))
