"""What changed between two personas, field by field."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from personae.persona.files import persona_to_json
from personae.persona.formats.pointers import leaves
from personae.persona.persona import Persona


@dataclass(frozen=True, slots=True)
class Change:
    """One field that differs."""

    path: str
    """JSON pointer into the persona's file."""
    kind: Literal["added", "removed", "changed"]
    before: Any = None
    after: Any = None

    def to_json(self) -> dict[str, Any]:
        """The change as JSON."""
        return {"path": self.path, "kind": self.kind, "before": self.before, "after": self.after}


def diff_personas(before: Persona, after: Persona) -> list[Change]:
    """All fields that differ, by place; lists are compared as wholes, sources and extensions too.

    Example:
        >>> ada = Persona(id="a", name="Ada", goals=("rest",))
        >>> [(one.path, one.kind) for one in diff_personas(ada, ada.model_copy(update={"name": "Ada L.", "goals": ()}))]
        [('/goals', 'removed'), ('/name', 'changed')]
    """
    old, new = (dict(leaves(persona_to_json(persona))) for persona in (before, after))
    changes = []
    for path in sorted(old.keys() | new.keys()):
        if path not in new:
            changes.append(Change(path, "removed", before=old[path]))
        elif path not in old:
            changes.append(Change(path, "added", after=new[path]))
        elif old[path] != new[path]:
            changes.append(Change(path, "changed", old[path], new[path]))
    return changes
