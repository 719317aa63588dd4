"""Segments with shares, and quotas: how many people of each kind, exactly or by chance, whoever they are otherwise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from personae.errors import InputError
from personae.persona import Provenance
from personae.population.fields import check_column
from personae.population.source import Block, Source

if TYPE_CHECKING:
    import numpy as np
    import polars as pl
    from numpy.typing import NDArray

SEGMENT = "extensions.segment"


@dataclass(frozen=True, slots=True)
class Segment:
    """A kind of people: its share of all, what all of them have, and where the rest is drawn from."""

    name: str
    share: float
    fields: Mapping[str, Any] = field(default_factory=dict)
    source: Source | None = None


@dataclass(frozen=True)
class SegmentSource:
    """Draws people by segments of a survey: shares of the segments, a portrait each, further fields from sources.

    When to use: for published segmentations (the seven British segments of Fair-PP), and for quotas: with ``exact``,
    every population has the counts that its shares and size give (largest remainders), in random order. Without, each
    person falls into a segment by chance, as in a simple random sample.

    Args:
        segments: The kinds of people; shares are scaled to sum to 1.
        exact: Whether counts are exact for the size of the population.
        column: Column with the name of a person's segment.

    Raises:
        InputError: If a share is none, a name is given twice, or a column is no field.

    Example:
        >>> two = SegmentSource([Segment("a", 1.0, {"style": "plain"}), Segment("b", 3.0, {"style": "verbose"})])
        >>> two.draw(Block(0, 4, 4, seed=0))["style"].sort().to_list()
        ['plain', 'verbose', 'verbose', 'verbose']
    """

    segments: Sequence[Segment]
    exact: bool = True
    column: str = SEGMENT
    size: int | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        names = [segment.name for segment in self.segments]
        if not names or len(set(names)) < len(names):
            raise InputError("needs segments of different names", where="segments", remedy="name each once")
        for segment in self.segments:
            if not segment.share > 0:
                raise InputError(f"has the share {segment.share:g}", where=segment.name, remedy="shares are above 0")
            for column in segment.fields:
                check_column(column, where=segment.name)

    @property
    def shares(self) -> dict[str, float]:
        """Share of each segment; they sum to 1."""
        total = sum(segment.share for segment in self.segments)
        return {segment.name: segment.share / total for segment in self.segments}

    @property
    def provenance(self) -> Mapping[str, Provenance]:
        """Sampled; the fields of the segments' own sources have theirs."""
        kind = "quota" if self.exact else "shares"
        sources = {
            path: source
            for segment in self.segments
            if segment.source is not None
            for path, source in segment.source.provenance.items()
            if path != "*"
        }
        return {"*": Provenance(origin="sampled", by=f"{len(self.segments)} segments by {kind}"), **sources}

    def draw(self, block: Block) -> pl.DataFrame:
        """Draw the segment of each person, then the people of each segment."""
        import numpy as np
        import polars as pl

        codes = self._codes(block)
        pieces, places = [], []
        for number, segment in enumerate(self.segments):
            mine = np.flatnonzero(codes == number)
            if not len(mine):
                continue
            fixed = {**segment.fields, self.column: segment.name}
            if segment.source is None:
                piece = pl.DataFrame({column: [value] * len(mine) for column, value in fixed.items()})
            else:
                inner = Block(block.start, len(mine), block.size, block.seed, (*block.salt, 7, number), block.counts)
                drawn = segment.source.draw(inner)
                piece = drawn.with_columns(pl.Series(column, [value] * len(mine)) for column, value in fixed.items())
            pieces.append(piece)
            places.append(mine)
        order = np.argsort(np.concatenate(places), kind="stable")
        return pl.concat(pieces, how="diagonal_relaxed")[order]

    def describe(self) -> Mapping[str, Any]:
        """Names, shares, fields and sources."""
        return {
            "kind": "segments",
            "exact": self.exact,
            "segments": [
                [one.name, one.share, dict(one.fields), None if one.source is None else dict(one.source.describe())]
                for one in self.segments
            ],
        }

    def _codes(self, block: Block) -> NDArray[np.int64]:
        import numpy as np

        shares = tuple(self.shares.values())
        if self.exact:
            return exact_codes(shares, block)
        edges = np.cumsum(shares)[:-1]
        return np.searchsorted(edges, block.rng().random(block.count), side="right")


