"""Replay of the authors' aggregates: one row a condition, algorithm, number of examples and seed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from personae.errors import InputError
from personae.papers.paper import Replay
from personae.papers.personalllm_preferences.settings import PreferenceSettings
from personae.papers.personalllm_preferences.study import Preferences

_COLUMNS = (
    "eval_type",
    "algorithm",
    "num_shots",
    "responses_to_include",
    "total_score",
    "win_rate_against_bestresponse",
    "win_rate_against_gpt4o",
    "seed",
)


def read_replay(folder: Path, given: Mapping[str, str]) -> Replay:
    """Read CSV files of aggregates; rows of the feedback that the settings name are kept.

    Raises:
        InputError: If the folder holds none.
    """
    import polars as pl

    settings = PreferenceSettings.read(given)
    tables, warnings = [], []
    for path in sorted(folder.glob("*.csv")):
        try:
            read = pl.read_csv(path, infer_schema_length=None)
        except pl.exceptions.PolarsError as error:
            warnings.append(f"{path.name}: is no CSV ({str(error).splitlines()[0]}); left out")
            continue
        if lacking := [name for name in _COLUMNS if name not in read.columns]:
            warnings.append(f"{path.name}: lacks {', '.join(lacking)}; left out")
            continue
        tables.append(read.select(_COLUMNS))
    if not tables:
        raise InputError(
            "holds no aggregates",
            where=str(folder),
            remedy=f"the layout is a CSV with the columns {', '.join(_COLUMNS)}",
        )
    table = pl.concat(tables, how="vertical_relaxed").unique(maintain_order=True)
    kind = "pairwise_pref" if settings.feedback == "pairwise" else "scalar"
    kept = table.filter(pl.col("eval_type").str.starts_with(kind))
    if not kept.height:
        raise InputError(f"has no rows of {kind}", where=str(folder), remedy="choose the other -P feedback")
    if kept.height < table.height:
        warnings.append(f"{table.height - kept.height} rows of other feedback are left out")
    return Replay(
        kept.with_columns(status=pl.lit("ok")), Preferences(settings), {"rows": str(kept.height)}, tuple(warnings)
    )
