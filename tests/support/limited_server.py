"""A chat server of known capacity: so many calls at once, so many a minute; the rest is turned away by 429."""

from __future__ import annotations

import asyncio
import threading
import time
from types import TracebackType
from typing import Any, Self

from aiohttp import web


class LimitedServer:
    """Answers after a while, turns away what it has no room for, and counts both.

    Args:
        capacity: Calls at once.
        seconds: How long a call takes.
        retry_after: What it tells those that it turns away to wait; empty tells nothing.
        tokens: Tokens that it says an answer has.
    """

    def __init__(self, capacity: int, *, seconds: float = 0.02, retry_after: str = "", tokens: int = 5) -> None:
        self.capacity = capacity
        self.seconds = seconds
        self.is_down = False
        self.answered: list[float] = []
        self.turned_away: list[float] = []
        self.most_at_once = 0
        self._retry_after = retry_after
        self._tokens = tokens
        self._at_once = 0
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._ready.wait(10)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def _run(self) -> None:
        self._loop = asyncio.new_event_loop()
        app = web.Application()
        app.router.add_post("/v1/chat/completions", self._answer)
        runner = web.AppRunner(app)
        self._loop.run_until_complete(runner.setup())
        site = web.TCPSite(runner, "127.0.0.1", 0)
        self._loop.run_until_complete(site.start())
        port = runner.addresses[0][1]
        self.url = f"http://127.0.0.1:{port}/v1"
        self._ready.set()
        self._loop.run_forever()
        self._loop.run_until_complete(runner.cleanup())
        self._loop.close()

    async def _answer(self, request: web.Request) -> web.Response:
        await request.read()
        if self.is_down:
            return web.Response(status=503, text="no server is available")
        if self._at_once >= self.capacity:
            self.turned_away.append(time.monotonic())
            headers = {"Retry-After": self._retry_after} if self._retry_after else {}
            return web.Response(status=429, text="slow down", headers=headers)
        self._at_once += 1
        self.most_at_once = max(self.most_at_once, self._at_once)
        try:
            await asyncio.sleep(self.seconds)
        finally:
            self._at_once -= 1
        self.answered.append(time.monotonic())
        body: dict[str, Any] = {
            "id": "x",
            "model": "m",
            "choices": [{"index": 0, "message": {"role": "assistant", "content": "4"}, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": 10, "completion_tokens": self._tokens},
        }
        return web.json_response(body)
