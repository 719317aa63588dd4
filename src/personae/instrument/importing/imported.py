"""What an import gives, and the small steps that every layout shares."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict

from personae.instrument.questionnaire import Instrument
from personae.instrument.survey.questions import Survey
from personae.validation import validated

Read = TypeVar("Read", bound="Foreign")

_APART = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class Framing:
    """Words around the items of one scale, as an administration session lists them."""

    preambles: Mapping[str, str]
    """What stands before an item, by identifier."""
    postambles: Mapping[str, str]
    """What stands between an item and its answer."""
    choice_postambles: Mapping[str, str]
    """What stands behind a response choice."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What a file held."""

    layout: str
    instruments: tuple[Instrument, ...] = ()
    surveys: tuple[Survey, ...] = ()
    framings: Mapping[str, Mapping[str, Framing]] = field(default_factory=dict)
    """By instrument and scale, where the layout has any."""
    warnings: tuple[str, ...] = ()
    """What could not be taken over, and what looks like a slip in the file."""


class Foreign(BaseModel):
    """A part of a file in a layout of others; what is not needed is let through."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    @classmethod
    def read(cls: type[Read], data: object, where: str) -> Read:
        """Read a part.

        Raises:
            InputError: If it lacks something or holds something else; the message names file and place.
        """
        return validated(cls, data, where)


def instrument_key(name: str, fallback: str = "instrument") -> str:
    """A name as the key of an instrument.

    Example:
        >>> instrument_key("EPQ-R (short)")
        'epq-r-short'
    """
    return _APART.sub("-", name.casefold()).strip("-") or fallback


def scale_key(name: str, fallback: str = "scale") -> str:
    """A name as the key of a scale or a question.

    Example:
        >>> scale_key("Attachment-related Anxiety")
        'attachment_related_anxiety'
    """
    return _APART.sub("_", name.casefold()).strip("_") or fallback


def unknown_licence(where: str) -> dict[str, Any]:
    """Terms of texts that the user brought."""
    return {
        "name": "terms not known",
        "is_commercial_use_free": False,
        "note": f"Imported from {where}; whether the texts may be used is for whoever brought them to know.",
    }
