"""One thin client for every endpoint that speaks chat completions: OpenAI, Ollama, vLLM, llama.cpp, OpenRouter ..."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import orjson

from personae.canonical import content_hash
from personae.errors import InputError
from personae.model.failure import ProviderError, kind_of_status
from personae.model.reply import Finish, Reply, Usage
from personae.model.request import Request
from personae.model.wire import choice_scores, error_message, parse_event, parse_reply, parse_usage, request_body

if TYPE_CHECKING:
    import aiohttp

_CONNECT_SECONDS = 10.0
_MOST_RETRY_AFTER = 120.0


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where and how a model is reached. The key is read from ``key_variable`` and kept out of every representation."""

    base_url: str
    """URL that ``/chat/completions`` is appended to, as ``OPENAI_BASE_URL`` has it: it ends in ``/v1`` mostly."""
    model: str
    """Model as the endpoint knows it."""
    api_key: str = field(default="", repr=False)
    key_variable: str = ""
    timeout: float = 120.0
    """Seconds that one call may take, from connecting to the last byte."""
    max_tokens_field: str = "max_tokens"
    send_seed: bool = True
    extra_body: Mapping[str, Any] = field(default_factory=dict)
    """Further fields of the request body, for what one endpoint knows and others do not."""


class OpenAICompatible:
    """Asks an OpenAI-compatible endpoint. One call, one try: retries and caching are wrappers around it.

    When to use: :func:`personae.model.open_model` makes it from a name such as ``openai/gpt-4o-mini`` or
    ``http://host:8000/v1#name``; build it yourself for an endpoint that no name covers.
    """

    def __init__(self, name: str, endpoint: Endpoint) -> None:
        if not endpoint.base_url.startswith(("http://", "https://")):
            raise InputError(
                f"the base URL {endpoint.base_url!r} is not an http(s) URL",
                where=name,
                remedy="write http://HOST:PORT/v1",
            )
        self.name = name
        self.endpoint = replace(endpoint, base_url=endpoint.base_url.rstrip("/"))
        self._session: aiohttp.ClientSession | None = None

    @property
    def identity(self) -> str:
        """Endpoint, model and the options that change an answer."""
        end = self.endpoint
        options = content_hash({"extra_body": dict(end.extra_body), "send_seed": end.send_seed})[:12]
        return f"{end.base_url}#{end.model}#{options}"

    async def generate(self, request: Request) -> Reply:
        """Answer one request by one HTTP call."""
        body = self._body(request)
        started = time.perf_counter()
        payload, request_id = await self._exchange("POST", "/chat/completions", body)
        return parse_reply(payload, model=self.name, seconds=time.perf_counter() - started, request_id=request_id)

    async def score(self, request: Request) -> dict[str, float]:
        """Score closed choices by the log-probabilities of the first token.

        Raises:
            ProviderError: ``unsupported`` if the endpoint reports no log-probabilities.
        """
        sampling = replace(request.sampling, max_tokens=1, top_logprobs=20, temperature=0.0)
        reply = await self.generate(replace(request, sampling=sampling))
        if not reply.logprobs:
            raise ProviderError("unsupported", "the endpoint reports no log-probabilities", model=self.name)
        return choice_scores(reply.logprobs, request.choices)

    async def stream(self, request: Request) -> AsyncIterator[str | Reply]:
        """Yield pieces of text as they arrive and, last, the whole reply."""
        started = time.perf_counter()
        pieces: list[str] = []
        usage, finish, served, reply_id, refusal = Usage(), "", self.name, "", ""
        async for event in self._events(self._body(request, stream=True)):
            served, reply_id = str(event.get("model") or served), str(event.get("id") or reply_id)
            if event.get("usage"):
                usage = parse_usage(event["usage"])
            for choice in event.get("choices") or ():
                delta = choice.get("delta") or {}
                finish = choice.get("finish_reason") or finish
                refusal += delta.get("refusal") or ""
                if piece := delta.get("content"):
                    pieces.append(piece)
                    yield piece
        known: dict[str, Finish] = {"stop": "stop", "length": "length", "content_filter": "filtered"}
        if not finish and not pieces:
            raise ProviderError("bad_reply", "the stream ended without a word", model=self.name)
        yield Reply(
            text="".join(pieces),
            finish=known.get(finish, "unknown"),
            model=served,
            usage=usage,
            refusal=refusal,
            request_id=reply_id,
            seconds=time.perf_counter() - started,
        )

    async def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """Embed texts at ``/embeddings``."""
        payload, request_id = await self._exchange(
            "POST", "/embeddings", {"model": self.endpoint.model, "input": list(texts)}
        )
        try:
            rows = sorted(orjson.loads(payload)["data"], key=lambda row: row["index"])
            vectors = [[float(value) for value in row["embedding"]] for row in rows]
        except (ValueError, KeyError, TypeError) as error:
            raise ProviderError(
                "bad_reply", "not a list of embeddings", model=self.name, request_id=request_id
            ) from error
        if len(vectors) != len(texts):
            raise ProviderError("bad_reply", f"{len(vectors)} vectors for {len(texts)} texts", model=self.name)
        return vectors

    async def list_models(self) -> list[str]:
        """Names of the models that the endpoint serves, as ``/models`` tells them."""
        payload, _ = await self._exchange("GET", "/models", None)
        try:
            return sorted(str(row["id"]) for row in orjson.loads(payload)["data"])
        except (ValueError, KeyError, TypeError) as error:
            raise ProviderError("bad_reply", "not a list of models", model=self.name) from error

    async def check(self) -> None:
        """Find out whether the endpoint can be reached with this key; an endpoint without ``/models`` passes."""
        if self.endpoint.key_variable and not self.endpoint.api_key:
            raise ProviderError("authentication", f"{self.endpoint.key_variable} is not set", model=self.name)
        try:
            await self._exchange("GET", "/models", None)
        except ProviderError as error:
            if error.kind in ("authentication", "unreachable"):
                raise

    async def aclose(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    def _body(self, request: Request, *, stream: bool = False) -> dict[str, Any]:
        end = self.endpoint
        body = request_body(
            request, end.model, max_tokens_field=end.max_tokens_field, send_seed=end.send_seed, stream=stream
        )
        return {**body, **end.extra_body}

    def _open(self) -> aiohttp.ClientSession:
        import aiohttp

        if self._session is None or self._session.closed:
            headers = {"Content-Type": "application/json"}
            if self.endpoint.api_key:
                headers["Authorization"] = f"Bearer {self.endpoint.api_key}"
            timeout = aiohttp.ClientTimeout(total=self.endpoint.timeout, sock_connect=_CONNECT_SECONDS)
            # The runner bounds how many calls are in flight; a second bound here would only hide it.
            connector = aiohttp.TCPConnector(limit=0)
            self._session = aiohttp.ClientSession(headers=headers, timeout=timeout, connector=connector)
        return self._session

    async def _exchange(self, method: str, path: str, body: Mapping[str, Any] | None) -> tuple[bytes, str]:
        data = None if body is None else orjson.dumps(body)
        with _translated(self.name, self.endpoint.timeout):
            async with self._open().request(method, self.endpoint.base_url + path, data=data) as response:
                payload = await response.read()
                request_id = response.headers.get("x-request-id", "")
                if response.status >= 400:
                    raise self._refused(response.status, payload, response.headers, request_id)
                return payload, request_id

    async def _events(self, body: Mapping[str, Any]) -> AsyncIterator[dict[str, Any]]:
        with _translated(self.name, self.endpoint.timeout):
            url = self.endpoint.base_url + "/chat/completions"
            async with self._open().post(url, data=orjson.dumps(body)) as response:
                request_id = response.headers.get("x-request-id", "")
                if response.status >= 400:
                    raise self._refused(response.status, await response.read(), response.headers, request_id)
                async for line in response.content:
                    try:
                        event = parse_event(line)
                    except ValueError as error:
                        raise ProviderError("bad_reply", f"broken event: {error}", model=self.name) from error
                    if event is not None:
                        yield event

    def _refused(self, status: int, payload: bytes, headers: Mapping[str, str], request_id: str) -> ProviderError:
        body = payload.decode("utf-8", "replace")
        message, code = error_message(body)
        if self.endpoint.api_key:
            message = message.replace(self.endpoint.api_key, "[key]")
        kind = kind_of_status(status, f"{code} {message}")
        return ProviderError(
            kind, message, model=self.name, status=status, request_id=request_id, retry_after=_retry_after(headers)
        )


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait, from ``retry-after-ms`` or ``Retry-After``; a date or nonsense counts as not given."""
    for name, scale in (("retry-after-ms", 0.001), ("Retry-After", 1.0)):
        try:
            return min(max(float(headers[name]) * scale, 0.0), _MOST_RETRY_AFTER)
        except (KeyError, ValueError):
            continue
    return None


class _translated:  # noqa: N801  # reads as a verb at its two uses
    """Turns what the HTTP library raises into the kinds of :mod:`personae.model.failure`."""

    def __init__(self, name: str, timeout: float) -> None:
        self._name = name
        self._timeout = timeout

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if error is None or isinstance(error, ProviderError):
            return
        import aiohttp

        if isinstance(error, asyncio.TimeoutError):
            # aiohttp's connect timeout is one of these too: nothing answered at all.
            if isinstance(error, aiohttp.ConnectionTimeoutError):
                raise ProviderError("unreachable", "no answer to the connection", model=self._name) from error
            raise ProviderError("timeout", f"no answer within {self._timeout:g} s", model=self._name) from error
        if isinstance(error, aiohttp.ClientPayloadError):
            raise ProviderError("bad_reply", f"the reply was cut off: {error}", model=self._name) from error
        if isinstance(error, aiohttp.ServerDisconnectedError):
            raise ProviderError("overloaded", "the server closed the connection", model=self._name) from error
        if isinstance(error, aiohttp.InvalidURL):
            raise InputError(f"the base URL is not a URL: {error}", where=self._name) from error
        if isinstance(error, (aiohttp.ClientError, OSError)):
            raise ProviderError("unreachable", str(error), model=self._name) from error
