"""One finding of many."""

from __future__ import annotations

from collections.abc import Sequence

from personae.study import Finding


def pick(findings: Sequence[Finding], name: str, way: str = "corrected", subject: str = "") -> Finding:
    """The finding of a name, in the way it was computed, of a subject if one is told."""
    (found,) = [
        one
        for one in findings
        if one.name == name and one.conventions[0] == way and (not subject or one.subject == subject)
    ]
    return found
