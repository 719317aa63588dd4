"""How far two are apart: by shares of letters, as published, and question by question."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from personae.canonical import derive_seed
from personae.papers.fair_pp.weights import NO_ANSWER, js_distance
from personae.stats import Estimate, cluster_mean
from personae.stats.bootstrap import interval_of_draws

Ints = NDArray[np.int64]
_DRAWS = 400
_ANSWERS = 3


def differing(first: Ints, second: Ints, clusters: Sequence[str]) -> Estimate:
    """Share of items that two answer differently, of those that both answered; places count alike.

    Example:
        >>> differing(np.array([0, 0, 2]), np.array([0, 1, 1]), ["x", "y", "z"]).estimate
        0.5
    """
    both = (first != NO_ANSWER) & (second != NO_ANSWER)
    values = np.where(both, (first != second).astype(float), np.nan)
    return _share(values, clusters)


def js_between(first: Ints, second: Ints, name: str) -> Estimate:
    """Jensen-Shannon distance of the shares of A, B and no answer, with an interval over items drawn again."""
    return js_to_all(first, [second], name)


def js_to_all(first: Ints, others: Sequence[Ints], name: str) -> Estimate:
    """Mean Jensen-Shannon distance of one to several; items are drawn again for all of them at once."""
    n = len(first)
    patterns, counts = np.unique(np.stack([first, *others]), axis=1, return_counts=True)
    value = _mean_distance(patterns, counts)
    rng = np.random.default_rng(derive_seed(0, "js", name))
    drawn = rng.multinomial(n, counts / n, size=_DRAWS)
    low, high = interval_of_draws(value, np.array([_mean_distance(patterns, row) for row in drawn]), 0.95)
    return Estimate(value, low, high, n, method=f"Jensen-Shannon distance of shares, {_DRAWS} resamples of items")


def differing_from_all(first: Ints, others: Sequence[Ints], clusters: Sequence[str]) -> Estimate:
    """Mean share of items that one answers differently from several, of those that both answered."""
    table = np.stack(others)
    both = (first != NO_ANSWER) & (table != NO_ANSWER)
    known = both.sum(axis=0)
    values = np.where(known > 0, ((table != first) & both).sum(axis=0) / np.maximum(known, 1), np.nan)
    return _share(values, clusters)


def _share(values: NDArray[np.float64], clusters: Sequence[str]) -> Estimate:
    found = cluster_mean(values, clusters)
    low, high = max(0.0, found.low), min(1.0, found.high)
    return replace(found, low=low, high=high, p_value=None, method="mean of places of group and problem, t")


def open_codes(codes: Ints) -> list[int | None]:
    """Codes with no answer as missing."""
    return [None if code == NO_ANSWER else code for code in codes.tolist()]


def _mean_distance(patterns: Ints, counts: NDArray[np.int64]) -> float:
    shares = [np.bincount(row, weights=counts, minlength=_ANSWERS)[:_ANSWERS] for row in patterns]
    return float(np.mean([js_distance(shares[0], one) for one in shares[1:]]))
