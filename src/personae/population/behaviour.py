"""What people wrote, preferred and did, as passages that a model can read and quote."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from personae.errors import InputError

TEXTS, PREFERENCES, HISTORY = "texts", "preferences", "history"
_PROFILE = "profile"
"""What LaMP calls a history."""


def told_behaviour(row: Mapping[str, Any], *, where: str = "behaviour") -> tuple[str, ...]:
    r"""Spell out the behaviour of one person: ``texts``, ``preferences`` and ``history``, whichever there are.

    When to use: before :func:`personae.population.writing.induce_persona`. Words of the person stand in it as they
    were, so that evidence can be held against them.

    Args:
        row: ``texts`` are strings; ``preferences`` have ``chosen``, ``rejected`` and, if known, ``prompt``; entries of
            ``history`` (or ``profile``) are strings or objects such as ``{"when": "2021", "what": "bought seeds"}``.
        where: What it is called in messages.

    Raises:
        InputError: If there is none of these, or an entry is not of its kind.

    Example:
        >>> told_behaviour({"preferences": [{"prompt": "Tea or coffee?", "chosen": "Tea.", "rejected": "Coffee."}]})
        ('Asked: Tea or coffee?\nPreferred: Tea.\nto: Coffee.',)
        >>> told_behaviour({"history": [{"when": "2021", "what": "bought seeds"}]})
        ('when: 2021; what: bought seeds',)
    """
    told = [*_texts(row, TEXTS, where)]
    for number, one in enumerate(_entries(row, PREFERENCES, where), start=1):
        if not isinstance(one, Mapping) or not all(isinstance(one.get(key), str) for key in ("chosen", "rejected")):
            raise InputError(f"preference {number} lacks chosen or rejected", where=where, remedy="give both as texts")
        asked = f"Asked: {one['prompt']}\n" if one.get("prompt") else ""
        told.append(f"{asked}Preferred: {one['chosen']}\nto: {one['rejected']}")
    for key in (HISTORY, _PROFILE):
        told += [_spelled(one) for one in _entries(row, key, where)]
    told = [text for text in told if text.strip()]
    if not told:
        raise InputError(
            "tells of no behaviour", where=where, remedy=f"give {TEXTS}, {PREFERENCES} or {HISTORY}, with an entry each"
        )
    return tuple(told)


def _entries(row: Mapping[str, Any], key: str, where: str) -> Sequence[Any]:
    found = row.get(key) or ()
    if isinstance(found, str) or not isinstance(found, Sequence):
        raise InputError(f"{key} is no list", where=where, remedy="give a list, one entry each")
    return found


def _texts(row: Mapping[str, Any], key: str, where: str) -> Sequence[str]:
    found = _entries(row, key, where)
    if strange := [one for one in found if not isinstance(one, str)]:
        raise InputError(f"{key} holds a {type(strange[0]).__name__}", where=where, remedy="give texts")
    return found


def _spelled(one: Any) -> str:
    if isinstance(one, str):
        return one
    if isinstance(one, Mapping):
        return "; ".join(f"{key}: {_spelled(value)}" for key, value in one.items() if key != "id")
    return orjson.dumps(one, default=str).decode()
