"""Where and how a model behind HTTP is reached."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from personae.errors import InputError


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
    seed_field: str = "seed"
    """Name of the field that the seed is sent in."""
    most_bytes: int = 64 * 1024 * 1024
    """Bytes that one reply may have, unpacked; a server that sends without end must not fill the memory."""
    key_header: str = "Authorization"
    """Header that carries the key: ``Authorization`` after the word Bearer, any other header bare."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Further headers of every call, such as the version of the API."""
    query: Mapping[str, str] = field(default_factory=dict)
    """Query of every URL, such as the version of the API."""
    scoring: str = "echo"
    """How continuations are scored: ``echo`` at ``/completions``, or ``prompt_logprobs`` at ``/chat/completions``."""
    is_plain: bool = False
    """Whether texts are continued at ``/completions``, without roles and chat template, as base models want it."""

    def check(self, name: str) -> None:
        """Refuse what cannot be used, before any call is made.

        Raises:
            InputError: If the base URL or the key is malformed.
        """
        check_base_url(self.base_url, where=name)
        if not (self.api_key.isascii() and self.api_key.isprintable()):
            raise InputError(
                "the API key holds a line break or a character that no key has",
                where=self.key_variable or name,
                remedy="copy the key again",
            )


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
