"""A connection to PostgreSQL that outlives the server's restarts, usable from any thread.

The ledger has an event loop of its own, in a thread of its own. Readers need not be asynchronous then, as those of a
file are not; and a study that computes for a minute between two calls does not keep the heartbeat of its worker from
being heard, which would give its cells away.
"""

from __future__ import annotations

import asyncio
import random
import threading
import time
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

import asyncpg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from personae.errors import InputError, PersonaeError, StorageError
from personae.study.ledger_url import LedgerUrl

_CONNECT_SECONDS = 10.0
_READ_SECONDS = 600.0
_FIRST_PAUSE, _LONGEST_PAUSE = 0.05, 2.0
_POOL = 4

DEFAULT_PATIENCE = 60.0
"""Seconds for which a server that went away in the middle of a run is waited for."""

_PASSING = (
    "08",  # the connection is gone
    "40",  # a deadlock, or another transaction was first
    "53",  # out of connections, of memory, of disk
    "57P",  # it shuts down, or is just starting
    "25006",  # this one only reads now: the writing one has moved
)
"""Beginnings of the SQLSTATE of errors that pass."""

_Result = TypeVar("_Result")
Work = Callable[[AsyncConnection], Awaitable[_Result]]
"""What is done in one transaction. It may be done again if the connection breaks: it must bear that."""


class UnreachableError(StorageError):
    """The server is away, and was for longer than one waits."""


class PostgresLink:
    """Runs transactions on a loop of its own, again where a fault passes.

    Args:
        url: The database.
    """

    def __init__(self, url: LedgerUrl) -> None:
        self.url = url
        self._is_lost = False
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, name="ledger", daemon=True)
        self._thread.start()
        # asyncpg reads the URL itself, as libpq would: SSL, sockets, several hosts, PG* variables and ~/.pgpass.
        self._engine = create_async_engine(
            "postgresql+asyncpg://",
            async_creator=self._connect,
            hide_parameters=True,
            pool_size=_POOL,
            max_overflow=_POOL,
        )

    def do(self, work: Work[_Result], *, patience: float = DEFAULT_PATIENCE) -> _Result:
        """Do something in a transaction and wait for it, in any thread but the link's own.

        Raises:
            InputError: If the server refuses the user or has no such database.
            StorageError: If it cannot be reached for longer than the patience, or refuses.
        """
        return self.wait_for(self.attempt(work, patience=patience))

    def wait_for(self, coroutine: Coroutine[Any, Any, _Result]) -> _Result:
        """Run something on the link's loop and wait for it."""
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result()

    async def await_here(self, coroutine: Coroutine[Any, Any, _Result]) -> _Result:
        """Run something on the link's loop, awaited from another loop."""
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(coroutine, self.loop))

    async def attempt(self, work: Work[_Result], *, patience: float = DEFAULT_PATIENCE) -> _Result:
        """Do something in a transaction, again while faults pass; on the link's loop."""
        deadline = time.monotonic() + (0.0 if self._is_lost else patience)  # one waits in vain once
        pause = _FIRST_PAUSE
        while True:
            try:
                async with self._engine.begin() as connection:
                    result = await work(connection)
                self._is_lost = False
                return result
            except PersonaeError:
                raise
            except Exception as error:
                if not _passes(error):
                    raise self._refused(error) from error
                if time.monotonic() >= deadline:
                    self._is_lost = True
                    raise self._lost(error) from error
            await asyncio.sleep(pause * (0.5 + random.random()))
            pause = min(pause * 2, _LONGEST_PAUSE)

    def close(self) -> None:
        """Give the connections back and end the thread; harmless when called again."""
        if self._thread.is_alive():
            self.wait_for(self._engine.dispose())
            self.loop.call_soon_threadsafe(self.loop.stop)
            self._thread.join()
            self.loop.close()

    async def _connect(self) -> asyncpg.Connection[Any]:
        return await asyncpg.connect(
            self.url.dsn,
            password=self.url.password,
            timeout=_CONNECT_SECONDS,
            command_timeout=_READ_SECONDS,
            server_settings={"application_name": "personae"},
        )

    def _refused(self, error: Exception) -> PersonaeError:
        origin = _origin(error)
        state = str(getattr(origin, "sqlstate", None) or "")
        said = self._say(origin)
        if state.startswith(("28", "3D")):
            return InputError(
                f"the database refuses ({said})",
                where=self.url.shown,
                remedy="check user and database; the password is taken from PGPASSWORD, ~/.pgpass or the URL",
            )
        if state == "42501":
            return InputError(
                f"the user may not do this ({said})",
                where=self.url.shown,
                remedy="grant CREATE on the database once, then USAGE on schema personae and its tables",
            )
        return StorageError(f"the database refuses a statement ({said})", where=self.url.shown)

    def _lost(self, error: Exception) -> UnreachableError:
        return UnreachableError(
            f"the database cannot be reached ({self._say(_origin(error))})",
            where=self.url.shown,
            remedy="start it, then the same command again; whatever was finished before this point is kept",
        )

    def _say(self, origin: BaseException) -> str:
        """What the driver said, in one line, and without the password should it repeat that."""
        said = f"{type(origin).__name__}: {(str(origin).splitlines() or ['no reason given'])[0]}"
        for secret in self.url.secrets:
            said = said.replace(secret, "***")
        return said


def _origin(error: BaseException) -> BaseException:
    """The error that the driver or the system raised, below what was wrapped around it."""
    while (below := getattr(error, "orig", None) or (error.__cause__ if _is_wrapped(error) else None)) is not None:
        error = below
    return error


def _is_wrapped(error: BaseException) -> bool:
    return type(error).__module__.startswith("sqlalchemy") and not isinstance(error, asyncpg.PostgresError)


def _passes(error: Exception) -> bool:
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    origin = _origin(error)
    if isinstance(origin, OSError | TimeoutError):
        return True
    if isinstance(origin, asyncpg.InterfaceError):  # those that are a ValueError too say that the caller is at fault
        return not isinstance(origin, ValueError)
    return str(getattr(origin, "sqlstate", None) or "").startswith(_PASSING)
