"""All facets of a persona as prose, in the second or third person, or as JSON.

A narrative never prints a z-score: models repeat numbers that they are shown. Traits are worded by level and the main
adjective of the pole.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import orjson

from personae.persona.adjectives import join_words, qualify
from personae.persona.persona import Demographics, Persona
from personae.persona.traits import Marker, level_of, trait_title, trait_words

_START = re.compile(r"\s*<start>\s*", re.IGNORECASE)
"""What parts the examples in texts of character cards."""

_ENDED = re.compile(r"(?:[.!?…。！？][\"'”’»)*]*|[\]}>])\Z")
"""How a text ends that needs no full stop: by one, inside or outside of quotes, or by the bracket of a list."""

_ONE = re.compile(r"(?:[\w-]+ )?(?:woman|man|girl|boy|person)", re.IGNORECASE)
"""Genders told by a noun, which takes an article."""


@dataclass(frozen=True, slots=True)
class _Grammar:
    """The words that differ between "you are" and "she is"; the third person uses the name, else "they"."""

    subject: str
    is_: str
    verb: str
    """Ending of a plain verb: "" for you speak, "s" for Ada speaks."""
    possessive: str


def render_second_person(persona: Persona) -> str:
    """Tell the model who it is."""
    text = _narrate(persona, _Grammar("you", "are", "", "your"))
    return f"You are {persona.name}. {text}".strip() if persona.name.strip() else text


def render_third_person(persona: Persona) -> str:
    """Describe the person to the model."""
    name = persona.name if persona.name.strip() else "this person"
    text = _narrate(persona, _Grammar(name, "is", "s", f"{name}'s"))
    return f"This is {name}. {text}".strip() if persona.name.strip() else text


def render_json(persona: Persona) -> str:
    """The content as JSON, traits worded instead of numbered; without id, sources, model and extensions."""
    content = {key: value for key, value in persona.content().items() if key not in ("model", "extensions")}
    if persona.traits:
        content["traits"] = {key: word_trait(key, z) for key, z in persona.traits.items()}
    return orjson.dumps(content).decode() if content else ""


def word_trait(key: str, z: float) -> str:
    """Word a trait by its level.

    Example:
        >>> word_trait("big_five.extraversion", 2.0), word_trait("hexaco.honesty_humility", -1.0)
        ('extremely extroverted', 'low in honesty humility')
    """
    level = level_of(z)
    words = trait_words().get(key)
    if words is not None:
        return qualify(Marker(words.low, words.high), level)
    amounts = (
        "extremely low",
        "very low",
        "low",
        "a bit low",
        "average",
        "a bit high",
        "high",
        "very high",
        "extremely high",
    )
    return f"{amounts[level - 1]} in {trait_title(key)}"


def word_gender(gender: str) -> str:
    """Word a gender as what somebody is.

    Example:
        >>> word_gender("woman"), word_gender("agender person"), word_gender("non-binary")
        ('a woman', 'an agender person', 'non-binary')
    """
    name = gender.strip()
    return f"{'an' if name[0].lower() in 'aeiou' else 'a'} {name}" if _ONE.fullmatch(name) else gender


def _narrate(persona: Persona, grammar: _Grammar) -> str:
    parts = [
        persona.description,
        *_demographic_sentences(persona.demographics, grammar),
        *_trait_sentences(persona, grammar),
        *_identity_sentences(persona, grammar),
        persona.life_context,
        *_list_sentences(persona, grammar),
        *_manner_sentences(persona, grammar),
    ]
    return " ".join(_sentence(part) for part in parts if part.strip())


def _demographic_sentences(facts: Demographics, grammar: _Grammar) -> list[str]:
    subject, possessive = grammar.subject, grammar.possessive
    age = f"{facts.age} years old" if facts.age is not None else ""
    about = _told(age, word_gender(facts.gender), facts.nationality, facts.ethnicity, facts.marital_status)
    lines = [f"{subject} {grammar.is_} {join_words(about)}"] if about else []
    named = {
        "home": facts.residence,
        "education": facts.education,
        "occupation": facts.occupation,
        "income": facts.income,
        "religion": facts.religion,
        "politics": facts.politics,
    }
    lines += [f"{possessive} {what}: {value}" for what, value in named.items() if value.strip()]
    if languages := _told(*facts.languages):
        lines.append(f"{subject} speak{grammar.verb} {join_words(languages)}")
    return lines


def _trait_sentences(persona: Persona, grammar: _Grammar) -> list[str]:
    worded = [word_trait(key, z) for key, z in persona.traits.items()]
    return [f"{grammar.subject} {grammar.is_} {join_words(worded)}"] if worded else []


def _identity_sentences(persona: Persona, grammar: _Grammar) -> list[str]:
    pairs = {**persona.social_identity, **persona.personal_identity}
    return [f"{grammar.possessive} {key.replace('_', ' ')}: {value}" for key, value in pairs.items() if value.strip()]


def _list_sentences(persona: Persona, grammar: _Grammar) -> list[str]:
    subject, verb = grammar.subject, grammar.verb
    abilities = [
        f"{subject} can {item.ability}" + (f", with a limit: {item.constraint}" if item.constraint else "")
        for item in persona.abilities
    ]
    memories = [
        f"{subject} remember{verb}{f' ({item.when})' if item.when else ''}: {item.text}" for item in persona.memories
    ]
    return [
        *abilities,
        *(f"{grammar.possessive} goal: {goal}" for goal in _told(*persona.goals)),
        *(f"{subject} believe{verb}: {belief}" for belief in _told(*persona.beliefs)),
        *(f"{subject} know{verb}: {fact}" for fact in _told(*persona.knowledge)),
        *memories,
    ]


def _manner_sentences(persona: Persona, grammar: _Grammar) -> list[str]:
    voice = persona.voice
    sound = _told(voice.language, voice.accent, voice.pitch, voice.pace, voice.description)
    lines = [f"{grammar.possessive} way of speaking: {persona.style}"] if persona.style.strip() else []
    if sound:
        lines.append(f"{grammar.possessive} voice: {join_words(sound)}")
    if persona.appearance.strip():
        lines.append(f"{grammar.possessive} appearance: {persona.appearance}")
    return lines


def _told(*texts: str) -> list[str]:
    """Those texts that say something."""
    return [text for text in texts if text.strip()]


def _sentence(text: str) -> str:
    text = _START.sub("\n", text).strip()
    text = text[:1].upper() + text[1:]
    return text if _ENDED.search(text) else f"{text}."
