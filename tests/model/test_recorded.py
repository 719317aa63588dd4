"""Replay: recorded calls are answered word for word, and nothing else is answered at all."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import apsw
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from personae.canonical import canonical_json
from personae.errors import InputError
from personae.model import ProviderError, RecordedModel, Reply, Request, request_key
from support.values import FULL_REPLY, FULL_REQUEST, replies, requests


def write_lines(folder: Path, *rows: Any, name: str = "calls.jsonl") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(b"".join(json.dumps(row).encode() + b"\n" for row in rows))
    return folder


def write_ledger(folder: Path, calls: Sequence[tuple[Any, Any]]) -> Path:
    """A table of calls as a run leaves it; only the two columns that are read, and one that is not."""
    connection = apsw.Connection(str(folder / "ledger.sqlite"))
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("CREATE TABLE calls (cell TEXT, request TEXT NOT NULL, reply TEXT)")
    connection.executemany("INSERT INTO calls VALUES ('c', ?, ?)", calls)
    connection.close()
    return folder


def stored(value: object) -> str:
    return canonical_json(value).decode()


def ask(model: RecordedModel, request: Request) -> Reply:
    return asyncio.run(model.generate(request))


def open_recording(folder: Path) -> RecordedModel:
    return RecordedModel(f"replay/{folder}", folder)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30, deadline=None)
@given(st.lists(st.tuples(requests, replies), min_size=1, max_size=4, unique_by=lambda call: request_key(call[0])))
def test_recorded_lines_are_answered_word_for_word(tmp_path: Path, calls: list[tuple[Request, Reply]]) -> None:
    rows = [json.loads(canonical_json({"request": request, "reply": reply})) for request, reply in calls]
    model = open_recording(write_lines(tmp_path, *rows))
    assert len(model) == len(calls)
    for request, reply in calls:
        assert ask(model, request) == reply


def test_a_ledger_is_answered_word_for_word(tmp_path: Path) -> None:
    other = Request.of("Hello")
    calls = [(stored(FULL_REQUEST), stored(FULL_REPLY)), (stored(other), stored(Reply("Hi")))]
    model = open_recording(write_ledger(tmp_path, calls))
    assert ask(model, FULL_REQUEST) == FULL_REPLY
    assert ask(model, other) == Reply("Hi")


def test_a_ledger_that_keeps_bytes_is_read_too(tmp_path: Path) -> None:
    model = open_recording(write_ledger(tmp_path, [(canonical_json(FULL_REQUEST), canonical_json(FULL_REPLY))]))
    assert ask(model, FULL_REQUEST) == FULL_REPLY


def test_calls_that_failed_are_passed_over_and_the_first_answer_stays(tmp_path: Path) -> None:
    asked = stored(Request.of("Hello"))
    calls = [(asked, None), (asked, stored(Reply("first"))), (asked, stored(Reply("second")))]
    model = open_recording(write_ledger(tmp_path, calls))
    assert len(model) == 1
    assert ask(model, Request.of("Hello")).text == "first"


def test_replaying_a_ledger_leaves_it_as_it_was(tmp_path: Path) -> None:
    write_ledger(tmp_path, [(stored(FULL_REQUEST), stored(FULL_REPLY))])
    before = (tmp_path / "ledger.sqlite").read_bytes()
    ask(open_recording(tmp_path), FULL_REQUEST)
    assert (tmp_path / "ledger.sqlite").read_bytes() == before


def test_a_ledger_that_is_being_written_can_be_replayed(tmp_path: Path) -> None:
    write_ledger(tmp_path, [(stored(FULL_REQUEST), stored(FULL_REPLY))])
    writer = apsw.Connection(str(tmp_path / "ledger.sqlite"))
    writer.execute("BEGIN IMMEDIATE")
    assert ask(open_recording(tmp_path), FULL_REQUEST) == FULL_REPLY
    writer.execute("ROLLBACK")
    writer.close()


def test_short_lines_are_understood(tmp_path: Path) -> None:
    chat = [{"role": "user", "content": "Hello"}]
    model = open_recording(
        write_lines(
            tmp_path,
            {"request": {"messages": chat}, "reply": "Hi"},
            {"messages": [{"role": "user", "content": "Bye"}], "reply": {"text": "See you"}},
        )
    )
    assert ask(model, Request.of("Hello")).text == "Hi"
    assert ask(model, Request.of("Bye")).text == "See you"


def test_several_files_are_one_recording_and_blank_lines_do_not_count(tmp_path: Path) -> None:
    chat = {"messages": [{"role": "user", "content": "Hello"}]}
    write_lines(tmp_path, {"request": chat, "reply": "from b"}, name="b.jsonl")
    write_lines(tmp_path, {"request": chat, "reply": "from a"}, name="a.jsonl")
    with (tmp_path / "a.jsonl").open("a") as lines:
        lines.write("\n  \n")
    model = open_recording(tmp_path)
    assert len(model) == 1
    assert ask(model, Request.of("Hello")).text == "from a"


CHANGES = [
    replace(FULL_REQUEST, replicate=4),
    replace(FULL_REQUEST, sampling=replace(FULL_REQUEST.sampling, seed=1)),
    replace(FULL_REQUEST, schema=None),
    Request.of("Something else"),
    Request(()),
]


@pytest.mark.parametrize("request_", CHANGES, ids=["replicate", "seed", "schema", "words", "nothing"])
def test_a_request_that_differs_in_anything_is_not_answered(tmp_path: Path, request_: Request) -> None:
    row = json.loads(canonical_json({"request": FULL_REQUEST, "reply": FULL_REPLY}))
    model = open_recording(write_lines(tmp_path, row))
    with pytest.raises(ProviderError) as caught:
        ask(model, request_)
    assert caught.value.kind == "not_recorded"
    assert not caught.value.is_retryable
    assert caught.value.where == model.name


BROKEN_LINES = [
    b"{",
    b"[1]",
    b"5",
    b'"hello"',
    b"null",
    b"{}",
    b'{"reply": "x"}',
    b'{"request": {"messages": []}}',
    b'{"request": [], "reply": "x"}',
    b'{"request": {}, "reply": "x"}',
    b'{"request": {"messages": ["Hello"]}, "reply": "x"}',
    b'{"request": {"messages": "Hello"}, "reply": "x"}',
    b'{"request": {"messages": [{"role": "user"}]}, "reply": "x"}',
    b'{"request": {"messages": [], "sampling": {"heat": 1}}, "reply": "x"}',
    b'{"request": {"messages": [], "sampling": 5}, "reply": "x"}',
    b'{"request": {"messages": [], "schema": {"name": "x"}}, "reply": "x"}',
    b'{"request": {"messages": []}, "reply": null}',
    b'{"request": {"messages": []}, "reply": ["x"]}',
    b'{"request": {"messages": []}, "reply": {}}',
    b'{"request": {"messages": []}, "reply": {"text": "x", "usage": {"tokens": 1}}}',
    b'{"request": {"messages": []}, "reply": {"text": "x", "logprobs": 5}}',
    b"version https://git-lfs.github.com/spec/v1",
    b"\xff\xfe",
]


@pytest.mark.parametrize("line", BROKEN_LINES, ids=lambda line: line.decode("latin1"))
def test_a_broken_line_is_named_by_file_and_number(tmp_path: Path, line: bytes) -> None:
    fine = json.dumps({"request": {"messages": [{"role": "user", "content": "Hello"}]}, "reply": "Hi"}).encode()
    (tmp_path / "calls.jsonl").write_bytes(fine + b"\n" + line + b"\n")
    with pytest.raises(InputError) as caught:
        open_recording(tmp_path)
    assert caught.value.where.endswith("calls.jsonl:2")
    assert caught.value.remedy


@pytest.mark.parametrize("call", [("{", "{}"), ('{"messages": ["x"]}', '{"text": ""}'), ('{"messages": []}', "[]")])
def test_a_broken_row_of_a_ledger_is_named(tmp_path: Path, call: tuple[str, str]) -> None:
    write_ledger(tmp_path, [(stored(FULL_REQUEST), stored(FULL_REPLY)), call])
    with pytest.raises(InputError) as caught:
        open_recording(tmp_path)
    assert "ledger.sqlite" in caught.value.where
    assert caught.value.where.endswith("2")


def test_a_folder_that_is_not_there_or_empty_is_refused(tmp_path: Path) -> None:
    for folder in (tmp_path / "nowhere", tmp_path):
        with pytest.raises(InputError) as caught:
            open_recording(folder)
        assert caught.value.where == str(folder)
        assert caught.value.remedy


def test_a_ledger_without_answers_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no recorded call"):
        open_recording(write_ledger(tmp_path, [(stored(FULL_REQUEST), None)]))


def test_a_file_that_is_no_ledger_is_refused(tmp_path: Path) -> None:
    (tmp_path / "ledger.sqlite").write_bytes(b"no database, but a letter of some length" * 50)
    with pytest.raises(InputError, match="not a ledger"):
        open_recording(tmp_path)
