"""Keeping calls within what an endpoint bears: one limiter for each endpoint, shared by all models that ask it."""

from __future__ import annotations

import asyncio
import math
import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from personae.model.breaker import TRIPPING, Breaker, BreakerPolicy
from personae.model.concurrency import Concurrency
from personae.model.failure import FailureKind, ProviderError
from personae.model.protocols import Model, identity_of
from personae.model.rate import Bucket, TokenEstimate
from personae.model.reply import Reply
from personae.model.request import Request

_SLOWING: frozenset[FailureKind] = frozenset({"rate_limited", "overloaded", "timeout"})
"""Kinds that lower the number of calls in flight."""
_MOST_PROBES = 3
"""Failures of one call that an open circuit hides, where the server was there to fail: a prompt that breaks it must not
hold up a run."""
_FIRST_PAUSE = 0.25
"""Half of the bound of the first pause that an endpoint did not ask for."""
_MOST_PAUSE = 30.0
_MOST_SPREAD = 5.0


@dataclass(frozen=True, slots=True)
class Limits:
    """What an endpoint allows, as far as it is known before it is asked. ``None`` is no bound."""

    rpm: float | None = None
    """Calls a minute."""
    tpm: float | None = None
    """Input and output tokens a minute."""
    concurrency: int | None = None
    """Calls in flight."""


@dataclass(slots=True)
class _Waiter:
    future: asyncio.Future[bool]
    """Told whether the call is a probe."""
    tokens: float


