"""Replay of the published tables: ``Question``, ``Perspective``, ``gpt-4o-mini_role_1_answer`` to 7; CSV or Parquet.

``MODEL_answer`` without a role is a model that is placed among the seven. The case study's table has its vignettes in
``simulation_question`` and replies to them in ``gpt-4o-mini_role_1_simulation``. What trained models replied is in
files ``LOSS_hf_DATA_MODEL_ROLE.csv``, as ``dpo_hf_test_Llama-3.2-3B-Instruct-wdpo_6.csv``, in the column ``MODEL``.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from personae.errors import InputError
from personae.papers.fair_pp.answers import TRAINED
from personae.papers.fair_pp.questions import NEEDED, VIGNETTES, Question, question_of
from personae.papers.fair_pp.segments import KEYS
from personae.papers.fair_pp.settings import FairSettings
from personae.papers.fair_pp.study import FairPP, parse_as_published, row_of
from personae.papers.fair_pp.weights import NO_ANSWER
from personae.papers.paper import Replay
from personae.population.microdata import read_table

_SEVEN = re.compile(r"(.+)_role_([1-7])(_simulation)?(_answer)?")
_ONE = re.compile(r"(.+)_answer")
_TRAINED = re.compile(r"(sft|dpo)_hf_([A-Za-z]+)_(.+)_([1-7])")
_MAJORITY = "majority"
_SHOWN = 5
"""Rows that are left out and named one by one; of further ones the number is told."""

_Key = tuple[object, ...]


@dataclass
class _Rows:
    """Observations of all files, by question and model; a question that comes again in one file is another item."""

    rows: dict[_Key, dict[str, Any]] = field(default_factory=dict)

    def add(self, key: _Key, row: dict[str, Any]) -> bool:
        """Whether the row was new; of one that was there, columns that it lacked are taken."""
        if key in self.rows:
            self.rows[key] = {**row, **self.rows[key]}
            return False
        self.rows[key] = row
        return True


def read_replay(folder: Path, given: Mapping[str, str]) -> Replay:
    """Read answers of the seven, as codes (0, 1, 2) or as replies; each model that played them is a subject.

    ``majority_answer`` follows from the others and is left out. Files named ``..._train`` and ``..._test`` keep the
    published split. A question of several files is one item, which has the answers of all of them.

    Raises:
        InputError: If no file has answers of all seven.
    """
    import polars as pl

    study = FairPP(FairSettings.read(given))
    warnings: list[str] = []
    found = _Rows()
    paths = sorted([*folder.rglob("*.csv"), *folder.rglob("*.parquet"), *folder.rglob("*.jsonl")])
    # The parts before the whole, and what trained models say after what they are trained on.
    for path in sorted(paths, key=lambda path: (_TRAINED.fullmatch(path.stem) is not None, not _part(path.stem))):
        table = read_table(path)
        columns = _columns(table.columns)
        if lacking := [name for name in NEEDED if name not in table.columns]:
            warnings.append(f"{path}: lacks {', '.join(lacking)}; left out")
            continue
        if not columns:
            warnings.append(f"{path}: has no answers of all seven (MODEL_role_1_answer ...); left out")
            continue
        positioned = _positioned(path, table.columns, warnings)
        part = _part(path.stem)
        seen: Counter[str] = Counter()
        again, faults = 0, list[str]()
        for number, row in enumerate(table.iter_rows(named=True), 2):
            try:
                one = question_of(row, f"{path}, row {number}")
            except InputError as error:
                faults.append(f"{error}; left out")
                continue
            place = f"{one.hash} {one.place.group} {one.place.problem}"
            seen[place] += 1
            others = {who: row[name] for who, name in positioned.items()}
            for model, names in columns.items():
                answers = dict(zip(KEYS, (row[name] for name in names), strict=True))
                observed = _observed(one, model, answers | others, number) | ({"part": part} if part else {})
                again += not found.add((place, seen[place], model), observed)
        warnings += faults[:_SHOWN]
        if len(faults) > _SHOWN:
            warnings.append(f"{path}: {len(faults) - _SHOWN} further rows have no question that can be read; left out")
        if again and _TRAINED.fullmatch(path.stem) is None:
            warnings.append(f"{path}: {again // len(columns)} questions came in a file before it; they count once")
    if not found.rows:
        raise InputError("holds no published answers", where=str(folder), remedy="give Fair-PP.csv of the data set")
    table = pl.DataFrame(list(found.rows.values()), infer_schema_length=None)
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
    """Columns of the seven by model; coded answers go before replies, and those to what is asked before others."""
    found: dict[str, dict[int, str]] = {}
    matches = [match for name in names if (match := _SEVEN.fullmatch(name))]
    has_vignettes = VIGNETTES in names
    for match in sorted(matches, key=lambda one: (one[4] is not None, (one[3] is not None) == has_vignettes)):
        found.setdefault(match[1], {})[int(match[2])] = match[0]
    return {model: [own[place] for place in range(1, 8)] for model, own in found.items() if len(own) == len(KEYS)}


def _positioned(path: Path, names: list[str], warnings: list[str]) -> dict[str, str]:
    """Columns of models that answered as nobody, or once they were trained, by a name that findings can have."""
    found = {}
    for name in names:
        match = _ONE.fullmatch(name)
        if match and not _SEVEN.fullmatch(name) and match[1] != _MAJORITY:
            found[match[1].replace(".", "_")] = name
    if match := _TRAINED.fullmatch(path.stem):
        loss, _, model, role = match.groups()
        if model in names:
            found[f"{TRAINED}{role}_{loss}_{model}".replace(".", "_")] = model
        else:
            warnings.append(f"{path}: has no column {model}, which its name speaks of")
    return found


def _observed(one: Question, model: str, answers: Mapping[str, Any], number: int) -> dict[str, Any]:
    row: dict[str, Any] = {"model": model, "status": "ok", "question": number, **row_of(one)}
    for who, given in answers.items():
        code = code_of(given)
        row[f"published.{who}"] = code
        row[f"side.{who}"] = [None if code == NO_ANSWER else code]
    return row
