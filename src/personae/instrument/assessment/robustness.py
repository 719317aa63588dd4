"""What changes when nothing but the manner of asking does."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from personae.instrument.assessment.rows import Floats, Rows, first_rows, paired, word
from personae.instrument.sensitivity import order_sensitivity, prompt_sensitivity, refusal_rate, repeat_sensitivity
from personae.instrument.validity import order_effect, setting_effect
from personae.stats import Estimate, one_sample_t
from personae.study import CORRECTED, Finding

USUAL = frozenset({"main", "dose", "empty"})
"""Conditions that are no other way of asking; so are the neutral prompts."""


def robustness_findings(subject: str, rows: Rows) -> Iterator[Finding]:
    """Shifts of every scale under each other way of asking, and the share of answers that it changes.

    The share is to be read beside ``changed.repeats``: asking the same again changes answers too.
    """
    main = rows.under("main")
    again = _changed(first_rows(main), _second_rows(main))
    if len(again):
        yield _share(subject, "repeats", again)
    yield from _rates(subject, rows, main)
    for condition in ways_of(rows):
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


def ways_of(rows: Rows) -> list[str]:
    """Conditions that are another way of asking."""
    from personae.persona import NEUTRAL_PROMPTS

    return [name for name in rows.conditions if name not in USUAL and name not in NEUTRAL_PROMPTS]


def _rates(subject: str, rows: Rows, main: Rows) -> Iterator[Finding]:
    """The three rates of TRAIT, and the one that they have to exceed: decisions are above, at, or below the middle."""
    if statuses := main.lists("answers.statuses"):
        every = [str(status) for row in statuses for status in row]
        yield _rate(subject, "refusal", refusal_rate(every))
    usual, again = _decisions(main, first_rows(main)), _decisions(main, _second_rows(main))
    people = [person for person in usual if person in again]
    if people:
        yield _rate(
            subject, "repeat", repeat_sensitivity(*_stacked(people, usual, again), clusters=_each(rows, people))
        )
    ways = {way: _decisions(rows, first_rows(rows.under(way))) for way in ways_of(rows)}
    if "descending" in ways:
        people = [person for person in usual if person in ways["descending"]]
        pair = _stacked(people, usual, ways["descending"])
        yield _rate(subject, "order", order_sensitivity(*pair, clusters=_each(rows, people)))
    others = {way: found for way, found in ways.items() if way != "descending"}
    people = [person for person in usual if all(person in found for found in others.values())]
    if others and people:
        decisions = np.column_stack(_stacked(people, usual, *others.values()))
        found = prompt_sensitivity(decisions, counted="pairs", clusters=_each(rows, people))
        yield _rate(subject, "prompt", found)


def _rate(subject: str, name: str, rate: Estimate) -> Finding:
    return Finding.of(f"sensitivity.{name}", subject, rate, unit="share of decisions", conventions=(CORRECTED,))


def _decisions(rows: Rows, answers: dict[str, Floats]) -> dict[str, Floats]:
    middle = rows.instrument.midpoint
    return {person: np.where(np.isfinite(one), np.sign(one - middle), np.nan) for person, one in answers.items()}


def _stacked(people: Sequence[str], *answers: dict[str, Floats]) -> list[Floats]:
    return [np.concatenate([one[person] for person in people]) for one in answers]


def _each(rows: Rows, people: Sequence[str]) -> list[str] | None:
    """Whose item each decision is; of one person, items are the units."""
    width = len(rows.instrument.item_ids)
    return [person for person in people for _ in range(width)] if len(people) > 1 else None


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
