"""Where a ledger on a server is: a URL in two spellings, one that may be shown and kept, one that may open it."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlencode, urlsplit

from personae.errors import InputError
from personae.settings import read_setting

DEFAULT_LEASE = 60.0
"""Seconds after which the cells of a worker that is not heard of any more go to others."""

_SCHEMES = ("postgresql", "postgres")
_SECRETS = ("password", "sslpassword")
_OURS = ("run", "lease")
_SHORTEST_LEASE = 0.5


@dataclass(frozen=True, slots=True)
class LedgerUrl:
    """A PostgreSQL database that holds ledgers.

    Two words of its query are ours, all others are the server's: ``run=NAME`` gives the run a name in the database, so
    that whoever names it must ask for the same run; ``lease=SECONDS`` is how long a worker that fell silent keeps its
    cells.

    Example:
        >>> url = LedgerUrl.read("postgresql://ann:secret@db.example/lab?run=pilot&sslmode=require")
        >>> url
        LedgerUrl(shown='postgresql://ann@db.example/lab?run=pilot&sslmode=require', run='pilot', lease=60.0)
    """

    shown: str
    """Without password: what records, logs and errors may say."""
    dsn: str = field(repr=False)
    """With the password, if it was given in the URL, and without our own words: what the driver is told."""
    run: str = ""
    """Name of the run in the database; empty is named by its fingerprint."""
    lease: float = DEFAULT_LEASE

    @staticmethod
    def read(text: str) -> LedgerUrl:
        """Read ``postgresql://user@host/database``.

        Raises:
            InputError: If it is no such URL. The message never repeats what was given: it may hold a password.
        """
        parts = _split(text.strip())
        words = parse_qsl(parts.query, keep_blank_values=True)
        ours = {name: value for name, value in words if name in _OURS}
        user, at, host = parts.netloc.rpartition("@")
        open_netloc = user.partition(":")[0] + at + host
        shown = [(name, value) for name, value in words if name not in _SECRETS]
        theirs = [(name, value) for name, value in words if name not in _OURS]
        return LedgerUrl(
            _join(parts, open_netloc, shown), _join(parts, parts.netloc, theirs), ours.get("run", ""), _lease(ours)
        )

    @property
    def password(self) -> str | None:
        """The password where the URL has none and the environment or ``.env`` does; the driver knows ``~/.pgpass``."""
        return None if self._given_passwords() else read_setting("PGPASSWORD")

    @property
    def secrets(self) -> list[str]:
        """What must not be said, the longest first, as given and as meant."""
        found = {*self._given_passwords(), self.password or ""}
        return sorted({*found, *(quote(one, safe="") for one in found)} - {""}, key=len, reverse=True)

    def _given_passwords(self) -> list[str]:
        parts = urlsplit(self.dsn)
        named = [value for name, value in parse_qsl(parts.query) if name in _SECRETS]
        return [unquote(parts.password), *named] if parts.password else named


def _split(text: str) -> SplitResult:
    remedy = "write postgresql://user@host/database, special letters of a password as %40"
    try:
        parts = urlsplit(text)
        is_sound = _has_sound_ports(parts.netloc)
    except ValueError:
        is_sound = False
    # A password with a bare / ? or # ends the host too early, and what follows would be taken for the database.
    if not is_sound or parts.scheme not in _SCHEMES or parts.fragment or "@" in parts.path + parts.query:
        raise InputError("cannot be read as the URL of a database", where="ledger", remedy=remedy) from None
    if not parts.path.strip("/"):
        raise InputError("names no database", where="ledger", remedy=remedy)
    return parts


def _has_sound_ports(netloc: str) -> bool:
    for host in netloc.rpartition("@")[2].split(","):
        _, colon, port = host.rpartition("]")[2].partition(":")
        if colon and not (port.isascii() and port.isdigit()):
            return False
    return True


def _join(parts: SplitResult, netloc: str, words: list[tuple[str, str]]) -> str:
    query = urlencode(words, quote_via=quote, safe="/")
    return f"{parts.scheme}://{netloc}{parts.path}" + (f"?{query}" if query else "")


def _lease(ours: dict[str, str]) -> float:
    try:
        lease = float(ours.get("lease", DEFAULT_LEASE))
    except ValueError:
        lease = math.nan
    if not _SHORTEST_LEASE <= lease < math.inf:
        raise InputError(
            "the lease is no number of seconds", where="ledger", remedy=f"write lease=60, at least {_SHORTEST_LEASE}"
        )
    return lease
