"""From a persona to the words a model reads: versioned renderers, because the wording is part of the experiment."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from dataclasses import dataclass

from personae.canonical import content_hash
from personae.errors import InputError
from personae.persona.adjectives import render_adjectives, render_nine_level
from personae.persona.narrative import render_json, render_second_person, render_third_person
from personae.persona.persona import Persona


@dataclass(frozen=True, slots=True)
class Renderer:
    """One way of putting a persona into words. A change of its words is a new version."""

    key: str
    version: int
    summary: str
    source: str
    write: Callable[[Persona], str]
    """Writes the prompt; the empty persona, and one that says nothing this renderer can word, give the empty text."""

    @property
    def identity(self) -> str:
        """Key and version in one word: ``nine-level@1``."""
        return f"{self.key}@{self.version}"


@dataclass(frozen=True, slots=True)
class Prompt:
    """A rendered persona. An empty text means that no system message is sent."""

    text: str
    renderer: str
    """Identity of the renderer, or of the control, that wrote it."""

    @property
    def hash(self) -> str:
        """SHA-256 of the text."""
        return content_hash(self.text)


def _render_card(persona: Persona) -> str:
    from personae.persona.formats.card_prompt import render_card  # formats are read only where they are asked for

    return render_card(persona)


RENDERERS: dict[str, Renderer] = {
    renderer.key: renderer
    for renderer in (
        Renderer(
            "adjectives",
            1,
            "one sentence of pole adjectives; says only which side of the mean a trait is on",
            "Jiang et al. (2024), PersonaLLM",
            render_adjectives,
        ),
        Renderer(
            "nine-level",
            1,
            "marker adjectives of each trait under one of nine qualifiers, from extremely low to extremely high",
            "Serapio-García et al. (2023), Personality Traits in Large Language Models",
            render_nine_level,
        ),
        Renderer("second-person", 2, "all facets as a narrative that says you", "personae", render_second_person),
        Renderer("third-person", 2, "all facets as a narrative about the person", "personae", render_third_person),
        Renderer("json", 1, "the content as a JSON object", "personae", render_json),
        Renderer(
            "card",
            1,
            "a character card as its tools compose it: system prompt, texts, lore that is always there, examples",
            "Character Card V3; SillyTavern",
            _render_card,
        ),
    )
}
"""The renderers, by key."""


def render(persona: Persona, renderer: str) -> Prompt:
    """Put a persona into words.

    Raises:
        InputError: If no renderer has this key.

    Example:
        >>> render(Persona(traits={"big_five.extraversion": 1.5}), "adjectives").text
        'You are a character who is extroverted.'
        >>> render(Persona(), "nine-level").text
        ''
    """
    if renderer not in RENDERERS:
        close = difflib.get_close_matches(renderer, RENDERERS, n=1)
        remedy = f"did you mean {close[0]!r}?" if close else f"known are {', '.join(RENDERERS)}"
        raise InputError(f"no renderer is called {renderer!r}", where=persona.id, remedy=remedy)
    chosen = RENDERERS[renderer]
    return Prompt(chosen.write(persona), chosen.identity)
