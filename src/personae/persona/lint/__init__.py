"""Lint: what is wrong or weak about a persona, each with a code, a place and a remedy."""

from personae.persona.lint.checking import CODES, fix_persona, lint_persona
from personae.persona.lint.finding import LintFinding, Severity

__all__ = ["CODES", "LintFinding", "Severity", "fix_persona", "lint_persona"]
