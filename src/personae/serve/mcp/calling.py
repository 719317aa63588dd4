"""One call of a tool: who asks, and how it is told how far things are."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from personae.serve.identity import Caller

CALLER = "personae.caller"
"""Where a request's scope says who asks."""


@dataclass(frozen=True, slots=True)
class Call:
    """Who asks, and where progress goes."""

    caller: Caller
    tell: Callable[[float, float | None], Awaitable[None]]
    """Told how much of how much is done."""
