"""Test and retest: whether the same respondents get the same scores again."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from personae.stats.correlation import pearson
from personae.stats.estimate import Estimate
from personae.stats.group_tests import paired_t
from personae.stats.intraclass import icc
from personae.stats.samples import take_pairs, undefined


class Retest(NamedTuple):
    """What two askings of the same respondents tell."""

    agreement: Estimate
    """ICC(A,1): the same values."""
    stability: Estimate
    """Pearson r: the same order, whatever all of them shift by."""
    shift: Estimate
    """Second minus first, paired."""
    measurement_error: Estimate
    """Standard error of measurement, in scale points: SD of the differences over √2 (Weir, 2005)."""

    @property
    def smallest_change(self) -> float:
        """Difference of two scores of one respondent that noise alone exceeds in 5 % of cases: 1.96 · √2 · error."""
        return 1.96 * math.sqrt(2) * self.measurement_error.estimate


def retest(first: ArrayLike, second: ArrayLike, *, level: float = 0.95) -> Retest:
    """Compare scores of the same respondents at two times, or of two askings of one prompt.

    When to use: scores are to describe a respondent and not a moment. High stability with a shift means that all moved
    alike; the agreement counts the shift as error.

    Args:
        first: One score a respondent; a pair that misses a value is set aside.
        second: The scores of the same respondents again.
        level: Coverage of the intervals.

    Raises:
        InputError: If the two differ in length.

    Example:
        >>> found = retest([1, 2, 3, 4, 5], [2, 3, 4, 5, 6])
        >>> round(found.stability.estimate, 2), found.shift.estimate
        (1.0, 1.0)
    """
    from scipy.stats import chi2

    a, b, missing = take_pairs(first, second)
    n = len(a)
    shift = replace(paired_t(b, a, level=level), missing=missing)
    stability = replace(pearson(a, b, level=level), missing=missing)
    agreement = replace(icc(np.column_stack([a, b]), level=level), missing=missing)
    method = "SD of differences over √2, chi-squared interval"
    if n < 2:
        return Retest(
            agreement, stability, shift, undefined("fewer than two pairs", n=n, missing=missing, method=method)
        )
    spread = float((b - a).var(ddof=1))
    low, high = ((n - 1) * spread / float(chi2.ppf(edge, n - 1)) for edge in ((1 + level) / 2, (1 - level) / 2))
    error = Estimate(
        math.sqrt(spread / 2), math.sqrt(low / 2), math.sqrt(high / 2), n, missing, level, method, ("times=2",)
    )
    return Retest(agreement, stability, shift, error)
