"""A thin client for Anthropic's Messages API."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any, ClassVar

from personae.canonical import content_hash
from personae.model.anthropic_wire import StreamedMessage, messages_body, parse_message
from personae.model.endpoint import Endpoint
from personae.model.http import EndpointClient
from personae.model.reply import Reply
from personae.model.request import Request

API_VERSION = "2023-06-01"
"""Version of the API that the wire format is written for; Anthropic adds fields to it but takes none away."""


class Anthropic(EndpointClient):
    """Asks a model by the Messages API. One call, one try: retries and caching are wrappers around it.

    The API knows no seed, no log-probabilities and one reply a call, and takes temperatures from 0 to 1.

    When to use: :func:`personae.model.open_model` makes it from ``anthropic/MODEL``; build it yourself for an endpoint
    that no name covers.

    Args:
        name: Name of the model, for errors.
        endpoint: Its base URL ends in ``/v1``; its key goes into the header ``x-api-key``.
        cache_control: Whether the system prompt is marked for the prompt cache. Worth it where many calls share a long
            one: what is read from the cache is cheaper, what is written to it dearer. Answers do not change.
    """

    models_path: ClassVar[str] = "/models?limit=1000"

    def __init__(self, name: str, endpoint: Endpoint, *, cache_control: bool = False) -> None:
        super().__init__(name, endpoint)
        self.cache_control = cache_control

    @property
    def identity(self) -> str:
        """Endpoint, model and the options that change an answer; it says that seeds are not sent."""
        end = self.endpoint
        return f"{end.base_url}#{end.model}#no-seed-{content_hash([dict(end.extra_body), dict(end.query)])[:12]}"

    async def generate(self, request: Request) -> Reply:
        """Answer one request by one HTTP call.

        Raises:
            InputError: If the temperature is above 1.
            ProviderError: If no answer could be had, or the request asks for what the API does not have.
        """
        body = self.body(request)
        started = time.perf_counter()
        payload, request_id = await self.exchange("POST", "/messages", body)
        return parse_message(
            payload,
            model=self.name,
            seconds=time.perf_counter() - started,
            request_id=request_id,
            has_tools=bool(request.tools),
        )

    async def stream(self, request: Request) -> AsyncIterator[str | Reply]:
        """Yield pieces of text as they arrive and, last, the whole reply."""
        started = time.perf_counter()
        reply = StreamedMessage(self.name, has_tools=bool(request.tools))
        async with aclosing(self.events("/messages", self.body(request, stream=True))) as events:
            async for event in events:
                if piece := reply.add(event):
                    yield piece
        yield reply.whole(time.perf_counter() - started)

    def body(self, request: Request, *, stream: bool = False) -> dict[str, Any]:
        """Spell a request as this endpoint is sent it."""
        end = self.endpoint
        body = messages_body(request, end.model, name=self.name, cache_control=self.cache_control, stream=stream)
        return {**body, **end.extra_body}
