"""How far a push moved personas, with the published figures beside those for paired data.

As published: Cohen's d with the pooled SD of both conditions, and ``z = d / sqrt(4 / n + d**2 / (2 n))``, the error of
two *independent* halves. Corrected: the same personas were moved, so the error is that of paired differences.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from personae.stats import Estimate

Floats = NDArray[np.float64]
_NAN = math.nan


def published_z(d: float, n: int) -> float:
    """The z that the paper prints for an effect size over n personas.

    Example:
        >>> round(published_z(0.839, 200_000), 1)
        179.9
    """
    return d / math.sqrt(4 / n + d**2 / (2 * n)) if n else _NAN


def pooled_d(after: Floats, before: Floats) -> float:
    """Cohen's d with the pooled SD of both conditions; NaN where nothing varies."""
    pooled = math.sqrt((float(after.var(ddof=1)) + float(before.var(ddof=1))) / 2)
    return float(after.mean() - before.mean()) / pooled if pooled > 0 else _NAN


def paired_d(after: Floats, before: Floats) -> Estimate:
    """Cohen's d over the average SD, with the error of paired data.

    ``var = (2 (1 - r) / n) + d**2 / (2 n)``, where r correlates both conditions (Borenstein et al., 2009, ch. 4, in
    large samples); a normal interval.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> before = rng.normal(size=500)
        >>> found = paired_d(before + 0.5 + rng.normal(scale=0.1, size=500), before)
        >>> found.low < 0.5 < found.high
        True
    """
    both = np.isfinite(after) & np.isfinite(before)
    a, b, missing = after[both], before[both], int((~both).sum())
    method = "Cohen's d over the average SD, paired"
    if len(a) < 3 or not (a.std() > 0 and b.std() > 0):
        return Estimate(_NAN, _NAN, _NAN, len(a), missing, method=method, note="too few personas, or nothing varies")
    d, r = pooled_d(a, b), float(np.corrcoef(a, b)[0, 1])
    half = 1.96 * math.sqrt(max(0.0, 2 * (1 - r) / len(a)) + d**2 / (2 * len(a)))
    return Estimate(d, d - half, d + half, len(a), missing, method=method, note=f"r = {r:.2f} between conditions")


def signed_rank(after: Floats, before: Floats) -> Estimate:
    """Wilcoxon's signed-rank test: rank-biserial correlation with its p value and the normal z.

    The correlation is the sum of ranks of those that rose minus that of those that fell, over all ranks; personas that
    did not move have no rank. The interval is normal, with the error under no shift.
    """
    both = np.isfinite(after) & np.isfinite(before)
    differences = after[both] - before[both]
    moved = differences[differences != 0]
    n, missing = len(differences), int((~both).sum())
    method = "rank-biserial correlation, Wilcoxon signed rank, normal"
    if len(moved) < 2:
        return Estimate(_NAN, _NAN, _NAN, n, missing, method=method, note="fewer than two personas moved")
    ranks = stats.rankdata(np.abs(moved))
    total = float(ranks.sum())
    score = float((ranks * np.sign(moved)).sum())
    error = math.sqrt(float((ranks**2).sum()))  # variance of the signed sum, ties included
    z = score / error
    half = 1.96 * error / total
    r = score / total
    return Estimate(
        r,
        max(-1.0, r - half),
        min(1.0, r + half),
        n,
        missing,
        method=method,
        p_value=float(2 * stats.norm.sf(abs(z))),
        statistic=z,
        note=f"z = {z:.2f}; {n - len(moved)} did not move",
    )
