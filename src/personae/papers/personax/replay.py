"""Replay of published tables of people: ``final_o`` to ``final_n`` and attributes, a row a person, CSV or Parquet.

Scores of single raters, such as ``4o_o`` to ``4o_n``, are read beside the final ones, or in place of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from personae.errors import InputError
from personae.papers.paper import Replay
from personae.papers.personax.figures import attributes_of
from personae.papers.personax.findings import FINAL, TRAITS
from personae.papers.personax.settings import PersonaxSettings
from personae.papers.personax.study import Personax

_DATASETS = {"celeb": "CelebPersona", "athle": "AthlePersona"}


def read_replay(folder: Path, given: Mapping[str, str]) -> Replay:
    """Read tables of people; each file is a population of its own.

    Raises:
        InputError: If no file has the five final scores, or a score is no number.
    """
    import polars as pl

    study = Personax(PersonaxSettings.read(given))
    warnings: list[str] = []
    rows: list[dict[str, Any]] = []
    for path in sorted([*folder.rglob("*.csv"), *folder.rglob("*.parquet")]):
        try:
            table = pl.read_csv(path, infer_schema_length=None) if path.suffix == ".csv" else pl.read_parquet(path)
        except pl.exceptions.PolarsError as error:
            warnings.append(f"{path}: cannot be read ({str(error).splitlines()[0]}); left out")
            continue
        raters = _raters(table.columns)
        if not raters:
            lacking = [name for name in (f"{FINAL}_{trait}" for trait in TRAITS) if name not in table.columns]
            warnings.append(f"{path}: lacks the columns {', '.join(lacking)}; left out")
            continue
        scores = {rater: {trait: f"{rater}_{trait}" for trait in TRAITS} for rater in raters}
        columns = [column for own in scores.values() for column in own.values()]
        if wrong := [name for name in columns if not table.schema[name].is_numeric()]:
            raise InputError("is no column of numbers", where=f"{path}: {wrong[0]}", remedy="give scores as numbers")
        name = next((word for key, word in _DATASETS.items() if key in path.name.lower()), path.stem)
        plain = table.drop([*columns, *(column for column in table.columns if _is_no_attribute(column))])
        for number, (row, about) in enumerate(zip(table.iter_rows(named=True), attributes_of(plain), strict=True)):
            attributes = {f"attribute.{key}": value for key, value in about.items()}
            for rater, by_trait in scores.items():
                marks = {f"trait.{trait}": _score(row[column]) for trait, column in by_trait.items()}
                rows.append({"model": name, "person": number, "rater": rater.replace(".", "_"), **marks, **attributes})
    if not rows:
        raise InputError(
            "holds no people", where=str(folder), remedy="give CSV or Parquet with final_o, final_c ... and attributes"
        )
    table = pl.DataFrame(rows, infer_schema_length=None).with_columns(pl.lit("ok").alias("status"))
    people = table.select("model", "person").n_unique()
    return Replay(table, study, {"people": str(people)}, tuple(warnings))


def _raters(columns: list[str]) -> list[str]:
    """Whose scores of all five traits a table has."""
    begins = dict.fromkeys(
        column.removesuffix(f"_{TRAITS[0]}") for column in columns if column.endswith(f"_{TRAITS[0]}")
    )
    return [rater for rater in begins if rater and all(f"{rater}_{trait}" in columns for trait in TRAITS)]


def _score(value: Any) -> float | None:
    return None if value is None else float(value)


def _is_no_attribute(column: str) -> bool:
    """Names, keys, and texts about the person."""
    lower = column.lower()
    return lower in ("name", "id", "", "text", "index") or lower.endswith(
        ("_id", "_url", "description", "justification")
    )
