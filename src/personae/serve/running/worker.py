"""The process of one run: ``python -m personae.serve.running.worker`` with what is asked for on its standard input.

A process of its own keeps the server's answers quick, ends in good order when it is interrupted, as a command does, and
stops by itself when the server is gone: its input ends then. It tells of its progress in lines of JSON, and keeps how
it ended in the run's folder for a server that comes later.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from personae.errors import PersonaeError
from personae.serve.running.plan import Plan
from personae.serve.running.state import keep_state
from personae.study import Budget
from personae.study.tally import Tally

_TELL_SECONDS = 0.25
_KEEP_SECONDS = 3.0
_BEAT_SECONDS = 2.0
"""After so long it is told that nothing new is there: time passes while a model thinks, or does not answer."""


class Teller:
    """Tells of a run's progress a few times a second, and keeps it now and then."""

    def __init__(self, folder: Path, state: Mapping[str, Any]) -> None:
        self._folder = folder
        self._state = state
        self._began = time.monotonic()
        self._told = self._kept = 0.0
        self._one = threading.Lock()
        self._is_over = threading.Event()
        self.progress: dict[str, Any] | None = None

    def start(self, tally: Tally) -> None:
        """The run begins."""
        self._began = time.monotonic()
        self._tell(tally, self._began)
        threading.Thread(target=self._beat, args=(tally,), daemon=True).start()

    def update(self, tally: Tally) -> None:
        """A cell was finished."""
        now = time.monotonic()
        if now - self._told >= _TELL_SECONDS:
            self._tell(tally, now)

    def stop(self, tally: Tally) -> None:
        """The run ends, done or not."""
        self._is_over.set()
        self._tell(tally, time.monotonic())

    def _beat(self, tally: Tally) -> None:
        while not self._is_over.wait(_BEAT_SECONDS):
            now = time.monotonic()
            if now - self._told >= _BEAT_SECONDS:
                self._tell(tally, now)

    def _tell(self, tally: Tally, now: float) -> None:
        with self._one:
            self._told = now
            self.progress = progress_of(tally, now - self._began)
            say("progress", self.progress)
            if now - self._kept >= _KEEP_SECONDS and self._folder.is_dir():
                self._kept = now
                keep_state(self._folder, {**self._state, "state": "running", "progress": self.progress})


def progress_of(tally: Tally, seconds: float) -> dict[str, Any]:
    """How far a run is, as JSON.

    Example:
        >>> progress_of(Tally(total=10, resumed=4), 2.0)["done"]
        4
    """
    fresh = sum(tally.statuses.values())
    left = None if tally.total is None else max(0, tally.total - tally.done)
    return {
        "done": tally.done,
        "total": tally.total,
        "resumed": tally.resumed,
        "statuses": dict(tally.statuses),
        "calls": tally.calls,
        "cached_calls": tally.cached_calls,
        "failed_calls": tally.failed_calls,
        "input_tokens": tally.usage.input_tokens,
        "output_tokens": tally.usage.output_tokens,
        "cost": None if tally.has_unknown_cost else tally.cost,
        "seconds": seconds,
        "eta": left * seconds / fresh if fresh and left is not None else None,
        "waiting_for": tally.awaited,
    }


def say(name: str, data: Any) -> None:
    """Tell the server something; it may be gone."""
    with contextlib.suppress(OSError):
        sys.stdout.write(json.dumps({name: data}) + "\n")
        sys.stdout.flush()


def run(order: Mapping[str, Any]) -> dict[str, Any]:
    """Run what is ordered to its end, or until it is interrupted; gives how it ended."""
    plan, folder = Plan.from_json(order["plan"]), Path(order["folder"])
    state = {"plan": plan.to_json(), "kind": plan.kind, "key": plan.key, "title": plan.title}
    teller = Teller(folder, state)
    limits = (order.get("cost_limit"), order.get("token_limit"))
    try:
        outcome, conclusion = plan.launch().run(
            folder=folder,
            workers=int(order.get("workers", 32)),
            limit=order.get("limit"),
            budget=Budget(*limits) if any(limit is not None for limit in limits) else None,
            use_cache=True,
            is_quiet=True,
            watcher=teller,
        )
        failed = conclusion.statuses.get("whole observation", {}).get("failed", 0)
        if outcome.is_complete:
            ended = {
                "state": "complete",
                "detail": f"{failed} cells failed; going on asks them again" if failed else "",
            }
        elif outcome.stopped:
            ended = {"state": "stopped", "detail": f"{outcome.stopped}; it goes on with a higher limit"}
        else:
            ended = {
                "state": "stopped",
                "detail": f"{outcome.tally.done} cells, as many as it was limited to, are done",
            }
    except KeyboardInterrupt:
        ended = {"state": "stopped", "detail": "stopped; whatever was finished is kept"}
    except PersonaeError as error:
        ended = {"state": "failed", "detail": str(error)}
    except Exception as error:  # a study's own fault must not look like a run that goes on
        ended = {"state": "failed", "detail": f"{type(error).__name__}: {error}"[:2000]}
    if folder.is_dir():
        keep_state(folder, {**state, **ended, "progress": teller.progress})
    return ended


def estimate(order: Mapping[str, Any]) -> dict[str, Any]:
    """What the ordered run is expected to take; no model is asked."""
    forecast = Plan.from_json(order["plan"]).launch().forecast(limit=order.get("limit"))
    return {
        "cells": forecast.cells,
        "tried": forecast.tried,
        "tokens": forecast.tokens,
        "cost": forecast.cost,
        "roles": [asdict(expense) for expense in forecast.expenses],
    }


def _end_with_the_server() -> None:
    """Interrupt the run when the server asks for it, or is no more."""
    sys.stdin.readline()
    os.kill(os.getpid(), signal.SIGINT)


def main() -> None:
    """Do what the first line of the standard input orders."""
    order = json.loads(sys.stdin.readline())
    try:
        if order["do"] == "estimate":
            say("estimate", estimate(order))
        else:
            threading.Thread(target=_end_with_the_server, daemon=True).start()
            say("ended", run(order))
    except PersonaeError as error:
        say("refused", {"code": error.code, "what": error.what, "where": error.where, "remedy": error.remedy})
    except Exception as error:  # of a study, while it was tried
        what = f"a fault of personae: {type(error).__name__}: {error}"[:2000]
        say("refused", {"code": "unexpected", "what": what, "where": "", "remedy": "please report it"})
    except KeyboardInterrupt:
        say("ended", {"state": "stopped", "detail": "stopped before it began"})
    sys.stdout.flush()
    os._exit(0)  # threads of libraries must not hold up a process that has told all


if __name__ == "__main__":
    main()
