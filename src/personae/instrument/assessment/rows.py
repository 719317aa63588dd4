"""The rows of a table of answers: which people, which answers, which scores."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from personae.instrument.questionnaire import Instrument, Scale
from personae.instrument.scoring import Matrix, answer_matrix, score_scale, score_traits

if TYPE_CHECKING:
    import polars as pl

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Rows:
    """Answers of one model, or a part of them."""

    table: pl.DataFrame
    instrument: Instrument

    def under(self, condition: str) -> Rows:
        """Rows of one condition."""
        import polars as pl

        return Rows(self.table.filter(pl.col("condition") == condition), self.instrument)

    @property
    def conditions(self) -> list[str]:
        """Conditions in the order of their names."""
        return sorted(self.table["condition"].unique().to_list())

    @cached_property
    def matrix(self) -> Matrix:
        """Answers, rows by items in printed order."""
        return answer_matrix(self.table, self.instrument)

    @cached_property
    def people(self) -> list[str]:
        """Whose row each is."""
        return [str(one) for one in self.table["person"].to_list()]

    @cached_property
    def names(self) -> dict[str, str]:
        """People in the order of the table, and what they are called; their identifier where two share a name."""
        called = dict(self.table.select("person", "called").iter_rows())
        shared = [name for name in called.values() if list(called.values()).count(name) > 1]
        return {person: person if name in shared else name for person, name in called.items()}

    def scores(self, scale: Scale) -> Floats:
        """Score of each row on a scale: the mean of its items, none where an item has no answer."""
        return score_scale(self.matrix, self.instrument, scale)

    def trait_scores(self, trait: str) -> Floats:
        """Score of each row on a trait, high meaning much of it."""
        return score_traits(self.matrix, self.instrument, [trait])[trait]

    def by_person(self, values: Floats) -> dict[str, Floats]:
        """The values of each person."""
        people = np.array(self.people)
        return {person: values[people == person] for person in dict.fromkeys(self.people)}

    def person_means(self, values: Floats) -> dict[str, float]:
        """Mean of what each person has; NaN for whom nothing is known."""
        return {person: _mean(mine) for person, mine in self.by_person(values).items()}

    def lists(self, column: str) -> list[list[Any]]:
        """The lists of a column, empty where there are none."""
        return self.table[column].drop_nulls().to_list() if column in self.table.columns else []

    def repeated(self, values: Floats) -> Matrix:
        """Values as a matrix of people by repeats; NaN where a person has fewer."""
        found = list(self.by_person(values).values())
        width = max((len(one) for one in found), default=0)
        matrix = np.full((len(found), width), np.nan)
        for row, one in enumerate(found):
            matrix[row, : len(one)] = one
        return matrix


def models_of(table: pl.DataFrame, instrument: Instrument) -> Iterator[tuple[str, Rows]]:
    """Cut a table by model, rows in an order that does not depend on when they were observed."""
    order = [name for name in ("condition", "person", "trait", "level", "repeat") if name in table.columns]
    for key, rows in table.sort(order).group_by("model", maintain_order=True):
        yield str(key[0]), Rows(rows, instrument)


def paired(first: dict[str, float], second: dict[str, float]) -> tuple[Floats, Floats]:
    """Values of the people who are in both, in one order."""
    both = [person for person in first if person in second]
    return np.array([first[person] for person in both]), np.array([second[person] for person in both])


def first_rows(rows: Rows) -> dict[str, Floats]:
    """The first answers of each person."""
    found: dict[str, Floats] = {}
    for person, answers in zip(rows.people, rows.matrix, strict=True):
        found.setdefault(person, answers)
    return found


def word(name: str) -> str:
    """A name as a part of a finding's dotted name."""
    kept: Sequence[str] = [letter if letter.isalnum() or letter in "-_@" else "_" for letter in name]
    return "".join(kept)


def _mean(values: Floats) -> float:
    known = values[np.isfinite(values)]
    return float(known.mean()) if len(known) else float("nan")
