"""The ledger of a run: every call and every observation, append-only, in one SQLite file.

Whatever is in the ledger is finished. A run that is started again reads it, skips the cells that have an observation
and gives calls that were answered in unfinished cells from here instead of asking again.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby, islice
from operator import itemgetter
from pathlib import Path
from typing import Any

import orjson

from personae.canonical import canonical_json
from personae.commits import CommitLog, damaged
from personae.errors import InputError
from personae.model import (
    Message,
    Reply,
    Request,
    Status,
    reply_from_json,
    reply_to_json,
    request_from_json,
    request_key,
)
from personae.study.budget import CallKind, Experience
from personae.study.cell import Cell
from personae.study.keys import KeySet
from personae.study.observation import Observation

SCHEMA_VERSION = 2

_SCHEMA = f"""
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
INSERT INTO meta VALUES ('schema_version', '{SCHEMA_VERSION}') ON CONFLICT (key) DO NOTHING;
CREATE TABLE IF NOT EXISTS calls (
    id INTEGER PRIMARY KEY,
    cell TEXT NOT NULL,
    key TEXT NOT NULL,             -- hash of role, identity of the model, and the whole request
    role TEXT NOT NULL,
    model TEXT NOT NULL,
    request TEXT NOT NULL,         -- JSON
    reply TEXT,                    -- JSON; NULL if the call failed
    error TEXT NOT NULL,           -- why it failed
    input_tokens INTEGER NOT NULL,
    cached_tokens INTEGER NOT NULL,
    output_tokens INTEGER NOT NULL,
    reasoning_tokens INTEGER NOT NULL,
    cost REAL,                     -- US dollars; NULL if the price is not known
    seconds REAL NOT NULL,
    finished REAL NOT NULL         -- seconds since 1970
);
-- Keys are random, and an index on them costs a page of disk for each row. A narrow table in the order of the calls is
-- read through in a fraction of a second for a million of them, and written for nothing.
CREATE TABLE IF NOT EXISTS call_cells (id INTEGER PRIMARY KEY, cell TEXT NOT NULL);
CREATE TRIGGER IF NOT EXISTS note_cell AFTER INSERT ON calls
    BEGIN INSERT OR IGNORE INTO call_cells VALUES (new.id, new.cell); END;
CREATE TABLE IF NOT EXISTS observations (
    id INTEGER PRIMARY KEY,
    cell TEXT NOT NULL,
    status TEXT NOT NULL,
    detail TEXT NOT NULL,
    factors TEXT NOT NULL,         -- JSON
    "values" TEXT NOT NULL,        -- JSON
    transcript TEXT NOT NULL,      -- JSON
    finished REAL NOT NULL
);
"""

_LATEST = "FROM observations WHERE id IN (SELECT max(id) FROM observations GROUP BY cell)"

_COPIED = (
    (
        "calls",
        "cell, key, role, model, request, reply, error, input_tokens, cached_tokens, output_tokens, reasoning_tokens,"
        " cost, seconds, finished",
        "old.cell = new.cell AND old.key = new.key AND old.finished = new.finished",
    ),
    (
        "observations",
        'cell, status, detail, factors, "values", transcript, finished',
        "old.cell = new.cell AND (old.finished = new.finished OR (new.status = 'failed' AND old.status <> 'failed'))",
    ),
)
"""Tables, what is copied of them, and when a row is not: it is there, or is a failure of what succeeded here."""

_FAILED_LAST = """
SELECT cell FROM (
    SELECT cell, status, max(id) FROM observations
    WHERE cell IN (SELECT cell FROM observations WHERE status = 'failed') GROUP BY cell
) WHERE status = 'failed'
"""

CALL_COLUMNS: dict[str, type] = {
    "id": int,
    "cell": str,
    "role": str,
    "model": str,
    "text": str,
    "finish": str,
    "is_cached": bool,
    "error": str,
    "input_tokens": int,
    "cached_tokens": int,
    "output_tokens": int,
    "reasoning_tokens": int,
    "cost": float,
    "seconds": float,
    "finished": float,
    "key": str,
    "request": str,
    "reply": str,
}
"""Fields of ``call_rows``: those of the table ``calls``, and what is asked of a reply most often."""

_CALLS = """
SELECT id, cell, role, model, reply ->> 'text', reply ->> 'finish', reply ->> 'is_cached', error, input_tokens,
    cached_tokens, output_tokens, reasoning_tokens, cost, seconds, finished, key, request, reply
