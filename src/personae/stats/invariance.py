"""Measurement invariance: whether a scale measures the same thing in the same way in several groups.

Groups may be people and models, languages, or the same respondents asked under several prompt templates.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from personae.errors import InputError
from personae.stats.effects import check_level
from personae.stats.estimate import Estimate
from personae.stats.factor_groups import GroupFit, Moments, chi_squared_of_independence, fit_groups
from personae.stats.multiplicity import holm
from personae.stats.samples import Clusters, Floats, cluster_codes, take_rows

Step = Literal["configural", "metric", "scalar"]
STEPS: tuple[Step, ...] = ("configural", "metric", "scalar")
LEAST_PER_GROUP = 100
MOST_LOSS_OF_CFI = 0.010
"""Fall of CFI from one step to the next beyond which it is not held (Cheung & Rensvold, 2002)."""


@dataclass(frozen=True, slots=True)
class InvarianceStep:
    """One model of the sequence, and what it costs against the one before."""

    name: Step
    chi_squared: float
    df: int
    rmsea: Estimate
    """With its 90 % interval (Steiger, 1990), scaled for the number of groups; p of exact fit."""
    cfi: float
    loss_of_cfi: float
    """Fall from the step before; NaN for the first."""
    p_value: float | None
    """Of the chi-squared difference to the step before; by permutation if it was asked for."""
    is_held: bool
    """Whether the step costs no more than it may: CFI falls by .010 at most, or the difference is not significant."""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Invariance:
    """The sequence of steps, and the items that break them."""

    steps: tuple[InvarianceStep, ...]
    groups: tuple[str, ...]
    n: int
    missing: int
    loadings: Floats
    """Groups by items, of the configural model."""
    intercepts: Floats
    broken_by: tuple[tuple[int, Step, float], ...]
    """Items whose freed loading (metric) or intercept (scalar) improves the model, and p corrected over items."""

    @property
    def reached(self) -> Step | Literal["none"]:
        """The highest step that is held with all before it. Means may be compared only where it is ``scalar``."""
        found: Step | Literal["none"] = "none"
        for step in self.steps:
            if not step.is_held:
                break
            found = step.name
        return found


def measurement_invariance(
    matrix: ArrayLike,
    groups: Sequence[object],
    *,
    clusters: Clusters | None = None,
    permutations: int = 0,
    rng: np.random.Generator | None = None,
    alpha: float = 0.05,
) -> Invariance:
    """Fit one factor in all groups with nothing, loadings, then intercepts equal, and test each step.

    Answers are taken as interval-scaled, which five options bear (Rhemtulla et al., 2012); multi-group maximum
    likelihood. The chi-squared difference supposes normal answers and independent groups. ``permutations`` replace its
    distribution by that over exchanged group labels (Jorgensen et al., 2018), which supposes neither; with ``clusters``
    labels are exchanged within them, as is right where each respondent is in every group.

    Configural holds if RMSEA is .08 at most or its interval reaches below .05. A step holds unless the test rejects it
    and CFI falls by more than .010: with many respondents a test alone rejects what does not matter.

    Args:
        matrix: Respondents by items of one scale, reverse-keyed; rows that miss an answer are set aside.
        groups: Which group each row is in.
        clusters: What rows share; only with permutations.
        permutations: How often labels are exchanged; 0 uses the chi-squared distribution.
        rng: Source of the permutations.
        alpha: Level of each test.

    Raises:
        InputError: If there are fewer than two groups or three items, a group has fewer than 100 rows, an item is
            constant in a group, or clusters come without permutations.
    """
    check_level(1 - alpha)
    rows, kept, missing = take_rows(matrix)
    if len(groups) != len(kept):
        raise InputError(f"{len(kept)} rows have {len(groups)} groups", remedy="give one group a row")
    _check_clusters(clusters, permutations)
    named = [str(group) for group, there in zip(groups, kept, strict=True) if there]
    names = tuple(dict.fromkeys(named))
    codes = np.array([names.index(name) for name in named], dtype=np.int64)
    _check(rows, codes, names)
    if permutations and rng is None:
        raise InputError("permutations need an rng", remedy="pass rng=np.random.default_rng(seed)")
    moments = [Moments.of(rows[codes == group]) for group in range(len(names))]
    fits = _sequence(moments)
    p_values = _p_values(fits)
    if permutations and rng is not None:
        within = None if clusters is None else cluster_codes(len(kept), clusters, kept)
        p_values = _permuted(rows, codes, within, fits, permutations, rng)
    steps = _judge(moments, fits, p_values, alpha, permutations)
    broken = _culprits(moments, fits, steps)
    return Invariance(steps, names, len(rows), missing, fits[0].loadings, fits[0].intercepts, broken)


def _check_clusters(clusters: Clusters | None, permutations: int) -> None:
    if clusters is not None and not permutations:
        raise InputError("the chi-squared test knows no clusters", remedy="ask for permutations, 200 or more")


def _check(rows: Floats, codes: NDArray[np.int64], names: Sequence[str]) -> None:
    if len(names) < 2:
        raise InputError("one group cannot differ from another", remedy="give rows of two groups")
    if rows.shape[1] < 3:
        raise InputError("a factor needs three items", remedy="give respondents by items")
    for group, name in enumerate(names):
        mine = rows[codes == group]
        if len(mine) < LEAST_PER_GROUP:
            raise InputError(
                f"has {len(mine)} respondents", where=f"group {name}", remedy=f"ask {LEAST_PER_GROUP} at least"
            )
        if (np.ptp(mine, axis=0) == 0).any():
            raise InputError("answers an item all alike", where=f"group {name}", remedy="leave the item out")


def _sequence(moments: list[Moments]) -> tuple[GroupFit, GroupFit, GroupFit]:
    every = np.ones(len(moments[0].mean), dtype=np.bool_)
    configural = fit_groups(moments)
    metric = fit_groups(moments, equal_loadings=every)
    scalar = fit_groups(moments, equal_loadings=every, equal_intercepts=every)
    return configural, metric, scalar


def _p_values(fits: Sequence[GroupFit]) -> list[float | None]:
    from scipy.special import chdtrc

    found: list[float | None] = [None]
    for before, after in itertools.pairwise(fits):
        found.append(float(chdtrc(after.df - before.df, max(0.0, after.chi_squared - before.chi_squared))))
    return found


def _permuted(
    rows: Floats,
    codes: NDArray[np.int64],
    within: NDArray[np.int64] | None,
    fits: Sequence[GroupFit],
    permutations: int,
    rng: np.random.Generator,
) -> list[float | None]:
    """Share of relabelled samples in which a step costs as much."""
    observed = np.array([after.chi_squared - before.chi_squared for before, after in itertools.pairwise(fits)])
    count = int(codes.max()) + 1
    order = None if within is None else np.argsort(within, kind="stable")
    beyond = np.ones(len(observed))
    for _ in range(permutations):
        if within is None or order is None:
            shuffled = rng.permutation(codes)
        else:
            shuffled = codes.copy()
            keys = np.lexsort((rng.random(len(codes)), within))
            shuffled[order] = codes[keys]
        moments = [Moments.of(rows[shuffled == group]) for group in range(count)]
        drawn = _sequence(moments)
        costs = [after.chi_squared - before.chi_squared for before, after in itertools.pairwise(drawn)]
        beyond += np.array(costs) >= observed
    return [None, *(float(share) for share in beyond / (permutations + 1))]


def _judge(
    moments: list[Moments],
    fits: Sequence[GroupFit],
    p_values: Sequence[float | None],
    alpha: float,
    permutations: int,
) -> tuple[InvarianceStep, ...]:
    n = sum(one.n for one in moments)
    null, null_df = chi_squared_of_independence(moments)
    steps: list[InvarianceStep] = []
    for name, fit, p in zip(STEPS, fits, p_values, strict=True):
        misfit, null_misfit = max(fit.chi_squared - fit.df, 0.0), max(null - null_df, 1e-9)
        cfi = max(0.0, 1.0 - misfit / max(null_misfit, misfit))
        loss = steps[-1].cfi - cfi if steps else math.nan
        rmsea = _rmsea(fit, n, len(moments))
        if not steps:
            is_held = rmsea.estimate <= 0.08 or rmsea.low < 0.05
        else:
            is_held = p is None or p >= alpha or loss <= MOST_LOSS_OF_CFI
        notes = ["" if fit.is_converged else "did not converge", "Heywood case" if fit.is_heywood else ""]
        if steps and permutations:
            notes.append(f"p over {permutations} permutations")
        note = "; ".join(part for part in notes if part)
        steps.append(InvarianceStep(name, fit.chi_squared, fit.df, rmsea, cfi, loss, p, is_held, note))
    return tuple(steps)


def _rmsea(fit: GroupFit, n: int, groups: int) -> Estimate:
    from scipy.special import chdtrc

    method = "RMSEA, noncentral chi-squared interval"
    if fit.df < 1:
        nan = math.nan
        return Estimate(0.0, nan, nan, n, level=0.9, method=method, note="no degrees of freedom: the model fits always")
    low, high = (_noncentrality(fit.chi_squared, fit.df, tail) for tail in (0.95, 0.05))
    unit = math.sqrt(groups / (fit.df * n))
    value = math.sqrt(max(fit.chi_squared - fit.df, 0.0)) * unit
    p = float(chdtrc(fit.df, fit.chi_squared))
    return Estimate(value, math.sqrt(low) * unit, math.sqrt(high) * unit, n, 0, 0.9, method, p_value=p)


def _noncentrality(chi_squared: float, df: int, tail: float) -> float:
    """Noncentrality at which a value this small has probability ``tail``; 0 where none has."""
    from scipy.optimize import brentq
    from scipy.special import chndtr

    if chndtr(chi_squared, df, 0.0) <= tail:
        return 0.0
    high = chi_squared + 10.0
    while chndtr(chi_squared, df, high) > tail:
        high *= 2
    return float(brentq(lambda value: chndtr(chi_squared, df, value) - tail, 0.0, high))


def _culprits(
    moments: list[Moments], fits: Sequence[GroupFit], steps: Sequence[InvarianceStep]
) -> tuple[tuple[int, Step, float], ...]:
    """Items whose freed parameter improves a step that is not held."""
    from scipy.special import chdtrc

    width = len(moments[0].mean)
    every = np.ones(width, dtype=np.bool_)
    for place, step in enumerate(steps[1:], start=1):
        if step.is_held:
            continue
        p_values: list[float | None] = []
        for item in range(width):
            free = every.copy()
            free[item] = False
            fit = fit_groups(
                moments,
                equal_loadings=free if step.name == "metric" else every,
                equal_intercepts=free if step.name == "scalar" else None,
            )
            gain = max(0.0, fits[place].chi_squared - fit.chi_squared)
            p_values.append(float(chdtrc(max(fits[place].df - fit.df, 1), gain)))
        adjusted = holm(p_values)
        found = [(item, step.name, p) for item, p in enumerate(adjusted) if p is not None and p < 0.05]
        return tuple(sorted(found, key=lambda one: one[2]))
    return ()
