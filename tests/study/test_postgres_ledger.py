"""The ledger in a database: claims with a lease, one observation a cell, servers that go away, words that stay in."""

from __future__ import annotations

import asyncio
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from personae.errors import ConflictError, InputError, PersonaeError, StorageError
from personae.model import Reply, Request, Usage
from personae.study import Cell, LedgerUrl, Observation
from personae.study.calls import call_key
from personae.study.postgres_ledger import PostgresLedger
from personae.study.postgres_link import PostgresLink
from support.postgres_server import PASSWORD, QUOTED, Database, PostgresServer
from support.studies import holds_just

RECORD = {"study": "small", "parameters": {"n": 1}, "models": {}, "seed": 0}
CELLS = [Cell({"person": number}) for number in range(12)]
KEYS = [cell.key for cell in CELLS]
ASK = Request.of("Hello")

Join = Callable[..., PostgresLedger]
"""Opens the run as another worker of it; words go into the URL."""


@pytest.fixture
def join(database: Database) -> Iterator[Join]:
    workers: list[PostgresLedger] = []

    def make(record: dict[str, Any] = RECORD, **words: Any) -> PostgresLedger:
        workers.append(PostgresLedger.start(LedgerUrl.read(database.url(**words)), record))
        return workers[-1]

    yield make
    for worker in workers:
        worker.close()


def die(worker: PostgresLedger) -> None:
    """End a worker without a word, as a kill does: its heartbeat stops and nothing is given back."""
    worker._is_closed = True
    worker._link.close()


async def ask(worker: PostgresLedger, cell: Cell, text: str) -> None:
    await worker.add_call(cell, "subject", "id", "m", ASK, Reply(text, usage=Usage(3, 4)), cost=0.5)


async def test_no_two_workers_hold_a_cell(join: Join) -> None:
    first, second = join(), join()
    mine = await first.claim(KEYS[:4], 3)
    assert (list(mine.granted), mine.finished, mine.busy) == (KEYS[:3], set(), set())
    theirs = await second.claim(KEYS[:6], 9)
    assert (list(theirs.granted), theirs.busy) == (KEYS[3:6], set(KEYS[:3]))
    assert [first.holds(key) for key in KEYS[:4]] == [True, True, True, False]


async def test_many_workers_at_once_share_what_there_is(join: Join) -> None:
    workers = [join() for _ in range(5)]
    keys = [Cell({"n": number}).key for number in range(400)]

    async def take(worker: PostgresLedger, order: list[str]) -> list[str]:
        got: list[str] = []
        while True:
            claimed = await worker.claim([key for key in order if key not in got], 7)
            if len(got) + len(claimed.busy) == len(keys):
                return got
            got += claimed.granted

    taken = await asyncio.gather(*(take(worker, keys[shift:] + keys[:shift]) for shift, worker in enumerate(workers)))
    assert sorted(key for got in taken for key in got) == sorted(keys)
    assert all(taken)


async def test_what_is_finished_is_nobodys_and_is_told(join: Join) -> None:
    first, second = join(), join()
    await first.claim(KEYS[:2], 2)
    await first.add_observation(CELLS[0], Observation("ok"))
    await first.add_observation(CELLS[1], Observation("failed"))
    assert not first.holds(KEYS[0])
    found = await second.claim(KEYS[:2], 2)  # what failed since it began, it need not try as well
    assert (found.granted, found.finished, found.busy) == ({}, set(KEYS[:2]), set())
    later = join()
    assert holds_just(later.finished_cells(), KEYS[0])
    assert list((await later.claim(KEYS[:2], 2)).granted) == [KEYS[1]]


async def test_a_worker_that_ends_gives_its_cells_back_at_once(join: Join) -> None:
    first, second = join(lease=600), join()
    await first.claim(KEYS[:2], 2)
    await ask(first, CELLS[1], "paid for")
    first.close()
    found = await second.claim(KEYS[:2], 2)
    assert list(found.granted) == KEYS[:2]
    assert found.granted[KEYS[1]] == {call_key("subject", "id", ASK): [Reply("paid for", usage=Usage(3, 4))]}


async def test_a_worker_that_lives_keeps_its_cells_for_longer_than_the_lease(join: Join) -> None:
    first, second = join(lease=1.5), join(lease=1.5)
    await first.claim(KEYS[:1], 1)
    time.sleep(3)  # a study that computes does not stop the heartbeat
    assert first.holds(KEYS[0])
    assert (await second.claim(KEYS[:1], 1)).busy == {KEYS[0]}


