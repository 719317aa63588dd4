"""Passing a request on to an endpoint that speaks the same language, and its answer back as it comes."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from typing import Any

import orjson

from personae.model import OpenAICompatible, ProviderError
from personae.model.wire import raise_wrapped_error
from personae.serve.faults import Headers, openai_body, openai_kind
from personae.serve.gateway.ledger import Entry
from personae.serve.gateway.watching import until_gone
from personae.serve.wire import JSON_TYPE, PLAIN_HEADERS, Receive, Send, send_bytes

_PASSED_BACK = ("x-request-id", "retry-after", "retry-after-ms", "openai-processing-ms")
EVENTS: Headers = (
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"x-accel-buffering", b"no"),
    *PLAIN_HEADERS,
)
"""Headers of a stream."""


async def pass_whole(
    client: OpenAICompatible, path: str, body: Mapping[str, Any], entry: Entry, receive: Receive, send: Send
) -> int:
    """Pass a request on whose answer comes in one piece; gives the status."""
    entry.asked, entry.is_whole = body, True
    async with until_gone(receive):
        status, headers, payload = await client.relay(path, orjson.dumps(body))
    return await _send_whole(client.name, status, headers, payload, entry, send)


async def pass_stream(
    client: OpenAICompatible,
    path: str,
    body: MutableMapping[str, Any],
    entry: Entry,
    receive: Receive,
    send: Send,
    *,
    hides_usage: bool = False,
) -> int:
    """Pass a request on whose answer comes as events; gives the status.

    Args:
        client: Where it is passed to.
        path: Path of the endpoint.
        body: The request.
        entry: Where usage is counted.
        receive: Tells when the client goes away: then the endpoint is told to stop.
        send: Where the answer goes.
        hides_usage: Whether usage was asked for on our own account, and is left out of what the client gets.
    """
    entry.asked = body
    async with (
        until_gone(receive),
        client.relay_stream(path, orjson.dumps(body)) as (status, headers, pieces),
    ):
        if status >= 300 or not (headers.get("content-type") or "").startswith("text/event-stream"):
            payload = b"".join([piece async for piece in pieces])
            return await _send_whole(client.name, status, headers, payload, entry, send)
        await send({"type": "http.response.start", "status": status, "headers": [*EVENTS, *_passed_back(headers)]})
        gauge = entry.services.metrics.streams
        gauge.inc()
        try:
            async for piece in pieces:
                entry.pieces += piece.count(b"data:")
                if b'"usage"' in piece or b'"response.created"' in piece:
                    piece = _take_usage(piece, entry, hides_usage=hides_usage)
                if piece:
                    await send({"type": "http.response.body", "body": piece, "more_body": True})
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            gauge.dec()
    return status


async def _send_whole(
    name: str, status: int, headers: Mapping[str, str], payload: bytes, entry: Entry, send: Send
) -> int:
    """Send what an endpoint answered in one piece, errors in OpenAI's shape whatever theirs was; gives the status.

    Raises:
        ProviderError: If it answered 200 and no JSON object, or an error in one.
    """
    if status in (401, 403):
        return await send_upstream_refusal(send, status)
    if status < 300:
        try:
            data = orjson.loads(payload)
        except ValueError:
            data = None
        if not isinstance(data, dict):
            raise ProviderError("bad_reply", "the endpoint answered what is no JSON object", model=name)
        if "status" not in data:  # a response that failed is one, and says so itself
            raise_wrapped_error(data, name)
        entry.take_usage(data.get("usage"))
        if entry.endpoint == "responses":
            entry.services.answered.own(data.get("id"), entry.caller)
        entry.pieces = 0 if entry.endpoint == "embeddings" else len(payload) // 4
    else:
        status, payload = upstream_error(status, payload)
    await send_bytes(send, status, payload, (JSON_TYPE, *_passed_back(headers)))
    return status


def upstream_error(status: int, payload: bytes) -> tuple[int, bytes]:
    """What an endpoint refused, in OpenAI's shape: as it is if it has it, else with its words.

    Example:
        >>> upstream_error(404, b'{"detail": "Not Found"}')[1]
        b'{"error":{"message":"Not Found","type":"invalid_request_error","param":null,"code":null}}'
        >>> upstream_error(302, b"<html>")[0]
        502
    """
    try:
        data = orjson.loads(payload)
    except ValueError:
        data = None
    if isinstance(data, list) and data:  # Gemini wraps the object into a list
        data = data[0]
    told = data.get("error", data) if isinstance(data, dict) else {}
    if not isinstance(told, dict):
        told = {"message": told}
    if status < 400:
        told, status = {}, 502
    words = told.get("message") or told.get("detail") or f"the endpoint answered HTTP {status} and nothing to be read"
    code, param = told.get("code"), told.get("param")
    kind = told.get("type")
    body = openai_body(
        words if isinstance(words, str) else orjson.dumps(words).decode(),
        kind=kind if isinstance(kind, str) else openai_kind(status),
        code=None if code is None else str(code),
        param=param if isinstance(param, str) else None,
    )
    return status, orjson.dumps(body)


async def send_upstream_refusal(send: Send, status: int) -> int:
    """Tell that the endpoint refused this server; its words may speak of the server's key, and are not passed on."""
    message = f"the endpoint refused this server (HTTP {status}); its owner has to check the provider's key"
    body = openai_body(message, kind="api_error", code="upstream_authentication")
    await send_bytes(send, 502, orjson.dumps(body))
    return 502


def _take_usage(piece: bytes, entry: Entry, *, hides_usage: bool) -> bytes:
    """Read usage and ids of responses out of whole lines; leaves out events that hold usage and nothing else."""
    kept = []
    skips_blank = False
    for line in piece.split(b"\n"):
        if skips_blank and not line.strip():
            skips_blank = False
            continue
        skips_blank = False
        if line.startswith(b"data:") and (b'"usage"' in line or b'"response.created"' in line):
            try:
                event = orjson.loads(line[5:])
            except ValueError:
                event = None
            if isinstance(event, dict):
                told = event.get("response")
                response = told if isinstance(told, dict) else {}
                if entry.endpoint == "responses":
                    entry.services.answered.own(response.get("id"), entry.caller)
                usage = event.get("usage") or response.get("usage")
                if usage:
                    entry.take_usage(usage)
                    if hides_usage and not event.get("choices"):
                        skips_blank = True
                        continue
        kept.append(line)
    return b"\n".join(kept)


def _passed_back(headers: Mapping[str, str]) -> Headers:
    found = []
    for name in _PASSED_BACK:
        value = headers.get(name)
        if value and value.isprintable() and len(value) < 200:
            found.append((name.encode(), value.encode("latin-1", "replace")))
    return found
