"""Links: which place of a foreign record is which place of a persona."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from personae.persona.formats.pointers import join_pointer, look_up, put, split_pointer

OLDEST = 130
_YEARS = re.compile(r"[0-9]{1,3}(?:\.0+)?")

_EMPTY: tuple[Any, ...] = ("", [], {}, None)


def is_empty(value: Any) -> bool:
    """Whether a value says nothing; 0 and false say something."""
    return not isinstance(value, (bool, int, float)) and value in _EMPTY


def as_text(value: Any) -> str | None:
    """Text as it stands; numbers spelled; everything else is not read."""
    if isinstance(value, str):
        return value
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(value)
    return None


def as_texts(value: Any) -> list[str] | None:
    """A list of texts; a single text is a list of one."""
    if isinstance(value, str):
        return [value] if value else None
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return value
    return None


def as_age(value: Any) -> int | None:
    """A whole number of years that a person can have.

    Example:
        >>> as_age(36), as_age("36"), as_age("36.0"), as_age("35-44")
        (36, 36, 36, None)
    """
    if isinstance(value, str) and _YEARS.fullmatch(value.strip()):
        value = int(value.strip().partition(".")[0])
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value != value or abs(value) > OLDEST:
        return None
    return int(value) if value == int(value) and value >= 0 else None


def joined(separator: str) -> Callable[[Any], str | None]:
    """Reads a list of texts as one text."""

    def read(value: Any) -> str | None:
        texts = as_texts(value)
        return None if texts is None else separator.join(texts)

    return read


def split_at(separator: str) -> Callable[[Any], list[str]]:
    """Writes one text as a list."""
    return lambda value: str(value).split(separator)


@dataclass(frozen=True, slots=True)
class Link:
    """A place of theirs that is a place of ours, with what has to be done on the way."""

    theirs: str
    ours: str
    read: Callable[[Any], Any] = as_text
    """What the persona gets; ``None`` if the value cannot be read (it stays in the original)."""
    write: Callable[[Any], Any] = lambda value: value


def read_links(record: Mapping[str, Any], links: Iterable[Link]) -> dict[str, Any]:
    """The fields of a persona that a record has; of two places that mean one field, the first counts."""
    fields: dict[str, Any] = {}
    for link in links:
        value = look_up(record, link.theirs)
        if is_empty(value) or look_up(fields, link.ours) is not None:
            continue
        told = link.read(value)
        if not is_empty(told):
            put(fields, link.ours, told)
    return fields


def write_links(content: Mapping[str, Any], links: Sequence[Link], original: Any = None) -> dict[str, Any]:
    """The record of a persona's content; of two places that mean one field, the one that the original has is written.

    Args:
        content: What the persona says.
        links: Places of the format.
        original: The record that the persona was read from, if any.
    """
    record: dict[str, Any] = {}
    for link in chosen_links(links, original):
        value = look_up(content, link.ours)
        if not is_empty(value):
            put(record, link.theirs, link.write(value))
    return record


def chosen_links(links: Sequence[Link], original: Any = None) -> list[Link]:
    """One link for each field: that of the place where the original tells it, else the first."""
    inner = {link.theirs.rpartition("/")[0] for link in links}
    chosen: dict[str, Link] = {}
    for link in links:
        chosen.setdefault(link.ours, link)
    for link in reversed(links):
        is_told = isinstance(original, Mapping) and not is_empty(look_up(original, link.theirs))
        if is_told and link.theirs not in inner:  # a place that has places inside it is not written as a text
            chosen[link.ours] = link
    return list(chosen.values())


def keep_unread(record: Mapping[str, Any], links: Iterable[Link], fields: dict[str, Any]) -> None:
    """Keep texts that a link knows and cannot read, such as an age of "35-44", in the personal identity.

    When to use: after :func:`read_links`, for links whose reader wants more than a text; only its name says then what
    the text is about.
    """
    for link in links:
        value = look_up(record, link.theirs)
        if isinstance(value, str) and value.strip() and link.read(value) is None and look_up(fields, link.ours) is None:
            fields.setdefault("personal_identity", {}).setdefault(split_pointer(link.theirs)[-1], value)


def read_rest(
    record: Mapping[str, Any], links: Sequence[Link], fields: dict[str, Any], *, skip: Iterable[str] = ()
) -> None:
    """Take the texts and numbers that no link reads into the personal identity, under their own names."""
    known = {link.theirs for link in links} | {join_pointer(name) for name in skip}
    for key, value in record.items():
        text = as_text(value)
        if join_pointer(key) not in known and text:
            fields.setdefault("personal_identity", {}).setdefault(key, text)
