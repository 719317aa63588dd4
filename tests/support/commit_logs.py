"""A commit log of notes, and another connection to its file."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import apsw

from personae.commits import CommitLog

SCHEMA = "CREATE TABLE IF NOT EXISTS notes (id TEXT PRIMARY KEY, note TEXT NOT NULL)"
INSERT = "INSERT INTO notes VALUES (?, ?)"
PATIENCE = 30.0  # a hanging writer must fail the test, not stop it


def seen_by_others(path: Path) -> set[str]:
    """Keys that another connection finds in the file."""
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    try:
        return {key for (key,) in connection.execute("SELECT id FROM notes")}
    finally:
        connection.close()


async def append_all(log: CommitLog, rows: list[tuple[Any, Any]]) -> list[BaseException | None]:
    """Append rows at once; what became of each."""
    outcomes = asyncio.gather(*(log.append(INSERT, row) for row in rows), return_exceptions=True)
    return await asyncio.wait_for(outcomes, PATIENCE)


def hold_the_lock(path: Path) -> apsw.Connection:
    """Another writer that makes the log wait."""
    other = apsw.Connection(str(path))
    other.execute("BEGIN IMMEDIATE")
    return other
