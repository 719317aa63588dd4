"""What every ledger promises, be it a file or a database: the same calls and observations, the same answers."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from personae.errors import InputError, StorageError
from personae.model import Message, Reply, Request, Sampling, Usage
from personae.study import Cell, Ledger, LedgerStore, LedgerUrl, Observation
from personae.study.calls import call_key
from personae.study.keys import KeySet
from support.postgres_server import Database
from support.studies import holds_just

ADA, BOB = Cell({"person": "ada", "arm": 1}), Cell({"person": "bob", "arm": 2})
ASK = Request.of("Hello", sampling=Sampling(seed=1))

Opened = Callable[[], LedgerStore]
"""Opens the same ledger anew each time."""


def open_postgres(database: Database, study: str = "small") -> LedgerStore:
    from personae.study.postgres_ledger import PostgresLedger

    record = {"study": study, "parameters": {}, "models": {}, "seed": 0}
    return PostgresLedger.start(LedgerUrl.read(database.url()), record)


@pytest.fixture(params=["file", "database"])
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Opened]:
    ledgers: list[LedgerStore] = []
    database = request.getfixturevalue("database") if request.param == "database" else None

    def make() -> LedgerStore:
        ledgers.append(Ledger(tmp_path / "ledger.sqlite") if database is None else open_postgres(database))
        return ledgers[-1]

    yield make
    for ledger in ledgers:
        ledger.close()


@pytest.fixture
def ledger(opened: Opened) -> LedgerStore:
    return opened()


def key_set(keys: Sequence[str]) -> KeySet:
    made = KeySet()
    made.add(keys)
    return made


async def call(
    ledger: LedgerStore, cell: Cell, reply: Reply | None, request: Request = ASK, role: str = "subject", **more: Any
) -> None:
    error = "" if reply else "timeout: no answer"
    await ledger.add_call(cell, role, "id", "model", request, reply, error=error, **more)


async def test_what_was_acknowledged_is_there_for_whoever_opens_it(opened: Opened) -> None:
    first = opened()
    await call(first, ADA, Reply("kept"))
    await first.add_observation(BOB, Observation("ok", {"answer": [1, None]}, (Message("user", "Hi"),)))
    assert first.count_statuses() == {"ok": 1}  # whoever reads waits until what was handed in is on disk
    second = opened()
    assert holds_just(second.finished_cells(), BOB.key)
    assert second.unfinished_replies() == {ADA.key: {call_key("subject", "id", ASK): [Reply("kept")]}}
    assert second.transcript(BOB.key) == (Message("user", "Hi"),)
    assert second.transcript(ADA.key) == ()
    first.close()
    first.close()
    assert second.count_calls()["calls"] == 1


async def test_a_cell_that_failed_is_not_finished_until_it_did_not(ledger: LedgerStore) -> None:
    await ledger.add_observation(ADA, Observation("failed", detail="timeout"))
    assert holds_just(ledger.finished_cells())
    await ledger.add_observation(ADA, Observation("failed", detail="again"))
    assert ledger.count_statuses() == {"failed": 1}
    assert next(ledger.rows())["detail"] == "again"
    await ledger.add_observation(ADA, Observation("refused", {"answer": None}))
    assert holds_just(ledger.finished_cells(), ADA.key)
    assert ledger.count_statuses() == {"refused": 1}


async def test_an_empty_ledger_says_nothing(ledger: LedgerStore) -> None:
    assert set(ledger.count_calls().values()) == {0}
    assert (list(ledger.rows()), len(ledger.finished_cells()), ledger.unfinished_replies()) == ([], 0, {})
    assert (ledger.spent(), ledger.experience(), ledger.reply_models()) == ((0.0, 0), {}, [])
    assert (ledger.spending("role"), ledger.spending("model"), ledger.example_calls([])) == ([], [], [])


async def test_rows_come_in_the_order_of_their_keys_however_many_there_are(ledger: LedgerStore) -> None:
    cells = [Cell({"person": number}) for number in range(4500)]
    await asyncio.gather(*(ledger.add_observation(cell, Observation("ok")) for cell in reversed(cells)))
    assert [row["cell"] for row in ledger.rows()] == sorted(cell.key for cell in cells)


async def test_calls_keep_the_order_in_which_they_were_made(ledger: LedgerStore) -> None:
    await asyncio.gather(*(call(ledger, ADA, Reply(f"{number}")) for number in range(3000)))
    replies = ledger.unfinished_replies()[ADA.key][call_key("subject", "id", ASK)]
    assert [reply.text for reply in replies] == [f"{number}" for number in range(3000)]
    assert [one.reply.text for one in ledger.example_calls([ADA.key]) if one.reply] == [reply.text for reply in replies]


@pytest.mark.parametrize("value", [np.float64(1.5), np.array([1, 2]), {1, 2}, object(), 2**70, "\ud800"])
async def test_a_value_that_cannot_be_kept_is_refused_with_its_cell(ledger: LedgerStore, value: object) -> None:
    with pytest.raises(InputError) as caught:
        await ledger.add_observation(ADA, Observation("ok", {"answer": value}))  # type: ignore[dict-item]
    assert ADA.key[:16] in caught.value.where
    assert holds_just(ledger.finished_cells())


async def test_a_row_that_cannot_be_kept_takes_no_other_along(ledger: LedgerStore) -> None:
    """Half of a surrogate pair is no letter, and 2**63 no number of tokens."""
    told = await asyncio.gather(
        ledger.add_observation(ADA, Observation("ok", detail="\ud800")),
        *(call(ledger, ADA, Reply(f"{number}")) for number in range(10)),
        call(ledger, ADA, Reply("too many", usage=Usage(2**63, 1))),
        ledger.add_observation(BOB, Observation("ok")),
        return_exceptions=True,
    )
    errors = [one for one in told if isinstance(one, BaseException)]
    try:  # a file tells whoever comes next, a database the one who handed the row in
        ledger.count_calls()
    except StorageError as error:
        errors.append(error)
    assert errors
    assert all(isinstance(error, StorageError) for error in errors)
    assert holds_just(ledger.finished_cells(), BOB.key)
    assert ledger.count_calls()["calls"] == 10


async def test_spending_by_a_factor_that_the_design_has_not_is_refused(ledger: LedgerStore) -> None:
    await ledger.add_observation(ADA, Observation("ok"))
    with pytest.raises(InputError, match="role, model, arm, person"):
        ledger.spending("nobody")


words = st.text(alphabet=st.characters(codec="utf-8"), max_size=8) | st.sampled_from(
    ["\0", "a\0b", "\ufdd0", "\ufdd00"]
)
usages = st.builds(Usage, *[st.integers(0, 1000)] * 4)
replies = st.builds(
    Reply,
    words,
    model=words,
    usage=usages,
    is_cached=st.booleans(),
    seconds=st.floats(0, 10),
    alternatives=st.lists(words, max_size=2).map(tuple),
)
requests = st.builds(
    Request,
    st.lists(st.builds(Message, st.sampled_from(["system", "user"]), words), min_size=1, max_size=3).map(tuple),
    replicate=st.integers(0, 1),
)
levels = st.sampled_from(["ada", "b\0b", 1, 2.5, True, False, None])
cells = st.builds(lambda person, arm: Cell({"person": person, "arm": arm}), st.integers(0, 3), levels)
values = st.dictionaries(
    words.filter(lambda name: name not in ("cell", "status", "detail", "person", "arm")),
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False) | words | st.lists(words),
    max_size=3,
)
observations = st.builds(
    Observation,
    st.sampled_from(["ok", "repaired", "refused", "unparsed", "empty", "failed"]),
    values,
    st.lists(st.builds(Message, st.just("user"), words), max_size=2).map(tuple),
    words,
)
costs = st.none() | st.sampled_from([0.25, 0.5, 1.0])
calls = st.tuples(cells, st.sampled_from(["subject", "judge", "r\0le"]), requests, st.none() | replies, words, costs)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25, deadline=None)
@given(st.lists(calls, max_size=8), st.lists(st.tuples(cells, observations), max_size=8), st.data())
def test_a_database_answers_every_question_as_a_file_does(
    database: Database, tmp_path: Path, made: list[Any], observed: list[Any], data: st.DataObject
) -> None:
    seen: set[str] = set()
    file = Ledger(tmp_path / f"{secrets.token_hex(6)}.sqlite", is_durable=False)
    shared = open_postgres(database, secrets.token_hex(6))
    ledgers: list[LedgerStore] = [file, shared]

    async def fill() -> None:
        for cell, role, request, reply, error, cost in made:
            for ledger in ledgers:
                cost = cost if reply else None
                await ledger.add_call(cell, role, "id", role[::-1], request, reply, error=error, cost=cost)
        for cell, observation in observed:
            if cell.key not in seen:  # no run observes a finished cell again
                for ledger in ledgers:
                    await ledger.add_observation(cell, observation)
                if observation.status != "failed":
                    seen.add(cell.key)

    try:
        asyncio.run(fill())
        keys = sorted({cell.key for cell, *_ in (*made, *observed)})
        questions: list[Callable[[LedgerStore], Any]] = [
            lambda ledger: ledger.finished_cells().holds(keys),
            lambda ledger: ledger.unfinished_replies(),
            lambda ledger: ledger.unfinished_replies(key_set(keys[:1])),
            lambda ledger: list(ledger.rows()),
            lambda ledger: ledger.count_statuses(),
            lambda ledger: ledger.count_calls(),
            lambda ledger: ledger.spent(),
            lambda ledger: ledger.spending("role"),
            lambda ledger: ledger.spending("model"),
            lambda ledger: ledger.example_calls(keys),
            lambda ledger: [ledger.transcript(key) for key in keys],
            lambda ledger: ledger.reply_models(),
        ]
        if observed:
            questions.append(lambda ledger: sorted(ledger.spending("person"), key=str))
            questions.append(lambda ledger: sorted(ledger.spending("arm"), key=str))
        for question in questions:
            assert question(shared) == question(file)
    finally:
        file.close()
        shared.close()


async def test_what_calls_of_a_kind_needed_is_known(ledger: LedgerStore) -> None:
    first = Request((Message("system", "You are Ada."), Message("user", "Grüße")))
    await call(ledger, ADA, Reply("x", usage=Usage(10, 5)), first)
    await call(ledger, ADA, Reply("x", usage=Usage(12, 9)), first)
    await call(ledger, ADA, None, first)
    await call(ledger, BOB, Reply("x", usage=Usage(3, 1)), role="judge")
    known = {
        kind: (one.replies, one.letters, one.input_tokens, one.most_output) for kind, one in ledger.experience().items()
    }
    assert known == {("subject", 2, False): (2, 34, 22, 9), ("judge", 1, False): (1, 5, 3, 1)}
