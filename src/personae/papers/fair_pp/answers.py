"""The observations as answers: people by items, as published and read in both orders."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from personae.canonical import content_hash
from personae.papers.fair_pp.questions import COLUMNS, Question
from personae.papers.fair_pp.segments import KEYS
from personae.papers.fair_pp.taxonomy import Place
from personae.papers.fair_pp.weights import NO_ANSWER

if TYPE_CHECKING:
    import polars as pl

Ints = NDArray[np.int64]
NOBODY, IN_ROLE = "nobody", "_in_role"
TRAINED = "trained_"
"""Begins the name of whoever was trained, followed by the number of the segment it was aligned with."""
_SIDE = "side."


@dataclass(frozen=True)
class Answers:
    """Answers of the seven segments and of others to all items; a row for each of ``who``."""

    questions: tuple[Question, ...]
    who: tuple[str, ...]
    """The seven, then nobody, positioned models, and these told to be the target, as far as there are such."""
    published: Ints
    """The first answer, as the authors read it."""
    first: Ints
    """The first answer as we read it."""
    sides: Ints
    """The side that is chosen in both orders, 2 where they differ or one is missing."""
    swapped: Ints
    """The answer in the other order."""
    again: Ints
    """The first question put once more."""
    asked: NDArray[np.bool_]
    """Whether an item was put to somebody at all; files of published answers may hold some of the items."""
    parts: tuple[str, ...] = ()
    """Train or test, as published; empty if it is not told for all items."""

    @property
    def places(self) -> list[str]:
        """Group and problem of each item: items of one place are no independent items."""
        return [f"{one.place.group}/{one.place.problem}" for one in self.questions]

    @property
    def others(self) -> tuple[str, ...]:
        """Everybody who is none of the seven."""
        return self.who[len(KEYS) :]

    def row(self, who: str) -> int | None:
        """Where somebody's answers are; ``None`` if nobody asked them."""
        return self.who.index(who) if who in self.who else None

    def tests(self, share: float) -> NDArray[np.bool_]:
        """Items kept for tests: the published ones, else by group and problem: no such cell is on both sides."""
        if self.parts:
            return np.array([part == "test" for part in self.parts], dtype=bool)
        cut = share * 16**12
        return np.array([int(content_hash(["test", place])[:12], 16) < cut for place in self.places], dtype=bool)


def answers_of(table: pl.DataFrame) -> Answers:
    """Read a table of observations; rows without a question are left out."""
    rows = [row for row in table.iter_rows(named=True) if row.get("text")]
    questions = tuple(Question(row["text"], row["a"], row["b"], _place(row)) for row in rows)
    asked = [name.removeprefix(_SIDE) for name in table.columns if name.startswith(_SIDE)]
    there = [name for name in asked if any(row[f"{_SIDE}{name}"] is not None for row in rows)]
    who = (*KEYS, *(name for name in there if name not in KEYS))
    turns = {name: [_turns(row.get(f"{_SIDE}{name}")) for row in rows] for name in who}
    coded = np.array([turns[name] for name in who], dtype=np.int64).reshape(len(who), len(rows), 3)
    first, swapped, again = coded[:, :, 0], coded[:, :, 1], coded[:, :, 2]
    has_orders = any(len(row.get(f"{_SIDE}{name}") or ()) > 1 for row in rows for name in who)
    sides = np.where(first == swapped, first, NO_ANSWER) if has_orders else first
    given = [[_code(row.get(f"published.{name}")) for row in rows] for name in who]
    published = np.array(given, dtype=np.int64).reshape(len(who), len(rows))
    parts = tuple(str(row.get("part") or "") for row in rows)
    put = np.array([[row.get(f"published.{name}") is not None for row in rows] for name in who], dtype=bool)
    put = put.reshape(len(who), len(rows))
    return Answers(questions, who, published, first, sides, swapped, again, put, parts if all(parts) else ())


def counts_of(codes: Sequence[int] | Ints) -> NDArray[np.float64]:
    """How often A, B and no answer were given."""
    return np.bincount(np.asarray(codes, dtype=np.int64), minlength=3)[:3].astype(float)


def column_of(published: str) -> str:
    """Our name of a published column.

    Example:
        >>> column_of("Specific Problem"), column_of("Problem Category"), column_of("Group Type")
        ('problem', 'category', 'group_type')
    """
    return _OWN_NAMES.get(published, published.lower().replace(" ", "_"))


_OWN_NAMES = {"Specific Problem": "problem", "Problem Category": "category"}


def _place(row: dict[str, Any]) -> Place:
    return Place(*(str(row.get(column_of(name)) or "") for name in COLUMNS[:6]))


def _turns(sides: Any) -> list[int]:
    given = [_code(one) for one in sides or ()]
    return (given + [NO_ANSWER] * 3)[:3]


def _code(value: Any) -> int:
    return NO_ANSWER if value is None else int(value)
