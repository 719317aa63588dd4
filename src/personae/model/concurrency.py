"""How many calls an endpoint takes at once, found out while asking it."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable

_DECREASE = 0.7
_QUEUED = 0.9
_SLOWER = 4.0
_SLOW_ROUNDS = 2
_FASTER = 1.05
_FORGETTING = 1.02
_OUTPUT_TOKENS = 32  # what a call takes before its first token, in tokens


class AdaptiveConcurrency:
    """Additive increase, multiplicative decrease (Chiu & Jain, 1989), as TCP does it.

    It begins with as many calls at once as are asked for. A call that was turned away (429, overload, a timeout) takes
    the limit to 0.7 of itself, once for all calls that were under way at that time. After as many successes as the
    limit, it grows by one.

    A server that queues instead of turning calls away is seen by its latency: if in two rounds of calls, one after the
    other, the mean seconds a token are more than four times the least that was ever seen, and the rounds brought no
    more calls a second than those before them, the limit goes to 0.9 of itself. The least grows by 2 % a round, so that
    a server that has become slower for other reasons is not blamed for ever.

    Args:
        most: Calls at once that are never exceeded; ``None`` leaves that to whoever asks.
        clock: Seconds on a clock that never goes back.
    """

    def __init__(self, most: int | None = None, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._most = float("inf") if most is None else float(most)
        self.limit = self._most
        """Calls at once; no number until the first was turned away, if nobody set one."""
        self.in_flight = 0
        self._clock = clock
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._decreased = float("-inf")
        self._round, self._calls, self._seconds, self._most_seen = clock(), 0, 0.0, 0
        self._least = float("inf")
        self._pace_before = 0.0
        self._slow_rounds = 0

    async def enter(self) -> float:
        """Wait for room; gives the time at which the call began, for ``leave``."""
        if self._waiting or self.in_flight >= self.limit:
            turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiting.append(turn)
            try:
                await turn
            except asyncio.CancelledError:
                if turn.done() and not turn.cancelled():
                    self.in_flight -= 1  # it was given room and no longer wants it
                self._let_in()
                raise
        else:
            self.in_flight += 1
        self._most_seen = max(self._most_seen, self.in_flight)
        return self._clock()

    def leave(self, began: float, *, was_turned_away: bool = False, output_tokens: int | None = None) -> None:
        """A call has ended.

        Args:
            began: What ``enter`` gave.
            was_turned_away: Whether the endpoint had no room for it.
            output_tokens: Tokens of its answer; ``None`` if it had none, for whatever other reason.
        """
        now = self._clock()
        if was_turned_away:
            if began > self._decreased:
                self._decrease(_DECREASE, now)
        elif output_tokens is not None:
            self._succeeded(now, (now - began) / (_OUTPUT_TOKENS + output_tokens))
        self.in_flight -= 1
        self._let_in()

    def _succeeded(self, now: float, seconds: float) -> None:
        if self.limit < self._most:
            self.limit = min(self._most, self.limit + 1.0 / self.limit)
        self._calls += 1
        self._seconds += seconds
        if self._calls >= max(self._most_seen, 8):
            self._end_round(now)

    def _end_round(self, now: float) -> None:
        mean, pace = self._seconds / self._calls, self._calls / max(now - self._round, 1e-9)
        self._least = min(self._least * _FORGETTING, mean)
        is_queued = mean > _SLOWER * self._least and pace < _FASTER * self._pace_before
        self._slow_rounds = self._slow_rounds + 1 if is_queued else 0
        if self._slow_rounds >= _SLOW_ROUNDS:
            self._slow_rounds = 0
            self._decrease(_QUEUED, now)
        self._pace_before = pace
        self._begin_round(now)

    def _begin_round(self, now: float) -> None:
        self._round, self._calls, self._seconds, self._most_seen = now, 0, 0.0, 0

    def _decrease(self, factor: float, now: float) -> None:
        self._decreased = now
        self.limit = max(1.0, min(self.limit, float(self.in_flight)) * factor)

    def _let_in(self) -> None:
        while self._waiting and self.in_flight < int(min(self.limit, 1e9)):
            turn = self._waiting.popleft()
            if not turn.done():  # whoever was cancelled meanwhile wants no room
                self.in_flight += 1
                turn.set_result(None)
