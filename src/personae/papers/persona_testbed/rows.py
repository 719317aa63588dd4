"""How choices and verdicts of the table are read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

Row = Mapping[str, Any]


def once(chosen: Sequence[int] | None) -> int | None:
    """The choice in the first order; nothing if it could not be read."""
    return None if not chosen or chosen[0] < 0 else chosen[0]


def share(chosen: Sequence[int] | None) -> float:
    """1 if the right answer is chosen in both orders, 0 if the other one, one half if it depends on the order.

    Example:
        >>> share([1, 1]), share([1, 0]), share([1, -1])
        (1.0, 0.5, nan)
    """
    return float(np.mean(chosen)) if chosen and min(chosen) >= 0 else float("nan")


def verdict(is_so: bool | None) -> float:
    """1 or 0; NaN if there is none."""
    return float("nan") if is_so is None else float(is_so)


def by_person(rows: Sequence[Row], column: str, reading: Callable[[Any], float]) -> dict[int, float]:
    """Mean of a column for each person who is in the rows; NaN if nothing of it can be read."""
    found: dict[int, list[float]] = {}
    for row in rows:
        found.setdefault(row["person"], []).append(reading(row.get(column)))
    return {
        person: float(np.nanmean(values)) if np.isfinite(values).any() else float("nan")
        for person, values in found.items()
    }
