"""Figures of Persona-L (2024): how many were interviewed. All else that was found is said in words."""

from __future__ import annotations

from personae.study import Claim

CLAIMS = (Claim("participants", "UX designers", 6.0, where="abstract", confidence="verified", formula="count"),)
"""The paper reports no other number."""
