"""Who observes which cell: claims with a lease, on the clock of the database.

A claim is a row of (run, cell). It is ``held`` until its cell is observed, then ``done`` or ``failed``. A held claim
belongs to its worker until the lease ends, which a heartbeat moves on; after that it goes to whoever asks first. Rows
decide, one at a time and under their lock: no worker takes what another holds, however late what it knows.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

from personae.errors import PersonaeError
from personae.model import Reply
from personae.study import postgres_queries as queries
from personae.study.postgres_link import PostgresLink
from personae.study.stores import Claimed

_BEATS = 3  # in a lease: two may be lost


class Claims:
    """What one worker holds. Everything runs on the link's loop, but ``holds`` and ``let_go``."""

    def __init__(self, link: PostgresLink, run: int, worker: int) -> None:
        self._link = link
        self._run = run
        self._worker = worker
        self._lease = link.url.lease
        self._until: dict[str, float] = {}  # by cell: how long it is ours for sure, on the clock of this process
        self._beating: asyncio.Task[None] | None = None

    def holds(self, cell: str) -> bool:
        """Whether a cell is ours for sure: when the server is away for longer than the lease, nothing is."""
        return self._until.get(cell, 0.0) > time.monotonic()

    def let_go(self, cell: str) -> None:
        """A cell is finished; what it was claimed for is done."""
        self._until.pop(cell, None)

    async def claim(self, cells: Sequence[str], most: int) -> Claimed:
        """Take hold of free cells; asked again after a fault, it finds what it took hold of already."""
        before = time.monotonic()
        found = await self._link.attempt(lambda connection: self._claim(connection, cells, most))
        self._until.update(dict.fromkeys(found.granted, before + self._lease))
        if self._beating is None:
            self._beating = asyncio.get_running_loop().create_task(self._beat())
        return found

    async def release(self) -> None:
        """Give back what is not finished, for others to take at once."""
        if self._beating is not None:
            self._beating.cancel()
        self._until.clear()
        with contextlib.suppress(PersonaeError):  # else they have to wait for the lease, and that is all
            await self._link.attempt(self._release, patience=self._lease)

    async def _claim(self, connection: AsyncConnection, cells: Sequence[str], most: int) -> Claimed:
        mine = {"run": self._run, "worker": self._worker}
        known = await connection.execute(queries.CLAIM_STATES, {**mine, "cells": list(cells)})
        states = {cell: state for cell, state in known}  # noqa: C416  # rows are no pairs
        free = [cell for cell in cells if states.get(cell, "free") == "free"][:most]
        wanted = {**mine, "cells": free, "lease": self._lease}
        granted = set((await connection.execute(queries.CLAIM, wanted)).scalars()) if free else set()
        replies: dict[str, dict[str, list[Reply]]] = {}
        if granted:
            rows = await connection.execute(queries.REPLIES, {"run": self._run, "cells": sorted(granted)})
            queries.sort_replies(rows, replies)
        busy = {cell for cell, state in states.items() if state == "busy"} | (set(free) - granted)
        return Claimed(
            {cell: replies.get(cell, {}) for cell in free if cell in granted},
            {cell for cell, state in states.items() if state == "finished"},
            busy,
        )

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(self._lease / _BEATS)
            before = time.monotonic()
            asked = list(self._until)
            with contextlib.suppress(PersonaeError):  # the server is away; whoever writes will say so
                kept = await self._link.attempt(self._renew, patience=self._lease)
                for cell in asked:
                    if cell not in kept:
                        self._until.pop(cell, None)
                    elif cell in self._until:
                        self._until[cell] = before + self._lease

    async def _renew(self, connection: AsyncConnection) -> set[str]:
        mine = {"run": self._run, "worker": self._worker, "lease": self._lease}
        return set((await connection.execute(queries.RENEW, mine)).scalars())

    async def _release(self, connection: AsyncConnection) -> None:
        await connection.execute(queries.RELEASE, {"run": self._run, "worker": self._worker})
