"""Replay: the published list of personas, or verdicts on replies.

Layouts: the persona list as JSON, ``{"generic": {category: [...]}, "specific": {...}}``, or as the authors'
``constants.py``; the authors' folder of outputs; CSV or Parquet of verdicts, ``model, persona, aspect, item, passed``
and, if there are any, ``category, dataset, condition``.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson

from personae.errors import InputError
from personae.papers.paper import Replay
from personae.papers.published import published_files
from personae.papers.stochastic_parrots.claims import LIST
from personae.papers.stochastic_parrots.outputs import read_constants, read_outputs
from personae.papers.stochastic_parrots.settings import ParrotSettings
from personae.papers.stochastic_parrots.study import NOBODY, StochasticParrots

_KINDS = ("generic", "specific")
_COLUMNS = ("model", "persona", "aspect", "item", "passed")
_TRUTH = {"true": True, "1": True, "1.0": True, "false": False, "0": False, "0.0": False, "": None}


def read_replay(folder: Path, given: Mapping[str, str]) -> Replay:
    """Read a list of personas, verdicts, or the authors' outputs.

    Raises:
        InputError: If the folder holds none of them or both of a list and verdicts, or a verdict is neither true nor
            false.
    """
    import polars as pl

    study = StochasticParrots(ParrotSettings.read(given))
    warnings: list[str] = []
    listed = [row for path in published_files(folder, ".json", warnings=warnings) for row in _listed(path, warnings)]
    listed += [{"model": LIST, **row} for path in sorted(folder.rglob("constants.py")) for row in read_constants(path)]
    rows = read_outputs(folder, warnings)
    told = [path for path in published_files(folder, ".csv", ".parquet", warnings=[]) if not _is_organized(path)]
    verdicts = [row for path in told for row in _rows(path, warnings)]
    rows += _gathered(verdicts)
    if bool(listed) == bool(rows):
        what = "holds both personas and verdicts" if listed else "holds neither personas nor verdicts"
        raise InputError(
            what,
            where=str(folder),
            remedy=f"give the authors' folder outputs, or a table of verdicts: {', '.join(_COLUMNS)}; or their list",
        )
    table = pl.DataFrame(listed or rows, infer_schema_length=None)
    return Replay(
        table.with_columns(pl.lit("ok").alias("status")),
        study,
        {"personas": str(len(listed))} if listed else {"cells": str(len(rows))},
        tuple(warnings),
    )


def _is_organized(path: Path) -> bool:
    return path.stem.endswith("_organized_results")


def _listed(path: Path, warnings: list[str]) -> list[dict[str, Any]]:
    try:
        data = orjson.loads(path.read_bytes())
    except ValueError as error:
        warnings.append(f"{path}: is no JSON ({error}); left out")
        return []
    kinds = {kind: data[kind] for kind in _KINDS if isinstance(data, dict) and isinstance(data.get(kind), dict)}
    if not kinds:
        warnings.append(f"{path}: has neither generic nor specific personas; left out")
        return []
    rows = []
    for kind, categories in kinds.items():
        for category, words in categories.items():
            if not isinstance(words, list) or not all(isinstance(word, str) and word.strip() for word in words):
                raise InputError(
                    "is no list of words", where=f"{path}: {kind}, {category}", remedy="compare it with the layout"
                )
            rows += [{"model": LIST, "kind": kind, "category": category, "listed": word} for word in words]
    return rows


def _rows(path: Path, warnings: list[str]) -> list[dict[str, Any]]:
    import polars as pl

    try:
        read = pl.read_csv(path, infer_schema=False) if path.suffix == ".csv" else pl.read_parquet(path)
    except pl.exceptions.PolarsError as error:
        warnings.append(f"{path}: cannot be read ({str(error).splitlines()[0]}); left out")
        return []
    if lacking := [name for name in _COLUMNS if name not in read.columns]:
        warnings.append(f"{path}: lacks the columns {', '.join(lacking)}; left out")
        return []
    rows = []
    for number, row in enumerate(read.iter_rows(named=True), start=2):
        word = str("" if row["passed"] is None else row["passed"]).strip().lower()
        if word not in _TRUTH:
            raise InputError(
                f"passed is {word!r}", where=f"{path}, line {number}", remedy="write true, false or nothing"
            )
        rows.append({**row, "passed": _TRUTH[word]})
    return rows


def _gathered(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """One row a model, persona and aspect, as a fresh run has them."""
    cells: dict[tuple[str, str, str], dict[str, Any]] = {}
    for row in rows:
        persona = str(row["persona"])
        cell = cells.setdefault(
            (str(row["model"]), persona, str(row["aspect"])),
            {
                "model": str(row["model"]),
                "persona": persona,
                "aspect": str(row["aspect"]),
                "category": str(row.get("category") or NOBODY),
                "condition": str(row.get("condition") or ("none" if persona == NOBODY else "persona")),
                "items": [],
                "sets": [],
                "passed": [],
                "published": [],
            },
        )
        cell["items"].append(str(row["item"]))
        cell["sets"].append(str(row.get("dataset") or "all"))
        cell["passed"].append(row["passed"])
        cell["published"].append(row["passed"] is not False)
    return list(cells.values())
