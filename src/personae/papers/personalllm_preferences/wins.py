"""Rewards and wins of answers: the parts that fresh and published answers are measured with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from personae.stats import Estimate, cluster_mean, proportion
from personae.study import AS_PUBLISHED, CORRECTED, Finding

REWARD = "standard deviations of a scorer over the answers of the bank"
PERCENT = "percent of answers"


def untested(estimate: Estimate) -> Estimate:
    """A mean reward is not tested against 0, which is only the mean of the bank."""
    return replace(estimate, p_value=None)


def wins(
    name: str, subject: str, ours: NDArray[np.float64], theirs: NDArray[np.float64], people: Sequence[str]
) -> Iterator[Finding]:
    """How often an answer has a higher reward than another: ties lost, as published, or halved with users as units."""
    known = np.isfinite(ours)
    won = proportion(int((ours[known] > theirs[known]).sum()), int(known.sum()), missing=int((~known).sum()))
    yield Finding.of(name, subject, percent(won), unit=PERCENT, conventions=(AS_PUBLISHED, "ties=lost"))
    halves = np.where(known, (ours > theirs) + 0.5 * (ours == theirs), np.nan)
    by_user = untested(cluster_mean(halves, people))
    yield Finding.of(name, subject, percent(by_user), unit=PERCENT, conventions=(CORRECTED, "ties=half", "unit=user"))


def percent(one: Estimate) -> Estimate:
    """A share in percent."""
    return replace(one, estimate=100 * one.estimate, low=max(0.0, 100 * one.low), high=min(100.0, 100 * one.high))


def winning_beats_losing(subject: str, means: dict[str, float], convention: str = CORRECTED) -> Iterator[Finding]:
    """In how many pairs of source and k showing what won does better than showing what lost."""
    pairs = [
        (means[name], means[name.replace("winning_only", "losing_only")])
        for name in means
        if name.endswith(".winning_only") and name.replace("winning_only", "losing_only") in means
    ]
    known = [(a, b) for a, b in pairs if np.isfinite([a, b]).all()]
    if known:
        yield Finding.of(
            "winning_beats_losing",
            subject,
            proportion(sum(a > b for a, b in known), len(known), missing=len(pairs) - len(known)),
            unit="share of pairs of source and number of examples",
            conventions=(convention,),
        )
