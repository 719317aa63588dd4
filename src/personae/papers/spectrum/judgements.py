"""Judged statements of agents that somebody else ran: a table with a row a statement, and whether it was accepted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from personae.errors import InputError
from personae.instrument import AnswerReader, ShownOption
from personae.papers.spectrum.profiles import BLOCKS, CONDITIONS

if TYPE_CHECKING:
    import polars as pl

TWENTY = 20
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "person": ("person", "id", "character", "name"),
    "condition": ("condition", "type", "profile", "combination"),
    "statement": ("statement", "tst", "response", "text"),
    "answer": ("answer", "judgement", "judgment", "verdict", "evaluation"),
}
"""Names that each column may have, whatever their case."""
_YES_NO = AnswerReader([ShownOption("yes", "yes", 1), ShownOption("no", "no", 0)])
_CODES = {"1": 1, "1.0": 1, "True": 1, "0": 0, "0.0": 0, "False": 0}
_HIDDEN = "hidden"


def columns_of(names: Iterable[str]) -> dict[str, str] | None:
    """Which column is which, or ``None`` if a table holds no judged statements.

    Example:
        >>> columns_of(["ID", "Type", "statement", "Answer"])
        {'person': 'ID', 'condition': 'Type', 'statement': 'statement', 'answer': 'Answer'}
        >>> columns_of(["person", "condition", "rating"]) is None
        True
    """
    by_fold = {name.strip().casefold(): name for name in names}
    found = {}
    for column, known in COLUMNS.items():
        name = next((by_fold[one] for one in known if one in by_fold), None)
        if name is None:
            return None
        found[column] = name
    return found


def condition_of(text: str, where: str) -> str:
    """A set of parts, however its letters are parted.

    Raises:
        InputError: If it is none.

    Example:
        >>> condition_of("C+S", ""), condition_of("spc", ""), condition_of("none", "")
        ('SC', 'SPC', 'none')
    """
    letters = text.strip().upper().translate(str.maketrans("", "", "+-_,& /"))
    if letters in ("", "NONE"):
        return "none"
    name = "".join(block for block in BLOCKS if block in letters)
    if set(letters) - set(BLOCKS) or name not in CONDITIONS:
        raise InputError(f"{text!r} is no set of S, P and C", where=where, remedy="write S, P, C, SP, SC, PC or SPC")
    return name


def read_judgements(table: pl.DataFrame, path: Path) -> list[dict[str, Any]]:
    """Rows of a results table, one a person and condition; ``model`` if the file has it, else the file's name.

    An answer is yes or no, with words after it or without, or 1 or 0; one that is neither is missing. A column ``kind``
    (or ``self``) tells open from hidden statements; else the first ten are the open ones.

    Raises:
        InputError: If a condition is none, or somebody has more than twenty statements.
    """
    columns = columns_of(table.columns)
    if columns is None:
        return []
    kind = next((name for name in table.columns if name.casefold() in ("kind", "self")), None)
    groups: dict[tuple[str, str, str], dict[bool, list[tuple[str, int | None]]]] = {}
    people: dict[str, int] = {}
    for number, row in enumerate(table.iter_rows(named=True), 2):
        condition = condition_of(str(row[columns["condition"]] or ""), f"{path}, row {number}")
        person = str(row[columns["person"]])
        people.setdefault(person, len(people))
        key = (str(row.get("model") or path.stem), person, condition)
        is_hidden = kind is not None and str(row[kind]).casefold().startswith(_HIDDEN)
        told = (str(row[columns["statement"]] or ""), _accepted(row[columns["answer"]]))
        groups.setdefault(key, {False: [], True: []})[is_hidden].append(told)
    rows = []
    for (model, person, condition), by_kind in groups.items():
        told_all = [*by_kind[False], *by_kind[True]]
        if len(told_all) > TWENTY:
            raise InputError(
                f"{person} has {len(told_all)} statements under {condition}",
                where=str(path),
                remedy="twenty are asked for; give a column model where several models wrote them",
            )
        rows.append(
            {
                "model": model,
                "person": str(people[person]),
                "condition": condition,
                "statements": [text for text, _ in told_all],
                "own": [answer for _, answer in told_all],
            }
        )
    return rows


def _accepted(given: object) -> int | None:
    text = "" if given is None else str(given).strip()
    if text in _CODES:
        return _CODES[text]
    answer = _YES_NO.read(text)
    return None if answer.value is None else int(answer.value)
