"""Hooks: told of everything that happens, in order, and unable to harm a run."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from personae.errors import InputError
from personae.logs import Level, note
from personae.model import ProviderError, Reply, Request, Usage
from personae.study import (
    Budget,
    Call,
    CallEnd,
    Cell,
    CellEnd,
    Design,
    Finding,
    Hook,
    Lab,
    Observation,
    RunEnd,
    RunStart,
    forecast_run,
    run_study,
)
from personae.study.watch import find_hooks
from support.studies import SmallStudy, WatchedModel, question

PACKAGE = Path(__file__).parents[1] / "support" / "hook_package"
TESTS = Path(__file__).parents[1]


class Recorder(Hook):
    """Keeps all it is told."""

    name = "recorder"

    def __init__(self) -> None:
        self.told: list[tuple[str, Any]] = []

    def run_started(self, run: RunStart) -> None:
        self.told.append(("run started", run))

    def cell_started(self, cell: Cell) -> None:
        self.told.append(("cell started", cell))

    def call_started(self, call: Call) -> None:
        self.told.append(("call started", call))

    def call_finished(self, end: CallEnd) -> None:
        self.told.append(("call finished", end))

    def cell_finished(self, end: CellEnd) -> None:
        self.told.append(("cell finished", end))

    def noted(self, level: Level, event: str, fields: Mapping[str, Any]) -> None:
        self.told.append(("noted", (level, event, dict(fields))))

    def run_ended(self, end: RunEnd) -> None:
        self.told.append(("run ended", end))

    def of(self, kind: str) -> list[Any]:
        return [what for name, what in self.told if name == kind]


def test_a_hook_is_told_of_run_cells_and_calls_in_order() -> None:
    hook = Recorder()
    outcome = run_study(SmallStudy(persons=2), {"subject": WatchedModel()}, workers=1, hooks=[hook])
    cell = ["cell started", "call started", "call finished", "call started", "call finished", "cell finished"]
    names = [name for name, _ in hook.told if name != "noted"]
    assert names == ["run started", *cell, *cell, "run ended"]
    run: RunStart = hook.of("run started")[0]
    assert run.record["study"] == "small"
    assert len(run.record["fingerprint"]) == 64
    assert run.tally is outcome.tally
    assert run.folder is None
    first: CallEnd = hook.of("call finished")[0]
    assert (first.call.role, first.call.model, first.is_cached, first.error) == ("subject", "watched", False, None)
    assert first.reply is not None
    assert first.reply.usage == Usage(10, 5)
    assert first.call.request.sampling.seed is not None  # the request as it was asked
    assert first.call.started <= first.ended
    assert first.seconds >= 0
    end: RunEnd = hook.of("run ended")[0]
    assert end.ending == "complete"
    assert [finding.name for finding in end.findings] == ["distinct answers"]
    assert end.table is not None
    assert end.table.height == 2


def test_spans_of_cells_hold_those_of_their_calls() -> None:
    hook = Recorder()
    run_study(SmallStudy(persons=6), {"subject": WatchedModel(0.001)}, workers=3, hooks=[hook])
    cells = {end.cell.key: end for end in hook.of("cell finished")}
    assert len(cells) == 6
    for call in hook.of("call finished"):
        cell = cells[call.call.cell.key]
        assert cell.started <= call.call.started < call.ended <= cell.ended


def test_a_hook_is_told_the_folder_of_a_run_that_is_kept(tmp_path: Path) -> None:
    hook = Recorder()
    run_study(SmallStudy(), {"subject": WatchedModel()}, folder=tmp_path / "run", hooks=[hook])
    assert hook.of("run started")[0].folder == tmp_path / "run"


def test_replies_of_an_earlier_start_are_told_as_cached(tmp_path: Path) -> None:
    failing = True

    def fail_on_second(request: Request) -> None:
        if failing and request.messages[-1].content.startswith("Question 1"):
            raise ProviderError("overloaded", "busy", model="watched")

    study, model = SmallStudy(persons=2), WatchedModel(before=fail_on_second)
    first = Recorder()
    run_study(study, {"subject": model}, folder=tmp_path, hooks=[first], workers=1)
    ends: list[CallEnd] = first.of("call finished")
    assert [end.error.kind if end.error else "" for end in ends] == ["", "overloaded", "", "overloaded"]
    assert [end.reply is None for end in ends] == [False, True, False, True]
    assert [end.observation.status for end in first.of("cell finished")] == ["failed", "failed"]
    assert ("warning", "call failed") in [what[:2] for what in first.of("noted")]
    failing = False
    second = Recorder()
    run_study(study, {"subject": model}, folder=tmp_path, hooks=[second], workers=1)
    assert [end.is_cached for end in second.of("call finished")] == [True, False, True, False]
    assert second.of("call finished")[0].cost == 0.0


@pytest.mark.parametrize(
    "method", ["run_started", "cell_started", "call_started", "call_finished", "cell_finished", "run_ended", "noted"]
)
def test_a_hook_that_raises_is_switched_off_and_told_of_once(
    method: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    calls = 0

    def fail(self: Recorder, *arguments: object) -> None:
        nonlocal calls
        calls += 1
        raise RuntimeError("private words of a prompt")

    class Faulty(Recorder):
        name = "faulty"

    monkeypatch.setattr(Faulty, method, fail)
    faulty, other = Faulty(), Recorder()

    async def observe(cell: Cell, lab: Lab) -> Observation:
        note("info", "something happened")
        await lab.model().generate(question(cell, 0))
        return Observation("ok", {"answers": ["a"]})

    study = SmallStudy(persons=5, how=observe)
    outcome = run_study(study, {"subject": WatchedModel()}, hooks=[faulty, other])
    assert outcome.is_complete
    assert calls == 1
    assert len(other.of("cell finished")) == 5
    assert len(faulty.of("run ended")) == (method != "run_ended")  # it can give back what it holds
    said = capfd.readouterr().err
    assert said.count("hook switched off") == 1
    assert "faulty" in said
    assert "RuntimeError" in said
    assert "test_hooks.py:" in said
    assert "private words" not in said


def test_a_hook_may_refuse_a_run_before_its_first_call() -> None:
    class Refusing(Recorder):
        def run_started(self, run: RunStart) -> None:
            raise InputError("the port is taken")

    model, hook, other = WatchedModel(), Refusing(), Recorder()
    with pytest.raises(InputError, match="the port is taken"):
        run_study(SmallStudy(), {"subject": model}, hooks=[other, hook])
    assert model.requests == []
    assert [end.ending for end in (*other.of("run ended"), *hook.of("run ended"))] == ["failed", "failed"]


@pytest.mark.parametrize(
    ("settings", "ending"),
    [({}, "complete"), ({"limit": 2}, "incomplete"), ({"budget": Budget(tokens=40)}, "stopped")],
)
def test_a_hook_is_told_how_a_run_ended(settings: dict[str, Any], ending: str) -> None:
    hook = Recorder()
    run_study(SmallStudy(persons=5), {"subject": WatchedModel()}, hooks=[hook], workers=1, **settings)
    assert hook.of("run ended")[0].ending == ending
    assert len(hook.of("cell started")) == len(hook.of("cell finished"))


def test_a_cell_that_the_budget_cut_off_ends_without_an_observation() -> None:
    hook = Recorder()
    run_study(SmallStudy(persons=5), {"subject": WatchedModel()}, hooks=[hook], workers=1, budget=Budget(tokens=40))
    assert hook.of("cell finished")[-1].observation is None


def test_a_hook_is_told_of_a_run_that_fails() -> None:
    async def observe(cell: Cell, lab: Lab) -> Observation:
        raise ProviderError("authentication", "no such key", model="watched")

    hook = Recorder()
    with pytest.raises(ProviderError):
        run_study(SmallStudy(how=observe), {"subject": WatchedModel()}, hooks=[hook])
    end: RunEnd = hook.of("run ended")[0]
    assert end.ending == "failed"
    assert isinstance(end.error, ProviderError)
    assert end.findings == ()


def test_a_run_that_never_began_is_not_told_of(tmp_path: Path) -> None:
    hook = Recorder()
    with pytest.raises(InputError):
        run_study(SmallStudy(roles=("subject", "judge")), {"subject": WatchedModel()}, hooks=[hook])
    assert hook.told == []


def test_an_interruption_is_told() -> None:
    async def observe(cell: Cell, lab: Lab) -> Observation:
        signal.raise_signal(signal.SIGINT)
        await asyncio.sleep(30)
        return Observation("ok")

    hook = Recorder()
    with pytest.raises(KeyboardInterrupt):
        run_study(SmallStudy(how=observe), {"subject": WatchedModel()}, hooks=[hook])
    assert hook.of("run ended")[0].ending == "interrupted"


def test_findings_that_cannot_be_measured_are_none() -> None:
    def measure(table: pl.DataFrame) -> list[Finding]:
        raise ValueError("too few rows")

    from personae.study import Tally

    assert RunEnd("incomplete", Tally(), lambda: pl.DataFrame({"a": [1]}), measure).findings == ()


def test_nobody_is_called_where_there_are_no_hooks(monkeypatch: pytest.MonkeyPatch) -> None:
    from personae.study import hooks

    def never(*_: object, **__: object) -> None:
        raise AssertionError("a hook was called")

    for name in ("start", "cell_started", "call_started", "cell_finished", "end", "tell"):
        monkeypatch.setattr(hooks.Hooks, name, never)
    assert run_study(SmallStudy(), {"subject": WatchedModel()}).is_complete


def test_hooks_do_not_change_a_run() -> None:
    plain = run_study(SmallStudy(persons=9), {"subject": WatchedModel()})
    watched = run_study(SmallStudy(persons=9), {"subject": WatchedModel()}, hooks=[Recorder()])
    assert plain.table.equals(watched.table)


@dataclass
class FakeEntry:
    """An entry point that is not installed."""

    name: str
    factory: Any
    value: str = "somewhere:made"

    def load(self) -> Any:
        return self.factory


def test_hooks_are_found_by_entry_point_and_a_broken_one_is_left_out(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    from personae.study.watch import found

    hook = Recorder()

    def broken() -> Hook:
        raise ZeroDivisionError("a fault")

    entries = [
        FakeEntry("absent", lambda: None),
        FakeEntry("broken", broken),
        FakeEntry("stranger", lambda: object()),
        FakeEntry("recorder", lambda: hook),
    ]
    monkeypatch.setattr(found, "entry_points", lambda group: entries if group == "personae.hooks" else [])
    assert find_hooks() == [hook]
    assert find_hooks(without=["recorder"]) == []
    outcome = run_study(SmallStudy(persons=2), {"subject": WatchedModel()})
    assert outcome.is_complete
    assert len(hook.of("cell finished")) == 2
    said = capfd.readouterr().err
    assert said.count("hook left out") == 2
    assert "broken" in said
    assert "stranger" in said


def test_a_rehearsal_is_not_watched(monkeypatch: pytest.MonkeyPatch) -> None:
    from personae.study.watch import found

    hook = Recorder()
    monkeypatch.setattr(found, "entry_points", lambda group: [FakeEntry("recorder", lambda: hook)])
    forecast_run(SmallStudy(), {"subject": WatchedModel()}, WatchedModel())
    assert hook.told == []


def test_an_entry_point_of_the_group_is_what_packages_declare() -> None:
    entry = EntryPoint("counts", "support.studies:SmallStudy", "personae.hooks")
    assert entry.load() is SmallStudy


RUN = """
from personae.study import run_study
from support.studies import SmallStudy, WatchedModel
assert run_study(SmallStudy(persons=3), {"subject": WatchedModel()}).is_complete
"""


@pytest.mark.slow
def test_a_package_of_a_third_party_adds_a_hook(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "pip", "install", "--no-deps", "--no-build-isolation", "--no-index", "--quiet"]
    done = subprocess.run(
        [*command, "--target", str(tmp_path / "site"), str(PACKAGE)], capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
    path = os.pathsep.join([str(tmp_path / "site"), str(TESTS), os.environ.get("PYTHONPATH", "")])
    counts = tmp_path / "counts.json"
    for chosen in ({}, {"COUNTING_HOOK_FILE": str(counts)}):
        environment = {**os.environ, "PYTHONPATH": path, **chosen}
        run = subprocess.run([sys.executable, "-c", RUN], env=environment, capture_output=True, text=True, check=False)
        assert run.returncode == 0, run.stderr
        assert "hook left out" in run.stderr  # the broken one
        assert "ZeroDivisionError" in run.stderr
        assert counts.exists() == bool(chosen)
    assert json.loads(counts.read_text()) == {"runs": 1, "cells": 3, "calls": 6, "ending": "complete", "findings": 1}


async def test_calls_that_a_cell_makes_at_once_are_told_apart() -> None:
    async def observe(cell: Cell, lab: Lab) -> Observation:
        model = lab.model()
        replies: list[Reply] = await asyncio.gather(*(model.generate(question(cell, number)) for number in range(4)))
        return Observation("ok", {"answers": [reply.text for reply in replies]})

    hook = Recorder()
    study = SmallStudy(how=observe, cells=lambda _: Design({"person": [0]}))
    await asyncio.to_thread(run_study, study, {"subject": WatchedModel(0.001)}, hooks=[hook])
    ends: list[CallEnd] = hook.of("call finished")
    assert sorted(end.call.request.messages[-1].content for end in ends) == [
        f"Question {n} to person 0" for n in range(4)
    ]
