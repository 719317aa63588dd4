"""Designs: which cells there are, and in what order. They stream; a million cells never sit in memory."""

from __future__ import annotations

import hashlib
import itertools
import math
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from personae.canonical import canonical_json
from personae.errors import InputError
from personae.study.cell import Cell, Hashed, Scalar

if TYPE_CHECKING:
    import numpy as np
    from typing_extensions import TypeIs

Level = Scalar | Hashed
"""A level of a factor: a plain value, or an object (a persona) that is named by its id and carried as material."""


_SCALARS = frozenset({str, int, float, bool, type(None)})
_MOST_HELD = 65_536
"""Combinations of the later factors that are held spelled while the levels of the first go by."""


class Design:
    """A crossing of factors, with the cells that are kept.

    Example:
        >>> design = Design({"trait": ["E", "A"], "order": ["up", "down"], "replicate": [1, 2]})
        >>> len(design), [cell.factors["order"] for cell in design][:3]
        (8, ['up', 'up', 'down'])
    """

    def __init__(self, factors: Mapping[str, Sequence[Level]]) -> None:
        for name, levels in factors.items():
            if not levels:
                raise InputError("has no levels", where=f"factor {name}", remedy="give at least one")
            _refuse_one_name_for_two(name, levels)
        self.factors: dict[str, Sequence[Level]] = {
            name: levels if isinstance(levels, range) else tuple(levels) for name, levels in factors.items()
        }
        self._kept: tuple[Callable[[Mapping[str, Scalar]], bool], ...] = ()

    def where(self, keep: Callable[[Mapping[str, Scalar]], bool]) -> Design:
        """The cells whose factors satisfy a condition: an incomplete crossing, or one with exceptions."""
        narrowed = Design(self.factors)
        narrowed._kept = (*self._kept, keep)
        return narrowed

    def fraction(self, *words: Sequence[str]) -> Design:
        """A regular fraction of two-level factors: cells in which each word of factors multiplies to +1.

        The first level of a factor counts as +1, the second as -1. The one word of all five factors of a 2^5 design
        gives the half fraction of resolution V (Box & Hunter, 1961): main effects and pairs stay unconfounded.

        Raises:
            InputError: If a word names a factor that is unknown or does not have two levels.

        Example:
            >>> len(list(Design({"a": [0, 1], "b": [0, 1], "c": [0, 1]}).fraction("abc")))
            4
        """
        for name in itertools.chain.from_iterable(words):
            if len(self.factors.get(name, ())) != 2:
                raise InputError("is no factor of two levels", where=f"factor {name}", remedy="use where() instead")
        first = {name: _plain(levels[0]) for name, levels in self.factors.items()}

        def keep(factors: Mapping[str, Scalar]) -> bool:
            return all(sum(factors[name] != first[name] for name in word) % 2 == 0 for word in words)

        return self.where(keep)

    @property
    def is_distinct(self) -> bool:
        """Whether no two cells are the same: no factor has a level twice."""
        for levels in self.factors.values():
            if isinstance(levels, range):
                continue
            named = {(type(level), level) if _is_plain(level) else level.id for level in levels}
            if len(named) < len(levels):
                return False
        return True

    def __iter__(self) -> Iterator[Cell]:
        names = tuple(self.factors)
        if not names:
            yield Cell({})
            return
        in_order = sorted(range(len(names)), key=lambda place: names[place].encode())
        # What a level is called, and how that is spelled, is found out once, and not for each of the cells that have
        # it. The first factor is gone through once, so that it may be long without being held.
        first, *rest = (_named(name, levels) for name, levels in self.factors.items())
        held = [list(levels) for levels in rest]
        carried = [at for at, levels in enumerate(self.factors.values()) if not _are_plain(levels)]
        for head in first:
            for tail in itertools.product(*held):
                point = (head, *tail)
                factors = {name: level[0] for name, level in zip(names, point, strict=True)}
                if self._kept and not all(keep(factors) for keep in self._kept):
                    continue
                spelled = b"{%b}" % b",".join([point[place][1] for place in in_order])
                material: dict[str, Hashed] = {}
                for place in carried:
                    if (thing := point[place][2]) is not None:
                        material[names[place]] = thing
                yield Cell.of_spelled(factors, material, spelled)

    def _points(self) -> Iterator[dict[str, Scalar]]:
        levels = [[_plain(level) for level in of_factor] for of_factor in self.factors.values()]
        for point in itertools.product(*levels):
            factors = dict(zip(self.factors, point, strict=True))
            if all(keep(factors) for keep in self._kept):
                yield factors

    def __len__(self) -> int:
        """How many cells there are; a design with conditions has to be walked to know."""
        if self._kept:
            return sum(1 for _ in self._points())
        return math.prod(map(len, self.factors.values()))

    @property
    def is_crossed(self) -> bool:
        """Whether every combination of levels is a cell, so that cells can be counted off."""
        return not self._kept

    def cell_at(self, index: int) -> Cell:
        """The cell at a place of a design without conditions, as iterating gives it.

        Example:
            >>> design = Design({"trait": ["E", "A"], "replicate": [1, 2, 3]})
            >>> design.cell_at(4) == list(design)[4]
            True
        """
        self._refuse_conditions()
        factors: dict[str, Scalar] = {}
        material: dict[str, Hashed] = {}
        for name, levels in reversed(self.factors.items()):
            index, place = divmod(index, len(levels))
            level = levels[place]
            factors[name] = _plain(level)
            if not _is_plain(level):
                material[name] = level
        return Cell({name: factors[name] for name in self.factors}, {name: material[name] for name in material})

    def digests(self, at_once: int) -> Iterator[bytes]:
        """The keys of all cells of a design without conditions, 32 bytes each, some at a time; no cell is made.

        When to use: to find out which cells of a long design are finished, which costs a third of making them.
        """
        self._refuse_conditions()
        texts = self._hashed_texts()
        sha256 = hashlib.sha256
        while piece := [sha256(text).digest() for text in itertools.islice(texts, at_once)]:
            yield b"".join(piece)

    def _refuse_conditions(self) -> None:
        if self._kept:
            raise ValueError("the places of a design with conditions are not known without walking it")

    def _hashed_texts(self) -> Iterator[bytes]:
        """What each cell's key is the hash of, put together from spellings of levels."""
        if not self.factors:
            yield b'{"factors":{},"material":{}}'
            return
        (first, levels), *rest = self.factors.items()
        are_few = math.prod(len(of_factor) for _, of_factor in rest) <= _MOST_HELD
        held = list(_around(first, rest)) if are_few else None
        for head, thing in _spelt(first, levels):
            for left, right, things_left, things_right, things in held or _around(first, rest):
                if thing:
                    things = b",".join(filter(None, (things_left, thing, things_right)))
                yield b'{"factors":{%b%b%b},"material":{%b}}' % (left, head, right, things)


