"""JSON pointers (RFC 6901): places inside a persona or a foreign record, whatever letters its keys have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


def split_pointer(pointer: str) -> tuple[str, ...]:
    """The keys of a pointer.

    Example:
        >>> split_pointer("/demographics/age"), split_pointer("/a~1b")
        (('demographics', 'age'), ('a/b',))
    """
    return tuple(part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:])


def join_pointer(*keys: str) -> str:
    """The pointer of some keys.

    Example:
        >>> join_pointer("personal_identity", "and/or")
        '/personal_identity/and~1or'
    """
    return "".join(f"/{key.replace('~', '~0').replace('/', '~1')}" for key in keys)


def look_up(data: Any, pointer: str) -> Any:
    """The value at a place, ``None`` if nothing is there; lists are not walked."""
    for key in split_pointer(pointer):
        if not isinstance(data, Mapping) or key not in data:
            return None
        data = data[key]
    return data


def put(data: dict[str, Any], pointer: str, value: Any) -> None:
    """Set the value at a place, and make the objects around it."""
    *around, last = split_pointer(pointer)
    for key in around:
        inner = data.get(key)
        if not isinstance(inner, dict):
            inner = data[key] = {}
        data = inner
    data[last] = value


def take(data: dict[str, Any], pointer: str) -> None:
    """Remove the value at a place, and the objects around it that hold nothing else."""
    first, *rest = split_pointer(pointer)
    if rest and isinstance(data.get(first), dict):
        take(data[first], join_pointer(*rest))
        if not data[first]:
            del data[first]
    elif not rest:
        data.pop(first, None)


def leaves(data: Mapping[str, Any], *around: str) -> Iterator[tuple[str, Any]]:
    """All values that are no objects with something in them, with their places; a list is one value.

    Example:
        >>> list(leaves({"a": {"b": 1}, "c": [2]}))
        [('/a/b', 1), ('/c', [2])]
    """
    for key, value in data.items():
        if isinstance(value, Mapping) and value:
            yield from leaves(value, *around, key)
        else:
            yield join_pointer(*around, key), value
