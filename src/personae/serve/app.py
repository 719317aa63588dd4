"""The one ASGI app: checks what no part may skip, then hands on to the gateway, the studio's API or its pages."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

from personae.errors import PersonaeError
from personae.logs import note
from personae.serve.api.routes import make_api
from personae.serve.faults import headers_of, openai_fault, own_body
from personae.serve.gateway.routes import Gateway
from personae.serve.mcp.endpoint import McpEndpoint
from personae.serve.services import Services
from personae.serve.settings import ServeSettings
from personae.serve.static import StudioPages
from personae.serve.wire import App, Receive, Scope, Send, send_bytes, send_json

if TYPE_CHECKING:
    from personae.serve.api.desk import Desk

_FLUSH_SECONDS = 1.0


class ServeApp:
    """Everything that ``personae serve`` answers; an ASGI app.

    Args:
        settings: What it is started with.
    """

    def __init__(self, settings: ServeSettings) -> None:
        from personae.serve.api.desk import Desk

        self.services = Services.open(settings)
        self.desk: Desk = Desk.open(self.services)
        self.gateway = Gateway(self.services)
        self.api: App = make_api(self.desk)
        self.mcp = McpEndpoint(self.services, self.desk.runs, self.desk.paid)
        self.pages = StudioPages()
        self._keeper: asyncio.Task[None] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer whatever the server hands over."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1003})
            return
        path: str = scope["path"]
        is_gateway = path == "/v1" or path.startswith("/v1/")
        try:
            self.services.guard.check(scope)
            if is_gateway:
                await self.gateway(scope, receive, send)
            elif path.startswith("/api/"):
                self.services.guard.check_change(scope)
                await self.api(scope, receive, send)
            elif path == "/mcp":
                await self.mcp(scope, receive, send)
            elif path == "/health":
                await send_json(send, 200, {"status": "ok"})
            elif path == "/metrics":
                await self._metrics(scope, send)
            else:
                await self.pages(scope, receive, send)
        except PersonaeError as error:
            status, body = openai_fault(error)
            await send_json(send, status, body if is_gateway else own_body(error), headers_of(error))

    async def _metrics(self, scope: Scope, send: Send) -> None:
        self.services.doorman.admit(scope)
        kind = (b"content-type", b"text/plain; version=0.0.4; charset=utf-8")
        await send_bytes(send, 200, self.services.metrics.text(), (kind,))

    async def _live(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                await self.start()
                await send({"type": "lifespan.startup.complete"})
            elif message["type"] == "lifespan.shutdown":
                await self.stop()
                await send({"type": "lifespan.shutdown.complete"})
                return

    async def start(self) -> None:
        """Begin to work."""
        self._keeper = asyncio.create_task(self._keep())
        await self.desk.start()

    async def stop(self) -> None:
        """End in good order: what is being said is kept, runs are told to stop."""
        if self._keeper is not None:
            self._keeper.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._keeper
        await self.mcp.close()
        await self.desk.close()
        await self.services.close()

    async def _keep(self) -> None:
        """Write down every second what was counted."""
        while True:
            await asyncio.sleep(_FLUSH_SECONDS)
            try:
                await asyncio.to_thread(self.services.flush)
            except PersonaeError as error:
                note("warning", "counts could not be written", error=str(error))
