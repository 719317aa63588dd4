"""The ledger of a run: every call and every observation, append-only, in one SQLite file.

Whatever is in the ledger is finished. A run that is started again reads it, skips the cells that have an observation
and gives calls that were answered in unfinished cells from here instead of asking again.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from itertools import groupby, islice
from operator import itemgetter
from pathlib import Path
from typing import Any

import orjson

from personae.commits import CommitLog
from personae.errors import InputError
from personae.model import Message, Reply, Request, Status, reply_from_json, reply_to_json
from personae.study.budget import CallKind, Experience
from personae.study.calls import RecordedCall, Spending, UncachedCall, call_key
from personae.study.cell import Cell
from personae.study.keys import KeySet
from personae.study.ledger_rows import decoding, kept_reply, last_of, observation_line, recorded_call, spelled
from personae.study.ledger_sql import (
    CALLS,
    COPIED,
    EXPERIENCE,
    FACTORS,
    FAILED_LAST,
    LATEST,
    SCHEMA,
    SCHEMA_VERSION,
    SPENDING,
)
from personae.study.observation import Observation

_PIECE = 20_000
"""Rows that are held at once where a whole table is read."""


class Ledger:
    """What a run has done, kept in one file that ordinary tools can read.

    Raises:
        InputError: If another version of personae laid the file out.
        StorageError: If the file cannot be opened.
    """

    def __init__(self, path: Path, *, is_durable: bool = True) -> None:
        self.path = path
        self._log = CommitLog(path, SCHEMA, is_durable=is_durable)
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
            values = spelled(dict(observation.values))
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
                spelled(observation.transcript) if observation.transcript else "[]",
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
            for table, columns, same in COPIED:
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
        finished.discard([cell for (cell,) in self._read(FAILED_LAST)])
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
                            with decoding(self.path):
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
            yield "\n".join([observation_line(*row) for row in piece]).encode()

    def latest_lines(self, at_once: int = _PIECE) -> Iterator[bytes]:
        """The last observation of every cell as lines of JSON, some at a time, in the order of their keys.

        When to use: for tables that are too long to hold; ``lines`` is faster where they are not.
        """
        every = 'SELECT cell, status, detail, factors, "values" FROM observations ORDER BY cell, id'
        latest = (last_of(rows) for _, rows in groupby(self._scan(every), key=itemgetter(0)))
        while piece := list(islice(latest, at_once)):
            yield "\n".join([observation_line(*row) for row in piece]).encode()

    def call_rows(self) -> Iterator[tuple[Any, ...]]:
        """Every call as a flat row, in the order they were made; its fields are ``CALL_COLUMNS``."""
        return self._scan(CALLS)

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
            with decoding(self.path):
                columns = {**orjson.loads(factors), **orjson.loads(values)}
            yield {"cell": cell, "status": status, "detail": detail, **columns}

    def count_statuses(self) -> dict[Status, int]:
        """How many cells ended in each status."""
        return dict(self._read(f"SELECT status, count(*) {LATEST} GROUP BY status"))

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
        rows = self._read(EXPERIENCE)
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
            factors = [name for (name,) in self._read(FACTORS)]
            if by not in factors:
                known = ", ".join(["role", "model", *sorted(factors)])
                raise InputError(f"the run has no factor {by!r}", where="by", remedy=f"choose one of {known}")
            part, path = "observations.factors ->> ?", f'$."{by}"'
            join = f"LEFT JOIN (SELECT cell, factors {LATEST}) AS observations USING (cell)"
        rows = self._read(SPENDING.format(part=part, join=join), (path,) if path else ())
        return [Spending("" if name is None else str(name), *numbers) for name, *numbers in rows]

    def example_calls(self, cells: list[str]) -> list[RecordedCall]:
        """All calls of some cells, in the order they were made."""
        marks = ",".join("?" * len(cells))
        rows = self._read(
            "SELECT cell, role, model, request, reply, error FROM calls"
            f" WHERE id IN (SELECT id FROM call_cells WHERE cell IN ({marks})) ORDER BY id",
            tuple(cells),
        )
        with decoding(self.path):
            return [recorded_call(*row) for row in rows]

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
            earlier.setdefault(key, []).append((number, kept_reply(reply) or error))
        found = []
        for number, key, finished, *call in rows:
            before = [outcome for at, outcome in earlier.get(key, []) if at < number]
            found.append(UncachedCall(recorded_call(*call), before[-1] if before else None, finished))
        return found, total

    def transcript(self, cell: str) -> tuple[Message, ...]:
        """The conversation of a cell; empty if the cell is not there."""
        rows = self._read("SELECT transcript FROM observations WHERE cell = ? ORDER BY id DESC LIMIT 1", (cell,))
        with decoding(self.path):
            return tuple(Message(**message) for message in orjson.loads(rows[0][0])) if rows else ()

    def reply_models(self) -> list[str]:
        """Models as the endpoints named them in their replies."""
        rows = self._read("SELECT DISTINCT reply ->> 'model' FROM calls WHERE reply IS NOT NULL ORDER BY 1")
        return [model for (model,) in rows if model]

    def close(self) -> None:
        """Commit what is waiting and close the file."""
        self._log.close()
