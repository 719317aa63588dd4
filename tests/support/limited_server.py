"""A real server that bears only so much: so many calls at once, so many a minute, or none for a while."""

from __future__ import annotations

import asyncio
import threading
import time
from typing import Any

import orjson
from aiohttp import web

from support.chat_server import close_down, completion


class LimitedServer:
    """Serves chat completions on 127.0.0.1, as a context manager, and refuses what is over its bounds by 429.

    Args:
        capacity: Calls that it works on at once.
        per_second: Calls a second; what was saved up in one second may come at once.
        delay: Seconds that each answer takes.
        retry_after: What it answers to those it refuses; empty says nothing.
    """

    def __init__(
        self, *, capacity: int = 10_000, per_second: float = 1e9, delay: float = 0.05, retry_after: str = ""
    ) -> None:
        self.capacity = capacity
        self.delay = delay
        self.retry_after = retry_after
        self.answered: list[float] = []
        """When each call was answered."""
        self.refused: list[float] = []
        """When each call was refused."""
        self._per_second = per_second
        self._level, self._at = max(1.0, per_second), time.monotonic()
        self._in_flight = 0
        self._port = 0
        self._loop = asyncio.new_event_loop()
        self._runner: web.AppRunner | None = None
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    @property
    def url(self) -> str:
        """Base URL, ending in ``/v1``; the same after each return."""
        return f"http://127.0.0.1:{self._port}/v1"

    def __enter__(self) -> LimitedServer:
        self._thread.start()
        self.come_back()
        return self

    def __exit__(self, *_: object) -> None:
        self.die()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=10)
        self._loop.close()

    def die(self) -> None:
        """Close the port and every connection."""
        asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result(10)

    def come_back(self) -> None:
        """Listen, on the same port as before."""
        asyncio.run_coroutine_threadsafe(self._start(), self._loop).result(10)

    def share_refused(self, since: float) -> float:
        """Share of calls that were refused from a moment on."""
        refused = sum(at >= since for at in self.refused)
        return refused / max(1, refused + sum(at >= since for at in self.answered))

    def rate(self, since: float, until: float) -> float:
        """Calls answered a second."""
        return sum(since <= at < until for at in self.answered) / (until - since)

    async def _start(self) -> None:
        app = web.Application()
        app.router.add_post("/v1/chat/completions", self._chat)
        app.router.add_get("/v1/models", self._models)
        self._runner = web.AppRunner(app, access_log=None, handler_cancellation=True, shutdown_timeout=0.01)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._port, reuse_address=True).start()
        self._port = self._runner.addresses[0][1]

    async def _stop(self) -> None:
        runner, self._runner = self._runner, None
        if runner is not None:
            await close_down(runner)

    async def _models(self, http: web.Request) -> web.Response:
        return web.json_response({"object": "list", "data": []})

    async def _chat(self, http: web.Request) -> web.Response:
        body: dict[str, Any] = orjson.loads(await http.read())
        if self._in_flight >= self.capacity or not self._take():
            self.refused.append(time.monotonic())
            headers = {"Retry-After": self.retry_after} if self.retry_after else {}
            return web.json_response({"error": {"message": "too many requests"}}, status=429, headers=headers)
        self._in_flight += 1
        try:
            await asyncio.sleep(self.delay)
        finally:
            self._in_flight -= 1
        self.answered.append(time.monotonic())
        return web.json_response(completion(f"answer to {body['messages'][-1]['content']}"))

    def _take(self) -> bool:
        now = time.monotonic()
        self._level = min(max(1.0, self._per_second), self._level + (now - self._at) * self._per_second)
        self._at = now
        if self._level < 1.0:
            return False
        self._level -= 1.0
        return True
