"""Durable rows without a commit each: one SQLite file, one writing thread, many rows a transaction.

A row handed in is acknowledged when it is on disk. The writer sleeps some milliseconds after the first row and then
takes all that has come, so a thousand concurrent callers pay for a handful of disk syncs, and of changes of thread,
instead of a thousand. Rows for one table go into SQLite by one statement: a statement a row would ask for the
interpreter's lock twice a row, and on a busy interpreter wait for it most of the time.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import Any

import apsw

from personae.errors import StorageError

_MOST_ROWS = 4096
_ROWS_AT_ONCE = (128, 32, 8, 1)  # of one statement: few lengths, so that SQLite reads each statement once
_MOST_BACKLOG = 8192
_LINGER_SECONDS = 0.04
_BUSY_SECONDS = 10.0

_OF_THE_FILE = (
    apsw.BusyError,
    apsw.FullError,
    apsw.IOError,
    apsw.CorruptError,
    apsw.NotADBError,
    apsw.ReadOnlyError,
    OSError,
)
"""Errors that are not those of a single row: nothing is written after one."""

Row = Sequence[Any]


_Write = tuple[str, Row, "asyncio.AbstractEventLoop | None", "asyncio.Future[None] | None"]
"""A statement, a row for it, and the future of whoever waits for it to be on disk. One is made of every row: plain."""


class CommitLog:
    """A SQLite file that many tasks append to through one writing thread with group commit.

    Args:
        path: The file; its folder must exist.
        schema: SQL that creates the tables if they are missing.
        is_durable: Whether each commit waits for the disk. ``False`` survives a killed process, not a power cut.
        linger: Seconds that the writer waits for more rows once it has one.
    """

    def __init__(self, path: Path, schema: str, *, is_durable: bool = True, linger: float = _LINGER_SECONDS) -> None:
        self.path = path
        self._linger = linger
        try:
            self._writer = _connect(path, is_durable)
            self._writer.execute(schema)
            self._reader = _connect(path, is_durable)
        except apsw.Error as error:
            raise _refused(path, error) from error
        self._file = _number_of(path)
        self._waiting: list[_Write] = []
        self._waiters: list[tuple[int, asyncio.AbstractEventLoop, asyncio.Future[None]]] = []
        self._handed_in = self._written = 0
        self._unheard: StorageError | None = None
        self._broken: Exception | None = None
        self._is_closed = False
        self._gate = threading.Lock()  # holds the list of waiting rows, and lets none in once the log is closed
        self._progress = threading.Condition()  # its own lock: whoever hands in must never wait for whoever is told
        self._wake = threading.Event()
        self._hurry = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"commits {path.name}", daemon=True)
        self._thread.start()

    async def append(self, sql: str, row: Row) -> None:
        """Write one row; returns when it is committed.

        Rows that share a transaction do not share their fate: one that breaks a constraint is refused alone.

        Args:
            sql: ``INSERT INTO table VALUES (?, ...)``, whatever follows; the same words for all rows of a table.
            row: Values in the order of the question marks.

        Raises:
            StorageError: If it could not be written.
        """
        loop = asyncio.get_running_loop()
        done: asyncio.Future[None] = loop.create_future()
        self._hand_in((sql, row, loop, done))
        await done

    def put(self, sql: str, row: Row) -> int:
        """Write one row without waiting for it; it is on disk no later than any row that is handed in after it.

        When to use: for rows that may be lost with the last hundredths of a second before a kill. A row that cannot be
        written is told to the next caller, whoever that is. While ``is_behind``, use ``append``: it waits its turn.

        Returns:
            The number of the row, for ``wait_for``.

        Raises:
            StorageError: If an earlier row that nobody waited for could not be written.
        """
        return self._hand_in((sql, row, None, None))

    def is_written(self, number: int) -> bool:
        """Whether the row of this number is on disk, or was refused."""
        return number <= self._written

    async def wait_for(self, number: int) -> None:
        """Wait until the row of this number is on disk, or was refused."""
        if number <= self._written:
            return
        loop = asyncio.get_running_loop()
        done: asyncio.Future[None] = loop.create_future()
        with self._progress:
            if number <= self._written:
                return
            self._waiters.append((number, loop, done))
        await done

    def settle(self) -> None:
        """Wait until every row that was handed in so far is on disk; for readers of their own writes.

        Raises:
            StorageError: If a row that nobody waited for could not be written.
        """
        if self._written < self._handed_in:
            self._hurry.set()
            with self._progress:
                wanted = self._handed_in
                self._progress.wait_for(lambda: self._written >= wanted)
        self._raise_unheard()

    @property
    def is_behind(self) -> bool:
        """Whether rows come faster than the disk takes them."""
        return self._handed_in - self._written > _MOST_BACKLOG

    def _hand_in(self, write: _Write) -> int:
        with self._gate:
            if self._is_closed:
                raise StorageError("the file is closed", where=self.path.name, remedy="open it again to write to it")
            self._waiting.append(write)
            self._handed_in += 1
            number = self._handed_in
            is_first = len(self._waiting) == 1
        if is_first:
            self._wake.set()
        if self._unheard is not None:
            self._raise_unheard()
        return number

    def _raise_unheard(self) -> None:
        error, self._unheard = self._unheard, None
        if error is not None:
            raise error

    def read(self, sql: str, row: Row = ()) -> list[tuple[Any, ...]]:
        """Read rows that are committed, in the calling thread."""
        try:
            return list(self._reader.execute(sql, row))
        except (apsw.Error, UnicodeDecodeError) as error:
            raise _refused(self.path, error) from error

    def scan(self, sql: str, row: Row = ()) -> Iterator[tuple[Any, ...]]:
        """Read rows that are committed one after the other; for tables that are too long to hold."""
        try:
            yield from self._reader.execute(sql, row)
        except (apsw.Error, UnicodeDecodeError) as error:
            raise _refused(self.path, error) from error

    def write_now(self, sql: str, row: Row = ()) -> None:
        """Write one row from outside an event loop; use it before or after a run, not during one."""
        try:
            self._reader.execute(sql, row)
        except apsw.Error as error:
            raise _refused(self.path, error) from error

    def close(self) -> None:
        """Commit what is waiting and close the file; harmless when called again.

        Raises:
            StorageError: If a row that nobody waited for could not be written.
        """
        with self._gate:
            if self._is_closed:
                return
            self._is_closed = True
        self._hurry.set()
        self._wake.set()
        self._thread.join()
        self._writer.close()
        self._reader.close()
        self._raise_unheard()

    def _run(self) -> None:
        is_open = True
        while is_open:
            self._wake.wait()
            self._hurry.wait(self._linger)
            self._wake.clear()
            self._hurry.clear()
            with self._gate:
                waiting, self._waiting = self._waiting, []
                is_open = not self._is_closed
            for start in range(0, len(waiting), _MOST_ROWS):
                batch = waiting[start : start + _MOST_ROWS]
                self._commit(batch)
                with self._progress:
                    self._written += len(batch)
                    self._progress.notify_all()
                    heard = [waiter for waiter in self._waiters if waiter[0] <= self._written]
                    self._waiters = [waiter for waiter in self._waiters if waiter[0] > self._written]
                _wake((loop, done, None) for _, loop, done in heard)

    def _commit(self, batch: list[_Write]) -> None:
        error = self._broken or self._write(batch)
        if isinstance(error, _OF_THE_FILE):
            # What comes later must not be kept where this is not: an observation without its calls would be a lie.
            self._broken = error
        if error is None or len(batch) == 1 or self._broken is not None:
            self._tell(batch, error)
            return
        for write in batch:  # one row that cannot be written must not take its neighbours along
            self._tell([write], self._write([write]))

    def _write(self, batch: list[_Write]) -> Exception | None:
        by_sql: dict[str, list[Row]] = {}
        for sql, row, _, _ in batch:
            by_sql.setdefault(sql, []).append(row)
        try:
            with self._writer:
                for sql, rows in by_sql.items():
                    self._insert(sql, rows)
            if _number_of(self.path) != self._file:  # SQLite goes on writing to a file that nobody will find again
                return FileNotFoundError("it was deleted or replaced while it was in use")
        except Exception as error:  # a value of a wrong type too: it is the caller's, and this thread must live on
            return error
        return None

    def _insert(self, sql: str, rows: list[Row]) -> None:
        start = 0
        for many in _ROWS_AT_ONCE if _parted(sql)[1] else (1,):
            repeated = _repeated(sql, many)
            while len(rows) - start >= many:
                self._writer.execute(repeated, tuple(chain.from_iterable(rows[start : start + many])))
                start += many

    def _tell(self, batch: list[_Write], cause: Exception | None) -> None:
        error = None if cause is None else _refused(self.path, cause)
        if error is not None and any(done is None for _, _, _, done in batch):
            self._unheard = error
        _wake((loop, done, error) for _, _, loop, done in batch if loop is not None and done is not None)


@lru_cache(maxsize=64)
def _parted(sql: str) -> tuple[str, str, str]:
    """A statement before, at and after the one group of values that may be repeated; without it, all is before."""
    match = re.fullmatch(r"(.*\bVALUES\s*)(\([^()]*\))(.*)", sql, re.DOTALL | re.IGNORECASE)
    return (match[1], match[2], match[3]) if match else (sql, "", "")


@lru_cache(maxsize=256)
def _repeated(sql: str, rows: int) -> str:
    """A statement for so many rows."""
    head, values, tail = _parted(sql)
    return head + ",".join([values] * rows) + tail


_Told = tuple[asyncio.AbstractEventLoop, "asyncio.Future[None]", StorageError | None]


def _wake(told: Iterable[_Told]) -> None:
    """Tell those who wait, by one change of thread for each event loop."""
    by_loop: dict[asyncio.AbstractEventLoop, list[_Told]] = {}
    for one in told:
        by_loop.setdefault(one[0], []).append(one)
    for loop, waiting in by_loop.items():
        # A loop that was interrupted meanwhile hears nothing; its rows are kept all the same.
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(_settle, waiting)


def _settle(waiting: list[_Told]) -> None:
    for _, done, error in waiting:
        if done.done():
            continue
        if error is None:
            done.set_result(None)
        else:
            done.set_exception(error)


def _number_of(path: Path) -> int:
    """What tells the file apart from another of the same name; 0 if there is none."""
    try:
        return path.stat().st_ino
    except OSError:
        return 0


def _connect(path: Path, is_durable: bool) -> apsw.Connection:
    connection = apsw.Connection(str(path))
    connection.set_busy_timeout(int(_BUSY_SECONDS * 1000))
    _write_ahead(connection)
    connection.execute(f"PRAGMA synchronous={'FULL' if is_durable else 'OFF'}")
    return connection


def _write_ahead(connection: apsw.Connection) -> None:
    """Turn the write-ahead log on, waiting for others: SQLite's own busy timeout does not cover this one step."""
    deadline = time.monotonic() + _BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            return
        except apsw.BusyError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.01)


def _refused(path: Path, error: Exception) -> StorageError:
    if isinstance(error, (apsw.CorruptError, apsw.NotADBError, UnicodeDecodeError)):
        return damaged(path, error)
    return StorageError(
        f"cannot be read or written ({type(error).__name__}: {error})",
        where=str(path),
        remedy="check free space and permissions of the folder; finished work before this point is kept",
    )


def damaged(path: Path, error: Exception) -> StorageError:
    """What to tell of a file whose content is not what was written there."""
    return StorageError(
        f"the file is damaged ({type(error).__name__}: {error})",
        where=str(path),
        remedy="put a copy of it back, or move it away: what it held is then asked again",
    )
