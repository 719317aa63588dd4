"""Microdata of the user: our field names, or the columns and codes of the American Community Survey (PUMS)."""

from __future__ import annotations

import tomllib
from bisect import bisect_left
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from personae.errors import InputError
from personae.population import read_table

if TYPE_CHECKING:
    import polars as pl

YOUNGEST = 18
_WEIGHT = "PWGTP"
_HISPANIC = "Hispanic or Latino"
_NOT_HISPANIC = 1
_INCOMES = ((25_000, "under $25,000"), (50_000, "$25,000 to $50,000"), (100_000, "$50,000 to $100,000"))


def read_census(path: Path, weight: str = "") -> tuple[pl.DataFrame, list[float] | None]:
    """Read microdata of adults: columns named as fields, or those of a person file of PUMS.

    Of PUMS are read AGEP, SEX, MAR, RAC1P with HISP, SCHL, OCCP (codes of 2018 and later, by major group), PINCP in
    dollars of the file's year (ADJINC, where it is there), ESR, COW, CIT, MIL, DIS, HICOV, LANX, ENG, and PWGTP as the
    weight; codes that the dictionary does not have are left empty.

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
    for code, entry in _dictionary().items():
        if code in table.columns:
            values = [_word(entry, value) for value in _numbers(table, code)]
            columns.append(pl.Series(entry["field"], values, dtype=pl.String))
    people = pl.DataFrame(columns)
    if "HISP" in table.columns:
        told = [None if value is None else value != _NOT_HISPANIC for value in _numbers(table, "HISP")]
        own = people["demographics.ethnicity"] if "demographics.ethnicity" in people.columns else [None] * len(told)
        words = [_HISPANIC if is_so else race for is_so, race in zip(told, own, strict=True)]
        people = people.with_columns(pl.Series("demographics.ethnicity", words, dtype=pl.String))
    if "PINCP" in table.columns:
        scale = _numbers(table, "ADJINC") if "ADJINC" in table.columns else [1_000_000] * table.height
        # ADJINC has six decimals that are not written.
        dollars = [
            None if income is None else income * (by or 1_000_000) / 1_000_000
            for income, by in zip(_numbers(table, "PINCP"), scale, strict=True)
        ]
        people = people.with_columns(pl.Series("demographics.income", map(_income, dollars), dtype=pl.String))
    return people


def _numbers(table: pl.DataFrame, column: str) -> list[int | None]:
    """Codes as whole numbers; they may be written as text with leading zeros."""
    import polars as pl

    found: list[int | None] = table[column].cast(pl.Float64, strict=False).cast(pl.Int64, strict=False).to_list()
    return found


def _word(entry: Mapping[str, Any], code: int | None) -> str | None:
    if code is None or code < 0:
        return None
    if "codes" in entry:
        word: str | None = entry["codes"].get(str(code))
        return word
    ends = [end for end, _ in entry["upto"]]
    place = bisect_left(ends, code)
    return str(entry["upto"][place][1]) if place < len(ends) else None


def _income(value: float | None) -> str | None:
    if value is None:
        return None
    return next((words for bound, words in _INCOMES if value < bound), "over $100,000")


@lru_cache(maxsize=1)
def _dictionary() -> Mapping[str, Mapping[str, Any]]:
    return tomllib.loads((files("personae.papers.persona_testbed") / "pums.toml").read_text("utf-8"))
