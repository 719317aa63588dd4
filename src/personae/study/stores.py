"""What a run needs of the place that its calls and observations are kept in, and finding that place.

A ``LedgerStore`` is a ledger: the SQLite file of the run folder, or a run in a database. A ``SharedStore`` is one that
several workers, on one machine or many, write at once; a cell of it is claimed before it is observed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from personae.errors import ConflictError, InputError, MissingExtraError, PersonaeError
from personae.model import Message, Reply, Request, Status
from personae.study.budget import CallKind, Experience
from personae.study.calls import RecordedCall, Spending
from personae.study.cell import Cell
from personae.study.folder import RunFolder, read_record
from personae.study.keys import KeySet
from personae.study.ledger import Ledger
from personae.study.ledger_url import LedgerUrl
from personae.study.observation import Observation

if TYPE_CHECKING:
    from personae.study.postgres_ledger import PostgresLedger


class LedgerStore(Protocol):
    """A ledger; see ``Ledger`` for what each method promises."""

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
        """Keep a call; gives what ``is_kept`` and ``wait_for`` take."""
        ...

    def is_kept(self, ticket: int) -> bool:
        """Whether a call is on disk."""
        ...

    async def wait_for(self, ticket: int) -> None:
        """Wait until it is."""
        ...

    async def add_observation(self, cell: Cell, observation: Observation) -> None:
        """Keep an observation."""
        ...

    def finished_cells(self) -> KeySet:
        """Keys of the cells that need not be observed again."""
        ...

    def unfinished_replies(self, finished: KeySet | None = None) -> dict[str, dict[str, list[Reply]]]:
        """Answered calls of cells that are not finished, by cell and call key, oldest first."""
        ...

    def lines(self, last: int | None = None) -> Iterator[bytes]:
        """Observations as lines of JSON, in pieces; of a cell that was observed again the last line counts."""
        ...

    def rows(self) -> Iterator[dict[str, Any]]:
        """The last observation of every cell as a flat row, in the order of keys."""
        ...

    def count_statuses(self) -> dict[Status, int]:
        """How many cells ended in each status."""
        ...

    def count_calls(self) -> dict[str, float]:
        """Totals over all calls."""
        ...

    def spent(self) -> tuple[float, int]:
        """Known US dollars, and tokens of calls that no cache answered."""
        ...

    def experience(self) -> dict[CallKind, Experience]:
        """What the latest calls of each kind needed."""
        ...

    def spending(self, by: str) -> list[Spending]:
        """What calls took, the dearest first."""
        ...

    def example_calls(self, cells: list[str]) -> list[RecordedCall]:
        """All calls of some cells, in the order they were made."""
        ...

    def transcript(self, cell: str) -> tuple[Message, ...]:
        """The conversation of a cell."""
        ...

    def reply_models(self) -> list[str]:
        """Models as the endpoints named them."""
        ...

    def close(self) -> None:
        """Commit what is waiting and close."""
        ...


@dataclass(frozen=True, slots=True)
class Claimed:
    """What became of some cells that a worker asked for."""

    granted: Mapping[str, Mapping[str, Sequence[Reply]]] = field(default_factory=dict)
    """Cells that are this worker's now, with the calls that were answered in them before, by call key."""
    finished: Set[str] = frozenset()
    """Cells that somebody has finished."""
    busy: Set[str] = frozenset()
    """Cells that another worker holds. Cells in none of the three are free, and were more than asked for."""


@runtime_checkable
class SharedStore(LedgerStore, Protocol):
    """A ledger that several workers write at once."""

    @property
    def lease(self) -> float:
        """Seconds that a cell stays with a worker that is not heard of any more."""
        ...

    async def claim(self, cells: Sequence[str], most: int) -> Claimed:
        """Take hold of the first free ones of some cells, of so many at most."""
        ...

    def holds(self, cell: str) -> bool:
        """Whether the cell is still this worker's."""
        ...

    async def spent_by_others(self) -> tuple[float, int]:
        """Like ``spent``, of calls that other workers have made since this one opened the ledger."""
        ...


def ledger_url_of(folder: RunFolder, given: str | None = None) -> LedgerUrl | None:
    """Where the ledger of a run is, if it is not in its folder.

    Args:
        folder: The folder of the run.
        given: A URL that the user gave; it may hold a password, which that in the folder does not.

    Raises:
        ConflictError: If the folder holds a run whose ledger is elsewhere.
    """
    url = LedgerUrl.read(given) if given else None
    if not folder.record_file.exists():
        return url
    kept = read_record(folder.path).get("ledger", "")
    if url is None:
        return LedgerUrl.read(kept) if kept else None
    if kept != url.shown:
        place = kept or "the folder itself"
        raise ConflictError(
            f"the ledger of this run is in {place}",
            where=str(folder.path),
            remedy="leave --ledger out to go on with it, or choose another --folder",
        )
    return url


def has_ledger(folder: RunFolder) -> bool:
    """Whether calls and observations are kept for the folder at all: a replay makes none."""
    return folder.ledger_file.is_file() or bool(read_record(folder.path).get("ledger"))


def open_ledger(folder: RunFolder, url: str | None = None) -> LedgerStore:
    """Open the ledger of a run folder for reading, wherever it is.

    Args:
        folder: The run folder.
        url: The URL that the run was started with, if it holds a password that is nowhere else.

    Raises:
        InputError: If the ledger is of another version, or the database refuses the user or holds no such run.
        StorageError: If it cannot be reached.
    """
    found = ledger_url_of(folder, url)
    if found is None:
        return Ledger(folder.ledger_file)
    return _postgres().find(found, read_record(folder.path)["fingerprint"])


def claim_ledger(
    folder: RunFolder, record: Mapping[str, Any], url: LedgerUrl | None, *, is_durable: bool = True
) -> LedgerStore:
    """Make folder and ledger those of a run, or find that they are already, and open the ledger.

    Raises:
        ConflictError: If the folder or the named run in the database is another run; the message says what differs.
    """
    if url is None:
        folder.claim(record)
        return Ledger(folder.ledger_file, is_durable=is_durable)
    record = {**record, "ledger": url.shown}
    if folder.record_file.exists():  # a folder of another run must not leave a run in the database
        folder.claim(record)
    ledger = _postgres().start(url, record)
    try:
        folder.claim(record)
    except PersonaeError:
        ledger.close()
        raise
    return ledger


def _postgres() -> type[PostgresLedger]:
    try:
        from personae.study.postgres_ledger import PostgresLedger
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] in ("sqlalchemy", "asyncpg", "greenlet"):
            raise MissingExtraError("a ledger in PostgreSQL", "postgres") from error
        raise
    return PostgresLedger


def refuse_database(folder: RunFolder, doing: str, remedy: str) -> None:
    """Say that something is done with files only.

    Raises:
        InputError: If the ledger of the folder is in a database.
    """
    if read_record(folder.path).get("ledger"):
        raise InputError(
            f"has its ledger in a database, and {doing}",
            where=str(folder.path),
            remedy=remedy,
        )
