"""What a model is told of a person: attributes in groups, whole or with some left out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

from personae.errors import InputError
from personae.persona import Persona
from personae.persona.traits import level_of

Group = Literal["demographics", "personality", "politics", "religion", "quirks"]
GROUPS: tuple[Group, ...] = ("demographics", "personality", "politics", "religion", "quirks")
"""Groups of attributes in the order of a profile; the first is what a census asks, the others it does not."""
IDEOLOGY = "ideology"
_POLITICAL = ("politics", IDEOLOGY)
LEVEL_WORDS = (
    "extremely low",
    "very low",
    "low",
    "rather low",
    "average",
    "rather high",
    "high",
    "very high",
    "extremely high",
)
_LEAST_QUOTED = 6


def attributes(persona: Persona) -> Iterator[tuple[Group, str, str]]:
    """Group, name and words of every attribute that a person has."""
    for name, value in persona.demographics.model_dump().items():
        if value in (None, "", ()):
            continue
        label = name.replace("_", " ")
        told = ", ".join(value) if isinstance(value, tuple | list) else str(value)
        group: Group = "politics" if label in _POLITICAL else "religion" if label == "religion" else "demographics"
        yield group, label, told
    for name, value in persona.social_identity.items():
        yield ("politics" if name in _POLITICAL else "demographics"), name.replace("_", " "), value
    for key, z in persona.traits.items():
        yield "personality", key.split(".")[-1], LEVEL_WORDS[level_of(z) - 1]
    for name, value in persona.personal_identity.items():
        yield "quirks", name.replace("_", " "), value


def shown(persona: Persona, groups: Sequence[str] = GROUPS, *, without: str = "") -> str:
    """The person as a profile: these groups of attributes, without one group or one attribute.

    Example:
        >>> from personae.persona import Demographics
        >>> person = Persona(demographics=Demographics(age=40, politics="moderate"))
        >>> print(shown(person))
        - age: 40
        - politics: moderate
        >>> shown(person, without="age"), shown(person, without="demographics")
        ('- politics: moderate', '- politics: moderate')
    """
    found = sorted(attributes(persona), key=lambda one: GROUPS.index(one[0]))
    return "\n".join(
        f"- {label}: {told}" for group, label, told in found if group in groups and without not in (group, label)
    )


def is_quoted(persona: Persona, answer: str) -> bool:
    """Whether an answer repeats an attribute of at least six letters word for word, which it was told not to do."""
    said = answer.casefold()
    told = (
        words.casefold() for group, _, words in attributes(persona) if group != "personality" and not words.isdigit()
    )
    return any(len(words) >= _LEAST_QUOTED and words in said for words in told)


def left_out(text: str, people: Sequence[Persona]) -> tuple[str, ...]:
    """Groups and attributes that are left out one by one.

    Raises:
        InputError: If nobody has an attribute of that name.
    """
    names = tuple(dict.fromkeys(word.strip() for word in text.split(",") if word.strip()))
    known = {*GROUPS, *(label for one in people for _, label, _ in attributes(one))}
    if strange := [name for name in names if name not in known]:
        raise InputError(
            f"nobody has {strange[0]!r}", where="-P leave_out", remedy=f"use some of {', '.join(sorted(known))}"
        )
    return names


def is_one_of(persona: Persona, wanted: Mapping[str, frozenset[str]]) -> bool:
    """Whether a person has one of the wanted words under each name."""
    own = {label: told for _, label, told in attributes(persona)}
    return all(own.get(label) in words for label, words in wanted.items())
