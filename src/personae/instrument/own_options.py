"""Reading the answers to a form whose items have options of their own: forced choices, scenarios, mixed formats."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache

from personae.instrument.answers import Answer, AnswerReader
from personae.instrument.option_reader import ShownOption
from personae.model import worst_status


class OwnOptionsReader:
    r"""Finds where each item is answered by all marks in use, then reads that place by the item's own options.

    When to use: for a sheet of items that do not share their options; a single item is read by :meth:`reader_at`.

    Args:
        options: Options of each item, in the order in which the items are shown.

    Example:
        >>> tea = (ShownOption("A", "tea", 0), ShownOption("B", "coffee", 1))
        >>> walk = (ShownOption("A", "a walk", 0), ShownOption("B", "a book", 1), ShownOption("C", "a film", 2))
        >>> reader = OwnOptionsReader([tea, walk])
        >>> [answer.value for answer in reader.read_sheet("(a) B\n(b) a film", ["a", "b"])]
        [1, 2]
        >>> [answer.status for answer in reader.read_sheet("(a) C\n(b) A", ["a", "b"])]
        ['unparsed', 'ok']
    """

    def __init__(self, options: Sequence[tuple[ShownOption, ...]]) -> None:
        self._options = tuple(options)
        self._reader = cache(AnswerReader)
        marks = dict.fromkeys(one.mark for each in options for one in each if one.mark)
        self._finder = AnswerReader([ShownOption(mark, "", place) for place, mark in enumerate(marks)])

    def reader_at(self, index: int) -> AnswerReader:
        """Reads the answer to one item alone."""
        return self._reader(self._options[index])

    def read_sheet(self, text: str, labels: Sequence[str]) -> list[Answer]:
        """Read the answers to all items from one reply; one answer an item, in the order of ``labels``."""
        found = self._finder.read_sheet(text, labels)
        return [self._own(index, answer) for index, answer in enumerate(found)]

    def _own(self, index: int, found: Answer) -> Answer:
        if not found.text or found.status in ("refused", "empty"):
            return found
        own = self.reader_at(index).read(found.text)
        if own.value is None or found.value is None:
            return own
        is_contradictory = own.is_contradictory or found.is_contradictory
        return replace(own, status=worst_status([own.status, found.status]), is_contradictory=is_contradictory)
