"""Both servers that can listen, in processes of their own: each must keep the gateway's promises at the socket."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import httpx2
import openai
import pytest

from support.chat_server import ChatServer, stream

HI: Any = [{"role": "user", "content": "Hi"}]


@dataclass(frozen=True)
class Running:
    url: str
    model: str
    endpoint: ChatServer
    process: subprocess.Popen[str]


def answer(body: dict[str, Any]) -> Any:
    word = body["messages"][-1]["content"]
    if word == "long":
        return stream(["one", "two", *["more"] * 500], pause=0.02)
    if word == "cut":
        return stream(["one", "two"], is_cut=True)
    if body.get("stream"):
        return stream([f"{word}-{place} " for place in range(5)], pause=0.01)
    return f"You said {word}"


@contextmanager
def serving(folder: Path, engine: str, delay: float = 0.0) -> Iterator[Running]:
    persona = folder / "ada.yaml"
    persona.write_text("name: Ada\n")
    with ChatServer(answer, delay=delay) as endpoint:
        model = f"{endpoint.url}#m"
        words = ["--port", "0", "--model", model, "--model", "sim", "--persona", str(persona), "--engine", engine]
        words += ["--data", str(folder / "data"), "--runs", str(folder / "runs")]
        command = [sys.executable, "-c", "from personae.cli import main; main()", "serve", *words]
        process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env={**os.environ})
        try:
            assert process.stderr is not None
            line = ""
            while not line.startswith("studio "):
                line = process.stderr.readline()
                assert line, "it ended"
            yield Running(line.split()[1].rstrip("/"), model, endpoint, process)
        finally:
            process.kill()
            process.communicate()


@pytest.fixture(scope="module", params=["uvicorn", "granian"])
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with serving(tmp_path_factory.mktemp(request.param), request.param) as running:
        yield running


def until_idle(endpoint: ChatServer) -> None:
    deadline = time.monotonic() + 20
    while endpoint._in_flight and time.monotonic() < deadline:
        time.sleep(0.02)
    assert endpoint._in_flight == 0


def test_a_stream_comes_piece_by_piece_and_whole(server: Running) -> None:
    client = openai.OpenAI(base_url=f"{server.url}/v1", api_key="none", max_retries=0)
    chunks = list(client.chat.completions.create(model="persona/ada", messages=HI, stream=True))
    texts = [chunk.choices[0].delta.content for chunk in chunks if chunk.choices and chunk.choices[0].delta.content]
    assert texts == [f"Hi-{place} " for place in range(5)]
    assert client.chat.completions.create(model="persona/ada", messages=HI).choices[0].message.content == "You said Hi"
    client.close()


def test_the_first_piece_is_there_before_the_last_is_written(server: Running) -> None:
    body = {"model": server.model, "messages": [{"role": "user", "content": "long"}], "stream": True}
    done = server.endpoint.completed
    with httpx2.stream("POST", f"{server.url}/v1/chat/completions", json=body, timeout=30) as got:
        first = next(got.iter_raw())
        assert b"data:" in first
        assert server.endpoint._in_flight == 1
    until_idle(server.endpoint)  # and leaving it stops the endpoint
    assert server.endpoint.completed == done


def test_a_stream_that_breaks_off_ends_with_an_error(server: Running) -> None:
    client = openai.OpenAI(base_url=f"{server.url}/v1", api_key="none", max_retries=0)
    asked: Any = [{"role": "user", "content": "cut"}]
    with pytest.raises(openai.APIError, match="cut off"):
        list(client.chat.completions.create(model=server.model, messages=asked, stream=True))
    client.close()


def test_many_streams_at_once_are_neither_lost_nor_mixed_up(server: Running) -> None:
    async def one(session: aiohttp.ClientSession, number: int) -> bool:
        body = {"model": "persona/ada", "messages": [{"role": "user", "content": f"w{number}"}], "stream": True}
        text = ""
        async with session.post(f"{server.url}/v1/chat/completions", json=body) as got:
            async for line in got.content:
                if line.startswith(b"data: {"):
                    for choice in json.loads(line[6:])["choices"]:
                        text += choice["delta"].get("content") or ""
        return text == "".join(f"w{number}-{place} " for place in range(5))

    async def all_of() -> list[bool]:
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
            return await asyncio.gather(*(one(session, number) for number in range(60)))

    assert all(asyncio.run(all_of()))


def test_what_is_refused_is_told(server: Running) -> None:
    chat = f"{server.url}/v1/chat/completions"
    assert httpx2.get(chat).headers["allow"] == "POST"
    assert httpx2.get(f"{server.url}/v1").json()["error"]["code"] == "unknown_url"
    assert httpx2.post(chat, content=b"{", headers={"content-type": "application/json"}).status_code == 400
    for headers in ({"host": "evil.example"}, {"origin": "https://evil.example"}):
        assert httpx2.get(f"{server.url}/v1/models", headers=headers).status_code == 403
    head = httpx2.head(f"{server.url}/v1/models")
    assert (head.status_code, head.content) == (200, b"")
    assert httpx2.get(f"{server.url}/health").json() == {"status": "ok"}


def test_a_body_without_a_length_is_read_to_its_end_and_no_further_than_it_may_be(server: Running) -> None:
    def pieces(size: int) -> Iterator[bytes]:
        yield b'{"model": "sim", "messages": [{"role": "user", "content": "'
        for _ in range(size):
            yield b"x" * 1_000_000
        yield b'"}]}'

    chat = f"{server.url}/v1/chat/completions"
    kind = {"content-type": "application/json"}
    assert httpx2.post(chat, content=pieces(0), headers=kind, timeout=30).status_code == 200
    try:
        status = httpx2.post(chat, content=pieces(20), headers=kind, timeout=30).status_code
    except httpx2.TransportError:  # it need not be listened to until its end
        status = 413
    assert status == 413
    assert httpx2.get(f"{server.url}/health").status_code == 200


def test_a_request_that_breaks_off_leaves_the_server_well(server: Running) -> None:
    host, port = server.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), 10) as half:
        half.sendall(
            b"POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
            b'Content-Length: 500\r\n\r\n{"model": '
        )
    assert httpx2.get(f"{server.url}/health").status_code == 200


@pytest.mark.parametrize("engine", ["uvicorn", "granian"])
def test_leaving_a_whole_answer_stops_the_endpoint_and_so_does_the_end_of_the_server(
    tmp_path: Path, engine: str
) -> None:
    async def leave(running: Running) -> None:
        body = {"model": running.model, "messages": HI}
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(1.0)) as session:
            with pytest.raises(TimeoutError):
                await session.post(f"{running.url}/v1/chat/completions", json=body)

    with serving(tmp_path, engine, delay=60.0) as running:
        asyncio.run(leave(running))
        until_idle(running.endpoint)
        metrics = httpx2.get(f"{running.url}/metrics").text
        assert "personae_gateway_cancelled_total 1.0" in metrics
        assert 'status="499"} 1.0' in metrics
        body = json.dumps({"model": running.model, "messages": HI}).encode()
        host, port = running.url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), 10) as waiting:
            waiting.sendall(
                b"POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
                b"Content-Length: %d\r\n\r\n%b" % (len(body), body)
            )
            deadline = time.monotonic() + 20
            while not running.endpoint._in_flight and time.monotonic() < deadline:
                time.sleep(0.02)
            running.process.send_signal(signal.SIGTERM)
            assert running.process.wait(30) == 0
        until_idle(running.endpoint)
