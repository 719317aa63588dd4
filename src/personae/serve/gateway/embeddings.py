"""``POST /v1/embeddings``: passed through; a persona has no say in what a text means."""

from __future__ import annotations

from typing import Any

from personae.serve.faults import Refusal
from personae.serve.gateway.ledger import Entry
from personae.serve.gateway.passing import pass_whole
from personae.serve.services import Services
from personae.serve.wire import Receive, Send


async def answer_embeddings(
    services: Services, body: dict[str, Any], entry: Entry, receive: Receive, send: Send
) -> int:
    """Pass a request on; gives the status.

    Raises:
        Refusal: If the model is not behind an endpoint.
    """
    target = services.targets.find(body.get("model"))
    entry.label, entry.model = target.label, target.upstream.name
    entry.admit()
    client = target.upstream.client
    if client is None:
        raise Refusal(
            400,
            "unsupported_parameter",
            f"{target.upstream.name} makes no embeddings",
            where="model",
            remedy="ask a model behind an OpenAI-compatible endpoint",
        )
    body.pop("user", None)
    entry.reserve(body)
    return await pass_whole(client, "/embeddings", {**body, "model": client.endpoint.model}, entry, receive, send)
