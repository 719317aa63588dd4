"""The run folder: what was run, the ledger, the table, the findings, the report; readable with ordinary tools."""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import orjson

from personae.errors import ConflictError, InputError, StorageError
from personae.study.fingerprint import FINGERPRINTED, differences, fingerprint

if TYPE_CHECKING:
    import polars as pl

RECORD_FILE = "run.json"
LEDGER_FILE = "ledger.sqlite"
TABLE_FILE = "observations.parquet"
FINDINGS_FILE = "findings.json"
REPORT_FILE = "report.html"
_LOCK_FILE = ".lock"

SCHEMA_VERSION = 1


class RunFolder:
    """A folder that holds one run. Used as a context manager it is locked against a second process.

    Args:
        path: The folder.
        is_shared: Whether others that say the same may use it at once: workers whose ledger is in a database.
    """

    def __init__(self, path: Path, *, is_shared: bool = False) -> None:
        self.path = path
        self._is_shared = is_shared
        self._lock: int | None = None

    @property
    def record_file(self) -> Path:
        """What was run."""
        return self.path / RECORD_FILE

    @property
    def ledger_file(self) -> Path:
        """Every call and observation."""
        return self.path / LEDGER_FILE

    @property
    def table_file(self) -> Path:
        """One row an observation, as Parquet."""
        return self.path / TABLE_FILE

    @property
    def findings_file(self) -> Path:
        """Findings and comparisons, as JSON."""
        return self.path / FINDINGS_FILE

    @property
    def report_file(self) -> Path:
        """The report."""
        return self.path / REPORT_FILE

    def __enter__(self) -> Self:
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            self._lock = os.open(self.path / _LOCK_FILE, os.O_RDWR | os.O_CREAT, 0o644)
        except OSError as error:
            raise InputError(
                f"the run folder cannot be written ({error.strerror})",
                where=str(self.path),
                remedy="choose another --folder",
            ) from error
        try:
            # Given back by the system when the process ends, however it ends.
            kind = fcntl.LOCK_SH if self._is_shared else fcntl.LOCK_EX
            fcntl.flock(self._lock, kind | fcntl.LOCK_NB)
        except OSError as error:
            os.close(self._lock)
            self._lock = None
            raise ConflictError(
                "another process is running in this folder",
                where=str(self.path),
                remedy="wait for it, or choose another --folder",
            ) from error
        return self

    def __exit__(self, *_: object) -> None:
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def claim(self, record: Mapping[str, Any]) -> bool:
        """Make the folder that of this run, or find that it is already.

        Returns:
            Whether an earlier start of the same run is continued.

        Raises:
            ConflictError: If the folder holds a different run; the message says what differs.
            StorageError: If the ledger of a run that had results was emptied.
        """
        if not self.record_file.exists():
            if self.ledger_file.exists():
                raise ConflictError(
                    f"the folder holds calls of a run, but no {RECORD_FILE} that tells of which",
                    where=str(self.path),
                    remedy="choose another --folder",
                )
            self.write_record(record)
            return False
        if self.table_file.exists() and self.ledger_file.exists() and self.ledger_file.stat().st_size == 0:
            raise StorageError(
                "the file is empty, but the run had results",
                where=str(self.ledger_file),
                remedy="put a copy of it back, or choose another --folder",
            )
        before = read_record(self.path)
        if before.get("fingerprint") == fingerprint(record):
            return True
        lines = differences(before, record) or ["its fingerprint is of another version of personae"]
        raise ConflictError(
            f"the folder holds a different run: {'; '.join(lines[:5])}{' ...' if len(lines) > 5 else ''}",
            where=str(self.path),
            remedy="choose another --folder, or ask for the same run again",
        )

    def write_record(self, record: Mapping[str, Any]) -> None:
        """Write what is run, with its fingerprint."""
        write_json(self.record_file, {"schema_version": SCHEMA_VERSION, "fingerprint": fingerprint(record), **record})

    def write_table(self, table: pl.DataFrame) -> None:
        """Write the table of observations as Parquet."""
        with whole_file(self.table_file) as partial:
            table.write_parquet(partial)

    def write_extra(self, name: str, table: pl.DataFrame) -> None:
        """Write a further table as ``NAME.csv`` and ``NAME.parquet``."""
        with whole_file(self.path / f"{name}.parquet") as partial:
            table.write_parquet(partial)
        with whole_file(self.path / f"{name}.csv") as partial:
            table.write_csv(partial)

    def write_report(self, page: str) -> None:
        """Write the report."""
        with whole_file(self.report_file) as partial:
            partial.write_text(page, encoding="utf-8")


def read_record(folder: Path) -> dict[str, Any]:
    """Read what was run in a folder.

    Raises:
        InputError: If the folder holds no run.
    """
    path = folder / RECORD_FILE
    try:
        record = orjson.loads(path.read_bytes())
    except FileNotFoundError as error:
        raise InputError(
            "holds no run", where=str(folder), remedy="personae run list shows the runs there are"
        ) from error
    except (OSError, ValueError) as error:
        raise InputError(f"the run record cannot be read ({error})", where=str(path)) from error
    if not isinstance(record, dict) or record.get("schema_version") != SCHEMA_VERSION:
        raise InputError("the run record is of another version of personae", where=str(path))
    missing = [name for name in ("fingerprint", *FINGERPRINTED) if name not in record]
    if missing:
        raise InputError(f"the run record lacks {', '.join(missing)}", where=str(path))
    return record


def list_runs(folder: Path) -> list[Path]:
    """Folders below a folder that hold a run, oldest first."""
    if not folder.is_dir():
        return []
    found = [path.parent for path in folder.glob(f"*/{RECORD_FILE}")]
    return sorted(found, key=lambda path: ((path / RECORD_FILE).stat().st_mtime, path.name))


def write_json(path: Path, data: Any) -> None:
    """Write JSON so that a reader sees the old file or the new one, never half of it."""
    with whole_file(path) as partial:
        partial.write_bytes(orjson.dumps(data, option=orjson.OPT_INDENT_2) + b"\n")


@contextlib.contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Write a file beside its place and move it there when it is complete.

    Raises:
        StorageError: If the folder cannot be written.
    """
    partial = path.with_name(f"{path.name}.{secrets.token_hex(4)}.partial")  # workers may write at once
    try:
        yield partial
        with partial.open("rb") as written:
            os.fsync(written.fileno())  # else a power cut could leave the new name on an empty file
        partial.replace(path)
    except OSError as error:
        raise StorageError(
            f"cannot be written ({error.strerror})", where=str(path), remedy="check free space"
        ) from error
    finally:
        with contextlib.suppress(OSError):
            partial.unlink(missing_ok=True)
