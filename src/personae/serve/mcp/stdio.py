"""The MCP server on standard input and output, as coding agents start it."""

from __future__ import annotations

import asyncio
import contextlib

from personae.errors import MissingExtraError
from personae.serve.running import PaidRuns, Runs
from personae.serve.services import Services
from personae.serve.settings import ServeSettings


def serve_stdio(settings: ServeSettings) -> None:
    """Serve until the client closes the standard input.

    Raises:
        MissingExtraError: If the libraries are not installed.
        StorageError: If the folder of personas cannot be opened.
    """
    try:
        import mcp.server.stdio  # noqa: F401
    except ImportError as error:
        raise MissingExtraError("the MCP server", "mcp") from error
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(settings))


async def _serve(settings: ServeSettings) -> None:
    from mcp.server.stdio import stdio_server

    from personae.serve.mcp.server import make_server

    services = Services.open(settings)
    runs = Runs(settings.runs)
    paid = PaidRuns(runs, services.keys)
    server = make_server(services, runs, paid, str(settings.runs.resolve() / "{run}" / "report.html"))
    try:
        async with stdio_server() as (reading, writing):
            await server.run(reading, writing, server.create_initialization_options())
    finally:
        await runs.close()
        await services.close()
