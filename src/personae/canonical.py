"""One canonical spelling of data, and the hashes and seeds that are derived from it.

Identity everywhere in personae is a SHA-256 over canonical JSON: UTF-8, sorted keys, no white space. ``HASH_SCHEME``
is stored beside each hash, so that a change of scheme reads as "unknown", never as "different".
"""

from __future__ import annotations

import dataclasses
import hashlib
from typing import Any

import orjson

HASH_SCHEME = 1
"""Version of the canonical spelling."""

# orjson sorts the keys of dictionaries only; left to itself it spells a dataclass in the order of its definition.
_CANONICAL = orjson.OPT_SORT_KEYS | orjson.OPT_PASSTHROUGH_DATACLASS
_FIELD_NAMES: dict[type, tuple[str, ...]] = {}  # asking a dataclass for them costs more than all the rest
_SEED_BITS = 31  # the widest seed that every known server accepts as a signed 32-bit integer


def canonical_json(value: Any) -> bytes:
    """Spell a JSON value in the one way that is hashed.

    Dataclasses are spelled as objects, their fields sorted like any keys, so that a value and its JSON read back have
    one hash. NaN and infinities are spelled ``null``, as JSON has no word for them.

    Raises:
        TypeError: If the value holds something that JSON cannot express.

    Example:
        >>> canonical_json({"b": 1, "a": [True, None]})
        b'{"a":[true,null],"b":1}'
    """
    return orjson.dumps(value, _fields, _CANONICAL)


def _fields(value: Any) -> dict[str, Any]:
    kind = type(value)
    if (names := _FIELD_NAMES.get(kind)) is None:
        if not dataclasses.is_dataclass(kind):
            raise TypeError(f"{kind.__name__} has no spelling in JSON")
        names = _FIELD_NAMES[kind] = tuple(field.name for field in dataclasses.fields(kind))
    return {name: getattr(value, name) for name in names}


def content_hash(value: Any) -> str:
    """Hash a JSON value by its content: SHA-256 over its canonical spelling, in hexadecimal.

    Example:
        >>> content_hash({"a": 1, "b": 2}) == content_hash({"b": 2, "a": 1})
        True
    """
    return hashlib.sha256(orjson.dumps(value, _fields, _CANONICAL)).hexdigest()


def derive_seed(*parts: object) -> int:
    """Derive a seed from anything that has a stable spelling; the same parts give the same seed everywhere.

    Returns:
        An integer from 0 to 2**31 - 1.

    Example:
        >>> derive_seed("cell", 0) == derive_seed("cell", 0)
        True
        >>> derive_seed("cell", 0) == derive_seed("cell", 1)
        False
    """
    digest = hashlib.sha256(orjson.dumps(parts, _fields, _CANONICAL)).digest()
    return int.from_bytes(digest[:8], "big") >> (64 - _SEED_BITS)
