"""The app of ``personae serve`` behind a real socket, in a thread of its own, so that any client can talk to it."""

from __future__ import annotations

import asyncio
import socket
import threading
from pathlib import Path
from typing import Any, Self

import uvicorn
from starlette.testclient import TestClient

from personae.serve import ServeSettings
from personae.serve.app import ServeApp

CHANGES = {"X-Personae": "1"}
"""Header of requests that change something."""


def settings_in(folder: Path, **options: Any) -> ServeSettings:
    """Settings of a server whose files are all in one folder."""
    return ServeSettings(folder=folder / "studio", runs=folder / "runs", **options)


def client_of(folder: Path, **options: Any) -> TestClient:
    """A client that calls the app without a socket; used as a context manager, it starts and stops the app."""
    app = ServeApp(settings_in(folder, **options))
    return TestClient(app, base_url="http://127.0.0.1", headers=CHANGES, raise_server_exceptions=False)


class Served:
    """The app on a free port of this machine."""

    def __init__(self, folder: Path, **options: Any) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.settings = settings_in(folder, port=self.port, **options)
        self.app: ServeApp | None = None
        self._listening = threading.Event()
        self._server: uvicorn.Server | None = None
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)

    @property
    def url(self) -> str:
        """Address without a final slash."""
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._listening.wait(20)
        return self

    def __exit__(self, *_: object) -> None:
        if self._server is not None:
            self._server.should_exit = True
        self._thread.join(20)

    async def _serve(self) -> None:
        self.app = app = ServeApp(self.settings)
        config = uvicorn.Config(
            app, host="127.0.0.1", port=self.port, log_level="error", lifespan="off", ws="none",
            timeout_graceful_shutdown=2,
        )  # fmt: skip
        self._server = server = uvicorn.Server(config)
        await app.start()
        serving = asyncio.create_task(server.serve())
        while not server.started and not serving.done():
            await asyncio.sleep(0.01)
        self._listening.set()
        await serving
        await app.stop()
