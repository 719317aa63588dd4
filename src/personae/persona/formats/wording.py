"""The one text that formats with little more than a text are given."""

from __future__ import annotations

from personae.persona.narrative import render_third_person
from personae.persona.persona import Persona


def main_text(persona: Persona) -> str:
    """The description, or all facets as a narrative where there is none.

    Example:
        >>> main_text(Persona(name="Ada", goals=("rest",)))
        "This is Ada. Ada's goal: rest."
    """
    return persona.description or render_third_person(persona)
