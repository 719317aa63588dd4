"""How many calls an endpoint is asked at once: additive increase, multiplicative decrease, and an eye on latency."""

from __future__ import annotations

import math

_CUT = 0.8
"""What is left of the bound when a level that had worked for a while is refused."""
_HARD_CUT = 0.5
"""What is left of it when the level before was refused too: the bound is far off, so it falls fast."""
_STEP = 0.05
"""Growth by each window of successes, as a share of the bound; one call at least."""
_PATIENCE = 20
"""A level that was refused is tried again after so many successes and so many times the pause that it cost."""
_SLOWER = 3.0
"""Latency over the least one seen that counts as a queue in the server."""
_LATENCY_CUT = 0.8
_FASTER = 1.05
"""Throughput over that of the window before which excuses a higher latency."""
_WORSE = 0.9
"""Throughput beside that before a cut for latency which says that the cut was wrong."""
_DRIFT = 1.0002
"""By how much the least latency is let rise each window, so that one lucky window does not rule for ever."""
_FEWEST = 32
"""Calls that a window of latencies has at least."""
_FIRST_TOKENS = 16
"""What reading the prompt counts, in tokens of output: calls of one token are not a hundred times slower ones."""


class Concurrency:
    """The bound on calls in flight at one endpoint, moved by what happens to them. Pure: whoever asks tells the time.

    It begins at what is allowed and falls when the endpoint says that it is too much (429, overload, timeout), to 0.8
    of the calls in flight, or to half if no window of successes came since it fell last. Only calls that were started
    since then count, so that one round trip lowers it once. It rises by one call, or 5 %, with each window of as many
    successes as the bound has calls (Chiu and Jain, 1989, for why additive increase and multiplicative decrease share
    fairly); below half of the level that was refused last it doubles each window. That level itself is tried again
    after 20 successes and 20 times the pause it cost: a twentieth of calls and time is what finding out may take.

    Latency lowers it where a server queues in silence. For a window of at least 32 replies, with w = output tokens + 16
    of each, latency is ``T = sum(seconds) / sum(w)`` and throughput ``X = sum(w) / wall time``. If ``T > 3 T_min`` and
    X is not 5 % over that of the window before, the bound falls to 0.8, not below ``2 X T_min``: by Little's law
    ``X T_min`` calls keep that throughput up where none waits. If X then falls by more than 10 %, there was no queue,
    but calls of another nature: the bound comes back, and their latency is the new ``T_min``. While a queue is seen the
    bound does not rise.

    Args:
        most: Upper bound; infinite leaves it to whoever calls.
    """

    __slots__ = (
        "_ceiling",
        "_held_until",
        "_is_queued",
        "_least_latency",
        "_limit_before_cut",
        "_seconds",
        "_successes",
        "_throughput",
        "_throughput_before_cut",
        "_weight",
        "_window",
        "_window_from",
        "epoch",
        "limit",
        "most",
        "refusals",
    )

    def __init__(self, most: float = math.inf) -> None:
        self.most = most
        self.limit = most
        """Calls that may be in flight; a fraction counts from the next whole number on."""
        self.epoch = 0
        """How often it fell; a call carries the epoch that it was started in."""
        self.refusals = 0
        """How often it fell since the last success."""
        self._successes = 0
        self._ceiling = math.inf
        self._held_until = -math.inf
        self._window = 0
        self._window_from = -1.0
        self._seconds = 0.0
        self._weight = 0
        self._throughput = 0.0
        self._least_latency = math.inf
        self._is_queued = False
        self._limit_before_cut = 0.0
        self._throughput_before_cut = 0.0

    def tighten(self, most: float) -> None:
        """Lower the upper bound; the strictest of all who share an endpoint holds."""
        self.most = min(self.most, most)
        self.limit = min(self.limit, self.most)

    def succeeded(self, now: float, seconds: float, output_tokens: int, in_flight: int) -> None:
        """A call was answered."""
        self.refusals = 0
        self._successes += 1
        is_used = in_flight * 2 > self.limit  # a bound that nobody reaches proves nothing
        if is_used and self.limit < self.most and not self._is_queued:
            self._grow(now)
        self._window += 1
        self._seconds += seconds
        self._weight += output_tokens + _FIRST_TOKENS
        if self._window >= _FEWEST and self._window >= in_flight:
            self._close_window(now, in_flight)

    def refused(self, now: float, epoch: int, in_flight: int, pause: float = 0.0) -> bool:
        """A call was too much for the endpoint.

        Args:
            now: Seconds on a steady clock.
            epoch: The epoch in which the call was started.
            in_flight: Calls in flight, this one included.
            pause: Seconds that the endpoint asked to wait.

        Returns:
            Whether the bound fell; it does not for what was started before it fell last.
        """
        if epoch != self.epoch:
            return False
        level = min(self.limit, float(max(in_flight, 1)))
        is_marginal = self._successes * 2 >= level
        if is_marginal or self._ceiling == math.inf:
            self._ceiling = level
        self._held_until = now + _PATIENCE * pause
        self._limit_before_cut = 0.0
        self._is_queued = False
        self._fall(level * (_CUT if is_marginal else _HARD_CUT))
        self.refusals += 1
        return True

    def _grow(self, now: float) -> None:
        limit = self.limit
        step = 1.0 if limit < self._ceiling / 2 else max(1.0 / limit, _STEP)
        grown = limit + step
        if grown > self._ceiling - 1.0 and (now < self._held_until or self._successes < _PATIENCE):
            grown = max(limit, self._ceiling - 1.0)
        self.limit = min(grown, self.most)

    def _fall(self, limit: float) -> None:
        self.limit = max(1.0, limit)
        self.epoch += 1
        self._successes = 0
        self._forget_window()

    def _close_window(self, now: float, in_flight: int) -> None:
        wall = now - self._window_from
        if self._window_from >= 0 and wall > 0:  # the first one has no beginning
            self._judge(self._seconds / self._weight, self._weight / wall, in_flight)
        self._forget_window()
        self._window_from = now

    def _judge(self, latency: float, throughput: float, in_flight: int) -> None:
        if self._limit_before_cut:
            if throughput < _WORSE * self._throughput_before_cut:
                self.limit = max(self.limit, self._limit_before_cut)
                self._least_latency = latency
            self._limit_before_cut = 0.0
        enough = 2.0 * throughput * self._least_latency
        level = min(self.limit, float(in_flight))
        self._is_queued = latency > _SLOWER * self._least_latency and throughput < _FASTER * self._throughput
        self._throughput = throughput
        self._least_latency = min(self._least_latency * _DRIFT, latency)
        if self._is_queued and level > enough:
            self._ceiling = min(self._ceiling, level)
            self._limit_before_cut, self._throughput_before_cut = self.limit, throughput
            self._fall(max(level * _LATENCY_CUT, enough))

    def _forget_window(self) -> None:
        self._window, self._weight, self._seconds, self._window_from = 0, 0, 0.0, -1.0