async def test_the_cells_of_one_that_died_fall_to_others_with_the_answers_it_had(join: Join) -> None:
    first, second = join(lease=2), join(lease=2)
    await first.claim(KEYS[:3], 3)
    await ask(first, CELLS[0], "paid for")
    await first.add_observation(CELLS[2], Observation("ok"))
    die(first)
    assert (await second.claim(KEYS[:3], 3)).busy == set(KEYS[:2])
    await asyncio.sleep(2.2)
    found = await second.claim(KEYS[:3], 3)
    assert (list(found.granted), found.finished) == (KEYS[:2], {KEYS[2]})
    assert [reply.text for reply in found.granted[KEYS[0]][call_key("subject", "id", ASK)]] == ["paid for"]
    assert not found.granted[KEYS[1]]


async def test_one_that_lost_its_lease_writes_over_nobody_and_its_calls_are_kept(
    join: Join, database: Database
) -> None:
    slow, other = join(), join()
    await slow.claim(KEYS[:2], 2)
    database.sql("UPDATE personae.claims SET lease_until = now() - interval '1 s'")
    assert len((await other.claim(KEYS[:2], 2)).granted) == 2
    await other.add_observation(CELLS[0], Observation("ok", {"by": "other"}))
    for cell in CELLS[:2]:
        await ask(slow, cell, "late")
    await slow.add_observation(CELLS[0], Observation("ok", {"by": "slow"}))
    await slow.add_observation(CELLS[0], Observation("failed"))
    assert [row.get("by") for row in other.rows()] == ["other"]
    assert other.count_statuses() == {"ok": 1}
    assert other.count_calls()["calls"] == 2
    await slow.add_observation(CELLS[1], Observation("failed"))  # the other is still at it
    assert database.sql(f"SELECT state FROM personae.claims WHERE cell = '{KEYS[1]}'") == [["held"]]
    await slow.add_observation(CELLS[1], Observation("ok", {"by": "slow"}))  # whoever is first is final
    await other.add_observation(CELLS[1], Observation("ok", {"by": "other"}))
    assert {row["person"]: row.get("by") for row in other.rows()} == {0: "other", 1: "slow"}


async def test_a_heartbeat_hears_that_a_cell_was_taken(join: Join, database: Database) -> None:
    slow, other = join(lease=3), join()
    await slow.claim(KEYS[:2], 2)
    database.sql(f"UPDATE personae.claims SET lease_until = '-infinity' WHERE cell = '{KEYS[0]}'")
    await other.claim(KEYS[:1], 1)
    began = time.monotonic()
    while slow.holds(KEYS[0]):
        await asyncio.sleep(0.01)
    assert time.monotonic() - began < 2.5  # and not since the lease is over
    assert slow.holds(KEYS[1])


async def test_a_claim_that_was_not_heard_of_is_found_again(join: Join) -> None:
    """The connection may break after COMMIT and before the answer: the worker asks again."""
    worker = join()
    first = await worker.claim(KEYS[:3], 2)
    again = await worker.claim(KEYS[:3], 2)
    assert list(again.granted) == list(first.granted) == KEYS[:2]


