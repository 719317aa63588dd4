"""How one field is drawn: the kinds of draw that a recipe may name, each over whole columns at once."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from personae.errors import InputError
from personae.population.conditions import Condition, Scalar, columns_of_condition, matches
from personae.population.dated_draws import Datetime, Timedelta
from personae.population.draw import Draw, Draws, merged
from personae.population.numeric_draws import (
    Bernoulli,
    Binomial,
    Distribution,
    Linear,
    Normal,
    Poisson,
    Uniform,
    Worked,
)

if TYPE_CHECKING:
    import numpy as np
    import polars as pl
    from numpy.typing import NDArray

_HOLE = re.compile(r"\{([^{}]+)\}")


class Constant(Draw):
    """The same for everybody."""

    draw: Literal["constant"] = "constant"
    value: Scalar

    def column(self, drawn: pl.DataFrame, rng: np.random.Generator) -> pl.Series:
        """One value, repeated."""
        import polars as pl

        return pl.Series([self.value] * drawn.height)


class Choice(Draw):
    """One of several values, with shares that may depend on another field.

    ``shares`` are counts or weights by value; with ``by``, a table of them for each value of that field. Who has no
    value of that field gets none of this one.
    """

    draw: Literal["choice"] = "choice"
    values: tuple[Scalar, ...] = ()
    shares: Mapping[str, float] | Mapping[str, Mapping[str, float]] = Field(default_factory=dict)
    by: str = ""

    @model_validator(mode="after")
    def _says_what_of(self) -> Self:
        if not self.values and not self.shares:
            raise ValueError("a choice needs values, or shares by value")
        if self.values and len({_kind(value) for value in self.values}) > 1:
            raise ValueError("values are all texts, all numbers or all truth values")
        if len(set(map(str, self.values))) < len(self.values):
            raise ValueError("lists a value twice; give it a larger share")
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
            return _listed(values).gather(np.searchsorted(edges, u, side="right"))
        given, is_truth = drawn[self.by].cast(pl.String), drawn[self.by].dtype == pl.Boolean
        everything = [value for table in self._tables().values() for value in self._table(table)[0]]
        values = tuple(dict.fromkeys(everything))
        place = {value: index for index, value in enumerate(values)}
        codes = np.full(drawn.height, -1)
        for name, table in self._tables().items():
            mine = (given == (name.lower() if is_truth else name)).fill_null(value=False).to_numpy()
            own, edges = self._table(table)
            codes[mine] = np.array([place[value] for value in own])[np.searchsorted(edges, u[mine], side="right")]
        is_told = given.is_not_null().to_numpy()
        if (wrong := (codes < 0) & is_told).any():
            lacking = given.filter(pl.Series(wrong))[0]
            raise InputError(f"has no shares for {lacking!r}", where=self.by, remedy="give a table for each value")
        places = pl.DataFrame({"told": is_told, "code": codes})
        return _listed(values).gather(places.select(pl.when("told").then("code"))["code"])

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


def _kind(value: Scalar) -> str:
    return "truth" if isinstance(value, bool) else "text" if isinstance(value, str) else "number"


def _listed(values: tuple[Scalar, ...]) -> pl.Series:
    import polars as pl

    is_mixed = {type(value) for value in values} == {int, float}
    return pl.Series([float(value) for value in values] if is_mixed else list(values))


class Text(Draw):
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
            else pl.Series([self.text] * drawn.height, dtype=pl.String)
        )


class Several(Draw):
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


class Missing(Draw):
    """Nothing is said: for a part of a mixture, or a case that a question was not put to."""

    draw: Literal["missing"] = "missing"

    def column(self, drawn: pl.DataFrame, rng: np.random.Generator) -> pl.Series:
        """Empty cells."""
        import polars as pl

        return pl.Series([None] * drawn.height, dtype=pl.Null)


class Uuid(Draw):
    """A random identifier (UUID, version 4), which follows from the seed like everything else."""

    draw: Literal["uuid"] = "uuid"
    prefix: str = ""
    short: bool = False
    """Its first eight letters only, of which two people have the same among some ten thousand."""

    def column(self, drawn: pl.DataFrame, rng: np.random.Generator) -> pl.Series:
        """Sixteen random bytes a person."""
        import uuid

        import numpy as np
        import polars as pl

        raw = rng.integers(0, 256, size=(drawn.height, 16), dtype=np.uint8).tobytes()
        made = (str(uuid.UUID(bytes=raw[at : at + 16], version=4)) for at in range(0, len(raw), 16))
        return pl.Series([self.prefix + (one[:8] if self.short else one) for one in made], dtype=pl.String)


class Name(Draw):
    """A given name that is tied to one culture (see ``population/names.toml``), each name as likely.

    The names are ours, from general knowledge, and no shares of births: draw from a list of your own with ``choice``
    where frequencies matter. A name says nothing of a person but what readers presume.
    """

    draw: Literal["name"] = "name"
    culture: str = ""
    """Key of a culture, such as ``japanese``."""
    by: str = ""
    """Column that holds such a key instead."""
    gender: str = ""
    """Column of genders: woman, female, feminine, or man, male, masculine; anybody else has any name."""

    @model_validator(mode="after")
    def _says_whose(self) -> Self:
        from personae.population.names import load_names

        if bool(self.culture) == bool(self.by):
            raise ValueError("a name is of one culture, or by a column of cultures")
        if self.culture:
            try:
                load_names().culture(self.culture)
            except InputError as error:
                raise ValueError(f"{error.what}; {error.remedy}") from error
        return self

    def needs(self) -> tuple[str, ...]:
        """The columns of cultures and genders."""
        return tuple(name for name in (self.by, self.gender) if name)

    def column(self, drawn: pl.DataFrame, rng: np.random.Generator) -> pl.Series:
        """Nothing where nothing is said of the culture."""
        import numpy as np
        import polars as pl

        u = rng.random(drawn.height)
        cultures = drawn[self.by].cast(pl.String).to_list() if self.by else [self.culture] * drawn.height
        genders = drawn[self.gender].cast(pl.String).to_list() if self.gender else [None] * drawn.height
        found = np.full(drawn.height, None, dtype=object)
        kinds = [(one, _GENDERS.get((gender or "").casefold())) for one, gender in zip(cultures, genders, strict=True)]
        for kind in dict.fromkeys(kinds):
            if kind[0] is None:
                continue
            mine = np.fromiter((one == kind for one in kinds), dtype=bool, count=len(kinds))
            names = np.array(_names_of(*kind), dtype=object)
            found[mine] = names[np.floor(u[mine] * len(names)).astype(np.int64)]
        return pl.Series(found.tolist(), dtype=pl.String)


_GENDERS = {
    **dict.fromkeys(("woman", "female", "feminine", "girl"), "feminine"),
    **dict.fromkeys(("man", "male", "masculine", "boy"), "masculine"),
}


@lru_cache(maxsize=256)
def _names_of(culture: str, gender: str | None) -> tuple[str, ...]:
    from personae.population.names import load_names

    table = load_names()
    table.culture(culture)
    return tuple(one.name for one in table.tied(culture) if gender is None or one.gender in (gender, "either"))


_Simple = (
    Constant
    | Missing
    | Choice
    | Normal
    | Uniform
    | Poisson
    | Bernoulli
    | Binomial
    | Distribution
    | Linear
    | Worked
    | Datetime
    | Timedelta
    | Uuid
    | Name
    | Text
    | Several
)

Plain = Annotated[_Simple, Field(discriminator="draw")]


class Part(BaseModel):
    """A draw for a share of people, whoever they are."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    share: Annotated[float, Field(gt=0)]
    use: Plain


