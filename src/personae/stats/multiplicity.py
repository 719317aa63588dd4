"""Correcting p values for how much was tested."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Literal

from personae.errors import InputError

Method = Literal["holm", "bh"]
PValues = Sequence[float | None]
"""p values; ``None`` and NaN are tests that could not be made. They stay as they are and do not count."""


def holm(p_values: PValues) -> list[float | None]:
    """Adjust for the chance of any false claim (Holm, 1979).

    Raises:
        InputError: If a value is not between 0 and 1.

    Example:
        >>> holm([0.01, 0.04, None, 0.03])
        [0.03, 0.06, None, 0.06]
    """
    order = _order(p_values)
    adjusted = list(p_values)
    largest = 0.0
    for rank, index in enumerate(order):
        largest = max(largest, min(1.0, (len(order) - rank) * _value(p_values, index)))
        adjusted[index] = largest
    return adjusted


def benjamini_hochberg(p_values: PValues) -> list[float | None]:
    """Adjust for the share of false claims among all claims (Benjamini & Hochberg, 1995).

    Raises:
        InputError: If a value is not between 0 and 1.

    Example:
        >>> benjamini_hochberg([0.01, 0.04, None, 0.03])
        [0.03, 0.04, None, 0.04]
    """
    order = _order(p_values)
    adjusted = list(p_values)
    smallest = 1.0
    for rank in range(len(order), 0, -1):
        index = order[rank - 1]
        smallest = min(smallest, len(order) * _value(p_values, index) / rank)
        adjusted[index] = smallest
    return adjusted


def adjust_families(
    families: Mapping[str, PValues], *, methods: Mapping[str, Method] | None = None
) -> dict[str, list[float | None]]:
    """Adjust each family of tests by its own method, then for the number of families.

    When to use: when one report makes several kinds of claims. Each family is adjusted on its own, so that a long list
    of exploratory tests does not drown five confirmatory ones; multiplying by the number of families (Bonferroni)
    keeps the chance of any false claim in the whole report at the level of one family if nothing is true. Families
    without a test that was made do not count.

    Args:
        families: p values by family.
        methods: ``holm`` (the default) or ``bh``, by family.

    Raises:
        InputError: If a value is not between 0 and 1, or a method is unknown.

    Example:
        >>> adjust_families({"effects": [0.01, 0.5], "language": [0.04]})["effects"]
        [0.04, 1.0]
    """
    chosen = methods or {}
    for name, method in chosen.items():
        if method not in ("holm", "bh"):
            raise InputError(f"method {method!r} is unknown", where=name, remedy="it is holm or bh")
    adjust = {"holm": holm, "bh": benjamini_hochberg}
    count = sum(bool(_order(p_values)) for p_values in families.values())
    return {
        name: [
            p if p is None or math.isnan(p) else min(1.0, p * count) for p in adjust[chosen.get(name, "holm")](p_values)
        ]
        for name, p_values in families.items()
    }


def _order(p_values: PValues) -> list[int]:
    made = [index for index, p in enumerate(p_values) if p is not None and not math.isnan(p)]
    for index in made:
        if not 0 <= _value(p_values, index) <= 1:
            raise InputError(
                f"{p_values[index]} is no p value", where=f"place {index}", remedy="give values from 0 to 1"
            )
    return sorted(made, key=lambda index: _value(p_values, index))


def _value(p_values: PValues, index: int) -> float:
    p = p_values[index]
    return 1.0 if p is None else p
