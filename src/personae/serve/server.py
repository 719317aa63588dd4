"""Listening: uvicorn, or granian where it is asked for; the same tests pass behind both.

Both answer about as many requests a core; uvicorn hands a request over within one thread, which takes less time where
calls come one at a time, and spares the slowest of them most (see docs/benchmarks.md).
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
from collections.abc import Callable
from dataclasses import replace
from importlib.util import find_spec
from typing import Literal

from personae.errors import InputError, MissingExtraError
from personae.serve.settings import ServeSettings

Engine = Literal["auto", "granian", "uvicorn"]
_GRACE_SECONDS = 5


def serve(settings: ServeSettings, announce: Callable[[str], object] = print, engine: Engine = "auto") -> None:
    """Serve until interrupted.

    Args:
        settings: What is served, and where.
        announce: Told the address once it listens.
        engine: The server that listens.

    Raises:
        InputError: If the port is taken, or others may reach the server and there is no key.
        MissingExtraError: If the libraries of a server are not installed.
    """
    if any(find_spec(name) is None for name in ("fastapi", "starlette", "python_multipart", "prometheus_client")):
        raise MissingExtraError("the server", "serve")
    chosen = engine if engine != "auto" else "uvicorn" if find_spec("uvicorn") else "granian"
    if find_spec(chosen) is None:
        raise MissingExtraError(f"serving by {chosen}", "serve")
    settings = _free_port(settings)
    with contextlib.suppress(KeyboardInterrupt), asyncio.Runner(loop_factory=_loop_factory()) as runner:
        runner.run((_by_granian if chosen == "granian" else _by_uvicorn)(settings, announce))


async def _by_granian(settings: ServeSettings, announce: Callable[[str], object]) -> None:
    from granian.constants import Interfaces
    from granian.server.embed import Server

    from personae.serve.app import ServeApp

    app = ServeApp(settings)
    _check_keys(settings, app)
    server = Server(
        app,
        address=settings.host,
        port=settings.port,
        interface=Interfaces.ASGINL,
        websockets=False,
        log_enabled=False,
        backlog=1024,
    )
    stopped = _until_signal()
    await app.start()
    serving = asyncio.create_task(server.serve())
    try:
        await _until_listening(settings, serving)
        announce(url_of(settings))
        await asyncio.wait({serving, stopped}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        server.stop()  # type: ignore[no-untyped-call]
        with contextlib.suppress(TimeoutError, asyncio.CancelledError):
            await asyncio.wait_for(serving, _GRACE_SECONDS)
        await app.stop()


async def _by_uvicorn(settings: ServeSettings, announce: Callable[[str], object]) -> None:
    import uvicorn

    from personae.serve.app import ServeApp

    app = ServeApp(settings)
    _check_keys(settings, app)
    config = uvicorn.Config(
        app, host=settings.host, port=settings.port, log_level="warning", access_log=False, lifespan="off",
        timeout_graceful_shutdown=_GRACE_SECONDS, server_header=False, ws="none",
    )  # fmt: skip
    server = uvicorn.Server(config)
    # Its own handlers pass a signal on as soon as it has stopped listening, before our things are in order.
    server.capture_signals = contextlib.nullcontext  # type: ignore[method-assign, assignment]
    _until_signal().add_done_callback(lambda _: setattr(server, "should_exit", True))
    await app.start()
    serving = asyncio.create_task(server.serve())
    try:
        await _until_listening(settings, serving)
        announce(url_of(settings))
        await serving
    finally:
        await app.stop()


def url_of(settings: ServeSettings) -> str:
    """Address that a browser on this machine opens."""
    host = "127.0.0.1" if settings.host in ("0.0.0.0", "::") else settings.host  # noqa: S104  # compared, not bound
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.port}/"


def _check_keys(settings: ServeSettings, app: object) -> None:
    from personae.serve.app import ServeApp

    assert isinstance(app, ServeApp)
    if app.services.doorman.needs_key and not any(not key.is_revoked for key in app.services.keys.all()):
        app.services.store.close()
        raise InputError(
            "others than this machine may reach the server, or it was told to ask for keys, and there is no key",
            where=f"{settings.host}:{settings.port}",
            remedy=f"make one: personae serve key new NAME --admin --data {settings.folder}",
        )


def _free_port(settings: ServeSettings) -> ServeSettings:
    """Find the port that is meant by 0, and refuse one that is taken."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((settings.host, settings.port))
            return replace(settings, port=probe.getsockname()[1])
    except OSError as error:
        raise InputError(
            f"cannot listen ({error.strerror})",
            where=f"{settings.host}:{settings.port}",
            remedy="choose another --port or --host",
        ) from error


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop


def _until_signal() -> asyncio.Future[None]:
    loop = asyncio.get_running_loop()
    stopped: asyncio.Future[None] = loop.create_future()

    def stop() -> None:
        if not stopped.done():
            stopped.set_result(None)

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop)
    return stopped


async def _until_listening(settings: ServeSettings, serving: asyncio.Task[None]) -> None:
    host = "127.0.0.1" if settings.host in ("0.0.0.0", "::") else settings.host  # noqa: S104  # compared, not bound
    for _ in range(200):
        if serving.done():
            serving.result()
            raise InputError("the server ended at once", where=f"{settings.host}:{settings.port}")
        try:
            _, writer = await asyncio.open_connection(host, settings.port)
        except OSError:
            await asyncio.sleep(0.02)
        else:
            writer.close()
            return
    raise InputError("nothing listens after four seconds", where=f"{settings.host}:{settings.port}")
