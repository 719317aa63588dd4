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
from personae.study.cell import Cell
from personae.study.hooks import Hooks
from personae.study.ledger import Ledger, call_key
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
    ledger: Ledger
    tally: Tally
    seed: int
    folder: Path
    purse: Purse | None = None
    """What keeps the run within a budget, if it has one."""
    hooks: Hooks | None = None
    """Who is told of every call, if anybody."""


class Lab:
    """The surroundings of one cell.

    Args:
        cell: The cell that is observed.
        bench: What the run shares.
        answered: Replies that an earlier start of the run already had in this cell, by call key, oldest first.
    """

    def __init__(self, cell: Cell, bench: Bench, answered: Mapping[str, Sequence[Reply]] | None = None) -> None:
        self.cell = cell
        self._bench = bench
        # Each is given out once: a study that asks the same thing twice gets two answers, in a continued run too.
        self._answered = {key: deque(replies) for key, replies in (answered or {}).items()}

    def model(self, role: str = "subject") -> Model:
        """The model that plays a role, with every call recorded, seeded and never paid for twice.

        Raises:
            InputError: If nobody plays this role.
        """
        if role not in self._bench.models:
            known = ", ".join(self._bench.models)
            raise InputError(f"nobody plays the role {role!r}", where="study", remedy=f"the run has {known}")
        return _RecordedModel(role, self._bench.models[role], self.cell, self._bench, self._answered, self.seed(role))

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
        self, role: str, model: Model, cell: Cell, bench: Bench, answered: Mapping[str, deque[Reply]], seed: int
    ) -> None:
        self.name = model.name
        self._role = role
        self._model = model
        self._cell = cell
        self._bench = bench
        self._answered = answered
        self._seed = seed

    async def generate(self, request: Request) -> Reply:
        """Answer from the ledger if this call was finished before, else ask and record."""
        if request.sampling.seed is None:
            seed = derive_seed(self._seed, request.replicate)
            request = replace(request, sampling=replace(request.sampling, seed=seed))
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
        try:
            reply = await self._ask(request)
        except ProviderError as error:
            tally.count_failure()
            if told is not None:
                told.failed(error)
            group = f"{self._role} {self.name} {error.kind}"
            fields = {"role": self._role, "model": self.name, "kind": error.kind, "status": error.status}
            level: Level = "info" if error.is_hopeless else "warning"  # hopeless: the run ends, and says why
            note(level, "call failed", group=group, **fields, request_id=error.request_id)
            await self._bench.ledger.add_call(
                self._cell, self._role, identity, self.name, request, None, error=str(error)
            )
            raise
        cost = cost_of(self.name, reply)
        tally.count_reply(reply, cost)
        if told is not None:
            told.answered(reply, cost, is_cached=reply.is_cached)
        await self._bench.ledger.add_call(self._cell, self._role, identity, self.name, request, reply, cost=cost)
        return reply

    async def _ask(self, request: Request) -> Reply:
        purse = self._bench.purse
        if purse is None:
            return await self._model.generate(request)
        reservation = await purse.reserve(self._role, self.name, request)
        reply = None
        try:
            reply = await self._model.generate(request)
            return reply
        finally:  # a call that was cancelled or failed gives its room back too
            purse.settle(reservation, reply, None if reply is None else cost_of(self.name, reply))
