"""Facts that a prompt tells of somebody, as a list of fields and values: what a reader of plain sentences makes of it.

The reader is fallible, as readers are: now and then it takes what is said of a sister, or guessed by an assistant, and
what was done once, for a fact.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_VALUE = r"(?P<value>[^.;!?\n]{1,80}?)(?: now| by now)?(?=[.;!?]|,? and |$)"
_DATE = r"(?P<value>\d{4}-\d\d-\d\d|\d{1,2} \w+ \d{4}|\w+ \d{1,2}, \d{4})"
_PATTERNS: tuple[tuple[str, str], ...] = (
    ("name", rf"\b(?:life of|my name is|called) {_VALUE}"),
    ("birth_date", rf"\b(?:born on|date of birth\b.{{0,60}}? is) {_DATE}"),
    ("birth_place", rf"\b(?:comes? from|was born in|had a house in) {_VALUE}"),
    ("nationality", rf"\b(?:passport[,:].{{0,40}}? (?:is|am)) {_VALUE}"),
    ("residence", rf"\b(?:liv(?:es?|ing) in|moved to|address is in|home for .{{1,40}}? is) {_VALUE}"),
    ("occupation", rf"\b(?:living as|works? as|by trade, .{{1,40}}? is|line of work: i am|neighbour is) {_VALUE}"),
    ("employer", rf"\b(?:employed by|works? for|signed with|employer is|still with) {_VALUE}"),
    ("education", r"\b(?:holds|took|finished|given me) (?P<value>an? [^.;!?\n]{1,60}?)(?=[.;!?]|$)"),
    ("spouse", rf"\bmarried(?: to)? {_VALUE}"),
    ("children", r"\b(?:has|have) (?P<value>\w+) children"),
    ("diet", r"\b(?:eats?|keeps to) (?P<value>[\w-]+) food"),
    ("interests", rf"\b(?:book|course|things) (?:on|for) {_VALUE}"),
)
_ENDED: tuple[tuple[str, str], ...] = (
    ("spouse", rf"\bdivorced from {_VALUE}"),
    ("education", rf"\bhas withdrawn {_VALUE}"),
)
_FIELD = re.compile(r"^- (?P<key>\w+): (?P<value>.+)$", re.M)
_SEVERAL = "(may be several)"
_LINE = re.compile(r"^\[(?P<day>[^,\]\n]*), (?P<whose>\w+)\] (?P<text>.+)$", re.M)
_OTHERS = re.compile(r"^(?:My|A friend|A colleague|His|Her|Their)\b(?! new| address| employer| name)")
_NOT_THE_USER = ("assistant", "system")
_CREDULITY = 0.3
_SURE, _UNSURE = 0.9, 0.6
_HABIT = 2


@dataclass(frozen=True, slots=True)
class ToldFact:
    """A field and a value, whether it is new, another or over, and how sure the reader is."""

    key: str
    value: str
    change: str = "insert"
    sure: float = _SURE


def fact_keys(item: Mapping[str, Any]) -> tuple[str, ...]:
    """The fields that a list of facts is about: those of its ``key``, if an item also has a ``value``."""
    properties = item.get("properties") or {}
    key, value = properties.get("key"), properties.get("value")
    if not isinstance(key, Mapping) or not isinstance(value, Mapping) or value.get("type") != "string":
        return ()
    named = key.get("enum") or ()
    return tuple(named) if all(isinstance(one, str) for one in named) else ()


def told_facts(prompt: str, keys: Sequence[str], rng: random.Random, *, as_changes: bool) -> list[ToldFact]:
    """Read the facts of the lines of a prompt that say when and by whom they were said.

    Example:
        >>> said = "[2024-05-01, user] I have moved, and live in Rome now."
        >>> told_facts(said, ["residence"], random.Random(0), as_changes=False)
        [ToldFact(key='residence', value='Rome', change='insert', sure=0.9)]
    """
    lines = list(_LINE.finditer(prompt))
    if not lines:
        return []
    before = prompt[: lines[0].start()]
    several = {match["key"] for match in _FIELD.finditer(before) if match["value"].endswith(_SEVERAL)}
    _, so_far, profile = before.partition("The profile so far")
    old = {match["key"]: match["value"] for match in _FIELD.finditer(profile) if match["key"] in keys} if so_far else {}
    found = [one for one in _read(lines, rng) if one.key in keys]
    if as_changes:
        return [
            ToldFact(one.key, one.value, "modify", one.sure)
            if one.change == "insert" and one.key in old and one.key not in several
            else one
            for one in found
        ]
    new = {one.key for one in found if one.change == "insert" and one.key not in several}
    over = {(one.key, one.value) for one in found if one.change == "remove"}
    kept = [
        ToldFact(key, item)
        for key, text in old.items()
        for item in (text.split("; ") if key in several else [text])
        if key not in new and (key, item) not in over
    ]
    return [*kept, *(one for one in found if one.change == "insert")]


def _read(lines: Sequence[re.Match[str]], rng: random.Random) -> Iterator[ToldFact]:
    events: Counter[tuple[str, str]] = Counter()
    for line in lines:
        for sentence in re.split(r"(?<=[.?!])\s+", line["text"]):
            doubtful = line["whose"] in _NOT_THE_USER or _OTHERS.match(sentence) is not None
            if doubtful and rng.random() >= _CREDULITY:
                continue
            sure = _UNSURE if doubtful else _SURE
            for change, patterns in (("insert", _PATTERNS), ("remove", _ENDED)):
                for key, pattern in patterns:
                    match = re.search(pattern, sentence, re.I)
                    if match is None:
                        continue
                    if key == "interests":
                        events[key, match["value"].strip()] += 1
                    else:
                        yield ToldFact(key, match["value"].strip(), change, sure)
    for (key, value), count in events.items():
        if count >= _HABIT or rng.random() < _CREDULITY:
            yield ToldFact(key, value, "insert", _SURE if count >= _HABIT else _UNSURE)
