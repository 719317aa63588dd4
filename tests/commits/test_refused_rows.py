"""The commit log: what it refuses reaches the one who asked, and nobody else."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from personae.commits import CommitLog
from personae.errors import PersonaeError, StorageError
from support.commit_logs import INSERT, PATIENCE, SCHEMA, append_all, seen_by_others

BAD_ROWS: list[tuple[Any, ...]] = [
    (object(), "a type that SQLite does not know"),
    ("\ud800", "a text that is no Unicode"),
    (2**70, "a number that is too large"),
    ("too few",),
    ("too", "many", "values"),
]


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
