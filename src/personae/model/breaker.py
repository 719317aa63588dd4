"""A circuit breaker: an endpoint that is down is waited for, and not asked by every call in turn."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

from personae.model.failure import FailureKind, ProviderError

DOWN: frozenset[FailureKind] = frozenset({"unreachable", "overloaded", "timeout"})
"""Kinds of failure that an endpoint has which is down."""

_FIRST_SECONDS = 1.0
_MOST_SECONDS = 30.0


class CircuitBreaker:
    """Opens after a number of failures without a success between them; then one call at a time tries whether it passes.

    Between two tries are 1, 2, 4 ... 30 seconds. All other calls wait meanwhile, so that a server that is started anew
    costs a run time and no cell. When it has not come back for long, every call fails with the kind ``down``, which
    ends the run in good order.

    Args:
        failures: How many failures open it.
        patience: Seconds without a success, from the first failure on, after which it is given up.
        clock: Seconds on a clock that never goes back.
        sleep: How to wait.
    """

    def __init__(
        self,
        failures: int = 10,
        patience: float = 300.0,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._most = failures
        self._patience = patience
        self._clock = clock
        self._sleep = sleep
        self._failures = 0
        self._first_failure = 0.0
        self._next_try = 0.0
        self._tries = 0
        self._is_tried = False
        self._last = ""

    @property
    def is_closed(self) -> bool:
        """Whether calls pass."""
        return self._failures < self._most

    @property
    def has_failures(self) -> bool:
        """Whether the last call failed."""
        return self._failures > 0

    async def wait(self, model: str) -> bool:
        """Wait until a call may be made; says whether it is the one that tries.

        Raises:
            ProviderError: ``down``, if the endpoint has been given up.
        """
        while not self.is_closed:
            now = self._clock()
            if now - self._first_failure >= self._patience:
                message = f"no call has succeeded for {now - self._first_failure:.0f} s; the last said: {self._last}"
                raise ProviderError("down", message, model=model)
            if not self._is_tried and now >= self._next_try:
                self._is_tried = True
                return True
            await self._sleep(max(0.05, min(self._next_try - now, 1.0)))
        return False

    def succeeded(self) -> None:
        """A call was answered, be it by a refusal: somebody is there."""
        self._failures = self._tries = 0
        self._is_tried = False

    def failed(self, error: ProviderError, *, was_try: bool) -> None:
        """A call ended as it does where an endpoint is down."""
        now = self._clock()
        if self._failures == 0:
            self._first_failure = now
        self._failures += 1
        self._last = str(error)
        if was_try or self._failures == self._most:
            self._next_try = now + min(_MOST_SECONDS, _FIRST_SECONDS * 2.0**self._tries)
            self._tries += 1
        if was_try:
            self._is_tried = False

    def abandoned(self) -> None:
        """The call that tried was cancelled; another one may try."""
        self._is_tried = False
