"""The log of a run: events with fields, as JSON lines in the run folder and, as asked, lines on standard error.

Whoever has something to tell calls :func:`note`, on any floor; it reaches the log that is open in this context, and
nothing where none is. Prompts and replies are never told, and the values of key variables are masked wherever they
stand. An event that may come by the thousand names a ``group``: of one group a line is written every five seconds, with
the number of those it stands for.
"""

from __future__ import annotations

import contextlib
import os
import re
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, Literal, get_args
from urllib.parse import unquote

from personae.errors import InputError
from personae.settings import LOG, LOG_LEVEL, read_setting

Level = Literal["debug", "info", "warning", "error"]
LEVELS: tuple[Level, ...] = get_args(Level)

Listener = Callable[[Level, str, Mapping[str, Any]], None]
"""Hears of every event, those that a group leaves out included."""

Style = Literal["text", "json", "off"]

_Sink = Callable[[Level, str, Mapping[str, Any]], None]

_GROUP_SECONDS = 5.0
_LEAST_SECRET = 8
"""Shorter values are words that may stand anywhere, not keys."""
_SECRET_NAME = re.compile(
    r"(?:_KEY|_TOKEN|_SECRET|_PASSWORD|_CREDENTIALS?)$|^OTEL_EXPORTER_OTLP_(?:\w+_)?HEADERS$", re.I
)
_USER_IN_URL = re.compile(r"(?<=://)[^/?#@\s]{1,500}@")


def note(level: Level, event: str, /, *, group: str | None = None, **fields: Any) -> None:
    """Tell the log that is open in this context of an event; do nothing where none is.

    Args:
        level: How much it matters; ``warning`` is what a person should look at.
        event: What happened, in the same few words every time.
        group: What tells apart the kinds of an event that may come by the thousand.
        **fields: What else is known: numbers, names, hashes; never text of prompts or replies.
    """
    log = current_log()
    if log is not None:
        log.note(level, event, group=group, **fields)


def current_log() -> Log | None:
    """The log that is open in this context; for threads, which have a context of their own."""
    return _current.get()


@contextlib.contextmanager
def open_log() -> Iterator[Log]:
    """Open a log for this context and the tasks that are made in it; lines on standard error as the settings say.

    Raises:
        InputError: If ``PERSONAE_LOG`` or ``PERSONAE_LOG_LEVEL`` has a value that is not known.
    """
    log = Log(*read_style())
    token = _current.set(log)
    try:
        yield log
    finally:
        _current.reset(token)
        log.close()


def read_style() -> tuple[Style, Level]:
    """How lines on standard error are written, and from which level on.

    Raises:
        InputError: If a value is not known.
    """
    style = (read_setting(LOG) or "text").lower()
    level = (read_setting(LOG_LEVEL) or "warning").lower()
    for variable, value, known in ((LOG, style, get_args(Style)), (LOG_LEVEL, level, LEVELS)):
        if value not in known:
            raise InputError(f"{value!r} is not known", where=variable, remedy=f"set one of {', '.join(known)}")
    return style, level  # type: ignore[return-value]  # both were just found among the known ones


@dataclass(slots=True)
class _Held:
    """Events of a group since its last line."""

    written: float
    level: Level = "info"
    fields: Mapping[str, Any] = field(default_factory=dict)
    count: int = 0


