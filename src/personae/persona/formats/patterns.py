"""Regular expressions from strangers: bounded in length, in what they search, and in time."""

from __future__ import annotations

import time
from typing import Any

from personae.errors import MissingExtraError
from personae.persona.formats.limits import MOST_PATTERN, PATTERN_SECONDS, SCAN_SECONDS

_FLAGS = {"i": "IGNORECASE", "m": "MULTILINE", "s": "DOTALL"}


class Patterns:
    """Searches texts for patterns and counts what had to be given up.

    A pattern that is malformed, too long, or takes too long is no match, which is what the specification says of a
    malformed one. The time of all searches together is bounded too.
    """

    def __init__(self) -> None:
        self.refused: dict[str, str] = {}
        """Patterns that were given up, and why."""
        self._left = SCAN_SECONDS

    def found(self, pattern: str, text: str, *, ignore_case: bool) -> bool:
        """Whether a pattern is in a text.

        Raises:
            MissingExtraError: If the library that can stop a search is not installed.
        """
        if pattern in self.refused:
            return False
        if len(pattern) > MOST_PATTERN:
            return self._refuse(pattern, "too long")
        if self._left <= 0:
            return self._refuse(pattern, "the time for all patterns is spent")
        engine = _engine()
        spelled, flags = _flags_of(pattern, ignore_case, engine)
        start = time.monotonic()
        try:
            return engine.search(spelled, text, flags=flags, timeout=min(PATTERN_SECONDS, self._left)) is not None
        except engine.error as error:
            return self._refuse(pattern, f"malformed: {error}")
        except TimeoutError:
            return self._refuse(pattern, "takes too long")
        except (RecursionError, MemoryError, OverflowError, ValueError):
            return self._refuse(pattern, "cannot be compiled")
        finally:
            self._left -= time.monotonic() - start

    def _refuse(self, pattern: str, why: str) -> bool:
        self.refused[pattern] = why
        return False


def _flags_of(pattern: str, ignore_case: bool, engine: Any) -> tuple[str, int]:
    """A pattern and its flags; ``/pattern/flags`` is how JavaScript tools write them."""
    body, slash, letters = pattern[1:].rpartition("/") if pattern.startswith("/") else ("", "", "")
    if not slash or any(letter not in "dgimsuvy" for letter in letters):
        return pattern, int(engine.IGNORECASE) if ignore_case else 0
    flags = 0
    for letter in letters:
        flags |= int(getattr(engine, _FLAGS[letter])) if letter in _FLAGS else 0
    return body, flags


def _engine() -> Any:
    try:
        import regex
    except ImportError:
        raise MissingExtraError("searching a lorebook by regular expressions", "cards") from None
    return regex
