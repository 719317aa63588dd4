"""A chat-completions server that costs almost nothing, so that a benchmark measures its client.

    python benchmarks/mock_chat.py --latency 0.05

HTTP/1.1 with keep-alive on a bare asyncio protocol, one fixed reply, 127.0.0.1 on a free port, which is printed first.
``GET /stats`` tells what it saw: calls, the most that were open at once, connections; ``GET /reset`` starts anew. It
stops when its standard input closes, so that it never outlives who started it.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys

REPLY = {
    "id": "chatcmpl-mock",
    "object": "chat.completion",
    "created": 1700000000,
    "model": "mock",
    "choices": [
        {
            "index": 0,
            "message": {"role": "assistant", "content": "I would say that it is quite likely. 4"},
            "finish_reason": "stop",
            "logprobs": None,
        }
    ],
    "usage": {"prompt_tokens": 120, "completion_tokens": 11, "total_tokens": 131},
    "system_fingerprint": "mock",
}
MODELS = {"object": "list", "data": [{"id": "mock", "object": "model", "created": 1, "owned_by": "mock"}]}


def response(body: object) -> bytes:
    payload = json.dumps(body).encode()
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(payload)}\r\n\r\n"
    return head.encode() + payload


class Counters:
    calls = open_now = most_open = connections = 0

    @classmethod
    def reset(cls) -> None:
        cls.calls = cls.most_open = cls.connections = 0


class Connection(asyncio.Protocol):
    latency = 0.0
    reply = response(REPLY)

    def __init__(self) -> None:
        self.unread = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        Counters.connections += 1

    def data_received(self, data: bytes) -> None:
        self.unread += data
        while (end := self.unread.find(b"\r\n\r\n")) >= 0:
            head = self.unread[:end]
            whole = end + 4 + length_of_body(head)
            if len(self.unread) < whole:
                return
            self.unread = self.unread[whole:]
            self.answer(head)

    def answer(self, head: bytes) -> None:
        if head.startswith(b"GET"):
            if head.startswith(b"GET /reset"):
                Counters.reset()
            about = {"calls": Counters.calls, "most_open": Counters.most_open, "connections": Counters.connections}
            self.transport.write(response(about if head.startswith(b"GET /stats") else MODELS))
            return
        Counters.calls += 1
        Counters.open_now += 1
        Counters.most_open = max(Counters.most_open, Counters.open_now)
        if self.latency:
            asyncio.get_running_loop().call_later(self.latency, self.finish)
        else:
            self.finish()

    def finish(self) -> None:
        Counters.open_now -= 1
        if not self.transport.is_closing():
            self.transport.write(self.reply)


def length_of_body(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line.partition(b":")[2])
    return 0


async def serve(latency: float) -> None:
    Connection.latency = latency
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Connection, "127.0.0.1", 0, backlog=4096)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


if __name__ == "__main__":
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--latency", type=float, default=0.0, help="seconds before each reply")
    asyncio.run(serve(arguments.parse_args().latency))
