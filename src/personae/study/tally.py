"""Running totals of a run: cells by status, calls, tokens, money."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from personae.model import Reply, Status, Usage


@dataclass(slots=True)
class Tally:
    """What a run has done so far; one object, counted up by the runner and its labs, read by whoever watches."""

    total: int | None = None
    """Cells of the design, where it has a length."""
    resumed: int = 0
    """Cells that an earlier start had finished."""
    elsewhere: int = 0
    """Cells that other workers of the run finished since this start."""
    waiting: int = 0
    """Cells of other workers that this one waits for, having nothing else to do."""
    statuses: Counter[Status] = field(default_factory=Counter)
    """Cells finished by this start."""
    calls: int = 0
    cached_calls: int = 0
    """Calls answered by the cache or by the ledger of an earlier start."""
    failed_calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cached_tokens: int = 0
    reasoning_tokens: int = 0
    cost: float = 0.0
    """US dollars, as far as prices are known."""
    has_unknown_cost: bool = False
    warnings: list[str] = field(default_factory=list)
    """What whoever started the run should know, each said once."""
    awaited: str = ""
    """What the run waits for just now, if an endpoint is down."""

    @property
    def usage(self) -> Usage:
        """Tokens of all calls."""
        return Usage(self.input_tokens, self.output_tokens, self.cached_tokens, self.reasoning_tokens)

    @property
    def done(self) -> int:
        """Cells that are finished, by this start, an earlier one or another worker."""
        return self.resumed + self.elsewhere + sum(self.statuses.values())

    def count_reply(self, reply: Reply, cost: float | None) -> None:
        """Count a call that was answered."""
        self.calls += 1
        self.cached_calls += reply.is_cached
        usage = reply.usage
        self.input_tokens += usage.input_tokens
        self.output_tokens += usage.output_tokens
        self.cached_tokens += usage.cached_tokens
        self.reasoning_tokens += usage.reasoning_tokens
        if cost is None:
            self.has_unknown_cost = True
        else:
            self.cost += cost

    def count_failure(self) -> None:
        """Count a call that was not answered."""
        self.calls += 1
        self.failed_calls += 1

    def cost_text(self) -> str:
        """Cost in words: free, an amount, at least an amount, or unknown.

        Example:
            >>> Tally(calls=3).cost_text()
            '$0.00'
        """
        if self.has_unknown_cost:
            return f"over ${self.cost:.2f}" if self.cost else "unknown"
        return f"${self.cost:.2f}"
