"""The persona object: one description of a person that is sampled, rendered, measured, remembered and served."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, JsonValue, field_validator, model_validator

from personae.canonical import HASH_SCHEME, content_hash
from personae.persona.provenance import Number, Provenance, WholeNumber
from personae.persona.traits import MOST_EXTREME_Z

FORMAT = "personae.persona/1"
"""First line of every persona file; a file without it is read as this version too."""

UNKNOWN = "unknown"
"""Key under ``extensions`` that keeps fields which this version does not know."""

NOT_CONTENT: dict[str, str] = {
    "format": "how the persona is written down",
    "id": "names the persona whatever its content",
    "provenance": "says where the content comes from, not what it is",
}
"""Fields that the content hash leaves out, and why."""

_TRAIT_KEY = re.compile(r"[a-z0-9_]+(\.[a-z0-9_]+){1,2}")


class _Facet(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)  # JSON has no word for either


class Demographics(_Facet):
    """What a census would ask."""

    age: Annotated[WholeNumber, Field(ge=0, le=130)] | None = None
    gender: str = ""
    nationality: str = ""
    ethnicity: str = ""
    languages: tuple[str, ...] = ()
    residence: str = ""
    education: str = ""
    occupation: str = ""
    income: str = ""
    marital_status: str = ""
    religion: str = ""
    politics: str = ""


class Ability(_Facet):
    """Something the person can do (read maps), with what limits it (not after dark); abilities are described first."""

    ability: str = Field(min_length=1)
    constraint: str = ""


class Voice(_Facet):
    """How the person sounds."""

    language: str = ""
    accent: str = ""
    pitch: str = ""
    pace: str = ""
    description: str = ""


class Memory(_Facet):
    """Something the person remembers."""

    text: str = Field(min_length=1)
    when: str = ""
    importance: Number | None = Field(default=None, ge=0, le=1)


class ModelParameters(_Facet):
    """The model that plays this persona unless another is asked for, and how its words are drawn."""

    name: str = ""
    temperature: Number | None = Field(default=None, ge=0)
    top_p: Number | None = Field(default=None, gt=0, le=1)
    max_tokens: WholeNumber | None = Field(default=None, ge=1)


class Persona(_Facet):
    """A person as a model is asked to be one.

    Every field is optional: a persona may be a single trait or a life. ``id`` is stable under editing; ``hash`` changes
    with the content. A persona that is given no id gets one from its content, so that reading the same file twice gives
    the same persona.

    Example:
        >>> ada = Persona(name="Ada", traits={"big_five.openness": 1.5})
        >>> ada.id == Persona(name="Ada", traits={"big_five.openness": 1.5}).id
        True
        >>> ada.model_copy(update={"name": "Ada L."}).hash == ada.hash
        False
    """

    id: str = ""
    name: str = ""
    description: str = ""
    """Who the person is, in free words."""
    demographics: Demographics = Demographics()
    traits: dict[str, Number] = Field(default_factory=dict)
    """z-scores by trait: ``{"big_five.extraversion": 1.2}``; 0 is the population mean, 1 one SD above it."""
    social_identity: dict[str, str] = Field(default_factory=dict)
    """Groups and roles the person belongs to: ``{"profession": "nurse"}``."""
    personal_identity: dict[str, str] = Field(default_factory=dict)
    """What sets the person apart: values, habits, self-image."""
    life_context: str = ""
    """The person's situation and history, as a narrative."""
    abilities: tuple[Ability, ...] = ()
    goals: tuple[str, ...] = ()
    beliefs: tuple[str, ...] = ()
    knowledge: tuple[str, ...] = ()
    style: str = ""
    """How the person speaks and writes."""
    voice: Voice = Voice()
    appearance: str = ""
    memories: tuple[Memory, ...] = ()
    model: ModelParameters = ModelParameters()
    provenance: dict[str, Provenance] = Field(default_factory=dict)
    """Source of each field by its path (``demographics.age``); ``*`` stands for all that is not named."""
    extensions: dict[str, JsonValue] = Field(default_factory=dict)
    """What other tools and later versions keep with the persona; it is never dropped and never enters a prompt."""

    @field_validator("traits")
    @classmethod
    def _traits_are_z_scores(cls, traits: dict[str, float]) -> dict[str, float]:
        for key, z in traits.items():
            if not _TRAIT_KEY.fullmatch(key):
                raise ValueError(f"{key!r} is no trait; name it scale.trait or scale.trait.facet")
            if not math.isfinite(z) or abs(z) > MOST_EXTREME_Z:
                raise ValueError(
                    f"{key} = {z} is no z-score (0 is the population mean, 1 one SD; at most {MOST_EXTREME_Z:g})"
                )
        return {key: z + 0.0 for key, z in sorted(traits.items())}  # minus zero is zero, in the hash too

    @field_validator("social_identity", "personal_identity")
    @classmethod
    def _has_one_order(cls, facets: dict[str, str]) -> dict[str, str]:
        """Objects of JSON have no order: personas of one hash must be worded alike."""
        return dict(sorted(facets.items()))

    @model_validator(mode="after")
    def _has_an_id(self) -> Self:
        try:
            content = self.hash
        except TypeError as error:
            raise ValueError(f"holds what JSON cannot express: {error}") from error
        if not self.id:
            object.__setattr__(self, "id", f"p-{content[:12]}")
        return self

    @property
    def hash(self) -> str:
        """SHA-256 of the content: everything but how it is written down, its id and its sources."""
        return content_hash([HASH_SCHEME, self.content()])

    def content(self) -> dict[str, Any]:
        """What the persona says, as JSON without empty fields."""
        data = self.model_dump(mode="json", exclude=set(NOT_CONTENT), exclude_defaults=True)
        return {key: value for key, value in data.items() if value not in ("", [], {}, None)}

    def provenance_of(self, path: str) -> Provenance:
        """Source of a field: its own, else that of the nearest field around it, else ``given``.

        Example:
            >>> ada = Persona(traits={"big_five.openness": 1.0}, provenance={"traits": Provenance(origin="sampled")})
            >>> ada.provenance_of("traits.big_five.openness").origin
            'sampled'
        """
        while path:
            if path in self.provenance:
                return self.provenance[path]
            path = path.rpartition(".")[0]
        return self.provenance.get("*", Provenance())

    def trait(self, key: str) -> float | None:
        """The z-score of a trait, ``None`` if the persona says nothing about it."""
        return self.traits.get(key)

    def with_traits(self, traits: Mapping[str, float]) -> Persona:
        """A persona of the same content with these traits added or replaced, under an id of its own."""
        return Persona.model_validate({**self.model_dump(), "id": "", "traits": {**self.traits, **traits}})

    def _repr_html_(self) -> str:
        from html import escape

        rows = "".join(
            f"<tr><th style='text-align:left'>{escape(key)}</th><td>{escape(str(value))}</td></tr>"
            for key, value in self.content().items()
        )
        return f"<table><caption>{escape(self.name or self.id)}</caption>{rows}</table>"
