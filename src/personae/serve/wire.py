"""ASGI without a framework, for the paths where every tenth of a millisecond counts."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any

import orjson

from personae.serve.faults import Headers, Refusal

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
JSON_TYPE = (b"content-type", b"application/json")
PLAIN_HEADERS: Headers = ((b"x-content-type-options", b"nosniff"), (b"cache-control", b"no-store"))
"""Headers of every answer that holds somebody's words."""


class DisconnectedError(Exception):
    """The client went away before it had sent its request."""


def header(scope: Scope, name: bytes) -> str:
    """A header of the request, empty if it is not there."""
    for key, value in scope["headers"]:
        if key == name:
            return str(value.decode("latin-1"))
    return ""


async def read_body(scope: Scope, receive: Receive, most: int) -> bytes:
    """The whole body of a request.

    Raises:
        Refusal: If it is larger than it may be.
        DisconnectedError: If the client went away.
    """
    told = header(scope, b"content-length")
    length = int(told) if told.isascii() and told.isdecimal() and len(told) < 18 else -1
    if length > most:
        raise too_large(most)
    pieces: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise DisconnectedError
        piece = message.get("body", b"")
        size += len(piece)
        if size > most:
            raise too_large(most)
        if not message.get("more_body", False) or size == length:  # the empty end need not be waited for
            return piece if not pieces else b"".join([*pieces, piece])
        pieces.append(piece)


def too_large(most: int) -> Refusal:
    """What to raise for a request that is larger than it may be."""
    return Refusal(413, "too_large", f"the request is larger than {most} bytes", remedy="send less at once")


async def send_bytes(send: Send, status: int, body: bytes, headers: Headers = (JSON_TYPE,)) -> None:
    """Send a whole answer."""
    await send(
        {
            "type": "http.response.start",
            "status": status,
            "headers": [*headers, (b"content-length", b"%d" % len(body)), *PLAIN_HEADERS],
        }
    )
    await send({"type": "http.response.body", "body": body})


async def send_json(send: Send, status: int, data: Mapping[str, Any], headers: Headers = ()) -> None:
    """Send an answer as JSON."""
    await send_bytes(send, status, orjson.dumps(data), (JSON_TYPE, *headers))
