"""Personas that have to fit a token budget: what each facet takes, and which facets go first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from personae.errors import InputError
from personae.persona.formats.scanning import estimate_tokens
from personae.persona.persona import Demographics, Persona, Voice
from personae.persona.rendering import RENDERERS, Prompt, render

Count = Callable[[str], int]

FIRST_TO_GO = (
    "appearance",
    "voice",
    "knowledge",
    "beliefs",
    "personal_identity",
    "social_identity",
    "life_context",
    "abilities",
    "goals",
    "style",
    "traits",
    "demographics",
)
"""Facets in the order in which they are left out, after the memories; name and description always stay."""

_EMPTY: dict[str, Any] = {
    "appearance": "",
    "voice": Voice(),
    "knowledge": (),
    "beliefs": (),
    "personal_identity": {},
    "social_identity": {},
    "life_context": "",
    "abilities": (),
    "goals": (),
    "style": "",
    "traits": {},
    "demographics": Demographics(),
    "memories": (),
}


@dataclass(frozen=True, slots=True)
class Fitted:
    """A prompt within its budget."""

    prompt: Prompt
    tokens: int
    left_out: tuple[str, ...]
    """Facets that were left out, and memories by their number (``memories/3``)."""


def count_facets(persona: Persona, renderer: str, count: Count = estimate_tokens) -> dict[str, int]:
    """Tokens that a renderer gives to each facet: how much shorter its text is without it."""
    whole = count(render(persona, renderer).text)
    shares = {}
    for facet, nothing in _EMPTY.items():
        without = persona.model_copy(update={facet: nothing})
        if share := whole - count(render(without, renderer).text):
            shares[facet] = share
    return shares


def fit_to_budget(persona: Persona, renderer: str, budget: int, count: Count = estimate_tokens) -> Fitted:
    """Render a persona within a budget: the least important memories go first, then whole facets in a fixed order.

    Args:
        persona: Whom to render.
        renderer: Key of the renderer.
        budget: Tokens that the text may have.
        count: Counts the tokens of a text; four letters each unless a tokenizer is given.

    Raises:
        InputError: If even name and description are longer.

    Example:
        >>> ada = Persona(name="Ada", description="An engineer.", knowledge=("Radios " * 50,))
        >>> fit_to_budget(ada, "second-person", 20).left_out
        ('knowledge',)
    """
    left_out: list[str] = []
    kept = list(enumerate(persona.memories))
    # Of equal importance the oldest goes first; a memory without importance counts as unimportant.
    order = sorted(kept, key=lambda item: (item[1].importance or 0.0, item[0]))
    while True:
        prompt = render(persona, renderer)
        tokens = count(prompt.text)
        if tokens <= budget:
            return Fitted(prompt, tokens, tuple(left_out))
        if order:
            gone = order.pop(0)
            kept.remove(gone)
            left_out.append(f"memories/{gone[0]}")
            persona = persona.model_copy(update={"memories": tuple(memory for _, memory in kept)})
            continue
        facet = next((one for one in FIRST_TO_GO if one not in left_out and getattr(persona, one) != _EMPTY[one]), None)
        if facet is None:
            raise InputError(
                f"name and description alone take {tokens} tokens as {RENDERERS[renderer].identity}",
                where=persona.id,
                remedy=f"allow at least {tokens}, or shorten the description",
            )
        left_out.append(facet)
        persona = persona.model_copy(update={facet: _EMPTY[facet]})
