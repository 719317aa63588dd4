"""A real HTTP server that speaks chat completions and, told so, breaks the rules of them.

Tests of models, runs and commands talk to it over a socket, from the same process or from another one::

    with ChatServer("Good morning.", plan=[fail(429, retry_after=2), stall()]) as server:
        ...  # the first call is refused, the second hangs, every further one is answered
        model = open_model(f"{server.url}#any-name")
    assert server.requests[0]["messages"][-1]["content"] == "Hello"
    assert server.completed == 1

A server that must outlive one event loop or serve a subprocess needs nothing more: it runs in a thread of its own.
"""

from __future__ import annotations

import asyncio
import socket
import struct
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Literal, Self

import orjson
from aiohttp import web

Body = Mapping[str, Any]
"""The parsed body of a request."""

Usage = Mapping[str, Any]

PLAIN_USAGE: Usage = {"prompt_tokens": 9, "completion_tokens": 3, "total_tokens": 12}

Way = Literal["whole", "short", "stall", "reset", "stream"]


@dataclass(frozen=True, slots=True)
class Act:
    """What the server does with one request; made by the functions below."""

    way: Way
    status: int = 200
    payload: bytes = b""
    """The body, or all of it that is sent."""
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = "application/json"
    frames: tuple[bytes, ...] = ()
    """What a stream sends, one write each."""
    is_cut: bool = False
    """Whether the connection is closed in the middle of a stream."""
    pause: float = 0.0
    """Seconds between two frames of a stream."""
    is_answer: bool = False
    """Whether it counts as an answer that was given, and would be billed."""


Answer = str | Act | Mapping[str, Any] | Callable[[dict[str, Any]], "str | Act | Mapping[str, Any]"]
"""A text, the whole body of a completion, an act, or a function from the body of the request to one of them."""


def completion(
    text: str | Sequence[Mapping[str, Any]] | None,
    *,
    finish: str | None = "stop",
    model: str = "served-model",
    usage: Usage | None = PLAIN_USAGE,
    refusal: str | None = None,
    logprobs: Sequence[Mapping[str, Any]] | None = None,
    others: Sequence[str] = (),
) -> dict[str, Any]:
    """Spell a chat completion, written from the wire format and not with the code under test.

    Args:
        text: The ``content``: a text, ``None``, or a list of parts.
        finish: The ``finish_reason``.
        model: The model that the server claims to be.
        usage: Token counts; ``None`` leaves them out.
        refusal: What stands in the field of that name.
        logprobs: The ``content`` of the log-probabilities, one mapping a token.
        others: Texts of the second and further choices.
    """
    first = {
        "index": 0,
        "message": {"role": "assistant", "content": text, "refusal": refusal},
        "finish_reason": finish,
        "logprobs": None if logprobs is None else {"content": list(logprobs)},
    }
    rest = [
        {"index": index, "message": {"role": "assistant", "content": other}, "finish_reason": finish, "logprobs": None}
        for index, other in enumerate(others, start=1)
    ]
    body: dict[str, Any] = {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1_700_000_000,
        "model": model,
        "choices": [first, *rest],
    }
    return body if usage is None else {**body, "usage": dict(usage)}


def say(text: str) -> Act:
    """Answer with a text."""
    return reply(completion(text))


def reply(body: Mapping[str, Any], *, headers: Mapping[str, str] | None = None) -> Act:
    """Answer with this body."""
    return Act("whole", payload=orjson.dumps(body), headers=dict(headers or {}), is_answer=True)


def fail(
    status: int,
    message: str = "the server says no",
    *,
    code: str | None = None,
    retry_after: object = None,
    **headers: str,
) -> Act:
    """Refuse with an HTTP status and an error in OpenAI's shape.

    Args:
        status: 401, 404, 429, 500, 529 ...
        message: What stands in the error.
        code: Its ``code``.
        retry_after: Value of the ``Retry-After`` header, if any.
        **headers: Further headers, underscores read as hyphens.
    """
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    if retry_after is not None:
        sent["Retry-After"] = str(retry_after)
    error = {"message": message, "type": "error", "param": None, "code": code}
    return Act("whole", status, orjson.dumps({"error": error}), sent)


def error_in_200(message: str = "upstream failed", code: object = 502) -> Act:
    """Answer 200, with an error in the body: proxies do this when they were already committed to a 200."""
    return Act("whole", payload=orjson.dumps({"error": {"message": message, "code": code}}))


def raw(payload: bytes, *, status: int = 200, content_type: str = "application/json") -> Act:
    """Answer with these bytes, whatever they are."""
    return Act("whole", status, payload, content_type=content_type)


def html_page(text: str = "<html><body><h1>Welcome to nginx!</h1></body></html>") -> Act:
    """Answer 200 with a web page, as a proxy in front of nothing does."""
    return raw(text.encode(), content_type="text/html")


