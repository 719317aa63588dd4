"""How one field is drawn: the kinds of draw that a recipe may name, each over whole columns at once."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from personae.errors import InputError
from personae.population.conditions import Scalar, Test, columns_of_condition, matches

if TYPE_CHECKING:
    import numpy as np
    import polars as pl

_HOLE = re.compile(r"\{([^{}]+)\}")


class _Draw(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    def needs(self) -> tuple[str, ...]:
        """Columns that must be drawn before this one."""
        return ()


class Constant(_Draw):
    """The same for everybody."""

    draw: Literal["constant"] = "constant"
    value: Scalar

    def column(self, drawn: pl.DataFrame, rng: np.random.Generator) -> pl.Series:
        """One value, repeated."""
        import polars as pl

        return pl.Series([self.value] * drawn.height)


class Choice(_Draw):
    """One of several values, with shares that may depend on another field.

    ``shares`` are counts or weights by value; with ``by``, a table of them for each value of that field.
    """

    draw: Literal["choice"] = "choice"
    values: tuple[Scalar, ...] = ()
    shares: Mapping[str, float] | Mapping[str, Mapping[str, float]] = Field(default_factory=dict)
    by: str = ""

    @model_validator(mode="after")
    def _says_what_of(self) -> Self:
        if not self.values and not self.shares:
            raise ValueError("a choice needs values, or shares by value")
        tables = list(self.shares.values()) if self.by else [self.shares]
        for table in tables:
            if not isinstance(table, Mapping) or any(isinstance(share, Mapping) for share in table.values()):
                raise ValueError("shares are numbers by value; with by, one such table for each value of that field")
            if table and (min(map(float, table.values())) < 0 or sum(map(float, table.values())) <= 0):
                raise ValueError("shares are not negative, and some are above 0")
            if self.values and (strange := [value for value in table if value not in set(map(str, self.values))]):
                raise ValueError(f"{strange[0]!r} has a share and is none of the values")
        return self

    def needs(self) -> tuple[str, ...]:
        """The field that shares depend on."""
        return (self.by,) if self.by else ()

    def column(self, drawn: pl.DataFrame, rng: np.random.Generator) -> pl.Series:
        """Values by their shares, one uniform number a person."""
        import numpy as np
        import polars as pl

        u = rng.random(drawn.height)
        if not self.by:
            values, edges = self._table(self.shares)
            return pl.Series(list(values)).gather(np.searchsorted(edges, u, side="right"))
        given = drawn[self.by].cast(pl.String)
        everything = [value for table in self._tables().values() for value in self._table(table)[0]]
        values = tuple(dict.fromkeys(everything))
        place = {value: index for index, value in enumerate(values)}
        codes = np.full(drawn.height, -1)
        for name, table in self._tables().items():
            mine = (given == name).fill_null(value=False).to_numpy()
            own, edges = self._table(table)
            codes[mine] = np.array([place[value] for value in own])[np.searchsorted(edges, u[mine], side="right")]
        if (codes < 0).any():
            lacking = given.filter(pl.Series(codes < 0))[0]
            raise InputError(f"has no shares for {lacking!r}", where=self.by, remedy="give a table for each value")
        return pl.Series(list(values)).gather(codes)

    def _tables(self) -> Mapping[str, Mapping[str, Any]]:
        return {name: table for name, table in self.shares.items() if isinstance(table, Mapping)}

    def _table(self, shares: Mapping[str, Any]) -> tuple[tuple[Scalar, ...], np.ndarray[Any, np.dtype[np.float64]]]:
        import numpy as np

        values = self.values or tuple(shares)
        weights = np.array([float(shares.get(str(value), 0.0)) for value in values]) if shares else np.ones(len(values))
        edges = np.cumsum(weights) / weights.sum()
        last = int(np.flatnonzero(weights)[-1])
        edges[last:] = np.inf  # rounding must not let anybody fall off the end, nor onto a share of nothing
        return values, edges


class Normal(_Draw):
    """A normal number, within bounds if there are any; ``log`` draws its logarithm so, ``whole`` rounds it."""

    draw: Literal["normal"] = "normal"
    mean: float = 0.0
    sd: Annotated[float, Field(ge=0)] = 1.0
    low: float | None = None
    high: float | None = None
    log: bool = False
    whole: bool = False

    @model_validator(mode="after")
    def _has_room(self) -> Self:
        if self.low is not None and self.high is not None and self.low >= self.high:
            raise ValueError(f"low {self.low:g} is not below high {self.high:g}")
        return self

    def column(self, drawn: pl.DataFrame, rng: np.random.Generator) -> pl.Series:
        """Drawn by inversion within the bounds, so that nobody is drawn twice or heaped on a bound."""
        import numpy as np
        from scipy.special import ndtr, ndtri

        low, high = self.low, self.high
        if self.log:
            low, high = (None if bound is None else float(np.log(bound)) for bound in (low, high))
        least = 0.0 if low is None or self.sd == 0 else float(ndtr((low - self.mean) / self.sd))
        most = 1.0 if high is None or self.sd == 0 else float(ndtr((high - self.mean) / self.sd))
        u = least + (most - least) * rng.random(drawn.height)
        values = self.mean + self.sd * ndtri(np.clip(u, 1e-300, 1 - 1e-16))
        if low is not None or high is not None:
            values = np.clip(values, low, high)
        return _numbers(np.exp(values) if self.log else values, whole=self.whole)


class Uniform(_Draw):
    """A number between two others; whole numbers include both ends."""

    draw: Literal["uniform"] = "uniform"
    low: float = 0.0
    high: float = 1.0
    whole: bool = False

    @model_validator(mode="after")
    def _has_room(self) -> Self:
        if self.low > self.high:
            raise ValueError(f"low {self.low:g} is above high {self.high:g}")
        return self

    def column(self, drawn: pl.DataFrame, rng: np.random.Generator) -> pl.Series:
        """Evenly drawn."""
        import polars as pl

        if self.whole:
            return pl.Series(rng.integers(int(self.low), int(self.high), size=drawn.height, endpoint=True))
        return _numbers(rng.uniform(self.low, self.high, size=drawn.height), whole=False)


class Poisson(_Draw):
    """A count."""

    draw: Literal["poisson"] = "poisson"
    mean: Annotated[float, Field(gt=0, le=1e6)]

    def column(self, drawn: pl.DataFrame, rng: np.random.Generator) -> pl.Series:
        """Poisson numbers."""
        import polars as pl

        return pl.Series(rng.poisson(self.mean, size=drawn.height))


class Linear(_Draw):
    """A number that depends on others: ``intercept + sum of slope x column + normal noise of sd``."""

    draw: Literal["linear"] = "linear"
    intercept: float = 0.0
    slopes: Annotated[Mapping[str, float], Field(min_length=1)]
    sd: Annotated[float, Field(ge=0)] = 0.0
    low: float | None = None
    high: float | None = None
    whole: bool = False

    def needs(self) -> tuple[str, ...]:
        """The columns it depends on."""
        return tuple(self.slopes)

    def column(self, drawn: pl.DataFrame, rng: np.random.Generator) -> pl.Series:
        """The sum; bounds are hard, and values beyond them are set on them."""
        import numpy as np

        values = np.full(drawn.height, self.intercept)
        for column, slope in self.slopes.items():
            if not drawn.schema[column].is_numeric():
                raise InputError("is no number", where=column, remedy="a linear field depends on numbers; use cases")
            values = values + slope * drawn[column].cast(float).to_numpy()
        values = values + self.sd * rng.standard_normal(drawn.height)
        if self.low is not None or self.high is not None:
            values = np.clip(values, self.low, self.high)
        return _numbers(values, whole=self.whole)


class Text(_Draw):
    """A sentence with holes: ``A {demographics.age}-year-old {demographics.occupation}``."""

    draw: Literal["text"] = "text"
    text: Annotated[str, Field(min_length=1)]

    def needs(self) -> tuple[str, ...]:
        """The fields in the holes."""
        return tuple(dict.fromkeys(_HOLE.findall(self.text)))

    def column(self, drawn: pl.DataFrame, rng: np.random.Generator) -> pl.Series:
        """Filled in; nothing is said where a field is empty."""
        import polars as pl

        parts = _HOLE.split(self.text)
        pieces = [pl.col(part).cast(pl.String) if index % 2 else pl.lit(part) for index, part in enumerate(parts)]
        return (
            drawn.select(pl.concat_str(pieces).alias("text"))["text"]
            if len(pieces) > 1
            else pl.Series([self.text] * drawn.height)
        )


class Several(_Draw):
    """Some of a list, without repetition: goals, beliefs, languages."""

    draw: Literal["several"] = "several"
    values: Annotated[tuple[str, ...], Field(min_length=1)]
    least: Annotated[int, Field(ge=0)] = 1
    most: Annotated[int, Field(ge=1)] = 1

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if not self.least <= self.most <= len(self.values):
            raise ValueError(f"{self.least} to {self.most} of {len(self.values)} values cannot be drawn")
        return self

    def column(self, drawn: pl.DataFrame, rng: np.random.Generator) -> pl.Series:
        """In random order."""
        import numpy as np
        import polars as pl

        places, numbers = rng.spawn(2)
        order = np.argsort(places.random((drawn.height, len(self.values))), axis=1)
        counts = numbers.integers(self.least, self.most, size=drawn.height, endpoint=True)
        rows = [[self.values[index] for index in row[:count]] for row, count in zip(order, counts, strict=True)]
        return pl.Series(rows, dtype=pl.List(pl.String()))


Plain = Annotated[Constant | Choice | Normal | Uniform | Poisson | Linear | Text | Several, Field(discriminator="draw")]


class Case(BaseModel):
    """A draw for some people: those whom the condition fits, and no earlier case did."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    when: Annotated[Mapping[str, Test], Field(min_length=1)]
    use: Plain


