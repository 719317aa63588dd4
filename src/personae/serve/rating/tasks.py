"""What raters are shown: pairs or single texts, in an order and on sides that are each rater's own."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from personae.canonical import content_hash
from personae.errors import InputError

Kind = Literal["pairwise", "likert"]
Side = Literal["A", "B"]

MOST_TASKS = 5_000
"""Tasks of one set; more would be read by nobody."""


_MOST_WEIGHED = 20_000
"""Pairs among which the least used texts are looked for."""


@dataclass(frozen=True, slots=True)
class Text:
    """Something to be rated; its id and group are never shown to a rater."""

    id: str
    text: str
    group: str = ""
    """Whose it is: the system, model or condition that is compared."""

    @property
    def whose(self) -> str:
        """What results count it under."""
        return self.group or self.id


@dataclass(frozen=True, slots=True)
class Scale:
    """The values that a text may be given."""

    lowest: int = 1
    highest: int = 5
    low_label: str = ""
    high_label: str = ""

    def to_json(self) -> dict[str, Any]:
        """Plain JSON form."""
        return {
            "lowest": self.lowest,
            "highest": self.highest,
            "low_label": self.low_label,
            "high_label": self.high_label,
        }


@dataclass(frozen=True, slots=True)
class Task:
    """One question: two texts to choose from, or one to place on a scale."""

    id: str
    texts: tuple[Text, ...]


def make_tasks(kind: Kind, texts: Sequence[Text], *, pairs: int, rng: np.random.Generator) -> list[Task]:
    """Make the tasks of a set.

    Pairs are made across groups where there are several (what is compared is the groups), else of all texts. If there
    are more pairs than wanted, some are drawn so that texts occur about equally often.

    Args:
        kind: Two texts side by side, or one on a scale.
        texts: What is rated; empty ones are refused, as they would show whose they are.
        pairs: At most so many pairs.
        rng: Draws the pairs.

    Raises:
        InputError: If there is nothing to compare, a text is empty, or two have the same id.

    Example:
        >>> texts = [Text("1", "one", "a"), Text("2", "two", "a"), Text("3", "three", "b")]
        >>> tasks = make_tasks("pairwise", texts, pairs=10, rng=np.random.default_rng(0))
        >>> sorted(tuple(text.id for text in task.texts) for task in tasks)
        [('1', '3'), ('2', '3')]
    """
    for text in texts:
        if not text.text.strip():
            raise InputError("a text is empty", where=f"text {text.id}", remedy="leave it out")
    if len({text.id for text in texts}) < len(texts):
        raise InputError("two texts have the same id", where="texts", remedy="give each its own, or none")
    if kind == "likert":
        if not texts:
            raise InputError("there is nothing to rate", where="texts", remedy="give at least one text")
        return [Task(f"t{number}", (text,)) for number, text in enumerate(texts[:MOST_TASKS], 1)]
    chosen = _pairs(texts, min(pairs, MOST_TASKS), rng)
    if not chosen:
        raise InputError("there is nothing to compare", where="texts", remedy="give two texts, of two groups if named")
    return [Task(f"t{number}", pair) for number, pair in enumerate(chosen, 1)]


def _pairs(texts: Sequence[Text], most: int, rng: np.random.Generator) -> list[tuple[Text, Text]]:
    has_groups = len({text.group for text in texts}) > 1
    if len(texts) ** 2 > 200_000:  # all pairs of many texts are not wanted by anybody: a part of the texts will do
        texts = [texts[index] for index in sorted(rng.permutation(len(texts))[:600])]
    every = [pair for pair in itertools.combinations(texts, 2) if not has_groups or pair[0].group != pair[1].group]
    if len(every) <= most:
        return every
    some = [every[index] for index in rng.permutation(len(every))[: max(_MOST_WEIGHED, most)]]
    place = {text.id: index for index, text in enumerate(texts)}
    ends = np.array([[place[text.id] for text in pair] for pair in some])
    used, taken = np.zeros(len(texts)), np.zeros(len(some))
    chosen: list[tuple[Text, Text]] = []
    for _ in range(most):
        best = int(
            np.argmin(used[ends[:, 0]] + used[ends[:, 1]] + taken)
        )  # the first of the least used: they are shuffled
        chosen.append(some[best])
        used[ends[best]] += 1
        taken[best] = np.inf
    return chosen


def order_for(rater: str, seed: int, tasks: Sequence[Task]) -> list[Task]:
    """The order in which a rater meets the tasks: shuffled for each, and the same whenever it is asked for."""
    return sorted(tasks, key=lambda task: content_hash(["order", seed, rater, task.id]))


def is_swapped(rater: str, seed: int, task: Task) -> bool:
    """Whether a rater sees the second text of a pair as A."""
    return len(task.texts) == 2 and int(content_hash(["side", seed, rater, task.id])[:8], 16) % 2 == 1
