"""What the ledger in PostgreSQL asks and writes, in SQL."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import orjson
from sqlalchemy import ARRAY, BigInteger, Boolean, Double, Integer, Table, Text, bindparam, func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.expression import TextClause
from sqlalchemy.types import TypeEngine

from personae.model import Reply, reply_from_json
from personae.study.calls import Spending
from personae.study.postgres_schema import CALL_COLUMNS, CALLS, OBSERVATION_COLUMNS, OBSERVATIONS

TOTAL_NAMES = (
    "calls",
    "failed",
    "input_tokens",
    "cached_tokens",
    "output_tokens",
    "reasoning_tokens",
    "cost",
    "unpriced",
)

_TEXTS = ARRAY(Text)


def _of_cells(sql: str) -> TextClause:
    return text(sql).bindparams(bindparam("cells", type_=_TEXTS), bindparam("run", type_=BigInteger))


def _of_worker(sql: str) -> TextClause:
    return text(sql).bindparams(bindparam("worker", type_=BigInteger), bindparam("run", type_=BigInteger))


FINISHED = "SELECT cell FROM personae.observations WHERE run = :run AND status <> 'failed'"

CALLED = "SELECT DISTINCT cell FROM personae.calls WHERE run = :run"

REPLIES = _of_cells(
    "SELECT cell, key, reply FROM personae.calls WHERE run = :run AND cell = ANY(:cells) AND reply IS NOT NULL"
    " ORDER BY id"
)

_LATEST = "SELECT DISTINCT ON (cell) * FROM personae.observations WHERE run = :run ORDER BY cell, id DESC"

OBSERVED = """
SELECT DISTINCT ON (cell) cell, status, detail, factors, "values" FROM personae.observations
WHERE run = :run AND cell > :after ORDER BY cell, id DESC LIMIT :page
"""

STATUSES = f"SELECT status, count(*) FROM ({_LATEST}) AS latest GROUP BY status"

_TOTALS = """
count(*), count(*) FILTER (WHERE reply IS NULL), coalesce(sum(input_tokens), 0)::bigint,
coalesce(sum(cached_tokens), 0)::bigint, coalesce(sum(output_tokens), 0)::bigint,
coalesce(sum(reasoning_tokens), 0)::bigint, coalesce(sum(cost), 0.0),
count(*) FILTER (WHERE reply IS NOT NULL AND cost IS NULL)
"""

TOTALS = f"SELECT {_TOTALS} FROM personae.calls WHERE run = :run"

SPENT = """
SELECT coalesce(sum(cost), 0.0), coalesce(sum(input_tokens + output_tokens), 0)::bigint FROM personae.calls
WHERE run = :run AND reply IS NOT NULL AND NOT is_cached
"""

SPENT_BY_OTHERS = _of_worker(SPENT + " AND worker <> :worker")

EXPERIENCE = """
SELECT role, turns, has_schema, count(*), sum(letters)::bigint, sum(input_tokens)::bigint, max(output_tokens)
FROM (SELECT * FROM personae.calls WHERE run = :run AND reply IS NOT NULL ORDER BY id DESC LIMIT 1000) AS latest
GROUP BY role, turns, has_schema
"""

_PARTS = """
count(*), count(*) FILTER (WHERE is_cached), count(*) FILTER (WHERE reply IS NULL), sum(input_tokens)::bigint,
sum(cached_tokens)::bigint, sum(output_tokens)::bigint, sum(reasoning_tokens)::bigint, sum(cost),
count(*) FILTER (WHERE reply IS NOT NULL AND cost IS NULL)
"""

SPENDING = f"SELECT {{part}}, {_PARTS} FROM personae.calls WHERE run = :run GROUP BY 1"

FACTORS = f"SELECT DISTINCT factors FROM ({_LATEST}) AS latest"

SPENDING_BY_FACTORS = f"""
SELECT latest.factors, {_PARTS} FROM personae.calls LEFT JOIN ({_LATEST}) AS latest USING (cell)
WHERE calls.run = :run GROUP BY 1
""".replace("reply IS", "calls.reply IS")

EXAMPLES = _of_cells(
    "SELECT cell, role, model, request, reply, error FROM personae.calls WHERE run = :run AND cell = ANY(:cells)"
    " ORDER BY id"
)

TRANSCRIPT = """
SELECT transcript FROM personae.observations WHERE run = :run AND cell = :cell ORDER BY id DESC LIMIT 1
"""

REPLY_MODELS = "SELECT DISTINCT reply_model FROM personae.calls WHERE run = :run AND reply IS NOT NULL"

_STARTED = "(SELECT started FROM personae.workers WHERE id = :worker)"

# Free is what nobody holds: never claimed, given back, its lease over, or failed before this worker began; and what
# this worker holds, since it asks for nothing twice unless an answer was lost.
_FREE = f"""
claims.state = 'held' AND (claims.worker = :worker OR claims.lease_until < clock_timestamp())
OR claims.state = 'failed' AND claims.lease_until < {_STARTED}
"""

CLAIM_STATES = _of_cells(f"""
SELECT cell, CASE WHEN {_FREE} THEN 'free' WHEN state = 'held' THEN 'busy' ELSE 'finished' END
FROM personae.claims WHERE run = :run AND cell = ANY(:cells)
""").bindparams(bindparam("worker", type_=BigInteger))

CLAIM = _of_cells(f"""
INSERT INTO personae.claims AS claims (run, cell, worker, state, lease_until)
SELECT :run, cell, :worker, 'held', clock_timestamp() + make_interval(secs => :lease)
FROM unnest(:cells) AS wanted (cell) ORDER BY cell COLLATE "C"
ON CONFLICT (run, cell) DO UPDATE
SET worker = excluded.worker, state = excluded.state, lease_until = excluded.lease_until WHERE {_FREE}
RETURNING cell
""").bindparams(bindparam("worker", type_=BigInteger), bindparam("lease", type_=Double))

_HELD = """
SELECT cell FROM personae.claims WHERE run = :run AND worker = :worker AND state = 'held' ORDER BY cell FOR UPDATE
"""

RENEW = _of_worker(f"""
UPDATE personae.claims SET lease_until = clock_timestamp() + make_interval(secs => :lease)
WHERE run = :run AND cell IN ({_HELD}) RETURNING cell
""").bindparams(bindparam("lease", type_=Double))

RELEASE = _of_worker(f"""
UPDATE personae.claims SET lease_until = '-infinity' WHERE run = :run AND cell IN ({_HELD})
""")

# An observation that did not fail is final. One that failed settles the claim only where it is still its worker's.
_SETTLE = _of_cells("""
INSERT INTO personae.claims AS claims (run, cell, worker, state, lease_until)
SELECT :run, cell, :worker, state, clock_timestamp()
FROM unnest(:cells, :states) AS observed (cell, state) ORDER BY cell COLLATE "C"
ON CONFLICT (run, cell) DO UPDATE
SET worker = excluded.worker, state = excluded.state, lease_until = excluded.lease_until
WHERE claims.state <> 'done' AND (excluded.state = 'done' OR claims.worker = excluded.worker)
""").bindparams(bindparam("worker", type_=BigInteger), bindparam("states", type_=_TEXTS))


async def add_calls(connection: AsyncConnection, run: int, worker: int, rows: Sequence[Sequence[Any]]) -> None:
    """Add calls; those that are there already are left as they are."""
    if rows:
        await connection.execute(_ADD_CALLS, _columns(run, worker, CALL_COLUMNS, rows))


async def add_observations(connection: AsyncConnection, run: int, worker: int, rows: Sequence[Sequence[Any]]) -> None:
    """Add observations and settle the claims of their cells; a cell that has one that did not fail keeps it."""
    for part in _without_repeats(rows):
        cells = [row[_CELL] for row in part]
        states = ["failed" if row[_STATUS] == "failed" else "done" for row in part]
        # The claims come first: their locks let no two workers write on one cell at once.
        await connection.execute(_SETTLE, {"run": run, "worker": worker, "cells": cells, "states": states})
        await connection.execute(_ADD_OBSERVATIONS, _columns(run, worker, OBSERVATION_COLUMNS, part))


_CELL = OBSERVATION_COLUMNS.index("cell")
_STATUS = OBSERVATION_COLUMNS.index("status")


def _without_repeats(rows: Iterable[Sequence[Any]]) -> list[list[Sequence[Any]]]:
    """Rows in parts that have no cell twice: one statement changes a row once."""
    parts: list[list[Sequence[Any]]] = []
    seen: set[str] = set()
    for row in rows:
        if not parts or row[_CELL] in seen:
            parts.append([])
            seen = set()
        parts[-1].append(row)
        seen.add(row[_CELL])
    return parts


def _columns(run: int, worker: int, names: Sequence[str], rows: Sequence[Sequence[Any]]) -> dict[str, Any]:
    columns = zip(names, zip(*rows, strict=True), strict=True)
    return {"run": run, "worker": worker, **{f"all_{name}": list(column) for name, column in columns}}


def _array(kind: TypeEngine[Any]) -> ARRAY[Any]:
    for plain in (Text, Boolean, Double, BigInteger, Integer):
        if isinstance(kind, plain):
            return ARRAY(plain)
    raise TypeError(f"no arrays of {kind}")


def _add(table: Table, names: Sequence[str], where: TextClause | None = None) -> Any:
    """Many rows by one statement of few parameters, a list for each column: several times as fast as a row each."""
    lists = [bindparam(f"all_{name}", type_=_array(table.c[name].type)) for name in names]
    new = func.unnest(*lists).table_valued(*names).render_derived(name="new")
    run, worker = (bindparam(name, type_=BigInteger) for name in ("run", "worker"))
    rows = select(run, worker, *(new.c[name] for name in names)).order_by(new.c.number)
    if where is not None:
        rows = rows.where(where)
    return insert(table).from_select(["run", "worker", *names], rows).on_conflict_do_nothing()


_ADD_CALLS = _add(CALLS, CALL_COLUMNS)

_ADD_OBSERVATIONS = _add(
    OBSERVATIONS,
    OBSERVATION_COLUMNS,
    text(
        "NOT EXISTS (SELECT 1 FROM personae.observations AS old WHERE old.run = :run AND old.cell = new.cell"
        " AND old.status <> 'failed')"
    ).bindparams(bindparam("run", type_=BigInteger)),
)


def sort_replies(rows: Iterable[Any], found: dict[str, dict[str, list[Reply]]]) -> None:
    """Sort rows of cell, key and reply into replies by cell and key."""
    for cell, key, reply in rows:
        found.setdefault(cell, {}).setdefault(key, []).append(reply_from_json(orjson.loads(reply)))


def level_of(factors: str | None, name: str) -> str:
    """The level of a factor, spelled as SQLite spells what it takes out of JSON."""
    value = None if factors is None else orjson.loads(factors).get(name)
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(int(value))
    return orjson.dumps(value).decode() if isinstance(value, list | dict) else str(value)


def sum_up(rows: Iterable[Sequence[Any]]) -> list[Spending]:
    """Add up rows of the same name, the dearest first; a cost that is not known at all is the smallest."""
    sums: dict[str, list[Any]] = {}
    for name, *numbers in rows:
        before = sums.setdefault(name, [0, 0, 0, 0, 0, 0, 0, None, 0])
        for place, number in enumerate(numbers):
            if number is not None:
                before[place] = number + (before[place] or 0)

    def rank(part: tuple[str, list[Any]]) -> tuple[bool, float, int, str]:
        name, numbers = part
        return numbers[7] is None, -(numbers[7] or 0.0), -(numbers[3] + numbers[5]), name

    ranked = sorted(sums.items(), key=rank)
    return [Spending(name, *(number or 0 for number in numbers)) for name, numbers in ranked]
