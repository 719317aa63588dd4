"""Rows of a results table: one persona and task, with items or with a mean alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from personae.stats.samples import known_mean

Row = Mapping[str, Any]
EVERY_MODEL = "all models"
UNITS = {
    "truthful": "accuracy",
    "mmlu": "accuracy",
    "bbq": "accuracy",
    "attitudes": "scale points",
    "toxicity": "scale points",
}


def mean_score(row: Row, column: str) -> float:
    """Score of one persona: mean of the means of its subjects or scales; or the mean that was published."""
    if row.get("mean") is not None:
        return float(row["mean"])
    values = row.get(column) or ()
    by_set: dict[str, list[float]] = {}
    for name, value in zip(row.get("sets") or (), values, strict=False):
        if value is not None:
            by_set.setdefault(str(name), []).append(float(value))
    return known_mean([float(np.mean(one)) for one in by_set.values()])
