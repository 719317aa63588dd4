"""The ledger: what is in it is finished, every call is counted once, and ordinary tools can read it."""

from __future__ import annotations

import asyncio
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from personae.errors import InputError, StorageError
from personae.model import Message, Reply, Request, Sampling, Status, Usage
from personae.study import Cell, Ledger, Observation
from personae.study.calls import call_key
from personae.study.ledger_sql import SCHEMA_VERSION
from personae.study.observation import Value

STATUSES: list[Status] = ["ok", "repaired", "refused", "unparsed", "empty", "failed"]
ASK = Request.of("Hello", sampling=Sampling(seed=1))
TAKEN = ("cell", "status", "detail", "person")
ADA, BOB = Cell({"person": "ada"}), Cell({"person": "bob"})


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    ledger = Ledger(tmp_path / "ledger.sqlite")
    yield ledger
    ledger.close()


async def call(ledger: Ledger, cell: Cell, reply: Reply | None, request: Request = ASK, **more: float) -> None:
    error = "" if reply else "timeout: no answer"
    await ledger.add_call(cell, "subject", "id", "model", request, reply, error=error, cost=more.get("cost"))


async def test_the_last_observation_of_a_cell_counts(ledger: Ledger) -> None:
    await ledger.add_observation(ADA, Observation("failed", detail="timeout"))
    assert len(ledger.finished_cells()) == 0
    await ledger.add_observation(ADA, Observation("ok", {"answer": 3}))
    await ledger.add_observation(BOB, Observation("refused", {"answer": None}))
    assert ledger.finished_cells().holds([ADA.key, BOB.key]) == [True, True]
    rows = {row["cell"]: row for row in ledger.rows()}
    assert rows[ADA.key] == {"cell": ADA.key, "status": "ok", "detail": "", "person": "ada", "answer": 3}
    assert ledger.count_statuses() == {"ok": 1, "refused": 1}


async def test_a_cell_whose_last_observation_failed_is_asked_again(ledger: Ledger) -> None:
    await ledger.add_observation(ADA, Observation("ok"))
    await ledger.add_observation(ADA, Observation("failed"))
    assert len(ledger.finished_cells()) == 0


async def test_answered_calls_of_unfinished_cells_are_given_out_again_oldest_first(ledger: Ledger) -> None:
    await call(ledger, ADA, Reply("first"))
    await call(ledger, ADA, None)
    await call(ledger, ADA, Reply("second"))
    await call(ledger, BOB, Reply("of a finished cell"))
    await ledger.add_observation(BOB, Observation("ok"))
    found = ledger.unfinished_replies()
    assert set(found) == {ADA.key}
    assert [reply.text for reply in found[ADA.key][call_key("subject", "id", ASK)]] == ["first", "second"]


async def test_a_failed_cell_keeps_the_calls_that_were_answered(ledger: Ledger) -> None:
    await call(ledger, ADA, Reply("paid for"))
    await ledger.add_observation(ADA, Observation("failed"))
    assert [one.text for one in ledger.unfinished_replies()[ADA.key][call_key("subject", "id", ASK)]] == ["paid for"]


def test_the_key_of_a_call_depends_on_role_identity_and_the_whole_request() -> None:
    keys = {
        call_key("subject", "id", ASK),
        call_key("judge", "id", ASK),
        call_key("subject", "other", ASK),
        call_key("subject", "id", Request.of("Hello", sampling=Sampling(seed=2))),
        call_key("subject", "id", Request.of("Hello", sampling=Sampling(seed=1), replicate=1)),
    }
    assert len(keys) == 5


async def test_totals_count_every_call_once(ledger: Ledger) -> None:
    usage = Usage(100, 20, cached_tokens=40, reasoning_tokens=5)
    await call(ledger, ADA, Reply("a", usage=usage), cost=0.5)
    await call(ledger, ADA, Reply("b", usage=usage))
    await call(ledger, BOB, None)
    totals = ledger.count_calls()
    assert totals["calls"] == 3
    assert totals["failed"] == 1
    assert (totals["input_tokens"], totals["cached_tokens"]) == (200, 80)
    assert (totals["output_tokens"], totals["reasoning_tokens"]) == (40, 10)
    assert totals["cost"] == 0.5
    assert totals["unpriced"] == 1  # the failed one cost nothing that anybody knows of, and is not "unpriced"


def test_totals_of_an_empty_ledger_are_zero(ledger: Ledger) -> None:
    assert set(ledger.count_calls().values()) == {0}
    assert list(ledger.rows()) == []
    assert len(ledger.finished_cells()) == 0
    assert ledger.unfinished_replies() == {}


async def test_the_transcript_of_a_cell_is_that_of_its_last_observation(ledger: Ledger) -> None:
    said = (Message("system", "You are Ada."), Message("user", "Hi"), Message("assistant", "Hello"))
    await ledger.add_observation(ADA, Observation("failed", transcript=said[:2]))
    await ledger.add_observation(ADA, Observation("ok", transcript=said))
    assert ledger.transcript(ADA.key) == said
    assert ledger.transcript("nobody") == ()


async def test_example_calls_are_whole_and_in_order(ledger: Ledger) -> None:
    await call(ledger, ADA, Reply("first", usage=Usage(1, 2)))
    await call(ledger, BOB, Reply("other"))
    await call(ledger, ADA, None)
    first, second = ledger.example_calls([ADA.key])
    assert (first.request, first.reply, first.error) == (ASK, Reply("first", usage=Usage(1, 2)), "")
    assert (second.reply, second.error) == (None, "timeout: no answer")
    assert ledger.example_calls([]) == []


