"""What the columns of the ledger in SQLite spell, and back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson

from personae.canonical import canonical_json
from personae.commits import damaged
from personae.model import Reply, reply_from_json, request_from_json
from personae.study.calls import RecordedCall


@contextmanager
def decoding(path: Path) -> Iterator[None]:
    """Say of what cannot be decoded that the file is damaged: it was whole when it was written."""
    try:
        yield
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise damaged(path, error) from error


def spelled(value: Any) -> str:
    """JSON as text, which every tool that opens the file can read."""
    return canonical_json(value).decode()


def last_of(rows: Iterator[tuple[Any, ...]]) -> tuple[Any, ...]:
    """The last of some rows."""
    *_, last = rows
    return last


def recorded_call(cell: str, role: str, model: str, request: str, reply: str | None, error: str) -> RecordedCall:
    """A call of its columns."""
    return RecordedCall(cell, role, model, request_from_json(orjson.loads(request)), kept_reply(reply), error)


def kept_reply(column: str | None) -> Reply | None:
    """A reply of its column; none if the call failed."""
    return reply_from_json(orjson.loads(column)) if column else None


def observation_line(cell: str, status: str, detail: str, factors: str, values: str) -> str:
    """An observation in JSON, put together from what is JSON already."""
    plain = orjson.dumps(detail).decode() if detail else '""'
    rest = "".join(["," + part[1:-1] for part in (factors, values) if part != "{}"])
    return f'{{"cell":"{cell}","status":"{status}","detail":{plain}{rest}}}'
