"""Which run a folder belongs to: a hash of everything that changes an answer, and the difference of two of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from personae.canonical import HASH_SCHEME, canonical_json, content_hash

NOT_FINGERPRINTED: dict[str, str] = {
    "limit": "a preview of some cells may be continued to all of them",
    "workers": "how many cells are observed at once changes no answer",
    "created": "the same run may be started again later",
    "command": "the same run may be asked for in other words",
    "versions": "kept in the record instead, so that an update does not orphan a half-finished run",
    "ledger": "where calls are kept changes no answer",
    "costs": "what was spent so far is a result, not a setting",
}
"""Fields of a run record that the fingerprint leaves out, and why."""

FINGERPRINTED = ("study", "parameters", "models", "seed")
"""Fields of a run record that it covers."""


def fingerprint(record: Mapping[str, Any]) -> str:
    """Hash the part of a run record that answers depend on."""
    return content_hash([HASH_SCHEME, {name: record[name] for name in FINGERPRINTED}])


def differences(before: Mapping[str, Any], now: Mapping[str, Any], *, place: str = "in the folder") -> list[str]:
    """Say in lines what differs between two run records.

    Args:
        before: The record that was kept.
        now: That of what is asked for now.
        place: Where the first one is kept, in words.

    Example:
        >>> base = {"study": "s", "parameters": {"n": 1}, "models": {}, "seed": 0}
        >>> differences(base, {**base, "parameters": {"n": 2}})
        ['parameters.n: 1 in the folder, 2 now']
    """
    found = []
    for name in FINGERPRINTED:
        old, new = dict(_flatten(name, before[name])), dict(_flatten(name, now[name]))
        for path in sorted({*old, *new}):
            # By spelling, as the fingerprint has it: 1 and 1.0 differ, a tuple and the list it was stored as do not.
            was, is_ = ([canonical_json(side[path])] if path in side else [] for side in (old, new))
            if was != is_:
                line = f"{path}: {_shown(old, path)} {place}, {_shown(new, path)} now"
                found.append("".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in line))
    return found


def _flatten(place: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping) and value:
        for key, inner in value.items():
            yield from _flatten(f"{place}.{key}", inner)
    else:
        yield place, value


def _shown(values: Mapping[str, Any], place: str) -> str:
    text = str(values[place]) if place in values else "absent"
    return text if len(text) <= 60 else f"{text[:57]}..."
