"""A user's file as models, a row each: CSV or JSON lines."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from personae.errors import InputError
from personae.instrument.assessment.answers import read_rows
from personae.validation import first_fault

Row = TypeVar("Row", bound=BaseModel)


def read_models(path: Path, kind: type[Row]) -> list[Row]:
    """Read CSV or JSON lines, a model a row; empty fields of CSV are left out.

    Raises:
        InputError: If a row is none; the message names it.
    """
    found = []
    for where, row in _table(path) if path.suffix.lower() == ".csv" else _lines(path):
        try:
            found.append(kind.model_validate(row))
        except ValidationError as error:
            place, message = first_fault(error)
            needed = ", ".join(name for name, field in kind.model_fields.items() if field.is_required())
            raise InputError(
                f"is no {kind.__name__.lower()} ({place or 'the whole'}: {message})",
                where=where,
                remedy=f"give {needed}",
            ) from error
    if not found:
        raise InputError("holds nothing", where=str(path), remedy="write a row for each")
    return found


def _table(path: Path) -> Iterator[tuple[str, Any]]:
    for number, row in enumerate(read_rows(path), start=2):
        yield f"{path}, row {number}", {name: text for name, text in row.items() if text}


def _lines(path: Path) -> Iterator[tuple[str, Any]]:
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            f"cannot be read ({type(error).__name__})", where=str(path), remedy="give CSV or JSON lines in UTF-8"
        ) from error
    for number, line in enumerate(lines, start=1):
        if line.strip():
            try:
                yield f"{path}, line {number}", json.loads(line)
            except json.JSONDecodeError as error:
                raise InputError(
                    f"is no JSON ({error.msg})", where=f"{path}, line {number}", remedy="give an object a line"
                ) from error
