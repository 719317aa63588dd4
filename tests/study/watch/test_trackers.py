"""Trackers: MLflow over a real connection, Weights & Biases by a stand-in for its package."""

from __future__ import annotations

import base64
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from personae.errors import InputError
from personae.model import open_model
from personae.study import Cell, Finding, Lab, Observation, RunStart, Tally, run_study
from personae.study.hooks import Ending
from personae.study.watch import MLflow, TrackerHook, WeightsAndBiases, find_hooks, open_mlflow, open_wandb
from personae.study.watch.tracker import Tracked, describe_run, finding_figures, progress_figures
from support.chat_server import ChatServer, closed_port, fail
from support.collectors import MLflowServer
from support.studies import SmallStudy, WatchedModel, question

CANARY = "sk-canary-0123456789abcdef"


class Notebook:
    """A destination that writes down what it is told."""

    def __init__(self, *, fails_at: str = "", delay: float = 0.0) -> None:
        self.told: list[tuple[Any, ...]] = []
        self.threads: set[str] = set()
        self._fails_at = fails_at
        self._delay = delay

    async def start(self, run: Tracked) -> None:
        self._tell("start", run)

    async def log(self, figures: Mapping[str, float], step: int) -> None:
        self._tell("log", figures, step)

    async def finish(self, figures: Mapping[str, float], ending: Ending, step: int) -> None:
        self._tell("finish", figures, ending, step)

    def _tell(self, what: str, *rest: Any) -> None:
        self.threads.add(threading.current_thread().name)
        time.sleep(self._delay)
        if what == self._fails_at:
            raise OSError("private words")
        self.told.append((what, *rest))


def test_parameters_come_first_findings_last() -> None:
    notebook = Notebook()
    study = SmallStudy(persons=3, extra={"scale": {"points": 5}})
    run_study(study, {"subject": WatchedModel()}, seed=4, hooks=[TrackerHook("notebook", notebook)])
    assert [what for what, *_ in notebook.told] == ["start", "log", "finish"]
    run: Tracked = notebook.told[0][1]
    assert run.parameters == {
        "study": "small",
        "seed": "4",
        "model.subject": "watched",
        "parameter.questions": "2",
        "parameter.scale.points": "5",
    }
    assert run.name.startswith("small-")
    assert set(run.tags) == {"personae.study", "personae.run.fingerprint", "personae.version"}
    _, figures, step = notebook.told[1]
    assert step == 3
    assert figures == {
        "cells/done": 3,
        "cells/from_before": 0,
        "cells/ok": 3,
        "calls/made": 6,
        "calls/cached": 0,
        "calls/failed": 0,
        "tokens/input": 60,
        "tokens/output": 30,
    }
    _, findings, ending, _ = notebook.told[2]
    assert ending == "complete"
    assert findings == {
        "finding/distinct answers": 6,
        "finding/distinct answers/low": 6,
        "finding/distinct answers/high": 6,
        "finding/distinct answers/n": 3,
    }
    assert notebook.threads == {"notebook"}


def test_progress_is_told_every_few_seconds_and_no_run_waits_for_it() -> None:
    notebook = Notebook(delay=0.05)
    hook = TrackerHook("notebook", notebook, every=0.02)
    started = time.monotonic()
    run_study(SmallStudy(persons=40), {"subject": WatchedModel(0.005)}, workers=4, hooks=[hook])
    steps = [told[2] for told in notebook.told if told[0] == "log"]
    assert len(steps) >= 3
    assert steps == sorted(steps)
    assert steps[-1] == 40
    assert time.monotonic() - started < 10


@pytest.mark.parametrize("method", ["start", "log", "finish"])
def test_a_tracker_that_fails_is_switched_off(method: str, capfd: pytest.CaptureFixture[str]) -> None:
    hook = TrackerHook("notebook", Notebook(fails_at=method))
    assert run_study(SmallStudy(), {"subject": WatchedModel()}, hooks=[hook]).is_complete
    said = capfd.readouterr().err
    assert said.count("tracker switched off") == 1
    assert "OSError" in said
    assert "private words" not in said


def test_a_tracker_that_hangs_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    from personae.study.watch import tracker

    monkeypatch.setattr(tracker, "_LAST_SECONDS", 0.2)
    hook = TrackerHook("notebook", Notebook(delay=1.0))
    started = time.monotonic()
    assert run_study(SmallStudy(), {"subject": WatchedModel()}, hooks=[hook]).is_complete
    assert time.monotonic() - started < 1.0
    assert "tracker does not answer" in capfd.readouterr().err