class Limiter:
    """Lets calls to one endpoint through: as many at once and a minute as it bears, and none while it is down.

    A call enters, is made, and leaves with what came of it. Where there is no room it waits, first come first served.
    A call that meets no bound passes without a timer, a task or a lock. After a refusal with ``Retry-After`` nobody is
    let through until then, and those who wait come back spread over half of that time again (5 s at most), not
    together; an endpoint that refuses level after level without saying how long is left alone for a random time, up to
    0.5 s at first and twice as long each time.

    Belongs to one event loop, whose clock and timers it uses; :func:`limiter_of` finds the one of the loop that runs.

    Args:
        endpoint: How it is called in messages.
        limits: What is known of its bounds.
        breaker: When it counts as down.
        seed: Seed of the spread.
    """

    def __init__(
        self,
        endpoint: str = "",
        limits: Limits = Limits(),  # frozen
        *,
        breaker: BreakerPolicy = BreakerPolicy(),  # noqa: B008  # frozen
        seed: int = 0,
    ) -> None:
        self.endpoint = endpoint
        self.in_flight = 0
        self.concurrency = Concurrency()
        self.breaker = Breaker(breaker)
        self.estimate = TokenEstimate()
        self.requests: Bucket | None = None
        self.tokens: Bucket | None = None
        self._loop = asyncio.get_running_loop()
        self.now = self._loop.time
        self._random = random.Random(seed)
        self._queue: deque[_Waiter] = deque()
        self._timer: asyncio.TimerHandle | None = None
        self._timer_at = math.inf
        self._paused_until = -math.inf
        self._spread_until = -math.inf
        self._gap = 0.0
        self._is_clear = True
        """Whether nothing but the number of calls in flight can hold a call up."""
        self.tighten(limits)

    def tighten(self, limits: Limits) -> None:
        """Take in bounds; of several, the strictest holds."""
        now = self.now()
        if limits.concurrency is not None:
            self.concurrency.tighten(float(limits.concurrency))
        if limits.rpm is not None and (self.requests is None or limits.rpm < self.requests.per_minute):
            self.requests = Bucket(limits.rpm, now)
        if limits.tpm is not None and (self.tokens is None or limits.tpm < self.tokens.per_minute):
            self.tokens = Bucket(limits.tpm, now)
        self._look()

    def enter(self, tokens: float = 0.0) -> bool:
        """Let a call through at once if nothing is in its way; what is let through must leave."""
        if self._queue or self.in_flight + 1 > self.concurrency.limit:
            return False
        if not self._is_clear and (self.breaker.state != "closed" or self._hold(tokens, self.now()) > 0):
            return False  # a probe has to know that it is one, so it queues
        self._admit(tokens)
        return True

    async def wait(self, tokens: float = 0.0) -> bool:
        """Wait until the call is let through; whether it is a probe.

        Raises:
            ProviderError: ``unreachable``, ending the run, if the endpoint has been down for too long.
        """
        if self.breaker.is_given_up and self.breaker.wait(self.now()) > 0:
            raise self._given_up()
        waiter = _Waiter(self._loop.create_future(), tokens)
        self._queue.append(waiter)
        self._pump()
        try:
            return await waiter.future
        except asyncio.CancelledError:
            if waiter.future.done() and not waiter.future.cancelled() and waiter.future.exception() is None:
                self.gone(tokens, is_probe=waiter.future.result())  # it was let through and never went
            else:
                self._pump()  # it may have stood before others
            raise

    def succeeded(self, seconds: float, output_tokens: int) -> None:
        """A call leaves with an answer."""
        if self.breaker.failures or self.breaker.state != "closed":
            self.breaker.answered()
            self._look()
        self.concurrency.succeeded(self.now(), seconds, output_tokens, self.in_flight)
        self.in_flight -= 1
        if self._queue:
            self._pump()

    def failed(self, error: ProviderError, tokens: float, epoch: int, *, is_probe: bool) -> bool:
        """A call leaves with an error; whether the circuit is open now, so that it had better wait and ask again.

        Raises:
            ProviderError: ``unreachable``, ending the run, if the endpoint has been down for too long.
        """
        now = self.now()
        if error.kind in TRIPPING:
            self.breaker.failed(now, is_probe=is_probe)
        else:
            self._refuse_or_answer(error, now, is_probe=is_probe)
        is_down = self.breaker.state != "closed"
        if error.kind in _SLOWING and not is_down:
            self._slow_down(error, now, epoch)
        if self.tokens is not None and error.kind != "timeout":  # what ran into a timeout was worked on
            self.tokens.settle(tokens, 0.0, now)
        self.in_flight -= 1
        self._look()
        if self.breaker.is_given_up:
            self._give_up()
            raise self._given_up() from error
        self._pump()
        return is_down and error.kind in TRIPPING

    def gone(self, tokens: float, *, is_probe: bool) -> None:
        """A call leaves without an end: it was cancelled, or met a fault of its own."""
        now = self.now()
        if is_probe:
            self.breaker.left(now)
        if self.tokens is not None:
            self.tokens.settle(tokens, 0.0, now)
        self.in_flight -= 1
        self._pump()

    def describe(self) -> str:
        """What holds calls up just now, in words; empty if nothing lasts."""
        down = self.breaker.open_for(self.now())
        return f"{self.endpoint} does not answer; waiting for it ({down:.0f} s)" if down else ""

    def _refuse_or_answer(self, error: ProviderError, now: float, *, is_probe: bool) -> None:
        if error.kind == "timeout":  # nothing came: neither up nor refused
            if is_probe:
                self.breaker.failed(now, is_probe=True)
        else:
            self.breaker.answered()

    def _slow_down(self, error: ProviderError, now: float, epoch: int) -> None:
        asked = error.retry_after
        streak = self.concurrency.refusals
        has_fallen = self.concurrency.refused(now, epoch, self.in_flight, asked or 0.0)
        if asked:
            self._pause(now, asked)
        elif has_fallen and streak:
            bound = min(_MOST_PAUSE, _FIRST_PAUSE * 2.0 ** min(streak, 60))
            self._pause(now, self._random.uniform(0.0, bound))

    def _pause(self, now: float, seconds: float) -> None:
        until = now + seconds
        if until > self._paused_until:
            self._paused_until = until
            spread = min(seconds / 2, _MOST_SPREAD)
            self._spread_until = until + spread
            self._gap = spread / max(1.0, min(self.concurrency.limit, len(self._queue) + self.in_flight))

    def _look(self) -> None:
        """Find out whether calls may take the short way."""
        self._is_clear = (
            self.requests is None
            and self.tokens is None
            and self.breaker.state == "closed"
            and self._paused_until == -math.inf
        )

    def _hold(self, tokens: float, now: float) -> float:
        """Seconds until a call may go for all but the number in flight."""
        if self._paused_until != -math.inf:
            if now < self._paused_until:
                return self._paused_until - now
            if now >= self._spread_until:
                self._paused_until = self._spread_until = -math.inf
                self._look()
        hold = self.breaker.wait(now)
        if self.requests is not None:
            hold = max(hold, self.requests.wait(1.0, now))
        if self.tokens is not None:
            hold = max(hold, self.tokens.wait(tokens, now))
        return hold

    def _admit(self, tokens: float) -> None:
        self.in_flight += 1
        if self._is_clear:
            return
        now = self.now()
        if self.requests is not None:
            self.requests.take(1.0, now)
        if self.tokens is not None:
            self.tokens.take(tokens, now)
        if now < self._spread_until:  # those who come back after a pause come one by one
            self._paused_until = now + self._random.uniform(0.0, 2.0 * self._gap)

    def _pump(self) -> None:
        """Let through whoever is first in line, and set a timer where time is all that is missing."""
        queue = self._queue
        while queue:
            waiter = queue[0]
            if waiter.future.done():  # cancelled
                queue.popleft()
                continue
            if self.in_flight + 1 > self.concurrency.limit:
                return
            if not self._is_clear:
                hold = self._hold(waiter.tokens, self.now())
                if hold > 0:
                    self._wake_in(hold)
                    return
            queue.popleft()
            self._admit(waiter.tokens)
            waiter.future.set_result(self.breaker.enter())

    def _wake_in(self, seconds: float) -> None:
        at = self.now() + seconds
        if math.isinf(at) or (self._timer is not None and self._timer_at <= at):
            return
        if self._timer is not None:
            self._timer.cancel()
        self._timer, self._timer_at = self._loop.call_at(at, self._wake), at

    def _wake(self) -> None:
        self._timer, self._timer_at = None, math.inf
        self._pump()

    def _give_up(self) -> None:
        waiting, self._queue = self._queue, deque()
        for waiter in waiting:
            if not waiter.future.done():
                waiter.future.set_exception(self._given_up())

    def _given_up(self) -> ProviderError:
        seconds = self.breaker.open_for(self.now())
        return ProviderError(
            "unreachable",
            f"nothing was answered for {seconds:.0f} s, so the run stops",
            model=self.endpoint,
            ends="run",
            remedy="finished work is kept: when the server is back, run the same command again",
        )


