"""Remarks on a persona as it is written: what a reader or a study would stumble over, with a fix where there is one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from personae.persona import Persona, trait_title

Severity = Literal["error", "warning", "hint"]

EXTREME_Z = 3.0
"""One person in 740 is further out; a trait beyond it is rather a slip than a person."""

_AGE = re.compile(r"\b(\d{1,3})[- ]years?[- ]old\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing to look at."""

    severity: Severity
    path: str
    message: str
    fix: tuple[str, Any] | None = None
    """A path, and the value that mends it."""

    def to_json(self) -> dict[str, Any]:
        """Plain JSON form."""
        fix = None if self.fix is None else {"path": self.fix[0], "value": self.fix[1]}
        return {"severity": self.severity, "path": self.path, "message": self.message, "fix": fix}


def lint_persona(persona: Persona) -> list[Remark]:
    """All remarks on a persona, the grave ones first.

    Example:
        >>> [remark.path for remark in lint_persona(Persona(name="Ada", abilities=[{"ability": "read"}]))]
        ['abilities.0.constraint']
    """
    order = {"error": 0, "warning": 1, "hint": 2}
    return sorted(_remarks(persona), key=lambda remark: order[remark.severity])


def _remarks(persona: Persona) -> Iterator[Remark]:
    if not persona.content():
        yield Remark("hint", "", "This persona says nothing: it is the empty control, and no system message is sent.")
        return
    if not persona.name:
        yield Remark("hint", "name", "Without a name, lists and transcripts show an id.")
    for index, pair in enumerate(persona.abilities):
        if not pair.constraint.strip():
            message = f"“{pair.ability}” has no constraint beside it. People are read as superhuman where none is told."
            yield Remark("warning", f"abilities.{index}.constraint", message)
    for key, z in persona.traits.items():
        if abs(z) > EXTREME_Z:
            clamped = EXTREME_Z if z > 0 else -EXTREME_Z
            message = f"{trait_title(key).capitalize()} is {z:g} SD from the mean, where hardly anybody is."
            yield Remark("warning", f"traits.{key}", message, (f"traits.{key}", clamped))
    yield from _repeated(persona)
    age, told = persona.demographics.age, _AGE.search(f"{persona.description} {persona.life_context}")
    if told and age is not None and int(told.group(1)) != age:
        message = f"The text says {told.group(1)} years, the age field {age}."
        yield Remark("error", "demographics.age", message, ("demographics.age", int(told.group(1))))
    elif told and age is None and int(told.group(1)) <= 130:
        message = f"The text says {told.group(1)} years; without the age field, samples and filters do not know it."
        yield Remark("hint", "demographics.age", message, ("demographics.age", int(told.group(1))))
    for path, source in persona.provenance.items():
        if source.origin == "written" and not source.by:
            yield Remark("warning", f"provenance.{path}", "A model wrote this, but it is not said which.")


def _repeated(persona: Persona) -> Iterator[Remark]:
    for field in ("goals", "beliefs", "knowledge"):
        entries: tuple[str, ...] = getattr(persona, field)
        once = list({entry.strip().lower(): entry for entry in reversed(entries)}.values())[::-1]
        if len(once) < len(entries):
            yield Remark("warning", field, "The same is said twice.", (field, once))
