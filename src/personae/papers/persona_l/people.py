"""A study with designers: their ratings, and the codes of their interviews, from CSV."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from personae.errors import InputError
from personae.instrument import Instrument
from personae.instrument.assessment.answers import read_rows
from personae.papers.paper import Replay
from personae.papers.persona_l.findings import CONDITIONS
from personae.papers.persona_l.settings import PersonaLSettings
from personae.papers.persona_l.study import PersonaL

RATINGS, CODES, QUESTIONNAIRE = "study.csv", "codes.csv", "questionnaire.toml"
PEOPLE = "people"


def read_study(folder: Path, given: Mapping[str, str]) -> Replay:
    """Read ``study.csv``, ``codes.csv`` or both of a folder.

    ``study.csv`` has a row for each participant and condition (ability, deficit, profile): ``participant``,
    ``condition``, and a column for each item of the questionnaire. ``codes.csv`` has a row for each passage of an
    interview: ``participant``, ``code``, and ``second``, the code of another coder, if there was one. A file
    ``questionnaire.toml`` beside them, in the layout of instruments, replaces our items. Empty fields are missing.

    Raises:
        InputError: If there is neither, one lacks a column, or a value cannot be; the message names the row.
    """
    import polars as pl

    ratings, codes, own = (folder / name for name in (RATINGS, CODES, QUESTIONNAIRE))
    if not ratings.is_file() and not codes.is_file():
        raise InputError(f"holds no {RATINGS} and no {CODES}", where=str(folder), remedy="write one; see the page")
    words = {**({"questionnaire": str(own)} if own.is_file() else {}), **given}
    study = PersonaL(PersonaLSettings.read(words))
    people: dict[str, dict[str, Any]] = {}
    if ratings.is_file():
        _read_ratings(ratings, study.instrument, people)
    if codes.is_file():
        _read_codes(codes, people)
    answered = [name for name in CONDITIONS if any(f"{name}.answers" in one for one in people.values())]
    nothing = [None] * len(study.instrument.item_ids)
    for one in people.values():
        for condition in answered:
            one.setdefault(f"{condition}.answers", nothing)
        is_whole = all(None not in one[f"{condition}.answers"] for condition in answered)
        one |= {"model": PEOPLE, "status": "ok" if is_whole else "unparsed"}
    incomplete = sum(one["status"] != "ok" for one in people.values())
    warnings = (f"{incomplete} of {len(people)} participants lack a condition or an answer",) if incomplete else ()
    table = pl.DataFrame(list(people.values()), infer_schema_length=None)
    return Replay(table, study, {"participants": str(len(people)), "folder": str(folder)}, warnings)


def _read_ratings(path: Path, instrument: Instrument, people: dict[str, dict[str, Any]]) -> None:
    for number, row in enumerate(_rows(path, ("participant", "condition", *instrument.item_ids)), start=2):
        where, condition = f"{path}, row {number}", row["condition"].strip()
        if condition not in CONDITIONS:
            raise InputError(f"{condition!r} is no condition", where=where, remedy=f"write {', '.join(CONDITIONS)}")
        one = _person(people, row)
        if f"{condition}.answers" in one:
            raise InputError(f"has the condition {condition} twice", where=where, remedy="keep one row")
        one[f"{condition}.answers"] = [
            _answer(row[item], instrument, item, f"{where}, item {item}") for item in instrument.item_ids
        ]


def _read_codes(path: Path, people: dict[str, dict[str, Any]]) -> None:
    for number, row in enumerate(_rows(path, ("participant", "code")), start=2):
        code, second = row["code"].strip(), (row.get("second") or "").strip()
        if not code:
            raise InputError("has no code", where=f"{path}, row {number}", remedy="write one, or leave the row out")
        one = _person(people, row)
        one.setdefault("codes.first", []).append(code)
        one.setdefault("codes.second", []).append(second or None)


def _person(people: dict[str, dict[str, Any]], row: Mapping[str, str]) -> dict[str, Any]:
    name = row["participant"].strip()
    return people.setdefault(name, {"designer": name})


def _rows(path: Path, wanted: Sequence[str]) -> list[dict[str, str]]:
    rows = read_rows(path)
    if lacking := [name for name in wanted if name not in rows[0]]:
        raise InputError(f"lacks {len(lacking)} columns, {lacking[0]!r} first", where=str(path), remedy="add them")
    for number, row in enumerate(rows, start=2):
        if not row["participant"]:
            raise InputError("has no participant", where=f"{path}, row {number}", remedy="name one")
    return rows


def _answer(text: str, instrument: Instrument, item: str, where: str) -> int | None:
    if not text.strip():
        return None
    known = {str(option.value): option.value for option in instrument.options_of(item)}
    if (value := known.get(text.strip().removesuffix(".0"))) is None:
        raise InputError(f"{text!r} is none of the options", where=where, remedy=f"write one of {', '.join(known)}")
    return value
