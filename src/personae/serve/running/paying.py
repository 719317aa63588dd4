"""Runs paid from the budget of the key that started them: what they may take is set aside, and taken as they go on."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from personae.model import price_of
from personae.serve.faults import Refusal
from personae.serve.identity import Caller
from personae.serve.keys import Key, KeyRing
from personae.serve.running.plan import Plan
from personae.serve.running.registry import Runs
from personae.serve.running.spending import Spendings

_LEAST = 1e-6
"""US dollars: less than any call costs."""


class PaidRuns:
    """Starts and continues runs on somebody's account.

    A run of a key with a budget gets a cost limit: the one that was asked for, else all that is free of the budget. So
    much is set aside until the run ends, and the run ends in good order before it takes more.

    Args:
        runs: Who runs them.
        keys: Whose keys pay.
    """

    def __init__(self, runs: Runs, keys: KeyRing) -> None:
        self._runs = runs
        self._keys = keys
        self._spendings = Spendings()
        self._following: set[asyncio.Task[None]] = set()

    async def start(self, plan: Plan, caller: Caller, limits: Mapping[str, Any]) -> str:
        """Start a run, or go on with it; gives its id. See :meth:`Runs.start`.

        Raises:
            Refusal: If the key's budget has no room, or a price is not known; and as there.
        """
        if caller.key is None:
            return await self._runs.start(plan, limits=limits)
        id = await self._runs.id_of(plan)
        bounded, held = await self._hold(id, plan, caller.key, limits)
        try:
            await self._runs.start(plan, limits=bounded)
        except BaseException:
            self._keys.release(caller.key, held)
            raise
        self._follow(id, plan, caller.key, held)
        return id

    async def resume(self, id: str, plan: Plan, caller: Caller, limits: Mapping[str, Any]) -> None:
        """Go on with a run. See :meth:`Runs.resume`.

        Raises:
            Refusal: As for :meth:`start`.
        """
        if caller.key is None:
            await self._runs.resume(id, plan, limits)
            return
        bounded, held = await self._hold(id, plan, caller.key, limits)
        try:
            await self._runs.resume(id, plan, bounded)
        except BaseException:
            self._keys.release(caller.key, held)
            raise
        self._follow(id, plan, caller.key, held)

    async def settled(self) -> None:
        """Wait until what ended runs took is counted."""
        if self._following:
            await asyncio.wait(self._following)

    async def _hold(self, id: str, plan: Plan, key: Key, limits: Mapping[str, Any]) -> tuple[Mapping[str, Any], float]:
        """The limits of a run, and what was set aside for it."""
        if key.budget is None or all(_is_free(name) for name in plan.names.values()):
            return limits, 0.0
        for role, name in plan.names.items():
            if price_of(name) is None:
                raise Refusal(
                    403,
                    "price_unknown",
                    f"the price of {name} is not known, so that a budget cannot be kept",
                    where=f"models.{role}",
                    remedy="choose another model, or a key without a budget",
                )
        rows = await asyncio.to_thread(self._spendings.of, self._runs.folder / id)
        earlier = sum(float(row["cost"] or 0.0) for row in rows)  # a cost limit counts what earlier starts took
        asked = limits.get("cost_limit")
        free = key.budget - key.spent - key.held
        dollars = max(_LEAST, free if asked is None else min(free, asked - earlier))
        self._keys.hold(key, dollars)  # refused in words where nothing is free
        return {**limits, "cost_limit": earlier + dollars}, dollars

    def _follow(self, id: str, plan: Plan, key: Key, held: float) -> None:
        task = asyncio.create_task(self._pay(id, next(iter(plan.names.values())), key, held))
        self._following.add(task)
        task.add_done_callback(self._following.discard)

    async def _pay(self, id: str, model: str, key: Key, held: float) -> None:
        """Count what a run takes, as it tells it."""
        paid: dict[str, Any] = {"calls": 0, "input_tokens": 0, "output_tokens": 0, "cost": 0.0}
        told_cost: float | None = 0.0
        try:
            async for name, told in self._runs.watch(id):
                if name != "progress":
                    continue
                more = {one: told[one] - paid[one] for one in ("calls", "input_tokens", "output_tokens")}
                told_cost = told["cost"]
                cost = None if told_cost is None else told_cost - paid["cost"]
                if more["calls"] or cost:
                    self._keys.spend(key, model, more["input_tokens"], more["output_tokens"], cost, more["calls"])
                    given_back = min(held, cost or 0.0)
                    self._keys.release(key, given_back)
                    held -= given_back
                paid = {**told, "cost": paid["cost"] if told_cost is None else told_cost}
        finally:
            self._keys.release(key, held)
            if held and told_cost is None:  # the endpoint told no tokens: what was set aside may be gone
                self._keys.spend(key, model, 0, 0, held, 0)


def _is_free(name: str) -> bool:
    price = price_of(name)
    return price is not None and price.is_free
