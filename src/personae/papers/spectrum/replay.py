"""Replay of published profiles, and of ratings by real people where a folder has them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from personae.errors import InputError
from personae.papers.paper import Replay
from personae.papers.spectrum.profiles import read_profiles
from personae.papers.spectrum.settings import SpectrumSettings
from personae.papers.spectrum.study import Spectrum

RATINGS = "ratings.csv"
SCALE = "similarity"
"""What a rating is of where the file does not say."""


def read_replay(folder: Path, given: Mapping[str, str]) -> Replay:
    """Read profiles (``NAME_PART.txt``) and ``ratings.csv`` (person, condition, rating, perhaps scale).

    Raises:
        InputError: If the folder holds neither, or ratings without their columns.
    """
    import polars as pl

    study = Spectrum(SpectrumSettings.read(given))
    tables: list[pl.DataFrame] = []
    warnings: tuple[str, ...] = ()
    ratings = folder / RATINGS
    if ratings.is_file():
        try:
            read = pl.read_csv(ratings, infer_schema_length=None)
            scale = pl.col("scale").cast(pl.String) if "scale" in read.columns else pl.lit(SCALE)
            table = read.select(
                pl.col("person").cast(pl.String),
                pl.col("condition").cast(pl.String),
                scale.alias("scale"),
                pl.col("rating").cast(pl.Float64),
            )
        except pl.exceptions.PolarsError as error:
            raise InputError(
                f"cannot be used ({str(error).splitlines()[0]})", where=str(ratings), remedy="person,condition,rating"
            ) from error
        tables.append(table)
    if not tables or any(folder.rglob("*.txt")):
        profiles, warnings = read_profiles(folder)
        parts = [{"person": one.name, "part": part} for one in profiles for part in one.parts]
        tables.append(pl.DataFrame(parts, schema={"person": pl.String, "part": pl.String}))
    table = pl.concat(tables, how="diagonal").with_columns(status=pl.lit("ok"))
    return Replay(table, study, {"rows": str(table.height)}, warnings)
