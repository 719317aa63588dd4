"""What a foreign format has no word for travels in a place that the format leaves to applications."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from personae.persona.files import persona_to_json
from personae.persona.formats.pointers import leaves, put, take
from personae.persona.persona import FORMAT, Persona

KEY = "personae"
"""Our name in the places that formats leave to applications."""

_FIELDS, _WORDED, _BESIDE = "fields", "worded", "beside"


def pack_rest(
    persona: Persona, seen: Mapping[str, Any], said: Mapping[str, str], worded: Mapping[str, str], *, slot: str
) -> dict[str, Any]:
    """What is to be carried: the fields that a reader of the record alone would not find.

    Args:
        persona: The persona that is written.
        seen: The fields that the record gives by itself.
        said: The texts of the record by the place they are read into; what is carried for such a place counts only as
            long as its text is the same.
        worded: Those of them that were made from other fields.
        slot: Key under ``extensions`` that holds the original of this format; it is not carried inside itself.
    """
    told = dict(leaves({key: value for key, value in seen.items() if key != "extensions"}))
    own = persona_to_json(persona)
    kept = {key: value for key, value in own.get("extensions", {}).items() if key != slot}
    plain = {key: value for key, value in own.items() if key not in ("format", "id", "extensions")}
    rest = {path: value for path, value in leaves(plain) if path not in told or told[path] != value}
    beside = {path: said[path] for path in rest if path in said}
    carried: dict[str, Any] = {"format": FORMAT, "id": persona.id}
    for key, value in ((_FIELDS, rest), (_BESIDE, beside), (_WORDED, dict(worded)), ("extensions", kept)):
        if value:
            carried[key] = value
    return carried


def unpack_rest(fields: dict[str, Any], carried: Any, said: Mapping[str, str]) -> tuple[str, ...]:
    """Put what was carried into the fields; gives the places that were filled.

    A text that was made from other fields is taken out again, unless somebody has edited it since.

    Args:
        fields: Fields as the record gives them by itself; changed in place.
        carried: What :func:`pack_rest` gave, if anything.
        said: The texts of the record by the place they are read into.
    """
    if not isinstance(carried, Mapping) or carried.get("format") != FORMAT:
        return ()
    for path, text in _places(carried.get(_WORDED)):
        if said.get(path) == text:
            take(fields, path)
    beside = dict(_places(carried.get(_BESIDE)))
    filled = []
    for path, value in _places(carried.get(_FIELDS)):
        if not path.startswith("/extensions") and said.get(path) == beside.get(path):
            put(fields, path, value)
            filled.append(path)
    if isinstance(carried.get("id"), str):
        fields["id"] = carried["id"]
    if isinstance(carried.get("extensions"), Mapping):
        fields["extensions"] = dict(carried["extensions"])
    return tuple(filled)


def _places(value: Any) -> list[tuple[str, Any]]:
    """Pairs of pointer and value, as far as a file from elsewhere has them right."""
    if not isinstance(value, Mapping):
        return []
    return [(path, inner) for path, inner in value.items() if isinstance(path, str) and path.startswith("/")]