class Mixture(Draw):
    """One of several draws, by shares: incomes of nothing beside others, or answers that are missing for some."""

    draw: Literal["mixture"] = "mixture"
    parts: Annotated[tuple[Part, ...], Field(min_length=2)]

    def needs(self) -> tuple[str, ...]:
        """All that its draws look at."""
        return tuple(name for part in self.parts for name in part.use.needs())

    def column(self, drawn: pl.DataFrame, rng: np.random.Generator) -> pl.Series:
        """Every part draws for all, and each person takes one."""
        import numpy as np

        shares = np.array([part.share for part in self.parts])
        chosen = np.searchsorted(np.cumsum(shares / shares.sum())[:-1], rng.random(drawn.height), side="right")
        return merged(
            [
                (part.use.column(drawn, own), chosen == number)
                for number, (part, own) in enumerate(zip(self.parts, rng.spawn(len(self.parts)), strict=True))
            ],
            where="mixture",
        )


class Case(BaseModel):
    """A draw for some people: those whom the condition fits, and no earlier case did."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    when: Condition
    use: Plain | Mixture


class Cases(Draw):
    """Different draws for different people; whoever fits no case gets ``otherwise``, or nothing."""

    draw: Literal["cases"] = "cases"
    cases: Annotated[tuple[Case, ...], Field(min_length=1)]
    otherwise: Plain | Mixture | None = None

    def needs(self) -> tuple[str, ...]:
        """All that the conditions and the draws look at."""
        inner = [name for case in self.cases for name in (*columns_of_condition(case.when), *case.use.needs())]
        return (*inner, *(self.otherwise.needs() if self.otherwise else ()))

    def column(self, drawn: pl.DataFrame, rng: np.random.Generator) -> pl.Series:
        """Every case has random numbers of its own: a change of one case moves nobody in another."""
        import numpy as np

        left = np.ones(drawn.height, dtype=bool)
        parts = []
        for number, (case, own) in enumerate(zip(self.cases, rng.spawn(len(self.cases)), strict=True), start=1):
            mine = left & matches(drawn, case.when, where=f"case {number}").to_numpy()
            left &= ~mine
            parts.append((_some(case.use, drawn, own, mine), mine))
        rest = rng.spawn(1)[0]
        if self.otherwise is not None:
            parts.append((_some(self.otherwise, drawn, rest, left), left))
        return merged(parts, where="cases")


def _some(use: Draws, drawn: pl.DataFrame, rng: np.random.Generator, mine: NDArray[np.bool_]) -> pl.Series:
    """A draw for some people. What looks at other columns is asked of them alone: of others it may have no answer."""
    import numpy as np
    import polars as pl

    if not use.needs():
        return use.column(drawn, rng)
    part = use.column(drawn.filter(pl.Series(mine)), rng)
    places = pl.DataFrame({"mine": mine, "place": np.cumsum(mine) - 1})
    return part.gather(places.select(pl.when("mine").then("place"))["place"])


Sampler = Annotated[_Simple | Mixture | Cases, Field(discriminator="draw")]
"""Every kind of draw."""
