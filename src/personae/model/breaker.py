"""A circuit breaker: calls to an endpoint that is down wait for it, instead of failing one after the other."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from personae.model.failure import FailureKind

TRIPPING: frozenset[FailureKind] = frozenset({"unreachable", "overloaded"})
"""Kinds that say that an endpoint is down; a refusal for its rate says that it is up."""

State = Literal["closed", "open", "probing"]


@dataclass(frozen=True, slots=True)
class BreakerPolicy:
    """When a circuit opens, and how patiently it is probed."""

    failures: int = 10
    """Failures in a row, over all calls of the endpoint, that open it."""
    first_seconds: float = 1.0
    """Wait before the first probe; it doubles with each probe that fails."""
    most_seconds: float = 30.0
    """Longest wait between probes."""
    give_up_seconds: float = 300.0
    """Time without any answer after which a circuit is given up."""


class Breaker:
    """Closed, it lets every call through. Open, it lets one through when its wait is over: the probe.

    Any answer closes it. Pure: whoever asks tells the time.

    Example:
        >>> breaker = Breaker(BreakerPolicy(failures=1))
        >>> breaker.failed(0.0, is_probe=False)
        >>> breaker.state, breaker.wait(0.25), breaker.wait(1.0)
        ('open', 0.75, 0.0)
    """

    __slots__ = ("_opened", "_pause", "_policy", "_probe_at", "failures", "is_given_up", "state")

    def __init__(self, policy: BreakerPolicy = BreakerPolicy()) -> None:  # frozen
        self._policy = policy
        self.state: State = "closed"
        self.failures = 0
        """Failures in a row."""
        self.is_given_up = False
        """Whether it has been open for so long that nobody shall wait."""
        self._pause = 0.0
        self._probe_at = 0.0
        self._opened = 0.0

    def wait(self, now: float) -> float:
        """Seconds until a call may go; infinite while a probe is out."""
        if self.state == "closed":
            return 0.0
        return math.inf if self.state == "probing" else max(0.0, self._probe_at - now)

    def enter(self) -> bool:
        """A call goes, where the wait is 0; whether it is the probe."""
        if self.state == "closed":
            return False
        self.state = "probing"
        return True

    def answered(self) -> None:
        """A call was answered, were it only by a refusal: the endpoint is up."""
        self.failures = 0
        self.state = "closed"
        self.is_given_up = False

    def failed(self, now: float, *, is_probe: bool) -> None:
        """A call found the endpoint down."""
        self.failures += 1
        if is_probe and self.state == "probing":
            self._pause = min(self._pause * 2, self._policy.most_seconds)
            self._open(now)
            self.is_given_up = now - self._opened >= self._policy.give_up_seconds
        elif self.state == "closed" and self.failures >= self._policy.failures:
            self._pause = self._policy.first_seconds
            self._opened = now
            self._open(now)

    def left(self, now: float) -> None:
        """The probe was taken back before it ended; the next call may be one."""
        if self.state == "probing":
            self.state, self._probe_at = "open", now

    def open_for(self, now: float) -> float:
        """Seconds since it opened; 0 where it is closed."""
        return 0.0 if self.state == "closed" else now - self._opened

    def _open(self, now: float) -> None:
        self.state, self._probe_at = "open", now + self._pause
