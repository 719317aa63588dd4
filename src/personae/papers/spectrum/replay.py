"""Replay of published profiles, of judged statements, and of ratings by real people, where a folder has them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from personae.errors import InputError
from personae.papers.paper import Replay
from personae.papers.spectrum.judgements import read_judgements
from personae.papers.spectrum.profiles import PARTS, read_parts, read_profiles
from personae.papers.spectrum.settings import SpectrumSettings
from personae.papers.spectrum.study import Spectrum
from personae.population.microdata import read_table

if TYPE_CHECKING:
    import polars as pl

RATINGS = "ratings.csv"
_TABLES = (".csv", ".parquet", ".jsonl", ".ndjson")
SCALE = "similarity"
"""What a rating is of where the file does not say."""


def read_replay(folder: Path, given: Mapping[str, str]) -> Replay:
    """Read profiles (``NAME_PART.txt``), ``ratings.csv`` (person, condition, rating, perhaps scale), and judgements.

    Judgements are any other CSV, Parquet or JSON lines with a row a statement
    (:mod:`personae.papers.spectrum.judgements`).

    Raises:
        InputError: If the folder holds none of them, or ratings without their columns.
    """
    import polars as pl

    study = Spectrum(SpectrumSettings.read(given))
    tables: list[pl.DataFrame] = []
    warnings: tuple[str, ...] = ()
    ratings = folder / RATINGS
    if ratings.is_file():
        tables.append(_ratings(ratings))
    for path in sorted(one for one in folder.rglob("*") if one.suffix.lower() in _TABLES and one != ratings):
        if rows := read_judgements(read_table(path), path):
            tables.append(pl.DataFrame(rows, infer_schema_length=None))
        else:
            warnings = (*warnings, f"{path}: has no columns person, condition, statement and answer; left out")
    if not tables or any(folder.rglob("*.txt")):
        _, lacking = read_profiles(folder)
        warnings = (*warnings, *(one.replace("; left out", "") for one in lacking))
        parts = [
            {"person": name, "part": part}
            for name, own in read_parts(folder).items()
            for part in PARTS
            if own.get(part)
        ]
        tables.append(pl.DataFrame(parts, schema={"person": pl.String, "part": pl.String}))
    table = pl.concat(tables, how="diagonal").with_columns(status=pl.lit("ok"))
    return Replay(table, study, {"rows": str(table.height)}, warnings)


def _ratings(path: Path) -> pl.DataFrame:
    import polars as pl

    try:
        read = pl.read_csv(path, infer_schema_length=None)
        scale = pl.col("scale").cast(pl.String) if "scale" in read.columns else pl.lit(SCALE)
        return read.select(
            pl.col("person").cast(pl.String),
            pl.col("condition").cast(pl.String),
            scale.alias("scale"),
            pl.col("rating").cast(pl.Float64),
        )
    except pl.exceptions.PolarsError as error:
        raise InputError(
            f"cannot be used ({str(error).splitlines()[0]})", where=str(path), remedy="person,condition,rating"
        ) from error
