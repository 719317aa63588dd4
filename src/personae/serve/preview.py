"""A persona while it is written: what each renderer makes of it, how long that is, what its traits say."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from personae.errors import InputError
from personae.instrument import load_instrument
from personae.persona import (
    BIG_FIVE,
    LEVELS,
    QUALIFIERS,
    RENDERERS,
    Persona,
    level_of,
    percentile_of,
    render,
    trait_title,
    trait_words,
    word_trait,
    z_of_level,
)
from personae.serve.recall import Recall, outline_of

TOKENS_METHOD = "characters / 4"
"""How tokens are counted: the models' own tokenizers are not here, and differ by a fifth either way."""


def estimate_tokens(text: str) -> int:
    """Tokens of a text, roughly."""
    return -(-len(text) // 4)


def preview_prompts(
    persona: Persona, renderers: Sequence[str] | None, recall: Recall | None = None
) -> list[dict[str, Any]]:
    """The persona in the words of each renderer.

    Where memories and knowledge are more than a prompt may hold, the words are those without them, ``tokens`` the most
    that a prompt has with what is found for a reply, and ``searched`` the tokens that are searched.

    Raises:
        InputError: If one is not known.
    """
    shown = []
    for key in renderers if renderers is not None else RENDERERS:
        if key not in RENDERERS:
            raise InputError(
                f"no renderer is called {key!r}", where="renderers", remedy=f"known: {', '.join(RENDERERS)}"
            )
        prompt = render(persona, key)
        text, tokens, searched = prompt.text, estimate_tokens(prompt.text), 0
        if recall is not None and recall.is_searched(outline := outline_of(persona, key)):
            text, searched = outline.bare_words, outline.pooled
            tokens = estimate_tokens(text) + recall.budget
        shown.append(
            {
                "renderer": key,
                "identity": prompt.renderer,
                "text": text,
                "tokens": tokens,
                "characters": len(text),
                "searched": searched,
                "recall_tokens": recall.budget if searched and recall is not None else 0,
            }
        )
    return shown


def trait_rows(persona: Persona) -> list[dict[str, Any]]:
    """What each trait of the persona says."""
    return [
        {
            "key": key,
            "title": trait_title(key),
            "z": z,
            "level": level_of(z),
            "words": word_trait(key, z),
            "percentile": round(percentile_of(z), 1),
        }
        for key, z in persona.traits.items()
    ]


_FACETS_OF = "ipip-neo-120"
"""The instrument whose facets an editor offers: what it measures can be asked for, and what is asked for measured."""


def known_traits() -> list[dict[str, Any]]:
    """Traits that an editor offers: those that have words, the Big Five first, and the facets of the Big Five."""
    keys = [*BIG_FIVE, *(key for key in trait_words() if key not in BIG_FIVE)]
    worded = [
        _trait_row(key, words.title, words.low, words.high)
        for key in keys
        if (words := trait_words().get(key)) is not None
    ]
    facets = [
        _trait_row(scale.trait, scale.title, "low", "high")
        for scale in load_instrument(_FACETS_OF).scales
        if scale.trait.count(".") == 2 and scale.trait not in keys
    ]
    return worded + facets


def _trait_row(key: str, title: str, low: str, high: str) -> dict[str, Any]:
    return {
        "key": key,
        "title": title,
        "low": low,
        "high": high,
        "group": key.partition(".")[0],
        "parent": key.rpartition(".")[0] if key.count(".") > 1 else None,
    }


def levels() -> list[dict[str, Any]]:
    """The nine levels, and how each qualifies an adjective."""
    return [{"level": level, "z": z_of_level(level), "qualifier": QUALIFIERS[level]} for level in range(1, LEVELS + 1)]
