"""Who did what: one line for every change and every request of the gateway, without anybody's words."""

from __future__ import annotations

import time
from typing import Any

from personae.serve.store import Store

SCHEMA = """
CREATE TABLE IF NOT EXISTS audit (
    id INTEGER PRIMARY KEY,
    time REAL NOT NULL,
    user TEXT NOT NULL,
    action TEXT NOT NULL,          -- persona.create, key.revoke, gateway.chat ...
    target TEXT NOT NULL,          -- what it was done to
    detail TEXT NOT NULL           -- numbers and names; never prompts or replies
);
"""

_MOST_WAITING = 100_000
"""Lines that are kept while they cannot be written, as on a full disk."""


class Audit:
    """Keeps the lines; those of the gateway are written together, a second late at most."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._waiting: list[tuple[float, str, str, str, str]] = []

    def note(self, user: str, action: str, target: str = "", detail: str = "") -> None:
        """Write a line now."""
        row = (time.time(), user, action, target[:300], detail[:1000])
        self._store.write("INSERT INTO audit VALUES (NULL, ?, ?, ?, ?, ?)", row)

    def note_soon(self, user: str, action: str, target: str, detail: str) -> None:
        """Write a line with the next ones."""
        if len(self._waiting) < _MOST_WAITING:
            self._waiting.append((time.time(), user, action, target[:300], detail[:1000]))

    def flush(self) -> None:
        """Write what is waiting; where that fails, it goes on waiting.

        Raises:
            StorageError: If it cannot be written.
        """
        waiting, self._waiting = self._waiting, []
        if not waiting:
            return
        try:
            with self._store.writing() as connection:
                connection.executemany("INSERT INTO audit VALUES (NULL, ?, ?, ?, ?, ?)", waiting)
        except BaseException:
            self._waiting[:0] = waiting
            raise

    def page(self, limit: int, before: int | None) -> tuple[list[dict[str, Any]], int | None]:
        """The latest lines, and the cursor of those before them."""
        self.flush()
        rows = self._store.read(
            "SELECT id, time, user, action, target, detail FROM audit WHERE id < ? ORDER BY id DESC LIMIT ?",
            (before if before is not None else 2**62, limit + 1),
        )
        names = ("time", "user", "action", "target", "detail")
        items = [dict(zip(names, row[1:], strict=True)) for row in rows[:limit]]
        return items, rows[limit - 1][0] if len(rows) > limit else None
