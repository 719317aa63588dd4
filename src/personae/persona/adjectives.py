"""Traits as adjectives: the pole sentence of PersonaLLM and the nine-level markers of Serapio-García et al."""

from __future__ import annotations

from collections.abc import Sequence

from personae.persona.persona import Persona
from personae.persona.traits import BIG_FIVE, Marker, level_of, pole_of, trait_words

PERSONALLM_SENTENCE = "You are a character who is {adjectives}."
"""The persona sentence of Jiang et al. (2024); the words are the treatment of that study."""

NINE_LEVEL_SENTENCE = 'Respond in a way that matches this description: "I\'m {markers}."'

QUALIFIERS: dict[int, str] = {
    1: "extremely {low}",
    2: "very {low}",
    3: "{low}",
    4: "a bit {low}",
    5: "neither {low} nor {high}",
    6: "a bit {high}",
    7: "{high}",
    8: "very {high}",
    9: "extremely {high}",
}
"""The nine levels as phrases over a pair of markers (Serapio-García et al., 2023)."""


def render_adjectives(persona: Persona) -> str:
    """One sentence of five pole adjectives, in the paper's order; traits within half an SD of the mean are left out."""
    words = []
    for key in BIG_FIVE:
        z = persona.trait(key)
        pole = 0 if z is None else pole_of(z)
        if pole:
            words.append(trait_words()[key].high if pole > 0 else trait_words()[key].low)
    return PERSONALLM_SENTENCE.format(adjectives=join_words(words)) if words else ""


def render_nine_level(persona: Persona) -> str:
    """All markers of each trait that the persona has, under the qualifier of its level."""
    markers = [
        qualify(marker, level_of(z))
        for key, words in trait_words().items()
        if (z := persona.trait(key)) is not None
        for marker in words.markers
    ]
    return NINE_LEVEL_SENTENCE.format(markers=join_words(markers)) if markers else ""


def qualify(marker: Marker, level: int) -> str:
    """Put a pair of markers at one of nine levels.

    Example:
        >>> qualify(Marker("silent", "talkative"), 8)
        'very talkative'
    """
    return QUALIFIERS[level].format(low=marker.low, high=marker.high)


def join_words(words: Sequence[str]) -> str:
    """Join words as a list in a sentence, with a comma before the last "and" as PersonaLLM has it.

    Example:
        >>> join_words(["kind", "calm", "open"]), join_words(["kind", "calm"]), join_words(["kind"])
        ('kind, calm, and open', 'kind and calm', 'kind')
    """
    if len(words) <= 2:
        return " and ".join(words)
    return f"{', '.join(words[:-1])}, and {words[-1]}"
