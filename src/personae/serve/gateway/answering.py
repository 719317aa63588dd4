"""Answering by models that do not speak chat completions themselves: ``sim``, recordings, Anthropic, third parties."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections import OrderedDict
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import replace
from typing import Any

import orjson

from personae.canonical import content_hash
from personae.model import Model, Reply, Request, Streams
from personae.model.wire import reply_body, usage_body
from personae.respondent.server import read_request
from personae.serve.faults import Refusal
from personae.serve.gateway.ledger import Entry
from personae.serve.gateway.passing import EVENTS
from personae.serve.gateway.watching import until_gone
from personae.serve.wire import Receive, Send, send_json

HONOURED = frozenset(
    ("model", "messages", "temperature", "top_p", "max_tokens", "max_completion_tokens", "seed", "stop", "n",
     "logprobs", "top_logprobs", "response_format", "stream", "stream_options")
)  # fmt: skip
"""Parameters that such a model honours."""

REFUSED = (
    "tools",
    "functions",
    "tool_choice",
    "function_call",
    "audio",
    "modalities",
    "prediction",
    "web_search_options",
)
"""Parameters that would change what the answer is, and that such a model cannot honour. All others are ignored."""

_MOST_REMEMBERED = 50_000


class Replicates:
    """Numbers equal requests without a seed, so that each is a draw of its own, as with any model."""

    def __init__(self) -> None:
        self._asked: OrderedDict[str, int] = OrderedDict()

    def number(self, model: str, request: Request) -> Request:
        """The request as the so manieth of its kind."""
        if request.sampling.seed is not None:
            return request
        key = content_hash([model, request.key])
        count = self._asked.get(key, 0)
        self._asked[key] = count + 1
        self._asked.move_to_end(key)
        if len(self._asked) > _MOST_REMEMBERED:
            self._asked.popitem(last=False)
        return replace(request, replicate=count)


def read_chat(body: Mapping[str, Any]) -> Request:
    """Read a body as a request.

    Raises:
        Refusal: If it is malformed, or asks for what such a model cannot do.
    """
    for name in REFUSED:
        if body.get(name) and not (name == "tool_choice" and body[name] == "none"):
            raise Refusal(
                400,
                "unsupported_parameter",
                f"{name} cannot be honoured by this model",
                where=name,
                remedy="leave it out, or ask a model behind an OpenAI-compatible endpoint",
            )
    wanted = body.get("response_format")
    if wanted is not None and not isinstance(wanted, Mapping):
        raise Refusal(400, "invalid_type", "response_format is not an object", where="response_format")
    try:
        return read_request(body)
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError) as error:
        raise Refusal(
            400, "invalid_value", f"the request is malformed: {error}", remedy="see docs/gateway.md"
        ) from error


async def answer_whole(model: Model, request: Request, entry: Entry, receive: Receive, send: Send) -> int:
    """Answer in one piece."""
    entry.asked, entry.is_whole = request.messages, True
    async with until_gone(receive):
        reply = await model.generate(request)
    entry.usage = reply.usage
    await send_json(send, 200, reply_body(_named(reply), created=int(time.time())))
    return 200


async def answer_stream(
    model: Model, request: Request, entry: Entry, receive: Receive, send: Send, *, tells_usage: bool
) -> int:
    """Answer piece by piece, as chunks of a chat completion."""
    frame: dict[str, Any] = {
        "id": f"chatcmpl-{secrets.token_hex(12)}",
        "object": "chat.completion.chunk",
        "created": int(time.time()),
        "model": model.name,
    }
    gauge = entry.services.metrics.streams
    entry.asked = request.messages
    async with until_gone(receive), aclosing(pieces_of(model, request)) as pieces:
        first = await anext(pieces)  # a fault before the first word is an error, not a broken stream
        await send({"type": "http.response.start", "status": 200, "headers": list(EVENTS)})
        gauge.inc()
        try:
            await _event(send, frame, [_choice({"role": "assistant", "content": ""})])
            reply = await _send_piece(send, frame, first)
            async for piece in pieces:
                entry.pieces += 1
                reply = await _send_piece(send, frame, piece) or reply
            if reply is not None:
                entry.usage = reply.usage
                for whole in reply_body(reply, created=0)["choices"]:
                    if whole["index"]:
                        await _event(send, frame, [_choice({"content": whole["message"]["content"]}, whole["index"])])
                    last = {"index": whole["index"], "delta": {}}
                    await _event(send, frame, [{**last, **{key: whole[key] for key in ("finish_reason", "logprobs")}}])
                if tells_usage:
                    await _event(send, frame, [], usage=usage_body(reply.usage))
            await send({"type": "http.response.body", "body": b"data: [DONE]\n\n", "more_body": False})
        finally:
            gauge.dec()
    return 200


async def pieces_of(model: Model, request: Request) -> AsyncGenerator[str | Reply]:
    """Pieces of an answer and, last, the whole; a model that cannot stream says all at once."""
    if isinstance(model, Streams) and request.sampling.n == 1:
        async with aclosing(model.stream(request)) as pieces:  # type: ignore[type-var]  # they are generators
            async for piece in pieces:
                yield piece
                await asyncio.sleep(0)
        return
    reply = await model.generate(request)
    yield reply.text
    yield reply


async def _send_piece(send: Send, frame: Mapping[str, Any], piece: str | Reply) -> Reply | None:
    if isinstance(piece, Reply):
        return piece
    if piece:
        await _event(send, frame, [_choice({"content": piece})])
    return None


def _choice(delta: Mapping[str, Any], index: int = 0) -> dict[str, Any]:
    return {"index": index, "delta": delta, "finish_reason": None}


async def _event(send: Send, frame: Mapping[str, Any], choices: list[dict[str, Any]], **more: Any) -> None:
    await _data(send, {**frame, "choices": choices, **more})


async def _data(send: Send, data: Mapping[str, Any]) -> None:
    body = b"data: " + orjson.dumps(data) + b"\n\n"
    await send({"type": "http.response.body", "body": body, "more_body": True})


def _named(reply: Reply) -> Reply:
    return reply if reply.request_id else replace(reply, request_id=f"chatcmpl-{secrets.token_hex(12)}")
