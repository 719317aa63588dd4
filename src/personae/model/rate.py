"""A rate that is never exceeded: so many units in any minute, granted in the order in which they are asked for."""

from __future__ import annotations

import time
from collections.abc import Callable

_MINUTE = 60.0
_BURST_SECONDS = 1.0


class Rate:
    """A token bucket that tells whoever asks how long to wait, instead of making them queue.

    A bucket holds one second's worth of units, or one unit if that is less, and is filled by what is left of the
    minute's allowance. So in no 60 seconds are more than ``per_minute`` units granted, however the minute is laid; one
    grant that is larger than the bucket may exceed it by its own size. Each grant is taken at once, before its time has
    come, so that grants come in the order in which they were asked for.

    Args:
        per_minute: Units in a minute.
        clock: Seconds on a clock that never goes back.

    Example:
        >>> rate = Rate(60, clock=lambda: 0.0)
        >>> rate.reserve(1), round(rate.reserve(1), 2)
        (0.0, 1.02)
    """

    def __init__(self, per_minute: float, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._burst = max(1.0, per_minute * _BURST_SECONDS / _MINUTE)
        self._per_second = max(per_minute - self._burst, per_minute * 0.5) / _MINUTE
        self._clock = clock
        self._level = self._burst
        self._filled = clock()

    def reserve(self, units: float) -> float:
        """Take units, and tell after how many seconds they may be used."""
        now = self._clock()
        self._level = min(self._burst, self._level + (now - self._filled) * self._per_second)
        self._filled = now
        self._level -= units
        short = -self._level if units <= self._burst else -(self._level + units - self._burst)
        return max(0.0, short / self._per_second)

    def settle(self, reserved: float, used: float) -> None:
        """Give back what was reserved and not used, or take what was used and not reserved."""
        self._level += reserved - used
