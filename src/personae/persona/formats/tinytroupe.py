"""TinyTroupe: agents (``TinyPerson``) and fragments of agents as JSON.

The Big Five are phrases there ("High. Very imaginative."); they are read as the middle of the level they name. Agents
are also read from what versions of TinyTroupe save of a simulation (``_persona``, and before that ``_configuration``);
they are written as files of agents, which is what TinyTroupe opens.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import orjson

from personae.errors import InputError
from personae.persona.formats.content import Content
from personae.persona.formats.flat import read_abilities, write_abilities
from personae.persona.formats.format import Format, Record, Told
from personae.persona.formats.levels import read_level, word_level
from personae.persona.formats.links import (
    Link,
    as_age,
    as_texts,
    joined,
    keep_unread,
    read_links,
    split_at,
    write_links,
)
from personae.persona.formats.pointers import join_pointer
from personae.persona.persona import Persona
from personae.persona.traits import BIG_FIVE

PERSON, FRAGMENT = "TinyPerson", "Fragment"
SLOT = "tinytroupe"

_LIST = "; "
_LAYOUTS = ("persona", "_persona", "_configuration")
"""Where versions of TinyTroupe keep the person."""


def _texts_under(key: str, value: Any) -> list[str] | None:
    """Texts that an older version wrapped in objects: ``[{"trait": "You are curious."}]``."""
    items = value if isinstance(value, list) else [value]
    texts = [item.get(key) if isinstance(item, dict) else item for item in items]
    return as_texts(texts) if texts else None


def listed(key: str, separator: str) -> Callable[[Any], str | None]:
    """Reads a list of texts, each alone or in an object under a key, as one text."""

    def read(value: Any) -> str | None:
        texts = _texts_under(key, value)
        return None if texts is None else separator.join(texts)

    return read


def wrapped(key: str, separator: str) -> Callable[[Any], list[dict[str, str]]]:
    """Writes one text as a list of objects with a text under a key."""
    return lambda value: [{key: text} for text in str(value).split(separator)]


LINKS = (
    Link("/persona/name", "/name"),
    Link("/persona/age", "/demographics/age", as_age),
    *(
        Link(f"/persona/{key}", f"/demographics/{key}")
        for key in ("gender", "nationality", "residence", "education", "religion", "marital_status", "ethnicity")
    ),
    Link("/persona/occupation/title", "/demographics/occupation"),
    Link("/persona/occupation", "/demographics/occupation"),
    Link("/persona/occupation/organization", "/social_identity/organization"),
    Link("/persona/occupation/description", "/life_context"),
    Link("/persona/long_term_goals", "/goals", as_texts),
    Link("/persona/style", "/style"),
    Link("/persona/personality/traits", "/description", joined("\n"), split_at("\n")),
    *(
        Link(f"/persona/personality/big_five/{key.partition('.')[2]}", f"/traits/{key}", read_level, word_level(key))
        for key in BIG_FIVE
    ),
    *(
        Link(f"/persona/preferences/{key}", f"/personal_identity/{key}", joined(_LIST), split_at(_LIST))
        for key in ("interests", "likes", "dislikes")
    ),
    Link("/persona/skills", "/abilities", lambda value: read_abilities(_texts_under("skill", value)), write_abilities),
    Link("/persona/beliefs", "/beliefs", as_texts),
    Link("/persona/behaviors/general", "/personal_identity/habits", joined(_LIST), split_at(_LIST)),
    Link("/persona/health", "/personal_identity/health"),
    Link("/persona/other_facts", "/knowledge", as_texts),
    Link("/persona/appearance", "/appearance"),
    # The names that other versions use.
    Link("/persona/country_of_residence", "/demographics/residence"),
    Link("/persona/occupation_description", "/life_context"),
    Link("/persona/goals", "/goals", as_texts),
    Link("/persona/personality_traits", "/description", listed("trait", "\n"), wrapped("trait", "\n")),
    Link("/persona/interests", "/personal_identity/interests", joined(_LIST), split_at(_LIST)),
    Link(
        "/persona/personal_interests",
        "/personal_identity/interests",
        listed("interest", _LIST),
        wrapped("interest", _LIST),
    ),
    Link(
        "/persona/professional_interests",
        "/personal_identity/professional interests",
        listed("interest", _LIST),
        wrapped("interest", _LIST),
    ),
    Link("/persona/likes", "/personal_identity/likes", joined(_LIST), split_at(_LIST)),
    Link("/persona/dislikes", "/personal_identity/dislikes", joined(_LIST), split_at(_LIST)),
    Link("/persona/routines", "/personal_identity/routines", listed("routine", _LIST), wrapped("routine", _LIST)),
)

_APART = ("relationships", "mental_faculties", "mental_state")
_INSIDE = {"behaviors": "{} habits", "preferences": "{}", "personality": "{}", "occupation": "occupation {}"}
"""What the parts of a person that have names of their own are called among what sets the person apart."""
_TAKEN = {link.ours for link in LINKS}

_PARTICULAR = tuple(link for link in LINKS if link.ours == "/demographics/age" or link.ours.startswith("/traits/"))
_KIN = "relationship with "


def _rest_of(person: Any) -> list[Link]:
    """Links for what a person has under names that TinyTroupe does not fix: routines, habits, facts of any name."""
    known, links = {link.theirs for link in LINKS}, []
    inner = {place.rpartition("/")[0] for place in known}
    for key, value in person.items() if isinstance(person, dict) else ():
        place = join_pointer("persona", key)
        if key in _APART or place in known - inner:
            continue
        if not (isinstance(value, dict) and (place in inner or key in _INSIDE)):
            links += [] if place in inner else _rest_link(place, key, value)
            continue
        for name, told in value.items():
            at = join_pointer("persona", key, name)
            if at not in known and at not in inner:
                title = name if name == "routines" else _INSIDE.get(key, "{}").format(name)
                links += _rest_link(at, title, told)
    return links


def _rest_link(place: str, title: str, value: Any) -> list[Link]:
    """A link for a text, a list of texts, or lists of texts by name, such as the routines of a day."""
    ours = join_pointer("personal_identity", title)
    if isinstance(value, str):
        return [Link(place, ours)]
    if isinstance(value, list) and as_texts(value):
        return [Link(place, ours, joined(_LIST), split_at(_LIST))]
    if isinstance(value, dict) and value and all(as_texts(told) for told in value.values()):
        return [Link(place, ours, _read_parts, _write_parts)]
    return []


def _read_parts(value: Any) -> str | None:
    if not isinstance(value, dict) or not all(as_texts(told) for told in value.values()):
        return None
    return "\n".join(f"{name}: {_LIST.join(as_texts(told) or ())}" for name, told in value.items())


def _write_parts(value: Any) -> Any:
    parts = [line.partition(": ") for line in str(value).split("\n")]
    return {name: texts.split(_LIST) for name, _, texts in parts} if all(sep for _, sep, _ in parts) else value


def _read(record: Any) -> Told:
    fields = read_links(record, (*LINKS, *_rest_of(record["persona"])))
    keep_unread(record, _PARTICULAR, fields)
    known = record["persona"].get("relationships")
    for one in known if isinstance(known, list) else []:
        if isinstance(one, dict) and isinstance(one.get("name"), str) and isinstance(one.get("description"), str):
            fields.setdefault("social_identity", {})[_KIN + one["name"]] = one["description"]
    if "traits" in fields:
        fields["provenance"] = {"traits": {"origin": "inferred", "by": "level named by TinyTroupe"}}
    return Told(fields)


def _place_of(key: str) -> str:
    return join_pointer("personal_identity", key)


def _write(persona: Persona) -> dict[str, Any]:
    kept = persona.extensions.get(SLOT)
    person = kept.get("persona") if isinstance(kept, dict) else None
    own = _rest_of(person)
    told = {link.ours for link in own} | _TAKEN
    others = {key: value for key, value in persona.personal_identity.items() if _place_of(key) not in told}
    record = write_links(persona.content(), (*LINKS, *own, *_rest_of(others)), kept)
    record.setdefault("persona", {})
    kin = [
        {"name": key.removeprefix(_KIN), "description": text}
        for key, text in persona.social_identity.items()
        if key.startswith(_KIN) and text
    ]
    if kin:
        record["persona"]["relationships"] = kin
    return {"type": PERSON if persona.name else FRAGMENT, **record}


def _layout(row: Any) -> str:
    """Where an agent keeps the person; empty if this is no agent."""
    if not isinstance(row, dict):
        return ""
    kind = row.get("type", row.get("json_serializable_class_name"))
    found = next((key for key in _LAYOUTS if isinstance(row.get(key), dict)), "")
    # The oldest states of a simulation name no class, and have other marks of an agent.
    return found if kind in (PERSON, FRAGMENT) or (kind is None and found[:1] == "_" and "name" in row) else ""


def _agents(content: Content) -> list[Any]:
    """The agents of a file: agents themselves, or those of a saved simulation or world."""
    rows = content.objects
    if len(rows) == 1 and not _layout(rows[0]) and isinstance(rows[0].get("agents"), list):
        return list(rows[0]["agents"])
    return rows


def _modern(row: dict[str, Any]) -> dict[str, Any]:
    layout = _layout(row)
    if layout == "persona" and "type" in row:
        return row
    kind = row.get("type", row.get("json_serializable_class_name", PERSON))
    rest = {key: value for key, value in row.items() if key not in ("type", "json_serializable_class_name", layout)}
    person = row[layout]
    if layout == "_configuration" and "name" not in person and isinstance(row.get("name"), str):
        person = {"name": row["name"], **person}
    return {"type": kind, "persona": person, **rest}


def _unpack(content: Content) -> list[Record]:
    return [Record(_modern(row)) for row in _agents(content) if _layout(row)]


def _recognise(content: Content) -> bool:
    agents = _agents(content)
    return bool(agents) and all(map(_layout, agents))


def _pack(records: Sequence[Record]) -> bytes:
    if len(records) != 1:
        raise InputError(f"TinyTroupe keeps one agent a file, not {len(records)}", remedy="write them into a folder")
    return orjson.dumps(records[0].data, option=orjson.OPT_INDENT_2) + b"\n"


TINYTROUPE = Format(
    key="tinytroupe",
    title="TinyTroupe agent or fragment, JSON",
    ending=".agent.json",
    slot=SLOT,
    holds_many=False,
    recognise=_recognise,
    unpack=_unpack,
    read=_read,
    write=_write,
    pack=_pack,
)
