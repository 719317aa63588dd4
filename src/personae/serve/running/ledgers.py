"""Opening the ledger of a run to read it, beside whoever writes it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import apsw

from personae.errors import StorageError


@contextlib.contextmanager
def reading(file: Path) -> Iterator[apsw.Connection]:
    """A connection that can only read.

    Raises:
        StorageError: If the ledger cannot be read.
    """
    try:
        connection = apsw.Connection(str(file), flags=apsw.SQLITE_OPEN_READONLY)
        try:
            connection.set_busy_timeout(5000)
            yield connection
        finally:
            connection.close()
    except apsw.Error as error:
        raise StorageError(f"cannot be read ({error})", where=str(file), remedy="try again") from error


def count_statuses(folder: Path) -> dict[str, int]:
    """How many observations of a run have each status; for runs that are small.

    Raises:
        StorageError: If its ledger cannot be read.
    """
    with reading(folder / "ledger.sqlite") as connection:
        return dict(connection.execute("SELECT status, count(*) FROM observations GROUP BY status"))
