"""The ledger of a run: every call and every observation, append-only, in one SQLite file.

Whatever is in the ledger is finished. A run that is started again reads it, skips the cells that have an observation
and gives calls that were answered in unfinished cells from here instead of asking again.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Set
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

import orjson

from personae.canonical import canonical_json, content_hash
from personae.commits import CommitLog, damaged
from personae.errors import InputError
from personae.model import Message, Reply, Request, Status, reply_from_json, request_from_json, request_key
from personae.study.budget import CallKind, Experience
from personae.study.cell import Cell
from personae.study.observation import Observation

SCHEMA_VERSION = 1

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
CREATE INDEX IF NOT EXISTS calls_by_cell ON calls (cell);
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
CREATE INDEX IF NOT EXISTS observations_by_cell ON observations (cell);
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
    return content_hash([role, identity, request_key(request)])


class Ledger:
    """What a run has done, kept in one file that ordinary tools can read.

    Raises:
        InputError: If another version of personae laid the file out.
        StorageError: If the file cannot be opened.
    """

    def __init__(self, path: Path, *, is_durable: bool = True) -> None:
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
    ) -> None:
        """Keep a call; returns when it is on disk."""
        usage = reply.usage if reply else None
        await self._log.append(
            "INSERT INTO calls VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                cell.key,
                call_key(role, identity, request),
                role,
                model,
                request.spelling.decode(),
                _text(reply) if reply else None,
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
        """Keep an observation; from here on the cell is finished.

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
        await self._log.append(
            "INSERT INTO observations VALUES (NULL, ?, ?, ?, ?, ?, ?, ?)",
            (
                cell.key,
                observation.status,
                observation.detail,
                _text(dict(cell.factors)),
                values,
                _text(observation.transcript),
                time.time(),
            ),
        )

    def take_over(self, path: Path) -> None:
        """Copy the calls and observations of another ledger that are not here yet, in their order.

        Raises:
            StorageError: If the other file cannot be read.
        """
        self._log.write_now("ATTACH DATABASE ? AS other", (str(path),))
        try:
            for table, columns, same in _COPIED:
                self._log.write_now(
                    f"INSERT INTO main.{table} ({columns}) SELECT {columns} FROM other.{table} AS new WHERE NOT EXISTS "
                    f"(SELECT 1 FROM main.{table} AS old WHERE {same}) ORDER BY id"
                )
        finally:
            self._log.write_now("DETACH DATABASE other")

    def finished_cells(self) -> set[str]:
        """Keys of the cells that need not be observed again: all but those whose last observation failed."""
        finished: set[str] = set()
        for cell, status in self._log.scan("SELECT cell, status FROM observations ORDER BY id"):
            (finished.discard if status == "failed" else finished.add)(cell)
        return finished

    def unfinished_replies(self, finished: Set[str] | None = None) -> dict[str, dict[str, list[Reply]]]:
        """Answered calls of cells that are not finished, by cell and call key, oldest first.

        Args:
            finished: Keys of the finished cells, if they are known already.
        """
        done = self.finished_cells() if finished is None else finished
        found: dict[str, dict[str, list[Reply]]] = {}
        for (cell,) in self._log.read("SELECT DISTINCT cell FROM calls"):
            if cell not in done:
                calls = "SELECT key, reply FROM calls WHERE cell = ? AND reply IS NOT NULL ORDER BY id"
                with _decoding(self._log.path):
                    for key, reply in self._log.scan(calls, (cell,)):
                        found.setdefault(cell, {}).setdefault(key, []).append(reply_from_json(orjson.loads(reply)))
        return found

    def rows(self) -> Iterator[dict[str, Any]]:
        """The last observation of every cell as a flat row: cell, status, detail, factors, values.

        In the order of their keys: a table must not depend on which worker was faster.
        """
        every = 'SELECT cell, status, detail, factors, "values" FROM observations ORDER BY cell, id'
        for _, observations in groupby(self._log.scan(every), key=itemgetter(0)):
            *_, (cell, status, detail, factors, values) = observations
            with _decoding(self._log.path):
                columns = {**orjson.loads(factors), **orjson.loads(values)}
            yield {"cell": cell, "status": status, "detail": detail, **columns}

    def count_statuses(self) -> dict[Status, int]:
        """How many cells ended in each status."""
        return dict(self._log.read(f"SELECT status, count(*) {_LATEST} GROUP BY status"))

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
        row = self._log.read(
            "SELECT count(*), coalesce(sum(reply IS NULL), 0), coalesce(sum(input_tokens), 0),"
            " coalesce(sum(cached_tokens), 0), coalesce(sum(output_tokens), 0), coalesce(sum(reasoning_tokens), 0),"
            " coalesce(sum(cost), 0.0), coalesce(sum(reply IS NOT NULL AND cost IS NULL), 0) FROM calls"
        )[0]
        return dict(zip(names, row, strict=True))

    def spent(self) -> tuple[float, int]:
        """US dollars as far as prices are known, and tokens of calls that were not answered from a cache."""
        row = self._log.read(
            "SELECT coalesce(sum(cost), 0.0), coalesce(sum(input_tokens + output_tokens), 0) FROM calls"
            " WHERE reply IS NOT NULL AND NOT (reply ->> 'is_cached')"
        )[0]
        return float(row[0]), int(row[1])

    def experience(self) -> dict[CallKind, Experience]:
        """What the latest calls of each kind needed."""
        rows = self._log.read(_EXPERIENCE)
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
            factors = [name for (name,) in self._log.read(_FACTORS)]
            if by not in factors:
                known = ", ".join(["role", "model", *sorted(factors)])
                raise InputError(f"the run has no factor {by!r}", where="by", remedy=f"choose one of {known}")
            part, path = "observations.factors ->> ?", f'$."{by}"'
            join = f"LEFT JOIN (SELECT cell, factors {_LATEST}) AS observations USING (cell)"
        rows = self._log.read(_SPENDING.format(part=part, join=join), (path,) if path else ())
        return [Spending("" if name is None else str(name), *numbers) for name, *numbers in rows]

    def example_calls(self, cells: list[str]) -> list[RecordedCall]:
        """All calls of some cells, in the order they were made."""
        marks = ",".join("?" * len(cells))
        rows = self._log.read(
            f"SELECT cell, role, model, request, reply, error FROM calls WHERE cell IN ({marks}) ORDER BY id",
            tuple(cells),
        )
        with _decoding(self._log.path):
            return [
                RecordedCall(
                    cell,
                    role,
                    model,
                    request_from_json(orjson.loads(request)),
                    reply_from_json(orjson.loads(reply)) if reply else None,
                    error,
                )
                for cell, role, model, request, reply, error in rows
            ]

    def transcript(self, cell: str) -> tuple[Message, ...]:
        """The conversation of a cell; empty if the cell is not there."""
        rows = self._log.read(f"SELECT transcript {_LATEST} AND cell = ?", (cell,))
        with _decoding(self._log.path):
            return tuple(Message(**message) for message in orjson.loads(rows[0][0])) if rows else ()

    def reply_models(self) -> list[str]:
        """Models as the endpoints named them in their replies."""
        rows = self._log.read("SELECT DISTINCT reply ->> 'model' FROM calls WHERE reply IS NOT NULL ORDER BY 1")
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
