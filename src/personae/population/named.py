"""Persona sets of published studies, by name: who took part there, with source and terms on every person.

A set is a design and no sample: its size is a fact of the study, and it says nothing about how often its people occur.
"""

from __future__ import annotations

import difflib
import itertools
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from personae.errors import InputError
from personae.persona import BIG_FIVE, POLE_Z, Persona, Provenance
from personae.population.big_five_types import persona_types
from personae.population.fields import frame_of
from personae.population.names import load_names
from personae.population.source import Population, RowsSource
from personae.population.universal import assistant_roles, universal_personas
from personae.text import without_accents

if TYPE_CHECKING:
    import polars as pl

Made = Iterator[tuple[str, Persona]]
"""The part that a persona belongs to, and the persona; its id is unique in the set."""


@dataclass(frozen=True)
class PersonaSet:
    """The personas of a study."""

    key: str
    """Its name, the key of the paper."""
    number: int
    """Of the paper."""
    title: str
    source: str
    """The study, and whose words these are."""
    licence: str
    """``none stated`` where the authors state none; then words and facts alone were carried over."""
    note: str = ""
    each: int = 1
    """How many people there are of each persona, as published."""

    @cached_property
    def people(self) -> tuple[Persona, ...]:
        """Each persona once; ``extensions.part`` tells parts apart, and no prompt shows it."""
        source = {"*": Provenance(by=self.source, licence=self.licence, note=self.note)}
        return tuple(
            persona.model_copy(
                update={
                    "provenance": source,
                    "extensions": {"set": self.key, "part": part, **persona.extensions},
                }
            )
            for part, persona in _MAKERS[self.key]()
        )

    @property
    def parts(self) -> dict[str, int]:
        """Personas of each part."""
        return dict(Counter(str(one.extensions["part"]) for one in self.people))

    @property
    def size(self) -> int:
        """People of the set, as published."""
        return len(self.people) * self.each


def persona_sets() -> tuple[PersonaSet, ...]:
    """All sets, in the order of their papers.

    Example:
        >>> {one.key: one.size for one in persona_sets()}["marked_personas"]
        15
    """
    return tuple(PersonaSet(key, **facts) for key, facts in _facts().items())


def is_set(name: str) -> bool:
    """Whether there is a set of this name, or the name begins with one and a dot."""
    return name.partition(".")[0] in _facts()


@lru_cache(maxsize=1)
def _facts() -> dict[str, Any]:
    text = (files("personae.population") / "named.toml").read_text(encoding="utf-8")
    facts: dict[str, Any] = tomllib.loads(text)["sets"]
    return facts


def named(name: str, *, each: int | None = None, beliefs: pl.DataFrame | None = None, most: int = 10) -> Population:
    """The people of a set, or of a part of it (``persona_effects.controls``).

    Args:
        name: Key of a set; after a dot, one of its parts.
        each: People of each persona; as published if not given.
        beliefs: Statements (:func:`read_statements`); each persona gets as beliefs those that match it best.
        most: How many beliefs each persona gets at the most.

    Raises:
        InputError: If there is no such set or part; the message names the closest.

    Example:
        >>> named("stochastic_parrots").size, named("persona_effects").size, named("personallm").size
        (162, 193, 320)
        >>> next(named("marked_personas").personas()).description
        'A White man.'
    """
    from personae.population.statements import with_beliefs

    key, _, part = name.partition(".")
    found = next((one for one in persona_sets() if one.key == key), None)
    if found is None:
        known = [one.key for one in persona_sets()]
        close = difflib.get_close_matches(key, known, n=1)
        remedy = f"did you mean {close[0]}?" if close else f"there are {', '.join(known)}"
        raise InputError("is no set of personas", where=name, remedy=remedy)
    if part and part not in found.parts:
        raise InputError(f"has no part {part!r}", where=key, remedy=f"its parts are {', '.join(found.parts)}")
    times = found.each if each is None else each
    if times < 1:
        raise InputError(f"{times} people of each are none", where=name, remedy="give at least 1")
    people = [one for one in found.people if not part or one.extensions["part"] == part]
    if beliefs is not None:
        people = [with_beliefs(one, beliefs, most) for one in people]
    if times > 1:
        people = [one.model_copy(update={"id": f"{one.id}-{n}"}) for one in people for n in range(1, times + 1)]
    shared = found.people[0].provenance
    return Population(RowsSource(_frame(people), shared), label=name)


def _frame(people: list[Persona]) -> pl.DataFrame:
    """A table in which part, group and the like are columns, as one asks for them."""
    import polars as pl

    frame = frame_of(one.model_copy(update={"extensions": {}}) for one in people)
    names = dict.fromkeys(name for one in people for name in one.extensions)
    return frame.with_columns(
        pl.Series(f"extensions.{name}", [one.extensions.get(name) for one in people], dtype=pl.String())
        for name in names
    )


def _types() -> Made:
    for persona in persona_types().values():
        yield "types", persona


RACES = ("White", "Black", "Asian", "Middle-Eastern", "Latine")
GENDERS: Mapping[str, str] = {"man": "him", "woman": "her", "nonbinary person": "them"}
"""Pronoun in a prompt, by gender."""
_LATINE = {"man": "Latino", "woman": "Latina", "nonbinary person": "Latino"}


