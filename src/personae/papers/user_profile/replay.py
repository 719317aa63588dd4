"""Profiles that any system wrote, from a file of predictions, scored as those of a run are."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from personae.errors import InputError
from personae.papers.paper import Replay
from personae.papers.user_profile.people import profile_of
from personae.papers.user_profile.settings import UserProfileSettings
from personae.papers.user_profile.study import UserProfile


def read_predictions(folder: Path, given: Mapping[str, str]) -> Replay:
    """Read ``*.jsonl`` of a folder: a line for each profile; the name of the file is the model.

    Fields: ``truth`` and ``predicted`` (objects; ``predicted`` null if there was none that could be read), ``old`` for
    an update, and if they are known ``user`` and ``text``.

    Raises:
        InputError: If there is no such file, or a line cannot be read; the message names it.
    """
    import polars as pl

    rows: list[dict[str, Any]] = []
    for path in sorted(folder.glob("*.jsonl")):
        try:
            lines = path.read_text(encoding="utf-8-sig").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise InputError(
                f"cannot be read ({type(error).__name__})", where=str(path), remedy="give JSON lines"
            ) from error
        rows += [
            _row(line, f"{path}, line {number}", path.stem, number)
            for number, line in enumerate(lines, start=1)
            if line.strip()
        ]
    if not rows:
        raise InputError("holds no predictions", where=str(folder), remedy="give *.jsonl with truth, predicted and old")
    table = pl.DataFrame(rows, infer_schema_length=None)
    lost = sum(row["status"] != "ok" for row in rows)
    warnings = (f"{lost} of {len(rows)} profiles could not be read by whoever made them",) if lost else ()
    study = UserProfile(UserProfileSettings.read(given))
    return Replay(table, study, {"profiles": str(len(rows)), "folder": str(folder)}, warnings)


def _row(line: str, where: str, model: str, number: int) -> dict[str, Any]:
    try:
        read = json.loads(line)
        truth = json.dumps(profile_of(read["truth"]))
        predicted = None if read["predicted"] is None else json.dumps(profile_of(read["predicted"]))
        old = json.dumps(profile_of(read["old"])) if read.get("old") is not None else None
    except (json.JSONDecodeError, KeyError, TypeError, AttributeError) as error:
        raise InputError(
            f"is no prediction ({type(error).__name__}: {error})", where=where, remedy="give truth, predicted and old"
        ) from error
    is_update = old is not None
    text = str(read.get("text") or "")
    return {
        "model": model,
        "user": str(read.get("user") or f"line {number}"),
        "truth": [old, truth] if is_update else [truth],
        "text": ["", text] if is_update else [text],
        "whole.fresh": [predicted] if is_update else None,
        "built": None if is_update else predicted,
        "is_update": is_update,
        "status": "unparsed" if predicted is None else "ok",
    }
