"""Asking before a run that may cost much."""

from __future__ import annotations

from typing import Any

from personae.serve.faults import Refusal
from personae.serve.running.plan import Plan
from personae.serve.running.registry import Runs

_FREE = ("sim", "replay")


async def price(
    runs: Runs, plan: Plan, limit: int | None, above: float, *, most: float | None = None, spent: float = 0.0
) -> dict[str, Any]:
    """What a run is expected to take, and whether that has to be confirmed: one of unknown price has to be.

    Args:
        runs: Who estimates it.
        plan: The run.
        limit: Cells at most.
        above: US dollars from which on it has to be confirmed.
        most: US dollars at which the run stops itself, if it does; those that were spent count.
        spent: US dollars that were spent on it already.
    """
    found = await runs.estimate(plan, limit)
    cost = found["cost"]
    ahead = None if cost is None else max(0.0, cost - spent)
    if ahead is not None and most is not None:
        ahead = min(ahead, max(0.0, most - spent))
    return {
        **found,
        "spent": spent,
        "ahead": ahead,
        "needs_confirmation": ahead is None or ahead > above,
        "confirm_above": above,
    }


async def refuse_unconfirmed(
    runs: Runs, plan: Plan, limit: int | None, above: float, *, most: float | None = None, spent: float = 0.0
) -> None:
    """Refuse a run that nobody has confirmed, if it may cost much; its arguments are those of ``price``.

    Raises:
        Refusal: If it may; the estimate is in its detail.
    """
    if all(name.partition("/")[0] in _FREE for name in plan.names.values()):
        return
    found = await price(runs, plan, limit, above, most=most, spent=spent)
    if found["needs_confirmation"]:
        cost = "an unknown sum" if found["ahead"] is None else f"${found['ahead']:.2f}"
        raise Refusal(
            409,
            "confirm",
            f"it may cost more than a run costs without asking: {cost} for {found['cells']} cells",
            where="confirm",
            remedy="look at the estimate, and start it with confirm",
            detail={"estimate": found},
        )