async def test_the_names_that_endpoints_gave_are_listed_once(ledger: Ledger) -> None:
    for name in ("m-2024", "m-2024", "", "m-2025"):
        await call(ledger, ADA, Reply("x", model=name))
    assert ledger.reply_models() == ["m-2024", "m-2025"]


async def test_another_process_reads_the_file_with_ordinary_tools(ledger: Ledger, tmp_path: Path) -> None:
    await call(ledger, ADA, Reply("Hi", usage=Usage(3, 1)), cost=0.25)
    await ledger.add_observation(ADA, Observation("ok", {"answer": [1, 2]}))
    ledger.settle()
    with closing(sqlite3.connect(tmp_path / "ledger.sqlite")) as connection:
        seen = connection.execute("SELECT request ->> 'messages', reply ->> 'text', cost FROM calls").fetchall()
        assert seen == [('[{"content":"Hello","role":"user"}]', "Hi", 0.25)]
        assert connection.execute('SELECT factors, "values" FROM observations').fetchall() == [
            ('{"person":"ada"}', '{"answer":[1,2]}')
        ]
        assert connection.execute("SELECT value FROM meta WHERE key = 'schema_version'").fetchone() == (
            str(SCHEMA_VERSION),
        )


async def test_everything_is_there_after_closing_and_opening(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    first = Ledger(path)
    await call(first, ADA, Reply("kept"))
    await first.add_observation(BOB, Observation("ok"))
    first.close()
    second = Ledger(path)
    assert second.finished_cells().holds([ADA.key, BOB.key]) == [False, True]
    assert set(second.unfinished_replies()) == {ADA.key}
    second.close()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=20, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 4), st.sampled_from(STATUSES)), max_size=12))
def test_statuses_sum_to_the_number_of_cells_however_often_each_was_observed(
    tmp_path: Path, observed: list[tuple[int, Status]]
) -> None:
    path = tmp_path / "sums.sqlite"
    path.unlink(missing_ok=True)
    ledger = Ledger(path, is_durable=False)

    async def observe() -> None:
        for person, status in observed:
            await ledger.add_observation(Cell({"person": person}), Observation(status))

    try:
        asyncio.run(observe())
        last = dict(observed)
        counted = ledger.count_statuses()
        assert sum(counted.values()) == len(last) == len(list(ledger.rows()))
        assert counted == {status: list(last.values()).count(status) for status in set(last.values())}
        keys = {Cell({"person": person}).key: status != "failed" for person, status in last.items()}
        assert ledger.finished_cells().holds(list(keys)) == list(keys.values())
    finally:
        ledger.close()
        for leftover in tmp_path.glob("sums.sqlite*"):
            leftover.unlink()


async def test_rows_come_in_the_order_of_their_keys_whoever_was_faster(ledger: Ledger) -> None:
    cells = [Cell({"person": number}) for number in range(20)]
    for cell in reversed(cells):
        await ledger.add_observation(cell, Observation("ok"))
    assert [row["cell"] for row in ledger.rows()] == sorted(cell.key for cell in cells)


@pytest.mark.parametrize("value", [np.float64(1.5), np.array([1, 2]), {1, 2}, object(), 2**70, "\ud800"])
async def test_a_value_that_cannot_be_kept_is_refused_with_its_cell(ledger: Ledger, value: object) -> None:
    with pytest.raises(InputError) as caught:
        await ledger.add_observation(ADA, Observation("ok", {"answer": value}))  # type: ignore[dict-item]
    assert ADA.key[:16] in caught.value.where
    assert caught.value.remedy
    assert len(ledger.finished_cells()) == 0


def test_a_ledger_that_another_version_laid_out_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    Ledger(path).close()
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE meta SET value = '99' WHERE key = 'schema_version'")
    with pytest.raises(InputError, match="another version"):
        Ledger(path)


def test_a_file_that_is_no_ledger_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    path.write_bytes(b"something else" * 1000)
    with pytest.raises(StorageError, match=r"ledger\.sqlite"):
        Ledger(path)
    assert path.read_bytes() == b"something else" * 1000


@settings(max_examples=15, deadline=None)
@given(
    st.dictionaries(
        st.text(alphabet=st.characters(exclude_categories=["Cs"]), min_size=1).filter(lambda name: name not in TAKEN),
        st.none()
        | st.booleans()
        | st.integers(-(2**53), 2**53)
        | st.floats(allow_nan=False, allow_infinity=False)
        | st.text(alphabet=st.characters(exclude_categories=["Cs"])),
        max_size=4,
    ),
    st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=20),
)
def test_values_and_words_come_back_as_they_were(values: dict[str, Value], said: str) -> None:
    with tempfile.TemporaryDirectory() as folder, closing(Ledger(Path(folder) / "l.sqlite", is_durable=False)) as kept:

        async def keep() -> None:
            await call(kept, BOB, Reply(said, alternatives=(said, "")), Request.of(said))
            await kept.add_observation(ADA, Observation("ok", values, (Message("user", said),), said))

        asyncio.run(keep())
        assert list(kept.rows()) == [{"cell": ADA.key, "status": "ok", "detail": said, "person": "ada", **values}]
        assert kept.transcript(ADA.key) == (Message("user", said),)
        (example,) = kept.example_calls([BOB.key])
        assert (example.request, example.reply) == (Request.of(said), Reply(said, alternatives=(said, "")))
        assert kept.unfinished_replies()[BOB.key][call_key("subject", "id", Request.of(said))] == [example.reply]
