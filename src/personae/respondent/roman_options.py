"""Response options under roman numerals: read as numbers, answered as numerals."""

from __future__ import annotations

import re
from collections.abc import Callable

_NUMERALS = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi")
_EXPLAINED = re.compile(
    r"(?<![\w(\[\"'])(?P<mark>[ivx]{1,4}|[IVX]{1,4})(?=\s{0,3}(?:=|:)|\s{1,3}(?:for|is|means|denotes|represents)\s)"
)
_LEAST = 3


def as_numbers(text: str) -> tuple[str, Callable[[str], str]] | None:
    """A prompt with the numerals of its options as numbers, and what turns an answer back; ``None`` without numerals.

    Example:
        >>> found = as_numbers("i = no, ii = maybe, iii = yes")
        >>> found[0], found[1]("2")
        ('1 = no, 2 = maybe, 3 = yes', 'ii')
    """
    marks = [match["mark"] for match in _EXPLAINED.finditer(text)]
    distinct = list(dict.fromkeys(marks))
    is_upper = all(mark.isupper() for mark in distinct)
    wanted = [numeral.upper() if is_upper else numeral for numeral in _NUMERALS[: len(distinct)]]
    if len(distinct) < _LEAST or sorted(distinct) != sorted(wanted):
        return None
    numbers = {numeral: str(number) for number, numeral in enumerate(wanted, start=1)}
    numerals = {number: numeral for numeral, number in numbers.items()}
    return _EXPLAINED.sub(lambda match: numbers[match["mark"]], text), lambda mark: numerals.get(mark, mark)
