"""How far people are from each other, over numbers and categories at once (Gower, 1971)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from personae.errors import InputError
from personae.population.fields import fact_columns

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True, slots=True)
class Coded:
    """People as numbers: scaled to 0..1, and codes of categories; NaN and -1 where nothing is said."""

    numbers: NDArray[np.float64]
    codes: NDArray[np.int64]
    names: tuple[str, ...]

    def row(self, place: int) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """One person."""
        return self.numbers[place], self.codes[place]

    def middle(self) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """Nobody in particular: the median of numbers, the commonest of categories."""
        with np.errstate(all="ignore"):
            numbers = np.array(
                [np.nanmedian(column) if np.isfinite(column).any() else np.nan for column in self.numbers.T]
            )
        codes = np.array(
            [np.bincount(column[column >= 0]).argmax() if (column >= 0).any() else -1 for column in self.codes.T]
        )
        return numbers.reshape(-1), codes.astype(np.int64).reshape(-1)


def coded(people: pl.DataFrame, columns: Sequence[str] | None = None, like: pl.DataFrame | None = None) -> Coded:
    """Code people for distances.

    Args:
        people: Who.
        columns: Which; all numbers and texts but names if not given.
        like: People by whom numbers are scaled and categories are coded, so that two tables can be compared.

    Raises:
        InputError: If there is nothing to compare.
    """
    base = people if like is None else like
    wanted = list(columns) if columns is not None else fact_columns(people)
    if lacking := [name for name in wanted if name not in people.columns or name not in base.columns]:
        raise InputError("is not among the columns", where=lacking[0], remedy=f"there are {', '.join(people.columns)}")
    if not wanted:
        raise InputError("has no columns to compare", where="people", remedy="give numbers or texts")
    numbers, codes = [], []
    for name in wanted:
        if base.schema[name].is_numeric() and people.schema[name].is_numeric():
            scale = base[name].drop_nulls().to_numpy().astype(np.float64)
            low, high = (float(scale.min()), float(scale.max())) if len(scale) else (0.0, 0.0)
            values = people[name].cast(float).to_numpy()
            numbers.append((values - low) / (high - low) if high > low else np.where(np.isnan(values), np.nan, 0.0))
        else:
            place = {
                value: index for index, value in enumerate(as_text(base, name).unique(maintain_order=True).to_list())
            }
            place.pop(None, None)
            values_text = as_text(people, name).to_list()
            for value in values_text:
                if value is not None and value not in place:
                    place[value] = len(place) + 1
            codes.append(np.array([-1 if value is None else place[value] for value in values_text], dtype=np.int64))
    n = people.height
    return Coded(
        np.column_stack(numbers) if numbers else np.empty((n, 0)),
        np.column_stack(codes) if codes else np.empty((n, 0), dtype=np.int64),
        tuple(wanted),
    )


def distances_to(people: Coded, one: tuple[NDArray[np.float64], NDArray[np.int64]]) -> NDArray[np.float64]:
    """Gower distance of everybody to one person, over the fields that both tell; 1 if there is none."""
    numbers, codes = one
    gaps = np.abs(people.numbers - numbers)
    known = np.isfinite(gaps)
    told = (people.codes >= 0) & (codes >= 0)
    total = np.where(known, gaps, 0.0).sum(axis=1) + ((people.codes != codes) & told).sum(axis=1)
    fields = known.sum(axis=1) + told.sum(axis=1)
    found: NDArray[np.float64] = np.divide(total, fields, out=np.ones(len(total)), where=fields > 0)
    return found


def draw_pairs(n: int, pairs: int, *, rng: np.random.Generator) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Pairs of rows drawn at random, none with themselves; all pairs if there are not more."""
    if n * (n - 1) // 2 <= pairs:
        first, second = np.triu_indices(n, 1)
        return first.astype(np.int64), second.astype(np.int64)
    first = rng.integers(n, size=pairs)
    return first, (first + rng.integers(1, n, size=pairs)) % n


def between(a: Coded, first: NDArray[np.int64], b: Coded, second: NDArray[np.int64]) -> NDArray[np.float64]:
    """Gower distances of pairs: rows of one table with rows of another, coded alike."""
    gaps = np.abs(a.numbers[first] - b.numbers[second])
    known = np.isfinite(gaps)
    x, y = a.codes[first], b.codes[second]
    told = (x >= 0) & (y >= 0)
    total = np.where(known, gaps, 0.0).sum(axis=1) + ((x != y) & told).sum(axis=1)
    fields = known.sum(axis=1) + told.sum(axis=1)
    found: NDArray[np.float64] = np.divide(total, fields, out=np.ones(len(total)), where=fields > 0)
    return found


def as_text(frame: pl.DataFrame, name: str) -> pl.Series:
    """A column as texts; a list is the same whatever its order."""
    import polars as pl

    if frame.schema[name].is_nested():
        return frame.select(pl.col(name).list.sort().list.join("; "))[name]
    return frame[name].cast(pl.String)
