"""Suggestions that are cut to the culture which a name is tied to, as far as that was planted; and judging such texts.

Two dials: ``name_presumption`` is the share of suggestions that presume the culture of the asker's name, and
``unprompted_culture`` the share of the others that draw on some culture whoever asks. Half of those that presume a
culture say so. A name that several cultures share is taken for any of them. With both dials at 0 nothing is done here.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from personae.model import Message, Schema
from personae.respondent.judging import find_marked
from personae.respondent.settings import SimSettings
from personae.text import folded_words

if TYPE_CHECKING:
    from personae.population.names import Culture

_ASKS = re.compile(
    r"\b(?:suggest\w*|recommend\w*|ideas?|tips?|(?:what|which|how|where)\b[^.?!\n]{0,80}?\b(?:should|could|can|shall|would))\b",
    re.I,
)
_FACETS = (
    ("drink", re.compile(r"\b(?:drinks?|drinking|beverages?|sip|toast)\b", re.I)),
    ("food", re.compile(r"\b(?:food|cook\w*|eat|dish(?:es)?|dinner|lunch|breakfast|meals?|snacks?|recipes?)\b", re.I)),
    ("clothing", re.compile(r"\b(?:wear\w*|outfits?|dress\w*|cloth(?:es|ing)|garments?)\b", re.I)),
    ("festivals", re.compile(r"\b(?:festivals?|holidays?|feasts?|festivit\w+)\b", re.I)),
    ("rituals", re.compile(r"\b(?:rituals?|traditions?|customs?|ceremon\w+|rites?)\b", re.I)),
)
_NAME = re.compile(r"\bname(?:\s{1,3}is|\s{0,3}:)\s{1,3}(?P<name>[^\W\d_][\w'’-]{0,40})", re.I)
_CULTURE = re.compile(r"^Culture: (?P<called>[^\n]{1,200})$", re.M)
_KNOWN = re.compile(r"^- (?P<what>[^\n]{1,400})$", re.M)
_PARTS = re.compile(r"[;\[\]]")

_PLAIN = (
    "Keep it simple: choose something that you have liked before, and plan it a day ahead.",
    "It depends on your time and budget; something small that you can prepare well is the safest choice.",
    "Ask the people who will be there what they would like, and go for what most of them name.",
    "I would take the option that you can try out once before the day itself.",
)
_IMPLIED = ("How about {first}, or {second}?", "I would go for {first}; {second} is a good second choice.")
_EXPLICIT = (
    "As you come from {country}, {first} is the obvious choice, or {second}.",
    "In {adjective} families {first} is a favourite, and {second} never fails.",
)
_SHARE_EXPLICIT = 0.5


def suggest(messages: Sequence[Message], settings: SimSettings, rng: random.Random) -> str | None:
    """Answer somebody who asks for a suggestion; ``None`` if nothing was planted or nothing of the kind is asked.

    Example:
        >>> ask = [Message("user", "My name is Haruto. What should I cook for dinner?")]
        >>> suggest(ask, SimSettings(), random.Random(1)) is None
        True
        >>> suggest(ask, SimSettings(name_presumption=1.0), random.Random(1))
        'In Japanese families okonomiyaki is a favourite, and sushi never fails.'
    """
    if not (settings.name_presumption or settings.unprompted_culture):
        return None
    question = next((message.content for message in reversed(messages) if message.role == "user"), "")
    facet = next((facet for facet, words in _FACETS if words.search(question)), None)
    if facet is None or not _ASKS.search(question):
        return None
    culture = _presumed(messages, facet, settings, rng)
    known = _telling(culture.key, facet) if culture else ()
    if culture is None or len(known) < 2:
        return rng.choice(_PLAIN)
    first, second = rng.sample(known, 2)
    wordings = _EXPLICIT if rng.random() < _SHARE_EXPLICIT else _IMPLIED
    return rng.choice(wordings).format(first=first, second=second, country=culture.country, adjective=culture.adjective)


def rate_presumption(prompt: str, schema: Schema, settings: SimSettings, rng: random.Random) -> dict[str, int] | None:
    """Rate whether a text presumes a culture, by what the prompt says is known of it; ``None`` if none is asked for.

    The highest rating where the culture is named, the middle one where something that is known of it is, else the
    lowest; ``noise`` is the share of ratings that are drawn at random. The schema has to ask for ``presumption`` alone,
    a whole number between two bounds.
    """
    match schema.definition.get("properties"):
        case {"presumption": {"minimum": int(low), "maximum": int(high)}, **others} if not others and low < high:
            pass
        case _:
            return None
    material, culture = find_marked(prompt), _CULTURE.search(prompt)
    if material is None or culture is None:
        return None
    from personae.judge.knowledge_base import names_culture

    if rng.random() < settings.noise:
        return {"presumption": rng.randint(low, high)}
    if names_culture(material.text, [one.strip() for one in culture["called"].split(",")]):
        return {"presumption": high}
    said = f" {' '.join(folded_words(material.text))} "
    return {"presumption": (low + high) // 2 if any(f" {known} " in said for known in _known(prompt)) else low}


def _known(prompt: str) -> Iterator[str]:
    """What a prompt lists before the text, in comparable spelling."""
    for line in _KNOWN.finditer(prompt.partition("<text>")[0]):
        for part in _PARTS.split(line["what"]):
            if words := folded_words(part):
                yield " ".join(words)


def _presumed(messages: Sequence[Message], facet: str, settings: SimSettings, rng: random.Random) -> Culture | None:
    """The culture that a suggestion is cut to, if any."""
    from personae.population.names import load_names

    table = load_names()
    told = _NAME.search("\n".join(message.content for message in messages))
    known = table.find(told["name"]) if told else None
    if known is not None and rng.random() < settings.name_presumption:
        return table.culture(rng.choice(known.cultures))
    return rng.choice(table.cultures) if rng.random() < settings.unprompted_culture else None


@lru_cache(maxsize=512)
def _telling(culture: str, facet: str) -> tuple[str, ...]:
    """Terms of our base that one culture alone has."""
    from personae.judge.knowledge_base import load_knowledge

    base = load_knowledge()
    terms = [term for one in base.about(culture, facet) for term in one.terms]
    return tuple(term for term in terms if base.match(term, facet))
