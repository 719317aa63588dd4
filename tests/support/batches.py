"""Calls that go out in batches, of both protocols."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Literal

import pytest

from personae.model import (
    Reply,
    Request,
    ResponseCache,
    open_model,
)
from personae.model.served import Served, ServedMessages
from support.batch_server import BatchServer

Protocol = Literal["openai", "anthropic"]
BOTH: list[Protocol] = ["openai", "anthropic"]
KEY = "sk-canary-5eb63bbbe01eeed093cb22bb8f5acdc3"

protocols = pytest.mark.parametrize("protocol", BOTH)


@asynccontextmanager
async def model_of(
    server: BatchServer, protocol: Protocol, folder: Path, *, cache: ResponseCache | None = None, **options: object
) -> AsyncIterator[Served | ServedMessages]:
    words = {"batch": "true", "batch_wait": "0.1", "poll": "0.1", "attempts": "1"}
    words |= {name: str(value) for name, value in options.items()}
    name, url = ("anthropic/m", server.url) if protocol == "anthropic" else (f"{server.url}#m", "")
    model = open_model(name, words, base_url=url, cache=cache, batch_folder=folder)
    assert isinstance(model, (Served, ServedMessages))
    try:
        yield model
    finally:
        await model.aclose()


async def ask(model: Served | ServedMessages, *texts: str) -> list[Reply | BaseException]:
    return await asyncio.gather(*(model.generate(Request.of(text)) for text in texts), return_exceptions=True)


def texts_of(replies: list[Reply | BaseException]) -> list[str]:
    return [reply.text if isinstance(reply, Reply) else repr(reply) for reply in replies]


async def until(is_true: Any, seconds: float = 10.0) -> None:
    end = time.monotonic() + seconds
    while not is_true():
        assert time.monotonic() < end, "it did not happen"
        await asyncio.sleep(0.01)


def submissions(server: BatchServer) -> int:
    return len(server.batches)
