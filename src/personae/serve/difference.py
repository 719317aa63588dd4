"""What differs between two versions of a persona, field by field."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from personae.persona import Persona, persona_to_json

_NOT_CONTENT = {"format", "id"}


def changes_between(before: Persona, after: Persona) -> list[dict[str, Any]]:
    """Fields that were added, removed or changed, by their paths.

    Example:
        >>> changes_between(Persona(name="Ada"), Persona(name="Ada", style="curt"))
        [{'path': 'style', 'kind': 'added', 'before': None, 'after': 'curt'}]
    """
    old, new = dict(_leaves(persona_to_json(before))), dict(_leaves(persona_to_json(after)))
    changes = []
    for path in [*old, *(path for path in new if path not in old)]:
        if path not in new:
            kind = "removed"
        elif path not in old:
            kind = "added"
        elif old[path] != new[path]:
            kind = "changed"
        else:
            continue
        changes.append({"path": path, "kind": kind, "before": old.get(path), "after": new.get(path)})
    return changes


def _leaves(data: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Fields with their values; lists count as one field, because an entry has no name that it keeps."""
    if isinstance(data, dict) and data:
        for key, value in data.items():
            if path or key not in _NOT_CONTENT:
                yield from _leaves(value, f"{path}.{key}" if path else key)
    else:
        yield path, data
