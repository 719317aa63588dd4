"""Personas in and out as files: uploads are bytes of unknown kind, told by their content and never by their name."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from personae.errors import InputError
from personae.persona import Loss, Persona, ReadPersona, dump_json, dump_yaml, respect_terms
from personae.persona.files import dump_line
from personae.persona.formats import FORMATS, OWN, convert_personas, detect_format, lost_files, read_personas

_OWN = {
    "yaml": ("personae, YAML", ".yaml", "application/yaml"),
    "json": ("personae, JSON", ".json", "application/json"),
    "jsonl": ("personae, JSON lines", ".jsonl", "application/x-ndjson"),
}
_KINDS = {".json": "application/json", ".png": "image/png", ".csv": "text/csv", ".jsonl": "application/x-ndjson"}
_ENDINGS = (".yaml", ".yml", ".json", ".jsonl", ".ndjson", ".csv")
_FATES = {
    "dropped": "has no place in this format",
    "changed": "is told in other words, or coarser",
    "invented": "is filled in by this format",
    "withheld": "is left out because of consent or licence",
    "worded": "says in words what other fields hold",
    "carried": "is kept where only personae looks",
}


@dataclass(frozen=True, slots=True)
class Exported:
    """A file, and what did not fit into it."""

    data: bytes
    ending: str
    kind: str
    lost: list[dict[str, Any]]
    notes: list[str]


def format_rows() -> list[dict[str, Any]]:
    """The formats that files can have."""
    rows = [
        {
            "key": key,
            "title": title,
            "extension": ending,
            "media_type": kind,
            "can_import": True,
            "can_export": True,
        }
        for key, (title, ending, kind) in _OWN.items()
    ]
    rows += [
        {
            "key": one.key,
            "title": one.title,
            "extension": one.ending or ".zip",
            "media_type": _kind_of(one.ending or ".zip"),
            "can_import": True,
            "can_export": True,
        }
        for one in FORMATS.values()
    ]
    return rows


def read_upload(data: bytes, name: str) -> tuple[str, list[ReadPersona]]:
    """Read the personas of an uploaded file; gives its format too.

    Args:
        data: What was uploaded.
        name: What the client calls it; only an ending that is known is looked at, and no file of this name is.

    Raises:
        InputError: If it is malformed or hostile.
    """
    ending = next((one for one in _ENDINGS if name.lower().endswith(one)), "")
    key = detect_format(data)
    return key, read_personas(data, format="" if key == OWN else key, name=f"upload{ending}")


def export_persona(persona: Persona, format: str, assets: Mapping[str, bytes]) -> Exported:
    """Write a persona in a format, without what its consent or licence forbids to pass on; with a report of both.

    A picture may show what was left out, so that none goes along then.

    Raises:
        InputError: If there is no such format, or it cannot hold the persona.
    """
    allowed = respect_terms(persona)
    withheld = list(map(_lost, allowed.withheld))
    if format in _OWN:
        _, ending, kind = _OWN[format]
        spell = {"yaml": dump_yaml, "json": dump_json, "jsonl": dump_line}[format]
        files = lost_files(ReadPersona(persona, (), dict(assets)))
        return Exported(spell(allowed.persona).encode(), ending, kind, [*withheld, *map(_lost, files)], [])
    if format not in FORMATS:
        known = ", ".join([*_OWN, *FORMATS])
        raise InputError(f"no format is called {format[:60]!r}", where="format", remedy=f"known are {known}")
    written = convert_personas([ReadPersona(allowed.persona, (), {} if withheld else dict(assets))], format)
    ending = FORMATS[format].ending or ".zip"
    data = written.data or _zipped(written.files)
    fitted = [_lost(loss) for loss in written.report.losses if loss.fate in ("dropped", "changed", "invented")]
    return Exported(data, ending, _kind_of(ending), withheld + fitted, written.report.lines())


def _lost(loss: Loss) -> dict[str, Any]:
    words = f"{_FATES[loss.fate]} ({loss.note})" if loss.fate == "withheld" else loss.note or _FATES[loss.fate]
    return {"path": loss.path.removeprefix("/").replace("/", "."), "reason": words}


def _zipped(files: Mapping[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in sorted(files.items()):
            archive.writestr(zipfile.ZipInfo(str(PurePath(name)), (1980, 1, 1, 0, 0, 0)), data)
    return packed.getvalue()


def _kind_of(ending: str) -> str:
    return _KINDS.get(ending, "application/zip" if ending == ".zip" else "application/octet-stream")
