"""Several processes on one run: no cell is observed twice, one that dies leaves its cells to the others."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from personae.errors import ConflictError
from personae.model import ProviderError, Request, open_model
from personae.study import Budget, Quiet, RunFolder, Tally, open_ledger, read_record, read_table, run_study
from support.chat_server import ChatServer, stall
from support.postgres_server import PASSWORD, Database, PostgresServer, find_binaries
from support.studies import SmallStudy, WatchedModel, served_answer, start_run

PERSONS = 300


@contextlib.contextmanager
def working(
    server: ChatServer, folders: list[Path], url: str, persons: int, workers: int
) -> Iterator[list[subprocess.Popen[bytes]]]:
    processes = [start_run(server.url, folder, persons=persons, workers=workers, ledger=url) for folder in folders]
    try:
        yield processes
    finally:
        for process in processes:
            process.kill()
            process.communicate()


def finish(process: subprocess.Popen[bytes], seconds: float = 90) -> int:
    _, told = process.communicate(timeout=seconds)
    assert b"Traceback" not in told, told.decode()
    return process.returncode


def wait_until(condition: Callable[[], bool], seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def asked(server: ChatServer) -> Counter[str]:
    return Counter(body["messages"][-1]["content"] for body in server.requests)


def assert_as_alone(folder: Path, persons: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The run is what one process without a database would have made of it."""
    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    study = SmallStudy(persons=persons)
    alone = run_study(study, {"subject": WatchedModel()}).table
    ledger = open_ledger(RunFolder(folder))
    table = read_table(ledger, "watched")
    ledger.close()
    assert table.equals(alone)
    assert study.measure(table) == study.measure(alone)


