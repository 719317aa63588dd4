"""Character Card V1, V2 and V3 as JSON objects: what SillyTavern, RisuAI, Agnai and their kin exchange.

``creator_notes``, ``creator`` and ``tags`` are for people and never reach a field that is worded in a prompt. Texts of
the card are read with their macros resolved, so that every renderer can use them; the card as it was is kept, and is
what :func:`personae.persona.formats.card_prompt.compose_card` plays in a chat.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import orjson

from personae.errors import InputError
from personae.persona.formats.carry import KEY, pack_rest
from personae.persona.formats.content import Content
from personae.persona.formats.format import Fields, Format, Record, Told, read_carried
from personae.persona.formats.macros import Macros
from personae.persona.formats.pointers import put
from personae.persona.narrative import render_third_person
from personae.persona.persona import Persona
from personae.persona.spelling import parse_rows

Version = Literal[1, 2, 3]

SLOT = "character_card"
"""Key under ``extensions`` that keeps a card as it was read."""

SPECS: dict[Version, dict[str, str]] = {
    1: {},
    2: {"spec": "chara_card_v2", "spec_version": "2.0"},
    3: {"spec": "chara_card_v3", "spec_version": "3.0"},
}
FIRST_FIELDS = ("name", "description", "personality", "scenario", "first_mes", "mes_example")
"""The six texts of V1."""
OLDEST_NAMES = {
    "char_name": "name",
    "char_persona": "description",
    "world_scenario": "scenario",
    "char_greeting": "first_mes",
    "example_dialogue": "mes_example",
}
"""What the six texts were called before V1, by what they are called in it."""

WEBUI_NAMES = {"context": "description", "greeting": "first_mes", "example_dialogue": "mes_example"}
"""What text-generation-webui calls them in its YAML files, by what they are called in V1."""

_LATER: dict[str, Any] = {
    "creator_notes": "",
    "system_prompt": "",
    "post_history_instructions": "",
    "alternate_greetings": [],
    "tags": [],
    "creator": "",
    "character_version": "",
    "extensions": {},
}
ONLY_V3 = (
    "assets",
    "nickname",
    "creator_notes_multilingual",
    "source",
    "group_only_greetings",
    "creation_date",
    "modification_date",
)
_TEXTS = {
    "name": "/name",
    "description": "/description",
    "personality": "/personal_identity/personality",
    "scenario": "/life_context",
    "mes_example": "/style",
}
_SAYS_HOW = ("<start>", "{{char}}", "{{user}}", "<bot>", "<user>")


def card_data(card: Any) -> Mapping[str, Any]:
    """The fields of a card of any version."""
    if not isinstance(card, Mapping):
        return {}
    data = card.get("data")
    return data if isinstance(data, Mapping) and str(card.get("spec", "")).startswith("chara_card_v") else card


def version_of(card: Mapping[str, Any]) -> Version:
    """The version that a card says it is of; later ones are read as V3, which the specification asks for."""
    spec = str(card.get("spec", ""))
    if not (spec.startswith("chara_card_v") and isinstance(card.get("data"), Mapping)):
        return 1
    return 2 if spec == SPECS[2]["spec"] else 3


def is_card(value: Any) -> bool:
    """Whether a JSON value is a card of any version."""
    if not isinstance(value, Mapping) or "format" in value:
        return False
    if version_of(value) > 1:
        return True
    if isinstance(value.get("char_name"), str):
        return any(key in value for key in OLDEST_NAMES if key != "char_name")
    if _is_of_webui(value):
        return True
    # A card may lack or blank any of its texts; no persona of ours has fields of these names.
    said = [key for key in ("first_mes", "mes_example", "personality", "scenario") if _is_blank_or_text(value, key)]
    return isinstance(value.get("name"), str) and (len(said) > 1 or "first_mes" in said or "mes_example" in said)


def _is_of_webui(value: Mapping[str, Any]) -> bool:
    return all(isinstance(value.get(key), str) for key in ("name", "context", "greeting"))


def _is_blank_or_text(value: Mapping[str, Any], key: str) -> bool:
    return key in value and (value[key] is None or isinstance(value[key], str))


def modern(card: Any) -> Any:
    """A card under the names of V1, where it has those from before it (Pygmalion) or of a kin; other keys stay."""
    if isinstance(card, Mapping) and version_of(card) == 1 and _is_of_webui(card):
        return {WEBUI_NAMES.get(key, key): value for key, value in card.items()}
    if not isinstance(card, Mapping) or "char_name" not in card or version_of(card) > 1:
        return card
    return {OLDEST_NAMES.get(key, key): value for key, value in card.items()}


def read_card(card: Any) -> Told:
    """The persona's fields of a card."""
    data = card_data(card)
    fields, said = _texts_of(data)
    if isinstance(creator := data.get("creator"), str) and creator:
        fields["provenance"] = {"*": {"origin": "given", "by": creator}}
    carried = data.get("extensions")
    return read_carried(fields, carried.get(KEY) if isinstance(carried, Mapping) else None, said)


