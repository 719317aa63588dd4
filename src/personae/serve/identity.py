"""Who asks: the bearer of a key, a browser that logged in with one, or, on this machine, whoever is there."""

from __future__ import annotations

import hashlib
import secrets
import time
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie

from personae.serve.faults import Refusal
from personae.serve.keys import PREFIX, Key, KeyRing
from personae.serve.settings import ServeSettings
from personae.serve.store import Store
from personae.serve.wire import Scope

LOCAL = "local"
"""The user of a server that needs no key."""

COOKIE = "personae_session"
SESSION_SECONDS = 30 * 24 * 3600

SCHEMA = """
CREATE TABLE IF NOT EXISTS sessions (hash TEXT PRIMARY KEY, key TEXT NOT NULL, created REAL NOT NULL);
"""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks. All that is somebody's own (conversations, memory) belongs to ``user``."""

    user: str
    key: Key | None = None

    @property
    def is_admin(self) -> bool:
        """Whether keys may be made and the audit log be read: on an open server by everybody."""
        return self.key is None or self.key.is_admin


class Doorman:
    """Tells who asks, and turns away whoever may not."""

    def __init__(self, settings: ServeSettings, store: Store, keys: KeyRing) -> None:
        self._needs_key = settings.needs_key or not settings.is_loopback
        self._store = store
        self._keys = keys

    @property
    def needs_key(self) -> bool:
        """Whether every request needs a key."""
        return self._needs_key

    def admit(self, scope: Scope) -> Caller:
        """Who sends this request.

        Clients of the OpenAI API insist on sending some key. Without need of one, any is taken that is not made like
        ours: one of ours that was revoked stays refused.

        Raises:
            Refusal: If a key is needed and none is shown, or the one that is shown is not good.
        """
        bearer = cookie = ""
        for key, value in scope["headers"]:
            if key == b"authorization":
                bearer = value.decode("latin-1")
            elif key == b"cookie":
                cookie = value.decode("latin-1")
        scheme, _, secret = bearer.partition(" ")
        if scheme.lower() == "bearer" and (self._needs_key or secret.startswith(PREFIX)):
            return self._of(self._keys.find(secret.strip()))
        if COOKIE in cookie and (key_id := self._session(cookie)):
            found = self._keys.of(key_id)
            if found is not None:
                return self._of(found)
        if not self._needs_key:
            return Caller(LOCAL)
        raise Refusal(401, "authentication", "an API key is needed", remedy="send Authorization: Bearer KEY, or log in")

    def begin(self, secret: str) -> tuple[Caller, str]:
        """Log a browser in; gives what its cookie holds.

        Raises:
            Refusal: If the key is not known.
        """
        key = self._keys.find(secret.strip())
        token = secrets.token_urlsafe(32)
        self._store.write("DELETE FROM sessions WHERE created < ?", (time.time() - SESSION_SECONDS,))
        self._store.write("INSERT INTO sessions VALUES (?, ?, ?)", (_hash(token), key.id, time.time()))
        return self._of(key), token

    def end(self, scope: Scope) -> None:
        """Log a browser out."""
        for name, value in scope["headers"]:
            if name == b"cookie" and (token := _token(value.decode("latin-1"))):
                self._store.write("DELETE FROM sessions WHERE hash = ?", (_hash(token),))

    def _session(self, cookie: str) -> str:
        token = _token(cookie)
        row = self._store.first(
            "SELECT key FROM sessions WHERE hash = ? AND created >= ?", (_hash(token), time.time() - SESSION_SECONDS)
        )
        return str(row[0]) if row else ""

    @staticmethod
    def _of(key: Key) -> Caller:
        return Caller(key.name, key)


def _token(cookie: str) -> str:
    try:
        found = SimpleCookie(cookie).get(COOKIE)
    except CookieError:
        return ""
    return found.value if found else ""


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
