"""Replay of the published table: ``Question``, ``Perspective``, ``gpt-4o-mini_role_1_answer`` to 7; CSV or Parquet."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from personae.errors import InputError
from personae.papers.fair_pp.questions import NEEDED, Question, question_of
from personae.papers.fair_pp.segments import KEYS
from personae.papers.fair_pp.settings import FairSettings
from personae.papers.fair_pp.study import FairPP, parse_as_published, row_of
from personae.papers.fair_pp.weights import NO_ANSWER
from personae.papers.paper import Replay
from personae.population.microdata import read_table

_SEVEN = re.compile(r"(.+)_role_([1-7])(_answer)?")
_ONE = re.compile(r"(.+)_answer")
_MAJORITY = "majority"


def read_replay(folder: Path, given: Mapping[str, str]) -> Replay:
    """Read answers of the seven, as codes (0, 1, 2) or as replies; each model that played them is a subject.

    ``MODEL_answer`` without a role is a model that is placed among them. ``majority_answer`` follows from the others
    and is left out. Files named ``..._train`` and ``..._test`` keep the published split; a question counts once.

    Raises:
        InputError: If no file has answers of all seven.
    """
    import polars as pl

    study = FairPP(FairSettings.read(given))
    warnings: list[str] = []
    rows: list[dict[str, Any]] = []
    seen: set[str] = set()
    paths = sorted([*folder.rglob("*.csv"), *folder.rglob("*.parquet")])
    for path in sorted(paths, key=lambda path: not _part(path.stem)):  # the parts before the whole
        table = read_table(path)
        columns = _columns(table.columns)
        if lacking := [name for name in NEEDED if name not in table.columns]:
            warnings.append(f"{path}: lacks {', '.join(lacking)}; left out")
            continue
        if not columns:
            warnings.append(f"{path}: has no answers of all seven (MODEL_role_1_answer ...); left out")
            continue
        positioned = _positioned(table.columns)
        part = _part(path.stem)
        again = 0
        for number, row in enumerate(table.iter_rows(named=True), 2):
            try:
                one = question_of(row, f"{path}, row {number}")
            except InputError as error:
                warnings.append(f"{error}; left out")
                continue
            if one.hash in seen:
                again += 1
                continue
            seen.add(one.hash)
            others = {who: row[name] for who, name in positioned.items()}
            for model, names in columns.items():
                answers = dict(zip(KEYS, (row[name] for name in names), strict=True))
                rows.append(_observed(one, model, answers | others, number) | ({"part": part} if part else {}))
        if again:
            warnings.append(f"{path}: {again} questions came in it or in a file before it; left out")
    if not rows:
        raise InputError("holds no published answers", where=str(folder), remedy="give Fair-PP.csv of the data set")
    table = pl.DataFrame(rows, infer_schema_length=None)
    return Replay(table, study, {"rows": str(table.height)}, tuple(warnings))


def code_of(value: Any) -> int:
    """A published answer as 0, 1 or 2: a code, or a reply as the authors read it.

    Example:
        >>> [code_of(value) for value in (0, 1.0, "1", "A.", "B", None, "Neither", 7)]
        [0, 1, 1, 0, 1, 2, 2, 2]
    """
    try:
        number = float(value)
    except (TypeError, ValueError):
        return parse_as_published("" if value is None else str(value))
    return int(number) if number in (0.0, 1.0) else NO_ANSWER


def _part(stem: str) -> str:
    """Whether a file is the published training or test part, by its name; empty if it is the whole."""
    return next((part for part in ("train", "test") if re.search(rf"(?:^|[_-]){part}(?:[_-]|$)", stem)), "")


def _columns(names: list[str]) -> dict[str, list[str]]:
    """Columns of the seven by model; coded answers go before replies."""
    found: dict[str, dict[int, str]] = {}
    for name in sorted(names, key=lambda one: one.endswith("_answer")):
        if match := _SEVEN.fullmatch(name):
            found.setdefault(match[1], {})[int(match[2])] = name
    return {model: [own[place] for place in range(1, 8)] for model, own in found.items() if len(own) == len(KEYS)}


def _positioned(names: list[str]) -> dict[str, str]:
    """Columns of models that answered as nobody, by a name that findings can have."""
    found = {}
    for name in names:
        match = _ONE.fullmatch(name)
        if match and not _SEVEN.fullmatch(name) and match[1] != _MAJORITY:
            found[match[1].replace(".", "_")] = name
    return found


def _observed(one: Question, model: str, answers: Mapping[str, Any], number: int) -> dict[str, Any]:
    row: dict[str, Any] = {"model": model, "status": "ok", "question": number, **row_of(one)}
    for who, given in answers.items():
        code = code_of(given)
        row[f"published.{who}"] = code
        row[f"side.{who}"] = [None if code == NO_ANSWER else code]
    return row
