"""Microdata of the user: our field names, or the columns and codes of the American Community Survey (PUMS)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from personae.errors import InputError
from personae.population import read_table

if TYPE_CHECKING:
    import polars as pl

YOUNGEST = 18
_WEIGHT = "PWGTP"
_SEX = {1: "man", 2: "woman"}
_MARITAL = {1: "married", 2: "widowed", 3: "divorced", 4: "separated", 5: "never married"}
_RACE = {
    1: "White",
    2: "Black",
    3: "American Indian",
    4: "Alaska Native",
    5: "American Indian or Alaska Native",
    6: "Asian",
    7: "Native Hawaiian or Pacific Islander",
    8: "another race",
    9: "two or more",
}
_CODED: Mapping[str, tuple[str, Mapping[int, str]]] = {
    "SEX": ("demographics.gender", _SEX),
    "MAR": ("demographics.marital_status", _MARITAL),
    "RAC1P": ("demographics.ethnicity", _RACE),
}
_DEGREES = {20: "associate's degree", 21: "bachelor's degree", 22: "master's degree", 23: "professional degree"}
_INCOMES = ((25_000, "under $25,000"), (50_000, "$25,000 to $50,000"), (100_000, "$50,000 to $100,000"))


def read_census(path: Path, weight: str = "") -> tuple[pl.DataFrame, list[float] | None]:
    """Read microdata of adults: columns named as fields, or those of PUMS (AGEP, SEX, MAR, RAC1P, SCHL, PINCP, PWGTP).

    Raises:
        InputError: If the file cannot be read, or has neither kind of columns, or lacks the weight.
    """
    import polars as pl

    table = read_table(path)
    column = weight or (_WEIGHT if _WEIGHT in table.columns else "")
    if column and column not in table.columns:
        raise InputError(
            f"lacks the weight {column!r}", where=str(path), remedy=f"it has {', '.join(table.columns[:20])}"
        )
    if "AGEP" in table.columns:
        table = table.filter(pl.col("AGEP") >= YOUNGEST)
        people = _of_pums(table)
    else:
        named = [name for name in table.columns if "." in name]
        if not named:
            raise InputError(
                "has no columns that we know",
                where=str(path),
                remedy="name them like demographics.age, or give PUMS with AGEP and SEX",
            )
        people = table.select(named)
    if not people.height:
        raise InputError("holds no adults", where=str(path), remedy=f"give people of {YOUNGEST} or more")
    return people, [float(value) for value in table[column].to_list()] if column else None


def _of_pums(table: pl.DataFrame) -> pl.DataFrame:
    import polars as pl

    columns = [table["AGEP"].cast(pl.Int64).alias("demographics.age")]
    for code, (name, words) in _CODED.items():
        if code in table.columns:
            columns.append(table[code].replace_strict(words, default=None, return_dtype=pl.String).alias(name))
    if "SCHL" in table.columns:
        columns.append(pl.Series("demographics.education", [_schooling(code) for code in table["SCHL"].to_list()]))
    if "PINCP" in table.columns:
        columns.append(pl.Series("demographics.income", [_income(value) for value in table["PINCP"].to_list()]))
    return pl.DataFrame(columns)


def _schooling(code: int | None) -> str | None:
    if code is None:
        return None
    if code < 16:
        return "no diploma"
    if code < 18:
        return "high school diploma"
    return "some college" if code < 20 else _DEGREES.get(code, "doctorate")


def _income(value: float | None) -> str | None:
    if value is None:
        return None
    return next((words for bound, words in _INCOMES if value < bound), "over $100,000")
