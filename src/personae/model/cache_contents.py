"""What a response cache holds, how much of it, and making it smaller beside processes that use it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import apsw

from personae.errors import InputError, StorageError
from personae.model.presets import PROVIDERS
from personae.model.prices import cost_of
from personae.model.reply import Reply, Usage

CACHE_FILE = "replies.sqlite"

_BUSY_MILLISECONDS = 10_000
_ROWS_AT_ONCE = 5000  # of one transaction: whoever else writes waits for no more than these
_DAY = 86_400
_HEADROOM = 0.97  # pages are never quite full

_ROW_BYTES = "2 * length(key) + octet_length(identity) + octet_length(request) + octet_length(reply) + 30"
"""What a row takes, with its entry in the index of keys."""

_BY_IDENTITY = """
SELECT identity, is_batched, count(*), sum(fresh + cached), sum(cached), sum(output), sum(tells_none), min(created),
    max(created)
FROM (
    SELECT identity, created, coalesce(reply ->> 'is_batched', 0) AS is_batched,
        max(0, coalesce(reply ->> '$.usage.input_tokens', 0) - coalesce(reply ->> '$.usage.cached_tokens', 0)) AS fresh,
        coalesce(reply ->> '$.usage.cached_tokens', 0) AS cached,
        coalesce(reply ->> '$.usage.output_tokens', 0) AS output,
        coalesce(reply ->> '$.usage.input_tokens', 0) + coalesce(reply ->> '$.usage.output_tokens', 0) = 0 AS tells_none
    FROM replies
) GROUP BY identity, is_batched ORDER BY identity, is_batched
"""


@dataclass(frozen=True, slots=True)
class Identity:
    """An identity taken apart; what is not an endpoint's is the model alone."""

    base_url: str
    model: str
    options: str
    """Hash of the options that change an answer."""

    @staticmethod
    def read(identity: str) -> Identity:
        """Take an identity apart.

        Example:
            >>> Identity.read("http://host/v1#a#b#0123456789ab")
            Identity(base_url='http://host/v1', model='a#b', options='0123456789ab')
        """
        url, first, rest = identity.partition("#")
        model, second, options = rest.rpartition("#")
        return Identity(url, model, options) if first and second else Identity("", identity, "")

    @property
    def price_name(self) -> str:
        """The name that the price list has for the model, if its URL is that of a known provider."""
        for name, provider in PROVIDERS.items():
            if provider.base_url and provider.base_url.rstrip("/") == self.base_url.rstrip("/"):
                return f"{name}/{self.model}"
        return ""


@dataclass(frozen=True, slots=True)
class Holding:
    """What a cache holds of one identity."""

    identity: str
    replies: int
    input_tokens: int
    output_tokens: int
    cost: float
    """US dollars that the replies cost when they were asked for, as far as prices are known."""
    unpriced: int
    """Replies whose cost is not known."""
    oldest: float
    newest: float


@dataclass(frozen=True, slots=True)
class Stats:
    """What a cache holds."""

    path: Path
    bytes: int
    """Size of the file, with its write-ahead log."""
    holdings: tuple[Holding, ...]

    @property
    def replies(self) -> int:
        """How many replies there are."""
        return sum(one.replies for one in self.holdings)

    def to_json(self) -> dict[str, Any]:
        """JSON form, with totals."""
        return {
            "file": str(self.path),
            "bytes": self.bytes,
            "replies": self.replies,
            "input_tokens": sum(one.input_tokens for one in self.holdings),
            "output_tokens": sum(one.output_tokens for one in self.holdings),
            "cost": sum(one.cost for one in self.holdings),
            "unpriced": sum(one.unpriced for one in self.holdings),
            "oldest": min((one.oldest for one in self.holdings), default=None),
            "newest": max((one.newest for one in self.holdings), default=None),
            "identities": [asdict(one) for one in self.holdings],
        }


@dataclass(frozen=True, slots=True)
class Pruned:
    """What was removed from a cache, or would be."""

    removed: int
    kept: int
    bytes_before: int
    bytes_after: int
    note: str = ""
    """Why the file is not smaller, if it is not."""


@contextmanager
def opened(path: Path) -> Iterator[apsw.Connection]:
    """Open a cache that is there, for as long as the block takes.

    Raises:
        InputError: If there is none.
        StorageError: If it cannot be read, or is none.
    """
    if not path.is_file():
        raise InputError("there is no cache here yet", where=str(path), remedy="the first cached call makes it")
    connection: apsw.Connection | None = None
    try:
        connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE)
        connection.set_busy_timeout(_BUSY_MILLISECONDS)
        yield connection
    except apsw.Error as error:
        raise StorageError(
            f"cannot be read or written ({type(error).__name__}: {error})",
            where=str(path),
            remedy="check free space and permissions, and whether another process holds the file",
        ) from error
    finally:
        if connection is not None:
            connection.close()


def read_stats(path: Path) -> Stats:
    """Count what a cache holds, by identity. It is read through once, a row at a time.

    A file that is not there holds nothing.

    Raises:
        StorageError: If the file cannot be read.
    """
    if not path.is_file():
        return Stats(path, 0, ())
    found: dict[str, Holding] = {}
    with opened(path) as connection:
        for row in connection.execute(_BY_IDENTITY):
            part = _holding(*row)
            found[part.identity] = _together(found[part.identity], part) if part.identity in found else part
    return Stats(path, size_of(path), tuple(found.values()))


