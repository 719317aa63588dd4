"""A model that asks again when the same call may succeed: full-jitter backoff, Retry-After obeyed."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from personae.logs import note
from personae.model.failure import ProviderError
from personae.model.protocols import Model, identity_of
from personae.model.reply import Reply
from personae.model.request import Request


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often and how patiently a call is repeated."""

    attempts: int = 5
    """Calls in all, the first included."""
    base_seconds: float = 0.5
    """Upper bound of the first wait; it doubles with each attempt."""
    most_seconds: float = 30.0
    """Upper bound of any wait that the provider did not ask for."""


class Retrying:
    """Wraps a model and repeats calls that failed in a way that may pass.

    The wait after attempt k is drawn uniformly from 0 to ``min(most, base * 2**(k-1))`` ("full jitter": Brooker, 2015),
    so that clients that failed together do not come back together. A wait that the provider asks for is a lower bound.
    """

    def __init__(
        self,
        model: Model,
        policy: RetryPolicy = RetryPolicy(),  # frozen
        *,
        seed: int = 0,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.name = model.name
        self._model = model
        self._policy = policy
        self._random = random.Random(seed)
        self._sleep = sleep

    @property
    def identity(self) -> str:
        """Identity of the wrapped model: repeating a call does not change its answer."""
        return identity_of(self._model)

    async def generate(self, request: Request) -> Reply:
        """Answer one request, repeating the call while that may help."""
        attempt = 1
        while True:
            try:
                return await self._model.generate(request)
            except ProviderError as error:
                if not error.is_retryable or attempt >= self._policy.attempts:
                    raise
                wait = self._wait(attempt, error.retry_after)
                self._tell(error, attempt, wait)
                await self._sleep(wait)
                attempt += 1

    def _tell(self, error: ProviderError, attempt: int, wait: float) -> None:
        fields = {"model": self.name, "kind": error.kind, "status": error.status, "request_id": error.request_id}
        note("info", "call repeated", group=f"{self.name} {error.kind}", **fields, attempt=attempt, wait=round(wait, 3))

    def _wait(self, attempt: int, asked: float | None) -> float:
        bound = min(self._policy.most_seconds, self._policy.base_seconds * 2.0 ** min(attempt - 1, 60))
        jitter = self._random.uniform(0.0, bound)
        return jitter if asked is None else asked + jitter * 0.1
