"""Conditions over earlier answers: ``tea == "green" and (age >= 18 or drinks has "water")``.

Names are questions, or ``embedded.NAME``. ``==`` and ``!=`` compare with a number (the value of an option) or a text in
quotes (its words, whatever the case); ``<`` and so on compare numbers; ``has`` asks whether an option is among several
chosen, or a text within a text; ``NAME answered`` and ``NAME skipped`` need no value. What was not answered equals
nothing: every comparison with it is false, and only ``not`` makes it true. Nothing is evaluated as code.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

Given = Sequence["int | float | str"]
"""What an answer may be compared with: values of options and their words, or a number, or a text; empty for none."""

_TOKEN = re.compile(
    r"\s*(?:(?P<text>\"[^\"]*\"|'[^']*')|(?P<number>-?\d+(?:\.\d+)?)|(?P<sign>==|!=|<=|>=|<|>|\(|\))"
    r"|(?P<word>[A-Za-z_][\w.]*))"
)
_SIGNS = ("==", "!=", "<=", ">=", "<", ">")
_LONGEST = 4000
_DEEPEST = 50


class Condition(Protocol):
    """Something that holds or does not, given the answers so far."""

    def holds(self, given: Mapping[str, Given]) -> bool:
        """Whether it holds; a question that is not in ``given`` was skipped."""

    def names(self) -> frozenset[str]:
        """Questions and embedded fields that it speaks of."""


@dataclass(frozen=True, slots=True)
class Compared:
    """An answer compared with a value."""

    name: str
    sign: str
    value: float | str

    def holds(self, given: Mapping[str, Given]) -> bool:
        """Whether it holds; nothing is true of an answer that is not there."""
        answer = given.get(self.name, ())
        if self.sign == "has":
            return any(_is_in(self.value, one) for one in answer)
        if self.sign in ("==", "!="):
            is_equal = any(_plain(one) == _plain(self.value) for one in answer)
            return bool(answer) and is_equal == (self.sign == "==")
        numbers = [one for one in map(_number, answer) if one is not None]
        bound = _number(self.value)
        return bool(numbers) and bound is not None and _compare(numbers[0], self.sign, bound)

    def names(self) -> frozenset[str]:
        """The one name."""
        return frozenset((self.name,))


@dataclass(frozen=True, slots=True)
class Asked:
    """Whether a question was answered, or was skipped."""

    name: str
    what: Literal["answered", "skipped"]

    def holds(self, given: Mapping[str, Given]) -> bool:
        """Whether it was."""
        return bool(given.get(self.name)) if self.what == "answered" else self.name not in given

    def names(self) -> frozenset[str]:
        """The one name."""
        return frozenset((self.name,))


@dataclass(frozen=True, slots=True)
class Joined:
    """Several conditions, all or one of which must hold, or one that must not."""

    how: Literal["and", "or", "not"]
    parts: tuple[Condition, ...]

    def holds(self, given: Mapping[str, Given]) -> bool:
        """Whether all, one, or not the one holds."""
        found = [part.holds(given) for part in self.parts]
        return not found[0] if self.how == "not" else all(found) if self.how == "and" else any(found)

    def names(self) -> frozenset[str]:
        """All names in it."""
        return frozenset[str]().union(*(part.names() for part in self.parts))


def parse_condition(text: str) -> Condition:
    """Read a condition.

    Raises:
        ValueError: If it cannot be read; the message says where.

    Example:
        >>> parse_condition("age >= 18 and not city == 'Bonn'").holds({"age": [40], "city": ["Ulm"]})
        True
    """
    if len(text) > _LONGEST:
        raise ValueError(f"the condition has more than {_LONGEST} characters")
    reader = _Reader(text)
    found = reader.either(0)
    if reader.peek() is not None:
        raise ValueError(f"the condition {text!r} cannot be read from {reader.rest()!r} on")
    return found


class _Reader:
    """A reader of conditions, one token ahead."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens: list[tuple[str, str, int]] = []
        place = 0
        while text[place:].strip():
            match = _TOKEN.match(text, place)
            if match is None or match.lastgroup is None:
                raise ValueError(f"the condition {text!r} cannot be read from {text[place:].strip()[:20]!r} on")
            self.tokens.append((match.lastgroup, match[match.lastgroup], match.start()))
            place = match.end()
        self.at = 0

    def peek(self) -> tuple[str, str] | None:
        return self.tokens[self.at][:2] if self.at < len(self.tokens) else None

    def rest(self) -> str:
        return self.text[self.tokens[self.at][2] :].strip()[:20] if self.at < len(self.tokens) else "its end"

    def take(self, *wanted: str) -> str:
        found = self.peek()
        if found is None or (wanted and found[1] not in wanted):
            raise ValueError(f"the condition {self.text!r} wants {' or '.join(wanted) or 'more'} at {self.rest()!r}")
        self.at += 1
        return found[1]

    def either(self, depth: int) -> Condition:
        if depth > _DEEPEST:
            raise ValueError("the condition nests too deeply")
        parts = [self.both(depth)]
        while self.peek() == ("word", "or"):
            self.take()
            parts.append(self.both(depth))
        return parts[0] if len(parts) == 1 else Joined("or", tuple(parts))

    def both(self, depth: int) -> Condition:
        parts = [self.one(depth)]
        while self.peek() == ("word", "and"):
            self.take()
            parts.append(self.one(depth))
        return parts[0] if len(parts) == 1 else Joined("and", tuple(parts))

    def one(self, depth: int) -> Condition:
        if depth > _DEEPEST:
            raise ValueError("the condition nests too deeply")
        if self.peek() == ("word", "not"):
            self.take()
            return Joined("not", (self.one(depth + 1),))
        if self.peek() == ("sign", "("):
            self.take()
            found = self.either(depth + 1)
            self.take(")")
            return found
        token = self.peek()
        if token is None or token[0] != "word":
            raise ValueError(f"the condition {self.text!r} wants the name of a question at {self.rest()!r}")
        name = self.take()
        sign = self.take(*_SIGNS, "has", "answered", "skipped")
        if sign in ("answered", "skipped"):
            return Asked(name, "answered" if sign == "answered" else "skipped")
        value = self.peek()
        if value is None or value[0] not in ("text", "number"):
            raise ValueError(f"the condition {self.text!r} wants a number or a text in quotes at {self.rest()!r}")
        self.take()
        return Compared(name, sign, value[1][1:-1] if value[0] == "text" else float(value[1]))


def _plain(value: float | str) -> float | str:
    return value.strip().casefold() if isinstance(value, str) else float(value)


def _is_in(value: float | str, one: float | str) -> bool:
    if isinstance(value, str):
        return isinstance(one, str) and str(_plain(value)) in str(_plain(one))
    return _plain(one) == value


def _number(value: float | str) -> float | None:
    if not isinstance(value, str):
        return float(value)
    try:
        return float(value)
    except ValueError:
        return None


def _compare(number: float, sign: str, bound: float) -> bool:
    return {"<": number < bound, "<=": number <= bound, ">": number > bound, ">=": number >= bound}[sign]
