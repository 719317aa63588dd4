"""``POST /v1/responses``: passed on where an endpoint has it; other models answer by one message of text."""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping
from contextlib import aclosing
from typing import Any

import orjson

from personae.model import Model, Reply, Request
from personae.serve.faults import Refusal
from personae.serve.gateway.answering import Replicates, pieces_of, read_chat
from personae.serve.gateway.ledger import Entry
from personae.serve.gateway.memory import scope_of
from personae.serve.gateway.passing import EVENTS, pass_stream, pass_whole
from personae.serve.gateway.precedence import compose_system, text_of
from personae.serve.gateway.recalling import recall_for, telling
from personae.serve.gateway.watching import until_gone
from personae.serve.services import Services
from personae.serve.wire import Receive, Send, send_json

_OURS = ("user", "metadata", "safety_identifier")


class Responses:
    """Answers requests of the Responses API.

    Ranks 1 to 3 of the precedence (see :mod:`personae.serve.gateway.precedence`) become ``instructions``; system and
    developer messages of ``input`` count as the application's and move there.
    """

    def __init__(self, services: Services) -> None:
        self._services = services
        self._replicates = Replicates()

    async def answer(self, body: dict[str, Any], entry: Entry, receive: Receive, send: Send) -> int:
        """Answer one request; gives the status.

        Raises:
            Refusal: If it is refused.
            ProviderError: If the model gave no answer.
        """
        if body.get("background"):
            raise Refusal(
                400, "unsupported_parameter", "answers are not kept here to be fetched later", where="background",
                remedy="leave it out, and stream the answer if it takes long",
            )  # fmt: skip
        target = self._services.targets.find(body.get("model"))
        entry.label, entry.model = target.label, target.upstream.name
        entry.admit()
        self._services.answered.check(body, entry.caller)
        scope = scope_of(entry.caller.user, target.slug, body) if target.slug else None
        notes = self._services.memory.notes(scope) if scope else []
        application, turns = _read_input(body)
        said = [{"role": "user", "content": turns}] if isinstance(turns, str) else turns
        recalled = await recall_for(self._services, target, said, entry.caller)
        send = telling(send, recalled)
        system = compose_system(recalled.words, notes, application)
        for name in _OURS:
            body.pop(name, None)
        client = target.upstream.client
        if client is not None:
            self._fill(body, target.shelved.persona.model if target.shelved else None)
            sent = {**body, "model": client.endpoint.model, "input": turns}
            sent.pop("instructions", None)
            if system:
                sent["instructions"] = system
            entry.reserve(sent, "max_output_tokens")
            if body.get("stream") is True:
                return await pass_stream(client, "/responses", sent, entry, receive, send)
            return await pass_whole(client, "/responses", sent, entry, receive, send)
        chat = _as_chat(body, system, turns)
        self._services.targets.fill(chat, target)
        request = entry.reserve_request(self._replicates.number(target.upstream.name, read_chat(chat)))
        entry.asked = request.messages
        if body.get("stream") is True:
            return await _stream(target.upstream.model, request, entry, receive, send)
        entry.is_whole = True
        async with until_gone(receive):
            reply = await target.upstream.model.generate(request)
        entry.usage = reply.usage
        await send_json(send, 200, _response(f"resp_{secrets.token_hex(16)}", f"msg_{secrets.token_hex(16)}", reply))
        return 200

    def _fill(self, body: dict[str, Any], own: Any) -> None:
        if own is None:
            return
        is_fixed = "sampling" not in self._services.settings.overrides
        pairs = (("temperature", own.temperature), ("top_p", own.top_p), ("max_output_tokens", own.max_tokens))
        for name, value in pairs:
            if value is not None and (is_fixed or body.get(name) is None):
                body[name] = value


def _read_input(body: Mapping[str, Any]) -> tuple[list[str], list[Any] | str]:
    """The application's words, and the rest of the input."""
    instructions = body.get("instructions")
    if instructions is not None and not isinstance(instructions, str):
        raise Refusal(400, "invalid_type", "instructions is not a text", where="instructions")
    application = [instructions] if instructions else []
    given = body.get("input")
    if isinstance(given, str):
        return application, given
    if not isinstance(given, list) or not all(isinstance(item, Mapping) for item in given):
        raise Refusal(400, "invalid_type", "input is neither a text nor a list of items", where="input")
    rest = []
    for index, item in enumerate(given):
        if item.get("role") in ("system", "developer"):
            application.append(text_of(item.get("content"), f"input[{index}].content"))
        else:
            rest.append(item)
    return application, rest