def _holding(
    identity: str,
    is_batched: int,
    replies: int,
    input_tokens: int,
    cached_tokens: int,
    output_tokens: int,
    tells_none: int,
    oldest: float,
    newest: float,
) -> Holding:
    # Prices are by the token, so that the sum of all replies costs what they cost one by one.
    total = Reply("", usage=Usage(input_tokens, output_tokens, cached_tokens), is_batched=bool(is_batched))
    name = Identity.read(identity).price_name
    cost = cost_of(name, total) if name else None
    is_free = cost == 0.0
    unpriced = replies if cost is None else 0 if is_free else tells_none
    return Holding(identity, replies, input_tokens, output_tokens, cost or 0.0, unpriced, oldest, newest)


def _together(one: Holding, other: Holding) -> Holding:
    return Holding(
        one.identity,
        one.replies + other.replies,
        one.input_tokens + other.input_tokens,
        one.output_tokens + other.output_tokens,
        one.cost + other.cost,
        one.unpriced + other.unpriced,
        min(one.oldest, other.oldest),
        max(one.newest, other.newest),
    )


def size_of(path: Path) -> int:
    """Size of a cache in bytes, with its write-ahead log."""
    parts = (path, path.with_name(path.name + "-wal"))
    return sum(part.stat().st_size for part in parts if part.is_file())


def prune(
    path: Path,
    *,
    older_than: float | None = None,
    identity: str | None = None,
    keep_bytes: int | None = None,
    is_dry: bool = False,
    now: Callable[[], float] = time.time,
) -> Pruned:
    """Remove replies, some thousand at a time, and make the file smaller if nobody else has it open.

    Args:
        path: The file of the cache.
        older_than: Days; replies that were kept before are removed.
        identity: Replies whose identity has this text in it are removed.
        keep_bytes: The oldest replies are removed until the file has about this size.
        is_dry: Whether to count only.
        now: The clock.

    Raises:
        InputError: If not exactly one of the three says what to remove, or there is no cache.
        StorageError: If the file cannot be written.
    """
    if sum(given is not None for given in (older_than, identity, keep_bytes)) != 1 or identity == "":
        raise InputError(
            "say in one way what to remove", where="cache prune", remedy="--older-than, --identity or --keep-bytes"
        )
    before = size_of(path)
    with opened(path) as connection:
        condition, values = _condition(connection, older_than, identity, keep_bytes, now)
        total = _one(connection, "SELECT count(*) FROM replies")
        if is_dry:
            count, taken = next(
                connection.execute(
                    f"SELECT count(*), coalesce(sum({_ROW_BYTES}), 0) FROM replies WHERE {condition}", values
                )
            )
            after = max(0, before - int(taken * _fullness(connection))) if count else before
            return Pruned(count, total - count, before, after)
        removed = _delete(connection, condition, values)
        note = _shrink(connection) if removed or _one(connection, "PRAGMA freelist_count") else ""
        kept = _one(connection, "SELECT count(*) FROM replies")
    return Pruned(removed, kept, before, size_of(path), note)


def _condition(
    connection: apsw.Connection,
    older_than: float | None,
    identity: str | None,
    keep_bytes: int | None,
    now: Callable[[], float],
) -> tuple[str, tuple[Any, ...]]:
    if older_than is not None:
        return "created < ?", (now() - older_than * _DAY,)
    if identity is not None:
        return "instr(identity, ?) > 0", (identity,)
    assert keep_bytes is not None
    room = keep_bytes * _HEADROOM / _fullness(connection)
    for created, key, taken in connection.execute(
        f"SELECT created, key, {_ROW_BYTES} FROM replies ORDER BY created DESC, key DESC"
    ):
        room -= taken
        if room < 0:
            return "(created, key) <= (?, ?)", (created, key)
    return "0", ()


def _fullness(connection: apsw.Connection) -> float:
    """Bytes of pages for a byte of rows."""
    pages = _one(connection, "PRAGMA page_count") - _one(connection, "PRAGMA freelist_count")
    rows = _one(connection, f"SELECT coalesce(sum({_ROW_BYTES}), 0) FROM replies")
    return float(pages * _one(connection, "PRAGMA page_size")) / rows if rows else 1.0


def _delete(connection: apsw.Connection, condition: str, values: tuple[Any, ...]) -> int:
    removed = 0
    last = _one(connection, "SELECT coalesce(max(rowid), 0) FROM replies")
    for start in range(0, last + 1, _ROWS_AT_ONCE):
        window = (start, start + _ROWS_AT_ONCE - 1)
        connection.execute(f"DELETE FROM replies WHERE rowid BETWEEN ? AND ? AND {condition}", (*window, *values))
        removed += connection.changes()
    return removed


def _shrink(connection: apsw.Connection) -> str:
    """Give free pages back to the disk, if no other process would have to wait for it."""
    connection.set_busy_timeout(500)
    try:
        # A connection that keeps a write-ahead log open holds a lock that this step needs: it fails if there is one,
        # and keeps newcomers waiting from here on. VACUUM may take longer than a run that writes would wait.
        connection.execute("PRAGMA locking_mode=EXCLUSIVE")
        if _one(connection, "PRAGMA journal_mode=DELETE") != "delete":
            raise apsw.BusyError
    except apsw.BusyError:
        connection.execute("PRAGMA locking_mode=NORMAL")
        connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
        return "another process has the cache open: its file stays as large, and what is free in it is used again"
    connection.execute("VACUUM")
    connection.execute("PRAGMA locking_mode=NORMAL")
    connection.execute("PRAGMA journal_mode=WAL")
    return ""


def _one(connection: apsw.Connection, sql: str) -> Any:
    return next(iter(connection.execute(sql)))[0]
