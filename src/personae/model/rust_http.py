"""HTTP by pyreqwest, which does in Rust what aiohttp does in Python; used for single calls.

A call costs about half the CPU time. Where the library cannot be had, aiohttp makes the call; streams and files are
left to it anyway, as its interface for them is the better one, and so are calls that may be left, as one that is
cancelled here goes on at the endpoint.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import lru_cache
from importlib.util import find_spec
from typing import TYPE_CHECKING

from personae.errors import InputError
from personae.model.failure import ProviderError

if TYPE_CHECKING:
    from pyreqwest.client import Client
    from pyreqwest.exceptions import PyreqwestError
    from pyreqwest.response import Response


@lru_cache(maxsize=1)
def has_rust_http() -> bool:
    """Whether pyreqwest is here, as it is wherever there is a wheel of it."""
    return find_spec("pyreqwest") is not None


def too_large(most_bytes: int, model: str, status: int) -> ProviderError:
    """What to raise for a reply that is larger than one may be."""
    return ProviderError(
        "bad_reply", f"the reply is larger than {most_bytes / 2**20:g} MiB", model=model, status=status
    )


class RustHttp:
    """A pool of connections.

    Args:
        name: Name of the model, for errors.
        headers: Headers of every call.
        timeout: Seconds that a call may take, from connecting to the last byte.
        connect_timeout: Seconds that connecting may take.
        most_bytes: Bytes that one reply may have, unpacked.
        without_key: Takes the API key out of what a server said.
    """

    def __init__(
        self,
        name: str,
        headers: Mapping[str, str],
        *,
        timeout: float,
        connect_timeout: float,
        most_bytes: int,
        without_key: Callable[[bytes], bytes],
    ) -> None:
        from pyreqwest import exceptions
        from pyreqwest.client import ClientBuilder

        self._kinds = exceptions
        self._most_bytes = most_bytes
        self._without_key = without_key
        self._name = name
        self._timeout = timeout
        self._client: Client = (
            ClientBuilder()
            .default_headers(dict(headers))
            .timeout(timedelta(seconds=timeout))
            .connect_timeout(timedelta(seconds=connect_timeout))
            .follow_redirects(False)  # aiohttp follows them: whoever is redirected asks it
            .gzip(False)  # replies are small: none is asked for packed, and those that come so are unpacked below
            .brotli(False)
            .zstd(False)
            .deflate(False)
            .http1_only()
            .no_proxy()  # as aiohttp does: whoever is behind a proxy says so by a base URL
            .referer(False)
            .build()
        )

    async def send(self, method: str, url: str, data: bytes | None) -> tuple[int, Mapping[str, str], bytes]:
        """Make one call; gives status, headers and body.

        Raises:
            ProviderError: If no whole answer came.
            InputError: If the URL is none.
        """
        try:
            request = self._client.request(method, url)
            if data is not None:
                request = request.body_bytes(data)
            async with request.build_streamed() as response:
                headers = response.headers
                length = headers.get("content-length")
                if length is not None and length.isdecimal() and int(length) > self._most_bytes:
                    raise too_large(self._most_bytes, self._name, response.status)
                payload = await self._read(response)
                packing = headers.get("content-encoding") or ""
                return response.status, headers, self._unpacked(payload, packing) if packing else payload
        except (self._kinds.BuilderError, ValueError) as error:
            remedy = "write http://HOST:PORT/v1"
            raise InputError(f"the base URL is not a URL: {error}", where=self._name, remedy=remedy) from error
        except self._kinds.PyreqwestError as error:
            raise self._translated(error) from None  # its own words may repeat what the server said, key and all

    async def _read(self, response: Response) -> bytes:
        """The whole body, if it is not larger than a reply may be."""
        first = bytes(await response.body_reader.read_chunk() or b"")
        pieces, size = [first], len(first)
        while piece := await response.body_reader.read_chunk():
            size += len(piece)
            if size > self._most_bytes:
                raise too_large(self._most_bytes, self._name, response.status)
            pieces.append(bytes(piece))
        return b"".join(pieces) if len(pieces) > 1 else first

    def _unpacked(self, payload: bytes, packing: str) -> bytes:
        """A body that came packed though nobody asked for it, up to the bound."""
        if packing.lower() not in ("gzip", "x-gzip", "deflate"):
            return payload
        unpacker = zlib.decompressobj(zlib.MAX_WBITS | 32)
        try:
            whole = unpacker.decompress(payload, self._most_bytes + 1)
        except zlib.error as error:
            raise ProviderError("bad_reply", f"the reply cannot be unpacked ({error})", model=self._name) from None
        if len(whole) > self._most_bytes:
            raise too_large(self._most_bytes, self._name, 200)
        if not unpacker.eof:
            raise ProviderError("bad_reply", "the reply was cut off", model=self._name)
        return whole

    def _translated(self, error: PyreqwestError) -> ProviderError:
        """Sort a fault by the causes that pyreqwest tells: its own kinds take what broke for what was going on."""
        causes = [cause["message"] for cause in (getattr(error, "details", None) or {}).get("causes") or []]
        last = self._without_key((causes[-1] if causes else str(error)).encode("utf-8", "replace")).decode()
        if "client error (Connect)" in causes or "os error" in last:
            return ProviderError("unreachable", last, model=self._name)
        if isinstance(error, self._kinds.RequestTimeoutError):
            return ProviderError("timeout", f"no answer within {self._timeout:g} s", model=self._name)
        if isinstance(error, self._kinds.BodyDecodeError):
            return ProviderError("bad_reply", f"the reply was cut off: {last}", model=self._name)
        if isinstance(error, (self._kinds.DecodeError, self._kinds.RedirectError)):
            return ProviderError("bad_reply", f"a broken reply: {last}", model=self._name)
        if "client error (SendRequest)" in causes:
            return ProviderError("overloaded", f"the server closed the connection: {last}", model=self._name)
        return ProviderError("unreachable", last, model=self._name)

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()
