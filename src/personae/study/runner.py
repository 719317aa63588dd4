"""Running a study: a pool of workers over a streamed design, a ledger that makes every start a continuation."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sized
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from personae.canonical import derive_seed
from personae.errors import InputError
from personae.model import Model, ProviderError, Remote, identity_of
from personae.study.cell import Cell
from personae.study.folder import RunFolder
from personae.study.lab import Bench, Lab
from personae.study.ledger import Ledger
from personae.study.observation import Observation
from personae.study.progress import Quiet, Watcher
from personae.study.protocol import Study
from personae.study.record import make_record
from personae.study.table import build_table
from personae.study.tally import Tally

if TYPE_CHECKING:
    import polars as pl

DEFAULT_WORKERS = 32


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a start of a run came to."""

    table: pl.DataFrame
    """One row a finished cell, those of earlier starts included."""
    tally: Tally
    is_complete: bool
    """Whether every cell of the design has been observed."""


def run_study(
    study: Study,
    models: Mapping[str, Model],
    *,
    folder: Path | None = None,
    seed: int = 0,
    workers: int = DEFAULT_WORKERS,
    limit: int | None = None,
    watcher: Watcher | None = None,
    details: Mapping[str, Any] | None = None,
) -> Outcome:
    """Run a study, or continue the run that the folder holds.

    Interrupting (Ctrl-C) keeps every finished call and cell; the same call again asks for the rest.

    Args:
        study: What to run.
        models: Models by role.
        folder: Where the run is kept. ``None`` runs in a temporary folder, for rehearsals whose table is all one wants.
        seed: Seed of the design and of every draw; 0 is a seed like any other.
        workers: Cells observed at once.
        limit: Observe only the first cells of the design.
        watcher: Who is told of progress.
        details: Further fields for the record of the run (the command, the options of models).

    Raises:
        ConflictError: If the folder holds a different run.
        ProviderError: If no call can succeed (no key, no such model, nobody there).
    """
    job = _Job(study, models, seed, workers, limit, watcher or Quiet(), details or {})
    if folder is not None:
        with RunFolder(folder) as held:
            return asyncio.run(job.run(held, is_durable=True))
    with tempfile.TemporaryDirectory(prefix="personae-") as scratch:
        return asyncio.run(job.run(RunFolder(Path(scratch)), is_durable=False))


@dataclass(frozen=True, slots=True)
class _Job:
    study: Study
    models: Mapping[str, Model]
    seed: int
    workers: int
    limit: int | None
    watcher: Watcher
    details: Mapping[str, Any]

    async def run(self, folder: RunFolder, *, is_durable: bool) -> Outcome:
        missing = [role for role in self.study.roles if role not in self.models]
        if missing:
            raise InputError(
                f"nobody plays the role {missing[0]!r}", where=self.study.name, remedy="name a model for it"
            )
        try:
            for model in self._remote_models():
                await model.check()
            folder.claim(make_record(self.study, self.models, self.seed, self.details))
            ledger = Ledger(folder.ledger_file, is_durable=is_durable)
            try:
                return await self._observe_all(folder, ledger)
            finally:
                ledger.close()
        finally:
            for model in self._remote_models():
                await model.aclose()

    def _remote_models(self) -> list[Remote]:
        unique = {id(model): model for model in self.models.values()}
        return [model for model in unique.values() if isinstance(model, Remote)]

    async def _observe_all(self, folder: RunFolder, ledger: Ledger) -> Outcome:
        tally = Tally()
        identities = {role: identity_of(model) for role, model in self.models.items()}
        bench = Bench(self.models, identities, ledger, tally, self.seed, folder.path)
        cells = self._cells(tally)
        queue = _Queue(cells, ledger, tally)
        self.watcher.start(tally)
        try:
            await self._work(bench, queue)
        finally:
            self.watcher.stop(tally)
        table = build_table(ledger.rows(), self.models["subject"].name)
        return Outcome(table, tally, queue.is_exhausted)

    def _cells(self, tally: Tally) -> Iterable[Cell]:
        import numpy as np

        design = self.study.design(np.random.default_rng(derive_seed(self.seed, "design")))
        total = len(design) if isinstance(design, Sized) else None
        if self.limit is not None:
            tally.total = self.limit if total is None else min(total, self.limit)
            return islice(design, self.limit)
        tally.total = total
        return design

    async def _work(self, bench: Bench, queue: _Queue) -> None:
        tasks = [asyncio.create_task(self._worker(bench, queue)) for _ in range(self.workers)]
        with _interruptible(tasks):
            try:
                await asyncio.gather(*tasks)
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)

    async def _worker(self, bench: Bench, queue: _Queue) -> None:
        for cell in queue:
            lab = Lab(cell, bench, queue.answered.get(cell.key))
            try:
                observation = await self.study.observe(cell, lab)
            except ProviderError as error:
                if error.is_hopeless:
                    raise
                observation = Observation("failed", detail=str(error))
            await bench.ledger.add_observation(cell, observation)
            bench.tally.statuses[observation.status] += 1
            self.watcher.update(bench.tally)
            await asyncio.sleep(0)  # a model that answers without waiting must not starve the others


class _Queue:
    """The cells that are still to be observed, shared by all workers."""

    def __init__(self, cells: Iterable[Cell], ledger: Ledger, tally: Tally) -> None:
        self._cells = iter(cells)
        self._finished = ledger.finished_cells()
        self._taken: set[str] = set()
        self._tally = tally
        self.answered = ledger.unfinished_replies()
        self.is_exhausted = False

    def __iter__(self) -> Iterator[Cell]:
        return self

    def __next__(self) -> Cell:
        while True:
            cell = next(self._cells, None)
            if cell is None:
                self.is_exhausted = True
                raise StopIteration
            if cell.key in self._taken:
                raise InputError(
                    f"the design has the same cell twice: {dict(cell.factors)}", remedy="add a factor such as replicate"
                )
            self._taken.add(cell.key)
            if cell.key not in self._finished:
                return cell
            self._tally.resumed += 1


@contextlib.contextmanager
def _interruptible(tasks: list[asyncio.Task[None]]) -> Iterator[None]:
    """Let the first Ctrl-C cancel the tasks in good order; what they had finished is already in the ledger."""
    loop = asyncio.get_running_loop()

    def interrupt() -> None:
        for task in tasks:
            task.cancel("interrupted")

    try:
        loop.add_signal_handler(signal.SIGINT, interrupt)
        loop.add_signal_handler(signal.SIGTERM, interrupt)
    except (ValueError, RuntimeError, NotImplementedError):  # not the main thread, or no signals here
        yield
        return
    try:
        yield
    except asyncio.CancelledError as error:
        raise KeyboardInterrupt from error
    finally:
        loop.remove_signal_handler(signal.SIGINT)
        loop.remove_signal_handler(signal.SIGTERM)
