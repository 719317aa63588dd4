"""Rows of a results table: one persona and task, with items or with a mean alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from personae.stats.samples import known_mean

Row = Mapping[str, Any]
EVERY_MODEL = "all models"
TASKS_OF_ALL = ("truthful", "mmlu", "bbq", "attitudes", "toxicity")
_SCALES = ("attitudes", "toxicity")


def unit_of(task: str) -> str:
    """Unit of a task, or of one of its scales (``attitudes.empathy``)."""
    return "scale points" if task.partition(".")[0] in _SCALES else "accuracy"


def mean_score(row: Row, column: str) -> float:
    """Score of one persona: mean of the means of its subjects or scales; or the mean that was published.

    Of stories, the mean over told and ambiguous ones of the means of categories.
    """
    if row.get("mean") is not None:
        return float(row["mean"])
    values = row.get(column) or ()
    contexts = row.get("ambiguous") if row.get("task") == "bbq" else None
    cells: dict[object, dict[str, list[float]]] = {}
    for place, (name, value) in enumerate(zip(row.get("sets") or (), values, strict=False)):
        if value is not None:
            by_set = cells.setdefault(contexts[place] if contexts else None, {})
            by_set.setdefault(str(name), []).append(float(value))
    return known_mean([float(np.mean([np.mean(one) for one in by_set.values()])) for by_set in cells.values()])


def by_scale(task: str, rows: Sequence[Row]) -> dict[str, list[Row]]:
    """Rows of each scale of attitudes or of ratings by itself; empty for other tasks, or for a single scale.

    A mean over attitudes to unlike things says little; whether personas vary on each says more.
    """
    if task not in _SCALES:
        return {}
    names = sorted({str(name) for row in rows for name in row.get("sets") or ()})
    if len(names) < 2:
        return {}
    found: dict[str, list[Row]] = {f"{task}.{name.replace(' ', '_').replace('.', '_')}": [] for name in names}
    for row in rows:
        sets = row.get("sets") or ()
        for name, own in zip(names, found.values(), strict=True):
            kept = [place for place, one in enumerate(sets) if str(one) == name]
            lists = {key: [value[place] for place in kept] for key, value in row.items() if _goes_with(value, sets)}
            own.append({**row, **lists})
    return found


def _goes_with(value: object, sets: Sequence[object]) -> bool:
    return isinstance(value, list) and len(value) == len(sets)


def replies_of(rows: Sequence[Row], name: str) -> tuple[int, int] | None:
    """How many replies were ``refused``, ``hedged`` or ``defaulted`` (no answer was found), of how many; or unknown."""
    hits = of = 0
    for row in rows:
        if row.get("statuses"):
            of += len(row["statuses"])
            if name == "refused":
                hits += sum(one == "refused" for one in row["statuses"])
            else:
                hits += sum(
                    bool(one) == (name == "hedged") for one in row["hedged" if name == "hedged" else "extracted"]
                )
        elif row.get(f"{name}.of"):
            hits, of = hits + int(row[f"{name}.count"]), of + int(row[f"{name}.of"])
    return (hits, of) if of else None
