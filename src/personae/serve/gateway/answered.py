"""Whose a response is that an endpoint keeps: nobody goes on with a conversation of somebody else's.

Endpoints keep responses under the account of this server, which all its users share: whoever knew an id could go on
with the conversation. So it is kept here who was given which id, as hashes and for as long as endpoints keep them.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping
from typing import Any

from personae.serve.faults import Refusal
from personae.serve.identity import Caller
from personae.serve.store import Store

SCHEMA = """
CREATE TABLE IF NOT EXISTS responses (hash TEXT PRIMARY KEY, owner TEXT NOT NULL, created REAL NOT NULL) WITHOUT ROWID;
"""

KEPT_SECONDS = 30 * 24 * 3600
"""OpenAI keeps responses for 30 days."""


class Answered:
    """The owners of responses.

    Args:
        store: Where they are kept.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._waiting: dict[str, tuple[str, float]] = {}
        """Not yet written: owner and time by hash."""

    def own(self, id: Any, caller: Caller) -> None:
        """A response was given to somebody; written down by :meth:`flush`."""
        if caller.key is not None and isinstance(id, str) and id:
            self._waiting[_hash(id)] = (caller.user, time.time())

    def check(self, body: Mapping[str, Any], caller: Caller) -> None:
        """Refuse to go on with what is not the caller's; without keys, all is one user's.

        Raises:
            Refusal: If it was given to nobody, or to somebody else.
        """
        if caller.key is None:
            return
        if body.get("conversation"):
            raise Refusal(
                400, "unsupported_parameter", "conversations of an endpoint belong to nobody here",
                where="conversation", remedy="go on by previous_response_id, or send the whole conversation",
            )  # fmt: skip
        id = body.get("previous_response_id")
        if id and self._owner(id) != caller.user:
            raise Refusal(
                404, "previous_response_not_found", "there is no such response of yours",
                where="previous_response_id", remedy="send the whole conversation as input",
            )  # fmt: skip

    def flush(self) -> None:
        """Write down what is waiting, and forget what endpoints have forgotten.

        Raises:
            StorageError: If it cannot be written.
        """
        waiting = dict(self._waiting)
        if not waiting:
            return
        with self._store.writing() as connection:
            rows = [(id, owner, when) for id, (owner, when) in waiting.items()]
            connection.executemany("INSERT OR REPLACE INTO responses VALUES (?, ?, ?)", rows)
            connection.execute("DELETE FROM responses WHERE created < ?", (time.time() - KEPT_SECONDS,))
        for id in waiting:
            self._waiting.pop(id, None)

    def _owner(self, id: Any) -> str:
        if not isinstance(id, str):
            return ""
        hashed = _hash(id)
        if hashed in self._waiting:
            return self._waiting[hashed][0]
        row = self._store.first("SELECT owner FROM responses WHERE hash = ?", (hashed,))
        return str(row[0]) if row else ""


def _hash(id: str) -> str:
    return hashlib.sha256(id.encode("utf-8", "replace")).hexdigest()
