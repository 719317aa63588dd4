"""A server that writes HTTP by hand, so that it can break it anywhere, and that keeps an exact account of its calls.

    with FaultyServer(served_answer, fault=lambda call: reset_in_body if call.text == "Hello" else None) as server:
        model = open_model(f"{server.url}#any-name")
    assert [call.text for call in server.calls] == ["Hello"]

:mod:`support.chat_server` is a proper web server that can be told to answer badly; this one can also lie about lengths,
send a letter every now and then, or stop in the middle of a header. It runs in a thread of its own.
"""

from __future__ import annotations

import asyncio
import gzip
import socket
import struct
import threading
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import orjson

from support.chat_server import completion


@dataclass(slots=True)
class Call:
    """One chat request as it came, and how to write to whoever sent it."""

    number: int
    """How many came before."""
    body: Mapping[str, Any]
    headers: Mapping[str, str]
    """Names in lower case."""
    good: bytes
    """The body of a right answer."""
    writer: asyncio.StreamWriter
    received: float
    """Seconds of the monotonic clock."""
    sent: float | None = None
    """When the last byte of a right answer was handed to the system; ``None`` if there was none."""
    keeps: bool = False
    """Whether the connection goes on after a fault."""
    written: int = 0
    """Bytes that the client took, as far as the server can know."""

    @property
    def text(self) -> str:
        """What was asked."""
        return str(self.body["messages"][-1]["content"])

    async def write(self, data: bytes) -> None:
        """Send bytes, waiting until the client takes them."""
        self.writer.write(data)
        await self.writer.drain()
        self.written += len(data)

    def reset(self) -> None:
        """End the connection by a reset."""
        held: socket.socket | None = self.writer.get_extra_info("socket")
        assert held is not None
        held.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()


Fault = Callable[[Call], Awaitable[None]]
"""Writes what is wrong; the connection is closed afterwards, unless it says otherwise.

A fault whose message ends where its head says must keep the connection, or say that it closes it: a client may use it
for its next call, which then meets the end of it without being at fault.
"""

Choose = Callable[[Call], "Fault | None"]
"""Which fault a call meets; ``None`` answers it rightly."""


