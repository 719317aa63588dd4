"""Probabilities held against what happened: plain numbers, for :func:`personae.stats.bootstrap` to give intervals."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike


def brier_score(confidences: ArrayLike, hits: ArrayLike) -> float:
    """Mean squared distance of confidence and outcome (Brier, 1950): 0 at best; NaN of nothing.

    Example:
        >>> brier_score([1.0, 0.5], [1, 0])
        0.125
    """
    sure, hit = np.asarray(confidences, dtype=float), np.asarray(hits, dtype=float)
    return float(np.mean((sure - hit) ** 2)) if len(sure) else math.nan


def calibration_error(confidences: ArrayLike, hits: ArrayLike, *, bins: int = 10, closed: str = "both") -> float:
    """Expected calibration error (Naeini et al., 2015): mean over bins of |accuracy - confidence|, weighted by size.

    Args:
        confidences: Probabilities from 0 to 1.
        hits: 1 for a right answer, 0 for a wrong one.
        bins: How many bins of equal width.
        closed: ``both``: the first bin holds 0. ``right``: it does not, and such answers count nowhere (as published).

    Returns:
        The error from 0 to 1; NaN of nothing.

    Example:
        >>> calibration_error([0.9, 0.9], [1, 0]), calibration_error([0.0, 1.0], [1, 1], closed="right")
        (0.4, 0.0)
    """
    sure, hit = np.asarray(confidences, dtype=float), np.asarray(hits, dtype=float)
    if not len(sure):
        return math.nan
    place = np.ceil(np.round(sure * bins, 9)).astype(int)
    if closed == "both":
        place = np.maximum(place, 1)
    error = 0.0
    for number in range(1, bins + 1):
        mine = place == number
        if mine.any():
            error += float(abs(hit[mine].mean() - sure[mine].mean()) * mine.mean())
    return round(error, 12)


def discrimination(scores: ArrayLike, hits: ArrayLike) -> float:
    """Probability that a case of the one kind gets the higher score (area under the ROC curve), ties counted half.

    Example:
        >>> discrimination([0.9, 0.8, 0.3, 0.1], [1, 0, 1, 0])
        0.75
    """
    from scipy.stats import rankdata

    is_hit = np.asarray(hits, dtype=float) > 0.5
    high, low = int(is_hit.sum()), int((~is_hit).sum())
    if not high or not low:
        return math.nan
    ranks = rankdata(np.asarray(scores, dtype=float))
    return float((ranks[is_hit].sum() - high * (high + 1) / 2) / (high * low))
