"""Calls and tokens a minute: buckets that are reserved from on estimate and settled on what a call took."""

from __future__ import annotations

from personae.model.reply import Usage
from personae.model.request import Request

_MINUTE = 60.0
_SLACK = 1e-6
"""What is forgiven to rounding: a bucket that wants a millionth of a token more is full."""
_LETTERS_PER_TOKEN = 4.0
_FIRST_OUTPUT = 512
"""Output tokens expected where no bound is set and nothing is known."""
_MEMORY = 0.05
"""Weight of the newest reply in what is expected."""


class Bucket:
    """A token bucket that never lets more than ``per_minute`` through in any minute. Pure: it is told the time.

    It holds what one second brings (one at least) or the largest amount that was asked for, up to half of the limit.
    What it holds may go at once, so it fills by that much less: with a content of b and a unit of u it fills by
    ``(per_minute - b + u) / 60`` a second, and no half-open minute sees more than ``per_minute``. An amount over half
    of the limit goes through a full bucket and leaves a debt, as it would wait for ever else.

    Args:
        per_minute: The limit.
        now: Seconds on a steady clock.
        unit: The least that can be asked for.

    Example:
        >>> bucket = Bucket(60, 0.0)
        >>> bucket.wait(1, 0.0), bucket.take(1, 0.0), bucket.wait(1, 0.25)
        (0.0, None, 0.75)
    """

    __slots__ = ("_at", "_holds", "_level", "_per_second", "_unit", "per_minute")

    def __init__(self, per_minute: float, now: float, *, unit: float = 1.0) -> None:
        self.per_minute = per_minute
        self._unit = unit
        self._at = now
        self._holds = 0.0
        self._per_second = 0.0
        self._size(max(1.0, per_minute / _MINUTE))
        self._level = self._holds

    def _size(self, holds: float) -> None:
        self._holds = min(holds, max(1.0, self.per_minute / 2))
        self._per_second = (self.per_minute - self._holds + self._unit) / _MINUTE

    def wait(self, amount: float, now: float) -> float:
        """Seconds until the amount may be taken; 0 if it may at once."""
        self._fill(now)
        if amount > self._holds:
            self._size(amount)
        missing = min(amount, self._holds) - self._level
        return missing / self._per_second if missing > _SLACK else 0.0

    def take(self, amount: float, now: float) -> None:
        """Take an amount for which there is room."""
        self._fill(now)
        self._level -= amount

    def settle(self, reserved: float, used: float, now: float) -> None:
        """Give back what a call did not need, or take what it needed more."""
        self._fill(now)
        self._level = min(self._holds, self._level + reserved - used)

    def level(self, now: float) -> float:
        """What may be taken now; negative is a debt."""
        self._fill(now)
        return self._level

    def _fill(self, now: float) -> None:
        if now > self._at:  # a clock that goes back brings nothing
            self._level = min(self._holds, self._level + (now - self._at) * self._per_second)
            self._at = now


class TokenEstimate:
    """What a call is likely to take, learned from those before it.

    Input is a quarter of the letters, times the running ratio of what replies said to what was estimated. Output is
    what calls of the same ``max_tokens`` took on average, or that bound where none is known.
    """

    __slots__ = ("_outputs", "_ratio")

    def __init__(self) -> None:
        self._ratio = 1.0
        self._outputs: dict[int | None, float] = {}

    def expect(self, request: Request) -> float:
        """Input and output tokens of a call."""
        bound = request.sampling.max_tokens
        output = self._outputs.get(bound)
        if output is None:
            output = float(_FIRST_OUTPUT if bound is None else bound) * request.sampling.n
        return _guess(request) * self._ratio + output

    def learn(self, request: Request, usage: Usage) -> None:
        """Take in what a call took."""
        if usage.input_tokens:
            self._ratio += _MEMORY * (usage.input_tokens / _guess(request) - self._ratio)
        bound = request.sampling.max_tokens
        known = self._outputs.get(bound)
        new = float(usage.output_tokens)
        self._outputs[bound] = new if known is None else known + _MEMORY * (new - known)


def _guess(request: Request) -> float:
    return 1.0 + sum(len(message.content) for message in request.messages) / _LETTERS_PER_TOKEN
