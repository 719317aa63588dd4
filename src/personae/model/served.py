"""Endpoint models as they are handed out: retries and cache around replies, the client's other abilities bare."""

from __future__ import annotations

from personae.model.anthropic import Anthropic
from personae.model.batch import Batched
from personae.model.http import EndpointClient
from personae.model.openai_compatible import OpenAICompatible
from personae.model.protocols import Model, identity_of
from personae.model.reply import Reply
from personae.model.request import Request


class ServedClient:
    """What every endpoint model can do.

    Args:
        model: The client, wrapped.
        client: The client, bare.
        batched: The wrapper that makes batches, if there is one, as it has to be closed.
    """

    def __init__(self, model: Model, client: EndpointClient, batched: Batched | None = None) -> None:
        self._batched = batched
        self.name = model.name
        self._client = client
        self._model = model
        self.check = client.check

    @property
    def identity(self) -> str:
        """Endpoint, model and answer-changing options."""
        return identity_of(self._model)

    async def generate(self, request: Request) -> Reply:
        """Answer one request, from the cache if it is there, repeating the call while that may help."""
        return await self._model.generate(request)

    async def aclose(self) -> None:
        """Give back connections; batches that are submitted run on."""
        try:
            if self._batched is not None:
                await self._batched.aclose()
        finally:
            await self._client.aclose()


class Served(ServedClient):
    """A model behind chat completions, which scores choices, streams and embeds too."""

    def __init__(self, model: Model, client: OpenAICompatible, batched: Batched | None = None) -> None:
        super().__init__(model, client, batched)
        self.client = client
        self.score = client.score
        self.stream = client.stream
        self.embed = client.embed


class ServedMessages(ServedClient):
    """A model behind the Messages API, which streams too."""

    def __init__(self, model: Model, client: Anthropic, batched: Batched | None = None) -> None:
        super().__init__(model, client, batched)
        self.client = client
        self.stream = client.stream
