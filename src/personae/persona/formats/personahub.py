"""PersonaHub and FinePersonas: a sentence a person, as JSONL. The licence of a row travels with the persona."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson

from personae.persona.formats.content import Content
from personae.persona.formats.format import Format, Record, Told
from personae.persona.formats.links import Link, read_links
from personae.persona.formats.wording import main_text
from personae.persona.persona import Persona

LICENCE = "CC-BY-NC-SA-4.0"
"""Licence of PersonaHub (Ge et al., 2024), whose rows have ``input persona`` and ``synthesized text``."""

LINKS = (Link("/persona", "/description"), Link("/input persona", "/description"), Link("/id", "/id"))


def _read(row: Any) -> Told:
    fields = read_links(row, LINKS)
    licence = row.get("licence", row.get("license"))
    if "input persona" in row and "synthesized text" in row:
        fields["provenance"] = {"*": {"origin": "written", "by": "PersonaHub", "licence": LICENCE}}
    elif isinstance(licence, str) and licence:
        fields["provenance"] = {"*": {"licence": licence}}
    return Told(fields)


def _write(persona: Persona) -> dict[str, Any]:
    row = {"persona": main_text(persona)}
    if persona.id != f"p-{persona.hash[:12]}":
        row["id"] = persona.id
    if licence := persona.provenance_of("").licence:
        row["licence"] = licence
    return row


def _is_row(row: Any) -> bool:
    if not isinstance(row, dict):
        return False
    return isinstance(row.get("persona"), str) or isinstance(row.get("input persona"), str)


def _recognise(content: Content) -> bool:
    return bool(content.objects) and all(map(_is_row, content.objects))


def _pack(records: Sequence[Record]) -> bytes:
    return b"".join(orjson.dumps(record.data) + b"\n" for record in records)


PERSONAHUB = Format(
    key="personahub",
    title="PersonaHub or FinePersonas, JSONL",
    ending=".jsonl",
    slot="personahub",
    holds_many=True,
    recognise=_recognise,
    unpack=lambda content: [Record(row) for row in content.objects],
    read=_read,
    write=_write,
    pack=_pack,
)
