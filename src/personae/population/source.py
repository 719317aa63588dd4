"""What a population is drawn from, and how a long draw is cut into blocks that anybody can draw alike.

The people of block k depend on the source, the seed and k alone. A population is therefore the same on one core, on
many machines, or continued tomorrow, and a longer sample of the same source begins with the shorter one: whole blocks
always, and within the last block unless conditions reject people or quotas are exact.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from personae.canonical import content_hash
from personae.errors import InputError
from personae.persona import Persona, Provenance
from personae.population.fields import AGE, ID, personas_of

if TYPE_CHECKING:
    import numpy as np
    import polars as pl

BLOCK = 20_000
"""People drawn at once: small enough for memory, large enough that a table costs less than its people."""


@dataclass(frozen=True, slots=True)
class Block:
    """A stretch of a population: its people from ``start`` on."""

    start: int
    count: int
    size: int
    """People of the whole population."""
    seed: int
    salt: tuple[int, ...] = ()
    """Tells draws within one block apart: a second try, a part of a source."""
    counts: Counter[str] = field(default_factory=Counter, compare=False)
    """What happened while it was drawn, such as people that a constraint refused."""

    def rng(self, *parts: int) -> np.random.Generator:
        """Random numbers of this block alone; ``parts`` tell several streams apart."""
        import numpy as np

        return np.random.default_rng(np.random.SeedSequence(self.seed, spawn_key=(self.start, *self.salt, *parts)))

    def salted(self, *salt: int) -> Block:
        """The same place, other numbers."""
        return Block(self.start, self.count, self.size, self.seed, (*self.salt, *salt), self.counts)


@runtime_checkable
class Source(Protocol):
    """Draws people as a table. Implement it to sample from anything."""

    @property
    def size(self) -> int | None:
        """How many people it has, or ``None`` if it can be drawn from without end."""
        ...

    @property
    def provenance(self) -> Mapping[str, Provenance]:
        """Where the fields come from, by path."""
        ...

    def draw(self, block: Block) -> pl.DataFrame:
        """Draw the people of a block, one row each."""
        ...

    def describe(self) -> Mapping[str, Any]:
        """What tells the source apart, as JSON; people of equal descriptions and seeds are equal."""
        ...


@dataclass(frozen=True, slots=True)
class Population:
    """People drawn from a source: as blocks, as one table, or as personas.

    When to use: whenever more than a handful of people take part. ``blocks`` streams, so that a population may be
    larger than memory.

    Example:
        >>> from personae.population import FactorialSource
        >>> pairs = Population(FactorialSource({"traits.big_five.openness": [1.0, -1.0]}))
        >>> [person.traits for person in pairs.personas()]
        [{'big_five.openness': 1.0}, {'big_five.openness': -1.0}]
    """

    source: Source
    count: int | None = None
    """People wanted; all that the source has, if it has an end."""
    seed: int = 0
    label: str = ""
    """Beginning of every id; made from the source and the seed if it is not given."""

    @property
    def size(self) -> int:
        """How many people it has.

        Raises:
            InputError: If nobody said, and the source has no end; or if the source has fewer.
        """
        has = self.source.size
        if self.count is None:
            if has is None:
                raise InputError("the source has no end", where="population", remedy="say how many people are wanted")
            return has
        if self.count < 1 or (has is not None and self.count > has):
            most = "" if has is None else f"; the source has {has}"
            raise InputError(f"{self.count} people cannot be drawn{most}", where="population", remedy="change the size")
        return self.count

    @property
    def name(self) -> str:
        """The label, or eight letters of the hash of source and seed."""
        return self.label or content_hash([self.source.describe(), self.seed])[:8]

    def blocks(self, counts: Counter[str] | None = None) -> Iterator[Block]:
        """The stretches that it is drawn in; ``counts`` takes what happens while they are drawn."""
        size = self.size
        for start in range(0, size, BLOCK):
            yield Block(start, min(BLOCK, size - start), size, self.seed, (), Counter() if counts is None else counts)

    def draw(self, block: Block) -> pl.DataFrame:
        """Draw one block, with ids; ages are in years completed."""
        import polars as pl

        drawn = self.source.draw(block)
        if drawn.height != block.count:
            raise InputError(f"the source drew {drawn.height} people, not {block.count}", where=self.name)
        if AGE in drawn.columns and drawn.schema[AGE].is_float():
            drawn = drawn.with_columns(pl.col(AGE).floor().cast(pl.Int64))
        if ID in drawn.columns:
            return drawn
        numbers = pl.int_range(block.start, block.start + block.count, eager=True)
        return drawn.select(pl.format("{}-{}", pl.lit(self.name), numbers).alias(ID), pl.all())

    def frame(self) -> pl.DataFrame:
        """All people as one table."""
        import polars as pl

        return pl.concat([self.draw(block) for block in self.blocks()], how="diagonal_relaxed")

    def personas(self) -> Iterator[Persona]:
        """All people, one by one, each field with its source."""
        provenance = dict(self.source.provenance)
        for block in self.blocks():
            yield from personas_of(self.draw(block), provenance)


@dataclass(frozen=True, slots=True)
class RowsSource:
    """People that are there already: written by a model, imported, or chosen from others."""

    people: pl.DataFrame
    provenance: Mapping[str, Provenance] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """All of them."""
        return self.people.height

    def draw(self, block: Block) -> pl.DataFrame:
        """The rows of the block, as they are."""
        return self.people.slice(block.start, block.count)

    def describe(self) -> Mapping[str, Any]:
        """The hash of the table."""
        return {"kind": "rows", "table": table_hash(self.people)}


def table_hash(frame: pl.DataFrame) -> str:
    """Hash of a table: its columns and its values, in their order."""
    import hashlib

    digest = hashlib.sha256(repr(list(frame.schema.items())).encode())
    for piece in frame.iter_slices(BLOCK):
        has_lists = any(kind.is_nested() for kind in piece.dtypes)
        digest.update((piece.write_ndjson() if has_lists else piece.write_csv(include_header=False)).encode())
    return digest.hexdigest()
