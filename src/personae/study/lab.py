"""What a study works with while it observes a cell: models by role, random numbers, a folder; every call recorded."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from personae.canonical import derive_seed
from personae.errors import InputError
from personae.logs import Level, note
from personae.model import Model, ProviderError, Reply, Request, cost_of
from personae.study.budget import Purse
from personae.study.calls import call_key
from personae.study.cell import Cell
from personae.study.hooks import Hooks
from personae.study.stores import LedgerStore
from personae.study.tally import Tally

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True, slots=True)
class Bench:
    """What all cells of a run share."""

    models: Mapping[str, Model]
    """Models by role."""
    identities: Mapping[str, str]
    """What tells the model of each role apart from others."""
    ledger: LedgerStore
    tally: Tally
    seed: int
    folder: Path
    purse: Purse | None = None
    """What keeps the run within a budget, if it has one."""
    hooks: Hooks | None = None
    """Who is told of every call, if anybody."""


class Pace:
    """Keeps one worker from running ahead of the disk: of its live calls, only the last two may not be on it yet.

    With servers that answer as fast as language models do, nobody ever waits here. With faster ones, a killed process
    loses two calls for each cell that was in flight, however many were answered in the meantime.
    """

    def __init__(self, ledger: LedgerStore) -> None:
        self._ledger = ledger
        self._last = self._before = 0

    @property
    def is_ahead(self) -> bool:
        """Whether the call before the last is not on disk yet."""
        return not self._ledger.is_kept(self._before)

    async def wait(self) -> None:
        """Wait until it is."""
        await self._ledger.wait_for(self._before)

    def made(self, ticket: int) -> None:
        """A live call was handed to the ledger."""
        self._before, self._last = self._last, ticket


class Lab:
    """The surroundings of one cell.

    Args:
        cell: The cell that is observed.
        bench: What the run shares.
        answered: Replies that an earlier start of the run already had in this cell, by call key, oldest first.
        pace: That of the worker, which has a cell after the other.
    """

    def __init__(
        self,
        cell: Cell,
        bench: Bench,
        answered: Mapping[str, Sequence[Reply]] | None = None,
        pace: Pace | None = None,
    ) -> None:
        self.cell = cell
        self._bench = bench
        self._pace = pace or Pace(bench.ledger)
        # Each is given out once: a study that asks the same thing twice gets two answers, in a continued run too.
        self._answered = {key: deque(replies) for key, replies in answered.items()} if answered else {}

    def model(self, role: str = "subject") -> Model:
        """The model that plays a role, with every call recorded, seeded and never paid for twice.

        Raises:
            InputError: If nobody plays this role.
        """
        if role not in self._bench.models:
            known = ", ".join(self._bench.models)
            raise InputError(f"nobody plays the role {role!r}", where="study", remedy=f"the run has {known}")
        return _RecordedModel(role, self.cell, self._bench, self._answered, self.seed(role), self._pace)

    def seed(self, *parts: object) -> int:
        """A seed for one purpose in this cell; it depends on the seed of the run, the cell and the purpose alone."""
        return derive_seed(self._bench.seed, self.cell.key, *parts)

    def rng(self, *parts: object) -> np.random.Generator:
        """Random numbers for one purpose in this cell."""
        import numpy as np

        return np.random.default_rng(self.seed(*parts))

    def artefact(self, name: str) -> Path:
        """Path of a file that this cell may write; the folder exists.

        Raises:
            InputError: If the name is not that of a file, but a path.
        """
        if name in ("", ".", "..") or Path(name).name != name or "\0" in name:
            raise InputError(
                f"{name!r} is no name of a file", where=f"cell {self.cell.key[:16]}", remedy="leave the path out"
            )
        folder = self._bench.folder / "artefacts" / self.cell.key[:16]
        folder.mkdir(parents=True, exist_ok=True)
        return folder / name


class _RecordedModel:
    """A model whose calls go through the ledger.

    A request without a seed gets one from run, cell, role and replicate, so that the same run gives the same answers on
    any server that honours seeds.
    """

    def __init__(
        self, role: str, cell: Cell, bench: Bench, answered: Mapping[str, deque[Reply]], seed: int, pace: Pace
    ) -> None:
        self._role = role
        self._model = bench.models[role]
        self._cell = cell
        self._bench = bench
        self._answered = answered
        self._seed = seed
        self._pace = pace
        self.name = self._model.name

    async def generate(self, request: Request) -> Reply:
        """Answer from the ledger if this call was finished before, else ask and record."""
        if request.sampling.seed is None:
            request = request.with_seed(derive_seed(self._seed, request.replicate))
        identity = self._bench.identities[self._role]
        earlier = self._answered and self._answered.get(call_key(self._role, identity, request))
        tally = self._bench.tally
        hooks = self._bench.hooks
        told = None if hooks is None else hooks.call_started(self._cell, self._role, self.name, request)
        if earlier:
            known = earlier.popleft()
            tally.count_reply(replace(known, is_cached=True), 0.0)
            if told is not None:
                told.answered(known, 0.0, is_cached=True)
            return known
        if self._pace.is_ahead:
            await self._pace.wait()
        add_call = self._bench.ledger.add_call
        try:
            purse = self._bench.purse
            reply = await (self._model.generate(request) if purse is None else self._ask(request, purse))
        except ProviderError as error:
            tally.count_failure()
            if told is not None:
                told.failed(error)
            group = f"{self._role} {self.name} {error.kind}"
            fields = {"role": self._role, "model": self.name, "kind": error.kind, "status": error.status}
            level: Level = "info" if error.is_hopeless else "warning"  # hopeless: the run ends, and says why
            note(level, "call failed", group=group, **fields, request_id=error.request_id)
            ticket = await add_call(self._cell, self._role, identity, self.name, request, None, error=str(error))
            self._pace.made(ticket)
            raise
        cost = cost_of(self.name, reply)
        tally.count_reply(reply, cost)
        if told is not None:
            told.answered(reply, cost, is_cached=reply.is_cached)
        ticket = await add_call(self._cell, self._role, identity, self.name, request, reply, cost=cost)
        if not reply.is_cached:
            self._pace.made(ticket)
        return reply

    async def _ask(self, request: Request, purse: Purse) -> Reply:
        """Ask within a budget."""
        reservation = await purse.reserve(self._role, self.name, request)
        reply = None
        try:
            reply = await self._model.generate(request)
            return reply
        finally:  # a call that was cancelled or failed gives its room back too
            purse.settle(reservation, reply, None if reply is None else cost_of(self.name, reply))
