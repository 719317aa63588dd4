"""Who a browser may speak for: Host and Origin checks, the header that no other page can set, security headers.

A page of another site can make a browser send requests to this machine. What holds it off: the Host must be a name of
this server (a name that an attacker points here is not), a foreign Origin is refused, what changes anything needs a
header that no other page may set without being asked first, and the page itself may load nothing from elsewhere.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from personae.serve.faults import Headers, Refusal
from personae.serve.settings import LOOPBACK, ServeSettings
from personae.serve.wire import Scope, header

CSRF_HEADER = "X-Personae"
"""Header that every request of the studio which changes something carries; any value will do."""

_SAFE = ("GET", "HEAD", "OPTIONS")

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; "
    "connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
    "manifest-src 'self'; worker-src 'self'"
)

REPORT_POLICY = (
    "sandbox allow-scripts allow-popups; default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; "
    "img-src data:; font-src data:; frame-ancestors 'self'"
)
"""For reports of runs, which are pages of their own: they may draw, and reach nothing."""

PAGE_HEADERS: Headers = (
    (b"content-security-policy", _POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), microphone=(), geolocation=()"),
)
"""Headers of every page and file of the studio."""


class Guard:
    """Checks of a request that need nothing but its head."""

    def __init__(self, settings: ServeSettings) -> None:
        own = {} if settings.host in ("0.0.0.0", "::") else {settings.host}  # noqa: S104  # compared, not bound
        self._hosts = frozenset({*LOOPBACK, *own, *(name.lower() for name in settings.hosts)})
        self._origins = frozenset(origin.rstrip("/") for origin in settings.origins)
        self._remembered: dict[str, bool] = {}

    def check(self, scope: Scope) -> None:
        """Refuse a request that a page of another site may have caused.

        Raises:
            Refusal: If its host or origin is not one of ours.
        """
        host = origin = site = ""
        for key, value in scope["headers"]:
            if key == b"host":
                host = value.decode("latin-1")
            elif key == b"origin":
                origin = value.decode("latin-1")
            elif key == b"sec-fetch-site":
                site = value.decode("latin-1")
        if not self._is_ours(host):
            raise Refusal(
                403,
                "host",
                "the request is addressed to a host that this server is not",
                where=host[:200],
                remedy="start the server with --allow-host NAME if that is its name",
            )
        if origin and not self.is_same(origin, host) and origin not in self._origins:
            raise Refusal(
                403,
                "origin",
                "a page of another site may not use this server",
                where=origin[:200],
                remedy="start the server with --allow-origin ORIGIN if it may",
            )
        if not origin and site == "cross-site" and scope["path"].startswith(("/api/", "/v1/", "/mcp")):
            raise Refusal(403, "origin", "a page of another site may not use this server")

    def check_change(self, scope: Scope) -> None:
        """Refuse a change that does not carry our header.

        Raises:
            Refusal: If it is missing.
        """
        if scope["method"] not in _SAFE and not header(scope, CSRF_HEADER.lower().encode()):
            raise Refusal(403, "csrf", f"the header {CSRF_HEADER} is missing", remedy=f"send {CSRF_HEADER}: 1")

    def allows(self, origin: str) -> bool:
        """Whether a page of another site was given leave to use the gateway."""
        return origin in self._origins

    def is_same(self, origin: str, host: str) -> bool:
        """Whether a page comes from the server that it speaks to."""
        return origin.partition("://")[2] == host and origin.startswith(("http://", "https://"))

    def _is_ours(self, host: str) -> bool:
        if host in self._remembered:
            return self._remembered[host]
        try:
            name = (urlsplit(f"//{host}").hostname or "").rstrip(".")
        except ValueError:
            name = ""
        is_ours = name in self._hosts or "*" in self._hosts
        if len(self._remembered) < 256:
            self._remembered[host] = is_ours
        return is_ours
