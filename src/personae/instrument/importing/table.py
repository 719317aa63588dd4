"""A questionnaire as a CSV file: a row for each item.

Columns, in any order: ``text`` (needed); ``item``, its identifier (else the number of the row); ``scale``, or several
separated by ";" (empty: asked and not scored); ``reverse``, yes or no, or the scales that reverse it; ``trait`` of the
scale; response options as columns named by their values (``1``, ``2``, ...) or ``option 1``, ..., which hold the words;
``keyed 1``, ... the scale that choosing an option counts for. Without such columns options are given beside the file.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from personae.errors import InputError
from personae.instrument.importing.imported import Imported, instrument_key, scale_key, unknown_licence
from personae.instrument.shelf import make_instrument

_TEXT = ("text", "question", "statement")
_ITEM = ("item", "id")
_KNOWN = frozenset({*_TEXT, *_ITEM, "scale", "reverse", "trait"})
_OPTION = re.compile(r"(?:option[ _]?)?(-?\d{1,3})")
_KEYED = re.compile(r"keyed[ _]?(-?\d{1,3})")
_YES = frozenset({"yes", "y", "true", "1", "x", "r", "reverse", "reversed"})
_NO = frozenset({"", "no", "n", "false", "0"})
_ONLY = "total"
"""Key of the one scale of a file without scales."""


def read_table(path: Path, text: str, *, options: str = "", title: str = "", key: str = "") -> Imported:
    """Read a questionnaire from the text of a CSV file.

    Args:
        path: The file, for names and messages.
        text: What it holds.
        options: Options of all items, from the lowest to the highest, separated by "|": ``Never|Sometimes|Always``, or
            with values, ``0=Never|1=Always``; for a file without columns of options.
        title: What the questionnaire is called; the name of the file if empty.
        key: Its key; made of the name of the file if empty.

    Raises:
        InputError: If a column is missing or a row is malformed; the message names the row.
    """
    rows = _rows(text, path)
    columns = list(rows[0])
    shared = _given_options(options) if options else []
    own = [column for column in columns if _OPTION.fullmatch(column)]
    if bool(shared) == bool(own):
        what = "has columns of options, and options are given too" if own else "says nothing of the response options"
        remedy = "leave out one of them" if own else 'name columns 1, 2, ... or give --options "Never|Sometimes|Always"'
        raise InputError(what, where=str(path), remedy=remedy)
    items = item_texts(rows, path)
    by_item = dict(zip(items, rows, strict=True))
    formats = {item: shared or _options(row, own, f"{path}, row {place}") for place, (item, row) in _placed(by_item)}
    data = {
        "key": key or instrument_key(path.stem, "questionnaire"),
        "version": "1",
        "title": title or path.stem,
        "citation": f"Questionnaire of its own, from {path.name}",
        "source": f"imported from {path.name}",
        "language": "en",
        "licence": unknown_licence(path.name),
        "items": items,
        **_declared_options(formats),
        **_declared_scales(by_item, formats, path),
    }
    unknown = [column for column in columns if not _is_known(column)]
    warnings = (f"columns without a meaning here were left out: {', '.join(unknown)}",) if unknown else ()
    return Imported("CSV questionnaire", (make_instrument(data, str(path)),), warnings=warnings)


def read_texts(path: Path, text: str) -> dict[str, str]:
    """Read identifiers and texts alone, to fill in a form whose key is known."""
    return item_texts(_rows(text, path), path)


def item_texts(rows: Sequence[Mapping[str, str]], path: Path) -> dict[str, str]:
    """The texts of all rows by identifier.

    Raises:
        InputError: If there is no column of texts, a text is empty or an identifier comes twice.
    """
    column = next((name for name in _TEXT if name in rows[0]), "")
    if not column:
        raise InputError("has no column of texts", where=str(path), remedy=f"name one {_TEXT[0]!r}")
    name = next((name for name in _ITEM if name in rows[0]), "")
    found: dict[str, str] = {}
    for number, row in enumerate(rows, start=2):
        where = f"{path}, row {number}"
        if not row[column]:
            raise InputError("the item has no text", where=f"{where}, column {column}", remedy="write its text")
        item = row[name] if name else str(number - 1)
        if not item or item in found:
            what = f"the identifier {item!r} is taken" if item else "the item has no identifier"
            raise InputError(what, where=f"{where}, column {name}", remedy="give each item an identifier of its own")
        found[item] = row[column]
    return found


def _rows(text: str, path: Path) -> list[dict[str, str]]:
    head = text.lstrip("\ufeff").partition("\n")[0]
    delimiter = max(",;\t", key=head.count)
    try:
        lines = list(csv.reader(io.StringIO(text.lstrip("\ufeff")), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise InputError(f"is not CSV ({error})", where=str(path), remedy="check its quotes") from error
    if len(lines) < 2:
        raise InputError("holds no items", where=str(path), remedy="write a row of column names, then a row an item")
    columns = [name.strip().casefold() for name in lines[0]]
    if twice := next((name for name in columns if name and columns.count(name) > 1), ""):
        raise InputError(f"has two columns {twice!r}", where=f"{path}, row 1", remedy="name each column differently")
    rows = []
    for number, line in enumerate(lines[1:], start=2):
        if not any(field.strip() for field in line):
            continue
        if len(line) != len(columns):
            raise InputError(
                f"has {len(line)} fields for {len(columns)} columns",
                where=f"{path}, row {number}",
                remedy="put texts with commas in quotes",
            )
        rows.append({name: field.strip() for name, field in zip(columns, line, strict=True) if name})
    if not rows:
        raise InputError("holds no items", where=str(path), remedy="write a row for each item")
    return rows


def _placed(by_item: Mapping[str, dict[str, str]]) -> Iterator[tuple[int, tuple[str, dict[str, str]]]]:
    return enumerate(by_item.items(), start=2)


def _is_known(column: str) -> bool:
    return column in _KNOWN or bool(_OPTION.fullmatch(column) or _KEYED.fullmatch(column))


def _given_options(spelled: str) -> list[dict[str, Any]]:
    labels = [part.strip() for part in spelled.split("|")]
    pairs = [part.partition("=") for part in labels]
    if all(_OPTION.fullmatch(value.strip()) and sign for value, sign, _ in pairs):
        found = [{"value": int(value), "label": label.strip()} for value, _, label in pairs]
        return sorted(found, key=lambda one: one["value"])
    return [{"value": value, "label": label} for value, label in enumerate(labels, start=1)]


def _options(row: Mapping[str, str], columns: Sequence[str], where: str) -> list[dict[str, Any]]:
    keyed = {int(found[1]): row[name] for name in row if (found := _KEYED.fullmatch(name)) and row[name]}
    values = {int(match[1]): row[name] for name in columns if (match := _OPTION.fullmatch(name)) and row[name]}
    if len(values) < 2:
        raise InputError("the item has fewer than two options", where=where, remedy="fill in its columns of options")
    return [
        {"value": value, "label": values[value], **({"keyed": scale_key(keyed[value])} if value in keyed else {})}
        for value in sorted(values)
    ]


def _declared_options(formats: Mapping[str, list[dict[str, Any]]]) -> dict[str, Any]:
    """Options that most items share, and the formats of the others."""
    groups: list[tuple[list[dict[str, Any]], list[str]]] = []
    for item, options in formats.items():
        for known, items in groups:
            if known == options:
                items.append(item)
                break
        else:
            groups.append((options, [item]))
    groups.sort(key=lambda group: -len(group[1]))
    if len(groups) > 1 and len(groups[0][1]) == 1:
        return {"formats": [{"items": items, "options": options} for options, items in groups]}
    return {
        "options": groups[0][0],
        "formats": [{"items": items, "options": options} for options, items in groups[1:]],
    }


def _declared_scales(
    by_item: Mapping[str, dict[str, str]], formats: Mapping[str, list[dict[str, Any]]], path: Path
) -> dict[str, Any]:
    counted = _counted_scales(formats)
    if "scale" not in next(iter(by_item.values())) and counted:
        return {"scales": counted}
    scales: dict[str, dict[str, Any]] = {}
    fillers = []
    for place, (item, row) in _placed(by_item):
        names = [name.strip() for name in row.get("scale", _ONLY).split(";") if name.strip()]
        against = _reversed_in(row.get("reverse", ""), names, f"{path}, row {place}, column reverse")
        for name in names:
            scale = scales.setdefault(
                scale_key(name), {"key": scale_key(name), "title": name, "items": [], "reverse": [], "trait": ""}
            )
            scale["items"].append(item)
            scale["trait"] = scale["trait"] or row.get("trait", "")
            if name in against:
                scale["reverse"].append(item)
        if not names and not counted:
            fillers.append(item)
    if not scales and not counted:
        raise InputError("no item belongs to a scale", where=f"{path}, column scale", remedy="name a scale for some")
    return {"scales": [*scales.values(), *counted], "fillers": fillers}


def _counted_scales(formats: Mapping[str, list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """A scale for each word that options are keyed to: how many options of its own were chosen."""
    items: dict[str, list[str]] = {}
    for item, options in formats.items():
        for key in dict.fromkeys(option["keyed"] for option in options if option.get("keyed")):
            items.setdefault(key, []).append(item)
    return [{"key": key, "title": key, "items": found, "score": "count"} for key, found in items.items()]


def _reversed_in(said: str, names: Sequence[str], where: str) -> Sequence[str]:
    plain = said.casefold()
    if plain in _YES:
        return names
    if plain in _NO:
        return ()
    chosen = [name.strip() for name in said.split(";")]
    if set(chosen) <= set(names):
        return chosen
    raise InputError(f"{said!r} is neither yes nor no nor a scale of the item", where=where, remedy="write yes or no")
