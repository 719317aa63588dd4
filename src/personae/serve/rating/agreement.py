"""How far raters agree, and what they say so far."""

from __future__ import annotations

import itertools
import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from personae.serve.rating.tasks import Kind, Task
from personae.stats import Estimate, krippendorff_alpha, proportion
from personae.stats.bootstrap import bootstrap

FIRST, TIE, SECOND = 0, 1, 2
"""Answers to a pair as they are kept: by the order of the task, whatever side the rater saw."""

_RESAMPLES = 500


@dataclass(frozen=True, slots=True)
class Answer:
    """What one rater said of one task."""

    task: str
    rater: str
    value: int
    seconds: float | None
    answered: float


def agreement_of(kind: Kind, answers: Sequence[Answer]) -> dict[str, Any]:
    """Krippendorff's alpha, and the share of pairs of raters who say the same.

    Choices of two are nominal (that nobody sees a difference is a third choice, not a middle), ratings are ordinal.
    The share is a mean over tasks of the agreeing pairs of raters, with a bootstrap over tasks.
    """
    by_task: dict[str, dict[str, int]] = defaultdict(dict)
    for answer in answers:
        by_task[answer.task][answer.rater] = answer.value
    raters = sorted({answer.rater for answer in answers})
    measure = "nominal" if kind == "pairwise" else "ordinal"
    alpha = percent = None
    shared = [given for given in by_task.values() if len(given) > 1]
    if shared:
        matrix = [[given.get(rater, math.nan) for rater in raters] for given in by_task.values()]
        alpha = krippendorff_alpha(matrix, measure="nominal" if kind == "pairwise" else "ordinal")
        percent = bootstrap(
            lambda shares: float(shares.mean()),
            [_same(list(given.values())) for given in shared],
            rng=np.random.default_rng(0),  # the same answers give the same interval
            resamples=_RESAMPLES,
        )
    note = "" if shared else "agreement needs a task that two raters have answered"
    return {
        "raters": len(raters),
        "tasks": len(by_task),
        "answers": len(answers),
        "alpha": estimate_json(alpha),
        "percent": estimate_json(percent),
        "method": f"Krippendorff's alpha ({measure}), jackknife over tasks; share of agreeing pairs of raters",
        "note": note or (alpha.note if alpha else ""),
    }


def results_of(kind: Kind, tasks: Mapping[str, Task], answers: Sequence[Answer]) -> list[dict[str, Any]]:
    """What raters say of each group, or of each text where there are no groups.

    The share won is of the choices that were decided; ties are set aside and counted. Its interval takes choices as
    independent, which answers of one rater are not quite.
    """
    if kind == "likert":
        values: dict[str, list[int]] = defaultdict(list)
        for answer in answers:
            values[tasks[answer.task].texts[0].whose].append(answer.value)
        return [
            {
                "group": whose,
                "mean": float(np.mean(given)),
                "sd": float(np.std(given, ddof=1)) if len(given) > 1 else None,
                "n": len(given),
            }
            for whose, given in sorted(values.items())
        ]
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for answer in answers:
        first, second = (text.whose for text in tasks[answer.task].texts)
        counts[first][answer.value] += 1
        counts[second][2 - answer.value] += 1
    return [
        {
            "group": whose,
            "wins": wins,
            "losses": losses,
            "ties": ties,
            "share": estimate_json(proportion(wins, wins + losses, missing=ties)),
        }
        for whose, (wins, ties, losses) in sorted(counts.items())
    ]


def estimate_json(found: Estimate | None) -> dict[str, Any] | None:
    """An estimate as JSON; what is no number is null."""
    if found is None:
        return None
    numbers = {"estimate": found.estimate, "low": found.low, "high": found.high}
    finite = {name: value if math.isfinite(value) else None for name, value in numbers.items()}
    return {**finite, "n": found.n, "missing": found.missing}


def _same(values: Sequence[int]) -> float:
    pairs = list(itertools.combinations(values, 2))
    return sum(a == b for a, b in pairs) / len(pairs)
