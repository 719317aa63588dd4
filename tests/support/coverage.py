"""Values to test, and how often an interval holds the truth."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from hypothesis import strategies as st

from personae.stats import (
    Estimate,
)

A = [4.0, 5.0, 6.0, 5.0, 8.0, 2.0]


B = [1.0, 2.0, 3.0, 2.0]


VALUES = st.lists(st.integers(-20, 20).map(lambda value: value / 2), min_size=2, max_size=15)


LIKERT = (
    ((0.1, 0.2, 0.3, 0.25, 0.15), (0.4, 0.3, 0.2, 0.07, 0.03)),
    ((0.01, 0.04, 0.1, 0.25, 0.6), (0.85, 0.1, 0.03, 0.015, 0.005)),
)


def coverage(draw: Callable[[np.random.Generator], Estimate], truth: float, *, times: int = 4000) -> float:
    """Share of intervals that hold the truth."""
    rng = np.random.default_rng(22)
    found = [draw(rng) for _ in range(times)]
    return float(np.mean([one.low <= truth <= one.high for one in found]))


def is_nan(*values: float | None) -> bool:
    return all(value is not None and math.isnan(value) for value in values)
