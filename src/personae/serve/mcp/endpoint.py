"""``/mcp``: the MCP server over streamable HTTP, behind the same door as the gateway."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

from personae.errors import MissingExtraError
from personae.serve.faults import Refusal, own_body
from personae.serve.mcp.calling import CALLER
from personae.serve.running import PaidRuns, Runs
from personae.serve.services import Services
from personae.serve.settings import MOST_BODY
from personae.serve.wire import Receive, Scope, Send, send_json

if TYPE_CHECKING:
    from mcp.server.streamable_http_manager import StreamableHTTPSessionManager

_CHALLENGE = (b"www-authenticate", b"Bearer")


class McpEndpoint:
    """Answers ``/mcp``. Nothing of MCP is imported before somebody asks; no session outlives its request."""

    def __init__(self, services: Services, runs: Runs, paid: PaidRuns) -> None:
        self._services = services
        self._runs = runs
        self._paid = paid
        self._manager: StreamableHTTPSessionManager | None = None
        self._opening = asyncio.Lock()
        self._ending = asyncio.Event()
        self._living: asyncio.Task[None] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        try:
            caller = self._services.doorman.admit(scope)
        except Refusal as error:
            await send_json(send, error.status, own_body(error), (_CHALLENGE,) if error.status == 401 else ())
            return
        scope[CALLER] = caller
        manager = await self._opened()
        await manager.handle_request(scope, receive, send)

    async def close(self) -> None:
        """End what is being answered."""
        self._ending.set()
        if self._living is not None:
            with contextlib.suppress(asyncio.CancelledError):
                await self._living

    async def _opened(self) -> StreamableHTTPSessionManager:
        async with self._opening:
            if self._manager is None:
                try:
                    from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
                except ImportError as error:
                    raise MissingExtraError("the MCP server", "mcp") from error
                from personae.serve.mcp.server import make_server

                server = make_server(self._services, self._runs, self._paid, "/api/runs/{run}/report")
                # Host and Origin are checked by the guard, for all parts of the server alike.
                manager = StreamableHTTPSessionManager(server, stateless=True, max_request_body_size=MOST_BODY)
                begun = asyncio.Event()
                self._living = asyncio.create_task(self._live(manager, begun))
                await begun.wait()
                self._manager = manager
            return self._manager

    async def _live(self, manager: StreamableHTTPSessionManager, begun: asyncio.Event) -> None:
        """Hold the manager open from one task, as its tasks are bound to it."""
        async with manager.run():
            begun.set()
            await self._ending.wait()
