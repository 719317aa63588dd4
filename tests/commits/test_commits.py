"""The commit log: what it acknowledges is on disk, and stays there when the process is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import apsw
import pytest

from personae.commits import CommitLog
from support.commit_logs import INSERT, SCHEMA, append_all, seen_by_others


@pytest.mark.parametrize("is_durable", [True, False])
async def test_a_row_is_in_the_file_when_append_returns(path: Path, is_durable: bool) -> None:
    log = CommitLog(path, SCHEMA, is_durable=is_durable)
    for index in range(5):
        await log.append(INSERT, (str(index), "x"))
        assert seen_by_others(path) == {str(seen) for seen in range(index + 1)}
    log.close()


async def test_rows_are_read_back_as_they_were_written(log: CommitLog) -> None:
    await log.append(INSERT, ("a", "Grüße\x00\n"))
    assert log.read("SELECT note FROM notes WHERE id = ?", ("a",)) == [("Grüße\x00\n",)]


def test_a_durable_log_waits_for_the_disk_and_the_other_does_not(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[apsw.Connection] = []
    monkeypatch.setattr(apsw, "connection_hooks", [opened.append])
    for is_durable, level in ((True, 2), (False, 0)):  # PRAGMA synchronous: 2 is FULL, 0 is OFF
        opened.clear()
        log = CommitLog(path, SCHEMA, is_durable=is_durable)
        assert opened
        for connection in opened:
            assert connection.pragma("journal_mode") == "wal"
            assert connection.pragma("synchronous") == level
        log.close()


async def test_thousands_of_concurrent_rows_share_few_transactions(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    commits: list[None] = []

    def watch(connection: apsw.Connection) -> None:
        def count() -> bool:
            commits.append(None)
            return False  # True would turn the commit into a rollback

        connection.set_commit_hook(count)

    monkeypatch.setattr(apsw, "connection_hooks", [watch])
    log = CommitLog(path, SCHEMA, is_durable=False)
    made_by_opening = len(commits)
    outcomes = await append_all(log, [(str(index), "x") for index in range(5000)])
    log.close()
    assert outcomes == [None] * 5000
    assert len(seen_by_others(path)) == 5000
    assert 1 <= len(commits) - made_by_opening <= 250  # a transaction a row would be 5000


KILLED = """
    import asyncio, sys, time
    from pathlib import Path
    from personae.commits import CommitLog

    async def main():
        log = CommitLog(Path(sys.argv[1]), "CREATE TABLE IF NOT EXISTS notes (id TEXT PRIMARY KEY, note TEXT NOT NULL)")
        for index in range(1000):
            await log.append("INSERT INTO notes VALUES (?, ?)", (str(index), "x" * 500))
            print(index, flush=True)

    asyncio.run(main())
"""


@pytest.mark.parametrize("acknowledged", [1, 20])
def test_a_process_killed_after_an_acknowledgement_keeps_the_row(path: Path, acknowledged: int) -> None:
    child = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(KILLED), str(path)], stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    with child, child.stdout as lines:
        told = [next(lines).strip() for _ in range(acknowledged)]
        os.kill(child.pid, signal.SIGKILL)
        told += [line.strip() for line in lines]
    assert child.returncode == -signal.SIGKILL
    assert len(told) >= acknowledged
    assert set(told) <= seen_by_others(path)


async def test_a_killed_file_is_taken_up_again(path: Path) -> None:
    first = CommitLog(path, SCHEMA)
    await first.append(INSERT, ("before", "x"))
    first.close()
    second = CommitLog(path, SCHEMA)
    await second.append(INSERT, ("after", "x"))
    assert second.read("SELECT id FROM notes ORDER BY id") == [("after",), ("before",)]
    second.close()