_Around = tuple[bytes, bytes, bytes, bytes, bytes]
"""Spellings of the factors that stand before and after the first in the order of their names; so for the material, and
all of that together."""


def _around(first: str, rest: Sequence[tuple[str, Sequence[Level]]]) -> Iterator[_Around]:
    names = [name.encode() for name, _ in rest]
    in_order = sorted(range(len(names)), key=names.__getitem__)
    middle = sum(name < first.encode() for name in names)
    for point in itertools.product(*(list(_spelt(name, levels)) for name, levels in rest)):
        spelled = [point[place][0] for place in in_order]
        left = b"".join(one + b"," for one in spelled[:middle])
        right = b"".join(b"," + one for one in spelled[middle:])
        carried = [point[place][1] for place in in_order]
        things_left, things_right = (b",".join(filter(None, part)) for part in (carried[:middle], carried[middle:]))
        yield left, right, things_left, things_right, b",".join(filter(None, (things_left, things_right)))


def _spelt(name: str, levels: Sequence[Level]) -> Iterator[tuple[bytes, bytes]]:
    """How each level stands in the factors and, if it is an object, in the material."""
    before = canonical_json(name) + b":"
    if isinstance(levels, range):
        for number in levels:
            yield before + b"%d" % number, b""
        return
    for level in levels:
        yield (
            before + canonical_json(_plain(level)),
            b"" if _is_plain(level) else before + canonical_json(level.hash),
        )


