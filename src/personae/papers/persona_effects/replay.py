"""Replay of published scores: one row a persona, one column a task.

Layouts: the authors' folders, ``results/zero/MODEL/all_scores.csv`` and ``results/control/zero/MODEL/all_scores.csv``;
or CSV files of several models, ``persona_*.csv`` and ``control_*.csv`` with the columns ``MODEL_TASK``. The first
column names the persona. ``attitude_scores.csv`` beside the authors' scores has a column for each attitude. Single
answers beside them (:mod:`personae.papers.persona_effects.stored`) take the place of the means of their task, and tell
which replies had no answer, hedged or refused. Columns and files that are no task of ours are left out with a warning.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from personae.errors import InputError
from personae.papers.paper import Replay
from personae.papers.persona_effects.generations import FOLDERS, read_generations
from personae.papers.persona_effects.settings import EffectSettings
from personae.papers.persona_effects.stored import DERIVED, is_stored, read_stored
from personae.papers.persona_effects.study import EMPTY, PersonaEffects
from personae.population import universal_personas

if TYPE_CHECKING:
    import polars as pl

_TASK = re.compile(
    r"^(?:(?P<model>.*?)[_-])?(?P<task>truthful(?:_?qa)?|tqa|mmlu|bbq)(?:[_-](?:acc\w*|score|mc1|0))?$", re.I
)
_ATTITUDES, _CATEGORY = "attitude_scores.csv", "persona_cat"
_KNOWN_OTHERS = frozenset({"avg", _CATEGORY})
"""Columns of the authors' tables that are no task: the mean of the three, and the category."""
_NAMES = {"truthful": "truthful", "truthfulqa": "truthful", "truthful_qa": "truthful", "tqa": "truthful"}


def read_replay(folder: Path, given: Mapping[str, str]) -> Replay:
    """Read published scores.

    Raises:
        InputError: If the folder holds none, or a score is no number.
    """
    import polars as pl

    warnings: list[str] = []
    paths = sorted(folder.rglob("*.csv"))
    stored = [path for path in paths if is_stored(path)]
    means = [row for path in paths if not is_stored(path) for row in _scores(path, folder, warnings)]
    settings = EffectSettings.read(given)
    places = {path.parent for path in stored if path.name not in DERIVED}
    places |= {path.parent.parent for path in folder.rglob("*.json") if path.parent.name in FOLDERS}
    rows = _with_answers(means, sorted(places), folder, settings, warnings)
    if left := sorted({path.name for path in stored} & DERIVED):
        warnings.append(
            f"{folder}: {', '.join(left)} are sums of other tables, or lack the contexts of items; left out"
        )
    if not rows:
        raise InputError(
            "holds no scores",
            where=str(folder),
            remedy="give zero/MODEL/all_scores.csv and control/zero/MODEL/all_scores.csv, or persona_*.csv and "
            "control_*.csv with columns MODEL_TASK",
        )
    table = pl.DataFrame(rows, infer_schema_length=None).with_columns(pl.lit("ok").alias("status"))
    return Replay(table, PersonaEffects(settings), {"scores": str(len(rows))}, tuple(warnings))


def _with_answers(
    means: list[dict[str, Any]], places: list[Path], folder: Path, settings: EffectSettings, warnings: list[str]
) -> list[dict[str, Any]]:
    """Means, with single answers in place of those of the same persona and task, or counts of replies beside them."""
    by_key = {_key(row): row for row in means}
    for place in places:
        is_control = "control" in place.relative_to(folder).parts
        stored = read_stored(place)
        for (persona, task), answers in (stored.rows | read_generations(place, settings, warnings)).items():
            common = {"model": place.name if place != folder else "model", **_person(persona, is_control), "task": task}
            if "items" in answers:
                by_key[_key(common)] = {**common, **answers}
            else:
                by_key.setdefault(_key(common), {**common, "mean": stored.means.get((persona, task), math.nan)})
                by_key[_key(common)].update(answers)
        if stored.means and not (place / "all_scores.csv").is_file():
            warnings.append(f"{place}: scores of mmlu and bbq are means of items, as all_scores.csv is not there")
    return list(by_key.values())


def _key(row: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(str(row[name]) for name in ("model", "condition", "persona", "task"))


def _scores(path: Path, folder: Path, warnings: list[str]) -> list[dict[str, Any]]:
    import polars as pl

    place = path.relative_to(folder)
    is_control = "control" in place.parts or place.name.startswith("control")
    try:
        read = pl.read_csv(path, infer_schema=False)
    except pl.exceptions.PolarsError as error:
        warnings.append(f"{path}: cannot be read ({str(error).splitlines()[0]}); left out")
        return []
    names, *columns = read.columns
    if place.name == _ATTITUDES:
        return _attitudes(path, read, is_control)
    tasks = {column: found for column in columns if (found := _TASK.match(column.strip()))}
    if not tasks:
        warnings.append(f"{path}: has no column of truthful, mmlu or bbq; left out")
        return []
    if unknown := [column for column in columns if column not in tasks and column not in _KNOWN_OTHERS]:
        warnings.append(f"{path}: {', '.join(unknown)} are no tasks; left out")
    rows = []
    for line, row in enumerate(read.iter_rows(named=True), start=2):
        person = _person(str(row[names]), is_control)
        for column, found in tasks.items():
            task = found["task"].lower()
            rows.append(
                {
                    "model": found["model"] or (path.parent.name if path.parent != folder else path.stem),
                    **person,
                    "task": _NAMES.get(task, task),
                    "mean": _number(row[column], f"{path}, line {line}, {column}"),
                }
            )
    return rows


def _attitudes(path: Path, table: pl.DataFrame, is_control: bool) -> list[dict[str, Any]]:
    names, *scales = (column for column in table.columns if column != _CATEGORY)
    rows = []
    for line, row in enumerate(table.iter_rows(named=True), start=2):
        scores = [_number(row[scale], f"{path}, line {line}, {scale}") for scale in scales]
        person = _person(str(row[names]), is_control)
        common = {"model": path.parent.name, "task": "attitudes", "sets": scales}
        rows.append({**common, **person, "score": scores, "published": scores})
    return rows


def _person(name: str, is_control: bool) -> dict[str, str]:
    known = {one.key: one.category for one in universal_personas()}
    persona = name.strip().replace(" ", "_")
    condition = "control" if is_control else EMPTY if persona in (EMPTY, "", "None") else "persona"
    category = known.get(persona, "") if condition == "persona" else ""
    return {"condition": condition, "persona": persona, "category": category}


def _number(text: str | None, where: str) -> float:
    try:
        return float(text) if text and text.strip() else math.nan
    except ValueError as error:
        raise InputError(f"{text!r} is no score", where=where, remedy="write a number, or nothing") from error
