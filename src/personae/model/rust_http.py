"""HTTP by pyreqwest, which does in Rust what aiohttp does in Python; used for single calls where it is installed.

A call costs about half the CPU time. Streams and files stay with aiohttp, whose interface for them is the better one.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from functools import lru_cache
from importlib.util import find_spec
from typing import TYPE_CHECKING

from personae.errors import InputError
from personae.model.failure import ProviderError

if TYPE_CHECKING:
    from pyreqwest.client import Client
    from pyreqwest.exceptions import PyreqwestError


@lru_cache(maxsize=1)
def has_rust_http() -> bool:
    """Whether pyreqwest is installed (``pip install "personae[fast]"``)."""
    return find_spec("pyreqwest") is not None


class RustHttp:
    """A pool of connections.

    Args:
        name: Name of the model, for errors.
        headers: Headers of every call.
        timeout: Seconds that a call may take, from connecting to the last byte.
        connect_timeout: Seconds that connecting may take.
        follow_redirects: Whether a call is sent on to where the server says.
    """

    def __init__(
        self, name: str, headers: Mapping[str, str], *, timeout: float, connect_timeout: float, follow_redirects: bool
    ) -> None:
        from pyreqwest import exceptions
        from pyreqwest.client import ClientBuilder

        self._kinds = exceptions
        self._name = name
        self._timeout = timeout
        self._client: Client = (
            ClientBuilder()
            .default_headers(dict(headers))
            .timeout(timedelta(seconds=timeout))
            .connect_timeout(timedelta(seconds=connect_timeout))
            .follow_redirects(follow_redirects)
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
            response = await request.build().send()
            return response.status, response.headers, bytes(await response.bytes())
        except (self._kinds.BuilderError, ValueError) as error:
            remedy = "write http://HOST:PORT/v1"
            raise InputError(f"the base URL is not a URL: {error}", where=self._name, remedy=remedy) from error
        except self._kinds.PyreqwestError as error:
            raise self._translated(error) from error

    def _translated(self, error: PyreqwestError) -> ProviderError:
        """Sort a fault by the causes that pyreqwest tells: its own kinds take what broke for what was going on."""
        causes = [cause["message"] for cause in (getattr(error, "details", None) or {}).get("causes") or []]
        last = causes[-1] if causes else str(error)
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
