"""API keys: who they are, what they may spend, how often they may ask. Only their hashes are kept."""

from __future__ import annotations

import hashlib
import secrets
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from personae.errors import InputError
from personae.serve.faults import Refusal, not_found
from personae.serve.store import Store

PREFIX = "sk-personae-"
_SHOWN = len(PREFIX) + 4
_LOOK_AGAIN_SECONDS = 1.0
_ROUNDING = 1e-12
"""US dollars that sums may be off by."""

SCHEMA = """
CREATE TABLE IF NOT EXISTS keys (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,            -- whose it is: keys of one name belong to one user
    hash TEXT NOT NULL UNIQUE,     -- SHA-256 of the key, which is random: nothing slower is needed
    prefix TEXT NOT NULL,          -- its first letters, to tell keys apart
    created REAL NOT NULL,
    last_used REAL,
    budget REAL,                   -- US dollars; NULL is no limit
    rpm INTEGER,                   -- requests a minute; NULL is no limit
    is_admin INTEGER NOT NULL,
    revoked REAL
);
CREATE TABLE IF NOT EXISTS spending (
    key TEXT NOT NULL, day TEXT NOT NULL, model TEXT NOT NULL,
    requests INTEGER NOT NULL, input_tokens INTEGER NOT NULL, output_tokens INTEGER NOT NULL,
    cost REAL NOT NULL, unpriced INTEGER NOT NULL,
    PRIMARY KEY (key, day, model)
);
"""


@dataclass(slots=True)
class Key:
    """A key and what it has used since the server began."""

    id: str
    name: str
    prefix: str
    created: float
    last_used: float | None
    budget: float | None
    rpm: int | None
    is_admin: bool
    is_revoked: bool
    spent: float = 0.0
    """US dollars, of all time."""
    held: float = 0.0
    """US dollars that calls in flight may still cost."""
    left: float = field(default=0.0, repr=False)
    filled: float = field(default=0.0, repr=False)

    def to_json(self) -> dict[str, object]:
        """What may be shown of it."""
        return {
            "id": self.id,
            "name": self.name,
            "prefix": self.prefix,
            "created": self.created,
            "last_used": self.last_used,
            "budget": self.budget,
            "spent": round(self.spent, 6),
            "held": round(self.held, 6),
            "rpm": self.rpm,
            "is_admin": self.is_admin,
            "is_revoked": self.is_revoked,
        }


