"""Populations by design: every combination of levels, with combinations that cannot be and people who are added."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from personae.errors import InputError
from personae.persona import Provenance
from personae.population.conditions import Bounds, matches
from personae.population.fields import check_column
from personae.population.source import Block, table_hash

if TYPE_CHECKING:
    import polars as pl

_MOST_COMBINATIONS = 10_000_000


@dataclass(frozen=True)
class FactorialSource:
    """Every combination of the levels of several fields, less the excluded ones, plus exceptions.

    When to use: when effects are to be told apart. The factors of PatientSim are six personalities, three levels of
    language and two of recall, all clear-headed, and one exception who is dazed: 6 x 3 x 2 + 1 = 37. Such a population
    is a design, not a sample: it says nothing about how often its people occur.

    Args:
        levels: Values by column, first column slowest.
        excluded: Combinations that are left out: rows that meet any of these conditions, which are tests by column or
            formulas.
        exceptions: People added after all combinations; a field that one does not name is empty.
        fixed: Fields that all combinations share; an exception may differ.
        replicates: How many people each combination has.

    Raises:
        InputError: If a column is no field, has no level or one twice, or if nothing is left.

    Example:
        >>> axes = FactorialSource(
        ...     {"style": ["plain", "verbose"], "social_identity.language": ["A", "B", "C"]},
        ...     excluded=[{"style": "verbose", "social_identity.language": "A"}],
        ... )
        >>> axes.size
        5
    """

    levels: Mapping[str, Sequence[Any]]
    excluded: Sequence[Mapping[str, Any] | str] = ()
    exceptions: Sequence[Mapping[str, Any]] = ()
    fixed: Mapping[str, Any] = field(default_factory=dict)
    replicates: int = 1

    def __post_init__(self) -> None:
        if not self.levels:
            raise InputError("has no factors", where="factorial", remedy="give at least one field with its levels")
        if self.replicates < 1:
            raise InputError(f"{self.replicates} replicates are none", where="factorial", remedy="give at least 1")
        for column, values in self.levels.items():
            check_column(column, where="factorial")
            if not values:
                raise InputError("has no levels", where=column, remedy="give at least one value")
            if len(set(values)) < len(values):
                raise InputError("lists a level twice", where=column, remedy="two people alike cannot be told apart")
        for column in (*self.fixed, *(column for one in self.exceptions for column in one)):
            check_column(column, where="factorial")
        if math.prod(map(len, self.levels.values())) > _MOST_COMBINATIONS:
            raise InputError(
                f"has more than {_MOST_COMBINATIONS} combinations", where="factorial", remedy="sample instead"
            )
        if self.people.is_empty():
            raise InputError("excludes everybody", where="factorial", remedy="take out a condition")

    @cached_property
    def people(self) -> pl.DataFrame:
        """All combinations, one row each, exceptions last, without replicates."""
        import numpy as np
        import polars as pl

        shape = tuple(map(len, self.levels.values()))
        places = np.unravel_index(np.arange(math.prod(shape)), shape)
        frame = pl.DataFrame(
            {
                column: pl.Series(column, list(values)).gather(place)
                for (column, values), place in zip(self.levels.items(), places, strict=True)
            }
        )
        frame = frame.with_columns(pl.lit(value).alias(column) for column, value in self.fixed.items())
        for condition in self.excluded:
            frame = frame.filter(~matches(frame, _read(condition), where="factorial: excluded"))
        if self.exceptions:
            added = pl.DataFrame([{**self.fixed, **one} for one in self.exceptions])
            frame = pl.concat([frame, added], how="diagonal_relaxed")
        if frame.height != frame.unique().height:
            raise InputError("adds a combination that is there", where="factorial: exceptions", remedy="take it out")
        return frame

    @property
    def size(self) -> int:
        """Combinations times replicates."""
        return self.people.height * self.replicates

    @property
    def provenance(self) -> Mapping[str, Provenance]:
        """Given by the design."""
        return {"*": Provenance(origin="given", by="factorial design")}

    def draw(self, block: Block) -> pl.DataFrame:
        """The combinations of the block; those of a replicate stand together."""
        import numpy as np

        return self.people[np.arange(block.start, block.start + block.count) % self.people.height]

    def describe(self) -> Mapping[str, Any]:
        """The table of combinations."""
        return {"kind": "factorial", "people": table_hash(self.people), "replicates": self.replicates}


def _read(condition: Mapping[str, Any] | str) -> dict[str, Any] | str:
    if isinstance(condition, str):
        return condition
    return {
        column: Bounds.model_validate(test) if isinstance(test, Mapping) else test for column, test in condition.items()
    }
