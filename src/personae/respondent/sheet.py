"""Seeing the questionnaire in a prompt: its items, its options, which end of the scale is which."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

_LIST_LINE = re.compile(
    r"^[ \t]*(?:[-*•][ \t]+)?(?P<open>[(\[]?)(?P<mark>[A-Za-z]{1,2}|\d{1,3})"
    r"(?P<close>[)\].:]|[ \t]*=|[ \t]+[–—-](?=[ \t])|$)[ \t]*(?P<text>.*)$"
)
_INLINE_OPTION = re.compile(
    r"(?<![\w.])(?P<mark>\d{1,2}|[A-G])\s*(?:for|=|:|is|means|stands for|\(|–|-)\s*[\"“']?"
    r"(?P<text>[A-Za-z][A-Za-z'’ ]{1,60}?)[\"”']?(?=\s*[,.;)\n]|\s+(?:and|to)\s+\d|$)"
)
_RANGE = re.compile(r"\b(?:from|of|between)?\s*(?P<first>\d{1,2})\s*(?:to|-|–|and)\s*(?P<last>\d{1,2})\b")
_SINGLE = re.compile(r"^[ \t]*(?:statement|item|question)\s*\d*\s*[:.]\s*[\"“]?(?P<text>.+?)[\"”]?\s*$", re.I | re.M)
_QUOTED = re.compile(r"[\"“](?P<text>[^\"”\n]{4,400})[\"”]")

_POLARITY: tuple[tuple[re.Pattern[str], float], ...] = (
    (
        re.compile(
            r"\b(?:neither|neutral|undecided|unsure|not sure|uncertain|sometimes|no opinion|don['’]t know)\b", re.I
        ),
        0.0,
    ),
    (
        re.compile(
            r"\b(?:disagree[ds]?|inaccurate|unlike|untrue|false|no|never|not at all|not true|not like|unlikely"
            r"|dissatisfied|rarely|seldom|does not)\b",
            re.I,
        ),
        -1.0,
    ),
    (
        re.compile(
            r"\b(?:agree[ds]?|accurate|like me|describes|true|yes|always|often|usually|likely|satisfied|very much"
            r"|exactly)\b",
            re.I,
        ),
        1.0,
    ),
)
"""Words by which an option says no, neither or yes; the first group that matches decides."""

_STRONG = re.compile(
    r"\b(?:strongly|very|extremely|completely|totally|absolutely|always|never|not at all|exactly)\b", re.I
)
_MOST_OPTIONS = 11
_WEAK = re.compile(r"\b(?:a little|slightly|somewhat|a bit|partly|rarely|seldom|often|usually)\b", re.I)


@dataclass(frozen=True, slots=True)
class Choice:
    """One option as listed."""

    mark: str
    label: str
    agreement: float
    """How much choosing it agrees with the item, -1 to 1; only the order matters."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A questionnaire, or one question, as the prompt shows it."""

    labels: tuple[str, ...]
    """Marks of the items; empty for a single question."""
    items: tuple[str, ...]
    choices: tuple[Choice, ...]
    """Options in the order listed."""
    order: tuple[int, ...]
    """Indices of the choices by rising agreement."""
    is_scale: bool
    """Whether the options are degrees of agreement; otherwise they are alternatives with words of their own."""
    template: str
    """How an item's answer is written: ``({label}) {answer}``."""


@dataclass(frozen=True, slots=True)
class _Line:
    mark: str
    text: str
    style: str


@lru_cache(maxsize=8192)
def read_sheet(text: str) -> Sheet | None:
    """Find the questionnaire in a prompt; ``None`` if it asks no closed question."""
    blocks = list(_blocks(text))
    scales = [block for block in blocks if _is_scale([line.text for line in block])]
    others = [block for block in blocks if block not in scales]
    choices = _choices_of(scales[0]) if scales else _inline_choices(text)
    if choices is None and others and _are_alternatives(others[-1]):
        return _alternatives(text, others[-1])
    if choices is None:
        return None
    items = max(others, key=len, default=[])
    if not items:
        single = _single_item(text)
        return _sheet((), (single,), choices, "{answer}") if single else None
    return _sheet(tuple(line.mark for line in items), tuple(line.text for line in items), choices, items[0].style)


def agreement_of(label: str) -> float | None:
    """How much an option agrees, by its words, -1 to 1; ``None`` if they do not say.

    Example:
        >>> agreement_of("Disagree strongly"), agreement_of("Moderately Accurate"), agreement_of("a walk in the park")
        (-1.0, 0.7, None)
    """
    if len(label.split()) > 6:
        return None
    for pattern, sign in _POLARITY:
        if pattern.search(label):
            if sign == 0.0:
                return 0.0
            return sign * (0.4 if _WEAK.search(label) else 1.0 if _STRONG.search(label) else 0.7)
    return None


