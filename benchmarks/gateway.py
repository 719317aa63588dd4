"""What the gateway adds to a call, beside litellm's proxy: time, requests a core, streams that are held at once.

    python benchmarks/gateway.py [--calls 400] [--load 4000] [--streams 500] [--rounds 3] [--only A,B]

The gateways are personae, granian (personae behind the other server) and litellm; --only chooses some of them.
A model server that answers at once runs in a process of its own, and each gateway in one of its own before it. Single
calls go to the model server and to the gateways in turn, so that what else the machine does falls on all alike.
Requests a core are those answered by one CPU-second of the gateway's process (user and system time, all threads),
at 64 requests in flight: a rate that does not depend on who else wants the processor. Streams of twenty pieces are
opened at once, each asking for words of its own, and each is compared with what it asked for. Both gateways ask for
a key. litellm is installed into an environment of its own, as in ``peers.py``; its defaults are kept, logging off.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from statistics import median, quantiles

import aiohttp
import orjson
from mock_chat import REPLY, Connection, length_of_body, response
from peers import python_of

PIECES = 20
_TICKS = os.sysconf("SC_CLK_TCK")


class Mock(Connection):
    """Answers at once; a stream says the last message again, piece by piece."""

    pause = 0.05

    def data_received(self, data: bytes) -> None:
        self.unread += data
        while (end := self.unread.find(b"\r\n\r\n")) >= 0:
            whole = end + 4 + length_of_body(self.unread[:end])
            if len(self.unread) < whole:
                return
            body, self.unread = self.unread[end + 4 : whole], self.unread[whole:]
            if b'"stream":true' in body or b'"stream": true' in body:
                asyncio.get_running_loop().create_task(self.say_again(orjson.loads(body)["messages"][-1]["content"]))
            else:
                self.transport.write(response(REPLY))

    async def say_again(self, word: str) -> None:
        head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
        self.transport.write(head)
        for number in range(PIECES):
            self.write_event({"delta": {"content": f"{word}-{number} "}, "index": 0, "finish_reason": None})
            await asyncio.sleep(self.pause)
        self.write_event({"delta": {}, "index": 0, "finish_reason": "stop"})
        self.write_chunk(b"data: [DONE]\n\n")
        self.transport.write(b"0\r\n\r\n")

    def write_event(self, choice: dict[str, object]) -> None:
        frame = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "mock", "choices": [choice]}
        self.write_chunk(b"data: " + orjson.dumps(frame) + b"\n\n")

    def write_chunk(self, data: bytes) -> None:
        self.transport.write(b"%x\r\n%s\r\n" % (len(data), data))


async def serve_mock() -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Mock, "127.0.0.1", 0, backlog=4096)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


@dataclass(frozen=True)
class Gate:
    name: str
    version: str
    url: str
    model: str
    process: int
    """Its identifier; 0 for the model server, whose time is not counted."""
    key: str = "none"


@contextmanager
def mock() -> Iterator[str]:
    command = [sys.executable, __file__, "--serve-mock"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
        finally:
            process.stdin.close()


@contextmanager
def running(command: list[str], environment: dict[str, str], port: int, log: Path) -> Iterator[int]:
    with log.open("wb") as said:
        process = subprocess.Popen(command, env={**os.environ, **environment}, stdout=said, stderr=said)
        try:
            wait_for(port, process, log)
            yield process.pid
        finally:
            process.terminate()
            process.wait(20)


def wait_for(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    import socket

    for _ in range(1800):
        if process.poll() is not None:
            sys.exit(f"did not start:\n{log.read_text()[-2000:]}")
        try:
            socket.create_connection(("127.0.0.1", port), 0.2).close()
            return
        except OSError:
            time.sleep(0.1)
    sys.exit("did not listen within three minutes")


def free_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def personae(url: str, folder: Path, stack: ExitStack, engine: str = "auto") -> Gate:
    folder = folder / engine
    folder.mkdir()
    port, model = free_port(), f"{url}/v1#mock"
    persona = folder / "ada.yaml"
    persona.write_text("name: Ada\ndescription: Ada keeps bees behind the old school.\n")
    command = [
        sys.executable,
        "-c",
        "from personae.cli import main; main()",
        "serve",
        "--port",
        str(port),
        "--model",
        model,
    ]
    data = ["--data", str(folder / "data")]
    command += ["--persona", str(persona), "--runs", str(folder / "runs"), "--require-key", *data, "--engine", engine]
    making = [*command[:3], "serve", "key", "new", "benchmark", *data]
    key = subprocess.run(making, capture_output=True, text=True, check=True).stdout.strip()
    pid = stack.enter_context(running(command, {}, port, folder / "personae.log"))
    name = "personae" if engine == "auto" else f"personae, {engine}"
    return Gate(name, version("personae"), f"http://127.0.0.1:{port}", "persona/ada", pid, key)


def granian(url: str, folder: Path, stack: ExitStack) -> Gate:
    return personae(url, folder, stack, "granian")


def litellm(url: str, folder: Path, stack: ExitStack) -> Gate:
    python = python_of("litellm")
    port = free_port()
    config = folder / "litellm.yaml"
    row = {"model_name": "mock", "litellm_params": {"model": "openai/mock", "api_base": f"{url}/v1", "api_key": "x"}}
    config.write_bytes(orjson.dumps({"model_list": [row]}))  # JSON is YAML
    command = [str(python.parent / "litellm"), "--config", str(config), "--port", str(port), "--host", "127.0.0.1"]
    key = f"sk-{secrets.token_hex(32)}"
    environment = {"LITELLM_MASTER_KEY": key, "LITELLM_LOG": "ERROR", "LITELLM_TELEMETRY": "False", "NO_PROXY": "*"}
    pid = stack.enter_context(running(command, environment, port, folder / "litellm.log"))
    asked = "import importlib.metadata as m; print(m.version('litellm'))"
    found = subprocess.run([python, "-c", asked], capture_output=True, text=True, check=True).stdout.strip()
    return Gate("litellm proxy", found, f"http://127.0.0.1:{port}", "mock", pid, key)


def cpu_of(pid: int) -> float:
    """Seconds of processor time of a process and of its children that still run."""
    children = [
        int(child) for task in Path(f"/proc/{pid}/task").iterdir() for child in (task / "children").read_text().split()
    ]
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS + sum(map(cpu_of, children))


def body_of(gate: Gate, word: str, *, streams: bool = False) -> bytes:
    messages = [{"role": "user", "content": word}]
    return orjson.dumps({"model": gate.model, "messages": messages, "stream": streams})


def session_of() -> aiohttp.ClientSession:
    return aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))


def headers_of(gate: Gate) -> dict[str, str]:
    return {"Authorization": f"Bearer {gate.key}", "Content-Type": "application/json"}


async def call(session: aiohttp.ClientSession, gate: Gate) -> float:
    started = time.perf_counter()
    async with session.post(
        f"{gate.url}/v1/chat/completions", data=body_of(gate, "hello"), headers=headers_of(gate)
    ) as answer:
        payload = await answer.read()
        if answer.status != 200:
            sys.exit(f"{gate.name}: {payload[:500]!r}")
    return time.perf_counter() - started


async def single_calls(gates: list[Gate], calls: int) -> dict[str, list[float]]:
    found: dict[str, list[float]] = {gate.name: [] for gate in gates}
    async with session_of() as session:
        for number in range(calls + 20):
            for gate in gates:
                seconds = await call(session, gate)
                if number >= 20:
                    found[gate.name].append(seconds)
    return found


async def load(gate: Gate, calls: int, in_flight: int = 64) -> tuple[float, float]:
    """Requests a second, and seconds of the gateway's processor time a request."""
    numbers = iter(range(calls))
    async with session_of() as session:

        async def worker() -> None:
            for _ in numbers:
                await call(session, gate)

        await call(session, gate)
        before, started = cpu_of(gate.process), time.perf_counter()
        await asyncio.gather(*(worker() for _ in range(in_flight)))
        return calls / (time.perf_counter() - started), (cpu_of(gate.process) - before) / calls


