"""``POST /v1/chat/completions``: the client's messages under a persona, passed on to the model that plays it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from personae.serve.faults import Refusal
from personae.serve.gateway.answering import Replicates, answer_stream, answer_whole, read_chat
from personae.serve.gateway.ledger import Entry
from personae.serve.gateway.memory import scope_of
from personae.serve.gateway.passing import pass_stream, pass_whole
from personae.serve.gateway.precedence import compose
from personae.serve.gateway.recalling import recall_for, telling
from personae.serve.gateway.target import Target
from personae.serve.services import Services
from personae.serve.wire import Receive, Send

OURS = ("user", "metadata", "store", "safety_identifier")
"""Parameters that go no further: who a user is, is nobody else's business, and what is kept, is kept here."""


class Chat:
    """Answers chat completions."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._replicates = Replicates()

    async def answer(self, body: dict[str, Any], entry: Entry, receive: Receive, send: Send) -> int:
        """Answer one request; gives the status.

        Raises:
            Refusal: If it is refused.
            ProviderError: If the model gave no answer.
        """
        target = self._services.targets.find(body.get("model"))
        entry.label, entry.model = target.label, target.upstream.name
        entry.admit()
        messages = body.get("messages")
        if not isinstance(messages, list) or not messages:
            raise Refusal(400, "invalid_type", "messages is not a list of messages", where="messages")
        recalled = await recall_for(self._services, target, messages, entry.caller)
        send = telling(send, recalled)
        body["messages"] = compose(recalled.words, self._notes(body, target, entry), messages)
        self._services.targets.fill(body, target)
        for name in OURS:
            body.pop(name, None)
        if target.upstream.client is not None:
            return await self._pass_on(body, target, entry, receive, send)
        request = entry.reserve_request(self._replicates.number(target.upstream.name, read_chat(body)))
        if body.get("stream") is True:
            options = body.get("stream_options")
            tells = isinstance(options, Mapping) and bool(options.get("include_usage"))
            return await answer_stream(target.upstream.model, request, entry, receive, send, tells_usage=tells)
        return await answer_whole(target.upstream.model, request, entry, receive, send)

    def _notes(self, body: Mapping[str, Any], target: Target, entry: Entry) -> list[str]:
        if not target.slug or ("user" not in body and "metadata" not in body):
            return []
        scope = scope_of(entry.caller.user, target.slug, body)
        return [] if scope is None else self._services.memory.notes(scope)

    @staticmethod
    async def _pass_on(body: dict[str, Any], target: Target, entry: Entry, receive: Receive, send: Send) -> int:
        client = target.upstream.client
        assert client is not None
        end = client.endpoint
        body["model"] = end.model
        other = "max_tokens" if end.max_tokens_field == "max_completion_tokens" else "max_completion_tokens"
        if other in body:
            limit = body.pop(other)
            body.setdefault(end.max_tokens_field, limit)
        if "seed" in body and end.seed_field != "seed":
            body[end.seed_field] = body.pop("seed")
        if end.extra_body:
            body.update(end.extra_body)
        entry.reserve(body, end.max_tokens_field)
        if body.get("stream") is not True:
            return await pass_whole(client, "/chat/completions", body, entry, receive, send)
        options = body.get("stream_options")
        hides = not (isinstance(options, Mapping) and options.get("include_usage"))
        body["stream_options"] = {**(options if isinstance(options, Mapping) else {}), "include_usage": True}
        return await pass_stream(client, "/chat/completions", body, entry, receive, send, hides_usage=hides)
