"""HTTP to the endpoint of a model: one session, one exchange, one way to turn every fault into a kind of failure.

The clients of :mod:`personae.model.openai_compatible` and :mod:`personae.model.anthropic` differ in words only.
"""

from __future__ import annotations

import asyncio
import base64
import math
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import quote, urlencode

import orjson

from personae.errors import InputError
from personae.model.endpoint import Endpoint
from personae.model.failure import ProviderError, kind_of_status
from personae.model.rust_http import RustHttp, has_rust_http, too_large
from personae.model.wire import error_message, parse_event

if TYPE_CHECKING:
    import aiohttp

_CONNECT_SECONDS = 10.0
_MOST_RETRY_AFTER = 120.0
Pieces = AsyncIterator[bytes]
"""An answer while it comes."""

_LEAST_SECRET = 8  # shorter keys are placeholders (EMPTY, none, x): taking them out would tear words out of replies


class EndpointClient:
    """What all clients of endpoints share: connections, a key that shows nowhere, and a list of models.

    Args:
        name: Name of the model, for errors.
        endpoint: Where and how it is reached.
    """

    models_path: ClassVar[str] = "/models"

    def __init__(self, name: str, endpoint: Endpoint) -> None:
        endpoint.check(name)
        self.name = name
        self.endpoint = replace(endpoint, base_url=endpoint.base_url.rstrip("/"))
        # aiohttp takes an Authorization away when it is sent on to another host, but no other header.
        self._is_sent_on = endpoint.key_header == "Authorization"
        self._query = urlencode(endpoint.query)
        self._spellings = spellings_of(endpoint.api_key)
        self._session: aiohttp.ClientSession | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._rust: RustHttp | None = None
        self.may_be_left = False
        """Whether a call that is cancelled has to end at the endpoint too, as where somebody waits for it who may go.

        Calls by pyreqwest (to 0.15.1) go on there when they are cancelled, and are paid for: such clients use aiohttp.
        """

    async def list_models(self) -> list[str]:
        """Names of the models that the endpoint serves, as ``/models`` tells them."""
        payload, _ = await self.exchange("GET", self.models_path)
        try:
            return sorted(str(row["id"]) for row in orjson.loads(payload)["data"])
        except (ValueError, KeyError, TypeError) as error:
            raise ProviderError("bad_reply", "not a list of models", model=self.name) from error

    async def check(self) -> None:
        """Find out whether the endpoint can be reached with this key; an endpoint without ``/models`` passes."""
        if self.endpoint.key_variable and not self.endpoint.api_key:
            raise ProviderError("authentication", f"{self.endpoint.key_variable} is not set", model=self.name)
        try:
            await self.exchange("GET", self.models_path)
        except ProviderError as error:
            if error.kind in ("authentication", "unreachable", "timeout"):
                raise

    async def aclose(self) -> None:
        """Close the connections."""
        session, self._session = self._session, None
        rust, self._rust = self._rust, None
        if session is not None:
            await session.close()
        if rust is not None:
            await rust.close()

    async def exchange(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, **options: Any
    ) -> tuple[bytes, str]:
        """Make one HTTP call and give the body of its answer, and the provider's identifier of the call.

        Args:
            method: ``GET`` or ``POST``.
            path: What is appended to the base URL.
            body: What is sent as JSON.
            **options: Further arguments of :meth:`aiohttp.ClientSession.request`.

        Raises:
            ProviderError: If the answer is an error, or none came.
        """
        data = None if body is None else orjson.dumps(body)
        if has_rust_http() and not options and not self.may_be_left:
            status, headers, payload = await self._open_rust().send(method, self._url(path), data)
            if not (self._is_sent_on and 300 <= status < 400):
                payload, request_id = self._without_key(payload), self._request_id(headers)
                if status >= 300:
                    raise self._refused(status, payload, headers, request_id)
                return payload, request_id
        if data is not None:
            options["data"] = data
        with self._translated():
            async with self._open().request(
                method, self._url(path), allow_redirects=self._is_sent_on, **options
            ) as response:
                payload = self._without_key(await self._read(response))
                request_id = self._request_id(response.headers)
                if response.status >= 300:
                    raise self._refused(response.status, payload, response.headers, request_id)
                return payload, request_id

    async def relay(self, path: str, data: bytes) -> tuple[int, Mapping[str, str], bytes]:
        """Make one call with a body that is spelled already, and give status, headers and body of whatever answer came.

        When to use: to pass calls of others on; :meth:`exchange` makes calls of one's own and raises what is refused.
        Cancelling it closes the connection, so that the endpoint stops writing.

        Raises:
            ProviderError: If no whole answer came.
        """
        with self._translated():
            async with self._open().post(self._url(path), data=data, allow_redirects=self._is_sent_on) as response:
                return response.status, response.headers, self._without_key(await self._read(response))

    @asynccontextmanager
    async def relay_stream(self, path: str, data: bytes) -> AsyncIterator[tuple[int, Mapping[str, str], Pieces]]:
        """As :meth:`relay`, for an answer that is passed on while it comes: pieces end where a line does.

        Leaving the context before the answer has ended closes the connection, so that the endpoint stops writing.
        """
        with self._translated():
            async with self._open().post(
                self._url(path), data=data, timeout=self.patience(), allow_redirects=self._is_sent_on
            ) as response:
                yield response.status, response.headers, self._pieces(response)

    async def _pieces(self, response: aiohttp.ClientResponse) -> AsyncGenerator[bytes]:
        """What comes, in whole lines, so that a key cannot hide between two pieces."""
        left, rest = self.endpoint.most_bytes, b""
        async for piece in response.content.iter_any():
            left -= len(piece)
            if left < 0:
                raise self._too_large(response)
            whole, line_end, rest = (rest + piece).rpartition(b"\n")
            if line_end:
                yield self._without_key(whole + line_end)
        if rest:
            yield self._without_key(rest)

    async def events(self, path: str, body: Mapping[str, Any]) -> AsyncGenerator[dict[str, Any]]:
        """Make one call that is answered by server-sent events, and yield them as they come.

        Raises:
            ProviderError: If the answer is an error, is cut off, or holds what is no event.
        """
        left = self.endpoint.most_bytes
        with self._translated():
            async with self._open().post(
                self._url(path), data=orjson.dumps(body), allow_redirects=self._is_sent_on
            ) as response:
                await self._raise_refused(response)
                async for line in response.content:
                    left -= len(line)
                    if left < 0:
                        raise self._too_large(response)
                    event = parse_event(self._without_key(line))
                    if event is not None:
                        yield event

    async def lines(self, path: str) -> AsyncGenerator[bytes]:
        """Yield the lines of a file of any length; the limit of time holds for each piece of it, not for the whole.

        Raises:
            ProviderError: If the answer is an error or is cut off.
        """
        with self._translated():
            async with self._open().get(
                self._url(path), timeout=self.patience(), allow_redirects=self._is_sent_on
            ) as response:
                await self._raise_refused(response)
                rest = b""
                async for piece in response.content.iter_any():
                    *whole, rest = (rest + piece).split(b"\n")
                    for line in whole:
                        yield self._without_key(line)
                yield self._without_key(rest)

    def patience(self) -> aiohttp.ClientTimeout:
        """Limits for files: connecting and each wait for a piece are bounded, the transfer as a whole is not."""
        import aiohttp

        return aiohttp.ClientTimeout(total=None, sock_connect=_CONNECT_SECONDS, sock_read=self.endpoint.timeout)

    def _url(self, path: str) -> str:
        url = self.endpoint.base_url + path
        return f"{url}{'&' if '?' in path else '?'}{self._query}" if self._query else url

    def _open(self) -> aiohttp.ClientSession:
        import aiohttp

        loop = asyncio.get_running_loop()
        # A second asyncio.run finds connections that belong to the loop of the first one, which is gone.
        if self._session is None or self._session.closed or self._loop is not loop:
            timeout = aiohttp.ClientTimeout(total=self.endpoint.timeout, sock_connect=_CONNECT_SECONDS)
            # The runner bounds how many calls are in flight; a second bound here would only hide it.
            connector = aiohttp.TCPConnector(limit=0)
            self._session = aiohttp.ClientSession(headers=self._headers(), timeout=timeout, connector=connector)
            self._loop = loop
        return self._session

    def _open_rust(self) -> RustHttp:
        if self._rust is None:
            self._rust = RustHttp(
                self.name,
                self._headers(),
                timeout=self.endpoint.timeout,
                connect_timeout=_CONNECT_SECONDS,
                most_bytes=self.endpoint.most_bytes,
                without_key=self._without_key,
            )
        return self._rust

    def _headers(self) -> dict[str, str]:
        end = self.endpoint
        headers = {"Content-Type": "application/json", **end.headers}
        if end.api_key:
            is_bearer = end.key_header == "Authorization"
            headers[end.key_header] = f"Bearer {end.api_key}" if is_bearer else end.api_key
        return headers

    def _without_key(self, payload: bytes) -> bytes:
        """Take the key out of what came back: some servers repeat the headers they were sent."""
        for spelling in self._spellings:
            payload = payload.replace(spelling, b"[key]")
        return payload

    def _translated(self) -> _translated:
        return _translated(self.name, self.endpoint.timeout, self._without_key)

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
        return too_large(self.endpoint.most_bytes, self.name, response.status)

    def _request_id(self, headers: Mapping[str, str]) -> str:
        found = headers.get("x-request-id") or headers.get("request-id") or ""  # the second is Anthropic's
        return self._without_key(found.encode("utf-8", "replace")).decode("utf-8", "replace") if found else ""

    async def _raise_refused(self, response: aiohttp.ClientResponse) -> None:
        if response.status >= 300:
            payload = self._without_key(await self._read(response))
            raise self._refused(response.status, payload, response.headers, self._request_id(response.headers))

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


class _translated:  # noqa: N801  # reads as a verb where it is used
    """Turns what the HTTP library raises into the kinds of :mod:`personae.model.failure`."""

    def __init__(self, name: str, timeout: float, without_key: Callable[[bytes], bytes]) -> None:
        self._without_key = without_key
        self._name = name
        self._timeout = timeout

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
