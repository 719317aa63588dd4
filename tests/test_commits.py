"""The commit log: what it acknowledges is on disk, what it refuses reaches the one who asked, and it never hangs."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import textwrap
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import apsw
import pytest

from personae.commits import CommitLog
from personae.errors import PersonaeError, StorageError

SCHEMA = "CREATE TABLE IF NOT EXISTS notes (id TEXT PRIMARY KEY, note TEXT NOT NULL)"
INSERT = "INSERT INTO notes VALUES (?, ?)"
PATIENCE = 30.0  # a hanging writer must fail the test, not stop it


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "notes.sqlite"


@pytest.fixture
def log(path: Path) -> Iterator[CommitLog]:
    log = CommitLog(path, SCHEMA)
    yield log
    log.close()


def seen_by_others(path: Path) -> set[str]:
    """Keys that another connection finds in the file."""
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    try:
        return {key for (key,) in connection.execute("SELECT id FROM notes")}
    finally:
        connection.close()


async def append_all(log: CommitLog, rows: list[tuple[Any, Any]]) -> list[BaseException | None]:
    """Append rows at once; what became of each."""
    outcomes = asyncio.gather(*(log.append(INSERT, row) for row in rows), return_exceptions=True)
    return await asyncio.wait_for(outcomes, PATIENCE)


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


async def test_a_broken_constraint_reaches_the_caller(log: CommitLog) -> None:
    await log.append(INSERT, ("a", "x"))
    with pytest.raises(StorageError, match="UNIQUE"):
        await log.append(INSERT, ("a", "y"))
    with pytest.raises(StorageError, match="NOT NULL"):
        await log.append(INSERT, ("b", None))
    assert log.read("SELECT * FROM notes") == [("a", "x")]


async def test_a_refused_row_does_not_take_its_neighbours_along(log: CommitLog, path: Path) -> None:
    outcomes = await append_all(log, [("a", "x"), ("b", "x"), ("a", "again"), ("c", "x"), ("d", None)])
    assert [type(outcome) for outcome in outcomes] == [type(None), type(None), StorageError, type(None), StorageError]
    assert seen_by_others(path) == {"a", "b", "c"}


BAD_ROWS: list[tuple[Any, ...]] = [
    (object(), "a type that SQLite does not know"),
    ("\ud800", "a text that is no Unicode"),
    (2**70, "a number that is too large"),
    ("too few",),
    ("too", "many", "values"),
]


@pytest.mark.parametrize("row", BAD_ROWS, ids=lambda row: str(row[-1]))
async def test_a_value_that_cannot_be_stored_is_refused_and_the_log_lives_on(log: CommitLog, row: Any) -> None:
    outcomes = await append_all(log, [("before", "x"), row, ("after", "x")])
    assert [type(outcome) for outcome in outcomes] == [type(None), StorageError, type(None)]
    await asyncio.wait_for(log.append(INSERT, ("later", "x")), PATIENCE)


async def test_wrong_sql_is_refused_and_the_log_lives_on(log: CommitLog) -> None:
    with pytest.raises(StorageError):
        await asyncio.wait_for(log.append("INSERT INTO nowhere VALUES (?)", ("a",)), PATIENCE)
    with pytest.raises(StorageError):
        log.read("SELECT * FROM nowhere")
    await asyncio.wait_for(log.append(INSERT, ("later", "x")), PATIENCE)


async def test_a_full_disk_is_told_to_every_caller_and_what_was_written_stays(log: CommitLog, path: Path) -> None:
    await log.append(INSERT, ("early", "x"))
    await log.append("PRAGMA max_page_count = 1", ())  # SQLite takes it as "no larger than now"
    outcomes = await append_all(log, [(str(index), "x" * 5000) for index in range(50)])
    assert {type(outcome) for outcome in outcomes} == {StorageError}
    assert "full" in str(outcomes[0])
    assert seen_by_others(path) == {"early"}
    with pytest.raises(StorageError, match="full"):  # a small row would fit; but what came before it is missing
        await asyncio.wait_for(log.append(INSERT, ("late", "x")), PATIENCE)
    again = CommitLog(path, SCHEMA)  # room was made
    await asyncio.wait_for(again.append(INSERT, ("late", "x" * 5000)), PATIENCE)
    again.close()
    assert seen_by_others(path) == {"early", "late"}


async def test_an_error_of_storage_says_where_and_what_to_do(log: CommitLog, path: Path) -> None:
    with pytest.raises(StorageError) as caught:
        await log.append(INSERT, ("b", None))
    assert isinstance(caught.value, PersonaeError)
    assert str(path) in caught.value.where
    assert caught.value.remedy


async def test_a_closed_log_refuses_at_once(log: CommitLog) -> None:
    await log.append(INSERT, ("a", "x"))
    log.close()
    log.close()  # harmless
    with pytest.raises(StorageError, match="closed"):
        await asyncio.wait_for(log.append(INSERT, ("b", "x")), PATIENCE)
    with pytest.raises(StorageError):
        log.read("SELECT 1")
    with pytest.raises(StorageError):
        log.write_now(INSERT, ("c", "x"))


async def test_closing_commits_what_is_waiting(log: CommitLog, path: Path) -> None:
    waiting = [asyncio.ensure_future(log.append(INSERT, (str(index), "x"))) for index in range(600)]
    await asyncio.sleep(0)  # each of them has handed its row in
    log.close()
    assert len(seen_by_others(path)) == 600
    await asyncio.wait_for(asyncio.gather(*waiting), PATIENCE)


def test_nothing_hangs_that_was_appended_while_the_log_closed(path: Path) -> None:
    log = CommitLog(path, SCHEMA, is_durable=False)
    started = threading.Event()

    async def append_until_refused() -> int:
        for index in range(10**6):
            try:
                await asyncio.wait_for(log.append(INSERT, (str(index), "x")), PATIENCE)
            except StorageError:
                return index
            started.set()
        raise AssertionError("the log never closed")

    accepted: list[int] = []
    worker = threading.Thread(target=lambda: accepted.append(asyncio.run(append_until_refused())))
    worker.start()
    assert started.wait(PATIENCE)
    log.close()
    worker.join(PATIENCE)
    assert accepted == [len(seen_by_others(path))]


def hold_the_lock(path: Path) -> apsw.Connection:
    """Another writer that makes the log wait."""
    other = apsw.Connection(str(path))
    other.execute("BEGIN IMMEDIATE")
    return other


@pytest.mark.filterwarnings("ignore:.*never awaited")
def test_callers_whose_loop_is_gone_do_not_stop_the_writer(log: CommitLog, path: Path) -> None:
    other = hold_the_lock(path)
    loop = asyncio.new_event_loop()
    loop.set_exception_handler(lambda *_: None)  # that its tasks were left behind is the point
    left_behind = [loop.create_task(log.append(INSERT, (f"gone-{index}", "x"))) for index in range(3)]
    loop.run_until_complete(asyncio.sleep(0))
    loop.close()
    other.execute("ROLLBACK")
    other.close()
    asyncio.run(asyncio.wait_for(log.append(INSERT, ("here", "x")), PATIENCE))
    assert seen_by_others(path) == {"gone-0", "gone-1", "gone-2", "here"}
    assert not any(task.done() for task in left_behind)


async def test_a_caller_that_gave_up_does_not_stop_the_others(log: CommitLog, path: Path) -> None:
    other = hold_the_lock(path)
    given_up = asyncio.ensure_future(log.append(INSERT, ("given up", "x")))
    patient = asyncio.ensure_future(log.append(INSERT, ("patient", "x")))
    await asyncio.sleep(0)
    given_up.cancel()
    other.execute("ROLLBACK")
    other.close()
    await asyncio.wait_for(patient, PATIENCE)
    assert given_up.cancelled()
    assert "patient" in seen_by_others(path)


def test_several_loops_may_write_to_one_log(log: CommitLog, path: Path) -> None:
    def write(worker: int) -> None:
        rows: list[tuple[Any, Any]] = [(f"{worker}-{index}", "x") for index in range(100)]
        outcomes[worker] = asyncio.run(append_all(log, rows))

    outcomes: dict[int, list[BaseException | None]] = {}
    threads = [threading.Thread(target=write, args=(worker,)) for worker in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert [outcome for row in outcomes.values() for outcome in row] == [None] * 400
    assert len(seen_by_others(path)) == 400


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


def test_no_thread_is_left_behind(path: Path) -> None:
    before = threading.active_count()
    log = CommitLog(path, SCHEMA)
    assert threading.active_count() == before + 1
    log.close()
    assert threading.active_count() == before


async def test_rows_that_nobody_waits_for_are_on_disk_before_later_ones_that_somebody_does(
    log: CommitLog, path: Path
) -> None:
    for index in range(50):
        log.put(INSERT, (f"put {index}", "x"))
    await asyncio.wait_for(log.append(INSERT, ("waited for", "x")), PATIENCE)
    assert seen_by_others(path) == {"waited for", *(f"put {index}" for index in range(50))}


def test_a_reader_of_its_own_writes_can_wait_for_them_without_a_loop(log: CommitLog, path: Path) -> None:
    log.settle()  # nothing to wait for
    for index in range(20):
        log.put(INSERT, (str(index), "x"))
    log.settle()
    assert len(seen_by_others(path)) == 20
    assert len(log.read("SELECT id FROM notes")) == 20


def test_a_row_that_nobody_waited_for_and_that_failed_is_told_to_the_next_caller_once(log: CommitLog) -> None:
    log.put(INSERT, ("a", None))  # breaks a constraint
    with pytest.raises(StorageError, match="NOT NULL"):
        log.settle()
    log.settle()
    log.put(INSERT, ("b", None))
    log.put(INSERT, ("c", "fine"))
    with pytest.raises(StorageError):
        log.settle()
    assert log.read("SELECT id FROM notes") == [("c",)]


def test_closing_tells_of_a_row_that_nobody_heard_of(path: Path) -> None:
    log = CommitLog(path, SCHEMA)
    log.put(INSERT, ("a", None))
    with pytest.raises(StorageError, match="NOT NULL"):
        log.close()
    log.close()  # it is closed all the same
    with pytest.raises(StorageError, match="closed"):
        log.put(INSERT, ("b", "x"))


def test_threads_may_settle_while_others_write(log: CommitLog, path: Path) -> None:
    def write(name: int) -> None:
        for index in range(100):
            log.put(INSERT, (f"{name} {index}", "x"))
        log.settle()
        assert {f"{name} {index}" for index in range(100)} <= seen_by_others(path)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(4)))


async def test_a_row_that_is_put_is_in_the_file_within_a_tenth_of_a_second(log: CommitLog, path: Path) -> None:
    number = log.put(INSERT, ("a", "x"))
    await asyncio.wait_for(log.wait_for(number), PATIENCE)
    assert seen_by_others(path) == {"a"}
    await asyncio.wait_for(log.wait_for(number), PATIENCE)  # a second time too, without waiting


async def test_whoever_waits_for_a_row_that_is_refused_is_woken_and_the_next_is_told(log: CommitLog) -> None:
    await log.append(INSERT, ("a", "x"))
    await asyncio.wait_for(log.wait_for(log.put(INSERT, ("a", "twice"))), PATIENCE)
    with pytest.raises(StorageError, match="UNIQUE"):
        log.put(INSERT, ("b", "x"))
    log.settle()
    assert log.read("SELECT id FROM notes ORDER BY id") == [("a",), ("b",)]


async def test_one_row_that_is_refused_leaves_the_others_of_its_statement(log: CommitLog) -> None:
    outcomes = await append_all(log, [(str(index // 2), "x") for index in range(200)])
    assert sum(isinstance(outcome, StorageError) for outcome in outcomes) == 100
    assert len(log.read("SELECT id FROM notes")) == 100


def test_statements_without_values_and_with_more_rows_than_one_statement_takes_are_written(path: Path) -> None:
    log = CommitLog(path, SCHEMA, is_durable=False)
    for index in range(10_000):
        log.put(INSERT, (f"{index:05}", "x"))
    log.put("INSERT INTO notes SELECT ?, ?", ("last", "y"))
    log.put("INSERT INTO notes VALUES (?, ?) ON CONFLICT (id) DO NOTHING", ("00000", "z"))
    log.settle()
    assert log.read("SELECT count(*), min(id), max(id) FROM notes") == [(10_001, "00000", "last")]
    log.close()


def test_a_log_that_falls_behind_says_so(path: Path) -> None:
    log = CommitLog(path, SCHEMA, is_durable=False)
    assert not log.is_behind
    for index in range(20_000):
        log.put(INSERT, (str(index), "x"))
        if log.is_behind:
            break
    assert log.is_behind
    log.settle()
    assert not log.is_behind
    log.close()