async def hold_streams(gate: Gate, streams: int) -> tuple[int, int, float]:
    """How many streams came whole, how many did not, and seconds until the last ended."""

    async def one(session: aiohttp.ClientSession, number: int) -> bool:
        word = f"w{number}"
        text = ""
        try:
            body = body_of(gate, word, streams=True)
            async with session.post(f"{gate.url}/v1/chat/completions", data=body, headers=headers_of(gate)) as answer:
                async for line in answer.content:
                    if line.startswith(b"data: {"):
                        for choice in orjson.loads(line[6:]).get("choices") or ():
                            text += choice["delta"].get("content") or ""
        except aiohttp.ClientError:
            return False
        return text == "".join(f"{word}-{place} " for place in range(PIECES))

    started = time.perf_counter()
    async with session_of() as session:
        whole = sum(await asyncio.gather(*(one(session, number) for number in range(streams))))
    return whole, streams - whole, time.perf_counter() - started


def compare(names: list[str], calls: int, under_load: int, streams: int, rounds: int) -> None:
    with tempfile.TemporaryDirectory() as scratch, mock() as url, ExitStack() as stack:
        made = {"personae": personae, "granian": granian, "litellm": litellm}
        direct = Gate("direct", "", url, "mock", 0)
        gates = [made[name](url, Path(scratch), stack) for name in names]
        for gate in gates:
            asyncio.run(load(gate, 200, 16))  # what is done once is done
        singles = asyncio.run(single_calls([direct, *gates], calls))
        plain = sorted(singles["direct"])
        print(f"direct call: p50 {median(plain) * 1e3:.2f} ms, p99 {quantiles(plain, n=100)[98] * 1e3:.2f} ms")
        print(f"{'':<24}{'added p50':>11}{'added p99':>11}{'CPU a request':>15}{'requests a core':>17}{'streams':>14}")
        loads: dict[str, list[tuple[float, float]]] = {gate.name: [] for gate in gates}
        for _ in range(rounds):
            for gate in gates:
                loads[gate.name].append(asyncio.run(load(gate, under_load)))
        for gate in gates:
            added = [mine - other for mine, other in zip(singles[gate.name], singles["direct"], strict=True)]
            cpu = median(seconds for _, seconds in loads[gate.name])
            whole, lost, seconds = asyncio.run(hold_streams(gate, streams))
            print(
                f"{gate.name + ' ' + gate.version:<24}{median(added) * 1e3:>8.2f} ms"
                f"{quantiles(added, n=100)[98] * 1e3:>8.2f} ms{cpu * 1e3:>12.2f} ms{1 / cpu:>17,.0f}"
                f"{whole:>6} of {whole + lost} in {seconds:.1f} s"
            )


if __name__ == "__main__":
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--calls", type=int, default=400)
    arguments.add_argument("--load", type=int, default=4000)
    arguments.add_argument("--streams", type=int, default=500)
    arguments.add_argument("--rounds", type=int, default=3)
    arguments.add_argument("--only", default="personae,litellm")
    arguments.add_argument("--serve-mock", action="store_true", help=argparse.SUPPRESS)
    given = arguments.parse_args()
    if given.serve_mock:
        asyncio.run(serve_mock())
    else:
        compare(given.only.split(","), given.calls, given.load, given.streams, given.rounds)
