"""Personas of the golden files, and edits of them."""

from __future__ import annotations

from typing import Any

from personae.persona import Persona, read_personas
from support.cards import GOLDEN


def read(name: str, number: int = 0) -> Persona:
    """A persona of a golden file."""
    return read_personas(GOLDEN / name)[number].persona


def edited(persona: Persona, **changes: Any) -> Persona:
    """A persona with fields changed, checked as if it were read."""
    return Persona.model_validate({**persona.model_dump(), **changes})
