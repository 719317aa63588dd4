"""``personae run export`` and ``query``: a run as Parquet, and asked in SQL."""

from __future__ import annotations

import csv
import itertools
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from personae.cli.output import Grid, JsonFlag, Result, reporting
from personae.errors import InputError

if TYPE_CHECKING:
    from rich.console import Console

Folder = Annotated[Path, typer.Argument(metavar="FOLDER", help="Run folder.")]

_WIDEST_CELL = 100
"""Letters of a value that are shown in a table."""


@reporting
def export_run(
    folder: Folder,
    to: Annotated[
        Path | None, typer.Option("--to", metavar="DIR", help="Folder to write to. [default: FOLDER/export]")
    ] = None,
    as_json: JsonFlag = False,
) -> Result:
    """Write calls.parquet and observations.parquet, for other tools to read."""
    from personae.study import export_run

    done = export_run(folder, to or folder / "export")
    data = {"folder": str(done.folder), "calls": done.calls, "observations": done.observations}
    line = f"{done.folder}: calls.parquet ({done.calls} rows), observations.parquet ({done.observations} rows)"
    return Result(data, lambda console: console.print(line, markup=False))


@reporting
def query_run(
    folder: Folder,
    sql: Annotated[str, typer.Argument(metavar="SQL", help="One SELECT over the tables observations and calls.")],
    rows: Annotated[int, typer.Option("--rows", min=0, help="Rows that are shown in a table; 0 is all.")] = 50,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print all rows as CSV.")] = False,
    as_json: JsonFlag = False,
) -> Result:
    """Ask a run in SQL (DuckDB): observations has one row a cell, calls one row a call. Nothing can be changed."""
    from personae.study import query_run

    if as_csv and as_json:
        raise InputError("CSV and JSON are two forms", where="run query", remedy="leave --csv or --json out")
    with query_run(folder, sql) as answer:
        if as_csv:
            _print_csv(answer.columns, answer.rows)
            return Result({}, lambda console: None)
        # JSON is for programs, which want all of it.
        most = None if as_json or rows == 0 else rows
        shown = list(itertools.islice(answer.rows, most))
        is_cut = most is not None and next(answer.rows, None) is not None
    columns = [{"name": name, "type": kind} for name, kind in zip(answer.columns, answer.types, strict=True)]

    def show(console: Console) -> None:
        numbers = {index for index, kind in enumerate(answer.types) if _is_number(kind)}
        grid = Grid("", answer.columns, [[_short(value) for value in row] for row in shown], frozenset(numbers))
        grid.show(console)
        if is_cut:
            console.print(f"... the first {rows} rows; --rows 0 shows all, --csv and --json print all", markup=False)
        elif not shown:
            console.print("no rows")

    return Result({"columns": columns, "rows": shown}, show)


def _print_csv(columns: Sequence[str], rows: Iterable[tuple[Any, ...]]) -> None:
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(["" if value is None else _spell(value) for value in row] for row in rows)


def _spell(value: Any) -> str:
    import orjson

    return value if isinstance(value, str) else orjson.dumps(value).decode()


def _short(value: Any) -> str:
    text = "" if value is None else " ".join(_spell(value).split("\n"))
    return text if len(text) <= _WIDEST_CELL else text[:_WIDEST_CELL] + "..."


def _is_number(kind: str) -> bool:
    return kind.startswith(("DECIMAL", "DOUBLE", "FLOAT", "HUGEINT", "BIGINT", "INTEGER", "SMALLINT", "TINYINT", "U"))