def head(length: int | None, *, status: str = "200 OK", kind: str = "application/json", **headers: str) -> bytes:
    """The head of an answer; underscores in names are read as hyphens."""
    lines = [f"HTTP/1.1 {status}", f"Content-Type: {kind}"]
    lines += [] if length is None else [f"Content-Length: {length}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode("utf-8") + b"\r\n\r\n"


def answering(payload: bytes, **options: Any) -> Fault:
    """Answer with this body, its length stated rightly."""

    async def fault(call: Call) -> None:
        await call.write(head(len(payload), **options) + payload)
        call.keeps = True

    return fault


def refusing(status: str, message: str = "no", **headers: str) -> Fault:
    """Refuse with a status line."""
    return answering(orjson.dumps({"error": {"message": message}}), status=status, **headers)


def raw(payload: bytes) -> Fault:
    """Send these bytes, whatever they are, and close."""

    async def fault(call: Call) -> None:
        await call.write(payload)

    return fault


async def close_at_once(call: Call) -> None:
    """Close in good order without a word."""


async def reset_at_once(call: Call) -> None:
    """Reset before any byte."""
    call.reset()


async def reset_in_headers(call: Call) -> None:
    """Reset in the middle of the head."""
    await call.write(b"HTTP/1.1 200 OK\r\nContent-Ty")
    await asyncio.sleep(0.02)  # let the client read it
    call.reset()


async def reset_in_body(call: Call) -> None:
    """Reset in the middle of the body."""
    await call.write(head(len(call.good)) + call.good[: len(call.good) // 2])
    await asyncio.sleep(0.02)
    call.reset()


async def drip_body(call: Call) -> None:
    """Send the body so slowly that no limit on a single read would notice."""
    await call.write(head(len(call.good)))
    for place in range(len(call.good)):
        await call.write(call.good[place : place + 1])
        await asyncio.sleep(0.1)


async def drip_head(call: Call) -> None:
    """Send headers without end, one at a time."""
    await call.write(b"HTTP/1.1 200 OK\r\n")
    for number in range(1000):
        await call.write(f"X-{number}: x\r\n".encode())
        await asyncio.sleep(0.1)


async def never(call: Call) -> None:
    """Answer nothing, and keep the line."""
    await asyncio.sleep(60)


async def too_short_a_length(call: Call) -> None:
    """State a length that ends within the body."""
    await call.write(head(len(call.good) - 20) + call.good)


async def too_long_a_length(call: Call) -> None:
    """State more than comes, and close."""
    await call.write(head(len(call.good) + 50) + call.good)


async def too_long_a_length_held(call: Call) -> None:
    """State more than comes, and keep the line."""
    await call.write(head(len(call.good) + 50) + call.good)
    await asyncio.sleep(60)


async def two_lengths(call: Call) -> None:
    """State two lengths that contradict each other."""
    await call.write(head(len(call.good), content_length="7") + call.good)


async def half_json(call: Call) -> None:
    """Send half of the JSON, its length stated rightly."""
    half = call.good[: len(call.good) // 2]
    await call.write(head(len(half)) + half)
    call.keeps = True


async def broken_chunk_size(call: Call) -> None:
    """Chunked, with a size that is no number."""
    await call.write(
        head(None, transfer_encoding="chunked") + b"1f\r\n" + call.good[:31] + b"\r\nxyz\r\n" + call.good[31:]
    )


async def broken_chunk_end(call: Call) -> None:
    """Chunked, and closed before the last chunk."""
    await call.write(head(None, transfer_encoding="chunked") + b"1f\r\n" + call.good[:31] + b"\r\n")


async def other_charset(call: Call) -> None:
    """JSON in Latin-1, which is not UTF-8."""
    body = call.good.replace(b"answer", "antwört".encode("latin-1"))
    await call.write(head(len(body), kind="application/json; charset=utf-8") + body)
    call.keeps = True


async def endless_chunks(call: Call) -> None:
    """A body without end, as fast as the client takes it."""
    await call.write(head(None, transfer_encoding="chunked"))
    piece = b" " * 2**18
    while True:
        await call.write(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")


async def huge_length(call: Call) -> None:
    """Announce ten gigabytes."""
    await call.write(head(10 * 2**30) + b" " * 1000)
    await asyncio.sleep(60)


async def long_header(call: Call) -> None:
    """One header of a megabyte."""
    await call.write(head(len(call.good), x_long="x" * 2**20) + call.good)


async def broken_gzip(call: Call) -> None:
    """Said to be packed, and is not."""
    await call.write(head(len(call.good), content_encoding="gzip") + call.good)
    call.keeps = True


def gzip_bomb(size: int) -> Fault:
    """A small body that unpacks to white space of this size."""
    packed = gzip.compress(b" " * size, compresslevel=9)
    return answering(packed, content_encoding="gzip")


@dataclass
class FaultyServer:
    """Serves chat completions on 127.0.0.1, as a context manager.

    Args:
        answer: The text of a right answer, from the body of the request.
        fault: Which fault a call meets, if any.
        delay: Seconds before each answer.
        keep: Whether a connection is kept after a right answer; otherwise the server closes it without saying so.
    """

    answer: Callable[[dict[str, Any]], str]
    fault: Choose | None = None
    delay: float = 0.0
    keep: bool = True
    reply_id: str = "chatcmpl-1"
    calls: list[Call] = field(default_factory=list)
    """Chat requests, in the order they came."""
    connections: int = 0

    def __post_init__(self) -> None:
        self._port = 0
        self._loop = asyncio.new_event_loop()
        self._stopping = asyncio.Event()
        self._is_up = threading.Event()
        self._thread = threading.Thread(target=self._serve, name="faulty server", daemon=True)

    @property
    def url(self) -> str:
        """Base URL, ending in ``/v1``."""
        return f"http://127.0.0.1:{self._port}/v1"

    def __enter__(self) -> FaultyServer:
        self._thread.start()
        if not self._is_up.wait(timeout=30):
            raise RuntimeError("the server did not start")
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join(timeout=30)

    def asked(self, start: int = 0) -> list[str]:
        """What was asked, from one call on."""
        return [call.text for call in self.calls[start:]]

    def _serve(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:  # cancels what still drips
            runner.run(self._listen())

    async def _listen(self) -> None:
        server = await asyncio.start_server(self._connection, "127.0.0.1", 0, backlog=1024)
        self._port = server.sockets[0].getsockname()[1]
        self._is_up.set()
        await self._stopping.wait()
        server.close()

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        with suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            while await self._exchange(reader, writer):
                pass
        with suppress(OSError, asyncio.CancelledError):
            writer.close()
            await writer.wait_closed()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """One request and what is done with it; whether the connection goes on."""
        first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").strip().split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        payload = await reader.readexactly(int(headers.get("content-length", "0")))
        if not first.startswith("POST"):
            body = orjson.dumps({"object": "list", "data": [{"id": "m"}]})
            writer.write(head(len(body)) + body)
            await writer.drain()
            return True
        parsed = orjson.loads(payload)
        good = orjson.dumps({**completion(self.answer(parsed)), "id": self.reply_id})
        call = Call(len(self.calls), parsed, headers, good, writer, time.monotonic())
        self.calls.append(call)
        if self.delay:
            await asyncio.sleep(self.delay)
        fault = self.fault(call) if self.fault is not None else None
        if fault is not None:
            await fault(call)
            return call.keeps
        await call.write(head(len(good)) + good)
        call.sent = time.monotonic()
        return self.keep
