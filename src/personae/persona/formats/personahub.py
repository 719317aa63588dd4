"""PersonaHub and FinePersonas: a sentence a person, as JSONL. The licence of a row travels with the persona.

The rows are read from tables too, and lists of sentences without keys; what else a row says of the person in the common
names (``name``, ``age``, ``occupation``) is read along.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson

from personae.persona.formats import flat
from personae.persona.formats.content import Content
from personae.persona.formats.format import Format, Record, Told
from personae.persona.formats.links import Link, read_links, write_links
from personae.persona.formats.wording import main_text
from personae.persona.persona import Persona

LICENCE = "CC-BY-NC-SA-4.0"
"""Licence of PersonaHub (Ge et al., 2024), whose rows have ``input persona`` and ``synthesized text``."""

LINKS = (Link("/persona", "/description"), Link("/input persona", "/description"), Link("/id", "/id"))
_BESIDE = tuple(link for link in flat.LINKS if link.ours == "/name" or link.ours.startswith("/demographics/"))
_ROW = ("input persona", "synthesized text")


def _read(row: Any) -> Told:
    fields = read_links(row, (*LINKS, *_BESIDE))
    licence = row.get("licence", row.get("license"))
    if all(key in row for key in _ROW):
        fields["provenance"] = {"*": {"origin": "written", "by": "PersonaHub", "licence": LICENCE}}
    elif isinstance(licence, str) and licence:
        fields["provenance"] = {"*": {"licence": licence}}
    return Told(fields)


def _write(persona: Persona) -> dict[str, Any]:
    kept = persona.extensions.get("personahub")
    row = write_links({"description": main_text(persona)}, LINKS[:2], kept)
    if persona.id != f"p-{persona.hash[:12]}":
        row["id"] = persona.id
    if licence := persona.provenance_of("").licence:
        row["licence"] = licence
    return row


def _is_row(row: Any) -> bool:
    if not isinstance(row, dict):
        return False
    return isinstance(row.get("persona"), str) or isinstance(row.get("input persona"), str)


def _rows(content: Content) -> list[Any]:
    """Rows of JSON or of a table, or sentences in a list."""
    if set(_ROW) <= set(content.header):
        return content.rows
    if isinstance(content.json, list) and all(isinstance(row, str) and row.strip() for row in content.json):
        return [{"persona": row} for row in content.json]
    return content.objects


def _recognise(content: Content) -> bool:
    rows = _rows(content)
    return bool(rows) and all(map(_is_row, rows))


def _pack(records: Sequence[Record]) -> bytes:
    return b"".join(orjson.dumps(record.data) + b"\n" for record in records)


PERSONAHUB = Format(
    key="personahub",
    title="PersonaHub or FinePersonas, JSONL",
    ending=".jsonl",
    slot="personahub",
    holds_many=True,
    recognise=_recognise,
    unpack=lambda content: [Record(row) for row in _rows(content)],
    read=_read,
    write=_write,
    pack=_pack,
)
