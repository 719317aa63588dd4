"""What the linter says of a persona, and how two versions differ, as the studio's pages show them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from personae.persona import Persona, diff_personas, fix_persona, lint_persona, persona_to_json
from personae.persona.formats.pointers import split_pointer

_NOT_SHOWN = ("/id", "/format")


def remarks_on(persona: Persona) -> list[dict[str, Any]]:
    """All findings of the linter, the grave ones first; ``fix`` is the value of a whole field that mends it.

    Example:
        >>> radio = Persona(description="Ada mends old radios in a shed behind her house, mostly at night, alone.",
        ...                 style="curt", goals=("rest", "Rest"))
        >>> [(one["path"], one["fix"]) for one in remarks_on(radio)]
        [('goals.1', {'path': 'goals', 'value': ['rest']})]
    """
    order = {"error": 0, "warning": 1, "hint": 2}
    return sorted(_remarks(persona), key=lambda row: order[row["severity"]])


def _remarks(persona: Persona) -> Iterator[dict[str, Any]]:
    found = lint_persona(persona)
    can_mend = any(one.is_fixable for one in found)
    before = persona_to_json(persona)
    after = persona_to_json(fix_persona(persona)) if can_mend else before
    for one in found:
        place = split_pointer(one.path) if one.path != "/" else ()
        field = place[0] if place else ""
        is_mended = one.is_fixable and after.get(field) != before.get(field)
        yield {
            "code": one.code,
            "severity": one.severity,
            "path": ".".join(place),
            "message": f"{one.message[:1].upper()}{one.message[1:]}: {one.remedy}.",
            "fix": {"path": field, "value": after.get(field)} if is_mended else None,
        }


def changes_between(before: Persona, after: Persona) -> list[dict[str, Any]]:
    """Fields of the content that were added, removed or changed, by their paths.

    Example:
        >>> changes_between(Persona(name="Ada"), Persona(name="Ada", style="curt"))
        [{'path': 'style', 'kind': 'added', 'before': None, 'after': 'curt'}]
    """
    return [
        one.to_json() | {"path": ".".join(split_pointer(one.path))}
        for one in diff_personas(before, after)
        if one.path not in _NOT_SHOWN
    ]
