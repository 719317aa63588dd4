"""Versions of a persona: each is named by the hash of all it says, and kept in one file beside the persona's own.

``ada.yaml`` has its versions in ``ada.yaml.history.jsonl``: a line a version, oldest first, each with its hash, the
hash of the one before, when it was noted and why, and the whole persona. Lines are only ever added.
"""

from __future__ import annotations

import datetime
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from personae.canonical import content_hash
from personae.errors import InputError, StorageError
from personae.persona.files import persona_to_json, read_persona
from personae.persona.persona import Persona

ENDING = ".history.jsonl"
SHORT = 12
"""Letters of a hash that are shown; any unambiguous beginning names a version."""


@dataclass(frozen=True, slots=True)
class Version:
    """A persona as it was once."""

    hash: str
    """Hash of everything the file says, sources and extensions too."""
    parent: str
    at: str
    """When it was noted, in UTC (ISO 8601)."""
    note: str
    persona: Persona

    def to_json(self) -> dict[str, Any]:
        """The version as its line in the file."""
        about = {"version": self.hash, "parent": self.parent, "at": self.at, "note": self.note}
        return {**about, "persona": persona_to_json(self.persona)}


def version_hash(persona: Persona) -> str:
    """The name of a version: unlike ``Persona.hash`` it covers id and sources too."""
    return content_hash(persona_to_json(persona))


def history_path(path: Path | str) -> Path:
    """Where the versions of a persona file are.

    Example:
        >>> history_path("people/ada.yaml").name
        'ada.yaml.history.jsonl'
    """
    path = Path(path)
    return path.with_name(path.name + ENDING)


def read_history(path: Path | str, persona_id: str = "") -> list[Version]:
    """The versions of a persona file, oldest first; of one persona if its id is given.

    Raises:
        InputError: If a version is not what its hash says; the message names the line.
    """
    place = history_path(path)
    if not place.exists():
        return []
    try:
        lines = place.read_bytes().split(b"\n")
    except OSError as error:
        raise StorageError(f"cannot be read ({error.strerror})", where=str(place)) from error
    versions = []
    for number, line in enumerate(lines, 1):
        if not line.strip() or (number == len(lines) and not line.endswith(b"}")):
            continue  # the end of a line that was cut off while it was written
        versions.append(_read_line(line, f"{place}:{number}"))
    return [version for version in versions if not persona_id or version.persona.id == persona_id]


def _read_line(line: bytes, where: str) -> Version:
    try:
        row = orjson.loads(line)
        version = Version(
            row["version"], row["parent"], row["at"], row["note"], read_persona(row["persona"], where=where).persona
        )
    except (orjson.JSONDecodeError, KeyError, TypeError) as error:
        raise InputError(f"is no version: {error}", where=where, remedy="restore the file from a copy") from error
    if version_hash(version.persona) != version.hash:
        raise InputError("is not what its hash says", where=where, remedy="restore the file from a copy")
    return version


def note_version(path: Path | str, persona: Persona, note: str = "", *, at: str = "") -> Version | None:
    """Add a version to the history of a persona file; nothing happens if it is the latest one already.

    Args:
        path: The persona file.
        persona: The persona as it is now.
        note: Why it changed.
        at: When; now, if nothing is said.

    Raises:
        StorageError: If the history cannot be written.
    """
    earlier = read_history(path, persona.id)
    hashed = version_hash(persona)
    if earlier and earlier[-1].hash == hashed:
        return None
    now = at or datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    version = Version(hashed, earlier[-1].hash if earlier else "", now, note, persona)
    place = history_path(path)
    try:
        with place.open("ab+") as file:
            file.seek(0, os.SEEK_END)
            if file.tell():
                file.seek(-1, os.SEEK_END)
                if file.read(1) != b"\n":  # an earlier line was cut off: it is not to swallow this one
                    file.write(b"\n")
            file.write(orjson.dumps(version.to_json()) + b"\n")
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise StorageError(f"cannot be written ({error.strerror})", where=str(place)) from error
    return version


def find_version(versions: Sequence[Version], beginning: str) -> Version:
    """The version whose hash begins so.

    Raises:
        InputError: If none does, or several do.
    """
    found = {version.hash: version for version in versions if beginning and version.hash.startswith(beginning)}
    if len(found) != 1:
        what = "several versions begin" if found else "no version begins"
        raise InputError(f"{what} with {beginning!r}", remedy="personae persona history FILE lists them")
    return next(iter(found.values()))
