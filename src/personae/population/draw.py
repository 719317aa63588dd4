"""What every kind of draw is made of: whether it looks at other columns, and numbers that may be formulas over them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Protocol

from pydantic import AfterValidator, BaseModel, ConfigDict

from personae.errors import InputError
from personae.population.formula import read_formula

if TYPE_CHECKING:
    import numpy as np
    import polars as pl
    from numpy.typing import NDArray

    Values = NDArray[np.float64]

_MOST_WHOLE = 2.0**63


class Draw(BaseModel):
    """How one field is drawn; the kinds of draw differ in their keyword ``draw``."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    def needs(self) -> tuple[str, ...]:
        """Columns that must be drawn before this one: those that its formulas look at."""
        return tuple(
            dict.fromkeys(
                column
                for name, kind in type(self).model_fields.items()
                if _is_formula(kind.metadata) and isinstance(told := getattr(self, name), str)
                for column in read_formula(told).columns
            )
        )


class Draws(Protocol):
    """Draws a column for a table of people."""

    def needs(self) -> tuple[str, ...]:
        """Columns that must be drawn before."""
        ...

    def column(self, drawn: pl.DataFrame, rng: np.random.Generator) -> pl.Series:
        """Draw one value a person."""
        ...


class _MayBeFormula:
    """Marks numbers that may be formulas."""


def _is_formula(metadata: list[Any]) -> bool:
    return any(isinstance(one, _MayBeFormula) for one in metadata)


def _read(told: float | str) -> float | str:
    if isinstance(told, str):
        read_formula(told)
    return told


Amount = Annotated[float | str, AfterValidator(_read), _MayBeFormula()]
"""A number, or a formula over columns above, which gives everybody a number of their own."""


def amounts(
    told: float | str,
    drawn: pl.DataFrame,
    name: str,
    *,
    least: float = -float("inf"),
    most: float = float("inf"),
) -> Values:
    """The numbers of everybody; not a number where a formula looks at an empty cell.

    Raises:
        InputError: If a formula gives no number, or one out of bounds.
    """
    import numpy as np

    if not isinstance(told, str):
        return np.full(drawn.height, float(told))
    found = read_formula(told).of(drawn, where=name)
    if not found.dtype.is_numeric():
        raise InputError(f"{told!r} gives {_named(found)}, not numbers", where=name, remedy="give a formula of numbers")
    numbers = found.cast(float).to_numpy().astype(np.float64)
    wrong = (numbers < least) | (numbers > most)
    if wrong.any():
        bounds = f"{least:g} to {most:g}" if most < float("inf") else f"{least:g} or more"
        raise InputError(
            f"{told!r} gives {numbers[wrong][0]:g}, which is not {bounds}",
            where=name,
            remedy="keep it in bounds, with min() and max()",
        )
    return numbers


def numbers_of(values: Any, *, whole: bool = False, decimals: int | None = None) -> pl.Series:
    """Numbers as a column: rounded if wanted, empty where there is none.

    Raises:
        InputError: If a whole number is too large for 64 bits.
    """
    import numpy as np
    import polars as pl

    found = np.asarray(values, dtype=np.float64)
    if decimals is not None:
        found = np.round(found, decimals)
    column = pl.Series(found).fill_nan(None)
    if not whole:
        return column
    if (np.abs(found[~np.isnan(found)]) >= _MOST_WHOLE).any():
        raise InputError("a whole number is too large", where="whole", remedy="draw smaller numbers, or leave it out")
    return column.round(0).cast(pl.Int64)


def kind_of(column: pl.Series) -> str:
    """What a column holds, in a word; nothing, if it is empty."""
    import polars as pl

    kind = column.dtype
    if kind == pl.Null():
        return ""
    if kind == pl.Boolean():
        return "truth values"
    if kind.is_numeric():
        return "numbers"
    if kind.is_temporal():
        return "dates" if kind == pl.Date() else "times"
    return "lists" if kind.is_nested() else "texts"


def _named(column: pl.Series) -> str:
    return kind_of(column) or "nothing"


def merged(parts: list[tuple[pl.Series, np.ndarray[Any, np.dtype[np.bool_]]]], *, where: str) -> pl.Series:
    """One column out of several, each person taking the value of the part that is theirs; nothing where none is.

    Raises:
        InputError: If parts hold different kinds of values, which would make texts of numbers.
    """
    import polars as pl

    kinds = {kind for part, _ in parts if (kind := kind_of(part))}
    if len(kinds) > 1:
        raise InputError(
            f"draw {' here and '.join(sorted(kinds))} there", where=where, remedy="make what is drawn alike"
        )
    frame = pl.DataFrame(
        [column for index, (part, mine) in enumerate(parts)
         for column in (part.alias(f"part {index}"), pl.Series(f"mine {index}", mine))]
    )  # fmt: skip
    chosen: Any = pl
    for index in range(len(parts)):  # also those that are nobody's: every block has the same type
        chosen = chosen.when(pl.col(f"mine {index}")).then(pl.col(f"part {index}"))
    return frame.select(chosen.otherwise(None).alias(""))[""]
