"""Personas as a flat list of named characteristics, as EDSL's traits and Concordia's characteristics are.

Names are those of the persona's fields. What sets a person apart keeps its own name; groups and roles are prefixed with
``social_``. Traits are put in words: a model that is shown a number repeats it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from personae.persona.formats.levels import read_level, word_level
from personae.persona.formats.links import Link, as_age, as_text, as_texts, chosen_links, keep_unread, read_links
from personae.persona.formats.pointers import look_up
from personae.persona.persona import Persona
from personae.persona.traits import BIG_FIVE

SOCIAL, PERSONAL = "social_", "personal_"

_BUT = ", but "
_NO_NAME = re.compile(r"\W+")


def read_abilities(value: Any) -> list[dict[str, str]] | None:
    """Abilities from texts; what follows ", but" is what limits them."""
    texts = as_texts(value)
    if texts is None:
        return None
    found = []
    for text in filter(None, texts):
        ability, _, constraint = text.partition(_BUT)
        found.append({"ability": ability, "constraint": constraint} if ability and constraint else {"ability": text})
    return found


def write_abilities(value: Any) -> list[str]:
    """Abilities as texts, each with what limits it."""
    return [one["ability"] + (f"{_BUT}{one['constraint']}" if one.get("constraint") else "") for one in value]


def read_memories(value: Any) -> list[dict[str, str]] | None:
    """Memories from texts."""
    texts = as_texts(value)
    return None if texts is None else [{"text": text} for text in texts if text]


def write_memories(value: Any) -> list[str]:
    """Memories as texts, without when and how important they are."""
    return [one["text"] for one in value]


LINKS = (
    Link("/name", "/name"),
    Link("/description", "/description"),
    Link("/age", "/demographics/age", as_age),
    *(
        Link(f"/{key}", f"/demographics/{key}")
        for key in (
            *("gender", "nationality", "ethnicity", "residence", "education", "occupation", "income"),
            *("marital_status", "religion", "politics"),
        )
    ),
    Link("/languages", "/demographics/languages", as_texts),
    Link("/life_context", "/life_context"),
    Link("/abilities", "/abilities", read_abilities, write_abilities),
    Link("/goals", "/goals", as_texts),
    Link("/beliefs", "/beliefs", as_texts),
    Link("/knowledge", "/knowledge", as_texts),
    Link("/style", "/style"),
    Link("/appearance", "/appearance"),
    Link("/memories", "/memories", read_memories, write_memories),
    *(Link(f"/{key.partition('.')[2]}", f"/traits/{key}", read_level, word_level(key)) for key in BIG_FIVE),
    # The names that other people use for the same things.
    *(Link(f"/{name}", "/description") for name in ("persona", "bio", "biography", "background")),
    *(Link(f"/{name}", "/demographics/gender") for name in ("sex",)),
    *(Link(f"/{name}", "/demographics/ethnicity") for name in ("race", "race_ethnicity")),
    *(Link(f"/{name}", "/demographics/occupation") for name in ("profession", "job", "job_title")),
    *(Link(f"/{name}", "/demographics/residence") for name in ("location", "home", "country", "state", "city")),
    *(Link(f"/{name}", "/demographics/education") for name in ("education_level", "degree")),
    *(Link(f"/{name}", "/demographics/politics") for name in ("political_party", "party", "political_affiliation")),
)
"""Names of characteristics and the fields they are."""

_PARTICULAR = tuple(link for link in LINKS if link.ours == "/demographics/age" or link.ours.startswith("/traits/"))
_KNOWN = {link.theirs[1:] for link in LINKS}


def read_flat(named: Mapping[str, Any], titles: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The fields of a persona that named characteristics give.

    Args:
        named: Characteristics by name.
        titles: The full names of those whose name had to be cut to letters and digits.
    """
    fields = read_links(named, LINKS)
    keep_unread(named, _PARTICULAR, fields)
    for name, value in named.items():
        text = as_text(value)
        if name in _KNOWN or not text:
            continue
        title = (titles or {}).get(name)
        full = title if isinstance(title, str) and plain_name(title) == name else name
        facet, key = (
            ("social_identity", full[len(SOCIAL) :]) if full.startswith(SOCIAL) else ("personal_identity", full)
        )
        if full.startswith(PERSONAL) and _needs_prefix(full[len(PERSONAL) :]):
            key = full[len(PERSONAL) :]
        fields.setdefault(facet, {})[key] = text
    return fields


def write_flat(persona: Persona, *, is_plain: bool, original: Any = None) -> tuple[dict[str, Any], dict[str, str]]:
    """The characteristics of a persona by name, and the full names of those that had to be cut.

    Args:
        persona: Whom to describe; the name of the person is not among the characteristics.
        is_plain: Whether names have to be letters, digits and underscores.
        original: The characteristics that the person was read from, if any; fields keep the names that they have there.
    """
    content = persona.content()
    named: dict[str, Any] = {}
    for link in chosen_links(LINKS[1:], original):
        value = look_up(content, link.ours)
        if value not in (None, "", []):
            named[link.theirs[1:]] = link.write(value)
    titles = {}
    for facet, prefix in (("social_identity", SOCIAL), ("personal_identity", "")):
        for key, value in content.get(facet, {}).items():
            full = f"{prefix or (PERSONAL if _needs_prefix(key) else '')}{key}"
            name = plain_name(full) if is_plain else full
            if name and value and name not in named:
                named[name] = value
                if name != full:
                    titles[name] = full
    return named, titles


def plain_name(title: str) -> str:
    """A name of letters, digits and underscores that begins with a letter.

    Example:
        >>> plain_name("self-image (own words)")
        'self_image_own_words'
    """
    name = _NO_NAME.sub("_", title).strip("_")
    return f"_{name}" if name[:1].isdigit() else name


def _needs_prefix(key: str) -> bool:
    return key in _KNOWN or key.startswith((SOCIAL, PERSONAL)) or plain_name(key) in _KNOWN
