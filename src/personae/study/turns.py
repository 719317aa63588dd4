"""Whose turn it is: the cells that a worker process observes, its own alone or shared with other processes.

Both kinds of turns give out cells with the calls that were answered in them before. Where the ledger is a file, every
cell of the queue is ours. Where it is shared, cells are claimed in batches of a quarter of a second's work: large
enough that asking costs little, small enough that nobody sits on what another could do.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Protocol

from personae.model import Reply
from personae.study.budget import Purse
from personae.study.cell import Cell
from personae.study.progress import Watcher
from personae.study.stores import SharedStore
from personae.study.tally import Tally

Answered = Mapping[str, Sequence[Reply]]
"""Replies that earlier starts had in a cell, by call key, oldest first."""

_BATCH_SECONDS = 0.25
_MOST_AT_ONCE = 1024
_OFFERED = 4  # times as many cells as are wanted: others may have been faster
_RECHECKED = 256
_LONGEST_POLL = 1.0
_COUNT_SECONDS = 0.5


class Queue(Iterator[Cell], Protocol):
    """Cells that no earlier start finished."""

    closed: str
    """Why no further cell is given out."""


class Turns(Protocol):
    """Gives out cells to any number of tasks."""

    @property
    def left(self) -> int:
        """Cells that were left to other workers, unfinished."""
        ...

    def __aiter__(self) -> Turns:
        """Itself."""
        ...

    async def __anext__(self) -> tuple[Cell, Answered]:
        """The next cell."""
        ...


class OwnTurns:
    """All cells of a queue, where nobody else is at work.

    Args:
        queue: The cells.
        answered: Answered calls by cell.
    """

    left = 0

    def __init__(self, queue: Queue, answered: Mapping[str, Answered]) -> None:
        self._queue = queue
        self._answered = answered

    def __aiter__(self) -> OwnTurns:
        return self

    async def __anext__(self) -> tuple[Cell, Answered]:
        try:
            cell = next(self._queue)
        except StopIteration:
            raise StopAsyncIteration from None
        return cell, self._answered.get(cell.key, {})


class SharedTurns:
    """The cells of a queue that this process could claim.

    Args:
        queue: The cells.
        ledger: Where they are claimed.
        tally: Is told what others finished, and how much is waited for.
        watcher: Is told when the tally changed.
        workers: Cells that are observed at once.
        waits: Whether to wait, when only cells of others are left, until they are finished or fall to us.
        purse: Is told what others spent, if the run has a budget.
    """

    def __init__(
        self,
        queue: Queue,
        ledger: SharedStore,
        tally: Tally,
        watcher: Watcher,
        *,
        workers: int,
        waits: bool = True,
        purse: Purse | None = None,
    ) -> None:
        self._queue = queue
        self._ledger = ledger
        self._tally = tally
        self._watcher = watcher
        self._waits = waits
        self._purse = purse
        self._batch = self._least = max(1, workers // 4)
        self._measured = time.monotonic(), 0
        self._count_again = 0.0
        self._poll = min(_LONGEST_POLL, ledger.lease / 10)
        self._fresh: deque[Cell] = deque()
        """Cells that nobody was seen to hold."""
        self._ready: deque[tuple[Cell, Answered]] = deque()
        """Cells that are ours and not begun."""
        self._others: dict[str, Cell] = {}
        """Cells that somebody held when we last looked."""
        self._seen_held = 0
        self._turn = asyncio.Lock()

    @property
    def left(self) -> int:
        """Cells that were left to other workers, unfinished."""
        return len(self._others)

    def __aiter__(self) -> SharedTurns:
        return self

    async def __anext__(self) -> tuple[Cell, Answered]:
        async with self._turn:
            while not self._queue.closed:
                while self._ready:
                    cell, answered = self._ready.popleft()
                    if self._ledger.holds(cell.key):
                        return cell, answered
                    self._others[cell.key] = cell  # the lease ran out while it lay here
                if not await self._claim():
                    break
        raise StopAsyncIteration

    async def _claim(self) -> bool:
        """Fetch the next batch, waiting for others if there is nothing else; whether to look again."""
        self._adapt()
        most = self._batch
        wanted = max(0, most * _OFFERED - len(self._fresh))
        fetched = list(islice(self._queue, wanted))
        self._fresh.extend(fetched)
        offered = {cell.key: cell for cell in (*islice(self._others.values(), _RECHECKED), *self._fresh)}
        if not offered:
            return False
        await self._count_others()
        found = await self._ledger.claim(list(offered), most)
        settled = {*found.granted, *found.finished, *found.busy}
        for key in settled:
            self._others.pop(key, None)
        self._fresh = deque(cell for cell in self._fresh if cell.key not in settled)
        self._others.update((key, offered[key]) for key in found.busy)  # at the end: the others are looked at first
        self._ready.extend((offered[key], answered) for key, answered in found.granted.items())
        self._tally.elsewhere += len(found.finished)
        if found.granted or found.finished:
            self._seen_held = 0
        is_idle = not self._ready and not self._fresh and len(fetched) < wanted
        self._tally.waiting = len(self._others) if is_idle and self._waits else 0
        if found.finished or is_idle:
            self._watcher.update(self._tally)
        if is_idle and self._others:
            self._seen_held += len(found.busy)
            if not self._waits and self._seen_held >= len(self._others):  # all of them, one look after the other
                return False
            await asyncio.sleep(self._poll * len(found.busy) / len(self._others))
        return True

    def _adapt(self) -> None:
        """Ask for as many cells as were finished in the time that a batch should last, lately."""
        now, done = time.monotonic(), self._tally.statuses.total()
        if now - self._measured[0] >= _BATCH_SECONDS:
            rate = (done - self._measured[1]) / (now - self._measured[0])
            self._batch = max(self._least, min(round(rate * _BATCH_SECONDS), _MOST_AT_ONCE))
            self._measured = now, done

    async def _count_others(self) -> None:
        """Tell the purse what other workers spent, so seldom that the sum costs a twentieth of the time at most."""
        now = time.monotonic()
        if self._purse is not None and now >= self._count_again:
            self._purse.others_cost, self._purse.others_tokens = await self._ledger.spent_by_others()
            took = time.monotonic() - now
            self._count_again = now + max(_COUNT_SECONDS, 20 * took)
