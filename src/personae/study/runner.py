"""Running a study: a pool of workers over a streamed design, a ledger that makes every start a continuation."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence, Sized
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from personae.canonical import derive_seed
from personae.errors import InputError
from personae.model import Model, ProviderError, Remote, identity_of
from personae.study.budget import Budget, BudgetReached, Purse, check_prices
from personae.study.cell import Cell
from personae.study.folder import RunFolder, read_record
from personae.study.hooks import Hook
from personae.study.lab import Bench, Lab
from personae.study.ledger import Ledger
from personae.study.observation import Observation
from personae.study.progress import Quiet, Watcher
from personae.study.protocol import Study
from personae.study.record import make_record
from personae.study.shard import Shard
from personae.study.table import RESERVED, build_table
from personae.study.tally import Tally
from personae.study.watching import Watch, watched

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
    stopped: str = ""
    """Why the run ended before its design did, if a budget ended it."""


def run_study(
    study: Study,
    models: Mapping[str, Model],
    *,
    folder: Path | None = None,
    seed: int = 0,
    workers: int = DEFAULT_WORKERS,
    limit: int | None = None,
    budget: Budget | None = None,
    shard: Shard | None = None,
    watcher: Watcher | None = None,
    details: Mapping[str, Any] | None = None,
    hooks: Sequence[Hook] = (),
    finds_hooks: bool = True,
) -> Outcome:
    """Run a study, or continue the run that the folder holds.

    Interrupting (Ctrl-C) keeps every finished call and cell; the same call again asks for the rest.

    Args:
        study: What to run.
        models: Models by role.
        folder: Where the run is kept. ``None`` runs in a temporary folder, for rehearsals whose table is all one wants.
        seed: Seed of the design and of every draw; 0 is a seed like any other.
        workers: Cells observed at once.
        limit: Observe only so many cells, the first of the design.
        budget: What the run may spend, earlier starts included. A run that reaches it ends in good order, and goes on
            when it is started with a larger one.
        shard: Observe only the cells that fall to this part; ``merge_runs`` brings parts together.
        watcher: Who is told of progress.
        details: Further fields for the record of the run (the command, the options of models).
        hooks: Who is told of every call and cell.
        finds_hooks: Whether the hooks that the environment asks for are added to these.

    Raises:
        ConflictError: If the folder holds a different run.
        ProviderError: If no call can succeed (no key, no such model, nobody there).
        MissingExtraError: If a hook that the environment asks for lacks its library.
        InputError: If a number makes no sense, a role is not filled, the study names a column or a cell twice, an
            event loop is running already, or a budget in dollars is set on a model without a known price.
    """
    for name, value, least in (("workers", workers, 1), ("limit", limit, 0)):
        if value is not None and value < least:
            raise InputError(f"{value} is too few", where=name, remedy=f"give at least {least}")
    with contextlib.suppress(RuntimeError):
        asyncio.get_running_loop()
        raise InputError(
            "an event loop is running in this thread already",
            where="run_study",
            remedy="in a notebook or server write: await asyncio.to_thread(run_study, ...)",
        )
    if budget is not None:
        check_prices(budget, {role: model.name for role, model in models.items()})
    with watched(study, folder, hooks, finds_hooks=finds_hooks) as watch:
        job = _Job(study, models, seed, workers, limit, budget, shard, watcher or Quiet(), details or {}, watch)
        outcome = _start(job, folder)
        watch.finish(outcome)
        return outcome


def _start(job: _Job, folder: Path | None) -> Outcome:
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
    budget: Budget | None
    shard: Shard | None
    watcher: Watcher
    details: Mapping[str, Any]
    watch: Watch

    async def run(self, folder: RunFolder, *, is_durable: bool) -> Outcome:
        missing = [role for role in self.study.roles if role not in self.models]
        if missing:
            raise InputError(
                f"nobody plays the role {missing[0]!r}", where=self.study.name, remedy="name a model for it"
            )
        try:
            is_new = not folder.record_file.exists()
            if is_new:  # a name that is wrong must not leave a folder behind
                await self._check_models()
            folder.claim(make_record(self.study, self.models, self.seed, self.details))
            ledger = Ledger(folder.ledger_file, is_durable=is_durable)
            try:
                return await self._observe_all(folder, ledger, is_new=is_new)
            finally:
                ledger.close()
        finally:
            for model in self._remote_models():
                await model.aclose()

    async def _check_models(self) -> None:
        for model in self._remote_models():
            await model.check()

    def _remote_models(self) -> list[Remote]:
        unique = {id(model): model for model in self.models.values()}
        return [model for model in unique.values() if isinstance(model, Remote)]

    async def _observe_all(self, folder: RunFolder, ledger: Ledger, *, is_new: bool) -> Outcome:
        tally = Tally()
        identities = {role: identity_of(model) for role, model in self.models.items()}
        purse = None if self.budget is None else Purse(self.budget, *ledger.spent(), ledger.experience())
        bench = Bench(self.models, identities, ledger, tally, self.seed, folder.path, purse, self.watch.hooks)
        design = self._design(tally)
        cells = iter(design) if self.shard is None else filter(self.shard.takes, design)
        queue = _Queue(islice(cells, self.limit), ledger, tally)
        if not queue.is_empty() and not is_new:  # a run that is finished needs nobody to answer
            await self._check_models()
        self.watch.start(read_record(folder.path), tally, workers=self.workers, limit=self.limit)
        self.watcher.start(tally)
        try:
            await self._work(bench, queue)
        finally:
            self.watcher.stop(tally)
        table = build_table(ledger.rows(), self.models["subject"].name)
        is_complete = not queue.closed and queue.is_empty() and all(queue.is_finished(cell) for cell in cells)
        return Outcome(table, tally, is_complete, queue.closed)

    def _design(self, tally: Tally) -> Iterable[Cell]:
        import numpy as np

        design = self.study.design(np.random.default_rng(derive_seed(self.seed, "design")))
        if self.shard is not None:
            tally.total = self.limit  # how many cells fall to a part is known when all of them have been seen
        elif isinstance(design, Sized) and not isinstance(design, Iterator):
            if self.limit is None:
                with contextlib.suppress(OverflowError):  # more cells than Python can count have no end worth showing
                    tally.total = len(design)
            else:  # a preview must not walk a large design to learn its length
                tally.total = sum(1 for _ in islice(design, self.limit))
        else:
            tally.total = self.limit
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
            if bench.hooks is not None:
                bench.hooks.cell_started(cell)
            try:
                observation = await self.study.observe(cell, lab)
            except BudgetReached as reached:  # the others finish what they have in hand
                queue.close(str(reached))
                return
            except ProviderError as error:
                if error.is_hopeless:
                    raise
                observation = Observation("failed", detail=str(error))
            _refuse_names(cell, observation.values, (*RESERVED, *cell.factors))
            await bench.ledger.add_observation(cell, observation)
            bench.tally.statuses[observation.status] += 1
            if bench.hooks is not None:
                bench.hooks.cell_finished(cell, observation)
            self.watcher.update(bench.tally)


class _Queue:
    """The cells that are still to be observed, shared by all workers."""

    def __init__(self, cells: Iterable[Cell], ledger: Ledger, tally: Tally) -> None:
        self._cells = iter(cells)
        # Numbers take a third of the memory of keys in hexadecimal, which matters from a million cells on.
        finished = ledger.finished_cells()
        self._finished = {_number(key) for key in finished}
        self._taken: set[int] = set()
        self._tally = tally
        self.answered = ledger.unfinished_replies(finished)
        self._next: Cell | None = None
        self.closed = ""

    def close(self, reason: str) -> None:
        """Give out no further cell."""
        self.closed = self.closed or reason

    def is_finished(self, cell: Cell) -> bool:
        """Whether an earlier start has observed the cell."""
        return _number(cell.key) in self._finished

    def is_empty(self) -> bool:
        """Whether no cell is left; takes none away."""
        if self._next is None:
            self._next = self._take()
        return self._next is None

    def __iter__(self) -> Iterator[Cell]:
        return self

    def __next__(self) -> Cell:
        cell, self._next = None if self.closed else self._next or self._take(), None
        if cell is None:
            raise StopIteration
        return cell

    def _take(self) -> Cell | None:
        for cell in self._cells:
            number = _number(cell.key)
            if number in self._taken:
                raise InputError(
                    f"the design has the same cell twice: {dict(cell.factors)}", remedy="add a factor such as replicate"
                )
            _refuse_names(cell, cell.factors, RESERVED)
            self._taken.add(number)
            if number not in self._finished:
                return cell
            self._finished.discard(number)
            self._tally.resumed += 1
        return None


def _number(key: str) -> int:
    """The first 128 bits of a key: two cells of a billion have them in common with a chance of 1 in 10^21."""
    return int(key[:32], 16)


def _refuse_names(cell: Cell, columns: Iterable[str], taken: Sequence[str]) -> None:
    """A column of the table must not be hidden by another of the same name."""
    twice = sorted(set(columns) & set(taken))
    if twice:
        raise InputError(
            f"the table would have the column {twice[0]!r} twice",
            where=f"cell {cell.key[:16]}",
            remedy="give the factor or the value another name",
        )


@contextlib.contextmanager
def _interruptible(tasks: list[asyncio.Task[None]]) -> Iterator[None]:
    """Let the first Ctrl-C cancel the tasks in good order; what they had finished is already in the ledger."""
    loop = asyncio.get_running_loop()

    def interrupt() -> None:
        for task in tasks:
            task.cancel("interrupted")

    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        for number in before:
            loop.add_signal_handler(number, interrupt)
    except (ValueError, RuntimeError, NotImplementedError):  # not the main thread, or no signals here
        yield
        return
    try:
        yield
    except asyncio.CancelledError as error:
        raise KeyboardInterrupt from error
    finally:
        for number, handler in before.items():
            loop.remove_signal_handler(number)
            if handler is not None:  # None: it was not set from Python and cannot be set again from here
                signal.signal(number, handler)
