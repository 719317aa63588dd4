"""Running a study: a pool of workers over a streamed design, a ledger that makes every start a continuation."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import signal
import tempfile
from collections import deque
from collections.abc import Callable, Collection, Coroutine, Iterable, Iterator, Mapping, Sequence, Set, Sized
from dataclasses import dataclass, field
from functools import cached_property, partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from personae.canonical import derive_seed
from personae.errors import InputError
from personae.model import Model, ProviderError, Remote, identity_of
from personae.study.budget import Budget, BudgetReached, Purse, check_prices
from personae.study.cell import Cell
from personae.study.design import Design, by_prefix
from personae.study.folder import RunFolder, read_record
from personae.study.hooks import Hook
from personae.study.keys import KeySet
from personae.study.lab import Bench, Lab, Pace
from personae.study.lag import watching_lag
from personae.study.ledger import Ledger
from personae.study.ledger_url import LedgerUrl
from personae.study.observation import Observation
from personae.study.progress import Quiet, Watcher
from personae.study.protocol import SharesPrefix, Study
from personae.study.record import make_record
from personae.study.shard import Shard
from personae.study.stores import LedgerStore, SharedStore, claim_ledger, ledger_url_of
from personae.study.table import RESERVED, read_table
from personae.study.tally import Tally
from personae.study.turns import OwnTurns, SharedTurns, Turns
from personae.study.watching import Watch, watched

if TYPE_CHECKING:
    import polars as pl

DEFAULT_WORKERS = 32
_MOST_AHEAD = 256
"""Cells that are taken from the design at once, to be looked up together."""
_SIFTED = 16_384
"""Keys of a design that are looked up at once in a run that is continued."""
_COLLECTED_AFTER = 50_000
"""Objects made and not given back, after which Python looks for circles among them; it is used to 700."""


@dataclass(frozen=True)
class Outcome:
    """What a start of a run came to."""

    tally: Tally
    is_complete: bool
    """Whether every cell of the design has been observed."""
    stopped: str
    """Why the run ended before its design did, if a budget ended it."""
    read_table: Callable[[], pl.DataFrame] = field(repr=False)
    left: int = 0
    """Cells that were left to other workers, who have not finished them."""

    @cached_property
    def table(self) -> pl.DataFrame:
        """One row a finished cell, those of earlier starts included; made when it is first asked for."""
        return self.read_table()


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
    ledger: str | None = None,
    waits: bool = True,
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
        ledger: URL of a PostgreSQL database that keeps the ledger in place of the folder: ``postgresql://user@host/db``.
            Whoever starts the same run on the same database shares its work. The record names it without the password;
            a folder that names one needs it no more.
        waits: Whether to wait, when only cells that others are observing are left, until those are finished.
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
    url = ledger_url_of(RunFolder(folder), ledger) if folder is not None else LedgerUrl.read(ledger) if ledger else None
    with watched(study, folder, hooks, finds_hooks=finds_hooks) as watch:
        job = _Job(
            study, models, seed, workers, limit, budget, shard, watcher or Quiet(), details or {}, url, waits, watch
        )
        outcome = _start(job, folder)
        watch.finish(outcome)
        return outcome


def _start(job: _Job, folder: Path | None) -> Outcome:
    if folder is not None:
        with RunFolder(folder, is_shared=job.url is not None) as held:
            return _run(job.run(held, is_durable=True))
    with tempfile.TemporaryDirectory(prefix="personae-") as scratch:
        outcome = _run(job.run(RunFolder(Path(scratch)), is_durable=False))
        _ = outcome.table  # while its folder is there
        return outcome


def _read_later(ledger_file: Path, model: str, last_observation: int) -> pl.DataFrame:
    ledger = Ledger(ledger_file)
    try:
        return read_table(ledger, model, last_observation=last_observation)
    finally:
        ledger.close()


@contextlib.contextmanager
def _collecting_seldom() -> Iterator[None]:
    """Let garbage in circles lie longer while a run is on: looking for it costs a tenth of all, and there is little."""
    before = gc.get_threshold()
    if before[0]:  # 0: somebody has turned it off
        gc.set_threshold(max(before[0], _COLLECTED_AFTER), *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


def _run(job: Coroutine[Any, Any, Outcome]) -> Outcome:
    """Run on uvloop's event loop where that is installed: it turns for half the time."""
    with _collecting_seldom(), asyncio.Runner(loop_factory=_loop_factory()) as runner:
        return runner.run(job)


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop


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
    url: LedgerUrl | None
    waits: bool
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
            record = make_record(self.study, self.models, self.seed, self.details)
            ledger = claim_ledger(folder, record, self.url, is_durable=is_durable)
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

    async def _observe_all(self, folder: RunFolder, ledger: LedgerStore, *, is_new: bool) -> Outcome:
        tally = Tally()
        identities = {role: identity_of(model) for role, model in self.models.items()}
        purse = None if self.budget is None else Purse(self.budget, *ledger.spent(), ledger.experience())
        bench = Bench(self.models, identities, ledger, tally, self.seed, folder.path, purse, self.watch.hooks)
        design = self._design(tally)
        is_distinct = isinstance(design, Design) and design.is_distinct
        finished = ledger.finished_cells()
        cells: Iterator[Cell]
        if len(finished) and isinstance(design, Design) and design.is_crossed and self._wants_all(is_distinct):
            cells = _unfinished(design, finished, tally)
        else:
            cells = iter(design) if self.shard is None else filter(self.shard.takes, design)
        if isinstance(self.study, SharesPrefix) and self.limit is None:  # a preview shows the first cells as they are
            cells = by_prefix(cells, self.study.prefix_factors)
        queue = _Queue(islice(cells, self.limit), ledger, finished, tally, is_distinct=is_distinct)
        if not queue.is_empty() and not is_new:  # a run that is finished needs nobody to answer
            await self._check_models()
        self.watch.start(read_record(folder.path), tally, workers=self.workers, limit=self.limit)
        self.watcher.start(tally)
        try:
            turns = self._turns(queue, bench)
            with watching_lag(tally, self.watcher, is_wanted=bool(self._remote_models())):
                await self._work(bench, queue, turns)
        finally:
            self.watcher.stop(tally)
        is_through = not queue.closed and not turns.left and queue.is_empty()
        is_complete = is_through and queue.are_finished(cells)
        return Outcome(tally, is_complete, queue.closed, self._table_reader(folder, ledger), turns.left)

    def _wants_all(self, is_distinct: bool) -> bool:
        return is_distinct and self.shard is None and self.limit is None

    def _table_reader(self, folder: RunFolder, ledger: LedgerStore) -> Callable[[], pl.DataFrame]:
        """A function that makes the table as it stands now, for whoever wants it."""
        model = self.models["subject"].name
        if isinstance(ledger, Ledger):
            return partial(_read_later, folder.ledger_file, model, ledger.last_observation())
        table = read_table(ledger, model)
        return lambda: table

    def _turns(self, queue: _Queue, bench: Bench) -> Turns:
        if not isinstance(bench.ledger, SharedStore):
            return OwnTurns(queue, queue.answered)
        return SharedTurns(
            queue,
            bench.ledger,
            bench.tally,
            self.watcher,
            workers=self.workers,
            waits=self.waits,
            purse=bench.purse,
        )

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

    async def _work(self, bench: Bench, queue: _Queue, turns: Turns) -> None:
        tasks = [asyncio.create_task(self._worker(bench, queue, turns)) for _ in range(self.workers)]
        with _interruptible(tasks):
            try:
                await asyncio.gather(*tasks)
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)

    async def _worker(self, bench: Bench, queue: _Queue, turns: Turns) -> None:
        pace = Pace(bench.ledger)
        async for cell, answered in turns:
            lab = Lab(cell, bench, answered, pace)
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
            _refuse_names(cell, observation.values, RESERVED)
            _refuse_names(cell, observation.values, cell.factors.keys())
            await bench.ledger.add_observation(cell, observation)
            bench.tally.statuses[observation.status] += 1
            if bench.hooks is not None:
                bench.hooks.cell_finished(cell, observation)
            self.watcher.update(bench.tally)