class KeyRing:
    """The keys of a server, held in memory and read again when another process has changed them."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._by_hash: dict[str, Key] = {}
        self._by_id: dict[str, Key] = {}
        self._version = -1
        self._looked = 0.0
        self._used: set[str] = set()
        self._waiting: dict[tuple[str, str, str], list[float]] = {}
        """Not yet written, by key, day and model: requests, tokens in and out, cost, calls of unknown cost."""
        self._writing: dict[tuple[str, str, str], list[float]] = {}
        """The same, of those that are being written just now."""
        self._read()

    def new(
        self, name: str, *, budget: float | None = None, rpm: int | None = None, is_admin: bool = False
    ) -> tuple[Key, str]:
        """Make a key; the second value is the key itself, which nobody can read again.

        Raises:
            InputError: If the name is empty or a limit leaves nothing.
        """
        name = name.strip()
        if not name or len(name) > 100 or not name.isprintable():
            raise InputError("a key needs a name", where="name", remedy="say whose it is, in at most 100 letters")
        if name == "local":
            raise InputError("this name is that of everybody without a key", where="name", remedy="choose another")
        if (budget is not None and not 0 < budget < 1e9) or (rpm is not None and not 0 < rpm < 10**9):
            raise InputError("the limit leaves nothing", where="budget or rpm", remedy="give a number above 0")
        secret = PREFIX + secrets.token_urlsafe(32)
        key = Key(f"key-{secrets.token_hex(6)}", name, secret[:_SHOWN], time.time(), None, budget, rpm, is_admin, False)
        self._store.write(
            "INSERT INTO keys VALUES (?, ?, ?, ?, ?, NULL, ?, ?, ?, NULL)",
            (key.id, name, _hash(secret), key.prefix, key.created, budget, rpm, int(is_admin)),
        )
        self._read()
        return key, secret

    def revoke(self, id: str) -> Key:
        """End a key; it is refused from now on.

        Raises:
            Refusal: If there is no such key.
        """
        found = [key for key in self.all() if id in (key.id, key.prefix)]
        if len(found) != 1:
            raise not_found("key", id)
        self._store.write("UPDATE keys SET revoked = ? WHERE id = ? AND revoked IS NULL", (time.time(), found[0].id))
        self._read()
        return found[0]

    def all(self) -> list[Key]:
        """All keys, oldest first."""
        self._look_again()
        return sorted(self._by_id.values(), key=lambda key: key.created)

    def find(self, secret: str) -> Key:
        """The key that a client shows.

        Raises:
            Refusal: If it is unknown or was revoked.
        """
        self._look_again()
        key = self._by_hash.get(_hash(secret))
        if key is None or key.is_revoked:
            raise Refusal(401, "authentication", "the API key is not known", remedy="ask the server's owner for one")
        return key

    def of(self, id: str) -> Key | None:
        """The key of this id, unless it was revoked."""
        self._look_again()
        key = self._by_id.get(id)
        return None if key is None or key.is_revoked else key

    def admit(self, key: Key) -> None:
        """Let one more request of a key in.

        Raises:
            Refusal: If its budget is spent, or it asks too often.
        """
        if key.budget is not None and key.spent >= key.budget:
            raise _quota(f"the budget of this key (${key.budget:g}) is spent", "ask the server's owner to raise it")
        if key.rpm is not None:
            now = time.monotonic()
            key.left = min(float(key.rpm), key.left + (now - key.filled) * key.rpm / 60.0)
            key.filled = now
            if key.left < 1.0:
                wait = (1.0 - key.left) * 60.0 / key.rpm
                raise Refusal(
                    429,
                    "rate_limited",
                    f"this key may ask {key.rpm} times a minute",
                    remedy=f"wait {wait:.1f} s",
                    detail={"retry_after": wait},
                )
            key.left -= 1.0

    def hold(self, key: Key, dollars: float, remedy: str = "ask the server's owner to raise it") -> None:
        """Set aside what a call may cost, so that calls side by side cannot spend the same dollar; see :meth:`release`.

        Args:
            key: Whose budget.
            dollars: What the call may cost at most.
            remedy: What else to do where it is more than what is left.

        Raises:
            Refusal: If it is more than what is left of the budget, or than what calls in flight leave of it.
        """
        if key.budget is None:
            return
        left = key.budget - key.spent
        if dollars > left + _ROUNDING:
            raise _quota(
                f"this call may cost ${dollars:.4g}, and ${max(0.0, left):.4g} of the key's ${key.budget:g} are left",
                remedy,
            )
        if dollars > left - key.held + _ROUNDING:
            raise Refusal(
                429,
                "budget_in_use",
                f"calls in flight may cost ${key.held:.4g} of the ${left:.4g} that are left of this key's budget",
                remedy=f"ask again when they have ended, or {remedy}",
                detail={"retry_after": 1.0},
            )
        key.held += dollars

    @staticmethod
    def release(key: Key, dollars: float) -> None:
        """Give back what was set aside."""
        key.held = max(0.0, key.held - dollars)

    def spend(
        self, key: Key, model: str, input_tokens: int, output_tokens: int, cost: float | None, requests: int = 1
    ) -> None:
        """Count what a request took; written to disk by :meth:`flush`."""
        key.spent += cost or 0.0
        key.last_used = time.time()
        day = time.strftime("%Y-%m-%d", time.gmtime())
        with self._lock:
            row = self._waiting.setdefault((key.id, day, model), [0, 0, 0, 0.0, 0])
            _add(row, (requests, input_tokens, output_tokens, cost or 0.0, cost is None))
            self._used.add(key.id)

    def flush(self) -> None:
        """Write down what was spent; where that fails, it is tried again with what is spent later.

        Raises:
            StorageError: If it cannot be written.
        """
        with self._lock:
            writing, self._waiting = self._waiting, {}
            used, self._used = self._used, set()
            self._writing = writing
        if not writing:
            return
        try:
            with self._store.writing() as connection:
                for (id, day, model), row in writing.items():
                    connection.execute(
                        "INSERT INTO spending VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (key, day, model) DO UPDATE"
                        " SET requests = requests + excluded.requests,"
                        " input_tokens = input_tokens + excluded.input_tokens,"
                        " output_tokens = output_tokens + excluded.output_tokens, cost = cost + excluded.cost,"
                        " unpriced = unpriced + excluded.unpriced",
                        (id, day, model, *row),
                    )
                for id in used:
                    connection.execute("UPDATE keys SET last_used = ? WHERE id = ?", (self._by_id[id].last_used, id))
                self._writing = {}  # whoever may read the file again finds them in it
        except BaseException:
            with self._lock:
                for place, row in writing.items():
                    _add(self._waiting.setdefault(place, [0, 0, 0, 0.0, 0]), row)
                self._writing = {}
                self._used |= used
            raise

    def _look_again(self) -> None:
        now = time.monotonic()
        if now - self._looked >= _LOOK_AGAIN_SECONDS:
            self._looked = now
            if self._store.version_of_others != self._version:
                self._read()

    def _read(self) -> None:
        with self._lock, self._store.reading():
            unwritten: dict[str, float] = {}
            for (id, _, _), row in (*self._waiting.items(), *self._writing.items()):
                unwritten[id] = unwritten.get(id, 0.0) + row[3]
            self._version = self._store.version_of_others
            spent = dict(self._store.read("SELECT key, sum(cost) FROM spending GROUP BY key"))
            by_hash: dict[str, Key] = {}
            rows = self._store.read(
                "SELECT hash, id, name, prefix, created, last_used, budget, rpm, is_admin, revoked FROM keys"
            )
            for hash_, id, name, prefix, created, last_used, budget, rpm, is_admin, revoked in rows:
                key = self._by_id.get(id) or Key(id, name, prefix, created, last_used, budget, rpm, False, False)
                if not key.filled:
                    key.left, key.filled = float(rpm or 0), time.monotonic()
                key.budget, key.rpm = budget, rpm
                key.is_admin, key.is_revoked = bool(is_admin), revoked is not None
                key.spent = spent.get(id, 0.0) + unwritten.get(id, 0.0)
                by_hash[hash_] = key
            self._by_hash = by_hash
            self._by_id = {key.id: key for key in by_hash.values()}


def _add(row: list[float], more: Sequence[float]) -> None:
    for place, number in enumerate(more):
        row[place] += number


def _quota(what: str, remedy: str) -> Refusal:
    return Refusal(429, "insufficient_quota", what, remedy=remedy)


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()
