"""Persona files: YAML or JSON, one persona or a list, written the same way every time.

Fields that this version does not know are kept under ``extensions`` and reported; nothing a file says is lost.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import orjson
from pydantic import ValidationError

from personae.errors import InputError, StorageError
from personae.persona.persona import FORMAT, UNKNOWN, Persona
from personae.persona.spelling import LINES, parse_rows, write_yaml
from personae.validation import first_fault

MOST_BYTES = 20_000_000
"""Largest file that is read; a persona is a page, not a library."""


_MOST_SHOWN = 120
_MOST_NAMED = 4
_OURS = {"format", *Persona.model_fields} - {"id"}
"""Names that tell a persona from any other object; everything may have an ``id``."""


class ReadPersona(NamedTuple):
    """A persona as read, and the fields that were not understood (they are in its extensions)."""

    persona: Persona
    unknown: tuple[str, ...]
    assets: Mapping[str, bytes] = MappingProxyType({})
    """Pictures and other files that came with it, by name."""


def load_persona(path: Path | str) -> Persona:
    """Read the one persona of a file.

    Raises:
        InputError: If the file cannot be read, is malformed, or holds more than one persona.
    """
    found = read_own(path)
    if len(found) != 1:
        raise InputError(f"holds {len(found)} personas where one is wanted", where=str(path))
    return found[0].persona


def read_own(path: Path | str) -> list[ReadPersona]:
    """Read all personas of a YAML, JSON or JSONL file of ours, with the fields that were not understood.

    Raises:
        InputError: If the file cannot be read or is malformed; the message names the place.
    """
    path = Path(path)
    try:
        with path.open("rb") as file:
            raw = file.read(MOST_BYTES + 1)  # a pipe or a device does not tell its size
    except (OSError, ValueError) as error:  # a path may hold what no path can hold
        reason = getattr(error, "strerror", None) or error
        raise InputError(f"cannot be read ({reason})", where=str(path), remedy="check the path") from error
    return parse_personas(raw, path)


def parse_personas(raw: bytes, path: Path) -> list[ReadPersona]:
    """Read the personas of the bytes of a file of ours; the path tells its spelling and where faults are.

    Raises:
        InputError: If they are too many bytes, or malformed.
    """
    rows = parse_rows(_decode(raw, path), path)
    if not rows:
        raise InputError("holds no persona", where=str(path), remedy="write at least a name or a trait")
    for index, row in enumerate(rows):
        _refuse_strangers(row, _place(path, index, len(rows)))
    return [read_persona(row, where=_place(path, index, len(rows))) for index, row in enumerate(rows)]


def _refuse_strangers(row: Any, where: str) -> None:
    """Refuse what says nothing that a persona can say: any object of JSON would be a person of unknown fields."""
    if not isinstance(row, Mapping) or not _OURS.isdisjoint(row) or not all(isinstance(key, str) for key in row):
        return
    if strange := [key for key in row if key != "id"]:
        named = ", ".join(map(repr, map(_one_line, strange[:_MOST_NAMED])))
        more = ", ..." if strange[_MOST_NAMED:] else ""
        raise InputError(
            f"has no field of a persona ({named}{more})",
            where=where,
            remedy="this is of no known format; personae persona formats lists those that are read",
        )


def read_persona(data: Any, *, where: str = "persona") -> ReadPersona:
    """Read a persona from its JSON form; unknown fields move to ``extensions``.

    Raises:
        InputError: If a known field holds something it cannot hold.
    """
    if not isinstance(data, Mapping):
        raise InputError(f"is a {type(data).__name__}, not a persona", where=where, remedy="write fields such as name:")
    row = {key: value for key, value in data.items() if key != "format"}
    try:
        orjson.dumps(row, option=orjson.OPT_NON_STR_KEYS)  # the names of fields are judged below
    except TypeError as error:
        raise _inexpressible(error, where) from error
    declared = data.get("format", FORMAT)
    if declared != FORMAT:
        raise InputError(f"is written in the format {declared!r}", where=where, remedy=f"this version reads {FORMAT}")
    unknown: list[str] = []
    while True:
        try:
            persona = Persona.model_validate(row)
        except ValidationError as error:
            extra = [fault["loc"] for fault in error.errors() if fault["type"] == "extra_forbidden"]
            kept = row.get("extensions") or {}
            if not extra or not isinstance(kept, Mapping) or not isinstance(kept.get(UNKNOWN, {}), Mapping):
                raise _malformed(error, where) from error
            found = dict(kept.get(UNKNOWN, {}))
            for place in extra:
                name = _free_name(".".join(map(str, place)), found)
                row, found[name] = _take_out(row, place)
                unknown.append(name)
            row = {**row, "extensions": {**kept, UNKNOWN: found}}
        else:
            return ReadPersona(persona, tuple(sorted(unknown)))


def persona_to_json(persona: Persona) -> dict[str, Any]:
    """The JSON form that files hold: format, id, then what the persona says, then sources and extensions."""
    data = persona.model_dump(mode="json", exclude_defaults=True, exclude={"id"})
    return {"format": FORMAT, "id": persona.id, **data}


def save_persona(persona: Persona, path: Path | str) -> None:
    """Write a persona; the ending decides: ``.json``, ``.jsonl`` or YAML. Reading it back gives the same persona.

    Raises:
        StorageError: If the file cannot be written; an older one is still there then.
    """
    path = Path(path)
    suffix = path.suffix.lower()
    text = dump_json(persona) if suffix == ".json" else dump_line(persona) if suffix in LINES else dump_yaml(persona)
    partial = path.with_name(path.name + ".partial")
    try:
        partial.write_bytes(text.encode())
        partial.replace(path)  # never half a file
    except OSError as error:
        with contextlib.suppress(OSError):
            partial.unlink(missing_ok=True)
        raise StorageError(
            f"cannot be written ({error.strerror})", where=str(path), remedy="check the folder and its free space"
        ) from error


def dump_yaml(persona: Persona) -> str:
    """Write a persona as YAML."""
    return write_yaml(persona_to_json(persona))


def dump_json(persona: Persona) -> str:
    """Write a persona as indented JSON."""
    return orjson.dumps(persona_to_json(persona), option=orjson.OPT_INDENT_2).decode() + "\n"


def dump_line(persona: Persona) -> str:
    """Write a persona as one line of JSONL."""
    return orjson.dumps(persona_to_json(persona)).decode() + "\n"


def _decode(raw: bytes, path: Path) -> str:
    if len(raw) > MOST_BYTES:
        raise InputError(f"has more than {MOST_BYTES} bytes", where=str(path), remedy="split it; a persona is a page")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError("is not UTF-8 text", where=str(path), remedy="save it as UTF-8") from error


_IN_WORDS = {
    "Recursion limit": ("is nested too deeply", "write it flatter"),
    "64-bit range": ("holds a whole number beyond the 64-bit range", "write it as text"),
    "surrogates": ("holds half a character (a lone surrogate)", "take it out of the text"),
}
"""What the JSON writer says it cannot do, in words for those who wrote the file."""


def _inexpressible(error: TypeError, where: str) -> InputError:
    for mark, (what, remedy) in _IN_WORDS.items():
        if mark in str(error):
            return InputError(what, where=where, remedy=remedy)
    return InputError(f"holds what JSON cannot express: {error}", where=where, remedy="write it as text")


def _free_name(name: str, taken: Mapping[str, Any]) -> str:
    """A name under which an unknown field is kept beside those that an earlier reader kept."""
    found, count = name, 1
    while found in taken:
        count += 1
        found = f"{name}#{count}"
    return found


def _take_out(row: Mapping[str, Any], place: tuple[int | str, ...]) -> tuple[dict[str, Any], Any]:
    """Copy a row without the value at a place, and give that value."""
    first, *rest = place
    if not rest:
        return {key: value for key, value in row.items() if key != first}, row[str(first)]
    inner = row[str(first)]
    if isinstance(inner, Mapping):
        kept, value = _take_out(inner, tuple(rest))
        return {**row, str(first): kept}, value
    index, *deeper = rest
    items = list(inner)
    items[int(index)], value = _take_out(items[int(index)], tuple(deeper))
    return {**row, str(first): items}, value


def _malformed(error: ValidationError, where: str) -> InputError:
    place, message = first_fault(error)
    place = _one_line(place)
    return InputError(message, where=f"{where}: {place}" if place else where, remedy="correct this field")


def _one_line(text: str) -> str:
    shown = "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in text)
    return shown if len(shown) <= _MOST_SHOWN else f"{shown[:_MOST_SHOWN]}..."


def _place(path: Path, index: int, total: int) -> str:
    return str(path) if total == 1 else f"{path}, persona {index + 1}"


def unknown_fields(found: Iterable[ReadPersona]) -> list[str]:
    """Lines for the user about fields that were kept but not understood."""
    return [
        f"{_one_line(item.persona.name or item.persona.id)}: the field {field!r} is not known; kept under extensions"
        for item in found
        for field in item.unknown
    ]
