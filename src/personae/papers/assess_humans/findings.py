"""Percentages of each group, and whether they hold over runs, over orders of the options, and over groups."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from personae.instrument import Instrument, answer_matrix, score_range, score_scale
from personae.instrument.scoring import Convention
from personae.papers.assess_humans.metrics import (
    Floats,
    distance_of_means,
    distances_to_mean,
    expected_by_noise,
    similarity,
)
from personae.papers.assess_humans.statements import sixty_key
from personae.stats import Estimate, one_sample_t, proportion, welch_t
from personae.study import AS_PUBLISHED, CORRECTED, Finding, correct_families

if TYPE_CHECKING:
    import polars as pl

PERMUTED, FIXED, PUBLISHED = "permuted", "fixed", "published"
_ANSWERED = Convention(aggregate="mean", missing="prorate", least=0.5)
EVERY_MODEL = "all models"


def measure_table(
    table: pl.DataFrame, form: Instrument, pairs: Sequence[tuple[str, str]], alpha: float
) -> list[Finding]:
    """Measure fresh runs, or published answers, for each model in the table."""
    found: list[Finding] = []
    if "subject" not in table.columns:
        return found
    is_published = PUBLISHED in table["condition"].to_list()
    used = sixty_key() if is_published else form
    for (model,), mine in table.group_by(["model"], maintain_order=True):
        vectors = _vectors(mine, used)
        rows = [*_percentages(str(model), used, vectors), *_agreement(str(model), vectors, pairs, alpha)]
        rows += list(_groups(str(model), used, vectors, pairs))
        rows += list(_reading(str(model), mine, used))
        found += correct_families(rows)
    if is_published:
        answers = answer_matrix(table, used)
        read = proportion(int(np.isfinite(answers).sum()), answers.size)
        found.append(Finding.of("read", EVERY_MODEL, read, unit="share of answers", conventions=(AS_PUBLISHED,)))
    return found


def percentages(matrix: Floats, form: Instrument) -> Floats:
    """Score of each run on each broad scale, from 0 to 100; 50 is the middle.

    A scale is scored from the statements that were answered, if these are at least half of it.
    """
    columns = []
    for scale in form.broad_scales():
        low, high = score_range(form, scale, _ANSWERED)
        columns.append(100 * (score_scale(matrix, form, scale, _ANSWERED) - low) / (high - low))
    return np.column_stack(columns)


Vectors = Mapping[tuple[str, str], Floats]
"""Runs by dimensions, for each group and condition."""


def _vectors(mine: pl.DataFrame, form: Instrument) -> Vectors:
    scores = percentages(answer_matrix(mine, form), form)
    keys = list(mine.select("subject", "condition").iter_rows())
    return {key: scores[[index for index, other in enumerate(keys) if other == key]] for key in dict.fromkeys(keys)}


def _percentages(model: str, form: Instrument, vectors: Vectors) -> Iterator[Finding]:
    for (subject, condition), runs in vectors.items():
        for column, scale in enumerate(form.broad_scales()):
            mean = replace(one_sample_t(runs[:, column]), p_value=None)
            name = f"percent.{scale.key}.{_word(subject)}"
            name = name if condition == PERMUTED else f"{name}.{condition}"
            yield Finding.of(name, model, mean, unit="percent", conventions=(AS_PUBLISHED, "unit=run"))


def _agreement(model: str, vectors: Vectors, pairs: Sequence[tuple[str, str]], alpha: float) -> Iterator[Finding]:
    subjects = list(dict.fromkeys(subject for subject, _ in vectors))
    consistent, robust = [], []
    for subject in subjects:
        runs = vectors.get((subject, PERMUTED))
        fixed = vectors.get((subject, FIXED))
        if runs is not None and len(runs) > 1:
            away = distances_to_mean(runs)
            mean = replace(one_sample_t(away), p_value=None, missing=len(runs) - len(away))
            yield Finding.of(
                f"distance.runs.{_word(subject)}", model, mean, unit="percent points", conventions=(CORRECTED,)
            )
            consistent.append(mean.estimate)
        if runs is not None and fixed is not None:
            yield _distance(f"distance.orders.{_word(subject)}", model, runs, fixed)
            robust.append(distance_of_means(runs, fixed))
    fair = []
    for a, b in pairs:
        first, second = (_of_subject(vectors, name) for name in (a, b))
        if first is not None and second is not None:
            yield _distance(f"distance.groups.{_word(a)}-{_word(b)}", model, first, second)
            fair.append(distance_of_means(first, second))
    for name, found in (("s_c", consistent), ("s_r", robust), ("s_f", fair)):
        if found:
            scores = np.array([similarity(one, alpha) for one in found])
            mean = replace(one_sample_t(scores), p_value=None, method="mean of alpha / (alpha + distance)")
            yield Finding.of(name, model, mean, unit="score", conventions=(AS_PUBLISHED, f"alpha={alpha:g}"))


def _distance(name: str, model: str, first: Floats, second: Floats) -> Finding:
    distance, noise = distance_of_means(first, second), expected_by_noise(first, second)
    is_known = math.isfinite(noise)
    note = f"{noise:.2f} would come of the noise of runs alone" if is_known else "one run: its noise is unknown"
    n = len(first) + len(second)
    value = Estimate(distance, math.nan, math.nan, n, method="distance of mean vectors", note=note)
    return Finding.of(name, model, value, unit="percent points", conventions=(CORRECTED,))


def _groups(model: str, form: Instrument, vectors: Vectors, pairs: Sequence[tuple[str, str]]) -> Iterator[Finding]:
    """Groups compared on each dimension, over runs."""
    for a, b in pairs:
        first, second = (_of_subject(vectors, name) for name in (a, b))
        if first is None or second is None or min(len(first), len(second)) < 2:
            continue
        for column, scale in enumerate(form.broad_scales()):
            yield Finding.of(
                f"difference.{scale.key}.{_word(a)}-{_word(b)}",
                model,
                welch_t(first[:, column], second[:, column]),
                unit="percent points",
                conventions=(CORRECTED, "unit=run"),
                family="groups",
            )


def _reading(model: str, mine: pl.DataFrame, form: Instrument) -> Iterator[Finding]:
    answers = answer_matrix(mine, form)
    read = proportion(int(np.isfinite(answers).sum()), answers.size)
    yield Finding.of("read", model, read, unit="share of answers", conventions=(CORRECTED,))
    if "answers.places" in mine.columns:
        rows = zip(mine["condition"].to_list(), mine["answers.places"].to_list(), strict=True)
        places = [place for condition, row in rows if condition == PERMUTED for place in row or [] if place >= 0]
        first = proportion(sum(place == 0 for place in places), len(places))
        note = f"1 in {len(form.options)} is chance" if form.options else ""
        yield Finding.of(
            "first_listed", model, replace(first, note=note), unit="share of answers", conventions=(CORRECTED,)
        )


def _of_subject(vectors: Vectors, subject: str) -> Floats | None:
    return vectors.get((subject, PERMUTED), vectors.get((subject, PUBLISHED)))


def _word(name: str) -> str:
    return "".join(letter if letter.isalnum() else "_" for letter in name)


__all__ = ["measure_table", "percentages"]
