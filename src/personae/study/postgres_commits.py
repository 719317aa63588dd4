"""Rows of many tasks, written a transaction at a time on another event loop.

What ``commits.py`` is to a file, this is to a server: a row handed in is acknowledged after COMMIT; all rows that come
while a transaction is under way go into the next one together.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from personae.errors import PersonaeError, StorageError
from personae.study.postgres_link import UnreachableError

_MOST_ROWS = 2048
_LINGER_SECONDS = 0.005

Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """A row on its way."""

    table: str
    row: Row
    loop: asyncio.AbstractEventLoop
    done: asyncio.Future[None]


class GroupCommit:
    """Collects rows and writes them in groups.

    Args:
        loop: Where they are written.
        write: Writes rows of any tables in one transaction, all or none, and must bear to be called again for the same.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, write: Callable[[Sequence[Entry]], Awaitable[None]]) -> None:
        self._loop = loop
        self._write = write
        self._gate = threading.Lock()
        self._waiting: list[Entry] = []
        self._is_closed = False
        self._flushing: asyncio.Task[None] | None = None  # touched on the loop only

    async def append(self, table: str, row: Row) -> None:
        """Write one row; returns when it is committed.

        Raises:
            StorageError: If it could not be written.
        """
        here = asyncio.get_running_loop()
        entry = Entry(table, row, here, here.create_future())
        with self._gate:
            if self._is_closed:
                raise StorageError("the ledger is closed", remedy="open it again to write to it")
            self._waiting.append(entry)
            is_first = len(self._waiting) == 1
        if is_first:
            self._loop.call_soon_threadsafe(self._start)
        await entry.done

    async def drain(self) -> None:
        """Take no further row, and wait until all that came are written; on the loop."""
        with self._gate:
            self._is_closed = True
        self._start()
        if self._flushing is not None:
            await self._flushing

    def _start(self) -> None:
        if self._flushing is None or self._flushing.done():
            self._flushing = self._loop.create_task(self._flush())

    async def _flush(self) -> None:
        while True:
            await asyncio.sleep(0 if self._is_closed else _LINGER_SECONDS)
            with self._gate:
                waiting, self._waiting = self._waiting, []
            if not waiting:
                return
            for start in range(0, len(waiting), _MOST_ROWS):
                await self._commit(waiting[start : start + _MOST_ROWS])

    async def _commit(self, batch: Sequence[Entry]) -> None:
        """Write a batch; a row that cannot be written must not take its neighbours along."""
        error = await self._try(batch)
        if error is not None and len(batch) > 1 and not isinstance(error, UnreachableError):
            middle = len(batch) // 2
            await self._commit(batch[:middle])
            await self._commit(batch[middle:])
            return
        by_loop: dict[asyncio.AbstractEventLoop, list[asyncio.Future[None]]] = {}
        for entry in batch:
            by_loop.setdefault(entry.loop, []).append(entry.done)
        for loop, waiting in by_loop.items():
            with contextlib.suppress(RuntimeError):  # a loop that was closed hears nothing; its rows are kept
                loop.call_soon_threadsafe(_settle, waiting, error)

    async def _try(self, batch: Sequence[Entry]) -> PersonaeError | None:
        try:
            await self._write(batch)
        except PersonaeError as error:
            return error
        return None


def _settle(waiting: list[asyncio.Future[None]], error: PersonaeError | None) -> None:
    for done in waiting:
        if not done.done():
            if error is None:
                done.set_result(None)
            else:
                done.set_exception(error)
