"""Concordia's generated people: ``[{name, characteristics, memories, shared_memories}]``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson

from personae.persona.formats.content import Content
from personae.persona.formats.flat import read_flat, read_memories, write_flat, write_memories
from personae.persona.formats.format import Format, Record, Told
from personae.persona.formats.links import Link, as_texts, read_links, write_links
from personae.persona.persona import Persona

LINKS = (
    Link("/name", "/name"),
    Link("/memories", "/memories", read_memories, write_memories),
    Link("/shared_memories", "/knowledge", as_texts),
)
_ELSEWHERE = ("memories", "knowledge")


def _read(row: Any) -> Told:
    return Told({**read_flat(row["characteristics"]), **read_links(row, LINKS)})


def _write(persona: Persona) -> dict[str, Any]:
    kept = persona.extensions.get("concordia")
    original = kept.get("characteristics") if isinstance(kept, dict) else None
    named, _ = write_flat(persona, is_plain=False, original=original)
    characteristics = {key: value for key, value in named.items() if key not in _ELSEWHERE}
    row = write_links(persona.content(), LINKS)
    return {"name": persona.name, "characteristics": characteristics, "memories": [], "shared_memories": [], **row}


def _recognise(content: Content) -> bool:
    rows = content.objects
    return bool(rows) and all("name" in row and isinstance(row.get("characteristics"), dict) for row in rows)


def _pack(records: Sequence[Record]) -> bytes:
    return orjson.dumps([record.data for record in records], option=orjson.OPT_INDENT_2) + b"\n"


CONCORDIA = Format(
    key="concordia",
    title="Concordia characteristics, JSON",
    ending=".json",
    slot="concordia",
    holds_many=True,
    recognise=_recognise,
    unpack=lambda content: [Record(row) for row in content.objects],
    read=_read,
    write=_write,
    pack=_pack,
)