def exact_codes(shares: Sequence[float], block: Block, *stream: int) -> NDArray[np.int64]:
    """The numbers of the people of a block, where the whole population has the counts of its shares, in random order.

    Args:
        shares: Shares or counts, scaled to the size of the population (largest remainders).
        block: Whose.
        stream: Tells several such orders of one population apart.
    """
    import numpy as np

    whole = _shuffled(tuple(shares), block.size, block.seed, stream)
    return whole[block.start : block.start + block.count].astype(np.int64)


@lru_cache(maxsize=8)
def _shuffled(shares: tuple[float, ...], size: int, seed: int, stream: tuple[int, ...]) -> NDArray[np.integer[Any]]:
    """The number of everybody in a population of this size; two bytes a person, four above 65,535 numbers."""
    import numpy as np

    from personae.stats.raking import whole_counts

    kind = np.min_scalar_type(max(len(shares), 256))
    codes = np.repeat(np.arange(len(shares), dtype=kind), whole_counts(shares, size))
    rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(size, 11, *stream)))
    rng.shuffle(codes)
    return codes


@dataclass(frozen=True)
class QuotaSource:
    """Exactly so many people of each combination of some fields, in random order.

    When to use: as a part of a population of which other fields are drawn beside. Counts are those that the shares give
    for the size of the population (largest remainders). Several of them are independent of each other: quotas of gender
    beside quotas of region, each met exactly, without quotas of their combinations.

    Args:
        columns: The fields.
        cells: Share or count by combination of their values.
        stream: Tells sources of one population apart.

    Raises:
        InputError: If a column is no field, or a share is none.

    Example:
        >>> source = QuotaSource(["demographics.gender"], {("woman",): 3, ("man",): 1})
        >>> sorted(source.draw(Block(0, 4, 4, seed=0))["demographics.gender"])
        ['man', 'woman', 'woman', 'woman']
    """

    columns: Sequence[str]
    cells: Mapping[tuple[Any, ...], float]
    stream: int = 0

    def __post_init__(self) -> None:
        for column in self.columns:
            check_column(column, where="quotas")
        if not self.cells:
            raise InputError("has no quotas", where=", ".join(self.columns), remedy="give a share for each value")
        for cell, share in self.cells.items():
            if not 0 < share < float("inf"):
                raise InputError(
                    f"has the share {share:g}", where=" / ".join(map(str, cell)), remedy="give more than 0"
                )

    @property
    def size(self) -> int | None:
        """Without end."""
        return None

    @property
    def provenance(self) -> Mapping[str, Provenance]:
        """Given, as quotas are."""
        return dict.fromkeys(self.columns, Provenance(origin="given", by=f"quotas of {', '.join(self.columns)}"))

    def draw(self, block: Block) -> pl.DataFrame:
        """Everybody's combination."""
        import polars as pl

        codes = exact_codes(tuple(self.cells.values()), block, *block.salt, self.stream)
        rows = list(self.cells)
        return pl.DataFrame(
            [pl.Series(name, [row[at] for row in rows]).gather(codes) for at, name in enumerate(self.columns)]
        )

    def describe(self) -> Mapping[str, Any]:
        """Columns and shares."""
        cells = [[list(cell), share] for cell, share in self.cells.items()]
        return {"kind": "quotas", "columns": list(self.columns), "cells": cells, "stream": self.stream}


def quotas(
    cells: Mapping[tuple[Any, ...], float], columns: Sequence[str], source: Source | None = None
) -> SegmentSource:
    """Quotas over combinations of fields: how many people, or what share, each combination has.

    Example:
        >>> plan = quotas({("woman", 20): 2, ("man", 70): 2}, ["demographics.gender", "demographics.age"])
        >>> plan.draw(Block(0, 4, 4, seed=0))["demographics.age"].sort().to_list()
        [20, 20, 70, 70]
    """
    return SegmentSource(
        [
            Segment(" / ".join(map(str, cell)), share, dict(zip(columns, cell, strict=True)), source)
            for cell, share in cells.items()
            if share > 0
        ]
    )