async def test_rows_that_are_sent_again_are_there_once(
    join: Join, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every transaction is done twice, as it is where the outcome of the first is not known."""
    worker = join()
    once = PostgresLink.attempt

    async def twice(link: PostgresLink, work: Any, **more: Any) -> Any:
        await once(link, work, **more)
        return await once(link, work, **more)

    monkeypatch.setattr(PostgresLink, "attempt", twice)
    await worker.claim(KEYS[:2], 2)
    for text in ("a", "b"):
        await ask(worker, CELLS[0], text)
    await worker.add_observation(CELLS[0], Observation("failed"))
    await worker.add_observation(CELLS[0], Observation("ok"))
    assert database.sql("SELECT reply::json ->> 'text' FROM personae.calls ORDER BY id") == [["a"], ["b"]]
    assert database.sql("SELECT status FROM personae.observations ORDER BY id") == [["failed"], ["ok"]]


async def test_runs_of_one_database_know_nothing_of_each_other(join: Join) -> None:
    one, other = join(), join({**RECORD, "seed": 1})
    await one.claim(KEYS[:1], 1)
    await ask(one, CELLS[0], "of one")
    await one.add_observation(CELLS[0], Observation("ok", {"a": 1}))
    assert holds_just(other.finished_cells())
    assert set(other.count_calls().values()) == {0}
    assert (list(other.rows()), other.unfinished_replies(), other.spending("role")) == ([], {}, [])
    assert (other.example_calls(KEYS), other.transcript(KEYS[0]), other.experience()) == ([], (), {})
    await other.add_observation(CELLS[0], Observation("refused"))
    with pytest.raises(InputError):
        other.spending("nobody")
    assert [one.calls for one in other.spending("person")] == []
    assert list((await other.claim(KEYS[1:2], 1)).granted) == KEYS[1:2]
    assert one.count_statuses() == {"ok": 1}


def test_a_named_run_is_one_run_and_another_is_refused_with_the_difference(join: Join, database: Database) -> None:
    first = join(run="pilot")
    assert join(run="pilot").run == first.run
    assert join().run != first.run
    with pytest.raises(ConflictError) as caught:
        join({**RECORD, "parameters": {"n": 2}}, run="pilot")
    assert "parameters.n: 1 in the ledger, 2 now" in str(caught.value)
    assert "'pilot'" in str(caught.value)
    assert database.sql("SELECT count(*) FROM personae.runs") == [["2"]]


def test_a_run_is_found_by_its_fingerprint_and_its_name(join: Join, database: Database) -> None:
    from personae.study import fingerprint

    url, mark = LedgerUrl.read(database.url(run="pilot")), fingerprint(RECORD)
    with pytest.raises(InputError, match="does not hold this run"):  # a database without any of ours
        PostgresLedger.find(url, mark)
    assert database.sql("SELECT count(*) FROM pg_namespace WHERE nspname = 'personae'") == [["0"]]
    run = join(run="pilot").run
    found = PostgresLedger.find(url, mark)
    assert found.run == run
    found.close()
    with pytest.raises(InputError, match="does not hold this run"):
        PostgresLedger.find(LedgerUrl.read(database.url()), mark)
    assert database.sql("SELECT count(*) FROM personae.workers") == [["1"]]  # who only reads is no worker


def test_workers_that_come_first_all_at_once_lay_the_tables_out_once(database: Database) -> None:
    opened: list[PostgresLedger | BaseException] = []

    def come() -> None:
        try:
            opened.append(PostgresLedger.start(LedgerUrl.read(database.url()), RECORD))
        except BaseException as error:
            opened.append(error)

    threads = [threading.Thread(target=come) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    try:
        assert {one.run for one in opened if isinstance(one, PostgresLedger)} == {1}
        assert len(opened) == 6
    finally:
        for one in opened:
            if isinstance(one, PostgresLedger):
                one.close()


def test_tables_of_another_version_are_refused(join: Join, database: Database) -> None:
    join()
    database.sql("UPDATE personae.meta SET value = '99' WHERE key = 'schema_version'")
    with pytest.raises(InputError, match="another version of personae"):
        join()


def test_who_may_only_read_reads(join: Join, database: Database) -> None:
    worker = join()
    asyncio.run(worker.add_observation(CELLS[0], Observation("ok")))
    role = f"reader_{database.name}"
    database.sql(
        f"CREATE ROLE {role} LOGIN PASSWORD 'pw'; GRANT USAGE ON SCHEMA personae TO {role};"
        f"GRANT SELECT ON ALL TABLES IN SCHEMA personae TO {role}"
    )
    from personae.study import fingerprint

    url = LedgerUrl.read(database.url(password="pw").replace("//ann:", f"//{role}:"))
    reader = PostgresLedger.find(url, fingerprint(RECORD))
    assert reader.count_statuses() == {"ok": 1}
    with pytest.raises(InputError, match="may not do this"):
        asyncio.run(reader.add_observation(CELLS[1], Observation("ok")))
    reader.close()


@pytest.mark.parametrize("where", ["url", "environment"])
def test_a_wrong_password_is_told_without_being_told(
    where: str, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = "wrong-canary-71"
    monkeypatch.setenv("PGPASSWORD", wrong if where == "environment" else PASSWORD)
    url = database.url(password=wrong) if where == "url" else database.open_url
    with pytest.raises(InputError, match="PGPASSWORD") as caught:
        PostgresLedger.start(LedgerUrl.read(url), RECORD)
    assert wrong not in "".join(traceback.format_exception(caught.value))
    assert caught.value.where == database.open_url


def test_the_password_may_come_from_the_environment(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    PostgresLedger.start(LedgerUrl.read(database.open_url), RECORD).close()


def test_a_database_that_is_not_there_is_told(database: Database) -> None:
    with pytest.raises(InputError, match="refuses") as caught:
        PostgresLedger.start(LedgerUrl.read(database.server.url("nowhere")), RECORD)
    assert QUOTED not in str(caught.value)


def test_nobody_there_is_told_at_once_and_leaves_no_thread() -> None:
    threads, began, secret = set(threading.enumerate()), time.monotonic(), "canary-71"
    with pytest.raises(StorageError, match="cannot be reached") as caught:
        PostgresLedger.start(LedgerUrl.read(f"postgresql://ann:{secret}@127.0.0.1:9/lab"), RECORD)
    assert time.monotonic() - began < 10
    assert secret not in "".join(traceback.format_exception(caught.value))
    assert set(threading.enumerate()) == threads


def test_nothing_of_a_password_is_written_anywhere(join: Join, database: Database) -> None:
    worker = join({**RECORD, "ledger": LedgerUrl.read(database.url()).shown})
    asyncio.run(ask(worker, CELLS[0], "x"))
    asyncio.run(worker.add_observation(CELLS[0], Observation("ok")))
    for table in ("runs", "workers", "claims", "calls", "observations"):
        for row in database.sql(f"SELECT t::text FROM personae.{table} AS t"):
            assert "canary" not in row[0]


async def test_what_others_spent_since_is_known(join: Join) -> None:
    first = join()
    await ask(first, CELLS[0], "before")
    second = join()
    assert second.spent() == (0.5, 7)
    assert await second.spent_by_others() == (0.0, 0)
    await ask(first, CELLS[1], "since")
    await ask(second, CELLS[2], "own")
    assert await second.spent_by_others() == (0.5, 7)
    assert second.spent() == (1.5, 21)


@pytest.fixture
def own_server() -> Iterator[PostgresServer]:
    """A server that a test may stop: the others share theirs."""
    from support.postgres_server import find_binaries

    if find_binaries() is None:
        pytest.skip("postgresql is not installed: see the README's system packages")
    with PostgresServer() as server:
        yield server


async def test_rows_wait_for_a_server_that_comes_back_and_none_is_doubled(own_server: PostgresServer) -> None:
    worker = PostgresLedger.start(LedgerUrl.read(own_server.url(lease=30)), RECORD)
    await worker.claim(KEYS, 12)
    stop = asyncio.Event()
    acknowledged: list[str] = []

    async def keep_asking(cell: Cell) -> None:
        number = 0
        while not stop.is_set():
            text = f"{cell.factors['person']}.{number}"
            await ask(worker, cell, text)
            acknowledged.append(text)
            number += 1

    tasks = [asyncio.create_task(keep_asking(cell)) for cell in CELLS]
    for _ in range(2):
        await asyncio.sleep(0.3)
        await asyncio.to_thread(own_server.stop)
        await asyncio.sleep(0.2)
        before = len(acknowledged)
        await asyncio.to_thread(own_server.start)
        while len(acknowledged) < before + 100:
            await asyncio.sleep(0.01)
    stop.set()
    await asyncio.gather(*tasks)
    kept = [row[0] for row in own_server.sql("postgres", "SELECT reply::json ->> 'text' FROM personae.calls")]
    assert sorted(kept) == sorted(acknowledged)
    assert all(worker.holds(key) for key in KEYS)
    await worker.add_observation(CELLS[0], Observation("ok"))
    worker.close()


async def test_a_server_that_stays_away_is_an_error_and_closing_does_not_wait_again(
    own_server: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker = PostgresLedger.start(LedgerUrl.read(own_server.url()), RECORD)
    await worker.claim(KEYS, 12)
    own_server.stop()
    once = PostgresLink.attempt

    async def impatient(link: PostgresLink, work: Any, *, patience: float = 1.0) -> Any:
        return await once(link, work, patience=min(patience, 1.0))

    monkeypatch.setattr(PostgresLink, "attempt", impatient)
    began = time.monotonic()
    told = await asyncio.gather(*(ask(worker, cell, "lost") for cell in CELLS), return_exceptions=True)
    assert {type(one) for one in told} <= {type(told[0])}
    assert all(isinstance(one, StorageError) and "start it" in one.remedy for one in told)
    assert 0.9 < time.monotonic() - began < 8
    began = time.monotonic()
    worker.close()
    assert time.monotonic() - began < 3
    with pytest.raises(PersonaeError, match="closed"):
        await ask(worker, CELLS[0], "after")
