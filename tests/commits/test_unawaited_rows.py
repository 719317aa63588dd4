"""The commit log: rows that nobody waits for, and how they are told of."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from personae.commits import CommitLog
from personae.errors import StorageError
from support.commit_logs import INSERT, PATIENCE, SCHEMA, append_all, seen_by_others


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
