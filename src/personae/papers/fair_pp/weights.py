"""Tiers and weights of items: what sets a segment apart from the others counts more."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike, NDArray

from personae.errors import InputError

TIERS = 7
NO_ANSWER = 2


def tiers_of(answers: ArrayLike, target: int, *, as_published: bool = False) -> NDArray[np.int64]:
    """``1 +`` the number of other segments who answer an item differently from the target segment.

    As published, no answer (2) is an answer like A and B. Corrected, somebody without an answer does not differ, and
    an item that the target did not answer has tier 0: nothing can be learnt from it.

    Args:
        answers: Segments x items; 0, 1, or 2 for no answer.
        target: Row of the segment.
        as_published: How no answer is counted.

    Example:
        >>> tiers_of([[0, 0, 2], [1, 0, 0], [2, 0, 1]], 0).tolist()
        [2, 1, 0]
        >>> tiers_of([[0, 0, 2], [1, 0, 0], [2, 0, 1]], 0, as_published=True).tolist()
        [3, 1, 3]
    """
    table = np.asarray(answers, dtype=np.int64)
    differs = table != table[target]
    if not as_published:
        differs &= table != NO_ANSWER
    tiers: NDArray[np.int64] = 1 + differs.sum(axis=0)
    if not as_published:
        tiers = np.where(table[target] == NO_ANSWER, 0, tiers)
    return tiers


def tier_weights(
    tiers: ArrayLike, *, alpha: float = 1.0, beta: float = 1.0, as_published: bool = False
) -> Mapping[int, float]:
    """Weight of each tier: ``(k / 7) ** alpha * (1 / N_k) ** beta`` with N_k items in tier k.

    As published, weights of tiers sum to 1, so that the size of the loss changes with how items fall into tiers.
    Corrected, the mean weight of an item is 1, so that a learning rate means the same with weights and without. An
    empty tier has no weight; upstream code takes tiers by their place and shifts all weights where one is empty.

    Raises:
        InputError: If there are no items.

    Example:
        >>> {k: round(w, 3) for k, w in tier_weights([1, 1, 7], as_published=True).items()}
        {1: 0.067, 7: 0.933}
        >>> {k: round(w, 3) for k, w in tier_weights([1, 1, 7]).items()}
        {1: 0.188, 7: 2.625}
    """
    given = np.asarray(tiers, dtype=np.int64)
    given = given[given > 0]
    if not len(given):
        raise InputError("has no items", where="tiers", remedy="the target answered nothing")
    found, counts = np.unique(given, return_counts=True)
    raw = (found / TIERS) ** alpha * (1.0 / counts) ** beta
    scaled = raw / (raw.sum() if as_published else (raw * counts).sum() / counts.sum())
    return dict(zip(found.tolist(), scaled.tolist(), strict=True))


def js_distance(first: ArrayLike, second: ArrayLike) -> float:
    """Jensen-Shannon distance: the root of the divergence, natural logarithm; counts are scaled to shares.

    Example:
        >>> round(js_distance([1, 0, 0], [0, 1, 0]) ** 2, 4), js_distance([2, 2, 0], [1, 1, 0])
        (0.6931, 0.0)
    """
    p, q = (np.asarray(one, dtype=np.float64) for one in (first, second))
    if p.sum() <= 0 or q.sum() <= 0:
        return float("nan")
    p, q = p / p.sum(), q / q.sum()
    middle = (p + q) / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        parts = [np.where(one > 0, one * np.log(one / middle), 0.0).sum() for one in (p, q)]
    return float(np.sqrt(max(0.0, sum(parts) / 2)))
