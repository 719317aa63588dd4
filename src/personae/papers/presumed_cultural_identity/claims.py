"""What is remembered of Pawar et al. (2025). Their repository was not at hand; no figure could be checked."""

from __future__ import annotations

from personae.study import Claim

_WHERE = "methods, from memory"

CLAIMS = (
    Claim("size.names", "the paper", 900.0, where=_WHERE, confidence="memory", note="about"),
    Claim("size.cultures", "the paper", 30.0, where=_WHERE, confidence="memory"),
    Claim("size.queries", "the paper", 20.0, where=_WHERE, confidence="memory", note="about"),
)
"""Sizes alone. That East Asian, Russian and Indian names were presumed most is remembered too, without any value: the
finding ``headline.*`` tests it."""
