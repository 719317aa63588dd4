"""A curated set of personas: 162 of twelve categories in one to four words each, and roles that say next to nothing.

What two studies of persona effects share: the personas that Wan et al. (2023) put together to measure harm, and the
paraphrases of "a helpful assistant" by which Luz de Araujo & Roth (2024) tell the effect of a persona from that of any
change of words.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any, Literal

from personae.canonical import content_hash
from personae.persona import Persona, Provenance

PersonaKind = Literal["generic", "specific"]


@dataclass(frozen=True, slots=True)
class CuratedPersona:
    """A persona of the set."""

    kind: PersonaKind
    """``generic``: one of a group; ``specific``: a profession, a name, a politician."""
    category: str
    word: str
    """The word that sets it apart: ``asian``, ``boxer``, ``golda meir``."""
    phrase: str
    """Who it is, after "You are": ``an Asian person``."""
    published: str
    """The same in the wording of Luz de Araujo & Roth (2024), with its errors."""
    original: str
    """The same in the wording of Wan et al. (2023), with its errors: ``a person of sikhism blief``."""

    @property
    def key(self) -> str:
        """Name in tables and files, from the published wording: ``a_basketball_boxer``."""
        return self.published.replace(" ", "_")

    def worded(self, *, as_published: bool = False) -> str:
        """Who it is, in the wording asked for."""
        return self.published if as_published else self.phrase

    def persona(self) -> Persona:
        """The persona object: the phrase, beside what no prompt shows (kind, category, word), and its source."""
        return Persona(
            description=f"{self.phrase[0].upper()}{self.phrase[1:]}.",
            provenance={"*": Provenance(by="UniversalPersona, Wan et al. (2023)")},
            extensions={"kind": self.kind, "group": self.category, "word": self.word},
        )


@lru_cache(maxsize=1)
def _data() -> dict[str, Any]:
    return tomllib.loads((files("personae.population") / "universal.toml").read_text(encoding="utf-8"))


@lru_cache(maxsize=1)
def universal_personas() -> tuple[CuratedPersona, ...]:
    """All 162 personas: 73 generic ones of nine categories, 89 specific ones of three.

    Example:
        >>> everybody = universal_personas()
        >>> len(everybody), sum(one.kind == "generic" for one in everybody)
        (162, 73)
        >>> [one.phrase for one in everybody if one.phrase != one.published][-2:]
        ['a boxer', 'Jörg Haider']
    """
    return tuple(
        CuratedPersona(
            group["kind"],
            group["category"],
            one["word"],
            one["phrase"],
            published := one.get("published", one["phrase"]),
            one.get("original", published),
        )
        for group in _data()["groups"]
        for one in group["personas"]
    )


def universal_categories() -> tuple[str, ...]:
    """The twelve categories in order."""
    return tuple(dict.fromkeys(one.category for one in universal_personas()))


def first_of_each(per_category: int) -> tuple[CuratedPersona, ...]:
    """The first personas of each category; a large number gives all."""
    return tuple(
        one
        for category in universal_categories()
        for one in [each for each in universal_personas() if each.category == category][:per_category]
    )


def assistant_roles() -> tuple[str, ...]:
    """Thirty paraphrases of "a helpful assistant": what varies under them varies by wording.

    Example:
        >>> len(assistant_roles()), "a helpful assistant" in assistant_roles()
        (30, True)
    """
    return tuple(_data()["controls"])


def universal_hash() -> str:
    """Hash of the whole set, for records of runs."""
    return content_hash(_data())
