"""What stands for an option or an item: numbers, letters, roman numerals, or words alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from personae.errors import InputError


def letters(index: int) -> str:
    """The letters of a position: a, b, ... z, aa, ab, ...

    Example:
        >>> letters(0), letters(25), letters(26), letters(43)
        ('a', 'z', 'aa', 'ar')
    """
    text = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        text = chr(ord("a") + rest) + text
    return text


_ROMAN = ((100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))


def roman(index: int) -> str:
    """The roman numeral of a position, in lower case: i, ii, iii, iv, ...

    Example:
        >>> roman(0), roman(3), roman(8), roman(43)
        ('i', 'iv', 'ix', 'xliv')
    """
    rest, text = index + 1, ""
    for value, numeral in _ROMAN:
        count, rest = divmod(rest, value)
        text += numeral * count
    return text


_STYLES: Mapping[str, Callable[[int, int], str]] = {
    "values": lambda position, value: str(value),
    "ranks": lambda position, value: str(position + 1),
    "letters": lambda position, value: letters(position).upper(),
    "lower_letters": lambda position, value: letters(position),
    "roman": lambda position, value: roman(position).upper(),
    "lower_roman": lambda position, value: roman(position),
    "words": lambda position, value: "",
}

OPTION_MARKS = tuple(_STYLES)
"""Styles of the marks of options: the scored value whatever the order, the position 1..k, a letter by position in upper
or lower case, a roman numeral by position in upper or lower case, or none, so that the answer is the option's words."""


def option_mark(style: str, position: int, value: int) -> str:
    """The mark of an option, by its place in the order shown and by its value.

    Raises:
        InputError: If there is no such style.

    Example:
        >>> [option_mark(style, 3, 2) for style in ("values", "ranks", "letters", "lower_roman")]
        ['2', '4', 'D', 'iv']
    """
    if style not in _STYLES:
        raise InputError(
            f"no marks of options are called {style!r}",
            where="administration",
            remedy=f"they are {', '.join(OPTION_MARKS)}",
        )
    return _STYLES[style](position, value)
