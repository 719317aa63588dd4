"""Wilcoxon's signed-rank test for paired ratings, with the shift that it tests and an interval of it."""

from __future__ import annotations

import math
import warnings
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from personae.errors import InputError
from personae.stats.effects import check_level
from personae.stats.estimate import Estimate
from personae.stats.samples import take_pairs, undefined

Zeros = Literal["wilcox", "pratt"]
"""What becomes of pairs that do not differ: left out (Wilcoxon, 1945), or ranked and then left out (Pratt, 1959)."""

_FEW = 13
"""Pairs up to which SciPy counts all sign patterns where ranks are tied; the same count takes it a second."""

_METHOD = "median of Walsh averages of the differences (Hodges-Lehmann), interval by their order; signed-rank test"


def signed_rank(first: ArrayLike, second: ArrayLike, *, zeros: Zeros = "pratt", level: float = 0.95) -> Estimate:
    """Shift of paired values, first minus second (Wilcoxon, 1945; Hodges & Lehmann, 1963).

    When to use: one unit rated under two conditions on a scale whose steps need not be even. The estimate is the median
    of all means of two differences, zeros among them; the interval runs from the k-th lowest to the k-th highest of
    these, with k from the normal distribution of the signed-rank sum. With fewer than six pairs no such interval
    reaches 95 %. The matched-pairs rank-biserial correlation (Kerby, 2014), the share of ranks in favour less that
    against, is in ``details``.

    Args:
        first: Value of each unit under one condition; a pair that misses a value is set aside.
        second: Value of the same unit under the other.
        zeros: What becomes of pairs that do not differ, in the test. SciPy's and SPSS's default is ``wilcox``.
        level: Coverage of the interval.

    Raises:
        InputError: If the two differ in length, or a convention is unknown.

    Example:
        >>> found = signed_rank([5, 6, 7, 6, 5, 7], [3, 4, 4, 5, 5, 3])
        >>> found.estimate, found.details["rank_biserial"]
        (2.0, 1.0)
    """
    check_level(level)
    if zeros not in ("wilcox", "pratt"):
        raise InputError(f"zeros {zeros!r} is unknown", remedy="it is wilcox or pratt")
    a, b, missing = take_pairs(first, second)
    differences = a - b
    n, conventions = len(differences), (f"zeros={zeros}",)
    if n < 2:
        return undefined("fewer than two pairs", n=n, missing=missing, method=_METHOD, conventions=conventions)
    from scipy.special import ndtri
    from scipy.stats import rankdata, wilcoxon

    rows, columns = np.triu_indices(n)
    walsh = np.sort((differences[rows] + differences[columns]) / 2)
    spread = math.sqrt(n * (n + 1) * (2 * n + 1) / 24)
    k = math.floor(n * (n + 1) / 4 - float(ndtri((1 + level) / 2)) * spread)
    has_interval = k >= 1 and bool(np.ptp(walsh) > 0)
    low, high = (float(walsh[k - 1]), float(walsh[-k])) if has_interval else (math.nan, math.nan)
    note = "" if has_interval else "too few pairs for an interval" if k < 1 else "all differences are the same"
    moved = differences[differences != 0]
    if not len(moved):
        return Estimate(0.0, low, high, n, missing, level, _METHOD, conventions, math.nan, math.nan, "no pair differs")
    ranks = rankdata(np.abs(moved))
    against = float(ranks[moved < 0].sum())
    if n <= _FEW:
        p, statistic = _exact(differences if zeros == "pratt" else moved)
    else:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that few values make a rough p is known
            test = wilcoxon(differences, zero_method=zeros)
        p, statistic = float(test.pvalue), float(test.statistic)
    return Estimate(
        float(np.median(walsh)),
        low,
        high,
        n,
        missing,
        level,
        _METHOD,
        conventions,
        p_value=p,
        statistic=statistic,
        note=note,
        details={"rank_biserial": 1 - 2 * against / float(ranks.sum()), "unequal": float(len(moved))},
    )


def _exact(differences: NDArray[np.float64]) -> tuple[float, float]:
    """Count all sign patterns for the p value of both sides, and give it with the lesser sum of ranks."""
    from scipy.stats import rankdata

    ranks = np.rint(2 * rankdata(np.abs(differences))).astype(np.int64)  # tied ranks are halves
    moved = differences != 0
    patterns = np.zeros(int(ranks[moved].sum()) + 1)  # how many sign patterns give each sum of positive ranks
    patterns[0] = 1.0
    for rank in ranks[moved]:
        patterns[rank:] = patterns[rank:] + patterns[:-rank]
    plus, minus = int(ranks[differences > 0].sum()), int(ranks[differences < 0].sum())
    tail = min(patterns[: plus + 1].sum(), patterns[plus:].sum()) / patterns.sum()
    return float(min(1.0, 2 * tail)), min(plus, minus) / 2
