"""Shaping: whether a score goes where the words of a prompt send it, how far, and whether anything else moves with it.

Levels are nine, as Serapio-García et al. (2023) set them, 5 in the middle; profiles put every trait at one of two
levels at once. The units are prompts: draws of one prompt are averaged first.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from personae.errors import InputError
from personae.persona import LEVELS, Persona, z_of_level
from personae.stats import Estimate, cluster_difference, dose_slope, monotone_fit, proportion, spearman

Floats = NDArray[np.float64]
LOW_LEVEL, HIGH_LEVEL = 1, LEVELS
"""Extremely low and extremely high: the two levels of concurrent shaping."""


@dataclass(frozen=True, slots=True)
class DoseResponse:
    """How a score follows nine levels of one trait."""

    rho: Estimate
    """Spearman correlation of level and score over prompts, as published."""
    slope: Estimate
    """Scale points a level, over the means of levels."""
    monotone: Estimate
    """Share of variance of these means that a curve explains which never falls."""
    reach: Estimate
    """Mean at the highest level minus that at the lowest, over prompts."""
    at_end: Estimate
    """Share of scores at the highest level that lie at the end of the scale: a ceiling hides how far they would go."""


def profile_personas(
    traits: Sequence[str], *, low: int = LOW_LEVEL, high: int = HIGH_LEVEL
) -> Iterator[tuple[str, dict[str, int], Persona]]:
    """Every combination of two levels of traits: its code, the level of each trait, and the persona.

    Five traits make 32 profiles. The code has a letter a trait, ``+`` for high.

    Example:
        >>> [code for code, _, _ in profile_personas(["big_five.openness", "big_five.neuroticism"])]
        ['--', '-+', '+-', '++']
    """
    for levels in itertools.product((low, high), repeat=len(traits)):
        code = "".join("+" if level == high else "-" for level in levels)
        chosen = dict(zip(traits, levels, strict=True))
        yield code, chosen, Persona(id=f"profile{code}", traits={t: z_of_level(level) for t, level in chosen.items()})


def dose_response(
    levels: ArrayLike, scores: ArrayLike, *, ceiling: float, clusters: Sequence[object] | None = None
) -> DoseResponse:
    """Describe how a score follows the level that was asked for.

    Args:
        levels: 1 to 9, one a prompt.
        scores: The score of each prompt; NaN is missing.
        ceiling: Highest score that the scale has.
        clusters: What prompts share besides the level, such as the biography; for the reach.

    Raises:
        InputError: If the two differ in length.

    Example:
        >>> found = dose_response([1, 3, 5, 7, 9], [1.2, 2.0, 3.1, 3.8, 4.6], ceiling=5)
        >>> found.rho.estimate, round(found.slope.estimate, 2)
        (1.0, 0.43)
    """
    x, y = np.asarray(levels, dtype=np.float64).ravel(), np.asarray(scores, dtype=np.float64).ravel()
    if len(x) != len(y):
        raise InputError(f"{len(x)} levels have {len(y)} scores", remedy="give one score a level; NaN is missing")
    known = np.isfinite(x) & np.isfinite(y)
    steps = np.unique(x[known])
    means = np.array([y[known & (x == step)].mean() for step in steps])
    top = known & (x == steps[-1]) if len(steps) else known
    bottom = known & (x == steps[0]) if len(steps) else known
    units = np.arange(len(x)) if clusters is None else np.array([str(one) for one in clusters])
    reach = cluster_difference(y[top], y[bottom], units[top].tolist(), units[bottom].tolist())
    if not math.isfinite(reach.estimate) and top.any() and bottom.any():
        difference = float(y[top].mean() - y[bottom].mean())
        reach = replace(reach, estimate=difference, note="one prompt a level: how far it may be off is unknown")
    return DoseResponse(
        spearman(x, y),
        dose_slope(steps, means),
        monotone_fit(steps, means),
        replace(reach, method=f"highest minus lowest level; {reach.method}"),
        proportion(int((y[top] >= ceiling).sum()), int(top.sum()), missing=int((~known).sum())),
    )


def separation(is_high: ArrayLike, scores: ArrayLike, *, clusters: Sequence[object] | None = None) -> Estimate:
    """Mean score of prompts that ask for much of a trait minus that of prompts that ask for little.

    When to use: concurrent shaping, on a trait's own scale (it should be large) and on the others' (crosstalk: it
    should be 0, as the other traits are balanced over profiles).

    Raises:
        InputError: If the two differ in length.
    """
    high, y = np.asarray(is_high, dtype=bool).ravel(), np.asarray(scores, dtype=np.float64).ravel()
    if len(high) != len(y):
        raise InputError(f"{len(high)} prompts have {len(y)} scores", remedy="give one score a prompt")
    units = np.arange(len(y)) if clusters is None else np.array([str(one) for one in clusters])
    return cluster_difference(y[high], y[~high], units[high].tolist(), units[~high].tolist())


def transfer(first: ArrayLike, second: ArrayLike) -> Estimate:
    """Whether levels that move one instrument move another alike: Spearman correlation of their scores over prompts.

    When to use: levels set by the words of one instrument or renderer, scored on another. High transfer speaks against
    an instrument that only reads its own words back.

    Raises:
        InputError: If the two differ in length.

    Example:
        >>> transfer([1, 2, 3, 4, 5], [2, 3, 5, 7, 9]).estimate
        1.0
    """
    return spearman(first, second)


def level_means(levels: ArrayLike, scores: ArrayLike) -> dict[int, float]:
    """Mean score of each level; NaN where a level has none."""
    x, y = np.asarray(levels, dtype=np.int64).ravel(), np.asarray(scores, dtype=np.float64).ravel()
    found = {}
    for level in sorted({int(one) for one in x}):
        known = y[(x == level) & np.isfinite(y)]
        found[level] = float(known.mean()) if len(known) else math.nan
    return found
