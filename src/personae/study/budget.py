"""A bound on what a run may spend: a call is reserved on an estimate before it is made, and settled on its reply."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from personae.errors import InputError
from personae.model import Reply, Request, Usage, price_of

_TOKENS_PER_LETTER = 1 / 3
"""Input tokens of a letter until replies tell better: above what English costs, so that no first guess is too low."""
_FIRST_OUTPUT = 1024
"""Output tokens expected at least of a kind of call that is not known yet, where the request sets no bound."""
_ENOUGH = 5
"""Replies from which a kind of call is known."""

CallKind = tuple[str, int, bool]
"""Calls alike: role, number of messages, whether a schema is wanted. A second turn of a chat is another kind."""


def kind_of(role: str, request: Request) -> CallKind:
    """Which calls a call is like in what it needs."""
    return role, len(request.messages), request.schema is not None


@dataclass(frozen=True, slots=True)
class Budget:
    """What a run may spend, earlier starts included. ``None`` is no bound."""

    cost: float | None = None
    """US dollars."""
    tokens: int | None = None
    """Input and output tokens that are not answered from a cache."""

    def __post_init__(self) -> None:
        for name, value in (("cost limit", self.cost), ("token limit", self.tokens)):
            if value is not None and not value > 0:
                raise InputError(f"{value} leaves nothing to spend", where=name, remedy="give a number above 0")

    def share(self, parts: int) -> Budget:
        """The even share of one of several parts that cannot see what the others spend; together they stay below."""
        cost = None if self.cost is None else self.cost / parts
        return Budget(cost, None if self.tokens is None else self.tokens // parts)


class BudgetReached(Exception):  # noqa: N818  # not a fault: a run that ends here ends in good order
    """The next call might pass the bound."""


@dataclass(slots=True)
class Experience:
    """What one kind of call has needed so far: replies, letters asked, tokens that these were, the longest reply."""

    replies: int = 0
    letters: int = 0
    input_tokens: int = 0
    most_output: int = 0

    def expect(self, request: Request) -> tuple[int, int]:
        """Input and output tokens that a call may need."""
        letters = sum(len(message.content) for message in request.messages)
        ratio = self.input_tokens / self.letters if self.input_tokens and self.letters else _TOKENS_PER_LETTER
        bound = request.sampling.max_tokens
        output = self.most_output if self.replies >= _ENOUGH else max(self.most_output, _FIRST_OUTPUT)
        if bound is not None:
            output = min(output, bound)
        return round(letters * ratio) + 1, output * request.sampling.n

    def learn(self, request: Request, usage: Usage) -> None:
        """Take in what a call needed."""
        self.replies += 1
        self.letters += sum(len(message.content) for message in request.messages)
        self.input_tokens += usage.input_tokens
        self.most_output = max(self.most_output, usage.output_tokens // max(1, request.sampling.n))


@dataclass(slots=True)
class Reservation:
    """What one call may need."""

    role: str
    request: Request
    tokens: int
    cost: float
    is_open: bool = False


@dataclass(slots=True)
class Purse:
    """Keeps a run within its budget.

    A call for which there is no room at all ends the run. One for which there is no room while others are in flight
    waits for them: estimates are high, so replies give room back. Near the bound a run therefore asks for less and less
    at once. The bound is passed at most by as much as a call needs more than its estimate: more input tokens for its
    letters than calls of its kind before, or a longer reply than all of them.

    Args:
        budget: The bound.
        spent_cost: US dollars that earlier starts have spent.
        spent_tokens: Tokens that earlier starts have spent.
        experience: What calls of each kind needed in earlier starts.
    """

    budget: Budget
    spent_cost: float = 0.0
    spent_tokens: int = 0
    experience: dict[CallKind, Experience] = field(default_factory=dict)
    others_cost: float = 0.0
    """US dollars that other workers of the run have spent since."""
    others_tokens: int = 0
    _reserved_cost: float = 0.0
    _reserved_tokens: int = 0
    _waiting: list[asyncio.Future[None]] = field(default_factory=list)

    async def reserve(self, role: str, model: str, request: Request) -> Reservation:
        """Set aside what a call may need; waits while calls in flight may still give room back.

        Raises:
            BudgetReached: If there is no room for it.
        """
        while True:
            wanted = self._estimate(role, model, request)
            if not self._has_room(wanted, in_flight=False):
                raise BudgetReached(self.describe())
            if self._has_room(wanted, in_flight=True):
                wanted.is_open = True
                self._reserved_cost += wanted.cost
                self._reserved_tokens += wanted.tokens
                return wanted
            settled: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiting.append(settled)
            await settled

    def settle(self, reservation: Reservation, reply: Reply | None, cost: float | None) -> None:
        """Give back what was set aside, and count what was spent; ``None`` is a call that was not answered."""
        if not reservation.is_open:
            return
        reservation.is_open = False
        self._reserved_cost -= reservation.cost
        self._reserved_tokens -= reservation.tokens
        if reply is not None and not reply.is_cached:
            self.spent_cost += reservation.cost if cost is None else cost
            self.spent_tokens += reply.usage.input_tokens + reply.usage.output_tokens or reservation.tokens
            kind = kind_of(reservation.role, reservation.request)
            self.experience.setdefault(kind, Experience()).learn(reservation.request, reply.usage)
        waiting, self._waiting = self._waiting, []
        for settled in waiting:
            if not settled.done():
                settled.set_result(None)

    def describe(self) -> str:
        """What was reached, in words."""
        parts = []
        if self.budget.cost is not None:
            parts.append(f"${self.spent_cost + self.others_cost:.4g} of ${self.budget.cost:.4g}")
        if self.budget.tokens is not None:
            parts.append(f"{self.spent_tokens + self.others_tokens} of {self.budget.tokens} tokens")
        return " and ".join(parts) + " spent; the next call might pass the limit"

    def _estimate(self, role: str, model: str, request: Request) -> Reservation:
        fresh, output = self.experience.get(kind_of(role, request), Experience()).expect(request)
        price = price_of(model)
        cost = 0.0 if price is None else (fresh * price.input + output * price.output) / 1_000_000
        return Reservation(role, request, fresh + output, cost)

    def _has_room(self, wanted: Reservation, *, in_flight: bool) -> bool:
        cost = self.spent_cost + self.others_cost + wanted.cost + (self._reserved_cost if in_flight else 0.0)
        tokens = self.spent_tokens + self.others_tokens + wanted.tokens + (self._reserved_tokens if in_flight else 0)
        too_dear = self.budget.cost is not None and cost > self.budget.cost + 1e-12
        return not too_dear and (self.budget.tokens is None or tokens <= self.budget.tokens)


def check_prices(budget: Budget, models: dict[str, str]) -> None:
    """Refuse a bound in dollars on a model without a known price.

    Args:
        budget: The bound.
        models: Names of models by role.

    Raises:
        InputError: If a price is not known.
    """
    for role, name in models.items():
        if budget.cost is not None and price_of(name) is None:
            raise InputError(
                f"the price of {name} ({role}) is not known, so that no cost limit can hold",
                where="cost limit",
                remedy="bound it by --token-limit instead",
            )
