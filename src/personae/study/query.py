"""SQL over a run: its table and its calls, in a database of their own that is thrown away and reaches nothing else."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from personae.errors import InputError, MissingExtraError
from personae.study.export import call_batches, observation_batches, opened_ledger, pyarrow_of, subject_of

_ROWS_AT_ONCE = 2000
_LONGEST_FAULT = 300
_WIDEST_NUMBER = 2**63

_NEEDS_CALLS = re.compile(r"call|show|table|column|query|duckdb|pragma", re.IGNORECASE)
"""Words without which a query cannot see the table of calls, which takes the longest to load."""

_SETTINGS = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_community_extensions": "false",
    "python_enable_replacements": "false",  # else a name in a query may be a variable of this program
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What a query came to; its rows can be read once, while the query is open."""

    columns: tuple[str, ...]
    types: tuple[str, ...]
    """Types of the columns, as DuckDB names them."""
    rows: Iterator[tuple[Any, ...]]
    """Texts, numbers, truth values, lists and objects of them, and ``None``: what JSON can say."""


@contextmanager
def query_run(folder: Path, sql: str) -> Iterator[Answer]:
    """Ask a run in SQL (DuckDB): the tables are ``observations``, one row a cell, and ``calls``, one row a call.

    One SELECT is taken. It works on a copy and can open no file, no network and no variable of the program.

    Raises:
        InputError: If the folder holds no run, or the query cannot be answered.
        MissingExtraError: If duckdb or pyarrow is not installed.
    """
    pyarrow_of()
    duckdb = _duckdb()
    _check(duckdb, sql)
    with TemporaryDirectory(prefix="personae-query-") as scratch:
        connection = duckdb.connect(str(Path(scratch) / "run.duckdb"), config=_SETTINGS)
        try:
            _load(connection, folder, sql)
            connection.execute("SET memory_limit = '1GB'")  # more goes to the folder, which is gone afterwards
            connection.execute("SET enable_external_access = false")
            connection.execute("SET lock_configuration = true")
            yield _ask(duckdb, connection, sql)
        finally:
            connection.close()


def _check(duckdb: Any, sql: str) -> None:
    try:
        statements = duckdb.extract_statements(sql)
    except duckdb.Error as error:
        raise _refused(error) from error
    if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
        raise InputError(
            "is not one SELECT", where="query", remedy='ask one question, such as "SELECT count(*) FROM observations"'
        )


def _load(connection: Any, folder: Path, sql: str) -> None:
    with opened_ledger(folder) as (ledger, record):
        _fill(connection, "observations", observation_batches(ledger, subject_of(record)))
        if _NEEDS_CALLS.search(sql):
            _fill(connection, "calls", call_batches(ledger))


def _fill(connection: Any, table: str, batches: Iterator[Any]) -> None:
    first = next(batches)
    reader = pyarrow_of().RecordBatchReader.from_batches(first.schema, _chained(first, batches))
    connection.register("incoming", reader)
    connection.execute(f"CREATE TABLE {table} AS SELECT * FROM incoming")
    connection.unregister("incoming")


def _chained(first: Any, others: Iterator[Any]) -> Iterator[Any]:
    yield first
    yield from others


def _ask(duckdb: Any, connection: Any, sql: str) -> Answer:
    try:
        relation = connection.sql(sql)  # nothing is computed before it is read
        columns, types = tuple(map(str, relation.columns)), tuple(map(str, relation.types))
        reader = relation.to_arrow_reader(_ROWS_AT_ONCE)
    except duckdb.Error as error:
        raise _refused(error) from error
    return Answer(columns, types, _rows(duckdb, reader))


def _rows(duckdb: Any, reader: Any) -> Iterator[tuple[Any, ...]]:
    try:
        for batch in reader:
            columns = [[_plain(value) for value in column.to_pylist()] for column in batch.columns]
            yield from zip(*columns, strict=True)
    except (duckdb.Error, OSError, ValueError) as error:  # what fails in the middle comes through Arrow
        raise _refused(error) from error


def _plain(value: Any) -> Any:
    """A value that JSON can say; what it has no word for is spelled as text."""
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, Decimal):
        value = int(value) if value == value.to_integral_value() and value.as_tuple().exponent == 0 else float(value)
    if isinstance(value, int):
        return value if -_WIDEST_NUMBER <= value < _WIDEST_NUMBER else str(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, dict):
        return {str(name): _plain(part) for name, part in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, bytes):
        return [_plain(part) for part in value]
    return value.hex() if isinstance(value, bytes) else str(value)


def _refused(error: Exception) -> InputError:
    said = " ".join(str(error).split())
    said = said if len(said) <= _LONGEST_FAULT else said[:_LONGEST_FAULT] + "..."
    return InputError(
        f"cannot be answered ({said})",
        where="query",
        remedy='the tables are observations and calls; "DESCRIBE observations" names columns',
    )


def _duckdb() -> Any:
    try:
        import duckdb
    except ImportError as error:
        raise MissingExtraError("SQL over a run", "data") from error
    return duckdb
