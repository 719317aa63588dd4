"""What the respondent makes of a prompt: who it is asked to be, from the words alone."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from personae.model import Message
from personae.respondent.lexicon import trait_lexicon

Traits = dict[str, float]
"""z-scores by trait; traits that nothing was said about are absent."""

_TRAIT_NAMED = re.compile(
    r"\b(?P<amount>extremely low|very low|a bit low|low|average|a bit high|high|very high|extremely high)"
    r"(?: level)?(?:s)?(?: of| in| on)? (?P<trait>extraversion|extroversion|agreeableness|conscientiousness|neuroticism"
    r"|openness(?: to experience)?|emotional stability)\b",
    re.IGNORECASE,
)
_AMOUNTS = {
    "extremely low": -2.0,
    "very low": -1.5,
    "low": -1.0,
    "a bit low": -0.5,
    "average": 0.0,
    "a bit high": 0.5,
    "high": 1.0,
    "very high": 1.5,
    "extremely high": 2.0,
}
_TRAIT_NAMES = {
    "extraversion": ("big_five.extraversion", 1),
    "extroversion": ("big_five.extraversion", 1),
    "agreeableness": ("big_five.agreeableness", 1),
    "conscientiousness": ("big_five.conscientiousness", 1),
    "neuroticism": ("big_five.neuroticism", 1),
    "openness": ("big_five.openness", 1),
    "openness to experience": ("big_five.openness", 1),
    "emotional stability": ("big_five.neuroticism", -1),
}
_IDENTITY = re.compile(
    r"\b(?:you are|you['’]re|your name|imagine|act as|pretend|play the role|description:|i am|i['’]m)\b", re.I
)
_NOT_IDENTITY = re.compile(
    r"\byou(?:’re|'re| are) (?:asked|given|going|taking|presented|about to|shown|to |someone who)\b"
    r"|\b(?:statement|item)s?\b",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r'[^.!?\n]+(?:[.!?]+["”]?|\n|$)')


def read_persona(messages: Sequence[Message]) -> Traits:
    """Who the messages ask to be: the system messages, else what the first user message says about "you".

    Questions and instructions do not count, so that the example in a questionnaire ("do you agree that you are someone
    who likes to spend time with others?") describes nobody.
    """
    system = "\n".join(message.content for message in messages if message.role == "system")
    if system.strip():
        return dict(read_traits(system))
    first = next((message.content for message in messages if message.role == "user"), "")
    return dict(read_traits(_about_you(first)))


@lru_cache(maxsize=8192)
def read_traits(text: str) -> tuple[tuple[str, float], ...]:
    """Trait levels that a description says: the mean over its trait words, each under its qualifier or negation."""
    found: dict[str, list[float]] = {}
    named = list(_TRAIT_NAMED.finditer(text))
    for match in named:
        trait, sign = _TRAIT_NAMES[match["trait"].lower()]
        found.setdefault(trait, []).append(sign * _AMOUNTS[match["amount"].lower()])
    for hit in trait_lexicon().scan(_TRAIT_NAMED.sub(" . ", text) if named else text):
        found.setdefault(hit.trait, []).append(hit.z)
    return tuple((trait, sum(values) / len(values)) for trait, values in found.items())


@lru_cache(maxsize=4096)
def impression(text: str) -> tuple[tuple[str, float], ...]:
    """Where a text puts its author on each trait, -2 to 2: the balance of high and low words, shrunk towards 0.

    ``2 * (high - low) / (high + low + 2)``: a text without trait words gives 0, one with many of one pole nearly 2.
    """
    counts: dict[str, list[int]] = {}
    for hit in trait_lexicon().scan(text):
        pair = counts.setdefault(hit.trait, [0, 0])
        pair[0 if hit.z > 0 else 1] += 1
    return tuple((trait, 2.0 * (high - low) / (high + low + 2)) for trait, (high, low) in counts.items())


def _about_you(text: str) -> str:
    sentences = [match.group().strip() for match in _SENTENCE.finditer(text[:20_000])]
    return " ".join(
        sentence
        for sentence in sentences
        if _IDENTITY.search(sentence) and not _NOT_IDENTITY.search(sentence) and not sentence.endswith("?")
    )
