"""Answers drawn from a graded response model whose parameters are known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Planted:
    """Answers and what they were drawn from."""

    answers: Floats
    """Respondents by items, 1 to 5."""
    discriminations: Floats
    thresholds: Floats
    traits: Floats


def draw_parameters(items: int, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Discriminations between .8 and 2.2, and four thresholds an item."""
    a = rng.uniform(0.8, 2.2, items)
    b = np.sort(rng.normal(0, 0.4, (items, 1)) + np.linspace(-1.5, 1.5, 4) + rng.normal(0, 0.1, (items, 4)), axis=1)
    return a, b


def draw_answers(
    respondents: int,
    items: int,
    rng: np.random.Generator,
    *,
    parameters: tuple[Floats, Floats] | None = None,
    shift: float = 0.0,
) -> Planted:
    """Answers of respondents whose trait is normal around ``shift``."""
    a, b = parameters if parameters is not None else draw_parameters(items, rng)
    traits = rng.normal(shift, 1, respondents)
    above = 1 / (1 + np.exp(-a[:, None] * (traits[:, None, None] - b)))
    answers = 1.0 + (rng.random((respondents, items))[:, :, None] < above).sum(axis=-1)
    return Planted(answers, a, b, traits)
