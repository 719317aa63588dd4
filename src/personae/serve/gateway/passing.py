"""Passing a request on to an endpoint that speaks the same language, and its answer back as it comes."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from typing import Any

import orjson

from personae.model import OpenAICompatible
from personae.serve.gateway.ledger import Entry
from personae.serve.gateway.watching import ClientGoneError, until_gone
from personae.serve.wire import JSON_TYPE, PLAIN_HEADERS, Headers, Receive, Send, send_bytes

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
    entry.asked = body
    async with until_gone(receive):
        status, headers, payload = await client.relay(path, orjson.dumps(body))
    if status < 400:
        entry.read_usage(payload)
        entry.pieces = len(payload) // 4
    elif status in (401, 403):
        return await send_upstream_refusal(send, status)
    await send_bytes(send, status, payload, (_kind_of(headers), *_passed_back(headers)))
    return status


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
        kind = _kind_of(headers)
        if status >= 400 or not kind[1].startswith(b"text/event-stream"):
            payload = b"".join([piece async for piece in pieces])
            if status in (401, 403):
                return await send_upstream_refusal(send, status)
            entry.read_usage(payload)
            await send_bytes(send, status, payload, (kind, *_passed_back(headers)))
            return status
        await send({"type": "http.response.start", "status": status, "headers": [*EVENTS, *_passed_back(headers)]})
        gauge = entry.services.metrics.streams
        gauge.inc()
        try:
            async for piece in pieces:
                entry.pieces += piece.count(b"data:")
                if b'"usage"' in piece:
                    piece = _take_usage(piece, entry, hides_usage=hides_usage)
                if piece:
                    await send({"type": "http.response.body", "body": piece, "more_body": True})
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        except ClientGoneError:
            raise
        finally:
            gauge.dec()
    return status


async def send_upstream_refusal(send: Send, status: int) -> int:
    """Tell that the endpoint refused this server; its words may speak of the server's key, and are not passed on."""
    message = f"the endpoint refused this server (HTTP {status}); its owner has to check the provider's key"
    body = {"error": {"message": message, "type": "api_error", "param": None, "code": "upstream_authentication"}}
    await send_bytes(send, 502, orjson.dumps(body))
    return 502


def _take_usage(piece: bytes, entry: Entry, *, hides_usage: bool) -> bytes:
    """Read the usage out of whole lines, and leave out events that hold nothing else."""
    kept = []
    skips_blank = False
    for line in piece.split(b"\n"):
        if skips_blank and not line.strip():
            skips_blank = False
            continue
        skips_blank = False
        if line.startswith(b"data:") and b'"usage"' in line:
            try:
                event = orjson.loads(line[5:])
            except ValueError:
                event = None
            if isinstance(event, dict):
                usage = event.get("usage") or (event.get("response") or {}).get("usage")
                if usage:
                    entry.take_usage(usage)
                    if hides_usage and not event.get("choices"):
                        skips_blank = True
                        continue
        kept.append(line)
    return b"\n".join(kept)


def _kind_of(headers: Mapping[str, str]) -> tuple[bytes, bytes]:
    kind = headers.get("content-type") or ""
    # What the endpoint sends is shown to clients, never to a browser as a page.
    return (b"content-type", kind.encode("latin-1", "replace")) if kind.startswith("text/event-stream") else JSON_TYPE


def _passed_back(headers: Mapping[str, str]) -> Headers:
    found = []
    for name in _PASSED_BACK:
        value = headers.get(name)
        if value and value.isprintable() and len(value) < 200:
            found.append((name.encode(), value.encode("latin-1", "replace")))
    return found
