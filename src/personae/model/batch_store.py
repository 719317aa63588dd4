"""Which requests are in which batch, on disk: whoever asks for the same again finds the batch that was paid for.

A row is written before a batch is submitted and gets the identifier of the batch afterwards. A process that is killed
in between leaves a row without one; its successor asks the endpoint whether the batch was made.
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import apsw
import orjson

from personae.canonical import canonical_json
from personae.errors import StorageError
from personae.model.failure import ProviderError
from personae.model.reply import Reply, reply_from_json

FILE = "batches.sqlite"

Outcome = Reply | ProviderError
"""What became of one request of a batch."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS batches (
    mark TEXT PRIMARY KEY,         -- made here, before the endpoint names the batch
    identity TEXT NOT NULL,        -- endpoint, model, answer-changing options
    batch TEXT NOT NULL,           -- the endpoint's identifier; empty until it is known
    owner TEXT NOT NULL,           -- the process that submits it; empty if it gave up in the middle
    created REAL NOT NULL,         -- seconds since 1970
    count INTEGER NOT NULL         -- requests in it
);
CREATE TABLE IF NOT EXISTS items (
    identity TEXT NOT NULL,
    key TEXT NOT NULL,             -- of the request, and its custom_id in the batch
    mark TEXT NOT NULL,
    outcome TEXT,                  -- reply or error in JSON; NULL while the batch is worked on
    PRIMARY KEY (identity, key)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS items_of_batch ON items (mark);
"""

_BUSY_MILLISECONDS = 10_000
_KEPT_SECONDS = 30 * 86_400  # the endpoints keep results about as long
_SUBMITTING_SECONDS = 900.0  # whoever takes longer to submit is gone, wherever it ran


@dataclass(frozen=True, slots=True)
class KeptBatch:
    """A batch, as far as it is known here."""

    batch: str
    owner: str
    created: float
    count: int

    @property
    def is_abandoned(self) -> bool:
        """Whether the process that was to submit it is gone, or gave up."""
        host, _, process = self.owner.rpartition(":")
        if not host or time.time() - self.created > _SUBMITTING_SECONDS:
            return True
        if host != socket.gethostname():
            return False
        try:
            os.kill(int(process), 0)
        except ProcessLookupError:
            return True
        except PermissionError:
            return False  # it lives, and belongs to somebody else
        return False


class BatchStore:
    """The state of all batches of a user, shared by all processes."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._connection = apsw.Connection(str(self.path))
            self._connection.set_busy_timeout(_BUSY_MILLISECONDS)
            self._connection.execute("PRAGMA synchronous=FULL")
            self._connection.execute(_SCHEMA)
            self._prune()
        except (OSError, apsw.Error) as error:
            raise StorageError(
                f"the state of batches cannot be kept ({error})",
                where=str(self.path),
                remedy="check free space and permissions of the folder",
            ) from error

    def find(self, identity: str, key: str) -> tuple[str, Outcome | None] | None:
        """Mark of the batch that a request is in, and what became of it; ``None`` if it is in none."""
        row = self._one("SELECT mark, outcome FROM items WHERE identity = ? AND key = ?", (identity, key))
        return None if row is None else (row[0], None if row[1] is None else _read(row[1]))

    def claim(self, identity: str, mark: str, keys: Sequence[str]) -> list[str]:
        """Take requests for a new batch; those that another process took first are left out."""
        with self._transaction():
            rows = [(identity, key, mark) for key in keys]
            self._connection.executemany("INSERT INTO items VALUES (?, ?, ?, NULL) ON CONFLICT DO NOTHING", rows)
            won = {key for (key,) in self._connection.execute("SELECT key FROM items WHERE mark = ?", (mark,))}
            if won:
                owner = f"{socket.gethostname()}:{os.getpid()}"
                row = (mark, identity, "", owner, time.time(), len(won))
                self._connection.execute("INSERT INTO batches VALUES (?, ?, ?, ?, ?, ?)", row)
        return [key for key in keys if key in won]

    def batch(self, mark: str) -> KeptBatch | None:
        """What is known of a batch; ``None`` if it was released."""
        row = self._one("SELECT batch, owner, created, count FROM batches WHERE mark = ?", (mark,))
        return None if row is None else KeptBatch(*row)

    def known(self) -> set[str]:
        """Identifiers of all batches that belong to a mark."""
        return {batch for (batch,) in self._connection.execute("SELECT batch FROM batches WHERE batch <> ''")}

    def name(self, mark: str, batch: str) -> None:
        """Write down how the endpoint calls a batch."""
        self._change("UPDATE batches SET batch = ? WHERE mark = ?", (batch, mark))

    def abandon(self, mark: str) -> None:
        """Say that nobody submits this batch any longer, and that nobody knows whether it was made."""
        self._change("UPDATE batches SET owner = '' WHERE mark = ?", (mark,))

    def release(self, mark: str) -> None:
        """Forget a batch that was not made or came to nothing: its requests may be asked again."""
        with self._transaction():
            self._connection.execute("DELETE FROM items WHERE mark = ?", (mark,))
            self._connection.execute("DELETE FROM batches WHERE mark = ?", (mark,))

    def keep(self, identity: str, mark: str, outcomes: Iterable[tuple[str, Outcome]]) -> None:
        """Keep what became of requests until they are asked for."""
        rows = [(_spell(outcome), identity, key, mark) for key, outcome in outcomes]
        sql = "UPDATE items SET outcome = ? WHERE identity = ? AND key = ? AND mark = ?"
        with self._transaction():
            self._connection.executemany(sql, rows)

    def finish(self, mark: str, missing: ProviderError) -> None:
        """Keep an error for every request of a batch that the endpoint told nothing about."""
        self._change("UPDATE items SET outcome = ? WHERE mark = ? AND outcome IS NULL", (_spell(missing), mark))

    def forget(self, identity: str, keys: Iterable[str]) -> None:
        """Forget requests whose outcome was handed out, and batches of which no request is left."""
        with self._transaction():
            rows = [(identity, key) for key in keys]
            self._connection.executemany("DELETE FROM items WHERE identity = ? AND key = ?", rows)
            self._connection.execute(
                "DELETE FROM batches WHERE batch <> '' AND NOT EXISTS (SELECT 1 FROM items WHERE mark = batches.mark)"
            )

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def _prune(self) -> None:
        with self._transaction():
            old = (time.time() - _KEPT_SECONDS,)
            sql = "DELETE FROM items WHERE mark IN (SELECT mark FROM batches WHERE created < ?)"
            self._connection.execute(sql, old)
            self._connection.execute("DELETE FROM batches WHERE created < ?", old)

    def _one(self, sql: str, row: Sequence[Any]) -> tuple[Any, ...] | None:
        with self._translated():
            return next(iter(self._connection.execute(sql, row)), None)

    def _change(self, sql: str, row: Sequence[Any]) -> None:
        with self._translated():
            self._connection.execute(sql, row)

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with self._translated():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except apsw.Error as error:
            raise StorageError(
                f"cannot be read or written ({type(error).__name__}: {error})",
                where=str(self.path),
                remedy="check free space and permissions of the folder; what was submitted is not lost",
            ) from error


def _spell(outcome: Outcome) -> str:
    if isinstance(outcome, Reply):
        return canonical_json({"reply": outcome}).decode()
    said = outcome.what.partition(": ")[2]
    error = {"kind": outcome.kind, "message": said, "model": outcome.where, "status": outcome.status}
    return canonical_json({"error": error}).decode()


def _read(text: str) -> Outcome:
    data: Mapping[str, Any] = orjson.loads(text)
    if "reply" in data:
        return reply_from_json(data["reply"])
    return ProviderError(data["error"].pop("kind"), data["error"].pop("message"), **data["error"])
