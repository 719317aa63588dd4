"""Scores as each form prescribes them, beside people, and what a role changes."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from personae.instrument import Instrument, Norm, Scale, answer_matrix, load_instrument, score_scale
from personae.papers.psychobench.norms import beside_people
from personae.stats import Estimate, one_sample_t, pooled_within_sd, proportion, welch_t
from personae.study import AS_PUBLISHED, CORRECTED, Finding, correct_families

if TYPE_CHECKING:
    import polars as pl

NEUTRAL = "neutral"


def measure_table(table: pl.DataFrame, forms: Mapping[str, Instrument], *, alpha: float) -> list[Finding]:
    """Measure fresh runs, published raw answers, or published means, for each model in the table."""
    found: list[Finding] = []
    if "form" not in table.columns:
        return found
    for (subject,), mine in table.group_by(["model"], maintain_order=True):
        if "mean" in table.columns:
            found += [one for row in mine.iter_rows(named=True) for one in _of_mean(str(subject), row)]
            continue
        rows: list[Finding] = []
        for (key,), asked in mine.group_by(["form"], maintain_order=True):
            rows += _of_form(str(subject), asked, forms.get(str(key)) or load_instrument(str(key)), alpha)
        found += correct_families(rows)
    return found


def _of_mean(subject: str, row: Mapping[str, Any]) -> Iterator[Finding]:
    """A published mean, of which neither spread nor number is known."""
    form = load_instrument(str(row["form"]))
    scale = form.scale(str(row["scale"]))
    mean = float("nan") if row["mean"] is None else float(row["mean"])
    known = Estimate(mean, math.nan, math.nan, int(math.isfinite(mean)), int(not math.isfinite(mean)))
    conventions = (AS_PUBLISHED, f"score={scale.score}")
    note = "a published mean: its interval is not known" if math.isfinite(mean) else "the model did not answer"
    name = f"{form.key}.{scale.key}"
    yield Finding.of(f"score.{name}.{NEUTRAL}", subject, replace(known, note=note), conventions=conventions)
    for norm in scale.norms:
        z = replace(known, estimate=(mean - norm.mean) / norm.sd, note=f"from {norm.group}; {note}")
        yield Finding.of(f"z.{name}.{NEUTRAL}.{_word(norm)}", subject, z, unit="SDs of people", conventions=conventions)


def _of_form(subject: str, asked: pl.DataFrame, form: Instrument, alpha: float) -> Iterator[Finding]:
    matrix = answer_matrix(asked, form)
    roles = np.array(asked["role"].to_list())
    orders = np.array(asked["order"].to_list())
    for scale in form.scales:
        scores = score_scale(matrix, form, scale)
        neutral = scores[roles == NEUTRAL]
        for role in dict.fromkeys(roles.tolist()):
            mine = scores[roles == role]
            yield from _of_role(subject, form, scale, role, mine, alpha)
            if role != NEUTRAL and len(neutral):
                effect = welch_t(mine, neutral)
                yield Finding.of(
                    f"role.{form.key}.{scale.key}.{role}",
                    subject,
                    effect,
                    unit="points of the form",
                    conventions=(CORRECTED, "unit=run"),
                    family="roles",
                )
        if len(np.unique(orders)) > 1:
            by_role = [f"{role}" for role in roles]
            floor = pooled_within_sd(scores, [f"{role} {order}" for role, order in zip(roles, orders, strict=True)])
            both = pooled_within_sd(scores, by_role)
            yield Finding.of(
                f"noise.{form.key}.{scale.key}", subject, floor, unit="SD within an order", conventions=(CORRECTED,)
            )
            yield Finding.of(
                f"shuffled.{form.key}.{scale.key}", subject, both, unit="SD over all orders", conventions=(CORRECTED,)
            )
    answered = int(np.isfinite(matrix).sum())
    read = proportion(answered, matrix.size)
    yield Finding.of(f"read.{form.key}", subject, read, unit="share of answers", conventions=(CORRECTED,))


def _of_role(
    subject: str, form: Instrument, scale: Scale, role: str, scores: np.ndarray[Any, np.dtype[np.float64]], alpha: float
) -> Iterator[Finding]:
    name = f"{form.key}.{scale.key}.{role}"
    mean = replace(one_sample_t(scores), p_value=None)
    yield Finding.of(
        f"score.{name}",
        subject,
        mean,
        unit="points of the sum" if scale.score == "sum" else "scale points",
        conventions=(AS_PUBLISHED, f"score={scale.score}", "unit=run"),
    )
    for norm in scale.norms:
        z = (mean.estimate - norm.mean) / norm.sd
        bounds = [(bound - norm.mean) / norm.sd for bound in (mean.low, mean.high)]
        away = replace(mean, estimate=z, low=bounds[0], high=bounds[1], method="(mean - mean of people) / SD of people")
        yield Finding.of(
            f"z.{name}.{_word(norm)}", subject, away, unit="SDs of people", conventions=(AS_PUBLISHED, "unit=run")
        )
        for convention in (AS_PUBLISHED, CORRECTED):
            test = beside_people(scores, norm, alpha=alpha, as_published=convention == AS_PUBLISHED)
            yield Finding.of(
                f"people.{name}.{_word(norm)}",
                subject,
                test,
                unit="points",
                conventions=(convention, f"alpha={alpha:g}", "unit=run"),
                family="people" if convention == CORRECTED else "",
            )


def _word(norm: Norm) -> str:
    return "".join(letter if letter.isalnum() else "_" for letter in norm.group)
