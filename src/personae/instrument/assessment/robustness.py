"""What changes when nothing but the manner of asking does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from personae.instrument.assessment.rows import Floats, Rows, first_rows, paired, word
from personae.instrument.validity import order_effect, setting_effect
from personae.stats import one_sample_t
from personae.study import CORRECTED, Finding

USUAL = frozenset({"main", "dose", "empty"})
"""Conditions that are no other way of asking; so are the neutral prompts."""


def robustness_findings(subject: str, rows: Rows) -> Iterator[Finding]:
    """Shifts of every scale under each other way of asking, and the share of answers that it changes.

    The share is to be read beside ``changed.repeats``: asking the same again changes answers too.
    """
    from personae.persona import NEUTRAL_PROMPTS

    main = rows.under("main")
    again = _changed(first_rows(main), _second_rows(main))
    if len(again):
        yield _share(subject, "repeats", again)
    for condition in rows.conditions:
        if condition in USUAL or condition in NEUTRAL_PROMPTS:
            continue
        other = rows.under(condition)
        yield _share(subject, condition, _changed(first_rows(main), first_rows(other)))
        for scale in rows.instrument.broad_scales():
            changed, usual = paired(other.person_means(other.scores(scale)), main.person_means(main.scores(scale)))
            yield Finding.of(
                f"shift.{scale.key}.{word(condition)}",
                subject,
                setting_effect(changed, usual),
                unit="scale points",
                conventions=(CORRECTED, "unit=person"),
                family="robustness",
            )
        if condition == "descending":
            yield _order(subject, main, other)


def _order(subject: str, main: Rows, other: Rows) -> Finding:
    """Raw answers, whatever their key: above 0 if what is listed first is preferred."""
    downwards, upwards = paired(_raw_means(other), _raw_means(main))
    return Finding.of(
        "order.options",
        subject,
        order_effect(upwards, downwards),
        unit="scale points",
        conventions=(CORRECTED, "unit=person"),
        family="robustness",
    )


def _raw_means(rows: Rows) -> dict[str, float]:
    known = np.isfinite(rows.matrix).sum(axis=1)
    totals = np.nansum(rows.matrix, axis=1)
    return rows.person_means(np.divide(totals, known, out=np.full(len(totals), np.nan), where=known > 0))


def _second_rows(rows: Rows) -> dict[str, Floats]:
    found: dict[str, list[Floats]] = {}
    for person, answers in zip(rows.people, rows.matrix, strict=True):
        found.setdefault(person, []).append(answers)
    return {person: mine[1] for person, mine in found.items() if len(mine) > 1}


def _changed(before: dict[str, Floats], after: dict[str, Floats]) -> Floats:
    """For each person in both, the share of items answered twice whose answers differ."""
    shares = []
    for person, answers in after.items():
        if person in before:
            both = np.isfinite(answers) & np.isfinite(before[person])
            shares.append(float((answers != before[person])[both].mean()) if both.any() else np.nan)
    return np.array(shares)


def _share(subject: str, condition: str, shares: Floats) -> Finding:
    mean = one_sample_t(shares)
    method = "share of answers that differ from the first ones, mean over people, t"
    return Finding.of(
        f"changed.{word(condition)}",
        subject,
        replace(mean, p_value=None, method=method, low=max(mean.low, 0.0), high=min(mean.high, 1.0)),
        unit="share of answers",
        conventions=(CORRECTED, "unit=person"),
    )
