"""Draws of dates and times, and of dates so long before or after another one."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import BeforeValidator, model_validator

from personae.errors import InputError
from personae.population.draw import Amount, Draw, amounts

if TYPE_CHECKING:
    import numpy as np
    import polars as pl

Unit = Literal["years", "months", "days", "hours", "minutes", "seconds"]
_TIMES = ("hours", "minutes", "seconds")
_SECONDS = {"days": 86_400, "hours": 3_600, "minutes": 60, "seconds": 1}
_EPOCH = datetime(1970, 1, 1)
_MOST = 10_000_000_000
"""Units of a delta at most, so that whole numbers hold; a date beyond the year 9999 is refused."""


def _moment(told: Any) -> Any:
    """A date or time as ISO 8601 spells it; TOML and YAML have dates of their own."""
    if isinstance(told, str):
        try:
            told = datetime.fromisoformat(told)
        except ValueError as error:
            raise ValueError(f"{told!r} is no date or time; write 2030-12-31 or 2030-12-31T18:30") from error
    if isinstance(told, date) and not isinstance(told, datetime):
        return datetime(told.year, told.month, told.day)
    if isinstance(told, datetime) and told.tzinfo is not None:
        raise ValueError(f"{told.isoformat()} has a time zone; leave it out: all moments are of one place")
    return told


Moment = Annotated[datetime, BeforeValidator(_moment)]


class Datetime(Draw):
    """A date, or a time where the unit is hours, minutes or seconds, from ``start`` to ``end``, both included."""

    draw: Literal["datetime"] = "datetime"
    start: Moment
    end: Moment
    unit: Unit = "days"

    @model_validator(mode="after")
    def _has_room(self) -> Self:
        if self.start > self.end:
            raise ValueError(f"start {self.start.isoformat()} is after end {self.end.isoformat()}")
        return self

    def column(self, drawn: pl.DataFrame, rng: np.random.Generator) -> pl.Series:
        """Every unit from start on is as likely; a year begins on January 1, a month on its first."""
        import numpy as np
        import polars as pl

        u = rng.random(drawn.height)
        if self.unit in ("years", "months"):
            step = 12 if self.unit == "years" else 1
            first, last = (one.year * 12 + one.month - 1 for one in (self.start, self.end))
            first, last = first // step, last // step
            months = (first + np.floor(u * (last - first + 1)).astype(np.int64)) * step
            days = (months - 1970 * 12).astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
            return pl.Series(days).cast(pl.Int32).cast(pl.Date)
        size = _SECONDS[self.unit]
        count = int((self.end - self.start) // timedelta(seconds=size)) + 1
        seconds = int((self.start - _EPOCH).total_seconds()) + np.floor(u * count).astype(np.int64) * size
        return _moments(pl.Series(seconds), is_date=self.unit not in _TIMES)


class Timedelta(Draw):
    """A date or time so long after another column (before it, where negative): from ``least`` to ``most`` units."""

    draw: Literal["timedelta"] = "timedelta"
    after: str
    """Column with the date or time that is counted from."""
    least: Amount = 0
    most: Amount
    unit: Unit = "days"

    @model_validator(mode="after")
    def _has_room(self) -> Self:
        for told in (self.least, self.most):
            if isinstance(told, float | int) and (told != int(told) or abs(told) > _MOST):
                raise ValueError(f"{told:g} is no whole number of {self.unit}")
        if not isinstance(self.least, str) and not isinstance(self.most, str) and self.least > self.most:
            raise ValueError(f"least {self.least:g} is above most {self.most:g}")
        return self

    def needs(self) -> tuple[str, ...]:
        """The column that is counted from, and those of formulas."""
        return (self.after, *super().needs())

    def column(self, drawn: pl.DataFrame, rng: np.random.Generator) -> pl.Series:
        """Whole units, each as likely; nothing where nothing is said of the other date."""
        import numpy as np
        import polars as pl

        start = drawn[self.after]
        if not (start.dtype == pl.Date or isinstance(start.dtype, pl.Datetime)):
            raise InputError(
                f"is {start.dtype}, no date", where=self.after, remedy="draw it as datetime, under extensions"
            )
        least = np.ceil(amounts(self.least, drawn, "least", least=-_MOST, most=_MOST))
        most = np.floor(amounts(self.most, drawn, "most", least=-_MOST, most=_MOST))
        if (least > most).any():
            raise InputError("least is above most for somebody", where="timedelta", remedy="mend the formulas")
        u = rng.random(drawn.height)
        known = ~np.isnan(least + most)
        count = np.where(known, np.minimum(least + np.floor(u * (most - least + 1)), most), 0).astype(np.int64)
        step = {"years": "y", "months": "mo", "days": "d", "hours": "h", "minutes": "m", "seconds": "s"}[self.unit]
        is_date = start.dtype == pl.Date and self.unit not in _TIMES
        frame = pl.DataFrame({"start": start.cast(pl.Datetime("us")), "count": count, "known": known})
        moved = pl.col("start").dt.offset_by(pl.format("{}" + step, "count"))
        try:
            found = frame.select(pl.when("known").then(moved).alias("found"))["found"]
        except pl.exceptions.PolarsError as error:
            raise InputError("goes beyond all dates", where="timedelta", remedy="count fewer units") from error
        return found.cast(pl.Date) if is_date else found


def _moments(seconds: pl.Series, *, is_date: bool) -> pl.Series:
    import polars as pl

    found = (seconds * 1_000_000).cast(pl.Datetime("us"))
    return found.cast(pl.Date) if is_date else found
