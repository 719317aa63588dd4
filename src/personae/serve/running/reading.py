"""What a run's ledger holds, read a page at a time: a million cells cost no more than a hundred."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import apsw
import orjson

from personae.errors import StorageError
from personae.serve.faults import Refusal, not_found

_LOOKED_AT = 20_000
"""Observations that one request for words looks through; it may find nothing and say where to go on."""

_MOST_VALUES = 50


class AskedAgain:
    """Remembers which observations no longer count, as their cells were asked again: only failures are.

    Every observation is looked at once, whatever is asked later: there is no index on cells, and none is needed.
    """

    def __init__(self) -> None:
        self._known: dict[Path, tuple[int, dict[str, int], set[int]]] = {}
        self._lock = threading.Lock()

    def look(self, file: Path, connection: apsw.Connection, last: int) -> set[int]:
        """Numbers of the observations that no longer count."""
        with self._lock:
            seen, failed, gone = self._known.get(file, (0, {}, set()))
            if seen > last:  # another ledger lies there now
                seen, failed, gone = 0, {}, set()
            rows = connection.execute(
                "SELECT id, cell, status FROM observations WHERE id > ? AND id <= ? ORDER BY id", (seen, last)
            )
            for id, cell, status in rows:
                if cell in failed:
                    gone.add(failed.pop(cell))
                if status == "failed":
                    failed[cell] = id
            self._known[file] = (last, failed, gone)
            return set(gone)


class CellReader:
    """The ledger of one run, opened for reading.

    Args:
        folder: The run folder.
        asked_again: What is known of observations that no longer count, kept from one page to the next.

    Raises:
        Refusal: If the run keeps its ledger elsewhere, or has none.
    """

    def __init__(self, folder: Path, asked_again: AskedAgain) -> None:
        self._asked_again = asked_again
        self._file = folder / "ledger.sqlite"
        if not self._file.is_file():
            raise Refusal(
                409, "conflict", "has no ledger here", where=folder.name, remedy="personae run query reads it elsewhere"
            )

    def page(
        self, *, status: str, query: str, limit: int, after: int
    ) -> tuple[list[dict[str, Any]], int | None, int | None]:
        """Cells in the order in which they were finished: the page, where the next one begins, and how many in
        all, which nobody counts where only some are wanted.

        The place is the number of an observation, so that the ten-thousandth page is as quick as the first.
        """
        with self._reading() as connection:
            last = int(next(iter(connection.execute("SELECT coalesce(max(id), 0) FROM observations")))[0])
            gone = self._asked_again.look(self._file, connection, last)
            words = query.lower().split()[:8]
            conditions = ["id > ?", "id <= ?"] + ["status = ?"] * bool(status)
            conditions += ["instr(lower(factors || ' ' || detail), ?)"] * len(words)
            until = min(last, after + _LOOKED_AT) if status or words else last
            rows = connection.execute(
                f"SELECT id, cell, status, detail, factors, finished FROM observations WHERE {' AND '.join(conditions)}"
                " ORDER BY id LIMIT ?",
                (after, until, *([status] if status else []), *words, limit + len(gone) + 1),
            )
            found = [row for row in rows if row[0] not in gone]
        items = [_row(*row) for row in found[:limit]]
        if len(found) > limit:
            following: int | None = int(found[limit - 1][0])
        else:
            following = until if until < last else None
        return items, following, None if status or words else last - len(gone)

    def cell(self, name: str) -> dict[str, Any]:
        """One cell with what was asked and answered.

        Raises:
            Refusal: If there is none.
        """
        number, _, key = name.partition("-")
        if not (number.isascii() and number.isdecimal() and len(number) < 18):
            raise not_found("cell", name)
        with self._reading() as connection:
            rows = list(
                connection.execute(
                    'SELECT id, cell, status, detail, factors, finished, "values", transcript FROM observations'
                    " WHERE id = ? AND cell = ?",
                    (int(number), key),
                )
            )
            if not rows:
                raise not_found("cell", name)
            calls = connection.execute(
                "SELECT role, model, request, reply, error, cost, seconds FROM calls"
                " WHERE id IN (SELECT id FROM call_cells WHERE cell = ?) ORDER BY id LIMIT 500",
                (key,),
            )
            shown = [_call(*row) for row in calls]
        *head, values, transcript = rows[0]
        return {
            **_row(*head),
            "values": orjson.loads(values),
            "transcript": orjson.loads(transcript),
            "calls": shown,
        }

    def factors(self) -> list[dict[str, Any]]:
        """The factors of the design with their first values, from the first observations."""
        found: dict[str, dict[str, None]] = {}
        with self._reading() as connection:
            for (factors,) in connection.execute("SELECT factors FROM observations ORDER BY id LIMIT 5000"):
                for name, value in orjson.loads(factors).items():
                    values = found.setdefault(name, {})
                    if len(values) < _MOST_VALUES:
                        values[str(value)] = None
        return [{"name": name, "values": list(values)} for name, values in found.items()]

    @contextlib.contextmanager
    def _reading(self) -> Iterator[apsw.Connection]:
        try:
            connection = apsw.Connection(str(self._file), flags=apsw.SQLITE_OPEN_READONLY)
            try:
                connection.set_busy_timeout(5000)
                yield connection
            finally:
                connection.close()
        except apsw.Error as error:
            raise StorageError(f"cannot be read ({error})", where=str(self._file), remedy="try again") from error


def _row(id: int, cell: str, status: str, detail: str, factors: str, finished: float) -> dict[str, Any]:
    return {
        "cell": f"{id}-{cell}",
        "status": status,
        "detail": detail,
        "factors": orjson.loads(factors),
        "finished": finished,
    }


def _call(
    role: str, model: str, request: str, reply: str | None, error: str, cost: float | None, seconds: float
) -> dict[str, Any]:
    asked = orjson.loads(request)
    answered = orjson.loads(reply) if reply else {}
    return {
        "role": role,
        "model": model,
        "request": {
            "messages": [
                {"role": one.get("role", ""), "content": str(one.get("content", ""))}
                for one in asked.get("messages", [])
            ],
            "sampling": asked.get("sampling", {}),
        },
        "text": answered.get("text", ""),
        "error": error,
        "cost": cost,
        "seconds": seconds,
        "is_cached": bool(answered.get("is_cached", False)),
    }
