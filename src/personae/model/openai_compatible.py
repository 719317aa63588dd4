"""One thin client for every endpoint that speaks chat completions: OpenAI, Ollama, vLLM, llama.cpp, OpenRouter ..."""

from __future__ import annotations

import asyncio
import base64
import math
import re
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

import orjson

from personae.canonical import content_hash
from personae.errors import InputError
from personae.model.failure import ProviderError, kind_of_status
from personae.model.reply import Reply
from personae.model.request import Request
from personae.model.streamed import StreamedReply
from personae.model.wire import choice_scores, error_message, parse_event, parse_reply, request_body

if TYPE_CHECKING:
    import aiohttp

_CONNECT_SECONDS = 10.0
_MOST_RETRY_AFTER = 120.0
_MOST_BYTES = 64 * 1024 * 1024
_LEAST_SECRET = 8  # shorter keys are placeholders (EMPTY, none, x): taking them out would tear words out of replies


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
    most_bytes: int = _MOST_BYTES
    """Bytes that one reply may have, unpacked; a server that sends without end must not fill the memory."""


class OpenAICompatible:
    """Asks an OpenAI-compatible endpoint. One call, one try: retries and caching are wrappers around it.

    When to use: :func:`personae.model.open_model` makes it from a name such as ``openai/gpt-4o-mini`` or
    ``http://host:8000/v1#name``; build it yourself for an endpoint that no name covers.
    """

    def __init__(self, name: str, endpoint: Endpoint) -> None:
        check_base_url(endpoint.base_url, where=name)
        if not (endpoint.api_key.isascii() and endpoint.api_key.isprintable()):
            raise InputError(
                "the API key holds a line break or a character that no key has",
                where=endpoint.key_variable or name,
                remedy="copy the key again",
            )
        self.name = name
        self.endpoint = replace(endpoint, base_url=endpoint.base_url.rstrip("/"))
        self._spellings = spellings_of(endpoint.api_key)
        self._session: aiohttp.ClientSession | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def identity(self) -> str:
        """Endpoint, model and the options that change an answer."""
        end = self.endpoint
        options = [dict(end.extra_body), end.max_tokens_field, end.send_seed]
        return f"{end.base_url}#{end.model}#{content_hash(options)[:12]}"

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
        sampling = replace(request.sampling, max_tokens=1, top_logprobs=20, temperature=0.0, n=1)
        reply = await self.generate(replace(request, sampling=sampling))
        if not reply.logprobs:
            raise ProviderError("unsupported", "the endpoint reports no log-probabilities", model=self.name)
        return choice_scores(reply.logprobs, request.choices)

    async def stream(self, request: Request) -> AsyncIterator[str | Reply]:
        """Yield pieces of text as they arrive and, last, the whole reply."""
        started = time.perf_counter()
        reply = StreamedReply(self.name)
        async with aclosing(self._events(self._body(request, stream=True))) as events:
            async for event in events:
                if piece := reply.add(event):
                    yield piece
        yield reply.whole(time.perf_counter() - started)

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
            if error.kind in ("authentication", "unreachable", "timeout"):
                raise

    async def aclose(self) -> None:
        """Close the connections."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    def _body(self, request: Request, *, stream: bool = False) -> dict[str, Any]:
        end = self.endpoint
        body = request_body(
            request, end.model, max_tokens_field=end.max_tokens_field, send_seed=end.send_seed, stream=stream
        )
        return {**body, **end.extra_body}

    def _open(self) -> aiohttp.ClientSession:
        import aiohttp

        loop = asyncio.get_running_loop()
        # A second asyncio.run finds connections that belong to the loop of the first one, which is gone.
        if self._session is None or self._session.closed or self._loop is not loop:
            headers = {"Content-Type": "application/json"}
            if self.endpoint.api_key:
                headers["Authorization"] = f"Bearer {self.endpoint.api_key}"
            timeout = aiohttp.ClientTimeout(total=self.endpoint.timeout, sock_connect=_CONNECT_SECONDS)
            # The runner bounds how many calls are in flight; a second bound here would only hide it.
            connector = aiohttp.TCPConnector(limit=0)
            self._session = aiohttp.ClientSession(headers=headers, timeout=timeout, connector=connector)
            self._loop = loop
        return self._session

    async def _exchange(self, method: str, path: str, body: Mapping[str, Any] | None) -> tuple[bytes, str]:
        data = None if body is None else orjson.dumps(body)
        with self._translated():
            async with self._open().request(method, self.endpoint.base_url + path, data=data) as response:
                payload = self._without_key(await self._read(response))
                request_id = self._request_id(response)
                if response.status >= 400:
                    raise self._refused(response.status, payload, response.headers, request_id)
                return payload, request_id

    async def _events(self, body: Mapping[str, Any]) -> AsyncGenerator[dict[str, Any]]:
        left = self.endpoint.most_bytes
        with self._translated():
            url = self.endpoint.base_url + "/chat/completions"
            async with self._open().post(url, data=orjson.dumps(body)) as response:
                if response.status >= 400:
                    payload = self._without_key(await self._read(response))
                    raise self._refused(response.status, payload, response.headers, self._request_id(response))
                async for line in response.content:
                    left -= len(line)
                    if left < 0:
                        raise self._too_large(response)
                    event = parse_event(self._without_key(line))
                    if event is not None:
                        yield event

    async def _read(self, response: aiohttp.ClientResponse) -> bytes:
        """The whole body, if it is not larger than a reply may be."""
        length, most = response.content_length, self.endpoint.most_bytes
        if length is not None and length > most:
            raise self._too_large(response)
        if length is not None and "Content-Encoding" not in response.headers:
            return await response.read()
        pieces = []
        async for piece in response.content.iter_any():
            most -= len(piece)
            if most < 0:
                raise self._too_large(response)
            pieces.append(piece)
        return b"".join(pieces)

    def _too_large(self, response: aiohttp.ClientResponse) -> ProviderError:
        response.close()  # what is still to come is not read
        size = f"{self.endpoint.most_bytes / 2**20:g} MiB"
        return ProviderError("bad_reply", f"the reply is larger than {size}", model=self.name, status=response.status)

    def _request_id(self, response: aiohttp.ClientResponse) -> str:
        found = response.headers.get("x-request-id", "")
        return self._without_key(found.encode("utf-8", "replace")).decode("utf-8", "replace")

    def _without_key(self, payload: bytes) -> bytes:
        """Take the key out of what came back: some servers repeat the headers they were sent."""
        for spelling in self._spellings:
            payload = payload.replace(spelling, b"[key]")
        return payload

    def _translated(self) -> _translated:
        return _translated(self.name, self.endpoint.timeout, self._without_key)

    def _refused(self, status: int, payload: bytes, headers: Mapping[str, str], request_id: str) -> ProviderError:
        message, code = error_message(payload.decode("utf-8", "replace"))
        kind = kind_of_status(status, f"{code} {message}")
        return ProviderError(
            kind, message, model=self.name, status=status, request_id=request_id, retry_after=_retry_after(headers)
        )


def spellings_of(secret: str) -> tuple[bytes, ...]:
    """How a secret may look when a server repeats it: bare, in a URL, in JSON, in base64 at any offset.

    Example:
        >>> spellings_of("key/with+signs")[:2]
        (b'key/with+signs', b'key%2Fwith%2Bsigns')
    """
    if len(secret) < _LEAST_SECRET:
        return ()
    plain = [secret, quote(secret, safe=""), orjson.dumps(secret).decode()[1:-1]]
    plain += [secret.replace("/", escaped) for escaped in ("\\/", "\\\\/")]  # in JSON, and in JSON within JSON
    coded = []
    for offset in range(3):  # letters at the ends depend on the neighbours and are left out
        text = base64.b64encode(b"\0" * offset + secret.encode()).decode().rstrip("=")
        middle = text[(0, 2, 3)[offset] : -1]
        coded += [middle, middle.replace("+", "-").replace("/", "_")]
    return tuple(dict.fromkeys(spelling.encode() for spelling in [*plain, *coded]))


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait, two minutes at most, from ``retry-after-ms`` or ``Retry-After``.

    A date or nonsense counts as not given.
    """
    for name, scale in (("retry-after-ms", 0.001), ("Retry-After", 1.0)):
        try:
            seconds = float(headers[name]) * scale
        except (KeyError, ValueError):
            continue
        if math.isfinite(seconds):
            return min(max(seconds, 0.0), _MOST_RETRY_AFTER)
    return None


