"""The graded response model: how likely each option is, given the trait, the item and the planted biases."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache

_FIRST_THRESHOLD = -1.5
_LAST_THRESHOLD = 1.5
_MOST_LOGIT = 700.0  # beyond it exp() overflows, and no probability changes any more


@lru_cache(maxsize=65_536)
def category_probabilities(
    theta: float, discrimination: float, difficulty: float, categories: int, temperature: float
) -> tuple[float, ...]:
    """Probabilities of ordered categories (Samejima, 1969).

    ``P(X >= k) = 1 / (1 + exp(-a * (theta - d - b_k)))`` with thresholds b_k spaced evenly from -1.5 to 1.5 SD.
    ``temperature`` sharpens or flattens as a language model's does: ``p ** (1 / T)``, renormalised; 0 leaves the mode
    alone.

    Example:
        >>> [round(p, 2) for p in category_probabilities(0.0, 2.0, 0.0, 5, 1.0)]
        [0.05, 0.22, 0.46, 0.22, 0.05]
        >>> category_probabilities(2.0, 2.0, 0.0, 5, 0.0)
        (0.0, 0.0, 0.0, 0.0, 1.0)
    """
    if categories == 1:
        return (1.0,)
    above = [1.0]
    for k in range(categories - 1):
        share = k / (categories - 2) if categories > 2 else 0.5
        threshold = _FIRST_THRESHOLD + (_LAST_THRESHOLD - _FIRST_THRESHOLD) * share
        above.append(_logistic(discrimination * (theta - difficulty - threshold)))
    above.append(0.0)
    return heated(tuple(above[k] - above[k + 1] for k in range(categories)), temperature)


def heated(probabilities: Sequence[float], temperature: float) -> tuple[float, ...]:
    """Probabilities at another temperature; 0 puts everything on the mode (the first of equals)."""
    if temperature == 1.0:
        return tuple(probabilities)
    most = max(probabilities)
    if temperature <= 0.0:
        mode = list(probabilities).index(most)
        return tuple(1.0 if k == mode else 0.0 for k in range(len(probabilities)))
    weights = [math.exp(math.log(p / most) / temperature) if p > 0.0 else 0.0 for p in probabilities]
    total = sum(weights)
    return tuple(weight / total for weight in weights)


def biased(
    probabilities: Sequence[float],
    positions: Sequence[int],
    *,
    order_bias: float = 0.0,
    noise: float = 0.0,
    temperature: float = 1.0,
) -> tuple[float, ...]:
    """Add a preference for options listed early, the temperature, and draws that ignore the trait, in this order.

    The preference is part of what the respondent finds likely, as it is of a language model's logits, so that it holds
    at temperature 0 too; noise is a slip of the pen that no temperature cures.

    Args:
        probabilities: Of the categories, by rising agreement, at temperature 1.
        positions: Where each category was listed, 0 first.
        order_bias: Log-odds of the first listed option against the last.
        noise: Share drawn evenly from all options.
        temperature: Sharpens or flattens; see :func:`heated`.
    """
    count = len(probabilities)
    if order_bias and count > 1:
        logits = [order_bias * (0.5 - position / (count - 1)) for position in positions]
        most = max(logits)
        weights = [p * math.exp(logit - most) for p, logit in zip(probabilities, logits, strict=True)]
        total = sum(weights)
        # A bias that leaves nothing of the options the trait knows of has won.
        probabilities = [w / total for w in weights] if total else [float(logit == most) for logit in logits]
    probabilities = heated(probabilities, temperature)
    if noise:
        probabilities = [(1.0 - noise) * p + noise / count for p in probabilities]
    return tuple(probabilities)


def draw(probabilities: Sequence[float], uniform: float) -> int:
    """The category that a uniform number falls into; never one of probability 0."""
    total = 0.0
    last = 0
    for category, p in enumerate(probabilities):
        if p > 0.0:
            total += p
            last = category
            if uniform < total:
                return category
    return last


def _logistic(logit: float) -> float:
    return 1.0 / (1.0 + math.exp(max(-_MOST_LOGIT, min(_MOST_LOGIT, -logit))))
