r"""How ledgers lie in a PostgreSQL database: one schema, ``personae``, for the runs of a whole team.

Requests, replies, factors and values are text, not ``jsonb``: what comes back is byte for byte what a file would give,
and JSON may hold ``\u0000``, which ``jsonb`` refuses. What questions are asked about most has columns of its own.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Double,
    ForeignKey,
    Identity,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.schema import CreateSchema

SCHEMA = "personae"
SCHEMA_VERSION = 1

METADATA = MetaData(schema=SCHEMA)

_NOW = text("clock_timestamp()")  # the clock of the database is the only one that all workers share


def _exact() -> Text:
    """Text that is compared by bytes, in whatever language the database sorts."""
    return Text(collation="C")


META = Table("meta", METADATA, Column("key", Text, primary_key=True), Column("value", Text, nullable=False))

RUNS = Table(
    "runs",
    METADATA,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("name", _exact(), nullable=False, unique=True),
    Column("fingerprint", _exact(), nullable=False),
    Column("record", Text, nullable=False, comment="JSON: what was asked of whom, as the first worker told it"),
    Column("created", DateTime(timezone=True), nullable=False, server_default=_NOW),
)

WORKERS = Table(
    "workers",
    METADATA,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("run", BigInteger, ForeignKey(RUNS.c.id, ondelete="CASCADE"), nullable=False, index=True),
    Column("host", Text, nullable=False),
    Column("process", Integer, nullable=False),
    Column("started", DateTime(timezone=True), nullable=False, server_default=_NOW),
)

CLAIMS = Table(
    "claims",
    METADATA,
    Column("run", BigInteger, ForeignKey(RUNS.c.id, ondelete="CASCADE"), primary_key=True),
    Column("cell", _exact(), primary_key=True),
    Column("worker", BigInteger, nullable=False),
    Column("state", Text, nullable=False, comment="held, done or failed"),
    Column("lease_until", DateTime(timezone=True), nullable=False, comment="when it failed, where it failed"),
)
Index("claims_held", CLAIMS.c.worker, postgresql_where=CLAIMS.c.state == "held")

CALLS = Table(
    "calls",
    METADATA,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("run", BigInteger, ForeignKey(RUNS.c.id, ondelete="CASCADE"), nullable=False),
    Column("worker", BigInteger, nullable=False),
    Column("number", BigInteger, nullable=False, comment="of the row among those of its worker"),
    Column("cell", _exact(), nullable=False),
    Column("key", _exact(), nullable=False, comment="hash of role, identity of the model, and the whole request"),
    Column("role", _exact(), nullable=False),
    Column("model", _exact(), nullable=False),
    Column("request", Text, nullable=False, comment="JSON"),
    Column("reply", Text, comment="JSON; NULL if the call failed"),
    Column("error", Text, nullable=False, comment="why it failed"),
    Column("reply_model", _exact(), comment="the model as the endpoint named it"),
    Column("is_cached", Boolean, nullable=False),
    Column("input_tokens", BigInteger, nullable=False),
    Column("cached_tokens", BigInteger, nullable=False),
    Column("output_tokens", BigInteger, nullable=False),
    Column("reasoning_tokens", BigInteger, nullable=False),
    Column("cost", Double, comment="US dollars; NULL if the price is not known"),
    Column("seconds", Double, nullable=False),
    Column("turns", Integer, nullable=False, comment="messages of the request"),
    Column("letters", BigInteger, nullable=False, comment="letters of its messages"),
    Column("has_schema", Boolean, nullable=False),
    Column("finished", DateTime(timezone=True), nullable=False, server_default=_NOW),
    UniqueConstraint("worker", "number"),
    Index("calls_by_cell", "run", "cell"),
    Index("calls_by_age", "run", "id"),
)

OBSERVATIONS = Table(
    "observations",
    METADATA,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("run", BigInteger, ForeignKey(RUNS.c.id, ondelete="CASCADE"), nullable=False),
    Column("worker", BigInteger, nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("cell", _exact(), nullable=False),
    Column("status", _exact(), nullable=False),
    Column("detail", Text, nullable=False),
    Column("factors", _exact(), nullable=False, comment="JSON"),
    Column("values", Text, nullable=False, comment="JSON"),
    Column("transcript", Text, nullable=False, comment="JSON"),
    Column("finished", DateTime(timezone=True), nullable=False, server_default=_NOW),
    UniqueConstraint("worker", "number"),
)
Index("observations_by_cell", OBSERVATIONS.c.run, OBSERVATIONS.c.cell, OBSERVATIONS.c.id)
Index(
    "observations_once",
    OBSERVATIONS.c.run,
    OBSERVATIONS.c.cell,
    unique=True,
    postgresql_where=OBSERVATIONS.c.status != "failed",
)

CALL_COLUMNS = tuple(column.name for column in CALLS.columns if column.name not in ("id", "run", "worker", "finished"))
OBSERVATION_COLUMNS = tuple(
    column.name for column in OBSERVATIONS.columns if column.name not in ("id", "run", "worker", "finished")
)

CREATE_SCHEMA = CreateSchema(SCHEMA, if_not_exists=True)

_MARK = "\ufdd0"  # a code point that Unicode promises never to give to a letter


def to_column(plain: str) -> str:
    r"""Spell a text so that a column can hold it: PostgreSQL has no NUL, and all else stays as it is.

    Example:
        >>> to_column("plain"), from_column(to_column("a\0b")) == "a\0b"
        ('plain', True)
    """
    if "\0" not in plain and _MARK not in plain:
        return plain
    return plain.replace(_MARK, f"{_MARK}1").replace("\0", f"{_MARK}0")


def from_column(kept: str) -> str:
    """Read a text back that ``to_column`` spelled."""
    return kept.replace(f"{_MARK}0", "\0").replace(f"{_MARK}1", _MARK) if _MARK in kept else kept
