"""Conditions on people, as data: what a file can say and a hash can cover, which a function cannot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Discriminator, Field, Tag, model_validator

from personae.errors import InputError
from personae.population.formula import read_formula

if TYPE_CHECKING:
    import polars as pl

Scalar = str | int | float | bool


class Bounds(BaseModel):
    """A range of a number, both ends within it, or its place beside another column, which it may not equal."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    min: float | None = None
    max: float | None = None
    above: str = ""
    """A column that it is larger than."""
    below: str = ""
    """A column that it is smaller than."""

    @model_validator(mode="after")
    def _says_something(self) -> Bounds:
        if self.min is None and self.max is None and not self.above and not self.below:
            raise ValueError("a range needs min, max, above or below")
        if self.min is not None and self.max is not None and self.min > self.max:
            raise ValueError(f"min {self.min:g} is above max {self.max:g}")
        return self


Test = Annotated[Bounds | Scalar | list[Scalar], Field(union_mode="left_to_right")]
"""What a field is tested for: a value, one of several, or a range."""


def _is_formula(text: str) -> str:
    read_formula(text)
    return text


Condition = Annotated[
    Annotated[str, AfterValidator(_is_formula), Tag("formula")]
    | Annotated[Mapping[str, Test], Field(min_length=1), Tag("tests")],
    Discriminator(lambda told: "formula" if isinstance(told, str) else "tests"),
]
"""Tests by column, all of which must hold; or a formula that is true or false."""


def matches(frame: pl.DataFrame, condition: Mapping[str, Any] | str, *, where: str = "condition") -> pl.Series:
    """For which rows a condition holds; an empty cell never meets a test.

    Args:
        frame: The people.
        condition: Tests by column, or a formula (see :mod:`personae.population.formula`).
        where: What the condition is called in messages.

    Raises:
        InputError: If a column is not there, or is tested for what it cannot be.

    Example:
        >>> import polars as pl
        >>> people = pl.DataFrame({"demographics.age": [17, 40], "demographics.gender": ["woman", "woman"]})
        >>> matches(people, {"demographics.age": Bounds(min=18), "demographics.gender": ["woman", "man"]}).to_list()
        [False, True]
        >>> matches(people, "{demographics.age} + 10 < 40").to_list()
        [True, False]
    """
    import polars as pl

    if isinstance(condition, str):
        found = read_formula(condition).of(frame, where=where)
        if found.dtype != pl.Boolean():
            raise InputError(
                f"{condition!r} is neither true nor false", where=where, remedy="compare: {demographics.age} > 17"
            )
        return found.fill_null(value=False)
    held = pl.lit(True)
    for column in columns_of_condition(condition):
        if column not in frame.columns:
            raise InputError(
                f"{column!r} is tested before it is drawn", where=where, remedy="list the field above this one"
            )
    for column, test in condition.items():
        held = held & _test(frame, column, test, where)
    answer = frame.select(held.fill_null(value=False).alias("held"))["held"]
    return answer if answer.len() == frame.height else pl.Series("held", [bool(answer[0])] * frame.height)


def columns_of_condition(condition: Mapping[str, Any] | str) -> tuple[str, ...]:
    """The columns that a condition looks at.

    Example:
        >>> columns_of_condition({"demographics.age": Bounds(below="extensions.years_in_school")})
        ('demographics.age', 'extensions.years_in_school')
    """
    if isinstance(condition, str):
        return read_formula(condition).columns
    beside = (other for test in condition.values() if isinstance(test, Bounds) for other in (test.above, test.below))
    return tuple(dict.fromkeys((*condition, *(other for other in beside if other))))


def _test(frame: pl.DataFrame, column: str, test: Any, where: str) -> pl.Expr:
    import polars as pl

    value = pl.col(column)
    kind = frame.schema[column]
    if isinstance(test, Bounds):
        if not kind.is_numeric():
            raise InputError(f"{column!r} is no number and has no range", where=where, remedy="test it for its values")
        held = value.is_not_null()
        held = held & (value >= test.min) if test.min is not None else held
        held = held & (value <= test.max) if test.max is not None else held
        for other, is_above in ((test.above, True), (test.below, False)):
            if other and not frame.schema[other].is_numeric():
                raise InputError(f"{other!r} is no number", where=where, remedy="compare numbers with numbers")
            if other:
                held = held & (value > pl.col(other) if is_above else value < pl.col(other))
        return held
    wanted = list(test) if isinstance(test, Sequence) and not isinstance(test, str) else [test]
    if kind.is_numeric() != all(isinstance(one, int | float) and not isinstance(one, bool) for one in wanted):
        if kind == pl.Boolean() and all(isinstance(one, bool) for one in wanted):
            return value.is_in(wanted)
        raise InputError(
            f"{column!r} is tested for {wanted[0]!r}, which it cannot be", where=where, remedy="mend the test"
        )
    return value.is_in(wanted)
