"""Experiment trackers: parameters at the start of a run, figures every few seconds, findings at its end."""

from __future__ import annotations

import asyncio
import math
import queue
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from personae.logs import current_log
from personae.study.finding import Finding
from personae.study.hooks import CellEnd, Ending, Hook, RunEnd, RunStart
from personae.study.tally import Tally

_EVERY_SECONDS = 5.0
_LAST_SECONDS = 10.0
"""How long the end of a run waits for the tracker."""
_LONGEST_VALUE = 250


@dataclass(frozen=True, slots=True)
class Tracked:
    """A run, as trackers know it."""

    name: str
    parameters: Mapping[str, str]
    tags: Mapping[str, str]


class Destination(Protocol):
    """Where figures go. Its methods are called one after the other, in a thread and an event loop of their own."""

    async def start(self, run: Tracked) -> None:
        """A run begins."""
        ...

    async def log(self, figures: Mapping[str, float], step: int) -> None:
        """Keep figures of a run that is ``step`` cells far."""
        ...

    async def finish(self, figures: Mapping[str, float], ending: Ending, step: int) -> None:
        """The run ends; the figures are its findings."""
        ...


class TrackerHook(Hook):
    """Tells a tracker of a run, without waiting for it.

    Args:
        name: What the tracker is called.
        destination: The tracker.
        every: Seconds between two reports of progress.
    """

    def __init__(self, name: str, destination: Destination, *, every: float = _EVERY_SECONDS) -> None:
        self.name = name
        self._destination = destination
        self._every = every
        self._orders: queue.SimpleQueue[tuple[str, tuple[Any, ...]] | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._log = current_log()
        self._tally = Tally()
        self._reported = 0.0

    def run_started(self, run: RunStart) -> None:
        """Tell what is run."""
        self._log = current_log() or self._log
        self._tally = run.tally
        self._reported = time.monotonic()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), name=self.name, daemon=True)
        self._thread.start()
        self._order("start", describe_run(run))

    def cell_finished(self, end: CellEnd) -> None:
        """Tell how far the run is, if the last time is long enough ago."""
        now = time.monotonic()
        if now - self._reported >= self._every:
            self._reported = now
            self._order("log", dict(progress_figures(self._tally)), self._tally.done)

    def run_ended(self, end: RunEnd) -> None:
        """Tell what the run came to, and wait a little for the tracker to have it."""
        if self._thread is None or not self._thread.is_alive():
            return
        self._order("log", dict(progress_figures(self._tally)), self._tally.done)
        self._order("finish", dict(finding_figures(end.findings)), end.ending, self._tally.done)
        self._orders.put(None)
        self._thread.join(_LAST_SECONDS)
        if self._thread.is_alive():
            self._complain("tracker does not answer")

    def _order(self, method: str, *arguments: Any) -> None:
        self._orders.put((method, arguments))

    async def _serve(self) -> None:
        while (order := self._orders.get()) is not None:
            method, arguments = order
            try:
                await getattr(self._destination, method)(*arguments)
            except Exception as error:
                self._complain("tracker switched off", error=type(error).__name__)
                return

    def _complain(self, event: str, **fields: Any) -> None:
        if self._log is not None:  # the thread has a context of its own
            self._log.note("warning", event, tracker=self.name, **fields)


def describe_run(run: RunStart) -> Tracked:
    """Name, parameters and tags of a run: settings, hashes and names, no text of prompts or replies."""
    record = run.record
    short = str(record["fingerprint"])[:8]
    models = {f"model.{role}": model["name"] for role, model in record["models"].items()}
    flat = dict(_flatten("parameter", record["parameters"]))
    name = run.folder.name if run.folder is not None else f"{record['study']}-{short}"
    tags = {
        "personae.study": str(record["study"]),
        "personae.run.fingerprint": str(record["fingerprint"]),
        "personae.version": str(record["versions"]["personae"]),
    }
    return Tracked(name, {"study": str(record["study"]), "seed": str(record["seed"]), **models, **flat}, tags)


def progress_figures(tally: Tally) -> Iterator[tuple[str, float]]:
    """How far a run is.

    Example:
        >>> dict(progress_figures(Tally(resumed=2, calls=4, cached_calls=1)))["calls/cached"]
        1.0
    """
    yield "cells/done", float(tally.done)
    yield "cells/from_before", float(tally.resumed)
    for status, count in tally.statuses.items():
        yield f"cells/{status}", float(count)
    yield "calls/made", float(tally.calls)
    yield "calls/cached", float(tally.cached_calls)
    yield "calls/failed", float(tally.failed_calls)
    yield "tokens/input", float(tally.usage.input_tokens)
    yield "tokens/output", float(tally.usage.output_tokens)
    if not tally.has_unknown_cost:
        yield "cost", tally.cost


def finding_figures(findings: Sequence[Finding]) -> Iterator[tuple[str, float]]:
    """Estimate, interval and n of each finding; the convention is part of the name where it would not be unique."""
    names = [finding.name for finding in findings]
    subjects = {finding.subject for finding in findings}
    for finding in findings:
        parts = ["finding", finding.name]
        if len(subjects) > 1:
            parts.append(finding.subject)
        if names.count(finding.name) > len(subjects):
            parts += finding.conventions[:1]
        name = "/".join(part for part in parts if part)
        for what, value in (("", finding.estimate), ("/low", finding.low), ("/high", finding.high), ("/n", finding.n)):
            if math.isfinite(value):
                yield name + what, float(value)


def _flatten(place: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _flatten(f"{place}.{key}", inner)
    else:
        yield place, str(value)[:_LONGEST_VALUE]
