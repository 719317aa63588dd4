"""Replay of the score files that the authors published: a row a model, system prompt, temperature and run.

Columns are spelled as they were published: ``openeness``, ``consciencienes``, ``Calibaration``. Sycophancy, calibration
and consistency are in per cent.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from personae.errors import InputError
from personae.papers.paper import Replay
from personae.papers.personality_illusion.scores import BEHAVIOURS, SELF_REPORTS
from personae.papers.personality_illusion.settings import IllusionSettings
from personae.papers.personality_illusion.study import PersonalityIllusion

if TYPE_CHECKING:
    import polars as pl

_COLUMNS = {
    "openeness": "openness",
    "consciencienes": "conscientiousness",
    "extraversion": "extraversion",
    "agreeableness": "agreeableness",
    "neuroticism": "neuroticism",
    "self_regulation": "self_regulation",
    "CCT_cold_avg": "cards",
    "IAT_Overall": "association",
    "sycophancy_rate": "sycophancy",
    "Calibaration": "overconfidence",
    "Consistency": "inconsistency",
}
_KEYS = ("Model", "type", "persona_index", "temp", "run")
_INJECTED = re.compile(r"(?:(?P<trait>agreeableness|self_regulation)[_/])?prompt_strategy_(?P<strategy>[1-3])\.csv$")
_LAYOUT = "base_models_selfreport.csv, instruct_models_selfreport.csv, instruct_models_behavioral_tasks.csv and files "
_LAYOUT += "TRAIT_prompt_strategy_N.csv (or TRAIT/prompt_strategy_N.csv)"


def read_replay(folder: Path, given: Mapping[str, str]) -> Replay:
    """Read the published score files, flat or in their folders.

    Raises:
        InputError: If the folder holds none of them.
    """
    import polars as pl

    study = PersonalityIllusion(IllusionSettings.read(given))
    warnings: list[str] = []
    tables: list[pl.DataFrame] = []
    tasks: list[pl.DataFrame] = []
    for path in sorted(folder.rglob("*.csv")):
        found = _read(path, warnings)
        if found is None:
            continue
        place = _INJECTED.search(path.relative_to(folder).as_posix())
        if place is not None and place["trait"]:
            tables.append(_condition(found, place["trait"], int(place["strategy"])))
        elif path.name == "instruct_models_behavioral_tasks.csv":
            tasks.append(found)
        elif path.name.endswith("_selfreport.csv"):
            tables.append(_condition(found, "baseline", 0))
        else:
            warnings.append(f"{path}: is none of the published files; left out")
    if not tables:
        raise InputError("holds no published scores", where=str(folder), remedy=f"the layout is {_LAYOUT}")
    table = pl.concat(tables, how="diagonal_relaxed")
    if tasks:
        # Self-report and behaviour were collected in calls of their own; the run key joins them.
        keys = ["model", "prompt", "temperature", "run"]
        joined = pl.concat(tasks, how="diagonal_relaxed").select(
            *keys, *(n for n in BEHAVIOURS if n in tasks[0].columns)
        )
        joined = joined.with_columns(pl.lit("baseline").alias("condition"))
        table = table.join(joined, on=[*keys, "condition"], how="left", suffix="_task")
        for name in BEHAVIOURS:
            if f"{name}_task" in table.columns:
                table = table.with_columns(pl.coalesce(name, f"{name}_task").alias(name)).drop(f"{name}_task")
    else:
        warnings.append("instruct_models_behavioral_tasks.csv is not there: no behaviour of the baseline")
    for name in (*SELF_REPORTS, *BEHAVIOURS):
        if name not in table.columns:
            table = table.with_columns(pl.lit(None, dtype=pl.Float64).alias(name))
    table = table.with_columns(pl.lit("ok").alias("status"), pl.lit(True).alias("stored.self_report"))
    return Replay(table, study, {"rows": str(table.height)}, tuple(warnings))


def _read(path: Path, warnings: list[str]) -> pl.DataFrame | None:
    import polars as pl

    try:
        read = pl.read_csv(path, infer_schema_length=None)
    except pl.exceptions.PolarsError as error:
        warnings.append(f"{path}: is no CSV ({str(error).splitlines()[0]}); left out")
        return None
    if lacking := [name for name in _KEYS if name not in read.columns]:
        warnings.append(f"{path}: lacks the columns {', '.join(lacking)}; left out")
        return None
    named = {"Model": "model", "persona_index": "prompt", "temp": "temperature", "run": "run"}
    scores = [pl.col(old).cast(pl.Float64).alias(new) for old, new in _COLUMNS.items() if old in read.columns]
    role = pl.when(pl.col("type") == "base").then(pl.lit("base")).otherwise(pl.lit("subject")).alias("role")
    keys = [pl.col(old).alias(new) for old, new in named.items()]
    return read.select(*keys, role, *scores).with_columns(pl.col("temperature").cast(pl.Float64))


def _condition(table: pl.DataFrame, condition: str, strategy: int) -> pl.DataFrame:
    import polars as pl

    return table.with_columns(pl.lit(condition).alias("condition"), pl.lit(strategy).alias("strategy"))