class Log:
    """Where events go while it is open. Safe to use from several threads.

    Args:
        style: How lines on standard error are written.
        level: From which level on; the file takes ``info`` and above in any case, and ``debug`` where this says so.
        secrets: What is masked, and by what; those of the environment if left out.
        clock: Tells seconds; for tests.
    """

    def __init__(
        self,
        style: Style = "text",
        level: Level = "warning",
        *,
        secrets: Mapping[str, str] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._style = style
        self._level = level
        self._secrets = known_secrets() if secrets is None else secrets
        self._clock = clock
        self._gate = threading.RLock()  # a sink that fails tells the other one
        self._groups: dict[tuple[str, str], _Held] = {}
        self._sinks: dict[str, tuple[int, _Sink]] = {}
        self._files: list[BinaryIO] = []
        self.listeners: list[Listener] = []
        if style != "off":
            self._sinks["stderr"] = (LEVELS.index(level), _Lazy(lambda: _lines_on_stderr(style)))

    def keep(self, path: Path) -> None:
        """Append every further event to a file, one JSON object a line; a file that cannot be written is left alone."""

        def opened() -> _Sink:
            file = path.open("ab")
            self._files.append(file)
            return _lines_in(file)

        with self._gate:
            self._sinks["file"] = (LEVELS.index("debug" if self._level == "debug" else "info"), _Lazy(opened))

    def note(self, level: Level, event: str, /, *, group: str | None = None, **fields: Any) -> None:
        """Write an event; the arguments are those of :func:`note`."""
        for listener in self.listeners:
            listener(level, event, fields)
        with self._gate:
            if group is not None:
                now = self._clock()
                held = self._groups.get((event, group))
                if held is not None and now - held.written < _GROUP_SECONDS:
                    held.level, held.fields, held.count = level, fields, held.count + 1
                    return
                self._groups[event, group] = _Held(now)
                if held is not None and held.count:
                    fields = {**fields, "times": held.count + 1}
            self._write(level, event, fields)

    def close(self) -> None:
        """Write what groups still hold, and close the file."""
        with self._gate:
            for (event, _), held in self._groups.items():
                if held.count:
                    self._write(held.level, event, {**held.fields, "times": held.count})
            self._groups.clear()
            self._sinks.clear()
            for file in self._files:
                with contextlib.suppress(OSError):
                    file.close()
            self._files.clear()

    def mask(self, value: Any) -> Any:
        """The value with every secret in it replaced by its name, however deep it stands."""
        if isinstance(value, str):
            if not value.isascii():  # half of a surrogate pair, as file names may have it, is in no encoding
                value = value.encode("utf-8", "replace").decode()
            for secret, name in self._secrets.items():
                if secret in value:
                    value = value.replace(secret, f"[{name}]")
            return _USER_IN_URL.sub("", value) if "@" in value else value
        if isinstance(value, Mapping):
            return {self.mask(str(key)): self.mask(inner) for key, inner in value.items()}
        if isinstance(value, (list, tuple, set, frozenset)):
            return [self.mask(inner) for inner in value]
        is_plain = value is None or isinstance(value, (bool, float)) or (isinstance(value, int) and abs(value) < 2**63)
        return value if is_plain else self.mask(str(value))  # JSON has no longer numbers

    def _write(self, level: Level, event: str, fields: Mapping[str, Any]) -> None:
        rank = LEVELS.index(level)
        masked = None
        for name, (least, sink) in list(self._sinks.items()):
            if rank < least:
                continue
            masked = self.mask(fields) if masked is None else masked
            try:
                sink(level, self.mask(event), masked)
            except (OSError, ValueError) as error:  # full disk, closed stream: a log must not end what it tells of
                self._sinks.pop(name, None)
                self._write("warning", "log switched off", {"sink": name, "error": type(error).__name__})


_current: ContextVar[Log | None] = ContextVar("personae_log", default=None)


def known_secrets() -> dict[str, str]:
    """Values of variables that hold keys, in the environment and in ``.env``, and the names to show in their place."""
    variables = dict(os.environ)
    if Path(".env").is_file():
        from dotenv import dotenv_values

        variables = {**{name: value or "" for name, value in dotenv_values(".env").items()}, **variables}
    found: dict[str, str] = {}
    for name, value in variables.items():
        if not _SECRET_NAME.search(name):
            continue
        values = [value.strip()]
        if name.upper().endswith("_HEADERS"):  # name=value,name=value, percent-encoded
            parts = [part.partition("=")[2].strip() for part in value.split(",")]
            values = [*parts, *(unquote(part) for part in parts)]
        found.update({each: name for each in values if len(each) >= _LEAST_SECRET})
    return dict(sorted(found.items(), key=lambda pair: -len(pair[0])))  # one key may be the beginning of another


class _Lazy:
    """A sink that is made when it is needed: most logs write nothing to standard error, and many no file."""

    def __init__(self, make: Callable[[], _Sink]) -> None:
        self._make = make
        self._sink: _Sink | None = None

    def __call__(self, level: Level, event: str, fields: Mapping[str, Any]) -> None:
        self._sink = self._sink or self._make()
        self._sink(level, event, fields)


def _lines_in(file: BinaryIO) -> _Sink:
    def write(level: Level, event: str, fields: Mapping[str, Any]) -> None:
        file.write(_as_json(level, event, fields))
        file.flush()

    return write


def _lines_on_stderr(style: Style) -> _Sink:
    """Write to what standard error is at the moment: a live line of progress puts itself in its place."""
    if style == "json":
        return lambda *event: _say(_as_json(*event).decode())
    import structlog  # 4 MB and a twentieth of a second, which runs that have nothing to tell are spared

    renderer = structlog.dev.ConsoleRenderer(colors=False, pad_event_to=0)

    def write(level: Level, event: str, fields: Mapping[str, Any]) -> None:
        line = renderer(None, level, {**fields, "timestamp": _now(), "level": level, "event": event})
        _say(f"{line}\n")

    return write


def _say(line: str) -> None:
    sys.stderr.write(line)
    sys.stderr.flush()


def _as_json(level: Level, event: str, fields: Mapping[str, Any]) -> bytes:
    import orjson

    line = {"time": _now(), "level": level, "event": event}  # where people look for them
    return orjson.dumps({**fields, **line} if line.keys() & fields else {**line, **fields}) + b"\n"


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