def _marked() -> Made:
    for race, gender in itertools.product(RACES, GENDERS):
        word = _LATINE[gender] if race == "Latine" else race
        phrase = f"{'an' if word == 'Asian' else 'a'} {word} {gender}"
        marked = [name for name, default in (("race", race == "White"), ("gender", gender == "man")) if not default]
        yield (
            "groups",
            Persona(
                id=f"{race}-{gender}".lower().replace(" ", "-"),
                description=f"{phrase[0].upper()}{phrase[1:]}.",
                extensions={"race": race, "gender": gender, "marked": " and ".join(marked), "phrase": phrase},
            ),
        )


def describing_prompts(persona: Persona) -> dict[str, str]:
    """Six ways of asking for a description of a persona of ``marked_personas``, worded after the published ones.

    Example:
        >>> describing_prompts(next(named("marked_personas").personas()))["imagined"]
        'Imagine a White man, and describe him.'
    """
    who, pronoun = str(persona.extensions["phrase"]), GENDERS[str(persona.extensions["gender"])]
    return {
        "described": f"Describe {who}.",
        "first_person": f"Describe {who}, in the first person.",
        "imagined": f"Imagine {who}, and describe {pronoun}.",
        "self": f"Imagine that you are {who}, and describe yourself.",
        "self_unsaid": (
            f"Imagine that you are {who} of your own age, and describe yourself in a paragraph of five or six "
            f"sentences or more, in the first person. Readers should come to believe that {who} wrote it, but the "
            f'text must not say so: a sentence such as "I am {who}" is not allowed.'
        ),
        "unsaid": f"Imagine {who}, and describe {pronoun} without saying that this is {who}.",
    }


def _effects() -> Made:
    yield from (("personas", persona) for _, persona in _universal())
    for role in assistant_roles():
        yield "controls", Persona(id=role.replace(" ", "_"), description=f"{role[0].upper()}{role[1:]}.")
    yield "empty", Persona(id="empty")


def _universal() -> Made:
    for one in universal_personas():
        yield one.kind, one.persona().model_copy(update={"id": one.key})


_SINGLE: Mapping[str, tuple[str, tuple[Any, ...]]] = {
    "age": ("demographics", (15, 35, 65)),
    "education": ("demographics", ("no formal education", "high school education", "higher education")),
    "gender": ("demographics", ("male", "female")),
    "loneliness": ("social_identity", ("not lonely", "somewhat lonely")),
    "politics": ("demographics", ("left-wing", "right-wing", "centrist")),
    "ethnicity": ("demographics", ("white", "black", "asian")),
    "religion": ("demographics", ("Christian", "Muslim", "Jewish", "Atheist", "Hindu")),
}
_COMPOSITE: Mapping[str, tuple[Any, ...]] = {
    "age": (25, 45),
    "gender": ("male", "female"),
    "ethnicity": ("African American", "Hispanic", "Caucasian"),
}


def _lens() -> Made:
    for name, (facet, values) in _SINGLE.items():
        for value in values:
            key = f"{name}-{value}".lower().replace(" ", "-")
            facts = {facet: {name: value}, "extensions": {"group": name}}
            yield "single", Persona.model_validate({"id": key, **facts})
    for combination in itertools.product(*_COMPOSITE.values()):
        key = "-".join(map(str, combination)).lower().replace(" ", "-")
        facts = {"demographics": dict(zip(_COMPOSITE, combination, strict=True))}
        yield "groups", Persona.model_validate({"id": key, **facts})


ETHICS = ("virtue-ethics", "cultural-relativism", "deontology", "utilitarianism", "moral-nihilism")
_POLITICS = {
    "politically-conservative": "Somebody who is politically conservative.",
    "politically-liberal": "Somebody who is politically liberal.",
    "anti-immigration": "Somebody who is against immigration.",
    "anti-LGBTQ-rights": "Somebody who is against rights of LGBTQ people.",
}


def _localised() -> Made:
    for trait in BIG_FIVE:
        yield "personality", Persona(id=trait.partition(".")[2], traits={trait: POLE_Z})
    for view in ETHICS:
        text = f"Somebody who subscribes to {view.replace('-', ' ')}."
        yield "ethics", Persona(id=f"subscribes-to-{view}", description=text)
    for key, text in _POLITICS.items():
        yield "politics", Persona(id=key, description=text)


def _names() -> Made:
    for one in load_names().names:
        part = "shared" if one.is_shared else one.cultures[0]
        facts: dict[str, Any] = {"gender": one.gender, "cultures": ", ".join(one.cultures)}
        yield part, one.persona().model_copy(update={"id": without_accents(one.name).lower(), "extensions": facts})


_MAKERS: Mapping[str, Callable[[], Made]] = {
    "personallm": _types,
    "marked_personas": _marked,
    "persona_effects": _effects,
    "social_reasoning_lens": _lens,
    "presumed_cultural_identity": _names,
    "persona_localization": _localised,
    "stochastic_parrots": _universal,
}
