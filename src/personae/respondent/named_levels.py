"""Traits that a text calls by their names: "high in trust", "very low neuroticism", "openness: high"."""

from __future__ import annotations

import re
from functools import lru_cache

from personae.instrument import list_instruments, load_instrument
from personae.persona import trait_title

_DEGREES = {
    "extremely": 2.0,
    "exceptionally": 2.0,
    "very": 1.5,
    "really": 1.5,
    "rather": 1.0,
    "quite": 1.0,
    "fairly": 1.0,
    "": 1.0,
    "a bit": 0.5,
    "slightly": 0.5,
    "somewhat": 0.5,
}
_MIDDLES = ("average", "medium", "moderate", "neutral", "middling")

_DOMAINS: dict[str, tuple[str, int]] = {
    "extraversion": ("big_five.extraversion", 1),
    "extroversion": ("big_five.extraversion", 1),
    "introversion": ("big_five.extraversion", -1),
    "agreeableness": ("big_five.agreeableness", 1),
    "conscientiousness": ("big_five.conscientiousness", 1),
    "neuroticism": ("big_five.neuroticism", 1),
    "emotional stability": ("big_five.neuroticism", -1),
    "openness to experience": ("big_five.openness", 1),
    "openness": ("big_five.openness", 1),
    "machiavellianism": ("dark_triad.machiavellianism", 1),
    "narcissism": ("dark_triad.narcissism", 1),
    "psychopathy": ("dark_triad.psychopathy", 1),
}

_ANY_AMOUNT = re.compile(rf"\b(?:low|high|average|{'|'.join(_MIDDLES)})\b", re.IGNORECASE)
_AMOUNT = (
    rf"(?:(?:(?P<degree>{'|'.join(filter(None, _DEGREES))})[ ]+)?(?P<side>low|high)|(?P<about>below|above) average"
    rf"|(?P<middle>{'|'.join(_MIDDLES)}))"
)
_DOMAIN = rf"(?P<trait>{'|'.join(_DOMAINS)})"
_BEFORE = re.compile(
    rf"\b{_AMOUNT}(?:[ ]+(?:levels?|degrees?|amounts?|scores?))?(?:[ ]+(?:of|in|on))?[ ]+{_DOMAIN}\b", re.I
)
_BEHIND = re.compile(
    rf"\b{_DOMAIN}[\"'”]?[ ]*(?:\(|is|are|was|:|=|[-–—])(?:[ ]+(?:level|score)[ ]*:)?[ ]*[\"'“]?{_AMOUNT}\b", re.I
)
_IN = re.compile(rf"\b{_AMOUNT} in (?P<trait>[a-z]+(?: [a-z]+){{0,3}}?)(?=[.,;:\n\"']| and\b|$)", re.I)


def take_named_levels(text: str) -> tuple[list[tuple[str, float]], str]:
    """Read the traits that a text names with a level, and give back the text without them.

    Domains of the Big Five and the dark triad are found in several phrasings, facets as ``render`` words them: "high in
    trust". A level in something unknown ("low in honesty humility") is taken out as well, so that its words speak of no
    other trait.

    Example:
        >>> take_named_levels("You are very high in trust. Neuroticism: low. You like tea.")[0]
        [('big_five.neuroticism', -1.0), ('big_five.agreeableness.trust', 1.5)]
    """
    levels: list[tuple[str, float]] = []
    if not _ANY_AMOUNT.search(text):  # most texts; the patterns below take their time
        return levels, text

    def take(match: re.Match[str]) -> str:
        name = " ".join(match["trait"].lower().split())
        found = _DOMAINS.get(name) or _facets().get(name)
        if found is not None:
            levels.append((found[0], found[1] * _z(match)))
        return " . "

    for pattern in (_BEFORE, _BEHIND, _IN):
        text = pattern.sub(take, text)
    return levels, text


def _z(match: re.Match[str]) -> float:
    if match["middle"]:
        return 0.0
    if match["about"]:
        return 0.5 if match["about"].lower() == "above" else -0.5
    side = 1.0 if match["side"].lower() == "high" else -1.0
    return side * _DEGREES[" ".join((match["degree"] or "").lower().split())]


@lru_cache(maxsize=1)
def _facets() -> dict[str, tuple[str, int]]:
    """Facets that an instrument of the library measures, by the name that a persona's text gives them."""
    traits = {scale.trait for key in list_instruments() for scale in load_instrument(key).scales if scale.within}
    return {trait_title(trait): (trait, 1) for trait in traits if trait.count(".") == 2}
