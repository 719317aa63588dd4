"""A study with people: their ratings and logs from a CSV, measured as a simulated study is."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from personae.errors import InputError
from personae.papers.clochat.findings import CONDITIONS
from personae.papers.clochat.form import DIMENSIONS
from personae.papers.clochat.settings import CloChatSettings
from personae.papers.clochat.study import CloChat
from personae.papers.human_study import read_choice, read_codes, read_participants
from personae.papers.paper import Replay

FILE, CODES, QUESTIONNAIRE = "study.csv", "codes.csv", "questionnaire.toml"
PEOPLE = "people"
_NUMBERS = (
    "turns",
    "user_words",
    "agent_words",
    "topic_shifts",
    "personas",
    "edits",
    *(f"words.{one.key}" for one in DIMENSIONS),
)
_TEXTS = ("user_text", "agent_text")


def read_study(folder: Path, given: Mapping[str, str]) -> Replay:
    """Read ``study.csv`` of a folder, a row for each participant and condition, and ``codes.csv`` of interviews.

    Columns: ``participant``, ``condition`` (plain, designed or stranger), ``position`` (1 for what came first), one for
    each item of the questionnaire, and as far as they are known ``turns``, ``user_words``, ``agent_words``,
    ``topic_shifts``, ``personas``, ``edits``, ``words.DIMENSION``, ``user_text`` and ``agent_text``. Codes, which may
    be missing, have ``participant``, ``code``, and ``second`` if two people coded. A file ``questionnaire.toml`` beside
    them, in the layout of instruments, replaces our items. Empty fields are missing.

    Raises:
        InputError: If the file cannot be read, lacks a column, or a value cannot be; the message names the row.
    """
    import polars as pl

    path, own, codes = (folder / name for name in (FILE, QUESTIONNAIRE, CODES))
    if not path.is_file():
        raise InputError(
            f"holds no {FILE}", where=str(folder), remedy="write a row for each participant and condition; see the page"
        )
    words = {**({"questionnaire": str(own)} if own.is_file() else {}), **given}
    study = CloChat(CloChatSettings.read(words))
    people: dict[str, dict[str, Any]] = {}
    for number, row in enumerate(read_participants(path, ("condition", *study.instrument.item_ids)), start=2):
        where = f"{path}, row {number}"
        person, condition = row["participant"], row["condition"]
        if condition not in CONDITIONS:
            raise InputError(f"{condition!r} is no condition", where=where, remedy=f"write {', '.join(CONDITIONS)}")
        known = people.setdefault(person, {"participant": person, "positions": {}})
        if f"{condition}.answers" in known:
            raise InputError(f"{person!r} has the condition {condition} twice", where=where, remedy="keep one row")
        known[f"{condition}.answers"] = [
            read_choice(row[item], study.instrument, item, where) for item in study.instrument.item_ids
        ]
        known["positions"][condition] = _number(row.get("position"), f"{where}, position")
        known |= {f"{condition}.{name}": _number(row[name], f"{where}, {name}") for name in _NUMBERS if name in row}
        known |= {f"{condition}.{name}": row[name] for name in _TEXTS if name in row}
    conditions = {name for one in people.values() for name in one["positions"]}
    if not {"plain", "designed"} <= conditions:
        raise InputError("lacks a condition", where=str(path), remedy="plain and designed are compared")
    rows = [_finished(one, sorted(conditions), len(study.instrument.item_ids)) for one in people.values()]
    if codes.is_file():
        coded = read_codes(codes)
        if strangers := [name for name in coded if name not in people]:
            raise InputError(f"{strangers[0]!r} took no part in {FILE}", where=str(codes), remedy="mend the name")
        for one in rows:
            one["codes.first"], one["codes.second"] = coded.get(one["participant"], ([], []))
    table = pl.DataFrame(rows, infer_schema_length=None)
    incomplete = sum(one["status"] != "ok" for one in rows)
    warnings = (f"{incomplete} of {len(rows)} participants lack a condition or an answer",) if incomplete else ()
    return Replay(table, study, {"participants": str(len(rows)), "file": str(path)}, warnings)


def _number(text: str | None, where: str) -> float | None:
    if text is None or not text.strip():
        return None
    try:
        return float(text)
    except ValueError:
        raise InputError(f"{text!r} is no number", where=where, remedy="write a number, or nothing") from None


def _finished(one: dict[str, Any], conditions: list[str], items: int) -> dict[str, Any]:
    positions = one.pop("positions")
    for condition in conditions:
        one.setdefault(f"{condition}.answers", [None] * items)
    is_whole = all(None not in one[f"{condition}.answers"] for condition in conditions)
    placed = [name for name, position in positions.items() if position is not None]
    order = ">".join(sorted(placed, key=lambda name: float(positions[name])))
    return {**one, "order": order, "model": PEOPLE, "status": "ok" if is_whole else "unparsed"}
