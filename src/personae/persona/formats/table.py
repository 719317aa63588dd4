"""Tables: a row a person, as CSV or Parquet, with columns named as the fields of a persona or mapped to them.

Columns are dotted paths (``demographics.age``, ``traits.big_five.openness``, ``personal_identity.hobby``) or the common
short names (``age``, ``occupation``, ``big_five.openness``; ``Age`` and ``sex`` too). Lists are JSON. A column that is
neither stays in the original and out of every prompt: tables hold weights and numbers that are nobody's persona.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType
from typing import Any

import orjson

from personae.errors import InputError
from personae.persona.files import persona_to_json
from personae.persona.formats.content import PARQUET, Content
from personae.persona.formats.flat import LINKS
from personae.persona.formats.format import Fields, Format, Record, Told
from personae.persona.formats.links import as_age, as_text, is_empty
from personae.persona.formats.nemotron import pack_parquet
from personae.persona.formats.oasis import write_csv
from personae.persona.formats.pointers import join_pointer, look_up, put, split_pointer
from personae.persona.persona import Demographics, ModelParameters, Persona, Voice

_WHOLE = ("provenance", "extensions", "abilities", "goals", "beliefs", "knowledge", "memories")
_TEXTS = ("id", "name", "description", "life_context", "style", "appearance")
_PARTS: dict[str, tuple[str, ...]] = {
    "demographics": tuple(Demographics.model_fields),
    "voice": tuple(Voice.model_fields),
    "model": tuple(ModelParameters.model_fields),
}
_FREE = ("social_identity", "personal_identity")
_NESTED = ("demographics", "traits", "voice", "model", *_FREE)
_AGE = ("demographics", "age")
_TEXT = ("description",)
_LEAST_WORDS = 3
_NUMBERS = ("temperature", "top_p", "max_tokens")
_SAYS_NOTHING = ("id", "model", "provenance", "extensions")
_MISSING = ("", "na", "n/a", "nan", "null", "none", "unknown", "prefer not to say")
"""What programs and people write for a number that is not there."""
Place = tuple[str, ...]
"""The keys that lead to a field."""
_ALSO: dict[str, Place] = {
    link.theirs[1:]: split_pointer(link.ours) for link in LINKS if not link.ours.startswith("/traits/")
}
"""Other names for fields, as other people's tables have them; a raw score called ``openness`` is no z-score."""
_TRAIT = re.compile(r"[A-Za-z][\w-]*(?:\.[\w-]+)+")
"""A trait as a column names it; a line of YAML with commas and a dot in it is none."""


def field_of(column: str) -> Place | None:
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


def place_of(column: str) -> str:
    """The path of the field that a column is, by its path or by a common name; empty if it is none.

    Example:
        >>> place_of("demographics.age"), place_of("Sex"), place_of("weight")
        ('demographics.age', 'demographics.gender', '')
    """
    return ".".join(_by_path(column) or _by_name(column) or ())


def table_of(content: Content) -> str:
    """The kind of table that a file is, whatever its columns mean; empty if it is none."""
    if not content.header:
        return ""
    return "parquet" if content.data.startswith(PARQUET) else "csv"


def table_format(kind: str, columns: Mapping[str, str] | None = None) -> Format:
    """The format of tables of one kind.

    Args:
        kind: ``csv`` or ``parquet``.
        columns: Fields by the name of their column, where columns have names of their own.

    Raises:
        InputError: If a column is mapped to what is no field.
    """
    places: dict[str, Place] = {}
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
        if content.data.startswith(PARQUET) != (kind == "parquet"):
            return False
        found = _places_of(content.header, places)
        sure = (place[0] for column, place in found.items() if place != _TEXT or column == "description")
        return any(first not in _SAYS_NOTHING for first in sure) or _tells_of_people(content, found)

    def read(row: Any) -> Told:
        fields: Fields = {}
        for column, place in _places_of(row, places).items():
            is_code = _is_guess(column, places) and place != _AGE and _number(row[column]) is not None
            told = None if is_empty(row[column]) or is_code else _read_cell(place, row[column], column)
            if not is_empty(told):
                put(fields, join_pointer(*place), told)
        for column, place in _places_of(row, places).items():
            if place == _AGE and look_up(fields, join_pointer(*place)) is None and _is_band(row[column]):
                put(fields, "/personal_identity/age", str(row[column]))
        return Told(fields)

    def write(persona: Persona) -> dict[str, Any]:
        data = persona_to_json(persona)
        row: dict[str, Any] = {}
        original = persona.extensions.get(f"table_{kind}")
        # Fields go back into the columns that they came from.
        own = {place: column for column, place in _places_of(original or (), places).items()}
        for key, value in data.items():
            if key in ("format", "extensions"):
                continue
            parts = value.items() if key in (*_PARTS, *_FREE, "traits") else [("", value)]
            for part, inner in parts:
                place = (key, part) if part else (key,)
                column = names.get(place) or own.get(place) or ".".join(place)
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


