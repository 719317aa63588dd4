"""A dialogue from a file, in whose course the model takes the place of one who speaks."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from personae.errors import InputError
from personae.instrument.assessment.answers import read_rows
from personae.instrument.respondents import Turn

_LINE = re.compile(r"\s*([^:\n]{1,40}?)\s*[:\uff1a]\s*(.+)")
_SPEAKER, _TEXT = ("speaker", "role", "from"), ("text", "content", "value")
_REMEDY = "give JSON or JSONL (speaker, text), CSV with these columns, or lines such as client: I sleep badly."


def read_dialogue(path: Path) -> list[Turn]:
    """Read what was said: JSON, JSONL, CSV (``speaker``, ``text``), or plain lines ``name: words``.

    When to use: to let a model answer as one of the people who speak in a transcript.

    In plain text a line that names no speaker goes on with what was said last. In JSON, turns may also be called
    ``role`` and ``content``, or ``from`` and ``value``.

    Raises:
        InputError: If the file cannot be read or holds nothing that was said; the message names the place.
    """
    where = str(path)
    if path.suffix.lower() == ".csv":
        turns = [_turn(row, f"{where}, row {number}") for number, row in enumerate(read_rows(path), start=2)]
    else:
        try:
            text = path.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            raise InputError("cannot be read as UTF-8 text", where=where, remedy="check the path") from error
        turns = list(_of_json(text, where) if text.lstrip()[:1] in ("{", "[") else _of_lines(text, where))
    turns = [turn for turn in turns if turn.text.strip()]
    if not turns:
        raise InputError("nobody says anything", where=where, remedy=_REMEDY)
    return turns


def _of_json(text: str, where: str) -> Iterator[Turn]:
    try:
        whole = json.loads(text)
    except json.JSONDecodeError:
        whole = []
        for number, line in enumerate(text.splitlines(), start=1):
            try:
                whole += [json.loads(line)] if line.strip() else []
            except json.JSONDecodeError as error:
                raise InputError(f"is not JSON ({error})", where=f"{where}:{number}", remedy=_REMEDY) from error
    if isinstance(whole, dict):
        whole = next((whole[key] for key in ("dialogue", "messages", "conversations") if key in whole), [whole])
    for number, row in enumerate(whole, start=1):
        yield _turn(row, f"{where}, turn {number}")


def _of_lines(text: str, where: str) -> Iterator[Turn]:
    speaker, words = "", ""
    for number, line in enumerate(text.splitlines(), start=1):
        if found := _LINE.fullmatch(line):
            if speaker:
                yield Turn(speaker, words)
            speaker, words = found[1], found[2]
        elif line.strip() and not speaker:
            raise InputError("names nobody who speaks", where=f"{where}:{number}", remedy=_REMEDY)
        elif line.strip():
            words += f"\n{line.strip()}"
    if speaker:
        yield Turn(speaker, words)


def _turn(row: Mapping[str, Any] | Any, where: str) -> Turn:
    found = row if isinstance(row, Mapping) else {}
    speaker = next((found[key] for key in _SPEAKER if found.get(key)), None)
    text = next((found[key] for key in _TEXT if key in found), None)
    if not isinstance(speaker, str) or not isinstance(text, str):
        raise InputError("is no turn of a dialogue", where=where, remedy=_REMEDY)
    return Turn(speaker, text)
