"""A model's runs beside a group of people of whom mean, SD and number are known.

As published: an F test of the variances decides between Student's and Welch's test, its two-sided p held against half
of alpha, and 1e-8 is added to the SD of the runs so that constant runs can be tested. Corrected: Welch's test always,
which needs no decision; where all runs agree there is no variance among them, and the error is that of the people.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from personae.instrument import Norm
from personae.stats import Estimate

EPSILON = 1e-8


def beside_people(
    scores: NDArray[np.float64], norm: Norm, *, alpha: float = 0.01, as_published: bool = False
) -> Estimate:
    """Mean of the runs minus the mean of people, with a test and an interval of ``1 - alpha``.

    The note says what the test concludes. Runs of one model at one setting are no sample of anybody: the p value speaks
    of these runs.

    Args:
        scores: Score of each run; NaN is missing.
        norm: The group of people; without its number, only the distance is known.
        alpha: Level of the test.
        as_published: Decide by an F test first, with the published constant, instead of Welch's test always.

    Example:
        >>> norm = Norm(group="people", mean=3.0, sd=1.0, n=100, source="a table")
        >>> beside_people(np.array([4.0, 4.2, 3.8, 4.0]), norm).note
        'higher than people (n=100)'
    """
    known = scores[np.isfinite(scores)]
    missing = len(scores) - len(known)
    nan = math.nan
    if len(known) < 2 or norm.n is None:
        why = "fewer than two runs" if len(known) < 2 else f"the number of {norm.group} is not known"
        mean = float(known.mean()) - norm.mean if len(known) else nan
        return Estimate(mean, nan, nan, len(known), missing, 1 - alpha, "mean minus that of people", note=why)
    mean, sd = float(known.mean()), float(known.std(ddof=1))
    method = "Welch's t"
    pooled = False
    if as_published:
        sd += EPSILON
        pooled = _equal(sd, len(known), norm, alpha)
        method = "Student's t after an F test" if pooled else "Welch's t after an F test"
    difference = mean - norm.mean
    error, freedom = _error(sd, len(known), norm, pooled=pooled)
    t = difference / error
    p = float(2 * stats.t.sf(abs(t), freedom))
    half = float(stats.t.ppf(1 - alpha / 2, freedom)) * error
    word = "no difference from" if p > alpha else "higher than" if difference > 0 else "lower than"
    return Estimate(
        difference,
        difference - half,
        difference + half,
        len(known),
        missing,
        1 - alpha,
        f"mean minus that of people, {method}",
        p_value=p,
        statistic=t,
        note=f"{word} {norm.group} (n={norm.n})",
    )


def _equal(sd: float, n: int, norm: Norm, alpha: float) -> bool:
    """Whether the published F test lets the variances be equal."""
    assert norm.n is not None
    larger, smaller = (sd, norm.sd) if sd > norm.sd else (norm.sd, sd)
    first, second = (n, norm.n) if sd > norm.sd else (norm.n, n)
    p = float(2 * stats.f.sf(larger**2 / smaller**2, first - 1, second - 1))
    return p > alpha / 2


def _error(sd: float, n: int, norm: Norm, *, pooled: bool) -> tuple[float, float]:
    assert norm.n is not None
    if pooled:
        both = n + norm.n - 2
        variance = ((n - 1) * sd**2 + (norm.n - 1) * norm.sd**2) / both
        return math.sqrt(variance * (1 / n + 1 / norm.n)), float(both)
    own, theirs = sd**2 / n, norm.sd**2 / norm.n
    df = (own + theirs) ** 2 / (own**2 / (n - 1) + theirs**2 / (norm.n - 1))
    return math.sqrt(own + theirs), df