@pytest.mark.parametrize("is_one_folder", [True, False])
def test_three_processes_ask_each_call_once_and_find_what_one_finds(
    is_one_folder: bool, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folders = [tmp_path / ("run" if is_one_folder else f"run-{number}") for number in range(3)]
    with (
        ChatServer(served_answer, delay=0.05) as server,  # long enough for all of them to come
        working(server, folders, database.url(), PERSONS, 8) as processes,
    ):
        assert [finish(process) for process in processes] == [0, 0, 0]  # complete, for each of them
        assert set(asked(server).values()) == {1}
        assert len(server.requests) == PERSONS * 2
    shares = database.sql("SELECT count(DISTINCT cell) FROM personae.calls GROUP BY worker")
    assert len(shares) == 3
    assert sum(int(count) for (count,) in shares) == PERSONS
    assert database.sql("SELECT count(*), count(DISTINCT cell) FROM personae.observations") == [[f"{PERSONS}"] * 2]
    for folder in {*folders}:
        assert_as_alone(folder, PERSONS, monkeypatch)


def test_one_of_three_is_killed_and_the_others_finish_its_cells(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folders = [tmp_path / f"run-{number}" for number in range(3)]
    workers = 8
    with (
        ChatServer(served_answer, delay=0.01) as server,
        working(server, folders, database.url(lease=2), PERSONS, workers) as processes,
    ):
        wait_until(lambda: server.completed >= PERSONS // 2)
        processes[0].kill()
        assert processes[0].wait(10) == -signal.SIGKILL
        assert [finish(process) for process in processes[1:]] == [0, 0]
        extra = len(server.requests) - PERSONS * 2
        assert 0 <= extra <= workers  # what the killed one had in flight
        assert set(asked(server)) == {f"Question {q} to person {p}" for q in range(2) for p in range(PERSONS)}
    assert database.sql("SELECT count(*), count(DISTINCT cell) FROM personae.observations") == [[f"{PERSONS}"] * 2]
    assert database.sql("SELECT count(*), count(DISTINCT key) FROM personae.calls") == [[f"{PERSONS * 2}"] * 2]
    assert_as_alone(folders[1], PERSONS, monkeypatch)


def test_the_server_restarts_in_the_middle_of_a_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if find_binaries() is None:
        pytest.skip("postgresql is not installed: see the README's system packages")
    folders = [tmp_path / f"run-{number}" for number in range(2)]
    with (
        PostgresServer() as postgres,
        ChatServer(served_answer, delay=0.01) as server,
        working(server, folders, postgres.url(), PERSONS, 8) as processes,
    ):
        wait_until(lambda: server.completed >= PERSONS // 2)
        postgres.stop()
        time.sleep(0.3)
        postgres.start()
        assert [finish(process) for process in processes] == [0, 0]
        assert set(asked(server).values()) == {1}
        count = "SELECT count(*), count(DISTINCT key) FROM personae.calls"
        assert postgres.sql("postgres", count) == [[f"{PERSONS * 2}"] * 2]
        assert_as_alone(folders[0], PERSONS, monkeypatch)


def test_an_interrupted_process_gives_its_cells_back_at_once(database: Database, tmp_path: Path) -> None:
    url = database.url(lease=600)
    with (
        ChatServer(served_answer, delay=0.01) as server,
        working(server, [tmp_path / "a", tmp_path / "b"], url, 120, 4) as processes,
    ):
        wait_until(lambda: server.completed >= 60)
        processes[0].send_signal(signal.SIGINT)
        assert finish(processes[0]) == 130
        assert finish(processes[1], 60) == 0


def test_a_run_goes_on_from_its_folder_without_its_ledger_being_named_again(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    study, model = SmallStudy(persons=9), WatchedModel()
    part = run_study(study, {"subject": model}, folder=tmp_path, ledger=database.url(), limit=4)
    assert (part.table.height, part.is_complete) == (4, False)
    assert read_record(tmp_path)["ledger"] == database.open_url
    assert not (tmp_path / "ledger.sqlite").exists()
    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    whole = run_study(study, {"subject": model}, folder=tmp_path)
    assert (whole.table.height, whole.is_complete, whole.tally.resumed) == (9, True, 4)
    assert len(model.asked) == len(set(model.asked)) == 18
    assert whole.table.equals(run_study(study, {"subject": WatchedModel()}).table)
    again = run_study(study, {"subject": model}, folder=tmp_path)
    assert (again.is_complete, len(model.asked)) == (True, 18)


def test_cells_that_failed_are_tried_again_by_the_next_start(database: Database, tmp_path: Path) -> None:
    failing = True

    def fail_on_second(request: Request) -> None:
        if failing and request.messages[-1].content.startswith("Question 1"):
            raise ProviderError("overloaded", "busy", model="watched")

    study, model = SmallStudy(persons=3), WatchedModel(before=fail_on_second)
    first = run_study(study, {"subject": model}, folder=tmp_path, ledger=database.url())
    assert set(first.table["status"]) == {"failed"}
    assert first.is_complete
    failing = False
    before = len(model.requests)
    second = run_study(study, {"subject": model}, folder=tmp_path, ledger=database.url())
    assert set(second.table["status"]) == {"ok"}
    assert all(text.startswith("Question 1") for text in model.asked[before:])
    assert second.table.equals(run_study(study, {"subject": WatchedModel()}).table)


def test_another_run_of_the_same_name_is_refused_and_leaves_no_folder_behind(
    database: Database, tmp_path: Path
) -> None:
    url = database.url(run="pilot")
    run_study(SmallStudy(questions=1), {"subject": WatchedModel()}, folder=tmp_path / "a", ledger=url)
    model = WatchedModel()
    with pytest.raises(ConflictError, match=r"parameters\.questions: 1 in the ledger, 2 now"):
        run_study(SmallStudy(questions=2), {"subject": model}, folder=tmp_path / "b", ledger=url)
    assert not (tmp_path / "b" / "run.json").exists()
    with pytest.raises(ConflictError, match="in the folder"):
        run_study(SmallStudy(questions=2), {"subject": model}, folder=tmp_path / "a", ledger=url)
    assert database.sql("SELECT count(*) FROM personae.runs") == [["1"]]
    assert model.requests == []


def test_a_folder_and_a_database_are_not_mixed_up(database: Database, tmp_path: Path) -> None:
    run_study(SmallStudy(), {"subject": WatchedModel()}, folder=tmp_path / "file")
    with pytest.raises(ConflictError, match="the folder itself"):
        run_study(SmallStudy(), {"subject": WatchedModel()}, folder=tmp_path / "file", ledger=database.url())
    run_study(SmallStudy(), {"subject": WatchedModel()}, folder=tmp_path / "db", ledger=database.url())
    with pytest.raises(ConflictError, match=database.name):
        elsewhere = database.server.url("elsewhere")
        run_study(SmallStudy(), {"subject": WatchedModel()}, folder=tmp_path / "db", ledger=elsewhere)


class Told(Quiet):
    """Remembers how many cells were waited for."""

    def __init__(self) -> None:
        self.waiting: list[int] = []

    def update(self, tally: Tally) -> None:
        self.waiting.append(tally.waiting)


@pytest.mark.parametrize("waits", [True, False])
def test_who_has_nothing_left_but_cells_of_others_waits_for_them_or_ends(waits: bool, database: Database) -> None:
    """The other has died, and its lease still runs."""
    persons, url = 6, database.url(lease=3)
    with ChatServer(served_answer, plan=[stall(), stall()]) as server, tempfile.TemporaryDirectory() as folder:
        with working(server, [Path(folder)], url, persons, 2) as (other,):
            wait_until(lambda: len(server.requests) >= 2)
            other.kill()
            other.wait()
        ((held,),) = database.sql("SELECT count(*) FROM personae.claims WHERE state = 'held'")
        told = Told()
        models = {"subject": open_model(f"{server.url}#any-name")}
        outcome = run_study(SmallStudy(persons=persons), models, ledger=url, watcher=told, waits=waits)
    assert int(held) >= 2
    if waits:
        assert (outcome.is_complete, outcome.left, outcome.table.height) == (True, 0, persons)
        assert max(told.waiting) == int(held)
        assert told.waiting[-1] == 0
    else:
        left = persons - int(held)
        assert (outcome.is_complete, outcome.left, outcome.table.height) == (False, int(held), left)
        assert set(told.waiting) == {0}


def test_a_limit_counts_what_earlier_starts_spent(database: Database) -> None:
    study, budget, url = SmallStudy(persons=400), Budget(tokens=2000), database.url()
    outcomes = [run_study(study, {"subject": WatchedModel()}, ledger=url, budget=budget) for _ in range(2)]
    assert all(outcome.stopped for outcome in outcomes)
    assert outcomes[1].tally.calls == outcomes[1].tally.cached_calls


def test_a_limit_counts_what_other_workers_spend_meanwhile(database: Database) -> None:
    """Two that may take 2000 tokens do not take 4000 together."""
    budget, url = Budget(tokens=2000), database.url()

    def work(_: int) -> str:
        models = {"subject": WatchedModel(0.1)}
        return run_study(SmallStudy(persons=400), models, ledger=url, budget=budget, workers=2).stopped

    with ThreadPoolExecutor(2) as pool:
        assert all(pool.map(work, range(2)))
    ((spent,),) = database.sql("SELECT sum(input_tokens + output_tokens) FROM personae.calls")
    assert 1500 < int(spent) < 2800
