"""The commit log: places that cannot hold it, and files that others open or hold at the same moment."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import apsw
import pytest

from personae.commits import CommitLog
from personae.errors import StorageError
from support.commit_logs import INSERT, PATIENCE, SCHEMA, hold_the_lock, seen_by_others


def test_several_logs_may_open_one_new_file_at_once(tmp_path: Path) -> None:
    faults: list[BaseException] = []

    def open_and_close(path: Path, barrier: threading.Barrier) -> None:
        barrier.wait(PATIENCE)
        try:
            CommitLog(path, SCHEMA).close()
        except BaseException as fault:
            faults.append(fault)

    for attempt in range(20):
        barrier = threading.Barrier(6)
        arguments = (tmp_path / f"{attempt}.sqlite", barrier)
        threads = [threading.Thread(target=open_and_close, args=arguments) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(PATIENCE)
    assert faults == []


class Contested(apsw.Connection):
    """A connection that finds another one switching the new file to the write-ahead log at the same moment.

    SQLite sees a deadlock there and refuses one of the two at once, whatever its busy timeout says.
    """

    refusals = 3

    def execute(self, statements: str, *args: Any, **options: Any) -> apsw.Cursor:
        if "journal_mode" in statements and Contested.refusals:
            Contested.refusals -= 1
            raise apsw.BusyError("database is locked")
        return super().execute(statements, *args, **options)


def test_a_file_that_another_opens_at_the_same_moment_is_waited_for(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(apsw, "Connection", Contested)
    monkeypatch.setattr(Contested, "refusals", 3)
    CommitLog(path, SCHEMA).close()
    assert Contested.refusals == 0


async def test_a_row_can_be_written_before_the_run_without_a_loop(path: Path) -> None:
    log = CommitLog(path, SCHEMA)
    await asyncio.to_thread(log.write_now, INSERT, ("a", "x"))
    assert seen_by_others(path) == {"a"}
    with pytest.raises(StorageError, match="UNIQUE"):
        log.write_now(INSERT, ("a", "x"))
    log.close()


def make_missing(folder: Path) -> Path:
    return folder / "missing" / "notes.sqlite"


def make_folder(folder: Path) -> Path:
    (folder / "notes.sqlite").mkdir()
    return folder / "notes.sqlite"


def make_other_format(folder: Path) -> Path:
    (folder / "notes.sqlite").write_bytes(b"This is a shopping list, and a long one at that. " * 100)
    return folder / "notes.sqlite"


def make_under_a_file(folder: Path) -> Path:
    (folder / "file").write_text("x")
    return folder / "file" / "notes.sqlite"


@pytest.mark.parametrize("make", [make_missing, make_folder, make_other_format, make_under_a_file])
def test_a_place_that_cannot_hold_the_file_is_refused(tmp_path: Path, make: Callable[[Path], Path]) -> None:
    path = make(tmp_path)
    with pytest.raises(StorageError) as caught:
        CommitLog(path, SCHEMA)
    assert str(path) in str(caught.value)
    assert caught.value.remedy


@pytest.mark.skipif(os.geteuid() == 0, reason="permissions do not bind root")
def test_a_read_only_folder_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "locked"
    folder.mkdir(mode=0o555)
    with pytest.raises(StorageError, match="permissions"):
        CommitLog(folder / "notes.sqlite", SCHEMA)


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="needs a folder that even root cannot write to")
def test_a_folder_that_nobody_can_write_to_is_refused() -> None:
    with pytest.raises(StorageError, match="permissions"):
        CommitLog(Path("/proc/notes.sqlite"), SCHEMA)


def test_a_wrong_schema_is_refused(path: Path) -> None:
    with pytest.raises(StorageError):
        CommitLog(path, "CREATE TABEL notes (id)")


async def test_a_writer_of_another_process_is_waited_for(log: CommitLog, path: Path) -> None:
    other = hold_the_lock(path)
    waiting = asyncio.ensure_future(log.append(INSERT, ("a", "x")))
    await asyncio.sleep(0.05)
    assert not waiting.done()
    other.execute("ROLLBACK")
    other.close()
    await asyncio.wait_for(waiting, PATIENCE)
