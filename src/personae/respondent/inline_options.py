"""Response options that stand within a sentence: "1 for Disagree strongly, 2 for ...", "yes or no", "from 1 to 7"."""

from __future__ import annotations

import re
from collections.abc import Sequence

from personae.respondent.scales import MOST_MARKS, MOST_OPTIONS, Choice, agreement_of, graded, is_number, is_scale

_LABEL = r"[\"“'‘]?(?P<text>[A-Za-z][A-Za-z'’ ]{1,50}?)[\"”'’]?"
_MARK_FIRST = re.compile(
    r"(?<![\w.,/-])[(\[]?(?P<mark>[-+−]?\d{1,3}|[A-K](?![A-Za-z'’]))[)\].]{0,2}\s{0,3}"
    r"(?:=|:|for\b|is\b|means?\b|meaning\b|stands for\b|denotes\b|represents\b|indicates\b|corresponds to\b|equals\b"
    rf"|being\b|,|–|—|-|\(|(?<=[.)\]]\s))\s{{0,3}}{_LABEL}"
    r"(?=\s{0,3}[,.;:)\]\n/|]|\s+(?:and|to|or|through)\s|\s*$|\s+[(\[]?(?:\d|[A-K][).:]))"
)
_LABEL_FIRST = re.compile(
    rf"(?:^|[,;:.(\n]|\b(?:and|to|from|or)\s)\s{{0,3}}{_LABEL}\s{{0,3}}[(\[=:]\s{{0,3}}(?P<mark>[-+−]?\d{{1,3}}|[A-K])\b",
    re.MULTILINE,
)
_RANGE = re.compile(
    r"(?<![\w.,-])(?P<first>[-−]?\d{1,2})\s{0,2}(?:\([^()\n]{0,60}\)\s{0,2})?(?:to|through|and|-|–)\s{0,2}"
    r"(?P<last>[+]?\d{1,3})(?![\w%-]|[.,]\d)"
)
_ASKS_NUMBER = re.compile(r"\b(?:scale|rate|rating|score|points?|number)\b", re.IGNORECASE)
_QUOTED = re.compile(r"[\"“'‘](?P<text>[A-Za-z][A-Za-z ’']{1,40}?)[.,]?[\"”'’]")
_LIST = re.compile(r"[:(\[]\s{0,3}(?P<text>[^():\[\]\n]{5,300})")
_SEPARATOR = re.compile(r"\s*(?:[,/;|]\s*(?:or\b|and\b)?|\bor\b)\s*")
_PAIR = re.compile(
    r"\b(?P<first>yes|true|agree|no|false|disagree|accurate|inaccurate|likely)\s{0,2}(?:/|or|,)\s{0,2}"
    r"(?P<last>no|false|disagree|yes|true|agree|inaccurate|accurate|unlikely)\b",
    re.IGNORECASE,
)


def inline_choices(text: str) -> tuple[Choice, ...] | None:
    """Find options within sentences: marks with words, words alone, or the two ends of a range of numbers."""
    for pattern in (_LABEL_FIRST, _MARK_FIRST):
        found = _marked(text, pattern)
        if found is not None:
            return found
    return _range(text) or _words(text)


def _marked(text: str, pattern: re.Pattern[str]) -> tuple[Choice, ...] | None:
    found: dict[str, str] = {}
    for match in pattern.finditer(text):
        if agreement_of(match["text"]) is not None:
            found.setdefault(match["mark"].replace("−", "-"), match["text"].strip())
    if len(found) < 2 or len({is_number(mark) for mark in found}) > 1:
        return None
    marks = list(found)
    if all(map(is_number, marks)):
        marks = _filled(marks)
    return graded(marks, [found.get(mark, "") for mark in marks]) if marks else None


def _filled(marks: Sequence[str]) -> list[str]:
    """All numbers between those that are explained, in the order in which these are given."""
    numbers = [int(mark) for mark in marks]
    first, last = numbers[0], numbers[-1]
    step = 1 if last > first else -1
    if sorted(numbers)[::step] != numbers or abs(last - first) >= MOST_MARKS:
        return []
    return [str(number) for number in range(first, last + step, step)]


def _range(text: str) -> tuple[Choice, ...] | None:
    if not _ASKS_NUMBER.search(text):
        return None
    for match in _RANGE.finditer(text):
        first, last = int(match["first"].replace("−", "-")), int(match["last"])
        if 2 <= last - first < MOST_MARKS and first <= 1 and (last <= MOST_OPTIONS or last == MOST_MARKS - 1):
            marks = [str(number) for number in range(first, last + 1)]
            return graded(marks, [""] * len(marks))
    return None


def _words(text: str) -> tuple[Choice, ...] | None:
    """Options without marks: the answer is their words."""
    quoted = list(
        dict.fromkeys(match["text"] for match in _QUOTED.finditer(text) if agreement_of(match["text"]) is not None)
    )
    if is_scale(quoted):
        return graded([""] * len(quoted), quoted)
    for match in _LIST.finditer(text):
        labels = [part.strip(" .\"'“”‘’?") for part in _SEPARATOR.split(match["text"])]
        if is_scale(labels):
            return graded([""] * len(labels), labels)
    pair = _PAIR.search(text)
    labels = [pair["first"].capitalize(), pair["last"].capitalize()] if pair else []
    return graded(["", ""], labels) if is_scale(labels) else None
