"""A finding of the linter, and what a rule gives to make one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from personae.persona.persona import Persona

Severity = Literal["error", "warning", "hint"]


class Hit(NamedTuple):
    """What a rule found."""

    path: str
    message: str
    remedy: str


Rule = Callable[[Persona], Iterator[Hit]]


@dataclass(frozen=True, slots=True)
class LintFinding:
    """One thing about a persona that should be looked at."""

    code: str
    persona: str
    path: str
    """JSON pointer into the persona, ``/`` for the whole."""
    severity: Severity
    message: str
    remedy: str
    is_fixable: bool = False
    """Whether ``--fix`` mends it without a question of taste."""

    def to_json(self) -> dict[str, Any]:
        """The finding as JSON."""
        return {
            "code": self.code,
            "persona": self.persona,
            "path": self.path,
            "severity": self.severity,
            "message": self.message,
            "remedy": self.remedy,
            "is_fixable": self.is_fixable,
        }