def test_findings_of_one_name_are_told_apart() -> None:
    def finding(subject: str, convention: str, value: float) -> Finding:
        return Finding("d", subject, value, 0.0, float("inf"), 10, 0, conventions=(convention, "ddof 1"))

    one = dict(finding_figures([finding("a", "as_published", 1.0), finding("a", "corrected", 2.0)]))
    assert one["finding/d/as_published"] == 1.0
    assert one["finding/d/corrected"] == 2.0
    assert "finding/d/corrected/high" not in one  # no number that a tracker could draw
    two = dict(finding_figures([finding("a", "corrected", 1.0), finding("b", "corrected", 2.0)]))
    assert two["finding/d/a"] == 1.0
    assert two["finding/d/b"] == 2.0


def test_a_cost_that_is_not_known_is_not_told() -> None:
    tally = Tally(calls=1, input_tokens=1, output_tokens=1, cost=0.5)
    assert dict(progress_figures(tally))["cost"] == 0.5
    tally.has_unknown_cost = True
    assert "cost" not in dict(progress_figures(tally))


def test_a_run_is_called_like_its_folder_and_long_parameters_are_cut() -> None:
    record = {
        "study": "s",
        "fingerprint": "f" * 64,
        "seed": 0,
        "models": {},
        "versions": {"personae": "1"},
        "parameters": {"long": "x" * 9999},
    }
    run = describe_run(RunStart(record, Tally(), Path("runs/mine")))
    assert run.name == "mine"
    assert len(run.parameters["parameter.long"]) == 250


def track(monkeypatch: pytest.MonkeyPatch, server: MLflowServer, study: SmallStudy, **settings: Any) -> dict[str, Any]:
    """Run a study with MLflow as its environment asks, and return what the server has of it."""
    monkeypatch.setenv("MLFLOW_TRACKING_URI", server.url)
    run_study(study, {"subject": WatchedModel()}, **settings)
    (run,) = server.runs.values()
    server.runs.clear()
    return run


def test_mlflow_has_parameters_progress_and_findings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with MLflowServer() as server:
        run = track(monkeypatch, server, SmallStudy(persons=3), folder=tmp_path / "my-run")
        assert server.experiments == {"personae": "1"}
    assert run["name"] == "my-run"
    assert run["status"] == "FINISHED"
    assert run["end_time"] > 1_700_000_000_000
    assert run["params"]["model.subject"] == "watched"
    assert run["params"]["parameter.questions"] == "2"
    assert run["tags"]["personae.run.ending"] == "complete"
    assert len(run["tags"]["personae.run.fingerprint"]) == 64
    assert run["metrics"]["cells/done"] == [(3, 3.0)]
    assert run["metrics"]["finding/distinct answers"] == [(3, 6.0)]


def test_mlflow_uses_the_experiment_that_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    with MLflowServer() as server:
        server.experiments["mine"] = "5"
        monkeypatch.setenv("MLFLOW_EXPERIMENT_NAME", "mine")
        track(monkeypatch, server, SmallStudy())
        assert server.experiments == {"mine": "5"}
        monkeypatch.setenv("MLFLOW_EXPERIMENT_ID", "77")
        track(monkeypatch, server, SmallStudy())
        assert server.experiments == {"mine": "5"}


def test_mlflow_takes_many_parameters_and_any_name(monkeypatch: pytest.MonkeyPatch) -> None:
    extra = {f"p{number}": number for number in range(250)} | {"größe: 'x'": 1}
    with MLflowServer() as server:
        run = track(monkeypatch, server, SmallStudy(extra=extra))
    assert run["params"]["parameter.p249"] == "249"
    assert run["params"]["parameter.gr__e_ _x_"] == "1"


def test_mlflow_learns_how_a_run_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    async def observe(cell: Cell, lab: Lab) -> Observation:
        raise ValueError("private words")

    with MLflowServer() as server:
        monkeypatch.setenv("MLFLOW_TRACKING_URI", server.url)
        with pytest.raises(ValueError, match="private"):
            run_study(SmallStudy(how=observe), {"subject": WatchedModel()})
        (run,) = server.runs.values()
        assert run["status"] == "FAILED"
        assert run["tags"]["personae.run.ending"] == "failed"
        assert b"private" not in b"".join(server.bodies)


@pytest.mark.parametrize(
    ("variables", "header"),
    [
        ({"MLFLOW_TRACKING_TOKEN": "token-1"}, "Bearer token-1"),
        (
            {"MLFLOW_TRACKING_USERNAME": "ada", "MLFLOW_TRACKING_PASSWORD": "word"},
            "Basic " + base64.b64encode(b"ada:word").decode(),
        ),
    ],
)
def test_mlflow_is_told_who_asks(monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], header: str) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with MLflowServer() as server:
        track(monkeypatch, server, SmallStudy())
        assert {headers.get("authorization") for headers in server.headers} == {header}