def _blocks(text: str) -> Iterator[list[_Line]]:
    """Runs of list lines whose marks count upwards (or downwards); a blank line may stand within a run."""
    run: list[_Line] = []
    for raw in text.splitlines():
        if not raw.strip():
            continue
        match = _LIST_LINE.match(raw)
        line = None
        if match and (match["close"] or not match["text"]):
            style = f"{match['open']}{{label}}{match['close'].strip() or '.'} {{answer}}"
            line = _Line(match["mark"], match["text"].strip(), style)
        if line is not None and (not run or _follows(run[-1], line)):
            run.append(line)
            continue
        if len(run) > 1:
            yield run
        run = [line] if line is not None else []
    if len(run) > 1:
        yield run


def _follows(before: _Line, after: _Line) -> bool:
    if before.mark.isdigit() != after.mark.isdigit() or before.mark.isupper() != after.mark.isupper():
        return False
    return abs(_rank(after.mark) - _rank(before.mark)) == 1


def _rank(mark: str) -> int:
    if mark.isdigit():
        return int(mark)
    rank = 0
    for letter in mark.lower():
        rank = rank * 26 + ord(letter) - ord("a") + 1
    return rank


def _is_scale(labels: Sequence[str]) -> bool:
    """Whether a list is a response scale: short, and its words go steadily from no to yes or back."""
    said = [value for label in labels if (value := agreement_of(label)) is not None]
    worded = sum(bool(label) for label in labels)
    if len(labels) > _MOST_OPTIONS or len(said) < 2 or len(said) < worded:
        return False
    rising = sorted(said)
    return said[0] != said[-1] and said in (rising, rising[::-1])


def _choices_of(lines: Sequence[_Line]) -> tuple[Choice, ...]:
    return _graded([line.mark for line in lines], [line.text for line in lines])


def _inline_choices(text: str) -> tuple[Choice, ...] | None:
    """Options within a sentence: "1 for Disagree strongly, 2 for ..." or "from 1 (...) to 5 (...)"."""
    found: dict[str, str] = {}
    for match in _INLINE_OPTION.finditer(text):
        if agreement_of(match["text"]) is not None:
            found.setdefault(match["mark"], match["text"].strip())
    if len(found) == 2 and all(mark.isdigit() for mark in found):
        first, last = (int(mark) for mark in found)
        step = 1 if last > first else -1
        marks = [str(mark) for mark in range(first, last + step, step)]
        return _graded(marks, [found.get(mark, "") for mark in marks]) if len(marks) <= _MOST_OPTIONS else None
    if len(found) > 1:
        return _graded(list(found), list(found.values()))
    for match in _RANGE.finditer(text):
        first, last = int(match["first"]), int(match["last"])
        if 2 <= last - first <= 10 and re.search(r"\bscale\b|\brate\b|\brating\b", text, re.IGNORECASE):
            marks = [str(mark) for mark in range(first, last + 1)]
            return _graded(marks, [""] * len(marks))
    return None


def _graded(marks: Sequence[str], labels: Sequence[str]) -> tuple[Choice, ...]:
    """Give every option its degree of agreement: by its words, else by its place between options whose words say it."""
    known = [(index, value) for index, label in enumerate(labels) if (value := agreement_of(label)) is not None]
    last = len(marks) - 1
    if len(known) < 2 or known[0][1] == known[-1][1]:
        rises = not all(mark.isdigit() for mark in marks) or int(marks[-1]) > int(marks[0])
        known = [(0, -1.0 if rises else 1.0), (last, 1.0 if rises else -1.0)]
    rising = known[-1][1] > known[0][1]
    # Words of in-between options are vague ("somewhat", "moderately"); their place is not.
    return tuple(
        Choice(mark, label, (2.0 * index / last - 1.0) * (1.0 if rising else -1.0))
        for index, (mark, label) in enumerate(zip(marks, labels, strict=True))
    )


def _single_item(text: str) -> str:
    named = _SINGLE.search(text)
    if named:
        return named["text"]
    quoted = list(_QUOTED.finditer(text))
    if quoted:
        return max((match["text"] for match in quoted), key=len)
    lines = [line.strip() for line in text.splitlines() if line.strip() and not _LIST_LINE.match(line)]
    return lines[0] if lines else ""


def _are_alternatives(block: Sequence[_Line]) -> bool:
    return 2 <= len(block) <= 8 and _rank(block[0].mark) == 1


def _alternatives(text: str, block: Sequence[_Line]) -> Sheet:
    """A question with alternatives of its own words, such as a scenario with four ways to act."""
    choices = tuple(Choice(line.mark, line.text, 0.0) for line in block)
    return Sheet((), (_single_item(text),), choices, tuple(range(len(choices))), False, "{answer}")


def _sheet(labels: tuple[str, ...], items: tuple[str, ...], choices: tuple[Choice, ...], template: str) -> Sheet:
    order = tuple(sorted(range(len(choices)), key=lambda index: choices[index].agreement))
    return Sheet(labels, items, choices, order, True, template)
