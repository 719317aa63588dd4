"""Persona files: YAML or JSON, one persona or a list, written the same way every time.

Fields that this version does not know are kept under ``extensions`` and reported; nothing a file says is lost.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import orjson
from pydantic import ValidationError

from personae.errors import InputError
from personae.persona.persona import FORMAT, UNKNOWN, Persona

MOST_BYTES = 20_000_000
"""Largest file that is read; a persona is a page, not a library."""


class ReadPersona(NamedTuple):
    """A persona as read, and the fields that were not understood (they are in its extensions)."""

    persona: Persona
    unknown: tuple[str, ...]


def load_persona(path: Path | str) -> Persona:
    """Read the one persona of a file.

    Raises:
        InputError: If the file cannot be read, is malformed, or holds more than one persona.
    """
    found = read_personas(path)
    if len(found) != 1:
        raise InputError(f"holds {len(found)} personas where one is wanted", where=str(path))
    return found[0].persona


def read_personas(path: Path | str) -> list[ReadPersona]:
    """Read all personas of a YAML, JSON or JSONL file, with the fields that were not understood.

    Raises:
        InputError: If the file cannot be read or is malformed; the message names the place.
    """
    path = Path(path)
    try:
        size = path.stat().st_size
        if size > MOST_BYTES:
            raise InputError(f"has {size} bytes; a persona file has at most {MOST_BYTES}", where=str(path))
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError("is not UTF-8 text", where=str(path), remedy="save it as UTF-8") from error
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror})", where=str(path), remedy="check the path") from error
    rows = _parse(text, path)
    if not rows:
        raise InputError("holds no persona", where=str(path), remedy="write at least a name or a trait")
    return [read_persona(row, where=_place(path, index, len(rows))) for index, row in enumerate(rows)]


def read_persona(data: Any, *, where: str = "persona") -> ReadPersona:
    """Read a persona from its JSON form; unknown fields move to ``extensions``.

    Raises:
        InputError: If a known field holds something it cannot hold.
    """
    if not isinstance(data, Mapping):
        raise InputError(f"is a {type(data).__name__}, not a persona", where=where, remedy="write fields such as name:")
    row = {key: value for key, value in data.items() if key != "format"}
    declared = data.get("format", FORMAT)
    if declared != FORMAT:
        raise InputError(f"is written in the format {declared!r}", where=where, remedy=f"this version reads {FORMAT}")
    unknown: dict[str, Any] = {}
    while True:
        try:
            persona = Persona.model_validate(row)
        except ValidationError as error:
            extra = [fault["loc"] for fault in error.errors() if fault["type"] == "extra_forbidden"]
            kept = row.get("extensions") or {}
            if not extra or not isinstance(kept, Mapping) or not isinstance(kept.get(UNKNOWN, {}), Mapping):
                raise _malformed(error, where) from error
            for place in extra:
                row, unknown[".".join(map(str, place))] = _take_out(row, place)
            row = {**row, "extensions": {**kept, UNKNOWN: {**kept.get(UNKNOWN, {}), **unknown}}}
        else:
            return ReadPersona(persona, tuple(sorted(unknown)))


def persona_to_json(persona: Persona) -> dict[str, Any]:
    """The JSON form that files hold: format, id, then what the persona says, then sources and extensions."""
    data = persona.model_dump(mode="json", exclude_defaults=True, exclude={"id"})
    return {"format": FORMAT, "id": persona.id, **data}


def save_persona(persona: Persona, path: Path | str) -> None:
    """Write a persona; the ending decides: ``.json`` or YAML. Reading it back gives the same persona, byte for byte."""
    path = Path(path)
    text = dump_json(persona) if path.suffix == ".json" else dump_yaml(persona)
    partial = path.with_name(path.name + ".partial")
    partial.write_text(text, encoding="utf-8")
    partial.replace(path)  # never half a file


def dump_yaml(persona: Persona) -> str:
    """Write a persona as YAML."""
    import yaml

    return yaml.safe_dump(persona_to_json(persona), sort_keys=False, allow_unicode=True, width=100)


def dump_json(persona: Persona) -> str:
    """Write a persona as indented JSON."""
    return orjson.dumps(persona_to_json(persona), option=orjson.OPT_INDENT_2).decode() + "\n"


def _parse(text: str, path: Path) -> list[Any]:
    suffix = path.suffix.lower()
    if suffix in (".jsonl", ".ndjson"):
        return [
            _parse_json(line, f"{path}:{number}") for number, line in enumerate(text.splitlines(), 1) if line.strip()
        ]
    data = _parse_json(text, str(path)) if text.lstrip()[:1] in ("{", "[") else _parse_yaml(text, path)
    if isinstance(data, list):
        return data
    return [] if data is None else [data]


def _parse_json(text: str, where: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise InputError(f"is not JSON: {error}", where=where, remedy="mend the file at that place") from error


def _parse_yaml(text: str, path: Path) -> Any:
    import yaml

    try:
        if "*" in text and any(
            isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, Loader=yaml.CSafeLoader)
        ):
            # Aliases of aliases make a small file unfold to gigabytes; a persona has no use for them.
            raise InputError("uses YAML aliases", where=str(path), remedy="write the repeated part out")
        return yaml.load(text, Loader=_plain_loader())  # noqa: S506  # derived from the safe loader
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{path}:{mark.line + 1}" if mark is not None else str(path)
        problem = getattr(error, "problem", None) or str(error).splitlines()[0]
        raise InputError(f"is not YAML: {problem}", where=where, remedy="mend the file at that place") from error
    except ValueError as error:
        raise InputError(f"is not YAML: {error}", where=str(path)) from error


def _plain_loader() -> type:
    """A YAML loader that reads what JSON can say: no dates, and only true and false as truth values."""
    import yaml

    class PlainLoader(yaml.CSafeLoader):
        pass

    PlainLoader.yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith((":timestamp", ":bool"))]
        for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
    }
    import re

    PlainLoader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), list("tf"))
    return PlainLoader


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
    faults = error.errors()
    first = faults[0]
    place = ".".join(map(str, first["loc"]))
    more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
    message = first["msg"].removeprefix("Value error, ")
    return InputError(f"{message}{more}", where=f"{where}: {place}" if place else where, remedy="correct this field")


def _place(path: Path, index: int, total: int) -> str:
    return str(path) if total == 1 else f"{path}, persona {index + 1}"


def unknown_fields(found: Iterable[ReadPersona]) -> list[str]:
    """Lines for the user about fields that were kept but not understood."""
    return [
        f"{item.persona.name or item.persona.id}: the field {field!r} is not known; kept under extensions"
        for item in found
        for field in item.unknown
    ]