def check_base_url(url: str, *, where: str) -> None:
    """Refuse a base URL that nothing can be appended to, or that carries a secret into names, files and messages.

    Raises:
        InputError: If it is not http(s), names no host, or has a user name, a query or a fragment.
    """
    fault, remedy = "", "write http://HOST:PORT/v1"
    try:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.port == 0:
            fault = "is not an http(s) URL"
        elif parts.username is not None:
            fault, remedy = "carries a user name or a password", "leave it out and set the API key in its variable"
        elif parts.query or parts.fragment:
            fault = "has a query or a fragment"
    except ValueError as error:
        fault = f"is not a URL ({error})"
    if fault:
        raise InputError(f"the base URL {_shown(url)!r} {fault}", where=_shown(where), remedy=remedy)


def _shown(url: str) -> str:
    """A URL as it may be shown: without what stands before the host and after the path."""
    return re.sub(r"//[^/?#]*@", "//", url).partition("?")[0]


class _translated:  # noqa: N801  # reads as a verb at its two uses
    """Turns what the HTTP library raises into the kinds of :mod:`personae.model.failure`."""

    def __init__(self, name: str, timeout: float, without_key: Callable[[bytes], bytes]) -> None:
        self._name = name
        self._timeout = timeout
        self._without_key = without_key

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if error is None or isinstance(error, ProviderError):
            return
        import aiohttp
        from aiohttp.http_exceptions import HttpProcessingError

        if isinstance(error, asyncio.TimeoutError):
            # aiohttp's connect timeout is one of these too: nothing answered at all.
            if isinstance(error, aiohttp.ConnectionTimeoutError):
                raise ProviderError("unreachable", "no answer to the connection", model=self._name) from error
            raise ProviderError("timeout", f"no answer within {self._timeout:g} s", model=self._name) from error
        said, cause = self._say(error)
        if isinstance(error, aiohttp.ClientPayloadError):
            raise ProviderError("bad_reply", f"the reply was cut off: {said}", model=self._name) from cause
        if isinstance(error, aiohttp.ServerDisconnectedError):
            raise ProviderError("overloaded", "the server closed the connection", model=self._name) from error
        if isinstance(error, aiohttp.RedirectClientError):
            raise ProviderError("unreachable", "redirected to what is no web address", model=self._name) from None
        if isinstance(error, aiohttp.InvalidURL):
            remedy = "write http://HOST:PORT/v1"
            raise InputError(f"the base URL is not a URL: {error}", where=self._name, remedy=remedy) from error
        if isinstance(error, (aiohttp.ClientError, OSError)):
            raise ProviderError("unreachable", said, model=self._name) from cause
        if isinstance(error, (ValueError, HttpProcessingError)):
            # A line without end or one that is no event. The error quotes it, key and all, so it is not passed on.
            raise ProviderError("bad_reply", f"a broken reply ({type(error).__name__})", model=self._name) from None

    def _say(self, error: BaseException) -> tuple[str, BaseException | None]:
        """An error in words without the key, and the error itself if its own words may be passed on."""
        told = str(error)
        said = self._without_key(told.encode("utf-8", "replace")).decode("utf-8", "replace")
        return said, error if said == told else None
