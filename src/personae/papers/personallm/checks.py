"""How far the scores may be believed: reliability, robustness to how things were asked, controls without a persona."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from personae.canonical import derive_seed
from personae.instrument import keyed_items, scale_of_trait
from personae.instrument.validity import (
    acquiescence,
    contradictions,
    noise_floor,
    order_effect,
    refusals,
    scale_reliability,
    setting_effect,
)
from personae.papers.personallm.groups import MEANS, SUMS, Condition, Group
from personae.persona import BIG_FIVE, NEUTRAL_PROMPTS, trait_title
from personae.stats import cohens_d, one_sample_t, proportion
from personae.study import AS_PUBLISHED, CORRECTED, Finding

_POINTS = "scale points"


def reliability_findings(group: Group) -> Iterator[Finding]:
    """Internal consistency of each scale over the respondents of the published condition."""
    for trait in BIG_FIVE:
        scale = scale_of_trait(group.instrument, trait)
        items = keyed_items(group.main.matrix, group.instrument, scale)
        rng = np.random.default_rng(derive_seed("personallm", "reliability", trait))
        for name, estimate in scale_reliability(items, rng=rng, clusters=group.main.types).items():
            yield Finding.of(f"{name}.{trait_title(trait)}", group.subject, estimate, conventions=(CORRECTED,))


def agreement_with_stored_scores(group: Group) -> Iterator[Finding]:
    """Share of the authors' stored scores that our scoring of their raw answers gives exactly."""
    main = group.main
    if "stored.extraversion" not in main.table.columns or main.has_only_stored_scores:
        return
    ours = np.concatenate([main.scores(trait, SUMS) for trait in BIG_FIVE])
    theirs = np.concatenate([main.stored_sums(trait) for trait in BIG_FIVE])
    both = np.isfinite(ours) & np.isfinite(theirs)
    share = proportion(int((ours[both] == theirs[both]).sum()), int(both.sum()), missing=int((~both).sum()))
    yield Finding.of(
        "stored.match", group.subject, share, unit="share of scores", conventions=(AS_PUBLISHED, *SUMS.spell())
    )


def robustness_findings(group: Group) -> Iterator[Finding]:
    """Refusals, contradictions, acquiescence, noise; effects of option order, item order, wording and mode."""
    subject, main = group.subject, group.main
    for name, share in refusals(_lists(main, "attempts.statuses"), total=main.table.height).items():
        yield Finding.of(f"refusals.{name}", subject, share, unit="share", conventions=(CORRECTED,))
    flags = _lists(main, "answers.contradictory")
    if flags:
        yield Finding.of(
            "contradictions", subject, contradictions(flags), unit="share of answers", conventions=(CORRECTED,)
        )
    bias = acquiescence(main.matrix, group.instrument, main.types)
    yield Finding.of("acquiescence", subject, bias, unit=_POINTS, conventions=(CORRECTED, "unit=prompt"))
    for trait in BIG_FIVE:
        floor = noise_floor(main.scores(trait), main.types)
        yield Finding.of(f"noise.{trait_title(trait)}", subject, floor, unit=_POINTS, conventions=(CORRECTED,))
    yield from _order(group)
    for condition in ("shuffled", "other_wording", "item_wise"):
        yield from _setting(group, condition)


def control_findings(group: Group) -> Iterator[Finding]:
    """Scores without a persona, under neutral wordings, and under somebody else's persona."""
    for condition in ("empty", *NEUTRAL_PROMPTS):
        rows = group.condition(condition)
        if not rows.table.height:
            continue
        for trait in BIG_FIVE:
            mean = replace(
                one_sample_t(rows.scores(trait)), method="mean of repeated draws from one prompt, t", p_value=None
            )
            yield Finding.of(
                f"control.{condition}.{trait_title(trait)}", group.subject, mean, unit=_POINTS, conventions=(CORRECTED,)
            )
    exchanged = group.condition("exchanged")
    if exchanged.table.height:
        for trait in BIG_FIVE:
            d = cohens_d(*exchanged.by_pole(trait, MEANS))
            yield Finding.of(
                f"control.exchanged.{trait_title(trait)}",
                group.subject,
                d,
                unit="pooled SD",
                conventions=(CORRECTED, "label of one persona, prompt of another"),
            )


def _order(group: Group) -> Iterator[Finding]:
    """Raw answers with the scale listed downwards, minus upwards, on the same types."""
    rows = group.condition("descending")
    if not rows.table.height:
        return
    ours, theirs = _paired_raw(group.main, rows)
    estimate = order_effect(ours, theirs)
    yield Finding.of(
        "order.options",
        group.subject,
        estimate,
        unit=_POINTS,
        conventions=(CORRECTED, "unit=type"),
        family="robustness",
    )


def _setting(group: Group, condition: str) -> Iterator[Finding]:
    rows = group.condition(condition)
    if not rows.table.height:
        return
    for trait in BIG_FIVE:
        before, after = group.main.mean_by_type(trait), rows.mean_by_type(trait)
        shared = sorted(set(before) & set(after))
        estimate = setting_effect(
            np.array([after[code] for code in shared]), np.array([before[code] for code in shared])
        )
        yield Finding.of(
            f"setting.{condition}.{trait_title(trait)}",
            group.subject,
            estimate,
            unit=_POINTS,
            conventions=(CORRECTED, "unit=type"),
            family="robustness",
        )


def _paired_raw(main: Condition, other: Condition) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean raw answer of each type under both conditions; a type with no answer in one of them is NaN there."""
    codes = sorted(set(other.types))
    return _raw_by_type(main, codes), _raw_by_type(other, codes)


def _raw_by_type(rows: Condition, codes: list[str]) -> NDArray[np.float64]:
    types = np.array(rows.types)
    means = []
    for code in codes:
        answers = rows.matrix[types == code]
        means.append(float(np.nanmean(answers)) if np.isfinite(answers).any() else np.nan)
    return np.array(means)


def _lists(rows: Condition, column: str) -> list[list[object]]:
    if column not in rows.table.columns:
        return []
    return [list(row) for row in rows.table[column].drop_nulls().to_list()]
