"""Clients under test, and a server for what no web server would do."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from personae.model import Endpoint, OpenAICompatible, Reply, Request
from support.chat_server import ChatServer


@asynccontextmanager
async def client_of(server: ChatServer, **options: Any) -> AsyncIterator[OpenAICompatible]:
    """A client of this server, closed at the end; options are those of its endpoint."""
    client = OpenAICompatible("test/m", Endpoint(server.url, "m", **options))
    try:
        yield client
    finally:
        await client.aclose()


async def pieces_of(client: OpenAICompatible, request: Request) -> tuple[list[str], Reply]:
    """What a stream yields: its pieces, and the reply at its end."""
    arrived = [piece async for piece in client.stream(request)]
    assert isinstance(arrived[-1], Reply)
    return [piece for piece in arrived[:-1] if isinstance(piece, str)], arrived[-1]


@asynccontextmanager
async def speaking(
    answer: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]],
) -> AsyncIterator[str]:
    """Base URL of a server that answers each connection by hand, for what a web server would not do."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        serving.append(task)
        await reader.readuntil(b"\r\n\r\n")
        await answer(reader, writer)
        writer.close()
        await writer.wait_closed()

    serving: list[asyncio.Task[Any]] = []
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
    await asyncio.wait_for(asyncio.gather(*serving), 10)
    server.close()
    await server.wait_closed()
