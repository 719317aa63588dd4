"""Replay of the reports that the authors published, as one CSV of their counts.

Columns: condition, instrument, model, seed, personas, judge, dimension, score, and A to F, how often each option was
chosen. Where a report prints a dimension twice (Tradition is a narrow and a broad value), the file has the narrow one.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from personae.errors import InputError
from personae.papers.paper import Replay
from personae.papers.stable_values.profiles import INSTRUMENTS, LETTERS
from personae.papers.stable_values.settings import StableValuesSettings
from personae.papers.stable_values.study import StableValues

_COLUMNS = ("condition", "instrument", "model", "seed", "personas", "judge", "dimension", "score", *LETTERS)


def read_replay(folder: Path, given: Mapping[str, str]) -> Replay:
    """Read the published counts.

    Raises:
        InputError: If the folder holds no such file, or one that cannot be used.
    """
    import polars as pl

    study = StableValues(StableValuesSettings.read(given))
    tables, warnings = [], []
    for path in sorted(folder.glob("*.csv")):
        try:
            read = pl.read_csv(path, infer_schema_length=None)
        except pl.exceptions.PolarsError as error:
            warnings.append(f"{path}: is no CSV ({str(error).splitlines()[0]}); left out")
            continue
        if lacking := [name for name in _COLUMNS if name not in read.columns]:
            warnings.append(f"{path}: lacks the columns {', '.join(lacking)}; left out")
            continue
        tables.append(read.select(_COLUMNS))
    if not tables:
        raise InputError(
            "holds no reports of role-play at scale",
            where=str(folder),
            remedy=f"the layout is a CSV with the columns {', '.join(_COLUMNS)}",
        )
    table = pl.concat(tables, how="vertical_relaxed").unique(maintain_order=True)
    known = pl.col("instrument").is_in(list(INSTRUMENTS))
    if strange := table.filter(~known).height:
        warnings.append(f"{strange} rows are of instruments other than {', '.join(INSTRUMENTS)}; left out")
    table = table.filter(known).with_columns(pl.lit("ok").alias("status"))
    source = folder / "SOURCE.txt"
    note = source.read_text(encoding="utf-8", errors="replace").strip() if source.is_file() else ""
    return Replay(table, study, {"rows": str(table.height), "source": note}, tuple(warnings))
