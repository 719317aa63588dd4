"""A finding of the linter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

Severity = Literal["error", "warning", "hint"]


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
