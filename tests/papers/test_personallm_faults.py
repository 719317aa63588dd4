"""The main job against a server that misbehaves, and through a process that is killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import apsw
import polars as pl
import pytest

from personae.model import STATUSES, open_model
from personae.papers.personallm import PersonaLLM, PersonaLLMSettings
from personae.study import run_study
from personae.study.report import count_statuses
from support.chat_server import Act, ChatServer, cut_body, cut_json, fail, reset, say, stall
from support.command_line import personae
from support.simulated_server import simulated_answers

SETTINGS = PersonaLLMSettings(
    personas_per_type=1, judged_per_type=1, raters=1, controls=False, robustness=False, attempts=2
)
OPTIONS = {"timeout": "1", "attempts": "2"}


class Faults:
    """Everything that can go wrong, again and again, with each kind of request on its own.

    Counted by kind, so that every stage meets every fault whoever was faster.
    """

    def __init__(self) -> None:
        self.numbers: Counter[object] = Counter()

    def __call__(self, number: int, body: Mapping[str, Any]) -> Act | None:
        kind = (len(body["messages"]), "response_format" in body)
        self.numbers[kind] += 1
        acts = {
            3: fail(429, retry_after=0),
            6: fail(500),
            9: cut_json(),
            12: cut_body(),
            15: say(""),
            18: reset(),
            21: stall(),
            24: say("I'm sorry, but I cannot answer that."),
        }
        return acts.get(self.numbers[kind] % 25)


def test_every_cell_ends_in_a_status_and_counts_sum_to_n() -> None:
    study = PersonaLLM(SETTINGS)
    with ChatServer(simulated_answers(fault=Faults())) as server:
        model = open_model(f"{server.url}#sim", OPTIONS)
        outcome = run_study(study, dict.fromkeys(study.roles, model), workers=8)
    assert outcome.is_complete
    assert outcome.table.height == 32
    assert set(outcome.table["status"]) <= set(STATUSES)
    for row in count_statuses(outcome.table):
        assert sum(row.counts.values()) == row.n
    rows = {row.stage: row for row in count_statuses(outcome.table)}
    assert rows["whole observation"].n == 32
    assert rows["story"].counts["refused"] > 0
    assert rows["story"].counts["empty"] > 0
    found = {one.name: one for one in study.measure(outcome.table) if one.conventions[0] == "as_published"}
    for name in ("d.extraversion", "d.openness"):
        assert found[name].n + found[name].missing == 32


def test_a_server_that_never_answers_leaves_failed_cells_that_are_asked_again(tmp_path: Path) -> None:
    study = PersonaLLM(SETTINGS.model_copy(update={"stories": False}))
    dead: set[str] = set()

    def always_failing(number: int, body: Mapping[str, Any]) -> Act | None:
        if number < 8:  # fewer in a row than those after which calls wait for a server that seems to be down
            dead.add(json.dumps(body["messages"]))
        return fail(503) if json.dumps(body["messages"]) in dead else None

    with ChatServer(simulated_answers(fault=always_failing)) as server:
        model = open_model(f"{server.url}#sim", {"attempts": "1"})
        first = run_study(study, {"subject": model}, folder=tmp_path / "run", workers=4)
        assert 0 < first.table.filter(pl.col("status") == "failed").height < 32
        dead.clear()
        asked = server.completed
        dead.clear()
        second = run_study(
            study, {"subject": open_model(f"{server.url}#sim", {"attempts": "1"})}, folder=tmp_path / "run"
        )
        assert set(second.table["status"]) == {"ok"}
        assert server.completed - asked == first.table.filter(pl.col("status") == "failed").height


def test_too_many_failures_have_an_exit_code(tmp_path: Path) -> None:
    lean = ["-P", "personas_per_type=1", "-P", "stories=false", "-P", "controls=false", "-P", "robustness=false"]
    with ChatServer(fail(503)) as server:
        said = personae(
            "paper", "run", "personallm", *lean, "--model", f"{server.url}#m", "-M", "attempts=1", "--limit", "4",
            "--folder", str(tmp_path / "run"), "--fail-on-error", "0.5", "--no-progress", "--json",
        )  # fmt: skip
    assert said.code == 5
    assert said.envelope["status"] == "failed"
    assert said.data["statuses"]["whole observation"]["failed"] == 4
    assert "run the same command again" in said.envelope["warnings"][0]


@pytest.mark.parametrize(
    ("act", "hint"),
    [
        (fail(401, "Incorrect API key provided"), "API key"),
        (fail(404, "The model does not exist", code="model_not_found"), "personae models --probe"),
    ],
)
def test_a_hopeless_answer_stops_the_run_at_once_with_a_remedy(tmp_path: Path, act: Act, hint: str) -> None:
    with ChatServer(act) as server:
        said = personae(
            "paper",
            "run",
            "personallm",
            "--model",
            f"{server.url}#gpt",
            "--folder",
            str(tmp_path / "run"),
            "--no-progress",
        )
        assert len(server.requests) <= 32  # what was in flight, not 520 cells
    assert said.code == 4
    assert hint in said.err
    assert len(said.err.strip().splitlines()) == 1


def command(url: str, folder: Path) -> list[str]:
    return [
        sys.executable, "-c", "from personae.cli import main; main()",
        "paper", "run", "personallm", "--model", f"{url}#sim", "--folder", str(folder), "--max-connections", "8",
        "-P", "personas_per_type=2", "-P", "judged_per_type=1", "-P", "raters=1", "-P", "robustness=false",
        "-P", "controls=false", "--no-cache", "--no-progress", "--json",
    ]  # fmt: skip


def recorded_requests(folder: Path) -> set[str]:
    """Bodies that the ledger holds an answer to, by what identifies them on the wire: messages and seed."""
    path = folder / "ledger.sqlite"
    if not path.is_file():
        return set()
    rows = apsw.Connection(str(path)).execute("SELECT request FROM calls WHERE reply IS NOT NULL")
    return {identity(json.loads(request)["messages"], json.loads(request)["sampling"]["seed"]) for (request,) in rows}


def identity(messages: list[dict[str, str]], seed: int) -> str:
    return json.dumps([[(one["role"], one["content"]) for one in messages], seed])


@pytest.mark.slow
def test_killed_again_and_again_nothing_finished_is_asked_twice(tmp_path: Path) -> None:
    with ChatServer(simulated_answers(), delay=0.01) as server:
        folder = tmp_path / "killed"
        in_flight = 0
        for pause in (0.05, 0.15, 0.3):
            before = len(server.requests)
            process = subprocess.Popen(
                command(server.url, folder), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
            while len(server.requests) < before + 5:  # it has started asking
                assert process.poll() is None
                time.sleep(0.01)
            time.sleep(pause)
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
            time.sleep(0.1)
            finished = recorded_requests(folder)
            again = {identity(body["messages"], body["seed"]) for body in server.requests[before:]}
            in_flight += len(again - finished)
            start = len(server.requests)
        done = subprocess.run(command(server.url, folder), capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        asked_last = {identity(body["messages"], body["seed"]) for body in server.requests[start:]}
        assert not asked_last & finished
        assert len(asked_last) > 0
        requests = [identity(body["messages"], body["seed"]) for body in server.requests]
        assert len(requests) - len(set(requests)) <= in_flight <= 3 * 2 * 8  # one in flight, one on its way to the disk
        straight = subprocess.run(
            command(server.url, tmp_path / "straight"), capture_output=True, text=True, check=True
        )
    killed_findings = json.loads(done.stdout)["data"]["findings"]
    assert killed_findings == json.loads(straight.stdout)["data"]["findings"]


def test_ctrl_c_keeps_all_finished_work(tmp_path: Path) -> None:
    with ChatServer(simulated_answers(), delay=0.01) as server:
        folder = tmp_path / "run"
        process = subprocess.Popen(
            command(server.url, folder), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        while server.completed < 30:
            assert process.poll() is None
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
        assert process.returncode == 130
        assert "finished work is kept" in err
        assert json.loads(out)["data"]["error"]["code"] == "interrupted"
        finished, start = recorded_requests(folder), len(server.requests)
        assert len(finished) >= 20
        again = subprocess.run(command(server.url, folder), capture_output=True, text=True, check=True)
        asked = {identity(body["messages"], body["seed"]) for body in server.requests[start:]}
        assert not asked & finished
        assert json.loads(again.stdout)["data"]["cells"] == 64
