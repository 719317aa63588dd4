"""An event loop whose clock jumps to the next timer instead of waiting: minutes of limits, tested in milliseconds.

Everything that sleeps by asyncio and reads ``loop.time()`` lives in its time; nothing else does, so it is for tests
without sockets::

    assert run_virtually(my_simulation()) == 600.0
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class VirtualLoop(asyncio.SelectorEventLoop):
    """Its time stands still while something runs, and jumps when nothing does."""

    def __init__(self) -> None:
        self._virtual = 0.0
        super().__init__(_Jumping(self))

    def time(self) -> float:
        """Seconds since it was made, jumps included."""
        return self._virtual

    def jump(self, seconds: float) -> None:
        """Let time go by."""
        self._virtual += seconds


class _Jumping(selectors.SelectSelector):
    def __init__(self, loop: VirtualLoop) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if ready or timeout == 0:
            return ready
        if timeout is None:
            raise RuntimeError("deadlock: nothing runs, and no timer is set")
        self._loop.jump(timeout + 1e-9)
        return ready


def run_virtually(main: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine in an event loop with virtual time."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(main)