def test_a_run_needs_no_mlflow(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    with closed_port() as port:
        monkeypatch.setenv("MLFLOW_TRACKING_URI", f"http://127.0.0.1:{port}")
        assert run_study(SmallStudy(), {"subject": WatchedModel()}).is_complete
    assert "tracker switched off" in capfd.readouterr().err
    with MLflowServer(refuses=500) as server:
        monkeypatch.setenv("MLFLOW_TRACKING_URI", server.url)
        assert run_study(SmallStudy(), {"subject": WatchedModel()}).is_complete
    assert "tracker switched off" in capfd.readouterr().err


def test_only_a_server_is_spoken_to(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    assert open_mlflow() is None
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "sqlite:///mlflow.db")
    assert run_study(SmallStudy(), {"subject": WatchedModel()}).is_complete
    assert "no http(s) address" in capfd.readouterr().err


async def test_an_address_that_is_not_mlflow_is_refused() -> None:
    with ChatServer() as server:
        tracked = Tracked("n", {}, {})
        with pytest.raises(InputError, match="there is no experiments/create"):
            await MLflow(server.url, "personae").start(tracked)


def test_neither_words_nor_keys_are_tracked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", CANARY)

    async def observe(cell: Cell, lab: Lab) -> Observation:
        from personae.model import Request

        reply = await lab.model().generate(Request.of("secret prompt"))
        return Observation("ok", {"answers": [reply.text]})

    with MLflowServer() as tracking, ChatServer("secret reply", plan=[fail(400, f"secret {CANARY}")]) as server:
        monkeypatch.setenv("MLFLOW_TRACKING_URI", tracking.url)
        run_study(SmallStudy(how=observe), {"subject": open_model(f"{server.url}#mock")}, workers=1)
        assert CANARY in str(server.headers)
        sent = b"".join(tracking.bodies)
        assert b"calls/failed" in sent
        assert b"secret" not in sent
        assert b"canary" not in sent
        assert CANARY not in str(tracking.headers)


class FakeWandb(ModuleType):
    """Stands in for the package: writes down how it is called."""

    def __init__(self) -> None:
        super().__init__("wandb")
        self.settings: dict[str, Any] = {}
        self.logged: list[tuple[dict[str, Any], int | None]] = []
        self.summary: dict[str, Any] = {}
        self.exit_code: int | None = None

    def init(self, **settings: Any) -> FakeWandb:
        self.settings = settings
        return self

    def log(self, data: dict[str, Any], step: int | None = None) -> None:
        self.logged.append((data, step))

    def finish(self, exit_code: int | None = None) -> None:
        self.exit_code = exit_code


def test_wandb_has_configuration_progress_and_findings(monkeypatch: pytest.MonkeyPatch) -> None:
    package = FakeWandb()
    monkeypatch.setenv("WANDB_API_KEY", CANARY)
    monkeypatch.setenv("WANDB_PROJECT", "mine")
    monkeypatch.setitem(sys.modules, "wandb", package)
    run_study(SmallStudy(persons=3), {"subject": WatchedModel()})
    assert package.settings["project"] == "mine"
    assert package.settings["config"]["model.subject"] == "watched"
    assert package.settings["settings"]["console"] == "off"
    assert package.logged[-1][1] == 3
    assert package.logged[-1][0]["cells/done"] == 3
    assert package.summary["finding/distinct answers"] == 6
    assert package.summary["ending"] == "complete"
    assert package.exit_code == 0
    assert CANARY not in str(vars(package))


def test_wandb_learns_that_a_run_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    async def observe(cell: Cell, lab: Lab) -> Observation:
        await lab.model().generate(question(cell, 0))
        raise ValueError("private words")

    package = FakeWandb()
    with pytest.raises(ValueError, match="private"):
        run_study(
            SmallStudy(how=observe),
            {"subject": WatchedModel()},
            hooks=[TrackerHook("wandb", WeightsAndBiases(package))],
        )
    assert package.exit_code == 1
    assert package.settings["project"] == "personae"
    assert "private" not in str(vars(package))


def test_a_key_without_the_package_is_told_of(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    assert open_wandb() is None
    monkeypatch.setenv("WANDB_API_KEY", CANARY)
    monkeypatch.setitem(sys.modules, "wandb", None)
    assert run_study(SmallStudy(), {"subject": WatchedModel()}).is_complete
    said = capfd.readouterr().err
    assert "the package wandb cannot be imported" in said
    assert "canary" not in said


def test_trackers_are_found_by_their_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    assert find_hooks() == []
    monkeypatch.setenv("WANDB_API_KEY", CANARY)
    monkeypatch.setitem(sys.modules, "wandb", FakeWandb())
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    assert [hook.name for hook in find_hooks()] == ["mlflow", "wandb"]
