"""What statements give away: whole runs of the profile, or the right name."""

from __future__ import annotations

import re

RUN = 5
"""Words in a row that make a quotation."""
_WORD = re.compile(r"[\w'’]+")


def is_quoted(statement: str, profile: str, run: int = RUN) -> bool:
    """Whether a statement repeats so many words of the profile in a row.

    Example:
        >>> is_quoted("I love walks by the old river", "You love walks by the old river.")
        True
        >>> is_quoted("I love rivers", "You love walks by the old river.")
        False
    """
    words = [word.casefold() for word in _WORD.findall(statement)]
    text = f" {' '.join(word.casefold() for word in _WORD.findall(profile))} "
    return any(f" {' '.join(words[start : start + run])} " in text for start in range(len(words) - run + 1))


def is_named(guess: str, name: str, work: str) -> bool:
    """Whether a guess has the character's name, whole or the first, and the series.

    Example:
        >>> is_named("That is Ada Low, of The Mill.", "Ada Low", "The Mill"), is_named("Ada", "Ada Low", "The Mill")
        (True, False)
    """
    said = " ".join(word.casefold() for word in _WORD.findall(guess))
    parts = [word.casefold() for word in _WORD.findall(name)]
    series = " ".join(word.casefold() for word in _WORD.findall(work))
    return bool(parts) and f" {parts[0]} " in f" {said} " and f" {series} " in f" {said} "
