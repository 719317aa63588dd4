"""The ledger of a run in a PostgreSQL database: what ``ledger.py`` is in a file, for several workers at once.

Every worker has a number of its own, and so has each row it writes: a row that is sent again, because the connection
broke before its COMMIT was confirmed, is found to be there. A cell is claimed before it is observed (see
``postgres_claims.py``), and has one observation that did not fail, whoever was first.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import socket
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, Self

import orjson
from sqlalchemy import TextClause, insert, inspect, select, text
from sqlalchemy.dialects.postgresql import insert as insert_or
from sqlalchemy.ext.asyncio import AsyncConnection

from personae.canonical import canonical_json
from personae.errors import ConflictError, InputError, StorageError
from personae.model import Message, Reply, Request, Status, reply_from_json, request_from_json
from personae.study import postgres_queries as queries
from personae.study.budget import CallKind, Experience
from personae.study.calls import RecordedCall, Spending, call_key
from personae.study.cell import Cell
from personae.study.fingerprint import differences, fingerprint
from personae.study.keys import KeySet
from personae.study.ledger_url import LedgerUrl
from personae.study.observation import Observation
from personae.study.postgres_claims import Claims
from personae.study.postgres_commits import Entry, GroupCommit
from personae.study.postgres_link import PostgresLink
from personae.study.postgres_schema import (
    CREATE_SCHEMA,
    META,
    METADATA,
    RUNS,
    SCHEMA_VERSION,
    WORKERS,
    from_column,
    to_column,
)
from personae.study.stores import Claimed

_PAGE = 2000
_AT_ONCE = 0.0  # seconds that opening waits for a server that is not there


class PostgresLedger:
    """One run in a database. ``start`` and ``find`` make it; ``close`` gives its claims back."""

    def __init__(self, link: PostgresLink, run: int) -> None:
        self.run = run
        self._link = link
        self._worker: int | None = None
        self._registering = asyncio.Lock()
        self._numbers = itertools.count(1)
        self._claims: Claims | None = None
        self._commits = GroupCommit(link.loop, self._write)
        self._spent_before: tuple[float, int] | None = None
        self._is_closed = False

    @classmethod
    def start(cls, url: LedgerUrl, record: Mapping[str, Any]) -> Self:
        """Open the run that a record describes, or make it.

        Raises:
            ConflictError: If another run has its name; the message says what differs.
            InputError: If the user is refused, or another version of personae laid the tables out.
            StorageError: If the server is not reached.
        """
        mark = fingerprint(record)
        name = to_column(url.run) or mark
        link = PostgresLink(url)
        try:
            link.do(_lay_out, patience=_AT_ONCE)
            run, kept_mark, kept = link.do(lambda connection: _enter(connection, name, mark, record))
            if kept_mark != mark:
                lines = differences(orjson.loads(kept), record, place="in the ledger")
                lines = lines or ["its fingerprint is of another version of personae"]
                raise ConflictError(
                    f"the ledger holds a different run {url.run!r}: {'; '.join(lines[:5])}"
                    f"{' ...' if len(lines) > 5 else ''}",
                    where=url.shown,
                    remedy="ask for the same run, or give it another name with run=NAME",
                )
            ledger = cls(link, run)
            link.wait_for(
                ledger._worker_number()
            )  # from now on it counts as at work: what fails later is not its to repeat
        except BaseException:
            link.close()
            raise
        return ledger

    @classmethod
    def find(cls, url: LedgerUrl, mark: str) -> Self:
        """Open a run that is there, to read it.

        Raises:
            InputError: If the database holds no such run, the user is refused, or the tables are of another version.
            StorageError: If the server is not reached.
        """
        link = PostgresLink(url)
        try:
            found = link.do(lambda connection: _look_up(connection, mark, to_column(url.run)), patience=_AT_ONCE)
            if found is None:
                raise InputError("the database does not hold this run", where=url.shown, remedy="start the run again")
        except BaseException:
            link.close()
            raise
        return cls(link, found)

    @property
    def lease(self) -> float:
        """Seconds that a cell stays with a worker that is not heard of any more."""
        return self._link.url.lease

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
        """Keep a call; returns when it is committed."""
        usage = reply.usage if reply else None
        row = (
            next(self._numbers),
            cell.key,
            call_key(role, identity, request),
            self._plain(role),
            self._plain(model),
            request.spelling.decode(),
            _text(reply) if reply else None,
            self._plain(error),
            self._plain(reply.model) if reply else None,
            bool(reply and reply.is_cached),
            usage.input_tokens if usage else 0,
            usage.cached_tokens if usage else 0,
            usage.output_tokens if usage else 0,
            usage.reasoning_tokens if usage else 0,
            cost,
            reply.seconds if reply else 0.0,
            len(request.messages),
            sum(len(message.content) for message in request.messages),
            request.schema is not None,
        )
        await self._commits.append("calls", row)
        return 0

    def is_kept(self, ticket: int) -> bool:
        """Whether a call is on disk; it is before ``add_call`` returns."""
        return True

    async def wait_for(self, ticket: int) -> None:
        """Nothing."""

    async def add_observation(self, cell: Cell, observation: Observation) -> None:
        """Keep an observation, unless another worker has one of this cell that did not fail.

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
        row = (
            next(self._numbers),
            cell.key,
            observation.status,
            self._plain(observation.detail),
            _text(dict(cell.factors)),
            values,
            _text(observation.transcript),
        )
        await self._commits.append("observations", row)
        if self._claims is not None:
            self._claims.let_go(cell.key)

    async def claim(self, cells: Sequence[str], most: int) -> Claimed:
        """Take hold of the first free ones of some cells, of so many at most; a heartbeat keeps hold of them."""
        return await self._link.await_here(self._claim(cells, most))

    def holds(self, cell: str) -> bool:
        """Whether the cell is still this worker's, as far as it can know."""
        return self._claims is not None and self._claims.holds(cell)

    async def spent_by_others(self) -> tuple[float, int]:
        """Like ``spent``, of calls that others have made since this ledger was first asked what was spent."""
        cost, tokens = await self._link.await_here(self._link.attempt(self._sum_others))
        before = self._spent_before or (0.0, 0)
        return cost - before[0], tokens - before[1]

    def finished_cells(self) -> KeySet:
        """Keys of the cells that need not be observed again: those with an observation that did not fail."""
        finished = KeySet()
        finished.add([cell for (cell,) in self._read(queries.FINISHED)])
        return finished

    def unfinished_replies(self, finished: KeySet | None = None) -> dict[str, dict[str, list[Reply]]]:
        """Answered calls of cells that are not finished, by cell and call key, oldest first."""
        done = self.finished_cells() if finished is None else finished
        called = [cell for (cell,) in self._read(queries.CALLED)]
        cells = [cell for cell, is_done in zip(called, done.holds(called), strict=True) if not is_done]
        found: dict[str, dict[str, list[Reply]]] = {}
        for start in range(0, len(cells), _PAGE):
            queries.sort_replies(self._read(queries.REPLIES, cells=cells[start : start + _PAGE]), found)
        return found

    def lines(self, last: int | None = None) -> Iterator[bytes]:
        """Observations as lines of JSON, in pieces; the last one of each cell."""
        rows = self.rows()
        while piece := list(islice(rows, _PAGE)):
            yield b"\n".join([orjson.dumps(row) for row in piece])

    def rows(self) -> Iterator[dict[str, Any]]:
        """The last observation of every cell as a flat row: cell, status, detail, factors, values; by key."""
        last = ""
        while page := self._read(queries.OBSERVED, after=last, page=_PAGE):
            for cell, status, detail, factors, values in page:
                row = {"cell": cell, "status": status, "detail": from_column(detail)}
                yield {**row, **orjson.loads(factors), **orjson.loads(values)}
            last = page[-1][0]

    def count_statuses(self) -> dict[Status, int]:
        """How many cells ended in each status."""
        return {status: count for status, count in self._read(queries.STATUSES)}  # noqa: C416  # rows are no pairs

    def count_calls(self) -> dict[str, float]:
        """Totals over all calls: how many, how many failed, tokens, known cost, calls of unknown cost."""
        return dict(zip(queries.TOTAL_NAMES, self._read(queries.TOTALS)[0], strict=True))

    def spent(self) -> tuple[float, int]:
        """US dollars as far as prices are known, and tokens of calls that were not answered from a cache."""
        if self._spent_before is None:
            self._spent_before = self._link.do(self._sum_others)
        cost, tokens = self._read(queries.SPENT)[0]
        return float(cost), int(tokens)

    def experience(self) -> dict[CallKind, Experience]:
        """What the latest calls of each kind needed."""
        return {
            (from_column(role), turns, has_schema): Experience(*(int(number) for number in needed))
            for role, turns, has_schema, *needed in self._read(queries.EXPERIENCE)
        }

    def spending(self, by: str) -> list[Spending]:
        """What calls took, the dearest first: by ``role``, by ``model``, or by a factor of the design.

        Raises:
            InputError: If the design has no such factor.
        """
        if by in ("role", "model"):
            rows = self._read(queries.SPENDING.format(part=f"calls.{by}"))
            return queries.sum_up([(from_column(part), *numbers) for part, *numbers in rows])
        factors = {name for (kept,) in self._read(queries.FACTORS) for name in orjson.loads(kept)}
        if by not in factors:
            known = ", ".join(["role", "model", *sorted(factors)])
            raise InputError(f"the run has no factor {by!r}", where="by", remedy=f"choose one of {known}")
        rows = self._read(queries.SPENDING_BY_FACTORS)
        return queries.sum_up([(queries.level_of(kept, by), *numbers) for kept, *numbers in rows])

    def example_calls(self, cells: list[str]) -> list[RecordedCall]:
        """All calls of some cells, in the order they were made."""
        return [
            RecordedCall(
                cell,
                from_column(role),
                from_column(model),
                request_from_json(orjson.loads(request)),
                reply_from_json(orjson.loads(reply)) if reply else None,
                from_column(error),
            )
            for cell, role, model, request, reply, error in self._read(queries.EXAMPLES, cells=cells)
        ]

    def transcript(self, cell: str) -> tuple[Message, ...]:
        """The conversation of a cell; empty if the cell is not there."""
        rows = self._read(queries.TRANSCRIPT, cell=cell)
        return tuple(Message(**message) for message in orjson.loads(rows[0][0])) if rows else ()

    def reply_models(self) -> list[str]:
        """Models as the endpoints named them in their replies."""
        return sorted({from_column(model) for (model,) in self._read(queries.REPLY_MODELS) if model})

    def close(self) -> None:
        """Commit what is waiting, give claims back so that others need not wait for the lease, and disconnect."""
        if self._is_closed:
            return
        self._is_closed = True
        try:
            self._link.wait_for(self._commits.drain())
            if self._claims is not None:
                self._link.wait_for(self._claims.release())
        finally:
            self._link.close()

    def _read(self, query: TextClause | str, **given: Any) -> list[Any]:
        statement = text(query) if isinstance(query, str) else query

        async def read(connection: AsyncConnection) -> list[Any]:
            return list(await connection.execute(statement, {"run": self.run, **given}))

        return self._link.do(read)

    def _plain(self, given: str) -> str:
        """A text as a column can hold it.

        Raises:
            StorageError: If no file and no column could: half of a pair of surrogates is no letter.
        """
        try:
            given.encode()
        except UnicodeEncodeError as error:
            raise StorageError(f"the text cannot be kept ({error.reason})", where=self._link.url.shown) from error
        return to_column(given)

    async def _write(self, batch: Sequence[Entry]) -> None:
        rows: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
        for entry in batch:
            rows[entry.table].append(entry.row)

        worker = await self._worker_number()

        async def write(connection: AsyncConnection) -> None:
            await queries.add_calls(connection, self.run, worker, rows["calls"])
            await queries.add_observations(connection, self.run, worker, rows["observations"])

        await self._link.attempt(write)

    async def _claim(self, cells: Sequence[str], most: int) -> Claimed:
        if self._claims is None:
            self._claims = Claims(self._link, self.run, await self._worker_number())
        return await self._claims.claim(cells, most)

    async def _worker_number(self) -> int:
        """The number of this worker: readers have none."""
        async with self._registering:
            if self._worker is None:
                self._worker = await self._link.attempt(self._register)
        return self._worker

    async def _register(self, connection: AsyncConnection) -> int:
        host = to_column(socket.gethostname())
        statement = insert(WORKERS).values(run=self.run, host=host, process=os.getpid()).returning(WORKERS.c.id)
        return int((await connection.execute(statement)).scalar_one())

    async def _sum_others(self, connection: AsyncConnection) -> tuple[float, int]:
        others = {"run": self.run, "worker": self._worker or 0}
        cost, tokens = (await connection.execute(queries.SPENT_BY_OTHERS, others)).one()
        return float(cost), int(tokens)


