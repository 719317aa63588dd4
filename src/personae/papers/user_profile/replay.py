"""Profiles that any system wrote, and the published sets themselves, scored as those of a run are."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from personae.errors import InputError
from personae.papers.paper import Replay
from personae.papers.user_profile.claims import DATA
from personae.papers.user_profile.people import User, count_unlabelled, profile_of, read_rows, read_users
from personae.papers.user_profile.published import NEW, OLD, PROFILE, TEXT, is_published
from personae.papers.user_profile.settings import UserProfileSettings
from personae.papers.user_profile.study import UserProfile

_ENDINGS = (".jsonl", ".ndjson", ".csv", ".parquet")
_PREDICTED = ("predicted", "prediction", "generated", "generated_text", "response", "Predicted", "Prediction")
"""Columns that a system's profile is looked for in."""


def read_predictions(folder: Path, given: Mapping[str, str]) -> Replay:
    """Read JSON lines, CSV and Parquet of a folder: a row for each profile.

    With ``predicted`` (or ``prediction``, ``generated_text``) a file holds a system's profiles, and its name is the
    model. Beside it are ``truth``, ``old`` for an update, and if they are known ``user`` and ``text``; or the columns
    of the published sets. A profile is an object, or text in JSON or Markdown; null if none could be read.
    Without it, the file is one of the published sets, whose labels are looked at by themselves.

    Raises:
        InputError: If there is no such file, or a row cannot be read; the message names it.
    """
    import polars as pl

    rows: list[dict[str, Any]] = []
    warnings: list[str] = []
    for path in sorted(path for path in folder.rglob("*") if path.suffix.lower() in _ENDINGS):
        read = list(read_rows(path))
        if not read or not ("truth" in read[0][0] or is_published(read[0][0])):
            warnings.append(f"{path}: has neither truth nor the columns of a published set; left out")
            continue
        if is_published(read[0][0]) and _prediction(read[0][0]) is None:
            rows += [_label(user) for user in read_users(path)]
            if left := count_unlabelled(path):
                warnings.append(f"{path}: {left} of {len(read)} rows have an empty label or text; left out")
            continue
        rows += [_row(row, where, path.stem, number) for row, where, number in read]
    if not rows:
        raise InputError("holds no predictions", where=str(folder), remedy="give *.jsonl with truth, predicted and old")
    table = pl.DataFrame(rows, infer_schema_length=None)
    if lost := sum(row["status"] != "ok" for row in rows):
        warnings.append(f"{lost} of {len(rows)} profiles could not be read by whoever made them")
    study = UserProfile(UserProfileSettings.read(given))
    return Replay(table, study, {"profiles": str(len(rows)), "folder": str(folder)}, tuple(warnings))


def _prediction(row: Mapping[str, Any]) -> str | None:
    return next((name for name in _PREDICTED if name in row), None)


def _row(read: Mapping[str, Any], where: str, model: str, number: int) -> dict[str, Any]:
    try:
        column = _prediction(read) or "predicted"
        truth = json.dumps(profile_of(next(read[name] for name in (NEW, PROFILE, "truth") if name in read)))
        old_given = read.get("old", read.get(OLD))
        old = json.dumps(profile_of(old_given)) if old_given is not None else None
        predicted = _predicted(read[column])
    except (StopIteration, KeyError, TypeError, AttributeError) as error:
        raise InputError(
            f"is no prediction ({type(error).__name__}: {error})", where=where, remedy="give truth, predicted and old"
        ) from error
    is_update = old is not None
    text = str(read.get("text") or read.get(TEXT) or "")
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


def _predicted(given: Any) -> str | None:
    """A system's profile; text that is none was not read, as what a run gets is not."""
    if given is None or given == "":
        return None
    try:
        return json.dumps(profile_of(given))
    except TypeError:
        if isinstance(given, str):
            return None
        raise


def _label(user: User) -> dict[str, Any]:
    return {
        "model": DATA,
        "user": user.id,
        "truth": [json.dumps(dict(stage.profile)) for stage in user.stages],
        "text": [" ".join(one.text for one in stage.evidence) for stage in user.stages],
        "is_update": len(user.stages) > 1,
        "is_label": True,
        "status": "ok",
    }
