"""What watches over a run from outside of it: its log and its hooks, from its start to its end, however it ends."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from personae.errors import ConflictError, PersonaeError, StorageError
from personae.logs import Log, open_log
from personae.model import ProviderError
from personae.study.hooks import Ending, Hook, Hooks, RunEnd, RunStart
from personae.study.protocol import Study
from personae.study.tally import Tally

if TYPE_CHECKING:
    from personae.study.runner import Outcome

LOG_FILE = "run.log"
"""JSON lines all the same; files called ``*.jsonl`` are read as recorded calls by ``replay/<folder>``."""


class Watch:
    """Log and hooks of one run."""

    def __init__(self, study: Study, folder: Path | None, log: Log, hooks: Hooks | None) -> None:
        self.hooks = hooks
        """``None`` if there are none, so that the question costs nothing."""
        self._study = study
        self._folder = folder
        self._log = log
        self._began = 0.0
        self._tally: Tally | None = None

    def start(self, record: Mapping[str, Any], tally: Tally, **settings: Any) -> None:
        """The run begins, its folder is its own.

        Args:
            record: What is run, as the folder has it.
            tally: Running totals.
            **settings: What changes no answer, for the log: workers, limit ...
        """
        self._began, self._tally = time.monotonic(), tally
        if self._folder is not None:
            self._log.keep(self._folder / LOG_FILE)
        told = {name: record[name] for name in ("study", "fingerprint", "seed", "models", "versions")}
        names = self.hooks.names if self.hooks is not None else []
        self._log.note("info", "run started", **told, **settings, hooks=names, cells=tally.total)
        if self.hooks is not None:
            self._log.listeners.append(self.hooks.noted)
            self.hooks.start(RunStart(record, tally, self._folder))

    def finish(self, outcome: Outcome) -> None:
        """The run ended by itself: done, limited, or at its budget."""
        ending: Ending = "complete" if outcome.is_complete else "stopped" if outcome.stopped else "incomplete"
        self._end(RunEnd(ending, outcome.tally, lambda: outcome.table, self._study.measure), reason=outcome.stopped)

    def give_up(self, error: BaseException) -> None:
        """The run ended by an error or an interruption; nothing if it had not begun."""
        if self._tally is not None:
            is_interrupted = isinstance(error, KeyboardInterrupt)
            end = RunEnd("interrupted" if is_interrupted else "failed", self._tally, error=error)
            self._end(end, **({} if is_interrupted else describe_error(error)))

    def _end(self, end: RunEnd, **fields: Any) -> None:
        tally, self._tally = end.tally, None
        self._log.note(
            "info",  # whoever started the run is told by its outcome or its error
            f"run {end.ending}",
            **{name: value for name, value in fields.items() if value},
            cells=sum(tally.statuses.values()),
            cells_from_before=tally.resumed,
            statuses=dict(tally.statuses),
            calls=tally.calls,
            cached_calls=tally.cached_calls,
            failed_calls=tally.failed_calls,
            input_tokens=tally.usage.input_tokens,
            output_tokens=tally.usage.output_tokens,
            cost=None if tally.has_unknown_cost else tally.cost,
            seconds=round(time.monotonic() - self._began, 3),
        )
        if self.hooks is not None:
            self.hooks.end(end)


def describe_error(error: BaseException) -> dict[str, Any]:
    """What may be told of an error: its kind. What it says may quote a prompt or a reply."""
    fields: dict[str, Any] = {"error": type(error).__name__}
    if isinstance(error, ProviderError):
        fields |= {"model": error.where, "kind": error.kind, "status": error.status, "request_id": error.request_id}
    elif isinstance(error, (StorageError, ConflictError)):
        fields |= {"what": error.what, "where": error.where}
    elif isinstance(error, PersonaeError):
        fields["code"] = error.code
    return fields


@contextlib.contextmanager
def watched(study: Study, folder: Path | None, hooks: Sequence[Hook], *, finds_hooks: bool) -> Iterator[Watch]:
    """Open the log of a run and its hooks, and see to it that they hear of its end.

    Args:
        study: What is run.
        folder: Where the run is kept, if it is.
        hooks: Hooks that were given.
        finds_hooks: Whether those that the environment asks for are added.

    Raises:
        InputError: If a setting of the log or of a hook is not known.
        MissingExtraError: If a hook lacks a library.
    """
    with open_log() as log:
        chosen = list(hooks)
        if finds_hooks:
            from personae.study.watch import find_hooks

            chosen += find_hooks(without=[hook.name for hook in chosen])
        watch = Watch(study, folder, log, Hooks(chosen) if chosen else None)
        try:
            yield watch
        except BaseException as error:
            watch.give_up(error)
            raise