async def _lay_out(connection: AsyncConnection) -> None:
    """Make the tables unless they are there; a user who may only read finds them and makes none."""
    if not await connection.run_sync(_has_tables):
        await connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('personae'))"))
        if not await connection.run_sync(_has_tables):
            await connection.execute(CREATE_SCHEMA)
            await connection.run_sync(METADATA.create_all)
            await connection.execute(insert(META).values(key="schema_version", value=str(SCHEMA_VERSION)))
    await _check_version(connection)


def _has_tables(connection: Any) -> bool:
    return bool(inspect(connection).has_table(META.name, schema=META.schema))


async def _check_version(connection: AsyncConnection) -> None:
    found = (await connection.execute(select(META.c.value).where(META.c.key == "schema_version"))).scalar_one_or_none()
    if found != str(SCHEMA_VERSION):
        raise InputError(
            f"the ledgers in the database are of another version of personae (theirs: {found}, ours: {SCHEMA_VERSION})",
            where="schema personae",
            remedy="use that version, or another database",
        )


async def _enter(connection: AsyncConnection, name: str, mark: str, record: Mapping[str, Any]) -> tuple[int, str, str]:
    """The run of this name: its number, its fingerprint and its record; made if there is none."""
    values = {"name": name, "fingerprint": mark, "record": canonical_json(record).decode()}
    await connection.execute(insert_or(RUNS).values(values).on_conflict_do_nothing())
    kept = select(RUNS.c.id, RUNS.c.fingerprint, RUNS.c.record).where(RUNS.c.name == name)
    run, kept_mark, kept_record = (await connection.execute(kept)).one()
    return run, kept_mark, kept_record


async def _look_up(connection: AsyncConnection, mark: str, name: str) -> int | None:
    if not await connection.run_sync(_has_tables):
        return None
    await _check_version(connection)
    wanted = select(RUNS.c.id).where(RUNS.c.name == (name or mark), RUNS.c.fingerprint == mark)
    return (await connection.execute(wanted)).scalar_one_or_none()


def _text(value: Any) -> str:
    return canonical_json(value).decode()
