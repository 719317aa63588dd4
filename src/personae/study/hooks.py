"""Hooks: who wants to know what a run does while it does it, for tracing, metrics and trackers.

A hook is an object of a subclass of :class:`Hook`. It is given to ``run_study(hooks=...)``, or found by an entry point
in the group ``personae.hooks``: a function without arguments that returns a hook, or ``None`` where its environment is
absent.
"""

from __future__ import annotations

import contextlib
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from personae.errors import InputError, MissingExtraError
from personae.logs import Level, note
from personae.model import ProviderError, Reply, Request
from personae.study.cell import Cell
from personae.study.finding import Finding
from personae.study.observation import Observation
from personae.study.tally import Tally

if TYPE_CHECKING:
    import polars as pl

ENTRY_POINTS = "personae.hooks"

Ending = Literal["complete", "incomplete", "stopped", "interrupted", "failed"]
"""Every cell is observed; a limit left cells out; a budget did; Ctrl-C; an error."""


@dataclass(frozen=True, slots=True)
class RunStart:
    """A run that begins or goes on."""

    record: Mapping[str, Any]
    """What is run: study, parameters, models by role, seed, versions, ``fingerprint``."""
    tally: Tally
    """Running totals, kept up to date while the run goes on."""
    folder: Path | None
    """The run folder; ``None`` if the run is not kept."""


@dataclass(frozen=True, slots=True)
class Call:
    """A call that begins."""

    cell: Cell
    role: str
    model: str
    request: Request
    """Holds the prompt: a hook that passes it on must have been asked to."""
    started: int
    """Nanoseconds since 1970."""


@dataclass(frozen=True, slots=True)
class CallEnd:
    """A call that was answered or given up."""

    call: Call
    reply: Reply | None
    """Holds what the model wrote; ``None`` if there was no answer."""
    error: ProviderError | None
    """Why there was none."""
    cost: float | None
    """US dollars; ``None`` if the price is not known."""
    is_cached: bool
    """Whether the answer is one that was had before: from the cache, or from an earlier start of the run."""
    ended: int
    """Nanoseconds since 1970."""

    @property
    def seconds(self) -> float:
        """How long the call took, with its repetitions and all waiting."""
        return (self.ended - self.call.started) / 1e9


@dataclass(frozen=True, slots=True)
class CellEnd:
    """A cell that is finished."""

    cell: Cell
    observation: Observation | None
    """``None`` if the run ended before the cell did."""
    started: int
    ended: int
    """Nanoseconds since 1970."""


@dataclass(frozen=True)
class RunEnd:
    """A run that ends, for whatever reason."""

    ending: Ending
    tally: Tally
    read_table: Callable[[], pl.DataFrame] | None = None
    measure: Callable[[pl.DataFrame], list[Finding]] | None = None
    error: BaseException | None = None

    @cached_property
    def table(self) -> pl.DataFrame | None:
        """One row a finished cell, read when first asked for; ``None`` if the run was interrupted or failed."""
        return None if self.read_table is None else self.read_table()

    @cached_property
    def findings(self) -> Sequence[Finding]:
        """What the study finds, measured when first asked for; nothing where it cannot be measured."""
        if self.table is None or self.measure is None:
            return ()
        try:
            return self.measure(self.table)
        except Exception as error:  # a table that is not whole may be more than a study can take
            note("warning", "findings could not be measured for hooks", error=type(error).__name__)
            return ()


class Hook:
    """Is told what a run does. Every method does nothing until it is overridden.

    Methods are called in the thread of the run, between its calls: they must return at once, and leave what takes time
    to a thread of their own. A hook that raises is switched off for the rest of the run, which goes on. Only an
    ``InputError`` or ``MissingExtraError`` of ``run_started`` ends the run, before its first call.

    Example:
        >>> class Count(Hook):
        ...     name = "count"
        ...     calls = 0
        ...
        ...     def call_finished(self, end: CallEnd) -> None:
        ...         self.calls += 1
    """

    name: str = ""
    """What the hook is called in messages."""

    def run_started(self, run: RunStart) -> None:
        """A run begins."""

    def cell_started(self, cell: Cell) -> None:
        """A cell begins."""

    def call_started(self, call: Call) -> None:
        """A call begins."""

    def call_finished(self, end: CallEnd) -> None:
        """A call was answered or given up; calls that the end of the run cut off have no end."""

    def cell_finished(self, end: CellEnd) -> None:
        """A cell is finished."""

    def noted(self, level: Level, event: str, fields: Mapping[str, Any]) -> None:
        """Something was told to the log, such as ``call repeated``; may come from another thread."""

    def run_ended(self, end: RunEnd) -> None:
        """The run ends, done or not. Called once if ``run_started`` was; the place to give back what is held."""


