"""A study with designers: their ratings, and the codes of their interviews, from CSV."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from personae.errors import InputError
from personae.instrument import Instrument
from personae.papers.human_study import read_choice, read_codes, read_participants
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
        for who, (first, second) in read_codes(codes).items():
            people.setdefault(who, {"designer": who})
            people[who] |= {"codes.first": first, "codes.second": second}
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
    for number, row in enumerate(read_participants(path, ("condition", *instrument.item_ids)), start=2):
        where, condition = f"{path}, row {number}", row["condition"]
        if condition not in CONDITIONS:
            raise InputError(f"{condition!r} is no condition", where=where, remedy=f"write {', '.join(CONDITIONS)}")
        one = people.setdefault(row["participant"], {"designer": row["participant"]})
        if f"{condition}.answers" in one:
            raise InputError(f"has the condition {condition} twice", where=where, remedy="keep one row")
        one[f"{condition}.answers"] = [read_choice(row[item], instrument, item, where) for item in instrument.item_ids]