def assign_arms(
    cells: Iterable[Cell], arms: Sequence[Scalar], rng: np.random.Generator, *, name: str = "arm"
) -> Iterator[Cell]:
    """Give each cell one arm at random, in balanced blocks: after every block each arm was given equally often.

    Args:
        cells: The units, streamed.
        arms: The arms of the trial.
        rng: Source of the assignment.
        name: Factor that holds the arm.

    Raises:
        InputError: If there are no arms, or the cells have a factor of this name already.
    """
    if not arms:
        raise InputError("has no arms", where=f"factor {name}", remedy="give at least two")
    block: list[Scalar] = []
    for cell in cells:
        if name in cell.factors:
            raise InputError(
                "is a factor of the cells already", where=f"factor {name}", remedy="name the arm otherwise"
            )
        if not block:
            block = [arms[index] for index in rng.permutation(len(arms))]
        yield Cell({**cell.factors, name: block.pop()}, cell.material)


def shuffled(cells: Iterable[Cell], rng: np.random.Generator, *, window: int = 4096) -> Iterator[Cell]:
    """Stream cells in random order within a moving window, so that order of asking is not an experimental factor."""
    held: list[Cell] = []
    for cell in cells:
        held.append(cell)
        if len(held) >= window:
            yield held.pop(int(rng.integers(len(held))))
    for index in rng.permutation(len(held)):
        yield held[index]


def by_prefix(cells: Iterable[Cell], factors: Sequence[str], *, window: int = 4096) -> Iterator[Cell]:
    """Stream cells so that those which share levels of some factors follow each other, within a moving window.

    Servers keep what they made of the beginning of a prompt for a while, and charge less for it when the next prompt
    begins alike. Which cells there are does not change, nor their keys and seeds; only the order in which they are
    asked does.

    Args:
        cells: The design.
        factors: What the beginning of the prompt depends on, such as the persona.
        window: Cells that are held at once.

    Example:
        >>> cells = Design({"item": [1, 2], "persona": ["ada", "bob"]})
        >>> [cell.factors["persona"] for cell in by_prefix(cells, ["persona"])]
        ['ada', 'ada', 'bob', 'bob']
    """
    groups: dict[tuple[Scalar, ...], deque[Cell]] = {}
    held = 0
    for cell in cells:
        groups.setdefault(tuple(cell.factors.get(name) for name in factors), deque()).append(cell)
        held += 1
        if held >= window:  # the oldest group goes out whole
            group = groups.pop(next(iter(groups)))
            held -= len(group)
            yield from group
    for group in groups.values():
        yield from group


def _refuse_one_name_for_two(factor: str, levels: Sequence[Level]) -> None:
    """Two objects of one id and different content would be one level in the table."""
    if isinstance(levels, range):
        return
    content: dict[str, str] = {}
    for level in levels:
        if not _is_plain(level) and content.setdefault(level.id, level.hash) != level.hash:
            raise InputError(
                f"two of its levels have the id {level.id!r} and differ", where=f"factor {factor}", remedy="rename one"
            )


def _named(name: str, levels: Iterable[Level]) -> Iterator[tuple[Scalar, bytes, Hashed | None]]:
    """What each level of a factor is called, how that stands in canonical JSON, and the object if it is one."""
    before = canonical_json(name) + b":"
    if isinstance(levels, range):
        for number in levels:
            yield number, before + b"%d" % number, None
        return
    for level in levels:
        plain = _plain(level)
        yield plain, before + canonical_json(plain), None if _is_plain(level) else level


def _are_plain(levels: Sequence[Level]) -> bool:
    return isinstance(levels, range) or all(map(_is_plain, levels))


def _plain(level: Level) -> Scalar:
    return level if _is_plain(level) else level.id


def _is_plain(level: Level) -> TypeIs[Scalar]:
    # Asked of every cell: whether an object satisfies a protocol costs a hundred times more to find out.
    return type(level) in _SCALARS or isinstance(level, (str, int, float))  # a union costs three times more