_METHODS = ("cell_started", "call_started", "call_finished", "cell_finished", "noted")


class OpenCall:
    """A call that hooks are told of when it ends."""

    __slots__ = ("_call", "_hooks")

    def __init__(self, hooks: Hooks, call: Call) -> None:
        self._hooks = hooks
        self._call = call

    def answered(self, reply: Reply, cost: float | None, *, is_cached: bool) -> None:
        """The call was answered."""
        self._hooks.tell("call_finished", CallEnd(self._call, reply, None, cost, is_cached, time.time_ns()))

    def failed(self, error: ProviderError) -> None:
        """The call was given up."""
        self._hooks.tell("call_finished", CallEnd(self._call, None, error, None, False, time.time_ns()))


class Hooks:
    """The hooks of one run, called one after the other; one that raises is switched off."""

    def __init__(self, hooks: Sequence[Hook]) -> None:
        self._hooks = list(hooks)
        self._open: dict[str, tuple[Cell, int]] = {}
        self._told: dict[str, list[Hook]] = {}
        self._started: list[Hook] = []
        self._choose()

    @property
    def names(self) -> list[str]:
        """What the hooks are called."""
        return [_name(hook) for hook in self._hooks]

    def _choose(self) -> None:
        """Who overrides a method, so that nobody else is called."""
        for method in _METHODS:
            base = getattr(Hook, method)
            self._told[method] = [hook for hook in self._hooks if getattr(type(hook), method) is not base]

    def start(self, run: RunStart) -> None:
        """The run begins.

        Raises:
            InputError: If a hook cannot do what the user asked it to.
            MissingExtraError: If it lacks a library.
        """
        for hook in list(self._hooks):
            self._started.append(hook)  # it is told of the end too, to give back what it already holds
            try:
                hook.run_started(run)
            except (InputError, MissingExtraError):
                raise
            except Exception as error:
                self._switch_off(hook, error)

    def cell_started(self, cell: Cell) -> None:
        """A cell begins."""
        self._open[cell.key] = (cell, time.time_ns())
        self.tell("cell_started", cell)

    def call_started(self, cell: Cell, role: str, model: str, request: Request) -> OpenCall:
        """A call begins; whoever makes it tells what is returned how it ends."""
        call = Call(cell, role, model, request, time.time_ns())
        self.tell("call_started", call)
        return OpenCall(self, call)

    def cell_finished(self, cell: Cell, observation: Observation | None) -> None:
        """A cell ends."""
        started = self._open.pop(cell.key)[1]
        self.tell("cell_finished", CellEnd(cell, observation, started, time.time_ns()))

    def noted(self, level: Level, event: str, fields: Mapping[str, Any]) -> None:
        """Something was told to the log."""
        for hook in tuple(self._told["noted"]):
            try:
                hook.noted(level, event, fields)
            except Exception as error:
                self._switch_off(hook, error)

    def end(self, end: RunEnd) -> None:
        """The run ends; cells that are still open end with it."""
        for cell, _ in list(self._open.values()):
            self.cell_finished(cell, None)
        started, self._started = self._started, []
        for hook in started:
            try:
                hook.run_ended(end)
            except Exception as error:
                self._switch_off(hook, error)

    def tell(self, method: str, event: object) -> None:
        """Call a method of all hooks that have it."""
        for hook in self._told[method]:
            try:
                getattr(hook, method)(event)
            except Exception as error:
                self._switch_off(hook, error)

    def _switch_off(self, hook: Hook, error: Exception) -> None:
        if hook not in self._hooks:  # it was told of the end, to give back what it holds, and raised again
            return
        self._hooks = [one for one in self._hooks if one is not hook]
        self._choose()
        note("warning", "hook switched off", hook=_name(hook), error=type(error).__name__, at=_place(error))
        if hook in self._started:
            self._started = [one for one in self._started if one is not hook]
            with contextlib.suppress(Exception):
                hook.run_ended(RunEnd("failed", Tally(), error=error))


def _name(hook: Hook) -> str:
    return hook.name or type(hook).__name__


def _place(error: BaseException) -> str:
    """Where an error was raised. What it says may quote a prompt, and is not told."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
