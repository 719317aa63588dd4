"""Whether a score may be believed: reliability, refusals, response styles, and what the setting does to it.

Each function takes plain arrays and returns estimates; a study decides which of them it reports.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from personae.instrument.questionnaire import Instrument
from personae.instrument.scoring import Matrix, keyed_items
from personae.stats import (
    Estimate,
    cluster_mean,
    cronbach_alpha,
    item_total,
    mcdonald_omega,
    paired_t,
    pooled_within_sd,
    proportion,
    split_half,
)

Floats = NDArray[np.float64]

DESIRABLE = {
    "big_five.extraversion": 1,
    "big_five.agreeableness": 1,
    "big_five.conscientiousness": 1,
    "big_five.neuroticism": -1,
    "big_five.openness": 1,
    "hexaco.honesty_humility": 1,
    "dark_triad.machiavellianism": -1,
    "dark_triad.narcissism": -1,
    "dark_triad.psychopathy": -1,
}
"""Pole of a trait that people think well of (Edwards, 1957; raters agree on the Big Five)."""

MUCH_ACQUIESCENCE = 0.25
"""Scale points from which acquiescence is called found: a sixteenth of the range of a 5-point scale. Our convention."""


def scale_reliability(items: Matrix, *, rng: np.random.Generator, clusters: Sequence[str]) -> dict[str, Estimate]:
    """α, ω, split-half and the weakest item of one scale.

    Personas that were planted at the poles spread a scale far more than people do, so that these figures say how well
    items hang together under this design, and not how they would among people.

    Args:
        items: Reverse-keyed answers to the items of one scale.
        rng: Draws of the halves.
        clusters: What respondents share, such as a prompt; intervals leave out whole clusters.
    """
    totals = item_total(items)
    weakest = min(totals, key=lambda one: one.estimate if np.isfinite(one.estimate) else np.inf)
    return {
        "alpha": cronbach_alpha(items, clusters=clusters),
        "omega": mcdonald_omega(items, clusters=clusters),
        "split_half": split_half(items, rng=rng, clusters=clusters),
        "weakest_item": replace(weakest, method=f"smallest of {len(totals)} corrected item-total correlations"),
    }


def refusals(attempts: Sequence[Sequence[object]], *, total: int) -> dict[str, Estimate]:
    """How often respondents declined: at the first asking, over all askings, and how often asking again was needed.

    Rejection sampling asks until it gets an answer. The share of first askings is what a user of the model would see.

    Args:
        attempts: Statuses of the attempts of each respondent, in order.
        total: Respondents in all; those without an attempt are missing.
    """
    firsts = [one[0] for one in attempts if one]
    every = [status for one in attempts for status in one]
    missing = total - len(firsts)
    return {
        "first_attempt": proportion(sum(status == "refused" for status in firsts), len(firsts), missing=missing),
        "all_attempts": proportion(sum(status == "refused" for status in every), len(every), missing=missing),
        "asked_again": proportion(sum(len(one) > 1 for one in attempts), len(firsts), missing=missing),
    }


def contradictions(flags: Iterable[Sequence[object]]) -> Estimate:
    """Share of answers whose number and words said different things."""
    every = [bool(flag) for row in flags for flag in row]
    return proportion(sum(every), len(every))


def acquiescence(matrix: Matrix, instrument: Instrument, clusters: Sequence[str]) -> Estimate:
    """Agreement with items whatever they say, in scale points above the middle of the scale.

    For each scale with items keyed both ways, the mean of its positively and of its negatively keyed items as they were
    answered; what the scale measures cancels out, agreement does not (Soto & John, 2009, work alike with item pairs).
    Items differ in how easily they are endorsed, so that values near 0 mean nothing; from 0.25 points the note says so.
    NaN, with a note, for an instrument that has no scale keyed both ways.
    """
    balances = []
    for scale in instrument.broad_scales():
        if scale.score in ("count", "weights"):
            continue
        signs = np.array(list(instrument.keying(scale).values()))
        if (signs > 0).any() and (signs < 0).any():
            keyed = keyed_items(matrix, instrument, scale)
            spans = np.array([sum(instrument.bounds(item)) for item in scale.items], dtype=float)
            raw = np.where(signs > 0, keyed, spans - keyed) - spans / 2
            balances.append((_row_means(raw[:, signs > 0]) + _row_means(raw[:, signs < 0])) / 2)
    if not balances:
        note = f"{instrument.key} has no scale with items keyed both ways"
        return Estimate(math.nan, math.nan, math.nan, n=0, missing=len(matrix), note=note)
    index = _row_means(np.column_stack(balances))
    estimate = cluster_mean(index, np.array(clusters))
    is_found = estimate.low > MUCH_ACQUIESCENCE or estimate.high < -MUCH_ACQUIESCENCE
    note = f"found: the interval lies beyond {MUCH_ACQUIESCENCE:g} points" if is_found else estimate.note
    return replace(estimate, note=note)


def desirability(matrix: Matrix, instrument: Instrument, clusters: Sequence[str]) -> Estimate:
    """Scores towards what is thought well of, in scale points from the middle, mean over scales of known traits.

    Each broad scale is turned so that high is its desirable pole (:data:`DESIRABLE`); agreement with everything cancels
    out on scales with items keyed both ways. Of a model as itself it says how well the model speaks of itself; of
    personas, how well those who were asked are described: read it beside the empty prompt. NaN, with a note, where no
    scale has a trait with a desirable pole.
    """
    turned = []
    for scale in instrument.broad_scales():
        pole = DESIRABLE.get(scale.trait, 0) * scale.direction
        if pole:
            turned.append(pole * (_row_means(keyed_items(matrix, instrument, scale)) - instrument.midpoint))
    if not turned:
        note = f"{instrument.key} has no scale of a trait with a desirable pole"
        return Estimate(math.nan, math.nan, math.nan, n=0, missing=len(matrix), note=note)
    found = cluster_mean(_row_means(np.column_stack(turned)), np.array(clusters))
    return replace(found, p_value=None)


def noise_floor(scores: Floats, clusters: Sequence[str]) -> Estimate:
    """SD of scores among repeated draws from the same prompt: what a difference has to exceed to mean anything."""
    return pooled_within_sd(scores, np.array(clusters))


def order_effect(ascending: Floats, descending: Floats) -> Estimate:
    """Raw answers with the options listed downwards minus upwards, paired; above 0 if the first listed is preferred."""
    return paired_t(descending, ascending)


def setting_effect(changed: Floats, usual: Floats) -> Estimate:
    """Scores under another setting minus the usual one, paired."""
    return paired_t(changed, usual)


def _row_means(values: Matrix) -> Floats:
    """Mean of what was answered in each row; NaN where nothing was."""
    counts = np.isfinite(values).sum(axis=1)
    totals = np.nansum(values, axis=1)
    means: Floats = np.divide(totals, counts, out=np.full(len(totals), np.nan), where=counts > 0)
    return means
