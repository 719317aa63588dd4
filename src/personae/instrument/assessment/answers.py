"""Answers that were collected elsewhere: a CSV file with a column for each item."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from personae.canonical import content_hash
from personae.errors import InputError
from personae.instrument.questionnaire import Instrument, Option

if TYPE_CHECKING:
    import polars as pl

_MISSING = frozenset({"", "na", "n/a", "nan", "none", "null", "."})
ABOUT = ("person", "called", "condition", "model", "repeat")
"""Columns that are no item."""


def read_answers(source: Path, instrument: Instrument) -> pl.DataFrame:
    """Read answers as a table like that of a run.

    An answer is the value of an option or its label; an empty field or NA is missing. A row without a person is a
    person of its own.

    Raises:
        InputError: If the file cannot be read, a column is missing, or an answer is not one of the options.
    """
    from personae.study import build_table

    rows = read_rows(source)
    columns = set(rows[0])
    if lacking := [item for item in instrument.item_ids if item not in columns]:
        more = f" and {len(lacking) - 1} more" if len(lacking) > 1 else ""
        raise InputError(
            f"has no column for item {lacking[0]!r}{more}",
            where=str(source),
            remedy=f"name its columns as the items are: {', '.join(instrument.item_ids[:3])}, ...",
        )
    known = {item: _known(instrument.options_of(item)) for item in instrument.item_ids}
    seen: Counter[tuple[str, str, str]] = Counter()
    table = []
    for number, row in enumerate(rows, start=2):
        about = {name: row.get(name, "") for name in ABOUT}
        person = about["person"] or f"row-{number}"
        condition, model = about["condition"] or "main", about["model"] or "answers"
        seen[(person, condition, model)] += 1
        answers = [
            _answer(row[item], known[item], f"{source}, row {number}, item {item}") for item in instrument.item_ids
        ]
        values: dict[str, Any] = {
            "model": model,
            "condition": condition,
            "person": person,
            "called": about["called"] or person,
            "trait": "",
            "level": 0,
            "repeat": seen[(person, condition, model)],
            "answers": answers,
            "answers.statuses": ["unparsed" if answer is None else "ok" for answer in answers],
        }
        status = "ok" if None not in answers else "unparsed"
        table.append({"cell": content_hash([number, values]), "status": status, "detail": "", **values})
    return build_table(table, "answers")


def read_rows(source: Path) -> list[dict[str, str]]:
    """Read a CSV file as rows of text, every row with every column.

    Raises:
        InputError: If it cannot be read, is empty, or a row has too many or too few fields.
    """
    try:
        text = source.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            f"cannot be read ({type(error).__name__})", where=str(source), remedy="save it as CSV in UTF-8"
        ) from error
    try:
        rows: list[Mapping[Any, Any]] = list(csv.DictReader(io.StringIO(text), strict=True))
    except csv.Error as error:
        raise InputError(f"is not CSV ({error})", where=str(source), remedy="check its quotes") from error
    if not rows:
        raise InputError("holds no rows", where=str(source), remedy="write a row of names and then the others")
    for number, row in enumerate(rows, start=2):
        if None in row or None in row.values():
            raise InputError(
                "has not as many fields as there are columns",
                where=f"{source}, row {number}",
                remedy="check commas and quotes",
            )
    return [{str(name).strip(): str(value).strip() for name, value in row.items()} for row in rows]


def _known(options: Sequence[Option]) -> dict[str, int]:
    return {str(one.value): one.value for one in options} | {one.label.casefold(): one.value for one in options}


def _answer(text: str, known: Mapping[str, int], where: str) -> int | None:
    plain = text.removesuffix(".0")
    if text.casefold() in _MISSING:
        return None
    if (value := known.get(plain, known.get(text.casefold()))) is None:
        raise InputError(
            f"{text!r} is none of the options",
            where=where,
            remedy=f"write one of {', '.join(list(known)[: len(known) // 2])}, or leave it empty",
        )
    return value
