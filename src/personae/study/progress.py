"""Telling how far a run is: a live line on a terminal, plain lines elsewhere, nothing if asked to be quiet."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Protocol, TextIO

from personae.study.tally import Tally

if TYPE_CHECKING:
    from rich.live import Live

_PLAIN_SECONDS = 10.0
_LIVE_SECONDS = 0.2


class Watcher(Protocol):
    """Is told of every finished cell."""

    def start(self, tally: Tally) -> None:
        """The run begins."""
        ...

    def update(self, tally: Tally) -> None:
        """A cell was finished."""
        ...

    def stop(self, tally: Tally) -> None:
        """The run ends, done or not."""
        ...


class Quiet:
    """Tells nothing."""

    def start(self, tally: Tally) -> None:
        """Nothing."""

    def update(self, tally: Tally) -> None:
        """Nothing."""

    def stop(self, tally: Tally) -> None:
        """Nothing."""


class Plain:
    """Prints a line every ten seconds, and one at the end."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self._started = self._printed = 0.0
        self._warned = 0

    def start(self, tally: Tally) -> None:
        """Remember when it began."""
        self._started = self._printed = time.monotonic()

    def update(self, tally: Tally) -> None:
        """Print a line if the last one is old enough."""
        now = time.monotonic()
        for warning in tally.warnings[self._warned :]:
            print(f"warning: {warning}", file=self._stream, flush=True)
        self._warned = len(tally.warnings)
        if now - self._printed >= _PLAIN_SECONDS:
            self._printed = now
            self._print(tally, now)

    def stop(self, tally: Tally) -> None:
        """Print the last line."""
        self._print(tally, time.monotonic())

    def _print(self, tally: Tally, now: float) -> None:
        print(describe(tally, now - self._started), file=self._stream, flush=True)


class LiveLine:
    """Keeps one line of a terminal up to date."""

    def __init__(self) -> None:
        self._live: Live | None = None
        self._started = self._drawn = 0.0
        self._warned = 0

    def start(self, tally: Tally) -> None:
        """Take a line of the terminal."""
        from rich.console import Console
        from rich.live import Live

        self._started = time.monotonic()
        self._live = Live(console=Console(stderr=True), auto_refresh=False, transient=False)
        self._live.start()

    def update(self, tally: Tally) -> None:
        """Draw the line anew, a few times a second at most."""
        now = time.monotonic()
        if self._live is not None:
            for warning in tally.warnings[self._warned :]:
                self._live.console.print(f"warning: {warning}", markup=False, highlight=False)
        self._warned = len(tally.warnings)
        if now - self._drawn >= _LIVE_SECONDS:
            self._drawn = now
            self._draw(tally, now)

    def stop(self, tally: Tally) -> None:
        """Draw the last state and give the line back."""
        self._draw(tally, time.monotonic())
        if self._live is not None:
            self._live.stop()

    def _draw(self, tally: Tally, now: float) -> None:
        if self._live is not None:
            from rich.text import Text

            self._live.update(Text(describe(tally, now - self._started)), refresh=True)


def choose_watcher(*, is_quiet: bool = False) -> Watcher:
    """The way of telling that suits where standard error goes."""
    if is_quiet:
        return Quiet()
    return LiveLine() if sys.stderr.isatty() else Plain()


def describe(tally: Tally, seconds: float) -> str:
    """One line: done of total, calls, tokens, cost, what went wrong, time left.

    Example:
        >>> describe(Tally(total=320, resumed=120), 2.0)
        '120/320 cells · 120 from before · 0 calls · 0 tokens · $0.00'
    """
    fresh = sum(tally.statuses.values())
    parts = [f"{tally.done}/{tally.total} cells" if tally.total is not None else f"{tally.done} cells"]
    if tally.resumed:
        parts.append(f"{tally.resumed} from before")
    if tally.elsewhere:
        parts.append(f"{tally.elsewhere} by other workers")
    if tally.waiting:
        parts.append(f"waiting for {tally.waiting} of other workers")
    calls = f"{tally.calls} calls"
    parts.append(f"{calls} ({tally.cached_calls} cached)" if tally.cached_calls else calls)
    parts.append(f"{short_number(tally.usage.input_tokens + tally.usage.output_tokens)} tokens")
    if tally.usage.cached_tokens:
        share = tally.usage.cached_tokens / tally.usage.input_tokens
        parts.append(f"{share:.0%} of the input from the server's cache")
    parts.append(tally.cost_text())
    parts += [f"{count} {status}" for status, count in sorted(tally.statuses.items()) if status != "ok"]
    if tally.awaited:
        parts.append(tally.awaited)
    elif fresh and seconds > 0:
        if tally.total is not None and tally.done < tally.total:
            parts.append(f"ETA {short_time((tally.total - tally.done) * seconds / fresh)}")
        else:
            parts.append(f"{short_time(seconds)}")
    return " · ".join(parts)


def short_number(value: float) -> str:
    """A count in few characters.

    Example:
        >>> short_number(950), short_number(12_400), short_number(3_100_000)
        ('950', '12.4k', '3.1M')
    """
    for limit, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if value >= limit:
            return f"{value / limit:.1f}{letter}"
    return f"{value:.0f}"


def short_time(seconds: float) -> str:
    """A duration in few characters.

    Example:
        >>> short_time(4.2), short_time(95), short_time(4000)
        ('4 s', '1 min 35 s', '1 h 6 min')
    """
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"