class Limited:
    """Wraps a model: its calls pass the limiter of their endpoint.

    When to use: inside of retries, so that a call that waits to be repeated holds no slot. While the circuit is open a
    call that failed does not come back to its retries, but waits and asks again.

    Args:
        model: What is asked.
        limiter: Gives the limiter for the event loop that runs.
    """

    def __init__(self, model: Model, limiter: Callable[[], Limiter]) -> None:
        self.name = model.name
        self._model = model
        self._find = limiter
        self._limiter: Limiter | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def identity(self) -> str:
        """Identity of the wrapped model: waiting does not change an answer."""
        return identity_of(self._model)

    async def generate(self, request: Request) -> Reply:
        """Answer one request, when there is room for it."""
        loop = asyncio.get_running_loop()
        limiter = self._limiter
        if limiter is None or self._loop is not loop:
            limiter = self._limiter = self._find()
            self._loop = loop
        hidden = 0
        while True:
            tokens = 0.0 if limiter.tokens is None else limiter.estimate.expect(request)
            is_probe = False if limiter.enter(tokens) else await limiter.wait(tokens)
            epoch = limiter.concurrency.epoch
            started = limiter.now()
            try:
                reply = await self._model.generate(request)
            except ProviderError as error:
                if not limiter.failed(error, tokens, epoch, is_probe=is_probe):
                    raise
                if error.kind == "overloaded" and hidden >= _MOST_PROBES:
                    error.ends = "call"
                    raise
                hidden += 1
                continue
            except BaseException:
                limiter.gone(tokens, is_probe=is_probe)
                raise
            if limiter.tokens is not None:
                usage = reply.usage
                used = float(usage.input_tokens + usage.output_tokens)
                limiter.tokens.settle(tokens, used or tokens, limiter.now())  # no usage told: the estimate stands
                if used:
                    limiter.estimate.learn(request, usage)
            limiter.succeeded(limiter.now() - started, reply.usage.output_tokens)
            return reply


_LIMITERS: dict[asyncio.AbstractEventLoop, dict[tuple[str, str], Limiter]] = {}


def limiter_of(endpoint: str, limits: Limits = Limits(), *, key: str = "") -> Limiter:  # frozen
    """The limiter of an endpoint in the event loop that runs; all who ask for it get the same one.

    Args:
        endpoint: Base URL.
        limits: Bounds of whoever asks; the strictest of all holds.
        key: What tells accounts at one URL apart, such as a hash of the API key.
    """
    loop = asyncio.get_running_loop()
    if loop not in _LIMITERS:
        for gone in [one for one in list(_LIMITERS) if one.is_closed()]:
            _LIMITERS.pop(gone, None)
    limiters = _LIMITERS.setdefault(loop, {})
    limiter = limiters.get((endpoint, key))
    if limiter is None:
        limiter = limiters[endpoint, key] = Limiter(endpoint, limits)
    else:
        limiter.tighten(limits)
    return limiter


def limiters_here() -> list[Limiter]:
    """Limiters of the event loop that runs, for whoever wants to tell what holds calls up."""
    return list(_LIMITERS.get(asyncio.get_running_loop(), {}).values())
