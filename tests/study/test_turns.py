"""Whose turn it is: cells are given out once, those of others are waited for, nobody sits on more than it can do."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from personae.model import Reply
from personae.study import Budget, Cell, Claimed, Purse, Quiet, Tally
from personae.study.turns import OwnTurns, SharedTurns


class Cells(Iterator[Cell]):
    """A queue of so many cells."""

    def __init__(self, count: int) -> None:
        self._cells = iter([Cell({"person": number}) for number in range(count)])
        self.closed = ""
        self.taken = 0

    def __next__(self) -> Cell:
        if self.closed:
            raise StopIteration
        cell = next(self._cells)
        self.taken += 1
        return cell


class Board:
    """Claims, kept in memory for several workers."""

    def __init__(self) -> None:
        self.holder: dict[str, str] = {}
        self.finished: set[str] = set()


class Store:
    """The part of a shared ledger that turns are made of."""

    def __init__(self, board: Board, name: str, seconds: float = 0.0) -> None:
        self.lease = 0.2
        self.asked: list[tuple[int, int]] = []
        self.lost: set[str] = set()
        self.others: tuple[float, int] = (0.0, 0)
        self.sums = 0
        self._board = board
        self._name = name
        self._seconds = seconds

    async def claim(self, cells: Sequence[str], most: int) -> Claimed:
        self.asked.append((len(cells), most))
        await asyncio.sleep(self._seconds)
        board, granted, busy = self._board, list[str](), set[str]()
        for cell in cells:
            holder = board.holder.get(cell, self._name)
            if cell in board.finished:
                continue
            if holder != self._name:
                busy.add(cell)
            elif len(granted) < most:
                board.holder[cell] = self._name
                self.lost.discard(cell)
                granted.append(cell)
        return Claimed({cell: {"key": [Reply("known")]} for cell in granted}, {*cells} & board.finished, busy)

    def holds(self, cell: str) -> bool:
        return cell not in self.lost

    async def spent_by_others(self) -> tuple[float, int]:
        self.sums += 1
        return self.others


def shared(cells: Cells, store: Store, tally: Tally | None = None, *, workers: int = 4, **more: Any) -> SharedTurns:
    return SharedTurns(cells, store, tally or Tally(), Quiet(), workers=workers, **more)  # type: ignore[arg-type]


async def observe(turns: SharedTurns, board: Board, tally: Tally, done: list[str], seconds: float = 0.001) -> None:
    async for cell, _ in turns:
        await asyncio.sleep(seconds)
        done.append(cell.key)
        board.finished.add(cell.key)
        tally.statuses["ok"] += 1


async def test_where_nobody_else_is_at_work_every_cell_is_ours_with_its_answers() -> None:
    answered = {Cell({"person": 1}).key: {"key": [Reply("known")]}}
    given = [(cell.factors["person"], dict(known)) async for cell, known in OwnTurns(Cells(3), answered)]
    assert given == [(0, {}), (1, {"key": [Reply("known")]}), (2, {})]


async def test_a_queue_that_closes_ends_both_kinds_of_turns() -> None:
    own, others = Cells(10), Cells(10)
    turns = shared(others, Store(Board(), "a"))
    for cells, each in ((own, OwnTurns(own, {})), (others, turns)):
        await anext(aiter(each))
        cells.closed = "enough"
        with pytest.raises(StopAsyncIteration):
            await anext(aiter(each))


@pytest.mark.parametrize("processes", [1, 2, 5])
async def test_every_cell_is_given_out_once_to_whoever_is_there(processes: int) -> None:
    board, done = Board(), [list[str]() for _ in range(processes)]
    tasks = []
    for number in range(processes):
        tally = Tally()
        turns = shared(Cells(200), Store(board, f"{number}", 0.001), tally)
        tasks += [observe(turns, board, tally, done[number]) for _ in range(4)]
    await asyncio.gather(*tasks)
    assert sorted(key for each in done for key in each) == sorted(Cell({"person": number}).key for number in range(200))
    assert all(done)


async def test_a_claim_brings_what_was_answered() -> None:
    _, known = await anext(shared(Cells(1), Store(Board(), "a")))
    assert known == {"key": [Reply("known")]}


async def test_what_others_finish_is_counted_and_what_they_hold_is_waited_for() -> None:
    board, tally, cells = Board(), Tally(), Cells(3)
    keys = [Cell({"person": number}).key for number in range(3)]
    board.holder = dict.fromkeys(keys[:2], "other")
    board.finished = {keys[0]}
    turns = shared(cells, Store(board, "a"), tally)
    assert (await anext(turns))[0].key == keys[2]
    board.finished.add(keys[2])
    last = asyncio.create_task(anext(turns))
    await asyncio.sleep(0.1)
    assert not last.done()
    assert (tally.elsewhere, tally.waiting, turns.left) == (1, 1, 1)
    board.holder[keys[1]] = "a"  # its worker died, and the lease is over
    assert (await last)[0].key == keys[1]
    assert (tally.waiting, turns.left) == (0, 0)


async def test_who_does_not_wait_ends_and_says_how_much_is_left() -> None:
    board = Board()
    board.holder = {Cell({"person": number}).key: "other" for number in range(300)}
    turns = shared(Cells(301), Store(board, "a"), waits=False)
    assert [cell.factors["person"] async for cell, _ in turns] == [300]
    assert turns.left == 300


async def test_waiting_ends_when_the_run_is_stopped() -> None:
    board, cells = Board(), Cells(1)
    board.holder = {Cell({"person": 0}).key: "other"}
    waiting = asyncio.create_task(anext(shared(cells, Store(board, "a"))))
    await asyncio.sleep(0.05)
    cells.closed = "the budget is spent"
    with pytest.raises(StopAsyncIteration):
        await asyncio.wait_for(_through(waiting), 1)


async def _through(task: asyncio.Task[Any]) -> Any:
    try:
        return await task
    except RuntimeError as error:  # a task cannot raise StopAsyncIteration itself in all versions
        raise StopAsyncIteration from error


async def test_a_cell_whose_lease_ran_out_before_its_turn_is_claimed_anew() -> None:
    board = Board()
    store = Store(board, "a")
    turns = shared(Cells(8), store, workers=16)
    first, _ = await anext(turns)
    second = Cell({"person": 1}).key
    store.lost.add(second)
    board.holder[second] = "other"  # who took it over meanwhile
    board.finished.add(second)
    given = [first.factors["person"]] + [cell.factors["person"] async for cell, _ in turns]
    assert given == [0, 2, 3, 4, 5, 6, 7]


async def test_batches_are_as_large_as_what_a_quarter_of_a_second_gets_done() -> None:
    board, tally, done = Board(), Tally(), list[str]()
    store = Store(board, "a", 0.001)
    turns = shared(Cells(3000), store, tally, workers=8)
    await asyncio.gather(*(observe(turns, board, tally, done) for _ in range(8)))
    assert len(done) == 3000
    assert store.asked[0][1] == 2
    assert max(most for _, most in store.asked) > 100
    slow = Store(Board(), "a")
    tally = Tally()
    turns = shared(Cells(12), slow, tally, workers=8)
    await asyncio.gather(*(observe(turns, Board(), tally, [], 0.3) for _ in range(8)))
    assert {most for _, most in slow.asked} <= {2, 3, 4, 5, 6, 7, 8}


async def test_a_design_is_streamed() -> None:
    cells = Cells(100_000)
    turns = shared(cells, Store(Board(), "a"), workers=4)
    await anext(turns)
    assert cells.taken <= 8


async def test_waiting_does_not_ask_without_pause() -> None:
    board = Board()
    board.holder = {Cell({"person": number}).key: "other" for number in range(1000)}
    store = Store(board, "a")
    waiting = asyncio.create_task(anext(shared(Cells(1000), store, workers=2000)))
    await asyncio.sleep(0.3)
    waiting.cancel()
    assert len(store.asked) < 100


async def test_the_purse_hears_what_others_spent() -> None:
    store = Store(Board(), "a")
    store.others = (1.5, 700)
    purse = Purse(Budget(tokens=1000))
    turns = shared(Cells(50), store, workers=1, purse=purse)
    assert len([cell async for cell, _ in turns]) == 50
    assert (purse.others_cost, purse.others_tokens) == (1.5, 700)
    assert store.sums < 5
    assert "700 of 1000 tokens" in purse.describe()


def test_nothing_is_held_up_by_another_thread() -> None:
    """Turns belong to one loop; two loops have two of them."""
    board, done = Board(), [list[str](), list[str]()]

    def work(number: int) -> None:
        async def run() -> None:
            tally = Tally()
            await observe(shared(Cells(40), Store(board, f"{number}"), tally), board, tally, done[number])

        asyncio.run(run())

    threads = [threading.Thread(target=work, args=(number,)) for number in range(2)]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert time.monotonic() - began < 10
    assert len({*done[0], *done[1]}) == 40
