"""The runner: a bounded pool, every cell to its end, every start a continuation."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import random
import signal
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from personae.errors import ConflictError, InputError
from personae.model import ProviderError, Request, open_model
from personae.study import Cell, Design, Lab, Ledger, Observation, Tally, read_table, run_study
from support.chat_server import ChatServer
from support.studies import (
    SmallStudy,
    WatchedModel,
    answer_to,
    question,
    read_ledger,
    served_answer,
    start_run,
)


def test_every_cell_is_observed_and_becomes_a_row() -> None:
    model = WatchedModel()
    outcome = run_study(SmallStudy(persons=5), {"subject": model})
    assert outcome.is_complete
    assert sorted(outcome.table["person"]) == [0, 1, 2, 3, 4]
    assert set(outcome.table["status"]) == {"ok"}
    assert set(outcome.table["model"]) == {"watched"}
    assert outcome.tally.done == outcome.tally.total == 5
    assert outcome.tally.calls == model.answered == 10


@pytest.mark.parametrize("workers", [1, 7, 32])
def test_as_many_calls_are_in_flight_as_there_are_workers(workers: int) -> None:
    model = WatchedModel(0.005)
    run_study(SmallStudy(persons=workers + 8, questions=1), {"subject": model}, workers=workers)
    assert model.peak == workers


def test_who_is_faster_changes_nothing() -> None:
    order = random.Random(4)
    slow = WatchedModel(lambda _: order.random() * 0.01)
    shuffled = run_study(SmallStudy(persons=30), {"subject": slow}, workers=16)
    straight = run_study(SmallStudy(persons=30), {"subject": WatchedModel()}, workers=1)
    assert shuffled.table.equals(straight.table)


def test_a_design_is_streamed() -> None:
    taken = 0

    def endless(_: object) -> Iterator[Cell]:
        nonlocal taken
        for number in itertools.count():
            taken += 1
            yield Cell({"person": number})

    outcome = run_study(SmallStudy(cells=endless), {"subject": WatchedModel()}, workers=4, limit=10)
    assert outcome.table.height == 10
    assert not outcome.is_complete
    assert taken <= 12


def test_a_run_that_was_limited_goes_on_where_it_stopped(tmp_path: Path) -> None:
    study, model = SmallStudy(persons=9), WatchedModel()
    part = run_study(study, {"subject": model}, folder=tmp_path, limit=4)
    assert (part.table.height, part.is_complete) == (4, False)
    whole = run_study(study, {"subject": model}, folder=tmp_path)
    assert (whole.table.height, whole.is_complete) == (9, True)
    assert (whole.tally.resumed, whole.tally.done) == (4, 9)
    assert len(model.asked) == len(set(model.asked)) == 18  # nothing twice
    assert whole.table.equals(run_study(study, {"subject": WatchedModel()}).table)


def test_a_finished_run_asks_nothing(tmp_path: Path) -> None:
    study = SmallStudy()
    first = run_study(study, {"subject": WatchedModel()}, folder=tmp_path)
    model = WatchedModel()
    again = run_study(study, {"subject": model}, folder=tmp_path)
    assert model.requests == []
    assert again.table.equals(first.table)


def test_a_finished_run_needs_nobody_to_answer(tmp_path: Path) -> None:
    study = SmallStudy(persons=3)
    with ChatServer(served_answer) as server:
        url = server.url
        first = run_study(study, {"subject": open_model(f"{url}#m")}, folder=tmp_path)
    again = run_study(study, {"subject": open_model(f"{url}#m")}, folder=tmp_path)
    assert again.is_complete
    assert again.table.equals(first.table)


def test_a_run_that_goes_on_checks_first_whether_anybody_answers(tmp_path: Path) -> None:
    study = SmallStudy(persons=3)
    with ChatServer(served_answer) as server:
        url = server.url
        run_study(study, {"subject": open_model(f"{url}#m")}, folder=tmp_path, limit=1)
    with pytest.raises(ProviderError) as caught:
        run_study(study, {"subject": open_model(f"{url}#m")}, folder=tmp_path)
    assert caught.value.kind == "unreachable"
    assert len(read_ledger(tmp_path).cells) == 1


def test_a_wrong_endpoint_leaves_no_run_behind(tmp_path: Path) -> None:
    with pytest.raises(ProviderError):
        run_study(SmallStudy(), {"subject": open_model("http://127.0.0.1:9/v1#m")}, folder=tmp_path)
    assert not (tmp_path / "run.json").exists()


def test_a_limit_on_a_finished_run_leaves_it_complete(tmp_path: Path) -> None:
    study = SmallStudy(persons=5)
    run_study(study, {"subject": WatchedModel()}, folder=tmp_path)
    assert run_study(study, {"subject": WatchedModel()}, folder=tmp_path, limit=2).is_complete


def test_an_unfinished_cell_keeps_its_answered_calls(tmp_path: Path) -> None:
    failing = True

    def fail_on_second(request: Request) -> None:
        if failing and request.messages[-1].content.startswith("Question 1"):
            raise ProviderError("overloaded", "busy", model="watched")

    study, model = SmallStudy(persons=3), WatchedModel(before=fail_on_second)
    first = run_study(study, {"subject": model}, folder=tmp_path)
    assert set(first.table["status"]) == {"failed"}
    assert "busy" in first.table["detail"][0]
    assert first.tally.failed_calls == 3
    failing = False
    before = len(model.requests)
    second = run_study(study, {"subject": model}, folder=tmp_path)
    assert set(second.table["status"]) == {"ok"}
    assert all(text.startswith("Question 1") for text in model.asked[before:])
    assert len(model.asked[before:]) == 3
    assert second.table.equals(run_study(study, {"subject": WatchedModel()}).table)


@pytest.mark.parametrize("kind", ["authentication", "not_found"])
def test_what_no_call_can_escape_stops_the_run_at_once(kind: str, tmp_path: Path) -> None:
    def refuse(_: Request) -> None:
        raise ProviderError(kind, "no", model="watched")  # type: ignore[arg-type]

    model = WatchedModel(before=refuse)
    with pytest.raises(ProviderError) as caught:
        run_study(SmallStudy(persons=500), {"subject": model}, folder=tmp_path, workers=4)
    assert caught.value.remedy
    assert len(model.requests) <= 8
    assert read_ledger(tmp_path).cells == []


@pytest.mark.parametrize("kind", ["timeout", "bad_request", "context_length", "rate_limited", "bad_reply"])
def test_a_cell_that_gets_no_answer_is_failed_and_the_others_go_on(kind: str) -> None:
    def refuse_one(request: Request) -> None:
        if request.messages[-1].content.endswith("person 1"):
            raise ProviderError(kind, "no", model="watched")  # type: ignore[arg-type]

    outcome = run_study(SmallStudy(persons=4), {"subject": WatchedModel(before=refuse_one)})
    assert outcome.is_complete
    assert sorted(outcome.table["status"]) == ["failed", "ok", "ok", "ok"]
    assert sum(outcome.tally.statuses.values()) == outcome.table.height == 4


def test_a_fault_of_the_study_is_raised_and_finished_work_is_kept(tmp_path: Path) -> None:
    async def stumble(cell: Cell, lab: Lab) -> Observation:
        reply = await lab.model().generate(question(cell, 0))
        if cell.factors["person"] == 3:
            raise ZeroDivisionError("a fault of the study")
        return Observation("ok", {"answers": [reply.text]})

    with pytest.raises(ZeroDivisionError):
        run_study(SmallStudy(persons=10, how=stumble), {"subject": WatchedModel()}, folder=tmp_path, workers=1)
    assert len(read_ledger(tmp_path).cells) == 3


def test_the_same_cell_twice_is_refused() -> None:
    study = SmallStudy(cells=lambda _: [Cell({"person": 1}), Cell({"person": 1})])
    with pytest.raises(InputError, match="the same cell twice"):
        run_study(study, {"subject": WatchedModel()})


@pytest.mark.parametrize("name", ["cell", "status", "detail"])
def test_a_factor_or_a_value_cannot_take_a_column_that_every_table_has(name: str) -> None:
    async def observe(cell: Cell, lab: Lab) -> Observation:
        return Observation("ok", {name: 1})

    with pytest.raises(InputError, match=name):
        run_study(SmallStudy(how=observe), {"subject": WatchedModel()})
    with pytest.raises(InputError, match=name):
        run_study(SmallStudy(cells=lambda _: Design({name: [1]})), {"subject": WatchedModel()})


def test_a_value_cannot_take_the_name_of_a_factor() -> None:
    async def observe(cell: Cell, lab: Lab) -> Observation:
        return Observation("ok", {"person": 1})

    with pytest.raises(InputError, match="person"):
        run_study(SmallStudy(how=observe), {"subject": WatchedModel()})


@pytest.mark.parametrize(("name", "value"), [("workers", 0), ("workers", -1), ("limit", -1)])
def test_numbers_that_make_no_sense_are_refused(name: str, value: int) -> None:
    with pytest.raises(InputError, match=name):
        run_study(SmallStudy(), {"subject": WatchedModel()}, **{name: value})  # type: ignore[arg-type]


def test_a_role_without_a_model_is_refused_before_anything_is_asked() -> None:
    model = WatchedModel()
    with pytest.raises(InputError, match="judge"):
        run_study(SmallStudy(roles=("subject", "judge")), {"subject": model})
    assert model.requests == []


def test_another_run_in_the_folder_is_refused_and_nothing_is_asked(tmp_path: Path) -> None:
    run_study(SmallStudy(questions=1), {"subject": WatchedModel()}, folder=tmp_path)
    model = WatchedModel()
    for study, seed in ((SmallStudy(questions=2), 0), (SmallStudy(questions=1), 1)):
        with pytest.raises(ConflictError):
            run_study(study, {"subject": model}, folder=tmp_path, seed=seed)
    assert model.requests == []


def test_seeds_are_seeds_and_zero_is_one() -> None:
    def answers(seed: int) -> list[list[str]]:
        return run_study(SmallStudy(), {"subject": WatchedModel()}, seed=seed).table["answers"].to_list()

    assert answers(0) == answers(0) != answers(1)


def test_whoever_watches_is_told_of_the_start_every_cell_and_the_end() -> None:
    class Told:
        def __init__(self) -> None:
            self.told: list[str] = []

        def start(self, tally: Tally) -> None:
            self.told.append(f"start {tally.total}")

        def update(self, tally: Tally) -> None:
            self.told.append(f"{tally.done}")

        def stop(self, tally: Tally) -> None:
            self.told.append(f"stop {tally.done}")

    watcher = Told()
    run_study(SmallStudy(persons=3), {"subject": WatchedModel()}, watcher=watcher, workers=1)
    assert watcher.told == ["start 3", "1", "2", "3", "stop 3"]


def test_the_end_is_told_after_a_fault_too() -> None:
    stopped: list[int] = []

    class Watch:
        def start(self, tally: Tally) -> None: ...

        def update(self, tally: Tally) -> None: ...

        def stop(self, tally: Tally) -> None:
            stopped.append(tally.done)

    async def stumble(cell: Cell, lab: Lab) -> Observation:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run_study(SmallStudy(how=stumble), {"subject": WatchedModel()}, watcher=Watch())
    assert stopped == [0]


def wait_until(condition: Callable[[], bool], seconds: float = 30.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_keeps_finished_work_and_the_next_start_goes_on(
    number: signal.Signals, tmp_path: Path
) -> None:
    folder = tmp_path / "run"
    with ChatServer(served_answer, delay=0.01) as server:
        with start_run(server.url, folder, persons=60, workers=4) as process:
            wait_until(lambda: server.completed >= 20)
            process.send_signal(number)
            assert process.wait(30) == 130
        kept = read_ledger(folder)
        assert 15 <= len(kept.calls) < 120
        assert server.completed - len(kept.calls) <= 4  # what the workers had in hand
        before = len(server.requests)
        with start_run(server.url, folder, persons=60, workers=4) as process:
            assert process.wait(60) == 0
        asked = questions(server, before)
    assert not set(asked) & set(kept.calls)
    assert len(asked) == 120 - len(kept.calls)
    assert_as_undisturbed(folder, 60)


def test_pressing_ctrl_c_again_and_again_is_like_pressing_it_once(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    with (
        ChatServer(served_answer, delay=0.01) as server,
        start_run(server.url, folder, persons=60, workers=4) as process,
    ):
        wait_until(lambda: server.completed >= 20)
        process.send_signal(signal.SIGINT)
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 130
        assert server.completed - len(read_ledger(folder).calls) <= 4


def test_the_caller_finds_its_own_handlers_again() -> None:
    def mine(number: int, frame: object) -> None: ...

    numbers = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(number, mine) for number in numbers]
    try:
        run_study(SmallStudy(), {"subject": WatchedModel()})
        assert [signal.getsignal(number) for number in numbers] == [mine, mine]
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)


@pytest.mark.parametrize("fault", [None, ZeroDivisionError])
def test_the_ledger_is_closed_however_the_run_ends(fault: type[Exception] | None, tmp_path: Path) -> None:
    async def observe(cell: Cell, lab: Lab) -> Observation:
        if fault is not None:
            raise fault
        return Observation("ok")

    threads = set(threading.enumerate())
    with contextlib.suppress(ZeroDivisionError):
        run_study(SmallStudy(how=observe), {"subject": WatchedModel()}, folder=tmp_path)
    assert set(threading.enumerate()) == threads
    assert not (tmp_path / "ledger.sqlite-wal").exists()


@dataclass(slots=True)
class Killed:
    """What happened to a run that was killed, and started again until it was through."""

    kills: int = 0
    calls: int = 0
    """Calls that reached the server, in all starts."""
    lost: int = 0
    """Calls that reached the server and were not yet in the ledger when the run was killed."""


def run_under_kills(folder: Path, persons: int, workers: int, pauses: Iterator[float]) -> Killed:
    """Kill the run, at each start so many seconds after its first call; the last start is let be.

    What the ledger held at a kill must not be asked again, and a kill must lose no more than two calls a worker.
    """
    told = Killed()
    with ChatServer(served_answer, delay=0.004) as server:
        code: int | None = None
        while code != 0:
            kept, before = read_ledger(folder), len(server.requests)
            with start_run(server.url, folder, persons=persons, workers=workers) as process:
                while len(server.requests) == before and process.poll() is None:
                    time.sleep(0.001)
                if (pause := next(pauses, None)) is not None:
                    time.sleep(pause)
                    process.kill()
                code = process.wait(60)
            time.sleep(0.05)  # what the server had in hand
            asked = questions(server, before)
            assert not set(asked) & set(kept.calls)
            assert len(asked) == len(set(asked))
            if code != 0:
                assert code == -signal.SIGKILL
                lost = set(asked) - set(read_ledger(folder).calls)
                assert len(lost) <= 2 * workers  # one in flight, one on its way to the disk
                told.kills += 1
                told.lost += len(lost)
        told.calls = len(server.requests)
        assert len(set(questions(server))) == persons * 2
    assert told.calls == persons * 2 + told.lost  # each call that was lost was asked once more, and no other
    assert_as_undisturbed(folder, persons)
    return told


def assert_as_undisturbed(folder: Path, persons: int) -> None:
    """The run in the folder has each call and cell once, and is the run that nobody disturbed."""
    kept = read_ledger(folder)
    assert len(kept.calls) == len(set(kept.calls)) == persons * 2
    assert len(kept.cells) == len(set(kept.cells)) == persons
    study = SmallStudy(persons=persons)
    undisturbed = run_study(study, {"subject": WatchedModel()}).table
    ledger = Ledger(folder / "ledger.sqlite")
    table = read_table(ledger, "watched")
    ledger.close()
    assert table.equals(undisturbed)
    assert study.measure(table) == study.measure(undisturbed)


def test_a_killed_run_asks_nothing_again_that_was_finished(tmp_path: Path) -> None:
    told = run_under_kills(tmp_path / "run", 60, 8, iter([0.05]))
    assert told.kills == 1


@pytest.mark.slow
def test_killed_at_random_moments_nothing_finished_is_asked_again(tmp_path: Path) -> None:
    """Up to twenty SIGKILLs in one run, some before the first call is kept, some at the last cells."""
    moments = random.Random(7)
    told = run_under_kills(tmp_path / "run", 200, 8, iter([moments.random() * 0.06 for _ in range(20)]))
    assert told.kills >= 5


def questions(server: ChatServer, start: int = 0) -> list[str]:
    """What the server was asked, from one request on."""
    return [body["messages"][-1]["content"] for body in server.requests[start:]]


def test_a_run_may_be_started_where_signals_cannot_be_handled() -> None:
    """In a thread, as notebooks and servers do."""

    async def in_a_thread() -> int:
        return (await asyncio.to_thread(run_study, SmallStudy(), {"subject": WatchedModel()})).table.height

    assert asyncio.run(in_a_thread()) == 4


async def test_in_a_running_event_loop_the_remedy_is_told() -> None:
    model = WatchedModel()
    with pytest.raises(InputError, match=r"asyncio\.to_thread"):
        run_study(SmallStudy(), {"subject": model})
    assert model.requests == []


def test_answers_depend_on_what_was_asked_alone() -> None:
    assert answer_to("a", 1) == answer_to("a", 1) != answer_to("a", 2)


class PrefixStudy(SmallStudy):
    """A study whose prompts begin with the question."""

    prefix_factors = ("person",)


def test_cells_that_share_a_prefix_are_asked_one_after_the_other() -> None:
    def crossed(_: object) -> Iterator[Cell]:
        for item in range(3):
            for person in range(4):
                yield Cell({"item": item, "person": person})

    asked = WatchedModel()
    outcome = run_study(PrefixStudy(cells=crossed, questions=1), {"subject": asked}, workers=1)
    plain = run_study(SmallStudy(cells=crossed, questions=1), {"subject": WatchedModel()}, workers=1)
    assert [text.split()[-1] for text in asked.asked] == [str(person) for person in range(4) for _ in range(3)]
    assert outcome.table.equals(plain.table)
