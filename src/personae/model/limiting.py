"""A model that keeps to the limits of its endpoint, those that are told and those that are found out."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from weakref import WeakValueDictionary

from personae.model.breaker import DOWN, CircuitBreaker
from personae.model.concurrency import AdaptiveConcurrency
from personae.model.failure import FailureKind, ProviderError
from personae.model.protocols import Model, identity_of
from personae.model.rate import Rate
from personae.model.reply import Reply
from personae.model.request import Request

_TURNED_AWAY: frozenset[FailureKind] = frozenset({"rate_limited", "overloaded", "timeout"})
_CHARACTERS_A_TOKEN = 4.0
_GUESSED_OUTPUT = 256.0
_WEIGHT = 0.05  # of the latest call in what calls are expected to take


@dataclass(frozen=True, slots=True)
class Limits:
    """What an endpoint allows, as far as it is known."""

    rpm: int | None = None
    """Requests a minute."""
    tpm: int | None = None
    """Tokens a minute, input and output."""
    max_concurrency: int | None = None
    """Calls at once; fewer are made where the endpoint turns calls away."""
    patience: float = 300.0
    """Seconds for which an endpoint that is down is waited for."""


class Limiter:
    """The limits of one endpoint, shared by all models that ask it.

    Args:
        limits: What is known of them.
        clock: Seconds on a clock that never goes back.
        sleep: How to wait.
        seed: Seed of the jitter after a pause.
    """

    def __init__(
        self,
        limits: Limits = Limits(),
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        seed: int = 0,
    ) -> None:
        self.concurrency = AdaptiveConcurrency(limits.max_concurrency, clock=clock)
        self.breaker = CircuitBreaker(patience=limits.patience, clock=clock, sleep=sleep)
        self._requests = None if limits.rpm is None else Rate(limits.rpm, clock=clock)
        self._tokens = None if limits.tpm is None else Rate(limits.tpm, clock=clock)
        self._clock = clock
        self._sleep = sleep
        self._random = random.Random(seed)
        self._paused_until = 0.0
        self._tokens_a_character = 1.0 / _CHARACTERS_A_TOKEN
        self._output = _GUESSED_OUTPUT

    async def ask(self, model: Model, request: Request) -> Reply:
        """Ask a model when its endpoint has room.

        Raises:
            ProviderError: As the model does; ``down`` if the endpoint has not answered anybody for long.
        """
        while True:
            is_try = False if self.breaker.is_closed else await self.breaker.wait(model.name)
            try:
                return await self._ask_now(model, request)
            except ProviderError as error:
                if error.kind not in DOWN:
                    self.breaker.succeeded()
                    raise
                self.breaker.failed(error, was_try=is_try)
                if not is_try:
                    raise
            except BaseException:
                if is_try:
                    self.breaker.abandoned()
                raise

    async def _ask_now(self, model: Model, request: Request) -> Reply:
        reserved = 0.0
        if self._requests is not None or self._tokens is not None:
            reserved = await self._wait_for_rate(request)
        began = await self.concurrency.enter()
        try:
            if self._paused_until > self._clock():
                await self._wait_for_pause()
            reply = await model.generate(request)
        except ProviderError as error:
            self.concurrency.leave(began, was_turned_away=error.kind in _TURNED_AWAY)
            if error.kind == "rate_limited" and error.retry_after:
                self._paused_until = max(self._paused_until, self._clock() + error.retry_after)
            self._settle(reserved, 0.0)  # a call that is turned away costs no tokens
            raise
        except BaseException:
            self.concurrency.leave(began)
            self._settle(reserved, 0.0)
            raise
        self.concurrency.leave(began, output_tokens=reply.usage.output_tokens)
        if self.breaker.has_failures:
            self.breaker.succeeded()
        if self._tokens is not None:
            self._learn(request, reply)
            self._settle(reserved, float(reply.usage.input_tokens + reply.usage.output_tokens) or reserved)
        return reply

    async def _wait_for_rate(self, request: Request) -> float:
        """Wait for a request and its tokens; gives the tokens that were reserved."""
        tokens = 0.0
        wait = 0.0 if self._requests is None else self._requests.reserve(1.0)
        if self._tokens is not None:
            bound = request.sampling.max_tokens
            output = self._output if bound is None else min(self._output, float(bound))
            tokens = _characters(request) * self._tokens_a_character + output
            wait = max(wait, self._tokens.reserve(tokens))
        if wait > 0:
            try:
                await self._sleep(wait)
            except BaseException:
                if self._requests is not None:
                    self._requests.settle(1.0, 0.0)
                self._settle(tokens, 0.0)
                raise
        return tokens

    async def _wait_for_pause(self) -> None:
        while (left := self._paused_until - self._clock()) > 0:
            # All of those who wait come back over a tenth of the pause, not all in one moment.
            await self._sleep(left * (1.0 + 0.1 * self._random.random()))

    def _settle(self, reserved: float, used: float) -> None:
        if self._tokens is not None and reserved:
            self._tokens.settle(reserved, used)

    def _learn(self, request: Request, reply: Reply) -> None:
        characters = _characters(request)
        if characters and reply.usage.input_tokens:
            seen = reply.usage.input_tokens / characters
            self._tokens_a_character += _WEIGHT * (seen - self._tokens_a_character)
        self._output += _WEIGHT * (reply.usage.output_tokens - self._output)


def _characters(request: Request) -> int:
    return sum(len(message.content) for message in request.messages)


_LIMITERS: WeakValueDictionary[tuple[str, Limits], Limiter] = WeakValueDictionary()


def limiter_of(endpoint: str, limits: Limits) -> Limiter:
    """The limiter that all models of an endpoint share, as long as one of them lives.

    Args:
        endpoint: What the endpoint counts by: base URL and model.
        limits: What is known of it; models that are told different limits do not share.
    """
    key = (endpoint, limits)
    found = _LIMITERS.get(key)
    if found is None:
        found = _LIMITERS[key] = Limiter(limits)
    return found


class Limited:
    """Wraps a client; its calls keep to the limits of the endpoint. Retries go around it, so that none waits inside."""

    def __init__(self, model: Model, limiter: Limiter) -> None:
        self.name = model.name
        self.limiter = limiter
        self._model = model

    @property
    def identity(self) -> str:
        """Identity of the wrapped model: when it is asked does not change its answer."""
        return identity_of(self._model)

    async def generate(self, request: Request) -> Reply:
        """Answer one request when there is room for it."""
        return await self.limiter.ask(self._model, request)


class Deadlined:
    """Wraps a model; a call that has no answer in time is given up, retries and waiting included.

    Args:
        model: The model, with its retries.
        seconds: How long a call may take in all.
    """

    def __init__(self, model: Model, seconds: float) -> None:
        self.name = model.name
        self._model = model
        self._seconds = seconds

    @property
    def identity(self) -> str:
        """Identity of the wrapped model."""
        return identity_of(self._model)

    async def generate(self, request: Request) -> Reply:
        """Answer one request within the deadline.

        Raises:
            ProviderError: ``timeout`` if there is no answer by then.
        """
        try:
            async with asyncio.timeout(self._seconds):
                return await self._model.generate(request)
        except TimeoutError as error:
            message = f"no answer within the deadline of {self._seconds:g} s, retries included"
            raise ProviderError("timeout", message, model=self.name) from error
