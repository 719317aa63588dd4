"""What a run's ledger holds, read a page at a time: a million cells cost no more than a hundred."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from personae.serve.faults import Refusal, not_found
from personae.serve.running.index import CellIndex
from personae.serve.running.ledgers import reading

_LOOKING_SECONDS = 0.15
"""How long one request looks through a ledger; it may find nothing yet and say that there is more."""

_MOST_VALUES = 50


@dataclass(frozen=True, slots=True)
class CellPage:
    """A page of cells."""

    items: list[dict[str, Any]]
    following: int | None
    """Row at which the next page begins."""
    total: int
    """Cells found; all that there are if ``is_all``."""
    statuses: dict[str, int]
    """How many of the cells looked through have each status, whatever was asked for."""
    looked_at: int
    """Observations that were looked through so far."""
    of: int
    """Observations that there are."""
    is_all: bool
    """Whether all were looked through."""


class CellReader:
    """The ledger of one run, opened for reading.

    Args:
        folder: The run folder.
        index: What is known of ledgers, kept from one page to the next.

    Raises:
        Refusal: If the run keeps its ledger elsewhere, or has none.
    """

    def __init__(self, folder: Path, index: CellIndex) -> None:
        self._index = index
        self._file = folder / "ledger.sqlite"
        if not self._file.is_file():
            raise Refusal(
                409, "conflict", "has no ledger here", where=folder.name, remedy="personae run query reads it elsewhere"
            )

    def page(self, *, status: str, query: str, limit: int, start: int) -> CellPage:
        """Cells in the order in which they were finished, from any place on.

        Args:
            status: Only these; empty: all.
            query: Words that factors and details must hold.
            limit: How many at most.
            start: Row to begin with; the first is 0.
        """
        words = tuple(query.lower().split()[:8])
        with reading(self._file) as connection:
            found = self._index.find(self._file, connection, status=status, words=words, seconds=_LOOKING_SECONDS)
            numbers = found.numbers[start : start + limit]
            rows = connection.execute(
                "SELECT id, cell, status, detail, factors, finished FROM observations"
                f" WHERE id IN ({','.join(map(str, numbers))}) ORDER BY id"
            )
            items = [_row(*row) for row in rows]
        total = len(found.numbers)
        following = start + len(items)
        return CellPage(
            items,
            following if following < total else None,
            total,
            found.statuses,
            found.looked_at,
            found.last,
            found.looked_at >= found.last,
        )

    def look(self) -> None:
        """Look at all observations now, so that the first page need not wait for it."""
        with reading(self._file) as connection:
            while (
                found := self._index.find(self._file, connection, status="", words=(), seconds=0.2)
            ).looked_at < found.last:
                pass

    def cell(self, name: str) -> dict[str, Any]:
        """One cell with what was asked and answered.

        Raises:
            Refusal: If there is none.
        """
        number, _, key = name.partition("-")
        if not (number.isascii() and number.isdecimal() and len(number) < 18):
            raise not_found("cell", name)
        with reading(self._file) as connection:
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
        with reading(self._file) as connection:
            for (factors,) in connection.execute("SELECT factors FROM observations ORDER BY id LIMIT 5000"):
                for name, value in orjson.loads(factors).items():
                    values = found.setdefault(name, {})
                    if len(values) < _MOST_VALUES:
                        values[str(value)] = None
        return [{"name": name, "values": list(values)} for name, values in found.items()]


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
