"""Noticing that this process, not the server, is what a run waits for; and telling what a run waits for otherwise."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

from personae.model import limiters_here
from personae.study.progress import Watcher
from personae.study.tally import Tally

_EVERY_SECONDS = 0.25
_WINDOW = 20
"""Samples that are judged together: five seconds."""
_MOST_LAG = 0.1
_MOST_CPU = 0.9
_FEWEST_CALLS = 1.0
"""Live calls a second under which it does not matter who is slow."""


class LagProbe:
    """Sleeps a quarter of a second again and again, and looks how much later it wakes.

    Over each window of 20 samples it takes the 90th percentile of the lateness and the CPU time of the thread of the
    event loop by wall time. Late by more than 0.1 s, or busy for more than 0.9 of the time, while calls are made that
    no cache answers: then replies lie ready that nobody reads, and more of them at once would not help. It warns once,
    in the warnings of the tally. It also puts into the tally what endpoints that are down are waited for.

    Args:
        tally: Totals of the run.
        watcher: Who is told when a wait begins and ends.
    """

    def __init__(self, tally: Tally, watcher: Watcher) -> None:
        self._tally = tally
        self._watcher = watcher
        self._late: deque[float] = deque(maxlen=_WINDOW)
        self._has_warned = False

    async def watch(self) -> None:
        """Look until cancelled."""
        while True:
            wall, cpu, live = time.perf_counter(), time.thread_time(), self._live_calls()
            self._late.clear()
            for _ in range(_WINDOW):
                before = time.perf_counter()
                await asyncio.sleep(_EVERY_SECONDS)
                self._late.append(time.perf_counter() - before - _EVERY_SECONDS)
                self._tell_waits()
            seconds = time.perf_counter() - wall
            calls = (self._live_calls() - live) / seconds
            self.judge(sorted(self._late)[_WINDOW * 9 // 10], (time.thread_time() - cpu) / seconds, calls)

    def judge(self, lag: float, cpu: float, calls: float) -> None:
        """Warn, once, if a window says that this process is the bottleneck.

        Args:
            lag: Seconds that the event loop came late, 90th percentile.
            cpu: CPU time of its thread by wall time.
            calls: Calls a second that no cache answered.
        """
        if self._has_warned or calls < _FEWEST_CALLS or (lag <= _MOST_LAG and cpu <= _MOST_CPU):
            return
        self._has_warned = True
        self._tally.warnings.append(
            f"the client is the bottleneck, not the server: {cpu:.0%} of a core at {calls:.0f} calls a second, "
            f"replies read {lag * 1000:.0f} ms late; share the run out with --shard on more processes"
        )
        self._watcher.update(self._tally)

    def _live_calls(self) -> int:
        return self._tally.calls - self._tally.cached_calls

    def _tell_waits(self) -> None:
        waits = "; ".join(filter(None, (limiter.describe() for limiter in limiters_here())))
        if waits or self._tally.awaited:
            self._tally.awaited = waits
            self._watcher.update(self._tally)


@contextmanager
def watching_lag(tally: Tally, watcher: Watcher, *, is_wanted: bool) -> Iterator[None]:
    """Have a probe look as long as the block runs; runs that ask nobody over a network want none."""
    task = asyncio.create_task(LagProbe(tally, watcher).watch()) if is_wanted else None
    try:
        yield
    finally:
        if task is not None:
            task.cancel()
