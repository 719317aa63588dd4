"""LaMP: a user is the list of what they wrote or chose before. Each past item becomes a memory."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson

from personae.persona.formats.content import Content
from personae.persona.formats.format import Format, Record, Told
from personae.persona.formats.links import as_text
from personae.persona.persona import Persona

TEXTS = ("text", "abstract", "article", "description", "title")
"""Where items of the seven tasks keep their main text, in the order in which it is looked for."""


def _read(row: Any) -> Told:
    memories = []
    for item in row["profile"]:
        text = next((item[key] for key in TEXTS if isinstance(item.get(key), str) and item[key]), None)
        if text is not None:
            memories.append({"text": text, "when": as_text(item.get("date")) or ""})
    fields: dict[str, Any] = {"memories": memories} if memories else {}
    if identity := as_text(row.get("id")):
        fields["id"] = identity
    return Told(fields)


def _write(persona: Persona) -> dict[str, Any]:
    profile = [
        {"id": f"{persona.id}-{number}", "text": memory.text, **({"date": memory.when} if memory.when else {})}
        for number, memory in enumerate(persona.memories)
    ]
    return {"id": persona.id, "input": "", "profile": profile}


def _is_row(row: Any) -> bool:
    profile = row.get("profile")
    return isinstance(profile, list) and all(isinstance(item, dict) for item in profile) and "input" in row


def _recognise(content: Content) -> bool:
    return bool(content.objects) and all(map(_is_row, content.objects))


def _pack(records: Sequence[Record]) -> bytes:
    return orjson.dumps([record.data for record in records], option=orjson.OPT_INDENT_2) + b"\n"


LAMP = Format(
    key="lamp",
    title="LaMP profiles, JSON",
    ending=".json",
    slot="lamp",
    holds_many=True,
    recognise=_recognise,
    unpack=lambda content: [Record(row) for row in content.objects],
    read=_read,
    write=_write,
    pack=_pack,
)
