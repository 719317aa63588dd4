"""Wanted shares as a file writes them down: of columns, and of combinations, with values as the people spell them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from personae.errors import InputError
from personae.validation import parse_toml

if TYPE_CHECKING:
    import polars as pl

CELLS = "cells"
"""Key of the combinations in a file of shares."""


def read_wanted(path: Path, people: pl.DataFrame) -> dict[Any, dict[Any, float]]:
    """Read a file of wanted shares (YAML, TOML or JSON), for :func:`personae.population.rake`.

    It has ``column: {value: share}`` for each margin, and for combinations, under ``cells``, a list of
    ``{set: {column: value}, share: 3}``.

    Raises:
        InputError: If it cannot be read, names a column that is not there, or has a share that is no number.
    """
    from personae.persona.spelling import parse_rows

    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError("cannot be read as text", where=str(path), remedy="give YAML, TOML or JSON") from error
    if path.suffix.lower() == ".toml":
        told: Any = parse_toml(text, str(path))
    else:
        read = parse_rows(text, path)
        told = read[0] if len(read) == 1 else None
    if not isinstance(told, Mapping) or not told:
        raise InputError("is no table of shares", where=str(path), remedy="write column: {value: share}")
    margins = {column: shares for column, shares in told.items() if column != CELLS or column in people.columns}
    cells = told.get(CELLS, []) if CELLS not in people.columns else []
    if not isinstance(cells, list) or not all(isinstance(cell, Mapping) for cell in cells):
        raise InputError(
            "is no list of cells", where=f"{path}: cells", remedy="write - {set: {column: value}, share: 3}"
        )
    for column, shares in margins.items():
        if column in people.columns and (not isinstance(shares, Mapping) or not shares):
            raise InputError("has no shares", where=f"{path}: {column}", remedy="write column: {value: share}")
    return wanted_of(people, margins, [(cell.get("set"), cell.get("share")) for cell in cells], where=str(path))


def wanted_of(
    people: pl.DataFrame, margins: Mapping[str, Any], cells: Sequence[tuple[Any, Any]], *, where: str
) -> dict[Any, dict[Any, float]]:
    """Shares by value, by column, with the values that the columns hold: a key of a file is a text, whatever it means.

    Raises:
        InputError: If a column is not there, or a share is no number.
    """
    found: dict[Any, dict[Any, float]] = {}
    for column, shares in margins.items():
        spelling = _Spelling(people, column)
        own = found.setdefault(column, {})
        for value, share in shares.items():
            own[spelling(value)] = _share(share, f"the share of {value!r}", f"{where}: {column}")
    if not cells:
        return found
    first = cells[0][0]
    if not isinstance(first, Mapping) or not first:
        raise InputError("sets nothing", where=f"{where}: cells", remedy="write - {set: {column: value}, share: 3}")
    columns = tuple(first)
    spellings = [_Spelling(people, column) for column in columns]
    own = found.setdefault(columns, {})
    for number, (values, share) in enumerate(cells, start=1):
        place = f"{where}: cell {number}"
        if not isinstance(values, Mapping) or set(values) != set(columns):
            raise InputError("sets other fields than the first cell", where=place, remedy=f"set {', '.join(columns)}")
        cell = tuple(spell(values[name]) for spell, name in zip(spellings, columns, strict=True))
        if cell in own:
            raise InputError("is there twice", where=place, remedy="add the two shares")
        own[cell] = _share(share, "its share", place)
    return found


class _Spelling:
    """The value of a column that a word of a file stands for."""

    def __init__(self, people: pl.DataFrame, column: str) -> None:
        if column not in people.columns:
            raise InputError("is not among the columns", where=column, remedy=f"there are {', '.join(people.columns)}")
        if people.schema[column].is_nested():
            raise InputError("holds lists, which have no shares", where=column, remedy="make a column of single values")
        held = people[column].unique(maintain_order=True).to_list()
        self._exact = {str(value): value for value in held}
        self._loose = {str(value).casefold(): value for value in held}

    def __call__(self, word: Any) -> Any:
        return self._exact.get(str(word), self._loose.get(str(word).casefold(), word))


def _share(share: Any, what: str, where: str) -> float:
    if isinstance(share, bool) or not isinstance(share, int | float):
        raise InputError(f"{what} is no number", where=where, remedy="give one")
    return float(share)
