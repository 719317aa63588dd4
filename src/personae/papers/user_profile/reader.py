"""A reader that knows the wording of planted evidence: the positive control of scoring, and no system of its own."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache

from personae.papers.user_profile.edits import Edit, apply_edits
from personae.papers.user_profile.fields import Profile
from personae.papers.user_profile.history import ABOUT_THE_USER, Evidence
from personae.papers.user_profile.people import HABIT, wordings

_NAME = re.compile(r"^This is a short life of (?P<name>[^.]+)\.")


def read_edits(evidence: Sequence[Evidence]) -> list[Edit]:
    """What some evidence says of the user; the assistant, system messages and single events say nothing.

    Example:
        >>> said = ("I have moved, and live in Rome now.", "My sister lives in Bonn.")
        >>> read_edits([Evidence(text, "2024-05-01") for text in said])
        [Edit(kind='insert', key='residence', value='Rome')]
    """
    found: list[Edit] = []
    events: Counter[tuple[str, str]] = Counter()
    for one in evidence:
        if one.role not in ABOUT_THE_USER:
            continue
        name = _NAME.match(one.text)
        if name:
            found.append(Edit("insert", "name", name["name"]))
        for part, key, value in _facts(one.text, name["name"] if name else ""):
            if part == "behaviour":
                events[key, value] += 1
            else:
                found.append(Edit("remove" if part == "ended" else "insert", key, value))
    return [*found, *(Edit("insert", key, value) for (key, value), count in events.items() if count >= HABIT)]


def read_profile(old: Profile, evidence: Sequence[Evidence]) -> dict[str, str]:
    """The profile after some evidence."""
    return apply_edits(old, read_edits(evidence))


def _facts(text: str, name: str) -> Iterator[tuple[str, str, str]]:
    for sentence in re.split(r"(?<=[.?])\s+", text):
        for part, key, pattern in _patterns():
            found = pattern.fullmatch(sentence.replace(name, "$name") if name else sentence)
            if found:
                yield part, key, found["value"]


@lru_cache(maxsize=1)
def _patterns() -> tuple[tuple[str, str, re.Pattern[str]], ...]:
    return tuple(
        (part, key, re.compile(re.escape(wording).replace(r"\$value", r"(?P<value>[^.]{1,80}?)")))
        for part in ("biography", "message", "known", "ended", "behaviour")
        for key, given in wordings()[part].items()
        for wording in given
    )
