"""Five hundred streams at once through the command as it is typed: none is lost, none gets the words of another."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aiohttp
import orjson
import pytest

from support.chat_server import ChatServer, stream

pytestmark = pytest.mark.slow

STREAMS = 500
PIECES = 20
NOTE = re.compile(r"secret-\d+")


def tell(body: dict[str, Any]) -> Any:
    """Says in pieces what was asked and what the persona remembers of this user, long enough that all overlap."""
    word, system = body["messages"][-1]["content"], body["messages"][0]["content"]
    remembered = "+".join(NOTE.findall(system))
    return stream([f"{word}/{remembered}/{number} " for number in range(PIECES)], pause=0.1)


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[tuple[ChatServer, str]]:
    with ChatServer(tell) as endpoint:
        persona = tmp_path / "ada.yaml"
        persona.write_text("name: Ada\n", encoding="utf-8")
        words = ["serve", "--port", "0", "--model", f"{endpoint.url}#m", "--persona", str(persona)]
        words += ["--data", str(tmp_path / "data"), "--runs", str(tmp_path / "runs")]
        command = [sys.executable, "-c", "from personae.cli import main; main()", *words]
        process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env={**os.environ})
        try:
            assert process.stderr is not None
            line = ""
            while not line.startswith("studio "):
                line = process.stderr.readline()
                assert line, "it ended"
            yield endpoint, line.split()[1].rstrip("/")
            process.send_signal(signal.SIGINT)
            assert process.wait(20) == 0
        finally:
            process.kill()
            process.communicate()


async def remember(session: aiohttp.ClientSession, url: str, number: int) -> None:
    body = {"model": "persona/ada", "user": f"u{number}", "notes": [f"secret-{number}"]}
    async with session.put(f"{url}/v1/personae/memory", json=body) as answer:
        assert answer.status == 200


async def listen(session: aiohttp.ClientSession, url: str, number: int) -> str:
    messages = [{"role": "user", "content": f"w{number}"}]
    body = {"model": "persona/ada", "user": f"u{number}", "messages": messages, "stream": True}
    text, has_ended = "", False
    async with session.post(f"{url}/v1/chat/completions", json=body) as answer:
        assert answer.status == 200
        async for line in answer.content:
            has_ended = has_ended or line.startswith(b"data: [DONE]")
            if line.startswith(b"data: {"):
                for choice in orjson.loads(line[6:])["choices"]:
                    text += choice["delta"].get("content") or ""
    assert has_ended
    return text


async def listen_to_all(url: str) -> list[str]:
    timeout = aiohttp.ClientTimeout(total=240)
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector, timeout=timeout) as session:
        for number in range(STREAMS):
            await remember(session, url, number)
        return await asyncio.gather(*(listen(session, url, number) for number in range(STREAMS)))


def test_nothing_is_lost_and_nothing_is_mixed_up(gateway: tuple[ChatServer, str]) -> None:
    endpoint, url = gateway
    heard = asyncio.run(listen_to_all(url))
    wanted = ["".join(f"w{one}/secret-{one}/{piece} " for piece in range(PIECES)) for one in range(STREAMS)]
    assert sum(mine != other for mine, other in zip(heard, wanted, strict=True)) == 0
    assert endpoint.completed == STREAMS
    assert endpoint.peak > STREAMS / 2  # they were indeed open at once
