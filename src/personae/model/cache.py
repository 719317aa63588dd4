"""Replies that were paid for are kept: a response cache keyed on everything that can change an answer."""

from __future__ import annotations

import asyncio
import hashlib
import time
from functools import lru_cache
from pathlib import Path

import orjson

from personae.canonical import HASH_SCHEME, canonical_json
from personae.commits import CommitLog, damaged
from personae.errors import StorageError
from personae.logs import note
from personae.model.protocols import Model
from personae.model.reply import Reply, reply_from_json, reply_to_json
from personae.model.request import Request, request_key
from personae.settings import CACHE_DIR

_SCHEMA = """
CREATE TABLE IF NOT EXISTS replies (
    key TEXT PRIMARY KEY,          -- hash of identity and request, under the hash scheme that is part of it
    identity TEXT NOT NULL,        -- endpoint, model, answer-changing options
    request TEXT NOT NULL,         -- the request in JSON, to tell why a later one misses
    reply TEXT NOT NULL,
    created REAL NOT NULL          -- seconds since 1970
);
"""

_LINGER_SECONDS = 0.08  # the ledger of a run keeps what is paid for; the cache has time
_GATHERING_SECONDS = 0.002
_MOST_FRESH = 4096  # replies that are remembered until they are in the file for certain

_KEEP = "INSERT INTO replies VALUES (?, ?, ?, ?, ?) ON CONFLICT (key) DO NOTHING"
_FIND_ALL = "SELECT key, reply FROM replies WHERE key IN (SELECT value FROM json_each(?))"


def cache_key(identity: str, request: Request) -> str:
    """Key of a reply: hash scheme, endpoint with its options, and the whole request with its replicate."""
    return hashlib.sha256(b'%b%b"]' % (_before(identity), request_key(request).encode())).hexdigest()


@lru_cache(maxsize=256)
def _before(identity: str) -> bytes:
    """What stands before the key of the request in the canonical spelling of all three."""
    return canonical_json([HASH_SCHEME, identity, ""])[:-2]


def is_worth_keeping(reply: Reply) -> bool:
    """Whether a reply may answer the same request later: whole, not filtered, not empty."""
    return reply.finish in ("stop", "unknown") and bool(reply.text.strip() or reply.refusal or reply.calls)


class ResponseCache:
    """A SQLite file of replies, shared by all runs of a user."""

    def __init__(self, folder: Path) -> None:
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StorageError(
                f"the folder of the cache cannot be made ({error.strerror})",
                where=str(folder),
                remedy=f"set {CACHE_DIR} to a folder that can be written to",
            ) from error
        # A lost row costs one repeated call, so commits need not wait for the disk.
        path = folder / "replies.sqlite"
        try:
            self._log = CommitLog(path, _SCHEMA, is_durable=False, linger=_LINGER_SECONDS)
        except StorageError as error:
            raise _without_cache(error) from error
        self._path = path
        self._trouble: StorageError | None = None
        """Why a reply could not be kept; told to the next one who asks, as the reply itself must not be lost."""
        self._fresh: dict[str, str] = {}
        self._older: dict[str, str] = {}
        self._is_missing = False
        """Whether nothing was found last: what goes to a model anyway can wait until there is more of it."""
        self._wanted: dict[asyncio.AbstractEventLoop, list[tuple[str, asyncio.Future[Reply | None]]]] = {}

    def find(self, key: str) -> Reply | None:
        """Look a reply up; it comes back marked as cached."""
        self._log.settle()
        rows = self._log.read("SELECT reply FROM replies WHERE key = ?", (key,))
        return self._as_cached(rows[0][0]) if rows else None

    async def look_up(self, key: str) -> Reply | None:
        """Look a reply up together with all others that are wanted in the same turn of the event loop.

        Raises:
            StorageError: If the file cannot be read, or an earlier reply could not be kept.
        """
        self._raise_trouble()
        loop = asyncio.get_running_loop()
        found: asyncio.Future[Reply | None] = loop.create_future()
        wanted = self._wanted.setdefault(loop, [])
        wanted.append((key, found))
        if len(wanted) == 1:
            if self._is_missing:
                loop.call_later(_GATHERING_SECONDS, self._find_wanted, loop)
            else:
                loop.call_soon(self._find_wanted, loop)
        return await found

    def _find_wanted(self, loop: asyncio.AbstractEventLoop) -> None:
        wanted = self._wanted.pop(loop)
        keys = orjson.dumps([key for key, _ in wanted]).decode()
        try:
            rows = self._log.read(_FIND_ALL, (keys,))
            kept = dict(rows)
            self._is_missing = not kept
        except Exception as error:  # whatever it is, it belongs to those who wait
            told = _without_cache(error) if isinstance(error, StorageError) else error
            for _, found in wanted:
                if not found.done():
                    found.set_exception(told)
            return
        for key, found in wanted:
            if not found.done():
                reply = kept.get(key) or self._fresh.get(key) or self._older.get(key)
                try:
                    found.set_result(None if reply is None else self._as_cached(reply))
                except StorageError as error:
                    found.set_exception(_without_cache(error))

    async def keep(self, key: str, identity: str, request: Request, reply: Reply) -> None:
        """Keep a reply; the first one kept under a key stays. It is in the file some tenth of a second later.

        One that cannot be kept was paid for and goes to whoever asked; the next look-up tells of the trouble.
        """
        spelled = orjson.dumps(reply_to_json(reply)).decode()
        row = (key, identity, request.spelling.decode(), spelled, time.time())
        if len(self._fresh) >= _MOST_FRESH:
            self._fresh, self._older = {}, self._fresh
        self._fresh.setdefault(key, spelled)
        try:
            if self._log.is_behind:
                await self._log.append(_KEEP, row)
            else:
                self._log.put(_KEEP, row)
        except StorageError as error:
            self._trouble = _without_cache(error)

    def settle(self) -> None:
        """Wait until every reply is in the file, for other processes to see."""
        self._log.settle()

    def _raise_trouble(self) -> None:
        if self._trouble is not None:
            raise self._trouble

    def _as_cached(self, reply: str) -> Reply:
        try:
            return reply_from_json(orjson.loads(reply), is_cached=True)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise damaged(self._path, error) from error

    def __len__(self) -> int:
        self._log.settle()
        return int(self._log.read("SELECT count(*) FROM replies")[0][0])

    def close(self) -> None:
        """Commit and close the file; replies that cannot be kept any more are told to the log, and are asked again."""
        try:
            self._log.close()
        except StorageError as error:
            note("warning", "the last replies are not in the cache", reason=str(_without_cache(error)))


def _without_cache(error: StorageError) -> StorageError:
    """A run can do without its cache; whoever reads the error should know."""
    remedy = f"{error.remedy}; or go on without the cache (--no-cache)"
    return StorageError(error.what, where=error.where, remedy=remedy)


class Cached:
    """Wraps a model: a request that was answered before is answered from the cache, at no cost."""

    def __init__(self, model: Model, cache: ResponseCache, identity: str) -> None:
        self.name = model.name
        self._model = model
        self._cache = cache
        self._identity = identity

    @property
    def identity(self) -> str:
        """Identity under which replies are kept."""
        return self._identity

    async def generate(self, request: Request) -> Reply:
        """Answer from the cache, else ask and keep what is worth keeping."""
        key = cache_key(self._identity, request)
        kept = await self._cache.look_up(key)
        if kept is not None:
            return kept
        reply = await self._model.generate(request)
        if is_worth_keeping(reply):
            await self._cache.keep(key, self._identity, request, reply)
        return reply
