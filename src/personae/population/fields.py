"""Columns of a population and the fields of a persona that they hold: a million people are a table, not objects.

A column is named by the path of a field: ``demographics.age``, ``traits.big_five.openness``, ``goals``. What no column
can hold (abilities, memories, extensions, sources of single people) is kept as JSON in the column ``rest``, so that
nothing is lost on the way into a table and back.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, time
from typing import TYPE_CHECKING, Any

import orjson
from pydantic import ValidationError

from personae.errors import InputError
from personae.persona import Demographics, ModelParameters, Persona, Provenance, Voice
from personae.persona.formats.table import place_of
from personae.validation import first_fault

if TYPE_CHECKING:
    import polars as pl

ID, WEIGHT, TEXT, REST = "id", "weight", "text", "rest"
AGE = "demographics.age"
RESERVED = (ID, WEIGHT, TEXT, REST)
"""Columns that are no fields: who it is, how many people the row stands for, the rendered text, what has no column."""

_PLAIN = ("name", "description", "life_context", "style", "appearance")
_LISTS = ("goals", "beliefs", "knowledge", "demographics.languages")
_GROUPS: Mapping[str, tuple[str, ...]] = {
    "demographics": tuple(Demographics.model_fields),
    "voice": tuple(Voice.model_fields),
    "model": tuple(ModelParameters.model_fields),
}
_MAPPINGS = ("traits", "social_identity", "personal_identity", "extensions")
_SAMPLE = {"traits": 0.0, "social_identity": "x", "personal_identity": "x", "extensions": 0}


def check_column(column: str, *, where: str = "column") -> None:
    """Refuse a column that no field of a persona is called by.

    Raises:
        InputError: If there is no such field; the message names the closest.

    Example:
        >>> check_column("traits.big_five.openness")
        >>> check_column("demographics.agee")
        Traceback (most recent call last):
            ...
        personae.errors.InputError: ... did you mean 'demographics.age'?
    """
    group, _, name = column.partition(".")
    if column in (*RESERVED, *_PLAIN, *_LISTS) or (group in _GROUPS and name in _GROUPS[group]):
        return
    if group in _MAPPINGS and name:
        try:
            Persona.model_validate({group: {name: _SAMPLE[group]}})
        except ValidationError as error:
            raise InputError(
                first_fault(error)[1], where=where, remedy="name traits like traits.big_five.openness"
            ) from error
        return
    known = [*_PLAIN, *_LISTS, *(f"{key}.{field}" for key, fields in _GROUPS.items() for field in fields)]
    close = difflib.get_close_matches(column, known, n=1)
    remedy = f"did you mean {close[0]!r}?" if close else "use a path such as demographics.age or extensions.NAME"
    raise InputError(f"{column!r} is no field of a persona", where=where, remedy=remedy)


def persona_of(row: Mapping[str, Any], provenance: Mapping[str, Provenance] | None = None) -> Persona:
    """Make the persona of a row; empty cells are fields that the persona says nothing about.

    Raises:
        InputError: If a value is none that the field can hold.

    Example:
        >>> persona_of({"id": "a", "demographics.age": 40, "traits.big_five.openness": 1.0}).demographics.age
        40
    """
    data: dict[str, Any] = orjson.loads(row[REST]) if row.get(REST) else {}
    if provenance:
        shared = {path: source.model_dump(exclude_defaults=True) for path, source in provenance.items()}
        data["provenance"] = {**shared, **data.get("provenance", {})}
    for column, value in row.items():
        if value is None or (column in RESERVED and column != ID):
            continue
        group, dot, name = column.partition(".")
        if column in _LISTS and isinstance(value, str):
            value = (value,)
        if isinstance(value, date | time):  # a datetime is a date
            value = value.isoformat()
        if not dot:
            data[column] = value
        else:
            data.setdefault(group, {})[name] = value
    try:
        return Persona.model_validate(data)
    except ValidationError as error:
        place, message = first_fault(error)
        raise InputError(message, where=f"{row.get(ID) or 'row'}: {place}", remedy="mend this column") from error


def row_of(persona: Persona, provenance: Mapping[str, Provenance] | None = None) -> dict[str, Any]:
    """Spread a persona over columns.

    Args:
        persona: Who.
        provenance: Sources that the whole population shares; only what differs from them is kept with the row.
    """
    data = persona.model_dump(mode="json", exclude_defaults=True)
    data["id"] = persona.id
    row: dict[str, Any] = {}
    rest: dict[str, Any] = {}
    for key, value in data.items():
        if key == ID or key in _PLAIN or key in _LISTS:
            row[key] = value
        elif key in _GROUPS or key in ("traits", "social_identity", "personal_identity"):
            row |= {f"{key}.{name}": inner for name, inner in value.items()}
        elif key != "provenance":
            rest[key] = value
    shared = provenance or {}
    own = {path: source for path, source in persona.provenance.items() if shared.get(path) != source}
    if own:
        rest["provenance"] = {
            path: source.model_dump(mode="json", exclude_defaults=True) for path, source in own.items()
        }
    if rest:
        row[REST] = orjson.dumps(rest, option=orjson.OPT_SORT_KEYS).decode()
    return row


def frame_of(personas: Iterable[Persona], provenance: Mapping[str, Provenance] | None = None) -> pl.DataFrame:
    """Lay people out as a table, one row a person; fields that nobody has get no column."""
    import polars as pl

    rows = [row_of(persona, provenance) for persona in personas]
    columns = list(dict.fromkeys(column for row in rows for column in row))
    kinds = {column: column_type(column) for column in columns}
    return pl.DataFrame(
        {column: pl.Series(column, [row.get(column) for row in rows], dtype=kinds[column]) for column in columns}
    )


def personas_of(frame: pl.DataFrame, provenance: Mapping[str, Provenance] | None = None) -> Iterator[Persona]:
    """Make the people of a table, one by one."""
    for row in frame.iter_rows(named=True):
        yield persona_of(row, provenance)


def column_type(column: str) -> pl.DataType:
    """The type that a column of this name has in a table."""
    import polars as pl

    if column in _LISTS:
        return pl.List(pl.String())
    if column in (AGE, "model.max_tokens"):
        return pl.Int64()
    if column.startswith("traits.") or column in ("model.temperature", "model.top_p", WEIGHT):
        return pl.Float64()
    return pl.String()


def holds_text(column: str) -> bool:
    """Whether the field of this column is a text, whatever its values look like.

    Example:
        >>> holds_text("name"), holds_text("demographics.age"), holds_text("extensions.score")
        (True, False, False)
    """
    import polars as pl

    group = column.partition(".")[0]
    is_text = column in (ID, TEXT, REST, *_PLAIN) or group in ("social_identity", "personal_identity", *_GROUPS)
    return is_text and column_type(column) == pl.String()


def fact_columns(frame: pl.DataFrame) -> list[str]:
    """Columns of numbers and texts by which people are compared: not their names, which differ between any two people
    and would make everybody look different.
    """
    found = [*number_columns(frame), *text_columns(frame)]
    return [name for name in found if name != "name"] or found


def named_like(target: pl.DataFrame, people: pl.DataFrame) -> pl.DataFrame:
    """A target whose columns are called as those of people that hold the same field (``age`` is ``demographics.age``).

    When to use: before a table of microdata, with names of its own, is held against people.

    Example:
        >>> import polars as pl
        >>> people = pl.DataFrame({"demographics.age": [30]})
        >>> named_like(pl.DataFrame({"Age": [40], "weight": [1.0]}), people).columns
        ['demographics.age', 'weight']
    """
    ours = {place_of(name): name for name in people.columns if name not in target.columns}
    theirs: dict[str, str] = {}
    for name in target.columns:
        place = "" if name in people.columns or name in RESERVED else place_of(name)
        if place and place in ours and ours[place] not in theirs.values():
            theirs[name] = ours[place]
    return target.rename(theirs)


def text_columns(frame: pl.DataFrame) -> list[str]:
    """Columns of a table that hold free or closed texts, truth values or dates, without the reserved ones."""
    import polars as pl

    kinds = (pl.String, pl.Boolean, pl.Categorical, pl.Enum)
    return [
        name
        for name, kind in frame.schema.items()
        if (kind.is_temporal() or isinstance(kind, kinds)) and name not in RESERVED
    ]


def list_columns(frame: pl.DataFrame) -> list[str]:
    """Columns of a table that hold lists, without the reserved ones."""
    return [name for name, kind in frame.schema.items() if kind.is_nested() and name not in RESERVED]


def free_text(frame: pl.DataFrame) -> str:
    """The column of free texts: ``text``, else ``description``, else none."""
    return next((name for name in (TEXT, "description") if name in frame.columns), "")


def number_columns(frame: pl.DataFrame) -> list[str]:
    """Columns of a table that hold numbers, without the reserved ones."""
    return [name for name, kind in frame.schema.items() if kind.is_numeric() and name not in RESERVED]
