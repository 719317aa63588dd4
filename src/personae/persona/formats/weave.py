"""Putting edits into the original that a persona was read from, so that nothing else of it changes."""

from __future__ import annotations

from typing import Any


def weave(original: Any, before: Any, after: Any) -> Any:
    """Carry the change from ``before`` to ``after`` over to the original.

    When to use: ``before`` is what we would have written for the original as it was read, ``after`` what we would write
    now. Where both agree the original stands, to the byte; what we have no word for is never in either, and stays.

    Example:
        >>> weave({"name": "Ada", "x-tool": 7, "age": "36"}, {"name": "Ada", "age": 36}, {"name": "Ada L.", "age": 36})
        {'name': 'Ada L.', 'x-tool': 7, 'age': '36'}
    """
    if before == after:
        return original
    if isinstance(original, dict) and isinstance(before, dict) and isinstance(after, dict):
        return _weave_objects(original, before, after)
    if isinstance(original, list) and isinstance(before, list) and isinstance(after, list):
        return _weave_lists(original, before, after)
    return after


def _weave_objects(original: dict[str, Any], before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    woven = dict(original)
    for key, value in after.items():
        if key not in before:
            woven[key] = value
        elif before[key] != value:
            woven[key] = weave(original[key], before[key], value) if key in original else value
    for key in before:
        if key not in after:
            woven.pop(key, None)
    return woven


def _weave_lists(original: list[Any], before: list[Any], after: list[Any]) -> list[Any]:
    """Items that stand in both lists are the original's; one that changed in its place is woven."""
    if len(original) != len(before):
        return after
    free = list(range(len(before)))
    woven = []
    for index, item in enumerate(after):
        found = next((place for place in free if before[place] == item), None)
        if found is not None:
            free.remove(found)
            woven.append(original[found])
        elif len(after) == len(before) and before[index] not in after:
            woven.append(weave(original[index], before[index], item))
        else:
            woven.append(item)
    return woven
