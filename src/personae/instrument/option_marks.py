"""How marks of options look in an answer: numbers with their fractions, shares and signs, or letters."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

RANGE = r"(?:[-–—/&]|(?:to|or|and|through)\b)"
"""What links two marks that are both meant: "3-4", "3 or 4"."""
_HEDGE = (
    r"(?:\b(?:or|to|and|maybe|perhaps|possibly|probably|sometimes|even|almost|nearly|leaning|towards?|closer)\b"
    r"[\s,]{0,3})"
)
_GAP = r"[^\S\n]{0,3}"
_NOTHING = re.compile(r"(?!)")
_SEPARATORS = r"[\s,;:./|&()]*"


@dataclass(frozen=True, slots=True)
class MarkPatterns:
    """Patterns of the marks of one set of options; group 1 (or 2) is the mark."""

    are_numbers: bool
    are_signed: bool
    """Whether there are negative numbers, so that a dash before a number may be a sign."""
    lead: re.Pattern[str]
    """What may stand before an answer: white space, dashes, quotes, emphasis."""
    first: re.Pattern[str]
    """A mark that begins an answer: a 4 in "4/5" and "4 out of 5", but none in "4.5", "4/10", "3-4" or "3 or 4"."""
    second: re.Pattern[str]
    """Another mark right behind the first, which makes both no answer: "4, maybe 5"."""
    named: re.Pattern[str]
    """A mark anywhere, and any other number, as that may make an answer of two."""
    whole_range: re.Pattern[str]
    """The range from the first option to the last, which is said of the scale: "from 1 to 5"."""


def mark_patterns(marks: Sequence[str]) -> MarkPatterns:
    """Compile the patterns of these marks; without marks, patterns that match nothing."""
    numbers = [int(mark) for mark in marks if re.fullmatch(r"-?[0-9]+", mark)]
    any_mark = "|".join(map(re.escape, sorted(marks, key=len, reverse=True)))
    if not marks:
        return MarkPatterns(False, False, _lead(r"[-–—]"), _NOTHING, _NOTHING, _NOTHING, _NOTHING)
    if len(numbers) < len(marks):
        return _letters(any_mark)
    return _numbers(any_mark, min(numbers), max(numbers))


def _numbers(marks: str, least: int, most: int) -> MarkPatterns:
    are_signed = least < 0
    whole = r"(?:[.,]0{1,3}(?!\d))?"  # "4.0" is a 4
    share = rf"(?:\s{{0,3}}(?:/|(?:out\s+)?of)\s{{0,3}}(?:the\s+)?{most}(?![\w.]))?"
    other_share = r"(?!\s{0,3}(?:/|(?:out\s+of|of(?:\s+the)?)\s)\s{0,3}\d)"
    plus = r"\+?" if are_signed else ""
    sign = r"(?<![-–—])(?<![-–—] )" if are_signed else ""
    return MarkPatterns(
        True,
        are_signed,
        _lead(r"[-–—](?!\s*\d)" if are_signed else r"[-–—]"),
        re.compile(
            rf"[(\[]?{plus}({marks}){whole}[)\]]?{share}(?![\w’'%+])(?!{_GAP}[.,]\d){other_share}"
            rf"(?!{_GAP}{RANGE}{_GAP}[(\[]?(?:{marks})(?!\w))",
            re.IGNORECASE,
        ),
        re.compile(
            rf"{_SEPARATORS}(?:{_HEDGE}{{1,4}}[(\[]?({marks})(?!\w)|(?<!\n\n)[(\[]?({marks})(?!\w)(?!\s+[^\W\d_]))",
            re.IGNORECASE,
        ),
        re.compile(rf"(?<![\w.,/]){sign}[(\[]?([-+]?\d+(?:[.,]\d+)?){share}(?![\w%+])(?!{_GAP}/)"),
        re.compile(
            rf"(?<![\w.]){least}(?:\s?[(\[][^()\[\]\n]{{0,60}}[)\]])?\s*(?:to|through|and|[-–—])\s*{most}(?![\w.])",
            re.IGNORECASE,
        ),
    )


def _letters(marks: str) -> MarkPatterns:
    ends = r"(?![\w’'])"
    return MarkPatterns(
        False,
        False,
        _lead(r"[-–—]"),
        re.compile(
            rf"[(\[]?({marks})[)\]]?{ends}(?!{_GAP}[-–—/&]{_GAP}[(\[]?(?:{marks}){ends}(?!\s+[a-z]))"
            rf"(?!{_GAP}(?:to|or|and){_GAP}[(\[]?(?:{marks}){ends})",
            re.IGNORECASE,
        ),
        re.compile(
            rf"{_SEPARATORS}(?:{_HEDGE}{{1,4}}[(\[]?({marks}){ends}|[(\[]?({marks}){ends}(?!\s+[a-z]))", re.IGNORECASE
        ),
        re.compile(rf"(?<!\w)(?:[(\[]({marks})[)\]]|({marks}){ends})", re.IGNORECASE),
        _NOTHING,
    )


def _lead(dash: str) -> re.Pattern[str]:
    return re.compile(rf"(?:[\s*_`\"'“”‘’>#:=|→•~]|{dash}|[.,](?!\d))*")  # a stop before a digit begins a fraction