def cut_json(text: str = "A long answer") -> Act:
    """Answer with half a completion whose length is stated rightly: JSON that ends too early, HTTP that does not."""
    whole = orjson.dumps(completion(text))
    return raw(whole[: len(whole) // 2])


def cut_body(text: str = "A long answer") -> Act:
    """Announce a whole completion, send half of it and close the connection."""
    return Act("short", payload=orjson.dumps(completion(text)))


def stall() -> Act:
    """Take the request and never answer, until the client leaves or the server is closed."""
    return Act("stall")


def reset() -> Act:
    """Reset the connection instead of answering."""
    return Act("reset")


def stream(
    pieces: Sequence[str],
    *,
    finish: str | None = "stop",
    usage: Usage | None = PLAIN_USAGE,
    is_done: bool = True,
    is_cut: bool = False,
    between: Sequence[bytes] = (),
    pause: float = 0.0,
) -> Act:
    """Answer with server-sent events: a piece each, the finish reason, the usage, the closing mark.

    Args:
        pieces: Texts of the deltas.
        finish: Finish reason of the last chunk; ``None`` sends no such chunk.
        usage: Token counts of the usage chunk; ``None`` sends no such chunk.
        is_done: Whether ``[DONE]`` is sent.
        is_cut: Close the connection after the pieces, in the middle of the transfer.
        between: Lines sent after the pieces as they are, each followed by a blank line: comments, broken events.
        pause: Seconds between two events.
    """
    frames = [event({"choices": [{"index": 0, "delta": {"role": "assistant", "content": ""}, "finish_reason": None}]})]
    frames += [event({"choices": [{"index": 0, "delta": {"content": piece}}]}) for piece in pieces]
    frames += [line + b"\n\n" for line in between]
    if not is_cut:
        if finish is not None:
            frames.append(event({"choices": [{"index": 0, "delta": {}, "finish_reason": finish}]}))
        if usage is not None:
            frames.append(event({"choices": [], "usage": dict(usage)}))
        if is_done:
            frames.append(b"data: [DONE]\n\n")
    return Act(
        "stream",
        frames=tuple(frames),
        content_type="text/event-stream",
        is_cut=is_cut,
        pause=pause,
        is_answer=is_done and not is_cut,
    )


def event(data: Mapping[str, Any]) -> bytes:
    """One server-sent event, with the frame that every chunk of a completion has."""
    frame = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "model": "served-model"}
    return b"data: " + orjson.dumps({**frame, **data}) + b"\n\n"


class ChatServer:
    """Serves ``/v1/chat/completions``, ``/v1/embeddings`` and ``/v1/models`` on 127.0.0.1, as a context manager.

    Args:
        answer: What is answered once the plan is used up. A body that asks for a stream gets a text as a stream.
        plan: What is done with the first, second ... chat request, whatever it asks.
        models: Names that ``/models`` lists, or an act.
        vectors: Makes the body of ``/embeddings`` out of the texts, or an act; by default a short vector a text.
        delay: Seconds that each answer takes.
    """

    def __init__(
        self,
        answer: Answer = "Hello.",
        *,
        plan: Sequence[str | Act] = (),
        models: Sequence[str] | Act = ("served-model",),
        vectors: Callable[[list[str]], Mapping[str, Any]] | Act | None = None,
        delay: float = 0.0,
    ) -> None:
        self.requests: list[dict[str, Any]] = []
        """Bodies of the chat requests, in the order they came."""
        self.headers: list[dict[str, str]] = []
        """Headers of the same requests, names in lower case."""
        self.paths: list[str] = []
        """``METHOD /path?query`` of every request to any address."""
        self.completed = 0
        """How many chat requests were answered to the last byte; refusals by status and broken replies do not count."""
        self.peak = 0
        """How many chat requests were in flight at most."""
        self._answer = answer
        self._plan: Iterator[str | Act] = iter(plan)
        self._models = models
        self._vectors = vectors
        self._delay = delay
        self._in_flight = 0
        self._port = 0
        self._loop = asyncio.new_event_loop()
        self._stopping = asyncio.Event()
        self._thread = threading.Thread(target=self._serve, name="chat server", daemon=True)
        self._is_up = threading.Event()
        self._trouble: BaseException | None = None

    @property
    def url(self) -> str:
        """Base URL, ending in ``/v1``."""
        return f"http://127.0.0.1:{self._port}/v1"

    def __enter__(self) -> Self:
        self._thread.start()
        self._is_up.wait(timeout=30)
        if self._trouble is not None or not self._port:
            raise RuntimeError("the chat server did not start") from self._trouble
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join(timeout=30)
        if self._trouble is not None:
            raise RuntimeError("the chat server broke down") from self._trouble

    def _serve(self) -> None:
        try:
            with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
                runner.run(self._listen())
        except BaseException as trouble:  # told to the thread of the test, where it can be seen
            self._trouble = trouble
        finally:
            self._is_up.set()

    async def _listen(self) -> None:
        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.router.add_post("/{root:.*}v1/chat/completions", self._chat)  # Azure and others put more before it
        app.router.add_post("/v1/messages", self._chat)
        app.router.add_post("/v1/embeddings", self._embed)
        app.router.add_get("/{root:.*}v1/models", self._list)
        self.add_routes(app)
        # A client that leaves ends the handler, so that stalled requests do not pile up.
        runner = web.AppRunner(app, access_log=None, handler_cancellation=True, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        self._port = runner.addresses[0][1]
        self._is_up.set()
        await self._stopping.wait()
        await close_down(runner)

    async def _chat(self, http: web.Request) -> web.StreamResponse:
        body: dict[str, Any] = orjson.loads(await http.read())
        self.paths.append(f"POST {http.path_qs}")
        self.requests.append(body)
        self.headers.append({name.lower(): value for name, value in http.headers.items()})
        self._in_flight += 1
        self.peak = max(self.peak, self._in_flight)
        try:
            if self._delay:
                await asyncio.sleep(self._delay)
            act = self._choose(body)
            response = await self._perform(http, act)
            self.completed += act.is_answer
            return response
        finally:
            self._in_flight -= 1

    def _choose(self, body: dict[str, Any]) -> Act:
        answer = next(self._plan, None)
        chosen = answer if answer is not None else self._answer(body) if callable(self._answer) else self._answer
        if isinstance(chosen, Act):
            return chosen
        if isinstance(chosen, str):
            return self.spell(chosen, is_streamed=bool(body.get("stream")))
        return reply(chosen)

    def add_routes(self, app: web.Application) -> None:
        """Serve further addresses."""

    def spell(self, text: str, *, is_streamed: bool) -> Act:
        """Answer with a text, in the wire format that this server speaks."""
        return stream([text]) if is_streamed else say(text)

    async def _embed(self, http: web.Request) -> web.StreamResponse:
        body = orjson.loads(await http.read())
        self.paths.append(f"POST {http.path}")
        if isinstance(self._vectors, Act):
            return await self._perform(http, self._vectors)
        texts: list[str] = body["input"]
        if self._vectors is not None:
            return await self._perform(http, reply(self._vectors(texts)))
        rows = [{"index": index, "embedding": [float(len(text)), 1.0]} for index, text in enumerate(texts)]
        return await self._perform(http, reply({"object": "list", "data": rows}))

    async def _list(self, http: web.Request) -> web.StreamResponse:
        self.paths.append(f"GET {http.path_qs}")
        if isinstance(self._models, Act):
            return await self._perform(http, self._models)
        rows = [{"id": name, "object": "model"} for name in self._models]
        return await self._perform(http, reply({"object": "list", "data": rows}))

    async def _perform(self, http: web.Request, act: Act) -> web.StreamResponse:
        if act.way == "stall":
            await self._stopping.wait()
            return _drop(http)
        if act.way == "reset":
            return _drop(http, is_reset=True)
        response = web.StreamResponse(status=act.status, headers=dict(act.headers))
        response.content_type = act.content_type
        if act.way == "stream":
            response.enable_chunked_encoding()
            await response.prepare(http)
            with suppress(ConnectionResetError):  # a client may leave a stream when it likes
                for frame in act.frames:
                    await response.write(frame)
                    if act.pause:
                        await asyncio.sleep(act.pause)
        else:
            response.content_length = len(act.payload)
            await response.prepare(http)
            await response.write(act.payload[: len(act.payload) // 2] if act.way == "short" else act.payload)
        if act.is_cut or act.way == "short":
            return _drop(http, response)
        await response.write_eof()
        return response


async def close_down(runner: web.AppRunner) -> None:
    """Stop listening, and leave no connection to be found open when its loop is gone."""
    held = [] if runner.server is None else [connection.transport for connection in runner.server.connections]
    await runner.cleanup()
    for transport in held:
        if transport is not None:
            transport.abort()  # closing waits for a peer that may have stopped reading
    for _ in range(2):  # a transport lets its socket go in the next turn of the loop
        await asyncio.sleep(0)


def _drop(
    http: web.Request, response: web.StreamResponse | None = None, *, is_reset: bool = False
) -> web.StreamResponse:
    transport = http.transport
    if transport is not None:
        connection = transport.get_extra_info("socket")
        if is_reset and connection is not None:
            # Closing without lingering makes the kernel send a reset.
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            transport.abort()
        else:
            transport.close()
    return response or web.Response()


@contextmanager
def closed_port() -> Iterator[int]:
    """A port of 127.0.0.1 where nobody listens, held so that nobody begins to."""
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        yield holder.getsockname()[1]
