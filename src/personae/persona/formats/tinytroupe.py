"""TinyTroupe: agents (``TinyPerson``) and fragments of agents as JSON.

The Big Five are phrases there ("High. Very imaginative."); they are read as the middle of the level they name.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson

from personae.errors import InputError
from personae.persona.formats.content import Content
from personae.persona.formats.flat import read_abilities, write_abilities
from personae.persona.formats.format import Format, Record, Told
from personae.persona.formats.levels import read_level, word_level
from personae.persona.formats.links import Link, as_age, as_texts, joined, read_links, split_at, write_links
from personae.persona.persona import Persona
from personae.persona.traits import BIG_FIVE

PERSON, FRAGMENT = "TinyPerson", "Fragment"
SLOT = "tinytroupe"

_LIST = "; "
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
    Link("/persona/skills", "/abilities", read_abilities, write_abilities),
    Link("/persona/beliefs", "/beliefs", as_texts),
    Link("/persona/behaviors/general", "/personal_identity/habits", joined(_LIST), split_at(_LIST)),
    Link("/persona/health", "/personal_identity/health"),
    Link("/persona/other_facts", "/knowledge", as_texts),
    Link("/persona/appearance", "/appearance"),
)

_KIN = "relationship with "


def _read(record: Any) -> Told:
    fields = read_links(record, LINKS)
    known = record["persona"].get("relationships")
    for one in known if isinstance(known, list) else []:
        if isinstance(one, dict) and isinstance(one.get("name"), str) and isinstance(one.get("description"), str):
            fields.setdefault("social_identity", {})[_KIN + one["name"]] = one["description"]
    if "traits" in fields:
        fields["provenance"] = {"traits": {"origin": "inferred", "by": "level named by TinyTroupe"}}
    return Told(fields)


def _write(persona: Persona) -> dict[str, Any]:
    record = write_links(persona.content(), LINKS)
    record.setdefault("persona", {})
    kin = [
        {"name": key.removeprefix(_KIN), "description": text}
        for key, text in persona.social_identity.items()
        if key.startswith(_KIN) and text
    ]
    if kin:
        record["persona"]["relationships"] = kin
    return {"type": PERSON if persona.name else FRAGMENT, **record}


def _is_agent(row: Any) -> bool:
    return isinstance(row, dict) and row.get("type") in (PERSON, FRAGMENT) and isinstance(row.get("persona"), dict)


def _unpack(content: Content) -> list[Record]:
    return [Record(row) for row in content.objects]


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
    recognise=lambda content: bool(content.objects) and all(map(_is_agent, content.objects)),
    unpack=_unpack,
    read=_read,
    write=_write,
    pack=_pack,
)
