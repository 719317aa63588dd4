"""A population seen: how a column is distributed, and where people lie beside each other."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from personae.population import MarginReport, margin_errors
from personae.stats.raking import effective_n

MOST_POINTS = 5000
_MOST_BINS = 30
_MOST_CATEGORIES = 100
_MOST_LEVELS = 20
"""Categories of a column that the map tells apart; columns with more (names, free texts) are left out of it."""


def distribution_of(
    column: str,
    kind: str,
    values: Sequence[Any],
    targets: Mapping[str, float],
    weights: NDArray[np.float64] | None = None,
) -> dict[str, Any]:
    """How a column is distributed: bins of numbers (as many as the root of their count, 30 at most), or categories.

    Counts are of people, shares are weighted where there are weights. The standard deviation is that of a sample, with
    the effective n in place of n (Kish, 1965). Where shares are wanted, each category has Wilson's interval at the
    effective n, and ``total_variation`` is the share of people who would have to change.
    """
    is_known = np.array([value is not None for value in values], dtype=bool)
    known = [value for value in values if value is not None]
    own = np.ones(len(known)) if weights is None else weights[is_known]
    total = float(own.sum()) or 1.0
    n = effective_n(own) if len(known) else 0.0
    told: dict[str, Any] = {
        "column": column, "kind": kind, "n": len(known), "missing": len(values) - len(known), "bins": None,
        "categories": None, "mean": None, "sd": None, "effective_n": round(n, 2), "is_weighted": weights is not None,
        "total_variation": None,
    }  # fmt: skip
    if kind == "number":
        numbers = np.array(known, dtype=float)
        if len(numbers):
            edges = np.histogram_bin_edges(numbers, bins=max(1, min(_MOST_BINS, math.isqrt(len(numbers)))))
            counts, shares = np.histogram(numbers, bins=edges)[0], np.histogram(numbers, bins=edges, weights=own)[0]
            told["bins"] = [
                {"low": float(low), "high": float(high), "count": int(count), "share": float(share) / total}
                for low, high, count, share in zip(edges[:-1], edges[1:], counts, shares, strict=True)
            ]
            mean = float(numbers @ own) / total
            told["mean"] = mean
            told["sd"] = math.sqrt(float((numbers - mean) ** 2 @ own) / total * n / (n - 1)) if n > 1 else None
        return told
    texts = list(map(str, known))
    counted, shared = Counter(texts), Counter[str]()
    for text, weight in zip(texts, own.tolist(), strict=True):
        shared[text] += weight
    for value in targets:
        counted.setdefault(value, 0)
    margins = _margins(texts, own, targets)
    told["total_variation"] = margins.total_variation("column") if margins else None
    bounds = {row.value: (row.reached.low, row.reached.high) for row in margins.rows} if margins else {}
    told["categories"] = [
        {
            "value": value,
            "count": count,
            "share": shared[value] / total if known else 0.0,
            "target": targets.get(value),
            "low": bounds[value][0] if value in bounds else None,
            "high": bounds[value][1] if value in bounds else None,
        }
        for value, count in counted.most_common(_MOST_CATEGORIES)
    ]
    return told


def _margins(texts: Sequence[str], weights: NDArray[np.float64], targets: Mapping[str, float]) -> MarginReport | None:
    if not targets or not texts:
        return None
    import polars as pl

    return margin_errors(pl.DataFrame({"column": texts, "weight": weights}), {"column": targets})


def map_of(
    rows: Sequence[tuple[str, Mapping[str, Any]]], columns: Mapping[str, Mapping[str, Any]], color: str
) -> dict[str, Any]:
    """Where people lie on the first two principal components of all columns.

    Numbers are standardised, categories of at most twenty levels become indicators divided by the root of their number,
    missing values are the mean. The note says how much of the variance the map shows: a small share means that those
    who lie beside each other may differ.
    """
    points = _features([row for _, row in rows], columns)
    share = 0.0
    place = np.zeros((len(rows), 2))
    if points.shape[1] and len(rows) > 1:
        centred = points - points.mean(axis=0)
        left, sizes, _ = np.linalg.svd(centred, full_matrices=False)
        width = min(2, len(sizes))
        place[:, :width] = left[:, :width] * sizes[:width]
        total = float((sizes**2).sum())
        share = float((sizes[:width] ** 2).sum()) / total if total else 0.0
    return {
        "method": "principal components of standardised columns",
        "note": f"shows {share:.0%} of the variance of {points.shape[1]} features",
        "points": [
            {"id": person, "x": float(x), "y": float(y), "color": row.get(color) if color else None}
            for (person, row), (x, y) in zip(rows, place, strict=True)
        ],
    }


def sample_numbers(size: int) -> list[int]:
    """Numbers of the people that a map shows: all, or the same random ones every time."""
    if size <= MOST_POINTS:
        return list(range(1, size + 1))
    chosen = np.random.default_rng(0).choice(size, MOST_POINTS, replace=False)
    return [int(number) + 1 for number in np.sort(chosen)]


def _features(rows: Sequence[Mapping[str, Any]], columns: Mapping[str, Mapping[str, Any]]) -> NDArray[np.float64]:
    found: list[NDArray[np.float64]] = []
    for name, column in columns.items():
        values = [row.get(name) for row in rows]
        if column["kind"] == "number":
            numbers = np.array([math.nan if value is None else float(value) for value in values])
            known = numbers[np.isfinite(numbers)]
            spread = known.std() if len(known) else 0.0
            if spread > 0:
                found.append(np.where(np.isfinite(numbers), (numbers - known.mean()) / spread, 0.0))
            continue
        levels = sorted({str(value) for value in values if value is not None})
        if 1 < len(levels) <= _MOST_LEVELS:
            told = [None if value is None else str(value) for value in values]
            found += [np.array([float(value == level) for value in told]) / math.sqrt(len(levels)) for level in levels]
    return np.array(found).T if found else np.zeros((len(rows), 0))
