"""The orders in which options are shown, and what is left of an answer when its place in the list is averaged out.

A model that prefers whatever stands first answers the list and not the question. Asked under every place of every
option, the preference cancels out; how large it was is a finding of its own.
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from personae.errors import InputError
from personae.stats import Estimate, proportion

if TYPE_CHECKING:
    import numpy as np

Order = tuple[int, ...]
"""Places of the options by rising value, in the order in which they are shown: (1, 0) shows the second first."""

ORDER_PLANS = ("swap", "cyclic", "all", "shuffled")
"""``swap``: as listed and reversed. ``cyclic``: every option once at every place. ``all``: every permutation.
``shuffled``: one drawn order."""

_MOST_FOR_ALL = 6
_NAMED = re.compile(r"(?P<plan>swap|cyclic|all)-(?P<number>[0-9]{1,3})")


def option_orders(count: int, plan: str = "swap", rng: np.random.Generator | None = None) -> tuple[Order, ...]:
    """The orders of a plan.

    ``swap`` balances the place of both options of a pair, and of the ends of a scale; ``cyclic`` balances every place
    of every option with ``count`` orders; ``all`` balances neighbours too, with ``count!``.

    Args:
        count: How many options there are.
        plan: One of :data:`ORDER_PLANS`.
        rng: Draws the order of ``shuffled``.

    Raises:
        InputError: If there is no such plan, too few options, or too many for all permutations.

    Example:
        >>> option_orders(2), option_orders(3, "cyclic")
        (((0, 1), (1, 0)), ((0, 1, 2), (1, 2, 0), (2, 0, 1)))
    """
    if count < 2:
        raise InputError(f"{count} options have no order", where="options", remedy="give at least two")
    listed = tuple(range(count))
    if plan == "swap":
        return listed, listed[::-1]
    if plan == "cyclic":
        return tuple(listed[start:] + listed[:start] for start in range(count))
    if plan == "all":
        if count > _MOST_FOR_ALL:
            raise InputError(
                f"{count} options have {math.factorial(count)} orders",
                where="options",
                remedy="average over 'cyclic', which puts each option at each place once",
            )
        return tuple(itertools.permutations(listed))
    if plan == "shuffled":
        if rng is None:
            raise ValueError("a shuffled order needs an rng")
        return (tuple(int(place) for place in rng.permutation(count)),)
    raise InputError(f"no plan of orders is called {plan!r}", where="options", remedy=f"use {', '.join(ORDER_PLANS)}")


def orders_in(plan: str, count: int) -> int:
    """How many orders a plan has for so many options; see :func:`option_orders` for what is refused."""
    return 1 if plan == "shuffled" else len(option_orders(count, plan))


def order_at(name: str, count: int) -> Order:
    """One order of a plan by its name, for items with any number of options; beyond the last the plan begins anew.

    Raises:
        InputError: If the name is not that of an order.

    Example:
        >>> order_at("swap-1", 3), order_at("cyclic-1", 4)
        ((2, 1, 0), (1, 2, 3, 0))
    """
    named = _NAMED.fullmatch(name)
    if named is None:
        raise InputError(
            f"no order of options is called {name!r}",
            where="administration",
            remedy="it is ascending, descending, shuffled, swap-1, cyclic-2, all-5 or a tuple of places",
        )
    orders = option_orders(count, named["plan"])
    return orders[int(named["number"]) % len(orders)]


def check_order(order: Sequence[int], count: int) -> None:
    """Refuse an order that does not name every option once.

    Raises:
        InputError: If it does not.
    """
    if sorted(order) != list(range(count)):
        raise InputError(
            f"{tuple(order)} is no order of {count} options",
            where="administration",
            remedy=f"name every place from 0 to {count - 1} once",
        )


@dataclass(frozen=True, slots=True)
class OverOrders:
    """Answers to one question under several orders of its options."""

    shares: Mapping[int, float]
    """How often each value was chosen, each order counting alike; of the orders that were answered."""
    agreement: float
    """Share of the orders in which the commonest value was chosen; 1 if the order made no difference."""
    first: Estimate
    """How often the option that stood first was chosen; ``1 / options`` where the place means nothing."""
    answered: int
    missing: int
    """Orders without an answer; they count nowhere."""

    @property
    def value(self) -> int | None:
        """The value that most orders chose; ``None`` if two share that place, or nothing was answered."""
        ranked = sorted(self.shares.items(), key=lambda pair: -pair[1])
        if not ranked or (len(ranked) > 1 and math.isclose(ranked[0][1], ranked[1][1])):
            return None
        return ranked[0][0]

    @property
    def mean(self) -> float:
        """Mean of the values chosen; NaN if nothing was answered."""
        return sum(value * share for value, share in self.shares.items()) if self.shares else math.nan


def over_orders(values: Sequence[int], orders: Sequence[Order], chosen: Sequence[int | None]) -> OverOrders:
    """Average what was chosen under each order.

    Args:
        values: Values of the options, rising.
        orders: The orders that were shown.
        chosen: The value that was chosen under each; ``None`` where nothing was.

    Raises:
        ValueError: If there are not as many answers as orders.

    Example:
        >>> found = over_orders([1, 2], option_orders(2), [1, 2])  # whatever stands first
        >>> found.value, found.first.estimate, found.agreement
        (None, 1.0, 0.5)
    """
    answered = [(order, value) for order, value in zip(orders, chosen, strict=True) if value is not None]
    n = len(answered)
    counts = {value: sum(one == value for _, one in answered) for value in values}
    firsts = sum(values[order[0]] == value for order, value in answered)
    return OverOrders(
        {value: count / n for value, count in counts.items() if count} if n else {},
        max(counts.values(), default=0) / n if n else math.nan,
        proportion(firsts, n, missing=len(orders) - n),
        n,
        len(orders) - n,
    )
