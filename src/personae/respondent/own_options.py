"""Items of a form that list options of their own, indented below them."""

from __future__ import annotations

import re
from dataclasses import dataclass

_ITEM = re.compile(r"^\((?P<label>[a-z]{1,2}|\d{1,3})\) (?P<text>\S.*)$")
_OPTION = re.compile(r"^ {4}(?P<mark>-?\d{1,3}|[A-K])(?: = (?P<label>\S.*))?$")
_LEAST = 2


@dataclass(frozen=True, slots=True)
class OwnItem:
    """An item as the prompt shows it, with its own options."""

    label: str
    text: str
    marks: tuple[str, ...]
    labels: tuple[str, ...]
    """Words of the options, empty for an option without words."""


def items_with_options(text: str) -> list[OwnItem]:
    r"""Find a list of items that each have options of their own; empty if there are fewer than two.

    Example:
        >>> text = "(a) Tea?\n    A = yes\n    B = no\n(b) Or?\n    A = x\n    B = y"
        >>> [one.labels for one in items_with_options(text)]
        [('yes', 'no'), ('x', 'y')]
    """
    found: list[OwnItem] = []
    item, options = None, []  # type: re.Match[str] | None, list[re.Match[str]]
    for line in [*text.splitlines(), ""]:
        if item is not None and (option := _OPTION.match(line)):
            options.append(option)
            continue
        if item is not None and len(options) >= _LEAST:
            marks = tuple(each["mark"] for each in options)
            found.append(OwnItem(item["label"], item["text"], marks, tuple(each["label"] or "" for each in options)))
        item, options = _ITEM.match(line), []
    return found if len(found) >= _LEAST else []