class Cases(_Draw):
    """Different draws for different people; whoever fits no case gets ``otherwise``, or nothing."""

    draw: Literal["cases"] = "cases"
    cases: Annotated[tuple[Case, ...], Field(min_length=1)]
    otherwise: Plain | None = None

    def needs(self) -> tuple[str, ...]:
        """All that the conditions and the draws look at."""
        inner = [name for case in self.cases for name in (*columns_of_condition(case.when), *case.use.needs())]
        return (*inner, *(self.otherwise.needs() if self.otherwise else ()))

    def column(self, drawn: pl.DataFrame, rng: np.random.Generator) -> pl.Series:
        """Every case draws for all, and each person takes one: a change of one case moves nobody in another."""
        import numpy as np

        left = np.ones(drawn.height, dtype=bool)
        chosen: pl.Series | None = None
        for case, own in zip(self.cases, rng.spawn(len(self.cases)), strict=True):
            mine = left & matches(drawn, case.when, where="case").to_numpy()
            left &= ~mine
            chosen = _put(chosen, case.use.column(drawn, own), mine)
        rest = rng.spawn(1)[0]
        if self.otherwise is not None:
            chosen = _put(chosen, self.otherwise.column(drawn, rest), left)
        assert chosen is not None
        return chosen


Sampler = Annotated[
    Constant | Choice | Normal | Uniform | Poisson | Linear | Text | Several | Cases, Field(discriminator="draw")
]
"""Every kind of draw."""


def _put(whole: pl.Series | None, part: pl.Series, mine: np.ndarray[Any, np.dtype[np.bool_]]) -> pl.Series:
    import polars as pl

    mask = pl.Series(mine)
    frame = pl.DataFrame({"part": part, "mine": mask})
    if whole is None:
        return frame.select(pl.when(pl.col("mine")).then(pl.col("part")).alias(""))[""]
    both = pl.concat(
        [pl.DataFrame({"whole": whole}), frame],
        how="horizontal",
    )
    try:
        return both.select(pl.when(pl.col("mine")).then(pl.col("part")).otherwise(pl.col("whole")).alias(""))[""]
    except pl.exceptions.PolarsError as error:
        raise InputError(
            "draw numbers in one case and texts in another", where="cases", remedy="make them alike"
        ) from error


def _numbers(values: Any, *, whole: bool) -> pl.Series:
    import numpy as np
    import polars as pl

    return pl.Series(np.rint(values).astype(np.int64) if whole else np.asarray(values, dtype=np.float64))
