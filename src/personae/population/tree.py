"""A tree of dependence: every column drawn by its table given one other (Chow & Liu, 1968)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from personae.canonical import content_hash
from personae.errors import InputError
from personae.persona import Provenance
from personae.population.copula import Margin, closed_columns, margin_of
from personae.population.fields import WEIGHT
from personae.population.microdata import checked_weights
from personae.population.source import Block

if TYPE_CHECKING:
    import polars as pl

_BINS = 12


@dataclass(frozen=True, slots=True)
class Branch:
    """One column: how its values are spelled, the column that it hangs from, and its shares given that one."""

    margin: Margin
    parent: int | None
    edges: NDArray[np.float64]
    """Cumulative shares, one row for each piece of the parent (one row at the root)."""


@dataclass(frozen=True)
class TreeSource:
    """Draws new people along a tree of conditional tables.

    When to use: when rows may not be copied and most columns are categories. What never occurs together along an edge
    never does in the draw (no child is a physician, if occupation hangs from age), which a copula cannot promise;
    numbers are cut into twelfths and drawn evenly within. Dependence that is not on the tree is weakened.
    """

    branches: tuple[Branch, ...]
    """Parents before children."""
    name: str = "microdata"
    licence: str = ""
    size: int | None = field(default=None, init=False)

    @property
    def provenance(self) -> Mapping[str, Provenance]:
        """Sampled, from the tree."""
        return {"*": Provenance(origin="sampled", by=f"dependence tree of {self.name}", licence=self.licence)}

    @property
    def edges(self) -> tuple[tuple[str, str], ...]:
        """Parent and child of every branch."""
        names = [branch.margin.column for branch in self.branches]
        return tuple((names[one.parent], one.margin.column) for one in self.branches if one.parent is not None)

    def draw(self, block: Block) -> pl.DataFrame:
        """Draw the root, then every column given its parent."""
        import polars as pl

        codes: list[NDArray[np.int64]] = []
        columns = []
        for number, branch in enumerate(self.branches):
            u = block.rng(number).random(block.count)  # streams of its own: a longer block begins with the shorter one
            rows = np.zeros(block.count, dtype=np.int64) if branch.parent is None else codes[branch.parent]
            piece = _place(branch.edges, rows, u)
            codes.append(piece)
            columns.append(_spell(branch.margin, piece, block.rng(number, 1), branch.edges.shape[1]))
        return pl.DataFrame(columns)

    def describe(self) -> Mapping[str, Any]:
        """The hash of the tables."""
        tables = [
            [one.margin.column, one.parent, one.margin.values, one.margin.quantiles, one.edges.tolist()]
            for one in self.branches
        ]
        return {"kind": "tree", "tables": content_hash(tables)}


def fit_tree(table: pl.DataFrame, *, name: str = "microdata", licence: str = "") -> TreeSource:
    """Find the tree of largest total mutual information and its tables (Chow & Liu, 1968).

    Args:
        table: One row a person, without empty cells; the column ``weight`` weights them, ``id``, ``text`` and ``rest``
            are left out.
        name: What the data are.
        licence: Their terms.

    Raises:
        InputError: If a column is no field, is constant, empty somewhere, or has too many categories.

    Example:
        >>> import polars as pl
        >>> data = pl.DataFrame({"demographics.age": [9, 40] * 50, "demographics.occupation": ["pupil", "nurse"] * 50})
        >>> fit_tree(data).edges
        (('demographics.age', 'demographics.occupation'),)
    """
    own = None
    if WEIGHT in table.columns:
        own = checked_weights(table[WEIGHT].to_numpy(), table.height)
        table, own = table.filter(own > 0), own[own > 0]
    weights = np.ones(table.height) if own is None else own
    table = closed_columns(table, where=name)
    columns = table.columns
    for column in columns:
        if table[column].null_count():
            raise InputError("is empty for somebody", where=column, remedy="leave these people out, or say 'unknown'")
    margins = [margin_of(table, column, weights=own) for column in columns]
    codes = [_codes(table[margin.column], margin) for margin in margins]
    sizes = [_BINS if margin.is_number else len(margin.values) for margin in margins]
    parents = _spanning_tree(codes, sizes, weights)
    order = _parents_first(parents)
    place = {column: index for index, column in enumerate(order)}
    branches = []
    for number in order:
        parent = parents[number]
        rows = np.zeros(table.height, dtype=np.int64) if parent is None else codes[parent]
        counts = _joint(rows, 1 if parent is None else sizes[parent], codes[number], sizes[number], weights)
        whole = counts.sum(axis=0)
        counts[counts.sum(axis=1) == 0] = whole  # a piece of a number that nobody is in
        edges = np.cumsum(counts / counts.sum(axis=1, keepdims=True), axis=1)
        branches.append(Branch(margins[number], None if parent is None else place[parent], edges))
    return TreeSource(tuple(branches), name, licence)


def _codes(values: pl.Series, margin: Margin) -> NDArray[np.int64]:
    if margin.is_number:
        inner = margin.at(np.linspace(0, 1, _BINS + 1)[1:-1])
        return np.searchsorted(inner, values.cast(float).to_numpy(), side="right").astype(np.int64)
    place = {value: index for index, value in enumerate(margin.values)}
    return np.array([place[value] for value in values.to_list()], dtype=np.int64)


def _spell(margin: Margin, codes: NDArray[np.int64], rng: np.random.Generator, pieces: int) -> pl.Series:
    import polars as pl

    if not margin.is_number:
        return pl.Series(margin.column, list(margin.values)).gather(codes)
    found = margin.at((codes + rng.random(len(codes))) / pieces)
    return pl.Series(margin.column, np.rint(found).astype(np.int64) if margin.is_whole else found)


def _place(edges: NDArray[np.float64], rows: NDArray[np.int64], u: NDArray[np.float64]) -> NDArray[np.int64]:
    """Pieces by cumulative shares, a row of them a person: one search over all rows laid end to end."""
    height, width = edges.shape
    laid = (edges + np.arange(height)[:, None]).ravel()
    found: NDArray[np.int64] = np.clip(np.searchsorted(laid, u + rows, side="right") - rows * width, 0, width - 1)
    return found


def _joint(
    x: NDArray[np.int64], width_x: int, y: NDArray[np.int64], width_y: int, weights: NDArray[np.float64]
) -> NDArray[np.float64]:
    counts: NDArray[np.float64] = np.bincount(x * width_y + y, weights, minlength=width_x * width_y).astype(np.float64)
    return counts.reshape(width_x, width_y)


def _information(counts: NDArray[np.float64]) -> float:
    p = counts / counts.sum()
    outer = np.outer(p.sum(axis=1), p.sum(axis=0))
    kept = p > 0
    return float((p[kept] * np.log(p[kept] / outer[kept])).sum())


def _spanning_tree(codes: list[NDArray[np.int64]], sizes: list[int], weights: NDArray[np.float64]) -> list[int | None]:
    """Parent of each column in the tree of largest mutual information, grown from the first column (Prim)."""
    n = len(codes)
    best = [-1.0] * n
    parents: list[int | None] = [None] * n
    left = set(range(1, n))
    newest = 0
    while left:
        for other in left:
            worth = _information(_joint(codes[newest], sizes[newest], codes[other], sizes[other], weights))
            if worth > best[other]:
                best[other], parents[other] = worth, newest
        newest = max(sorted(left), key=lambda column: best[column])
        left.remove(newest)
    return parents


def _parents_first(parents: list[int | None]) -> list[int]:
    order = [index for index, parent in enumerate(parents) if parent is None]
    for index in order:
        order += [child for child, parent in enumerate(parents) if parent == index]
    return order
