"""People's answers to the same statements and scenes, from a CSV of the user: what models are held against."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from personae.errors import InputError
from personae.instrument.tasks.twins import HIGHEST, LOWEST

PEOPLE = "people"
"""Name of people where models have theirs."""


def read_humans(path: Path, keys: Sequence[str]) -> list[Mapping[str, Any]]:
    """Read a row a person: ``person``, ``said.KEY`` and ``done.KEY`` from 1 to 7, empty for no answer.

    ``done`` is on the statement's side: 7 is certainly what somebody does who agrees with it.

    Raises:
        InputError: If the file cannot be read, lacks a column, or an answer is out of range.
    """
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            f"cannot be read ({type(error).__name__})", where=str(path), remedy="give a CSV in UTF-8"
        ) from error
    wanted = [f"{part}.{key}" for part in ("said", "done") for key in keys]
    lacking = [name for name in wanted if not rows or name not in rows[0]]
    if lacking:
        raise InputError(
            f"lacks {len(lacking)} columns, {lacking[0]} first",
            where=str(path),
            remedy="name them said.KEY and done.KEY",
        )
    return [
        {
            "model": PEOPLE,
            "person": row.get("person") or str(number),
            "repeat": 1,
            "twins.said": [_answer(row[f"said.{key}"], f"{path}: line {number}, said.{key}") for key in keys],
            "twins.done": [_answer(row[f"done.{key}"], f"{path}: line {number}, done.{key}") for key in keys],
        }
        for number, row in enumerate(rows, start=2)
    ]


def _answer(text: str | None, where: str) -> float | None:
    if not (text or "").strip():
        return None
    try:
        value = float(str(text))
    except ValueError as error:
        raise InputError(f"{text!r} is no number", where=where, remedy="write 1 to 7, or nothing") from error
    if not LOWEST <= value <= HIGHEST:
        raise InputError(f"{text} is out of range", where=where, remedy="write 1 to 7, or nothing")
    return value
