"""The commit log never hangs: closed, left by its callers, written to from several loops."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path
from typing import Any

import pytest

from personae.commits import CommitLog
from personae.errors import StorageError
from support.commit_logs import INSERT, PATIENCE, SCHEMA, append_all, hold_the_lock, seen_by_others


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