class _Queue:
    """The cells that are still to be observed, shared by all workers.

    Args:
        cells: The design, or the part of it that is wanted.
        ledger: What was answered in those that are not finished.
        finished: Which of them are finished.
        tally: Where those are counted.
        is_distinct: Whether the design is known not to have the same cell twice, so that nobody need look for it.
    """

    def __init__(
        self, cells: Iterable[Cell], ledger: LedgerStore, finished: KeySet, tally: Tally, *, is_distinct: bool
    ) -> None:
        self._cells = iter(cells)
        self._finished = finished
        self._taken = None if is_distinct else KeySet()
        self._tally = tally
        # Where cells are claimed, a claim brings what was answered in it: another worker may have died meanwhile.
        self.answered = {} if isinstance(ledger, SharedStore) else ledger.unfinished_replies(self._finished)
        self._ahead: deque[Cell] = deque()
        self._reach = 1
        self.closed = ""

    def close(self, reason: str) -> None:
        """Give out no further cell."""
        self.closed = self.closed or reason

    def are_finished(self, cells: Iterator[Cell]) -> bool:
        """Whether earlier starts have observed all these cells."""
        reach = 1
        while piece := list(islice(cells, reach)):
            reach = min(2 * reach, _MOST_AHEAD)
            if not all(self._finished.holds([cell.key for cell in piece])):
                return False
        return True

    def is_empty(self) -> bool:
        """Whether no cell is left; takes none away."""
        return not self._ahead and not self._look_ahead()

    def __iter__(self) -> Iterator[Cell]:
        return self

    def __next__(self) -> Cell:
        if self.closed or self.is_empty():
            raise StopIteration
        return self._ahead.popleft()

    def _look_ahead(self) -> bool:
        """Take further cells of the design, until one of them is not finished or there are no more."""
        while piece := list(islice(self._cells, self._reach)):
            self._reach = min(2 * self._reach, _MOST_AHEAD)  # a design that is slow to make must not hold up the first
            for cell in piece:
                _refuse_names(cell, cell.factors, RESERVED)
            if self._taken is not None:
                self._refuse_twice(piece, self._taken)
            if len(self._finished):
                done = self._finished.holds([cell.key for cell in piece])
                self._tally.resumed += sum(done)
                piece = [cell for cell, is_done in zip(piece, done, strict=True) if not is_done]
            self._ahead.extend(piece)
            if piece:
                return True
        return False

    @staticmethod
    def _refuse_twice(cells: list[Cell], taken: KeySet) -> None:
        keys = [cell.key for cell in cells]
        seen: set[str] = set()
        for cell, is_taken in zip(cells, taken.holds(keys), strict=True):
            if is_taken or cell.key in seen:
                raise InputError(
                    f"the design has the same cell twice: {dict(cell.factors)}", remedy="add a factor such as replicate"
                )
            seen.add(cell.key)
        taken.add(keys)


def _unfinished(design: Design, finished: KeySet, tally: Tally) -> Iterator[Cell]:
    """The cells of a design that are not finished; the others are counted by their keys, and never made."""
    finished.compact()
    start = 0
    for digests in design.digests(_SIFTED):
        is_done = finished.holds_joined(digests)
        tally.resumed += int(is_done.sum())
        for place in (~is_done).nonzero()[0]:
            yield design.cell_at(start + int(place))
        start += len(is_done)


def _refuse_names(cell: Cell, columns: Collection[str], taken: Set[str]) -> None:
    """A column of the table must not be hidden by another of the same name."""
    if not taken.isdisjoint(columns):
        twice = sorted(set(columns) & set(taken))
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