FROM calls ORDER BY id
"""

_PIECE = 20_000
"""Rows that are held at once where a whole table is read."""

_FACTORS = "SELECT DISTINCT key FROM observations, json_each(observations.factors)"

_EXPERIENCE = """
SELECT role, json_array_length(request, '$.messages') AS turns, request ->> 'schema' IS NOT NULL AS has_schema,
    count(*), sum((SELECT sum(length(value ->> 'content')) FROM json_each(request, '$.messages'))), sum(input_tokens),
    max(output_tokens)
FROM (SELECT * FROM calls WHERE reply IS NOT NULL ORDER BY id DESC LIMIT 1000) GROUP BY role, turns, has_schema
"""

_SPENDING = """
SELECT {part} AS part, count(*), sum(coalesce(reply ->> 'is_cached', 0)), sum(reply IS NULL), sum(input_tokens),
    sum(cached_tokens), sum(output_tokens), sum(reasoning_tokens), coalesce(sum(cost), 0.0),
    sum(reply IS NOT NULL AND cost IS NULL)
FROM calls {join} GROUP BY part ORDER BY sum(cost) DESC, sum(input_tokens + output_tokens) DESC, part
"""


@dataclass(frozen=True, slots=True)
class RecordedCall:
    """One call as the ledger keeps it."""

    cell: str
    role: str
    model: str
    request: Request
    reply: Reply | None
    error: str


@dataclass(frozen=True, slots=True)
class UncachedCall:
    """A call that an endpoint was asked, as it had no answer in the response cache."""

    call: RecordedCall
    before: Reply | str | None
    """What the same call had been answered when it was made before in this run, or why it failed."""
    finished: float
    """Seconds since 1970."""


@dataclass(frozen=True, slots=True)
class Spending:
    """What calls of one role, model or level of a factor took."""

    name: str
    calls: int
    from_cache: int
    failed: int
    input_tokens: int
    cached_tokens: int
    output_tokens: int
    reasoning_tokens: int
    cost: float
    """US dollars, as far as prices are known."""
    unpriced: int
    """Calls whose cost is not known."""


def call_key(role: str, identity: str, request: Request) -> str:
    """Identity of a call within its cell."""
    return hashlib.sha256(b'%b%b"]' % (_before(role, identity), request_key(request).encode())).hexdigest()


@lru_cache(maxsize=256)
def _before(role: str, identity: str) -> bytes:
    """What stands before the key of the request in the canonical spelling of all three."""
    return canonical_json([role, identity, ""])[:-2]


class Ledger:
    """What a run has done, kept in one file that ordinary tools can read.

    Raises:
        InputError: If another version of personae laid the file out.
        StorageError: If the file cannot be opened.
    """

    def __init__(self, path: Path, *, is_durable: bool = True) -> None:
        self.path = path
        self._log = CommitLog(path, _SCHEMA, is_durable=is_durable)
        found = self._log.read("SELECT value FROM meta WHERE key = 'schema_version'")
        if found != [(str(SCHEMA_VERSION),)]:
            self._log.close()
            raise InputError("the ledger is of another version of personae", where=str(path))

    async def add_call(
        self,
        cell: Cell,
        role: str,
        identity: str,
        model: str,
        request: Request,
        reply: Reply | None,
        *,
        error: str = "",
        cost: float | None = None,
    ) -> int:
        """Keep a call; it is on disk within a tenth of a second.

        Returns:
            What ``wait_for`` takes to wait until it is.
        """
        usage = reply.usage if reply else None
        return await self._keep(
            "INSERT INTO calls VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                cell.key,
                call_key(role, identity, request),
                role,
                model,
                request.spelling.decode(),
                orjson.dumps(reply_to_json(reply)).decode() if reply else None,
                error,
                usage.input_tokens if usage else 0,
                usage.cached_tokens if usage else 0,
                usage.output_tokens if usage else 0,
                usage.reasoning_tokens if usage else 0,
                cost,
                reply.seconds if reply else 0.0,
                time.time(),
            ),
        )

    async def add_observation(self, cell: Cell, observation: Observation) -> None:
        """Keep an observation; it is on disk within a tenth of a second, and the cell is finished from then on.

        Raises:
            InputError: If a value is none that a column can hold.
        """
        try:
            values = _text(dict(observation.values))
        except TypeError as error:
            raise InputError(
                f"the observation has a value that cannot be kept ({error})",
                where=f"cell {cell.key[:16]}",
                remedy="observe texts, numbers, truth values and lists of them, as Python has them",
            ) from error
        await self._keep(
            "INSERT INTO observations VALUES (NULL, ?, ?, ?, ?, ?, ?, ?)",
            (
                cell.key,
                observation.status,
                observation.detail,
                cell.spelled_factors.decode(),
                values,
                _text(observation.transcript) if observation.transcript else "[]",
                time.time(),
            ),
        )

    def is_kept(self, ticket: int) -> bool:
        """Whether a row is on disk."""
        return self._log.is_written(ticket)

    async def wait_for(self, ticket: int) -> None:
        """Wait until a row is on disk."""
        await self._log.wait_for(ticket)

    def settle(self) -> None:
        """Wait until everything is on disk."""
        self._log.settle()

    async def _keep(self, sql: str, row: tuple[Any, ...]) -> int:
        if self._log.is_behind:
            await self._log.append(sql, row)
            return 0
        return self._log.put(sql, row)

    def _read(self, sql: str, row: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
        self._log.settle()
        return self._log.read(sql, row)

    def _scan(self, sql: str, row: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
        self._log.settle()
        return self._log.scan(sql, row)

    def take_over(self, path: Path) -> None:
        """Copy the calls and observations of another ledger that are not here yet, in their order.

        Raises:
            StorageError: If the other file cannot be read.
        """
        self.settle()
        self._log.write_now("ATTACH DATABASE ? AS other", (str(path),))
        try:
            for table, columns, same in _COPIED:
                self._log.write_now(f"CREATE INDEX main.while_merging ON {table} (cell)")
                self._log.write_now(
                    f"INSERT INTO main.{table} ({columns}) SELECT {columns} FROM other.{table} AS new WHERE NOT EXISTS "
                    f"(SELECT 1 FROM main.{table} AS old WHERE {same}) ORDER BY id"
                )
                self._log.write_now("DROP INDEX main.while_merging")
        finally:
            self._log.write_now("DROP INDEX IF EXISTS main.while_merging")
            self._log.write_now("DETACH DATABASE other")

    def erase(self, cell: str) -> None:
        """Take all that was observed in a cell out of the file, so that nothing of it can be read from the disk.

        For people who withdraw what they have said; whatever was measured before has to be measured again.

        Raises:
            StorageError: If the file cannot be written.
        """
        self.settle()
        for sql, row in (
            ("PRAGMA secure_delete = ON", ()),
            ("DELETE FROM observations WHERE cell = ?", (cell,)),
            ("PRAGMA wal_checkpoint(TRUNCATE)", ()),  # what was written before lies in the log until then
        ):
            self._log.write_now(sql, row)

    def finished_cells(self) -> KeySet:
        """Keys of the cells that need not be observed again: all but those whose last observation failed."""
        finished = KeySet()
        for keys in self._in_pieces("cell", "observations", "status <> 'failed'"):
            finished.add_joined(keys)
        finished.discard([cell for (cell,) in self._read(_FAILED_LAST)])
        return finished

    def unfinished_replies(self, finished: KeySet | None = None) -> dict[str, dict[str, list[Reply]]]:
        """Answered calls of cells that are not finished, by cell and call key, oldest first.

        Args:
            finished: Keys of the finished cells, if they are known already.
        """
        done = self.finished_cells() if finished is None else finished
        found: dict[str, dict[str, list[Reply]]] = {}
        rows = self._scan("SELECT id, cell FROM call_cells ORDER BY id")
        while piece := list(islice(rows, _PIECE)):
            for (number, cell), is_done in zip(piece, done.holds([cell for _, cell in piece]), strict=True):
                if not is_done:
                    for key, reply in self._log.read("SELECT key, reply FROM calls WHERE id = ?", (number,)):
                        if reply is not None:
                            with _decoding(self.path):
                                kept = reply_from_json(orjson.loads(reply))
                            found.setdefault(cell, {}).setdefault(key, []).append(kept)
        return found

    def _in_pieces(self, column: str, table: str, condition: str) -> Iterator[str]:
        """A column of keys, some ten thousand at a time, written one after the other."""
        last = self._read(f"SELECT coalesce(max(id), 0) FROM {table}")[0][0]
        piece = f"SELECT coalesce(group_concat({column}, ''), '') FROM {table} WHERE id BETWEEN ? AND ? AND {condition}"
        for start in range(1, last + 1, _PIECE):
            yield self._log.read(piece, (start, start + _PIECE - 1))[0][0]

    def lines(self, last: int | None = None) -> Iterator[bytes]:
        """Observations as lines of JSON, some ten thousand at a time, in the order in which they were kept.

        Each line is what ``rows`` gives for the observation. A cell that was observed again has a line for each time.

        Args:
            last: The last observation wanted, as ``last_observation`` told it.
        """
        until = self.last_observation() if last is None else last
        every = 'SELECT cell, status, detail, factors, "values" FROM observations WHERE id <= ? ORDER BY id'
        rows = self._scan(every, (until,))
        while piece := list(islice(rows, _PIECE)):
            yield "\n".join([_line(*row) for row in piece]).encode()

    def latest_lines(self, at_once: int = _PIECE) -> Iterator[bytes]:
        """The last observation of every cell as lines of JSON, some at a time, in the order of their keys.

        When to use: for tables that are too long to hold; ``lines`` is faster where they are not.
        """
        every = 'SELECT cell, status, detail, factors, "values" FROM observations ORDER BY cell, id'
        latest = (_last(rows) for _, rows in groupby(self._scan(every), key=itemgetter(0)))
        while piece := list(islice(latest, at_once)):
            yield "\n".join([_line(*row) for row in piece]).encode()

    def call_rows(self) -> Iterator[tuple[Any, ...]]:
        """Every call as a flat row, in the order they were made; its fields are ``CALL_COLUMNS``."""
        return self._scan(_CALLS)

    def last_observation(self) -> int:
        """The number of the latest observation; 0 if there is none."""
        return int(self._read("SELECT coalesce(max(id), 0) FROM observations")[0][0])

    def rows(self) -> Iterator[dict[str, Any]]:
        """The last observation of every cell as a flat row: cell, status, detail, factors, values.

        In the order of their keys: a table must not depend on which worker was faster.
        """
        every = 'SELECT cell, status, detail, factors, "values" FROM observations ORDER BY cell, id'
        for _, observations in groupby(self._scan(every), key=itemgetter(0)):
            *_, (cell, status, detail, factors, values) = observations
            with _decoding(self.path):
                columns = {**orjson.loads(factors), **orjson.loads(values)}
            yield {"cell": cell, "status": status, "detail": detail, **columns}

    def count_statuses(self) -> dict[Status, int]:
        """How many cells ended in each status."""
        return dict(self._read(f"SELECT status, count(*) {_LATEST} GROUP BY status"))

    def count_calls(self) -> dict[str, float]:
        """Totals over all calls: how many, how many failed, tokens, known cost, calls of unknown cost."""
        names = (
            "calls",
            "failed",
            "input_tokens",
            "cached_tokens",
            "output_tokens",
            "reasoning_tokens",
            "cost",
            "unpriced",
        )
        row = self._read(
            "SELECT count(*), coalesce(sum(reply IS NULL), 0), coalesce(sum(input_tokens), 0),"
            " coalesce(sum(cached_tokens), 0), coalesce(sum(output_tokens), 0), coalesce(sum(reasoning_tokens), 0),"
            " coalesce(sum(cost), 0.0), coalesce(sum(reply IS NOT NULL AND cost IS NULL), 0) FROM calls"
        )[0]
        return dict(zip(names, row, strict=True))

    def spent(self) -> tuple[float, int]:
        """US dollars as far as prices are known, and tokens of calls that were not answered from a cache."""
        row = self._read(
            "SELECT coalesce(sum(cost), 0.0), coalesce(sum(input_tokens + output_tokens), 0) FROM calls"
            " WHERE reply IS NOT NULL AND NOT (reply ->> 'is_cached')"
        )[0]
        return float(row[0]), int(row[1])

    def experience(self) -> dict[CallKind, Experience]:
        """What the latest calls of each kind needed."""
        rows = self._read(_EXPERIENCE)
        return {(role, turns, bool(has_schema)): Experience(*needed) for role, turns, has_schema, *needed in rows}

    def spending(self, by: str) -> list[Spending]:
        """What calls took, the dearest first: by ``role``, by ``model``, or by a factor of the design.

        Raises:
            InputError: If the design has no such factor.

        Example:
            >>> from tempfile import mkdtemp
            >>> Ledger(Path(mkdtemp()) / "ledger.sqlite").spending("role")
            []
        """
        part, join, path = f"calls.{by}", "", ""
        if by not in ("role", "model"):
            factors = [name for (name,) in self._read(_FACTORS)]
            if by not in factors:
                known = ", ".join(["role", "model", *sorted(factors)])
                raise InputError(f"the run has no factor {by!r}", where="by", remedy=f"choose one of {known}")
            part, path = "observations.factors ->> ?", f'$."{by}"'
            join = f"LEFT JOIN (SELECT cell, factors {_LATEST}) AS observations USING (cell)"
        rows = self._read(_SPENDING.format(part=part, join=join), (path,) if path else ())
        return [Spending("" if name is None else str(name), *numbers) for name, *numbers in rows]

    def example_calls(self, cells: list[str]) -> list[RecordedCall]:
        """All calls of some cells, in the order they were made."""
        marks = ",".join("?" * len(cells))
        rows = self._read(
            "SELECT cell, role, model, request, reply, error FROM calls"
            f" WHERE id IN (SELECT id FROM call_cells WHERE cell IN ({marks})) ORDER BY id",
            tuple(cells),
        )
        with _decoding(self.path):
            return [_recorded(*row) for row in rows]

    def uncached_calls(self, roles: Sequence[str], limit: int) -> tuple[list[UncachedCall], int]:
        """The first calls of some roles that no cache answered, oldest first, and how many there are in all."""
        missed = "FROM calls WHERE role IN (SELECT value FROM json_each(?)) AND NOT coalesce(reply ->> 'is_cached', 0)"
        wanted = orjson.dumps(list(roles)).decode()
        total = int(self._read(f"SELECT count(*) {missed}", (wanted,))[0][0])
        rows = self._read(
            f"SELECT id, key, finished, cell, role, model, request, reply, error {missed} ORDER BY id LIMIT ?",
            (wanted, limit),
        )
        keys = orjson.dumps(sorted({key for _, key, *_ in rows})).decode()
        same = "SELECT id, key, reply, error FROM calls WHERE id < ? AND key IN (SELECT value FROM json_each(?))"
        earlier: dict[str, list[tuple[int, Reply | str]]] = {}
        for number, key, reply, error in self._read(
            f"{same} ORDER BY id", (max((r[0] for r in rows), default=0), keys)
        ):
            earlier.setdefault(key, []).append((number, _reply(reply) or error))
        found = []
        for number, key, finished, *call in rows:
            before = [outcome for at, outcome in earlier.get(key, []) if at < number]
            found.append(UncachedCall(_recorded(*call), before[-1] if before else None, finished))
        return found, total

    def transcript(self, cell: str) -> tuple[Message, ...]:
        """The conversation of a cell; empty if the cell is not there."""
        rows = self._read("SELECT transcript FROM observations WHERE cell = ? ORDER BY id DESC LIMIT 1", (cell,))
        with _decoding(self.path):
            return tuple(Message(**message) for message in orjson.loads(rows[0][0])) if rows else ()

    def reply_models(self) -> list[str]:
        """Models as the endpoints named them in their replies."""
        rows = self._read("SELECT DISTINCT reply ->> 'model' FROM calls WHERE reply IS NOT NULL ORDER BY 1")
        return [model for (model,) in rows if model]

    def close(self) -> None:
        """Commit what is waiting and close the file."""
        self._log.close()


@contextmanager
def _decoding(path: Path) -> Iterator[None]:
    """Say of what cannot be decoded that the file is damaged: it was whole when it was written."""
    try:
        yield
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise damaged(path, error) from error


def _text(value: Any) -> str:
    """JSON as text, which every tool that opens the file can read."""
    return canonical_json(value).decode()


def _last(rows: Iterator[tuple[Any, ...]]) -> tuple[Any, ...]:
    *_, last = rows
    return last


def _recorded(cell: str, role: str, model: str, request: str, reply: str | None, error: str) -> RecordedCall:
    return RecordedCall(cell, role, model, request_from_json(orjson.loads(request)), _reply(reply), error)


def _reply(spelled: str | None) -> Reply | None:
    return reply_from_json(orjson.loads(spelled)) if spelled else None


def _line(cell: str, status: str, detail: str, factors: str, values: str) -> str:
    """An observation in JSON, put together from what is JSON already."""
    spelled = orjson.dumps(detail).decode() if detail else '""'
    rest = "".join(["," + part[1:-1] for part in (factors, values) if part != "{}"])
    return f'{{"cell":"{cell}","status":"{status}","detail":{spelled}{rest}}}'
