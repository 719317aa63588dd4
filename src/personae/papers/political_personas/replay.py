"""Replay of what the authors published: figures of their notebook, or coordinates of personas.

Layouts: JSON with ``n_personas`` and, by model, ``base_centroid``, ``base_mean_distance``, ``ra_mean_distance``,
``ll_mean_distance``, ``right_auth_shift`` and ``left_lib_shift`` (``dx``, ``dy``, ``cohen_d``) and
``no_persona_position``; or CSV and Parquet files with the columns ``model, condition, person, x, y``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import orjson

from personae.errors import InputError
from personae.papers.paper import Replay
from personae.papers.political_personas.compass import AXES
from personae.papers.political_personas.settings import PoliticalSettings
from personae.papers.political_personas.shifts import published_z
from personae.papers.political_personas.study import PoliticalPersonas

_COLUMNS = ("model", "condition", "person", "x", "y")
_PLACES = {"base_centroid": "base", "no_persona_position": "none"}
_SPREADS = {
    "base_mean_distance": "base",
    "ra_mean_distance": "right_authoritarian",
    "ll_mean_distance": "left_libertarian",
}
_SHIFTS = {"right_auth_shift": "right_authoritarian", "left_lib_shift": "left_libertarian"}


def read_replay(folder: Path, given: Mapping[str, str]) -> Replay:
    """Read published figures, or coordinates.

    Raises:
        InputError: If the folder holds neither, or a figure is malformed.
    """
    import polars as pl

    study = PoliticalPersonas(PoliticalSettings.read(given))
    warnings: list[str] = []
    rows = [row for path in sorted(folder.glob("*.json")) for row in _figures(path, warnings)]
    tables = []
    for path in sorted([*folder.glob("*.csv"), *folder.glob("*.parquet")]):
        try:
            read = pl.read_csv(path) if path.suffix == ".csv" else pl.read_parquet(path)
        except pl.exceptions.PolarsError as error:
            warnings.append(f"{path}: cannot be read ({str(error).splitlines()[0]}); left out")
            continue
        if lacking := [name for name in _COLUMNS if name not in read.columns]:
            warnings.append(f"{path}: lacks the columns {', '.join(lacking)}; left out")
            continue
        tables.append(read.select(_COLUMNS))
    if bool(rows) == bool(tables):
        what = "holds both figures and coordinates" if rows else "holds neither figures nor coordinates"
        remedy = f"name a folder of one kind; coordinates have the columns {', '.join(_COLUMNS)}"
        raise InputError(what, where=str(folder), remedy=remedy)
    table = pl.DataFrame(rows, infer_schema_length=None) if rows else pl.concat(tables, how="vertical_relaxed")
    table = table.with_columns(pl.lit("ok").alias("status"))
    return Replay(table, study, {"rows": str(table.height)}, tuple(warnings))


def _figures(path: Path, warnings: list[str]) -> Iterator[dict[str, Any]]:
    try:
        data = orjson.loads(path.read_bytes())
    except ValueError as error:
        warnings.append(f"{path}: is no JSON ({error}); left out")
        return
    known = {*_PLACES, *_SPREADS, *_SHIFTS}
    if not isinstance(data, dict) or not known & data.keys():
        if path.name != "SOURCE.json":
            warnings.append(f"{path}: has none of {', '.join(sorted(known))}; left out")
        return
    n = int(data.get("n_personas", 0))
    try:
        yield from _of_notebook(data, n)
    except (TypeError, ValueError, KeyError, IndexError, AttributeError) as error:
        raise InputError(
            f"has a figure that cannot be read ({error})", where=str(path), remedy="compare it with the layout"
        ) from error


def _of_notebook(data: Mapping[str, Any], n: int) -> Iterator[dict[str, Any]]:
    def row(figure: str, model: str, value: float, method: str, people: int = n) -> dict[str, Any]:
        return {"figure": figure, "model": model, "value": float(value), "n": people, "method": method}

    for key, condition in _PLACES.items():
        for model, place in data.get(key, {}).items():
            for axis, value in zip(AXES, place, strict=True):
                people = 1 if condition == "none" else n
                yield row(f"centroid.{axis}.{condition}", model, value, "mean of personas", people)
    for key, condition in _SPREADS.items():
        for model, value in data.get(key, {}).items():
            yield row(f"dispersion.{condition}", model, value, "mean distance from the centroid")
    for key, push in _SHIFTS.items():
        for model, shift in data.get(key, {}).items():
            for axis, moved, d in zip(AXES, (shift["dx"], shift["dy"]), shift["cohen_d"], strict=True):
                yield row(f"shift.{axis}.{push}", model, moved, "mean shift")
                yield row(f"d.{axis}.{push}", model, d, "Cohen's d, pooled SD")
                yield row(f"z.{axis}.{push}", model, published_z(float(d), n), "d / sqrt(4 / n + d^2 / 2n)")
