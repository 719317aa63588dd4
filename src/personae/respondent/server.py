"""The simulated respondent behind an OpenAI-compatible server, so that any tool can be tested on a known truth."""

from __future__ import annotations

import asyncio
import signal
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import orjson

from personae.canonical import content_hash
from personae.errors import InputError
from personae.model import ProviderError, Reply, Request, Sampling, Schema, messages_from_json
from personae.model.wire import reply_body, usage_body
from personae.respondent.sim import NAME, SimulatedRespondent

if TYPE_CHECKING:
    from aiohttp import web

_CREATED = 1_700_000_000  # fixed: the same request gets the same bytes
_MOST_REMEMBERED = 100_000
_MOST_BODY = 16 * 1024 * 1024
_MOST_SEED = 2**63  # a seed has to fit into JSON that every client can read
_PIECE = 24  # characters of a streamed event


class SimServer:
    """Serves a respondent on loopback; an async context manager, so that it stops by itself.

    Requests with a seed get the same reply every time. A request without one is a fresh draw each time it is asked, as
    with any language model: its first asking is replicate 0, its second replicate 1.

    Args:
        respondent: Who answers.
        host: Address to listen on.
        port: Port to listen on; 0 takes a free one.
    """

    def __init__(self, respondent: SimulatedRespondent, *, host: str = "127.0.0.1", port: int = 0) -> None:
        self._respondent = respondent
        self._host = host
        self._port = port
        self._asked: OrderedDict[str, int] = OrderedDict()
        self._runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        """Base URL, ending in ``/v1``, once it runs."""
        return f"http://{self._host}:{self._port}/v1"

    async def __aenter__(self) -> SimServer:
        from aiohttp import web

        app = web.Application(client_max_size=_MOST_BODY)
        app.router.add_post("/v1/chat/completions", self._chat)
        app.router.add_get("/v1/models", self._models)
        app.router.add_get("/health", self._health)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, self._host, self._port)
        try:
            await site.start()
        except OSError as error:
            await self._runner.cleanup()
            raise InputError(
                f"cannot listen ({error.strerror})", where=f"{self._host}:{self._port}", remedy="choose another --port"
            ) from error
        self._port = self._runner.addresses[0][1]
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    async def _chat(self, http: web.Request) -> web.StreamResponse:
        from aiohttp import web

        try:
            body = orjson.loads(await http.read())
            request = read_request(body)
        except (ValueError, TypeError, KeyError, AttributeError, OverflowError) as error:
            return _error(400, f"the request is malformed: {error}")
        except web.HTTPRequestEntityTooLarge:
            return _error(413, f"the request is longer than {_MOST_BODY} bytes", "request_too_large")
        if body.get("model", NAME) != NAME:
            return _error(
                404, f"the model {body['model']!r} does not exist; this server has {NAME!r}", "model_not_found"
            )
        try:
            reply = self._respondent.answer(self._numbered(request))
        except ProviderError as error:
            return _error(error.status or 400, error.what)
        if body.get("stream"):
            return await self._stream(http, reply)
        return _json(200, reply_body(reply, created=_CREATED))

    async def _stream(self, http: web.Request, reply: Reply) -> web.StreamResponse:
        from aiohttp import web

        response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-cache"})
        await response.prepare(http)
        frame = {"id": reply.request_id, "object": "chat.completion.chunk", "created": _CREATED, "model": reply.model}
        for whole in reply_body(reply, created=_CREATED)["choices"]:
            index, text = whole["index"], whole["message"]["content"]
            for start in range(0, len(text), _PIECE):
                choice = {"index": index, "delta": {"content": text[start : start + _PIECE]}, "finish_reason": None}
                await response.write(_event({**frame, "choices": [choice]}))
            last = {"index": index, "delta": {}, **{key: whole[key] for key in ("finish_reason", "logprobs")}}
            await response.write(_event({**frame, "choices": [last]}))
        await response.write(_event({**frame, "choices": [], "usage": usage_body(reply.usage)}))
        await response.write(b"data: [DONE]\n\n")
        await response.write_eof()
        return response

    async def _models(self, _: web.Request) -> web.Response:
        row = {"id": NAME, "object": "model", "created": _CREATED, "owned_by": "personae"}
        return _json(200, {"object": "list", "data": [row]})

    async def _health(self, _: web.Request) -> web.Response:
        return _json(200, {"status": "ok", "model": self._respondent.identity})

    def _numbered(self, request: Request) -> Request:
        """Give a request without a seed the replicate of how often it was asked before."""
        if request.sampling.seed is not None:
            return request
        key = content_hash(request)
        count = self._asked.get(key, 0)
        self._asked[key] = count + 1
        self._asked.move_to_end(key)
        if len(self._asked) > _MOST_REMEMBERED:
            self._asked.popitem(last=False)
        return replace(request, replicate=count)


def read_request(body: Mapping[str, Any]) -> Request:
    """Read a chat-completions body as a request; fields that do not change a simulated answer are ignored.

    Raises:
        ValueError, TypeError, KeyError: If it is malformed.
    """
    stop = body.get("stop") or ()
    limit = body.get("max_completion_tokens", body.get("max_tokens"))
    seed = None if body.get("seed") is None else int(body["seed"])
    if seed is not None and abs(seed) >= _MOST_SEED:
        raise ValueError("the seed is no 64-bit integer")
    sampling = Sampling(
        temperature=_number(body, "temperature"),
        top_p=_number(body, "top_p"),
        max_tokens=None if limit is None else int(limit),
        seed=seed,
        stop=(stop,) if isinstance(stop, str) else tuple(map(str, stop)),
        n=max(1, min(64, int(body.get("n") or 1))),
        top_logprobs=int(body.get("top_logprobs") or 0) if body.get("logprobs") else 0,
    )
    messages = messages_from_json(body["messages"])
    if not messages:
        raise ValueError("messages is empty")
    return Request(messages, sampling, schema=_schema(body.get("response_format")))


def _schema(wanted: Mapping[str, Any] | None) -> Schema | None:
    if not wanted or wanted.get("type") == "text":
        return None
    if wanted.get("type") == "json_schema":
        inner = wanted["json_schema"]
        definition = inner.get("schema", {})
        if not isinstance(definition, Mapping):
            raise ValueError("the schema is not an object")
        return Schema(str(inner.get("name", "reply")), definition)
    return Schema("reply", {"type": "object", "properties": {"answer": {"type": "string"}}})


def _number(body: Mapping[str, Any], name: str) -> float | None:
    value = body.get(name)
    return None if value is None else float(value)


def _json(status: int, data: Mapping[str, Any]) -> web.Response:
    from aiohttp import web

    return web.Response(status=status, body=orjson.dumps(data), content_type="application/json")


def _event(data: Mapping[str, Any]) -> bytes:
    return b"data: " + orjson.dumps(data) + b"\n\n"


def _error(status: int, message: str, code: str = "invalid_request_error") -> web.Response:
    return _json(status, {"error": {"message": message, "type": "invalid_request_error", "param": None, "code": code}})


async def serve_forever(server: SimServer, announce: Callable[[str], object] = print) -> None:
    """Serve until interrupted.

    Args:
        server: What is served.
        announce: Told the base URL once it listens.
    """
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stopped.set)
    async with server:
        announce(server.url)
        await stopped.wait()
