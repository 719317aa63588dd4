"""Lint: what is wrong or weak about a persona, each with a code, a place and a remedy."""

from personae.persona.lint.checking import CODES, fix_persona, lint_persona
from personae.persona.lint.finding import LintFinding, Severity
from personae.persona.lint.texts import phrases_of

__all__ = ["CODES", "LintFinding", "Severity", "fix_persona", "lint_persona", "phrases_of"]
