"""Calls and observations of a run as Parquet, written piece by piece: a run may be larger than memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from personae.errors import InputError, MissingExtraError, StorageError
from personae.study.folder import RunFolder, read_record, whole_file
from personae.study.ledger import Ledger
from personae.study.ledger_sql import CALL_COLUMNS
from personae.study.stores import refuse_database
from personae.study.table import BOOKKEEPING, build_table, read_table

if TYPE_CHECKING:
    import polars as pl

EXPORT_VERSION = 1
"""Version of the layout, kept in the metadata of each file as ``personae.schema_version``."""

CALLS_FILE = "calls.parquet"
OBSERVATIONS_FILE = "observations.parquet"

_ROWS = 20_000
_LETTERS = 32 * 2**20
"""Rows, and letters of them, that make a row group of calls; whichever is reached first."""


@dataclass(frozen=True, slots=True)
class Exported:
    """What an export has written."""

    folder: Path
    calls: int
    observations: int


def export_run(folder: Path, target: Path) -> Exported:
    """Write ``calls.parquet`` and ``observations.parquet`` of a run, finished or not.

    Each file is there when it is whole, and replaces an earlier one. Observations are the table that findings are
    measured on: one row a cell, in the order of their keys. Memory is that of one row group, but for a run that has
    numbers and texts in one column: such a table is put together as a whole.

    Raises:
        InputError: If the folder holds no run, or a run without calls.
        MissingExtraError: If pyarrow is not installed.
        StorageError: If a file cannot be written.
    """
    pyarrow_of()
    with opened_ledger(folder) as (ledger, record):
        mark = {"personae.schema_version": str(EXPORT_VERSION), "personae.fingerprint": record["fingerprint"]}
        try:
            target.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StorageError(
                f"the folder cannot be made ({error.strerror})", where=str(target), remedy="choose another --to"
            ) from error
        calls = _write(target / CALLS_FILE, call_batches(ledger), mark)
        observations = _write(target / OBSERVATIONS_FILE, observation_batches(ledger, subject_of(record)), mark)
    return Exported(target, calls, observations)


@contextmanager
def opened_ledger(folder: Path) -> Iterator[tuple[Ledger, dict[str, Any]]]:
    """Open the ledger of a run, and read its record.

    Raises:
        InputError: If the folder holds no run, or a run without a ledger.
    """
    record = read_record(folder)
    refuse_database(RunFolder(folder), "files are exported and queried", "ask the database itself")
    path = RunFolder(folder).ledger_file
    if not path.is_file():
        raise InputError("holds no calls", where=str(folder), remedy="a replay asks no model")
    ledger = Ledger(path)
    try:
        yield ledger, record
    finally:
        ledger.close()


def subject_of(record: dict[str, Any]) -> str:
    """Name of the model that was observed."""
    return str(record["models"].get("subject", {}).get("name", ""))


def call_batches(ledger: Ledger) -> Iterator[Any]:
    """Calls as Arrow record batches; the first one may be empty and tells the columns."""
    pa = pyarrow_of()
    types = {int: pa.int64(), str: pa.string(), float: pa.float64(), bool: pa.bool_()}
    schema = pa.schema([(name, types[kind]) for name, kind in CALL_COLUMNS.items()])
    yield pa.RecordBatch.from_pylist([], schema)
    flag = list(CALL_COLUMNS).index("is_cached")
    rows = ledger.call_rows()
    while piece := list(_up_to(rows, _ROWS, _LETTERS)):
        columns = [list(column) for column in zip(*piece, strict=True)]
        columns[flag] = [None if value is None else bool(value) for value in columns[flag]]
        yield pa.RecordBatch.from_arrays(
            [pa.array(column, field.type) for column, field in zip(columns, schema, strict=True)], schema=schema
        )


def _up_to(rows: Iterator[tuple[Any, ...]], most: int, letters: int) -> Iterator[tuple[Any, ...]]:
    for row in islice(rows, most):
        yield row
        letters -= len(row[-1] or "") + len(row[-2])
        if letters < 0:
            return


def observation_batches(ledger: Ledger, model: str) -> Iterator[Any]:
    """The table of a run as Arrow record batches; the first one may be empty and tells the columns.

    The ledger is read twice: what columns there are, and of which types, is known when the last row has been seen.
    """
    import polars as pl

    try:
        schema = _schema_of(ledger)
    except (pl.exceptions.PolarsError, _MixedError):
        whole = read_table(ledger, model)
        pieces: Callable[[], Iterator[pl.DataFrame]] = lambda: whole.iter_slices(_ROWS)  # noqa: E731
        empty = whole.clear()
    else:
        empty = _as_table(pl.DataFrame(schema=schema), schema, model) if schema else build_table((), model)
        pieces = lambda: (_as_table(_frame(lines), schema, model) for lines in ledger.latest_lines(_ROWS))  # noqa: E731
    yield from _arrow(empty)
    for piece in pieces():
        yield from _arrow(piece)


class _MixedError(Exception):
    """A column holds texts in some rows and something else in others: how that is spelled depends on all of them."""


def _schema_of(ledger: Ledger) -> dict[str, pl.DataType]:
    import polars as pl

    found: list[dict[str, pl.DataType]] = []
    for lines in ledger.latest_lines(_ROWS):
        schema = dict(_frame(lines).schema)
        if schema not in found:
            found.append(schema)
    if not found:
        return {}
    empty = [pl.DataFrame(schema=schema) for schema in found]
    whole: dict[str, pl.DataType] = dict(sorted(pl.concat(empty, how="diagonal_relaxed").schema.items()))
    for schema in found:
        for name, kind in schema.items():
            if _is_text(whole[name]) and not _is_text(kind) and kind not in (pl.Null(), pl.List(pl.Null())):
                raise _MixedError(name)
    return whole


def _is_text(kind: pl.DataType) -> bool:
    import polars as pl

    return kind in (pl.String(), pl.List(pl.String()))


def _frame(lines: bytes) -> pl.DataFrame:
    import polars as pl

    return pl.read_ndjson(lines, infer_schema_length=None)


def _as_table(frame: pl.DataFrame, schema: dict[str, pl.DataType], model: str) -> pl.DataFrame:
    import polars as pl

    columns = [
        (pl.col(name) if name in frame.columns else pl.lit(None)).cast(kind).alias(name)
        for name, kind in schema.items()
    ]
    table = frame.select(columns)
    own = pl.col("model").cast(pl.String).fill_null(model) if "model" in schema else pl.lit(model).alias("model")
    rest = [name for name in schema if name not in BOOKKEEPING]
    return table.with_columns(own).select(*BOOKKEEPING, *rest)


def _arrow(table: pl.DataFrame) -> Iterator[Any]:
    import polars as pl

    arrow = table.rechunk().to_arrow(compat_level=pl.CompatLevel.oldest())
    batches = arrow.to_batches()
    yield from batches or [pyarrow_of().RecordBatch.from_pylist([], arrow.schema)]


def _write(path: Path, batches: Iterator[Any], mark: dict[str, str]) -> int:
    import pyarrow.parquet as pq

    first = next(batches)
    count = int(first.num_rows)
    with (
        whole_file(path) as partial,
        pq.ParquetWriter(partial, first.schema.with_metadata(mark), compression="zstd") as writer,
    ):
        if count:
            writer.write_batch(first)
        for batch in batches:
            writer.write_batch(batch)
            count += int(batch.num_rows)
    return count


def pyarrow_of() -> Any:
    """The library, or the error that names its extra."""
    try:
        import pyarrow
    except ImportError as error:
        raise MissingExtraError("Parquet and SQL over a run", "data") from error
    return pyarrow