def _as_chat(body: Mapping[str, Any], system: str, turns: list[Any] | str) -> dict[str, Any]:
    """The same request as a chat, for models that know nothing else."""
    for name in ("previous_response_id", "conversation"):
        if body.get(name):
            raise Refusal(
                400, "unsupported_parameter", f"{name} cannot be honoured by this model", where=name,
                remedy="send the whole conversation as input",
            )  # fmt: skip
    messages: list[dict[str, Any]] = [{"role": "system", "content": system}] if system else []
    if isinstance(turns, str):
        messages.append({"role": "user", "content": turns})
    else:
        for index, item in enumerate(turns):
            if item.get("role") not in ("user", "assistant"):
                raise Refusal(
                    400, "unsupported_parameter", f"item {index} is no message", where=f"input[{index}]",
                    remedy="this model takes messages of user and assistant",
                )  # fmt: skip
            messages.append({"role": item["role"], "content": text_of(item.get("content"), f"input[{index}].content")})
    chat: dict[str, Any] = {"messages": messages}
    for name in ("temperature", "top_p", "tools", "tool_choice"):
        if body.get(name) is not None:
            chat[name] = body[name]
    if body.get("max_output_tokens") is not None:
        chat["max_tokens"] = body["max_output_tokens"]
    text = body.get("text")
    wanted = text.get("format") if isinstance(text, Mapping) else None
    if isinstance(wanted, Mapping) and wanted.get("type") == "json_schema":
        chat["response_format"] = {"type": "json_schema", "json_schema": {**wanted}}
    elif isinstance(wanted, Mapping) and wanted.get("type") == "json_object":
        chat["response_format"] = {"type": "json_object"}
    return chat


async def _stream(model: Model, request: Request, entry: Entry, receive: Receive, send: Send) -> int:
    response_id, item_id = f"resp_{secrets.token_hex(16)}", f"msg_{secrets.token_hex(16)}"
    number = 0

    async def event(kind: str, **fields: Any) -> None:
        nonlocal number
        data = orjson.dumps({"type": kind, "sequence_number": number, **fields})
        number += 1
        body = b"event: %s\ndata: %s\n\n" % (kind.encode(), data)
        await send({"type": "http.response.body", "body": body, "more_body": True})

    place = {"item_id": item_id, "output_index": 0, "content_index": 0}
    async with until_gone(receive), aclosing(pieces_of(model, request)) as pieces:
        first = await anext(pieces)
        await send({"type": "http.response.start", "status": 200, "headers": list(EVENTS)})
        empty = _response(response_id, item_id, Reply("", model=model.name), status="in_progress")
        await event("response.created", response={**empty, "output": []})
        await event("response.in_progress", response={**empty, "output": []})
        item = {"id": item_id, "type": "message", "status": "in_progress", "role": "assistant", "content": []}
        await event("response.output_item.added", output_index=0, item=item)
        await event("response.content_part.added", **place, part=_part(""))
        reply, said = None, ""
        if isinstance(first, str):
            said = first
            await event("response.output_text.delta", **place, delta=first, logprobs=[])
        else:
            reply = first
        async for piece in pieces:
            if isinstance(piece, Reply):
                reply = piece
            else:
                said += piece
                entry.pieces += 1
                await event("response.output_text.delta", **place, delta=piece, logprobs=[])
        reply = reply or Reply(said, model=model.name)
        entry.usage = reply.usage
        whole = _response(response_id, item_id, reply)
        await event("response.output_text.done", **place, text=reply.text, logprobs=[])
        await event("response.content_part.done", **place, part=_part(reply.text))
        await event("response.output_item.done", output_index=0, item=whole["output"][0])
        await event("response.completed", response=whole)
        await send({"type": "http.response.body", "body": b"", "more_body": False})
    return 200


def _part(text: str) -> dict[str, Any]:
    return {"type": "output_text", "text": text, "annotations": [], "logprobs": []}


def _response(id: str, item_id: str, reply: Reply, *, status: str = "completed") -> dict[str, Any]:
    used = reply.usage
    is_cut = reply.finish == "length"
    return {
        "id": id,
        "object": "response",
        "created_at": int(time.time()),
        "status": "incomplete" if is_cut and status == "completed" else status,
        "error": None,
        "incomplete_details": {"reason": "max_output_tokens"} if is_cut else None,
        "instructions": None,
        "metadata": {},
        "model": reply.model,
        "output": [
            {
                "id": item_id,
                "type": "message",
                "status": status,
                "role": "assistant",
                "content": [_part(reply.text)],
            }
        ],
        "parallel_tool_calls": False,
        "temperature": None,
        "tool_choice": "none",
        "tools": [],
        "top_p": None,
        "usage": {
            "input_tokens": used.input_tokens,
            "input_tokens_details": {"cached_tokens": used.cached_tokens},
            "output_tokens": used.output_tokens,
            "output_tokens_details": {"reasoning_tokens": used.reasoning_tokens},
            "total_tokens": used.input_tokens + used.output_tokens,
        },
    }
