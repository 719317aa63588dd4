"""Tables: a row a person, as CSV or Parquet, with columns named as the fields of a persona or mapped to them.

Columns are dotted paths (``demographics.age``, ``traits.big_five.openness``, ``personal_identity.hobby``) or the common
short names (``age``, ``occupation``, ``big_five.openness``). Lists are JSON. A column that is neither stays in the
original and out of every prompt: tables hold weights and numbers that are nobody's persona.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from personae.errors import InputError
from personae.persona.files import persona_to_json
from personae.persona.formats.content import PARQUET, Content
from personae.persona.formats.format import Fields, Format, Record, Told
from personae.persona.formats.links import as_age, as_text, is_empty
from personae.persona.formats.nemotron import pack_parquet
from personae.persona.formats.oasis import write_csv
from personae.persona.formats.pointers import join_pointer, put
from personae.persona.persona import Demographics, ModelParameters, Persona, Voice

_WHOLE = ("provenance", "extensions", "abilities", "goals", "beliefs", "knowledge", "memories")
_TEXTS = ("id", "name", "description", "life_context", "style", "appearance")
_PARTS: dict[str, tuple[str, ...]] = {
    "demographics": tuple(Demographics.model_fields),
    "voice": tuple(Voice.model_fields),
    "model": tuple(ModelParameters.model_fields),
}
_FREE = ("social_identity", "personal_identity")
_NUMBERS = ("temperature", "top_p", "max_tokens")
_TRAIT = re.compile(r"[A-Za-z][\w-]*(?:\.[\w-]+)+")
"""A trait as a column names it; a line of YAML with commas and a dot in it is none."""


def field_of(column: str) -> tuple[str, ...] | None:
    """The field that a column is, as the keys that lead to it; ``None`` if it is none.

    Example:
        >>> field_of("demographics.age"), field_of("age"), field_of("big_five.openness"), field_of("weight")
        (('demographics', 'age'), ('demographics', 'age'), ('traits', 'big_five.openness'), None)
    """
    first, dot, rest = column.partition(".")
    if column in (*_WHOLE, *_TEXTS):
        return (column,)
    if not dot:
        return ("demographics", column) if column in _PARTS["demographics"] else None
    if first in _PARTS:
        return (first, rest) if rest in _PARTS[first] else None
    if first in _FREE:
        return (first, rest)
    if first == "traits" and "." in rest:
        return ("traits", rest)
    return ("traits", column) if _TRAIT.fullmatch(column) else None


def table_format(kind: str, columns: Mapping[str, str] | None = None) -> Format:
    """The format of tables of one kind.

    Args:
        kind: ``csv`` or ``parquet``.
        columns: Fields by the name of their column, where columns have names of their own.

    Raises:
        InputError: If a column is mapped to what is no field.
    """
    places: dict[str, tuple[str, ...]] = {}
    for column, name in (columns or {}).items():
        place = field_of(name)
        if place is None:
            raise InputError(
                f"{name!r} is no field of a persona",
                where=f"column {column}",
                remedy="name one such as demographics.age",
            )
        places[column] = place
    names = {place: column for column, place in places.items()}

    def recognise(content: Content) -> bool:
        is_kind = content.data.startswith(PARQUET) == (kind == "parquet")
        return is_kind and any(column in places or field_of(column) for column in content.header)

    def read(row: Any) -> Told:
        fields: Fields = {}
        for column, value in row.items():
            place = places.get(column) or field_of(column)
            told = None if place is None or is_empty(value) else _read_cell(place, value, column)
            if place is not None and not is_empty(told):
                put(fields, join_pointer(*place), told)
        return Told(fields)

    def write(persona: Persona) -> dict[str, Any]:
        data = persona_to_json(persona)
        row: dict[str, Any] = {}
        for key, value in data.items():
            if key in ("format", "extensions"):
                continue
            parts = value.items() if key in (*_PARTS, *_FREE, "traits") else [("", value)]
            for part, inner in parts:
                place = (key, part) if part else (key,)
                column = names.get(place, ".".join(place))
                row[column] = inner if isinstance(inner, (str, int, float)) else orjson.dumps(inner).decode()
        kept = {key: value for key, value in data.get("extensions", {}).items() if key != f"table_{kind}"}
        return {**row, "extensions": orjson.dumps(kept).decode()} if kept else row

    return Format(
        key=kind,
        title=f"table with columns named as fields, {'CSV' if kind == 'csv' else 'Parquet'}",
        ending=f".{kind}",
        slot=f"table_{kind}",
        holds_many=True,
        recognise=recognise,
        unpack=lambda content: [Record(row) for row in content.rows],
        read=read,
        write=write,
        pack=pack_parquet if kind == "parquet" else _pack_csv,
    )


def _pack_csv(records: Sequence[Record]) -> bytes:
    return write_csv([record.data for record in records])


def _read_cell(place: tuple[str, ...], value: Any, column: str) -> Any:
    field = place[-1] if len(place) > 1 else place[0]
    if place[0] in _WHOLE or place == ("demographics", "languages"):
        return _read_json(value, column)
    if place == ("demographics", "age"):
        return _wanted(as_age(value), value, column, "an age in whole years")
    if place == ("traits", column):  # a name with a dot may be a trait or anybody's column
        return _number(value)
    if place[0] == "traits" or (place[0] == "model" and field in _NUMBERS):
        return _wanted(_number(value), value, column, "a number")
    return as_text(value)


def _read_json(value: Any, column: str) -> Any:
    if not isinstance(value, str):
        return value
    if value.lstrip()[:1] not in ("[", "{"):
        texts = [part for part in value.split("; ") if part]
        keys = {"abilities": "ability", "memories": "text"}
        return [{keys[column]: text} for text in texts] if column in keys else texts
    try:
        return orjson.loads(value)
    except orjson.JSONDecodeError as error:
        raise InputError(
            f"is no JSON: {error}", where=f"column {column}", remedy='write a list as ["a", "b"]'
        ) from error


def _number(value: Any) -> float | int | None:
    try:
        number = float(value) if not isinstance(value, bool) else None
    except (TypeError, ValueError):
        return None
    if number is None or number != number:
        return None
    return int(number) if number.is_integer() and abs(number) < 2**53 else number


def _wanted(read: Any, value: Any, column: str, what: str) -> Any:
    if read is None:
        raise InputError(
            f"{str(value)[:60]!r} is not {what}", where=f"column {column}", remedy="mend it or leave it empty"
        )
    return read


TABLES = ("csv", "parquet")
"""Formats that are tables."""

TABLE_CSV, TABLE_PARQUET = table_format("csv"), table_format("parquet")