def _places_of(columns: Any, mapped: Mapping[str, Place]) -> Mapping[str, Place]:
    """The fields that columns are: as mapped, by path, else by another name for a field that no column has yet."""
    names = tuple(column for column in columns if isinstance(column, str)) if isinstance(columns, Iterable) else ()
    return _placed(names, tuple(mapped.items()))


@lru_cache(maxsize=64)  # the rows of a table have the same columns
def _placed(names: tuple[str, ...], mapped: tuple[tuple[str, Place], ...]) -> Mapping[str, Place]:
    found: dict[Place, str] = {}
    taken: set[str] = set()
    for meaning in (dict(mapped).get, _by_path, _by_name):
        for column in names:
            place = None if column in taken else meaning(column)
            if place and place not in found:
                found[place] = column
                taken.add(column)
    return MappingProxyType({column: place for place, column in found.items()})


def _by_path(column: str) -> Place | None:
    return (column,) if column in _NESTED else field_of(column)


def _by_name(column: str) -> Place | None:
    plain = column.strip().lower().replace(" ", "_").replace("-", "_")
    return field_of(plain) or _ALSO.get(plain)


def _is_guess(column: str, mapped: Mapping[str, Place]) -> bool:
    """Whether nothing but its name speaks for what a column is; a number in it is a code then."""
    return column not in mapped and _by_path(column) is None


def _tells_of_people(content: Content, found: Mapping[str, Place]) -> bool:
    """Whether a column called ``persona`` or so holds people in words, and not the labels of conditions."""
    column = next((column for column, place in found.items() if place == _TEXT), None)
    first = next((row[column] for row in content.rows if row[column]), "") if column is not None else ""
    return isinstance(first, str) and len(first.split()) >= _LEAST_WORDS


def _is_band(value: Any) -> bool:
    """Whether a text tells an age in words or as a range (``35-44``); a number is an age or a fault."""
    return isinstance(value, str) and any(letter.isdigit() for letter in value) and _number(value) is None


def _pack_csv(records: Sequence[Record]) -> bytes:
    return write_csv([record.data for record in records])


def _read_cell(place: tuple[str, ...], value: Any, column: str) -> Any:
    field = place[-1] if len(place) > 1 else place[0]
    if len(place) == 1 and place[0] in _NESTED:  # whole objects, in files of columns that hold columns
        return _without_nulls(value) if isinstance(value, Mapping) else None
    if place[0] in _WHOLE or place == ("demographics", "languages"):
        return _read_json(value, column, place[0])
    if place == _AGE:
        is_known = _is_band(value) or _is_missing(value)
        return as_age(value) if is_known else _wanted(as_age(value), value, column, "an age in whole years")
    if place == ("traits", column):  # a name with a dot may be a trait or anybody's column
        return _number(value)
    if place[0] == "traits" or (place[0] == "model" and field in _NUMBERS):
        return None if _is_missing(value) else _wanted(_number(value), value, column, "a number")
    return as_text(value)


def _is_missing(value: Any) -> bool:
    return isinstance(value, str) and value.strip().lower() in _MISSING


def _read_json(value: Any, column: str, field: str) -> Any:
    if not isinstance(value, str):
        return _without_nulls(value)
    if value.lstrip()[:1] not in ("[", "{"):
        texts = [part for part in value.split("; ") if part]
        keys = {"abilities": "ability", "memories": "text"}
        return [{keys[field]: text} for text in texts] if field in keys else texts
    try:
        return orjson.loads(value)
    except orjson.JSONDecodeError as error:
        raise InputError(
            f"is no JSON: {error}", where=f"column {column}", remedy='write a list as ["a", "b"]'
        ) from error


def _without_nulls(value: Any) -> Any:
    """Nested columns name every key in every row; one without a value says nothing."""
    if isinstance(value, Mapping):
        return {key: _without_nulls(inner) for key, inner in value.items() if inner is not None}
    return [_without_nulls(inner) for inner in value] if isinstance(value, list) else value


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
