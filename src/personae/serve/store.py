"""One SQLite file for all that people make in the studio: written by transactions, read by anybody, never half."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import apsw

from personae.errors import InputError, StorageError

SCHEMA_VERSION = 2

_LACKING: dict[int, tuple[tuple[str, str], ...]] = {
    1: (
        ("links", "ends REAL"),
        ("populations", "weighting TEXT NOT NULL DEFAULT 'null'"),
        ("population_people", "weight REAL NOT NULL DEFAULT 1"),
    ),
}
"""Columns that tables of each earlier version lack; they stand last."""

_BUSY_MILLISECONDS = 10_000

_META = f"""
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
INSERT INTO meta VALUES ('schema_version', '{SCHEMA_VERSION}') ON CONFLICT (key) DO NOTHING;
"""


class Store:
    """A database that several threads share.

    Args:
        path: The file; its folder is made.
        schemas: SQL that makes the tables if they are missing.

    Raises:
        StorageError: If the file cannot be opened.
        InputError: If a later version of personae laid it out.
    """

    def __init__(self, path: Path, schemas: Sequence[str]) -> None:
        self.path = path
        self._lock = threading.RLock()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._connection = apsw.Connection(str(path))
            self._connection.set_busy_timeout(_BUSY_MILLISECONDS)
            for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
                self._connection.execute(f"PRAGMA {pragma}")
            self._connection.execute(_META)
            if self._version() != str(SCHEMA_VERSION):
                self._bring_up()
            for schema in schemas:
                self._connection.execute(schema)
            path.chmod(0o600)  # conversations are nobody else's business
        except (apsw.Error, OSError) as error:
            raise _refused(path, error) from error

    def _bring_up(self) -> None:
        """Give a file of an earlier version what it lacks, whole or not at all."""
        with self.writing() as connection:
            version = found = self._version()
            while version.isdecimal() and int(version) in _LACKING:
                for table, column in _LACKING[int(version)]:
                    if self.read("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?", (table,)):
                        connection.execute(f"ALTER TABLE {table} ADD COLUMN {column}")
                version = str(int(version) + 1)
            if version != found:
                connection.execute("UPDATE meta SET value = ? WHERE key = 'schema_version'", (version,))
        if version != str(SCHEMA_VERSION):
            self.close()
            raise InputError(
                "was laid out by a later version of personae",
                where=str(self.path),
                remedy="install that version, or serve another --data folder",
            )

    def _version(self) -> str:
        return str(self.read("SELECT value FROM meta WHERE key = 'schema_version'")[0][0])

    def read(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """All rows of a query."""
        with self._lock:
            try:
                return list(self._connection.execute(sql, values))
            except apsw.Error as error:
                raise _refused(self.path, error) from error

    def first(self, sql: str, values: Sequence[Any] = ()) -> tuple[Any, ...] | None:
        """The first row of a query, if there is one."""
        rows = self.read(sql, values)
        return rows[0] if rows else None

    def write(self, sql: str, values: Sequence[Any] = ()) -> int:
        """One statement in a transaction of its own; gives how many rows it changed."""
        with self.writing() as connection:
            connection.execute(sql, values)
            return connection.changes()

    @contextmanager
    def writing(self) -> Iterator[apsw.Connection]:
        """Several statements that are all kept or none."""
        with self._lock:
            try:
                self._connection.execute("BEGIN IMMEDIATE")
                try:
                    yield self._connection
                except BaseException:
                    self._connection.execute("ROLLBACK")
                    raise
                self._connection.execute("COMMIT")
            except apsw.Error as error:
                raise _refused(self.path, error) from error

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Several queries between which nobody of this process writes."""
        with self._lock:
            yield

    @property
    def version_of_others(self) -> int:
        """A number that changes when another process has written."""
        return int(self.read("PRAGMA data_version")[0][0])

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()


def _refused(path: Path, error: Exception) -> StorageError:
    return StorageError(
        f"cannot be used ({type(error).__name__}: {error})",
        where=str(path),
        remedy="check that the folder is writable and the disk not full",
    )
