"""Which observations of a ledger are the cells that a page asks for: a million are looked at once, then any is near.

There is no index on status or words in a ledger, which would cost every run to serve the few that are looked at here.
"""

from __future__ import annotations

import threading
import time
from array import array
from bisect import bisect_left
from collections import OrderedDict
from dataclasses import dataclass, field
from pathlib import Path

import apsw

_BLOCK = 20_000
"""Observations that are looked through for words between two looks at the clock."""

_MOST_LEDGERS = 8
_MOST_SEARCHES = 8


@dataclass(slots=True)
class Found:
    """The rows that a filter leaves, as numbers of observations in the order in which they were finished."""

    numbers: array[int]
    looked_at: int
    """Observations that were looked through."""
    last: int
    """Observations that there are."""
    statuses: dict[str, int]
    """How many of those looked through have each status, whatever was asked for."""


@dataclass(slots=True)
class _Search:
    until: int = 0
    numbers: array[int] = field(default_factory=lambda: array("q"))


class _Known:
    """What is known of one ledger."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.forget()

    def forget(self) -> None:
        self.last = 0
        self.numbers: array[int] = array("q")
        self.by_status: dict[str, array[int]] = {}
        self.searches: OrderedDict[tuple[str, ...], _Search] = OrderedDict()
        self._failed: dict[str, int] = {}

    def look(self, connection: apsw.Connection, deadline: float) -> int:
        """Take in what was observed since, or as much as there is time for; gives the last number that there is.

        A failure no longer counts once its cell was asked again.
        """
        last = int(next(iter(connection.execute("SELECT coalesce(max(id), 0) FROM observations")))[0])
        if last < self.last:  # another ledger lies there now
            self.forget()
        gone: set[int] = set()
        while self.last < last:
            until = min(last, self.last + _BLOCK)
            self._take_in(connection, until, gone)
            if time.monotonic() >= deadline:
                break
        if gone:
            self.numbers = _without(gone, self.numbers)
            self.by_status = {status: _without(gone, some) for status, some in self.by_status.items()}
            self.searches.clear()
        return last

    def _take_in(self, connection: apsw.Connection, until: int, gone: set[int]) -> None:
        rows = connection.execute(
            "SELECT id, cell, status FROM observations WHERE id > ? AND id <= ? ORDER BY id", (self.last, until)
        )
        failed, numbers, by_status = self._failed, self.numbers, self.by_status
        for number, cell, status in rows:
            if failed and cell in failed:
                gone.add(failed.pop(cell))
            if status == "failed":
                failed[cell] = number
            numbers.append(number)
            try:
                by_status[status].append(number)
            except KeyError:
                by_status[status] = array("q", (number,))
        self.last = until


class CellIndex:
    """Remembers which observations count, and which of them a status or words leave, from one page to the next."""

    def __init__(self) -> None:
        self._known: OrderedDict[Path, _Known] = OrderedDict()
        self._lock = threading.Lock()

    def find(
        self, file: Path, connection: apsw.Connection, *, status: str, words: tuple[str, ...], seconds: float
    ) -> Found:
        """The rows of a filter.

        Args:
            file: The ledger.
            connection: It, open.
            status: Only those of this status; empty: all.
            words: Only those whose factors and detail hold all of these, in lower case.
            seconds: How long may be looked; what was found by then is given, and the next call goes on.
        """
        known = self._of(file)
        deadline = time.monotonic() + seconds
        with known.lock:
            last = known.look(connection, deadline)
            counts = {name: len(some) for name, some in known.by_status.items() if some}
            if not words:
                numbers = known.by_status.get(status, array("q")) if status else known.numbers
                return Found(numbers, known.last, last, counts)
            search = _search(known, connection, status, words, deadline)
            return Found(search.numbers, search.until, last, counts)

    def forget(self, file: Path) -> None:
        """Look at a ledger anew, as something was taken out of it."""
        with self._lock:
            self._known.pop(file, None)

    def _of(self, file: Path) -> _Known:
        with self._lock:
            known = self._known.setdefault(file, _Known())
            self._known.move_to_end(file)
            while len(self._known) > _MOST_LEDGERS:
                self._known.popitem(last=False)
            return known


def _search(
    known: _Known, connection: apsw.Connection, status: str, words: tuple[str, ...], deadline: float
) -> _Search:
    key = (status, *words)
    search = known.searches.setdefault(key, _Search())
    known.searches.move_to_end(key)
    while len(known.searches) > _MOST_SEARCHES:
        known.searches.popitem(last=False)
    conditions = ["id > ?", "id <= ?"] + ["status = ?"] * bool(status)
    conditions += ["instr(lower(factors || ' ' || detail), ?)"] * len(words)
    statement = f"SELECT id FROM observations WHERE {' AND '.join(conditions)} ORDER BY id"
    while search.until < known.last:
        until = min(known.last, search.until + _BLOCK)
        values = (search.until, until, *([status] if status else []), *words)
        for (number,) in connection.execute(statement, values):
            if _is_in(number, known.numbers):
                search.numbers.append(number)
        search.until = until
        if time.monotonic() >= deadline:
            break
    return search


def _is_in(number: int, numbers: array[int]) -> bool:
    place = bisect_left(numbers, number)
    return place < len(numbers) and numbers[place] == number


def _without(gone: set[int], numbers: array[int]) -> array[int]:
    return array("q", (number for number in numbers if number not in gone))
