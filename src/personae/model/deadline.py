"""A bound on the time of one call with all that belongs to it: waits for a slot, tries, waits between tries."""

from __future__ import annotations

import asyncio

from personae.model.failure import ProviderError
from personae.model.protocols import Model, identity_of
from personae.model.reply import Reply
from personae.model.request import Request


class Deadlined:
    """Wraps a model: a call that has no answer after so many seconds fails for good, with the kind ``timeout``.

    When to use: around retries. The timeout of the client bounds one try.
    """

    def __init__(self, model: Model, seconds: float) -> None:
        self.name = model.name
        self._model = model
        self._seconds = seconds

    @property
    def identity(self) -> str:
        """Identity of the wrapped model: time does not change an answer."""
        return identity_of(self._model)

    async def generate(self, request: Request) -> Reply:
        """Answer one request in time.

        Raises:
            ProviderError: ``timeout``, not to be retried, if the time is over.
        """
        try:
            async with asyncio.timeout(self._seconds) as bound:
                return await self._model.generate(request)
        except TimeoutError as error:
            if not bound.expired():
                raise
            raise ProviderError(
                "timeout",
                f"no answer within the deadline of {self._seconds:g} s, all tries and waits included",
                model=self.name,
                ends="call",
                remedy="raise it with -M deadline=SECONDS, then run the same command again",
            ) from error
