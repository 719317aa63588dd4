"""Whether personas vary more than controls, and whether they are in the same order for other models."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from personae.canonical import derive_seed
from personae.papers.persona_effects.rows import EVERY_MODEL, TASKS_OF_ALL, Row, mean_score, unit_of
from personae.stats import Estimate, balanced_matrix, bootstrap, crossed_spread, levene, proportion, spearman
from personae.stats.samples import Floats, undefined
from personae.study import AS_PUBLISHED, CORRECTED, Finding

_LEAST = 3
_LARGE = 300_000
_ROUNDING = 1e-12
_ALIKE = "all scores are the same: how far others may differ is unknown"


def of_task(subject: str, task: str, rows: Sequence[Row]) -> Iterator[Finding]:
    """Spread of the scores of personas and of controls, and the test of the two."""
    spreads: dict[str, float] = {}
    scores: dict[str, Floats] = {}
    for condition in ("persona", "control"):
        own = [row for row in rows if row["condition"] == condition]
        if len(own) < 2:
            continue
        values = np.array([mean_score(row, "published") for row in own])
        scores[condition] = np.array([mean_score(row, "score") for row in own])
        rng = np.random.default_rng(derive_seed(0, subject, task, condition))
        sd = bootstrap(_sd, values, rng=rng, resamples=500)
        if sd.estimate == 0:  # resamples of the same value are the same: that says nothing of others
            sd = replace(sd, low=math.nan, high=math.nan, note=_ALIKE)
        spreads[condition] = sd.estimate
        yield Finding.of(
            f"sd.{condition}.{task}",
            subject,
            sd,
            unit=unit_of(task),
            conventions=(AS_PUBLISHED, "ddof=1", "unit=persona"),
        )
        known = values[np.isfinite(values)]
        width = float(np.ptp(known)) if len(known) else math.nan
        reach = Estimate(width, math.nan, math.nan, len(known), len(values) - len(known), method="highest less lowest")
        yield Finding.of(f"range.{condition}.{task}", subject, reach, unit=unit_of(task), conventions=(AS_PUBLISHED,))
        if all(row.get("items") for row in own):
            matrix = balanced_matrix(*([row[name] for row in own] for name in ("items", "sets", "score")))
            # A p value that is adjusted for all tasks needs many shuffles; large tables take long and need few.
            permutations = 1000 if matrix.size < _LARGE else 200
            found = crossed_spread(matrix, rng=rng, permutations=permutations, resamples=200)
            yield Finding.of(
                f"excess.{condition}.{task}",
                subject,
                found.excess,
                unit=f"squared {unit_of(task)}",
                conventions=(CORRECTED, "less its noise floor", "unit=item"),
                family="variability" if condition == "persona" else "controls",
            )
    if len(scores) == 2:
        yield from _compared(subject, task, scores, spreads)


def _compared(subject: str, task: str, scores: Mapping[str, Floats], spreads: Mapping[str, float]) -> Iterator[Finding]:
    test = levene(scores["persona"], scores["control"])
    yield Finding.of(
        f"levene.{task}",
        subject,
        test,
        unit="share of variance of distances",
        conventions=(CORRECTED, "unit=persona"),
        family="persona against control",
    )
    rng = np.random.default_rng(derive_seed(1, subject, task))
    tagged = np.concatenate(
        [np.column_stack([values, np.full(len(values), float(side))]) for side, values in enumerate(scores.values())]
    )
    ratio = bootstrap(_ratio, tagged, rng=rng, resamples=500, method="percentile")
    yield Finding.of(f"sd_ratio.{task}", subject, ratio, unit="persona over control", conventions=(CORRECTED, "ddof=1"))
    method = "whether the SD of personas is larger"
    known = (
        Estimate(float(spreads["persona"] > spreads["control"]), math.nan, math.nan, 1, method=method)
        if any(spreads.values())
        else undefined("neither personas nor controls vary", n=0, missing=1, method=method)
    )
    yield Finding.of(f"more_than_control.{task}", subject, known, unit="yes or no", conventions=(AS_PUBLISHED,))


def of_all(findings: Sequence[Finding], tables: Mapping[str, Mapping[str, Sequence[Row]]]) -> Iterator[Finding]:
    """Over models and tasks: how often personas vary more, and whether their order is the same elsewhere.

    Args:
        findings: What was found for each model.
        tables: Rows by model and task.
    """
    wanted = {f"more_than_control.{task}" for task in TASKS_OF_ALL}  # a scale is a part of a task
    cells = [one.estimate for one in findings if one.name in wanted]
    if cells:
        known = [one for one in cells if math.isfinite(one)]
        share = proportion(int(sum(known)), len(known), missing=len(cells) - len(known))
        yield Finding.of(
            "more_than_control", EVERY_MODEL, share, unit="share of models x tasks", conventions=(AS_PUBLISHED,)
        )
    tasks = list(dict.fromkeys(task for own in tables.values() for task in own))
    for task in tasks:
        pairs = []
        for first, second in itertools.combinations(tables, 2):
            a, b = (_by_persona(tables[model].get(task, ())) for model in (first, second))
            shared = [name for name in a if name in b]
            if len(shared) >= _LEAST:
                pairs.append(spearman([a[name] for name in shared], [b[name] for name in shared]))
        if pairs:
            yield _mean_of(f"rank_agreement.{task}", EVERY_MODEL, pairs, "pairs of models")
    for model, own in tables.items():
        pairs = []
        for first, second in itertools.combinations([task for task in own if task in ("truthful", "mmlu", "bbq")], 2):
            a, b = _by_persona(own[first]), _by_persona(own[second])
            shared = [name for name in a if name in b]
            if len(shared) >= _LEAST:
                pairs.append(spearman([a[name] for name in shared], [b[name] for name in shared]))
        if pairs:
            yield _mean_of("rank_agreement.tasks", model, pairs, "pairs of tasks")


def _mean_of(name: str, subject: str, pairs: Sequence[Estimate], what: str) -> Finding:
    if len(pairs) == 1:
        return Finding.of(name, subject, pairs[0], unit="rho", conventions=(CORRECTED, "unit=persona"), family="ranks")
    known = [one.estimate for one in pairs if math.isfinite(one.estimate)]
    mean = Estimate(
        float(np.mean(known)) if known else math.nan,
        min(known, default=math.nan),
        max(known, default=math.nan),
        pairs[0].n,
        method=f"mean Spearman correlation of {len(known)} {what}; bounds are the lowest and the highest pair",
    )
    return Finding.of(name, subject, mean, unit="rho", conventions=(CORRECTED, "unit=persona"))


def _by_persona(rows: Sequence[Row]) -> dict[str, float]:
    return {str(row["persona"]): mean_score(row, "score") for row in rows if row["condition"] == "persona"}


def _sd(values: Floats) -> float:
    """Standard deviation; what is left of rounding where all values are the same is 0."""
    if len(values) < 2:
        return math.nan
    spread = float(values.std(ddof=1))
    return 0.0 if spread < _ROUNDING else spread


def _ratio(rows: Floats) -> float:
    sides: list[Any] = [rows[rows[:, 1] == side, 0] for side in (0.0, 1.0)]
    below = _sd(sides[1])
    return _sd(sides[0]) / below if below > 0 else math.nan