def _texts_of(data: Mapping[str, Any]) -> tuple[Fields, dict[str, str]]:
    """The texts of a card with their macros resolved, as fields; and as they stand, by place."""
    said = {place: data[key] for key, place in _TEXTS.items() if isinstance(data.get(key), str) and data[key]}
    name, nickname = said.get("/name", ""), data.get("nickname")
    macros = Macros(nickname if isinstance(nickname, str) and nickname else name, chat=name)
    fields: Fields = {}
    for place, text in said.items():
        if told := text if place == "/name" else macros.resolve(text):
            put(fields, place, told)
    return fields, said


def write_card(persona: Persona, version: Version) -> dict[str, Any]:
    """A fresh card of a persona; what a card has no place for is said in words and carried in the extensions."""
    data: dict[str, Any] = dict.fromkeys(FIRST_FIELDS, "")
    data |= {"name": persona.name, "description": persona.description, "scenario": persona.life_context}
    data["personality"] = persona.personal_identity.get("personality", "")
    had_examples = bool(_texts_of(card_data(persona.extensions.get(SLOT)))[1].get("/style"))
    if had_examples or any(mark in persona.style.casefold() for mark in _SAYS_HOW):
        data["mes_example"] = persona.style
    worded = {}
    if not data["personality"] and (words := _rest_in_words(persona, has_style=bool(data["mes_example"]))):
        data["personality"] = worded["/personal_identity/personality"] = words
    if version == 1:
        return data
    data |= {key: type(value)() if not isinstance(value, str) else "" for key, value in _LATER.items()}
    data["creator"] = persona.provenance_of("").by
    if version == 3:
        data["group_only_greetings"] = []
    fields, said = _texts_of(data)
    if data["creator"]:
        fields["provenance"] = {"*": {"origin": "given", "by": data["creator"]}}
    rest = pack_rest(persona, fields, said, worded, slot=SLOT)
    if len(rest) > 2 or persona.id != _id_without(persona):
        data["extensions"] = {KEY: rest}
    return {**SPECS[version], "data": data}


def _id_without(persona: Persona) -> str:
    """The id that a persona of this content gets by itself."""
    return f"p-{persona.hash[:12]}"


def _rest_in_words(persona: Persona, *, has_style: bool) -> str:
    """What the texts of a card do not say, as a narrative."""
    hidden: dict[str, Any] = {"name": "", "description": "", "life_context": ""}
    if has_style:
        hidden["style"] = ""
    words = render_third_person(persona.model_copy(update=hidden))
    return words.replace("This person", "{{char}}").replace("this person", "{{char}}")


def as_version(card: Any, version: Version) -> Any:
    """A card in the shape of another version; what the older shape has no place for is left out."""
    if version_of(card) == version:
        return card
    data = dict(card_data(card))
    if version == 1:
        return {key: data.get(key, "") for key in FIRST_FIELDS}
    around = (
        {} if version_of(card) == 1 else {key: value for key, value in card.items() if key not in ("data", *SPECS[2])}
    )
    for key, value in (*dict.fromkeys(FIRST_FIELDS, "").items(), *_LATER.items()):
        data.setdefault(key, value if isinstance(value, str) else type(value)())
    if version == 3:
        data.setdefault("group_only_greetings", [])
    else:
        data = {key: value for key, value in data.items() if key not in ONLY_V3}
    return {**around, **SPECS[version], "data": data}


def settle_card(card: Any) -> Any:
    """Bring the copies of the six texts that some tools keep beside ``data`` in line with it."""
    if version_of(card) == 1:
        return card
    data = card["data"]
    copies = {key: data[key] for key in FIRST_FIELDS if key in card and key in data}
    return {**card, **copies}


def dump_card(card: Any) -> bytes:
    """Spell a card as its tools expect it."""
    return orjson.dumps(card, option=orjson.OPT_INDENT_2) + b"\n"


def _cards(content: Content) -> list[Any]:
    """The objects of a file; YAML is only looked at where it has the keys of text-generation-webui."""
    if content.objects or not all(f"\n{key}:" in f"\n{content.text or ''}" for key in ("name", "context", "greeting")):
        return content.objects
    try:
        return parse_rows(content.text or "", Path(f"{content.name}.yaml"))
    except InputError:
        return []


def _unpack(content: Content) -> list[Record]:
    return [Record(modern(card)) for card in (content.json if isinstance(content.json, list) else _cards(content))]


def _pack(records: Sequence[Record]) -> bytes:
    if len(records) != 1:
        raise InputError(f"a card holds one persona, not {len(records)}", remedy="write them into a folder")
    return dump_card(records[0].data)


def _holds(content: Content, version: Version) -> bool:
    rows = _cards(content)
    return bool(rows) and all(is_card(row) and version_of(row) == version for row in rows)


def card_format(version: Version) -> Format:
    """The JSON format of one version."""
    return Format(
        key=f"card-v{version}",
        title=f"Character Card V{version}, JSON",
        ending=".json",
        slot=SLOT,
        holds_many=False,
        recognise=lambda content: _holds(content, version),
        unpack=_unpack,
        read=read_card,
        write=lambda persona: write_card(persona, version),
        pack=_pack,
        adapt=lambda card: as_version(card, version),
        settle=settle_card,
        shape=lambda card: as_version(card, 3) if version_of(card) != 3 else card,
    )


CARD_V1, CARD_V2, CARD_V3 = (card_format(version) for version in (1, 2, 3))
