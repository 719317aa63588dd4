"""The design lab: the six dimensions that people customise, as a form, and the persona that is made of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from personae.model import Schema
from personae.persona import Demographics, Persona


@dataclass(frozen=True, slots=True)
class Dimension:
    """One part of the form."""

    key: str
    about: str
    """What is asked for."""
    fields: tuple[str, ...]


DIMENSIONS = (
    Dimension("demographics", "name, age, gender and occupation", ("name", "age", "gender", "occupation")),
    Dimension("verbal_style", "how it speaks: tone, formality, length, dialect", ("verbal_style",)),
    Dimension("nonverbal_style", "what goes with its words: emoji, gestures", ("nonverbal_style",)),
    Dimension("knowledge", "what it knows and is interested in", ("knowledge",)),
    Dimension("relational", "what it is to you, and what you share", ("relational",)),
    Dimension("appearance", "how it looks, from which a picture would be drawn", ("appearance",)),
)
"""The dimensions of CloChat's form (Ha et al., 2024)."""

_WORDS = {"type": "string", "maxLength": 400}
_FIELDS: dict[str, dict[str, Any]] = {
    name: {"type": "integer", "minimum": 0, "maximum": 120, "description": "0 for none"} if name == "age" else _WORDS
    for dimension in DIMENSIONS
    for name in dimension.fields
}

FORM = Schema(
    "persona_form",
    {"type": "object", "properties": _FIELDS, "required": list(_FIELDS), "additionalProperties": False},
)
"""The whole form; a field that is left empty is not customised."""

EDIT = Schema(
    "persona_edit",
    {
        "type": "object",
        "properties": {
            "dimension": {"type": "string", "enum": ["nothing", *(one.key for one in DIMENSIONS[1:])]},
            "text": _WORDS,
        },
        "required": ["dimension", "text"],
        "additionalProperties": False,
    },
)
"""A change in the middle of a talk."""


def edited(form: Mapping[str, Any], edit: Mapping[str, Any]) -> tuple[dict[str, Any], bool]:
    """The form after an edit, and whether it has changed.

    Example:
        >>> edited({"verbal_style": "dry"}, {"dimension": "verbal_style", "text": "warm"})
        ({'verbal_style': 'warm'}, True)
        >>> edited({"verbal_style": "dry"}, {"dimension": "nothing", "text": "warm"})[1]
        False
    """
    key, text = edit.get("dimension"), str(edit.get("text") or "").strip()
    known = {one.key for one in DIMENSIONS[1:]}
    if key not in known or not text or form.get(str(key)) == text:
        return dict(form), False
    return {**form, str(key): text}, True


def words_in(form: Mapping[str, Any]) -> dict[str, int]:
    """Words that were written in each dimension; a number is one word, 0 none."""
    return {one.key: sum(len(str(form.get(name) or "").split()) for name in one.fields) for one in DIMENSIONS}


def persona_of_form(form: Mapping[str, Any], id: str) -> Persona:
    """The persona that a form describes.

    Example:
        >>> made = persona_of_form({"name": "Ada", "age": 30, "verbal_style": "dry"}, "p")
        >>> made.name, made.demographics.age, made.style
        ('Ada', 30, 'dry')
    """
    text = {name: " ".join(str(form.get(name) or "").split()) for name in _FIELDS if name != "age"}
    age = form.get("age")
    return Persona(
        id=id,
        name=text["name"][:100],
        demographics=Demographics(
            age=age if isinstance(age, int) and age > 0 else None,
            gender=text["gender"],
            occupation=text["occupation"],
        ),
        style=text["verbal_style"],
        personal_identity={"nonverbal style": text["nonverbal_style"]} if text["nonverbal_style"] else {},
        knowledge=[text["knowledge"]] if text["knowledge"] else [],
        social_identity={"relationship to the user": text["relational"]} if text["relational"] else {},
        appearance=text["appearance"],
    )
