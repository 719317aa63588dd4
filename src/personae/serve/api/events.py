"""Server-sent events: written as they happen, with a sign of life, and stopped when nobody listens."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing
from typing import Any

import orjson
from starlette.responses import Response

from personae.serve.gateway.watching import ClientGoneError, until_gone
from personae.serve.wire import Receive, Scope, Send

_PING_SECONDS = 15.0


class EventStream(Response):
    """An answer that is a stream of events.

    Args:
        events: Name and data of each; closed when the client goes away.
        status_code: HTTP status.
    """

    media_type = "text/event-stream"

    def __init__(self, events: AsyncIterator[tuple[str, Mapping[str, Any]]], status_code: int = 200) -> None:
        super().__init__(status_code=status_code, headers={"cache-control": "no-store", "x-accel-buffering": "no"})
        del self.headers["content-length"]
        self._events = events

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Write the events."""
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        lock = asyncio.Lock()

        async def write(body: bytes, *, more: bool = True) -> None:
            async with lock:
                await send({"type": "http.response.body", "body": body, "more_body": more})

        async def stay_alive() -> None:
            while True:
                await asyncio.sleep(_PING_SECONDS)
                await write(b": ping\n\n")

        alive = asyncio.create_task(stay_alive())
        try:
            async with until_gone(receive), aclosing(self._events) as events:  # type: ignore[type-var]
                async for name, data in events:
                    await write(b"event: %s\ndata: %s\n\n" % (name.encode(), orjson.dumps(data)))
                await write(b"", more=False)
        except ClientGoneError:
            pass
        finally:
            alive.cancel()
            with contextlib.suppress(asyncio.CancelledError, Exception):
                await alive
