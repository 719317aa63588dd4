"""ω hierarchical: how much of a scale's score is one general factor, and how much are groups of items."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from personae.errors import InputError
from personae.stats.effects import check_level
from personae.stats.estimate import Estimate
from personae.stats.factor import one_factor
from personae.stats.samples import Clusters, Floats, cluster_codes, take_rows, undefined

_STEPS = 200
_STARTS = 4
_MOST_NEWTON = 100
_PRECISION = 1e-6
_LEAST_UNIQUE = 0.005


class SchmidLeiman(NamedTuple):
    """A general factor, group factors that are independent of it, and what is left."""

    general: Floats
    """Loading of each item on the general factor, in units of the item."""
    groups: Floats
    """Items by group factors."""
    unique: Floats


class Omegas(NamedTuple):
    """What follows from a hierarchical solution."""

    hierarchical: Estimate
    """Share of the score's variance that is the general factor."""
    total: Estimate
    """Share that is any common factor."""


def omega_hierarchical(
    matrix: ArrayLike,
    *,
    rng: np.random.Generator,
    factors: int = 3,
    clusters: Clusters | None = None,
    resamples: int = 200,
    level: float = 0.95,
) -> Omegas:
    """ω hierarchical and total from a Schmid-Leiman solution (Zinbarg et al., 2005; Revelle & Condon, 2019).

    Group factors are extracted by minimum residuals and rotated obliquely (oblimin); a factor of their correlations is
    the general one. A score whose ω hierarchical is far below its ω total mixes several things, however high its α.
    Where there is no general factor the estimate is somewhat above 0: some axis always correlates most.

    With two group factors the general one is not determined by their one correlation; it is taken to load on both
    alike, as R's ``psych`` does.

    Args:
        matrix: Respondents by items, reverse-keyed; rows that miss an answer are set aside.
        rng: Source of the resamples.
        factors: Group factors: the facets of the scale, where it has them; three are usual where it has not. At least
            three items each.
        clusters: What respondents share; they are resampled whole.
        resamples: Samples of the bootstrap; its interval is corrected for bias.
        level: Coverage of the interval.

    Raises:
        InputError: If there are fewer than two factors, or not one cluster a respondent.
    """
    check_level(level)
    if factors < 2:
        raise InputError("one group factor is no group", remedy="ask for two or more, or use mcdonald_omega")
    rows, kept, missing = take_rows(matrix)
    codes = cluster_codes(len(kept), clusters, kept)
    count = int(codes.max(initial=-1)) + 1
    unit = "respondents" if clusters is None else "clusters"
    method = f"Schmid-Leiman of {factors} minimum-residual oblimin factors, bootstrap over {count} {unit}"
    conventions = ("missing_items=listwise", f"factors={factors}")
    fault = _fault(rows, factors, count)
    if fault:
        empty = undefined(fault, n=len(rows), missing=missing, method=method, conventions=conventions)
        return Omegas(empty, empty)
    covariance = np.cov(rows, rowvar=False)
    whole = _omegas(covariance, schmid_leiman(covariance, factors))
    near = _solution(covariance, factors)[0]
    units = [np.flatnonzero(codes == one) for one in range(count)]
    draws = []
    for _ in range(resamples):
        chosen = np.concatenate([units[one] for one in rng.integers(count, size=count)])
        if (np.ptp(rows[chosen], axis=0) > 0).all():
            drawn = np.cov(rows[chosen], rowvar=False)
            draws.append(_omegas(drawn, schmid_leiman(drawn, factors, near=near)))
    table = np.array(draws).reshape(-1, 2)
    found = []
    for place, value in enumerate(whole):
        low, high = _interval(value, table[:, place], level)
        note = "" if math.isfinite(low) else "no interval: most resamples have a constant item"
        found.append(Estimate(value, low, high, len(rows), missing, level, method, conventions, note=note))
    return Omegas(*found)


def _interval(value: float, draws: Floats, level: float) -> tuple[float, float]:
    """Normal interval on ``log(1 - value)`` that takes off the bias of the draws: samples find too little in common."""
    from scipy.special import ndtri

    usable = draws[np.isfinite(draws) & (draws < 1.0)]
    if len(usable) < 20 or not value < 1.0:
        return math.nan, math.nan
    scaled, centre = np.log(1.0 - usable), math.log(1.0 - value)
    middle = 2 * centre - float(scaled.mean())
    half = float(ndtri((1 + level) / 2)) * float(scaled.std(ddof=1))
    return 1.0 - math.exp(middle + half), 1.0 - math.exp(middle - half)


def schmid_leiman(covariance: Floats, factors: int, *, near: Floats | None = None) -> SchmidLeiman:
    """Split a covariance matrix into a general factor and group factors (Schmid & Leiman, 1957).

    Args:
        covariance: Of the items.
        factors: Group factors, two or more.
        near: A pattern from which the rotation starts, as that of the whole sample for a resample; else several starts.

    Example:
        >>> general, group = np.full(9, 0.6), np.kron(np.eye(3), np.full((3, 1), 0.5))
        >>> sigma = np.outer(general, general) + group @ group.T
        >>> np.fill_diagonal(sigma, 1.0)
        >>> np.round(schmid_leiman(sigma, 3).general, 2)
        array([0.6, 0.6, 0.6, 0.6, 0.6, 0.6, 0.6, 0.6, 0.6])
    """
    pattern, between = _solution(covariance, factors, near)
    scale = np.sqrt(np.diag(covariance))
    if factors == 2:
        above = np.full(2, math.sqrt(max(float(between[0, 1]), 0.0)))
    else:
        above = np.clip(one_factor(between[None])[0][0], 0.0, 1.0)
    general = pattern @ above
    groups = pattern * np.sqrt(np.clip(1.0 - above**2, 0.0, 1.0))
    common = general**2 + (groups**2).sum(axis=1)
    if general.sum() < 0:
        general = -general
    return SchmidLeiman(general * scale, groups * scale[:, None], np.clip(1.0 - common, 0.0, 1.0) * scale**2)


def _solution(covariance: Floats, factors: int, near: Floats | None = None) -> tuple[Floats, Floats]:
    """Pattern of the rotated factors and their correlations."""
    scale = np.sqrt(np.diag(covariance))
    return _rotate(_minimum_residual(covariance / np.outer(scale, scale), factors), near)


def _omegas(covariance: Floats, solution: SchmidLeiman) -> tuple[float, float]:
    total = float(covariance.sum())
    if not total > 0:
        return math.nan, math.nan
    return float(solution.general.sum() ** 2) / total, 1.0 - float(solution.unique.sum()) / total


def _fault(rows: Floats, factors: int, units: int) -> str:
    items = rows.shape[1]
    if items < 3 * factors:
        return f"{factors} group factors need {3 * factors} items, there are {items}"
    if len(rows) <= items:
        return "not more respondents than items"
    if (np.ptp(rows, axis=0) == 0).any():
        return "an item was answered alike by everyone"
    return "fewer than three clusters" if units < 3 else ""


def _minimum_residual(correlation: Floats, factors: int) -> Floats:
    """Unrotated loadings that leave the smallest squares off the diagonal (Harman & Jones, 1966)."""
    width = len(correlation)
    unique = np.clip(1.0 / np.diag(np.linalg.pinv(correlation)), 0.05, 0.95)
    value, slope, discarded = _residuals(correlation, unique, factors)
    for _ in range(_MOST_NEWTON):
        # Second derivatives as Jöreskog (1977) approximates them; an item that is held at a bound stays out.
        held = ((unique <= _LEAST_UNIQUE) & (slope > 0)) | ((unique >= 1.0) & (slope < 0))
        free = np.flatnonzero(~held)
        if not len(free) or np.abs(slope[free]).max() < _PRECISION:
            break
        curvature = (discarded @ discarded.T)[np.ix_(free, free)] ** 2 + 1e-9 * np.eye(len(free))
        step = np.zeros(width)
        step[free] = np.linalg.solve(curvature, slope[free])
        size = 1.0
        while size > 1e-4:
            trial = np.clip(unique - size * step, _LEAST_UNIQUE, 1.0)
            new = _residuals(correlation, trial, factors)
            if new[0] <= value:
                break
            size /= 2
        if value - new[0] < 1e-14:
            break
        unique, (value, slope, discarded) = trial, new
    values, vectors = np.linalg.eigh(correlation - np.diag(unique))
    loadings: Floats = vectors[:, -factors:] * np.sqrt(np.clip(values[-factors:], 0.0, None))
    return loadings


def _residuals(correlation: Floats, unique: Floats, factors: int) -> tuple[float, Floats, Floats]:
    """Half the squares that the best loadings leave, their slope over unique variances, and the axes left out."""
    values, vectors = np.linalg.eigh(correlation - np.diag(unique))
    left, axes = values[:-factors], vectors[:, :-factors]
    return float((left**2).sum()) / 2, -(axes**2 @ left), axes


def _rotate(loadings: Floats, near: Floats | None = None) -> tuple[Floats, Floats]:
    """Oblimin (quartimin) by gradient projection (Jennrich, 2002): pattern, and correlations of the factors.

    The best of several fixed starts, as one alone may stop at a saddle. Factors are turned so that their loadings sum
    to more than 0.
    """
    if near is None:
        drawn = np.random.default_rng(0).normal(size=(_STARTS, loadings.shape[1], loadings.shape[1]))
        starts = [np.linalg.qr(one)[0] for one in drawn]
    else:  # the turn that brings the loadings nearest to what is known
        left, _, right = np.linalg.svd(loadings.T @ near)
        starts = [left @ right]
    found = [_descend(loadings, start) for start in starts]
    _, pattern, between = min(found, key=lambda one: one[0])
    signs = np.where(pattern.sum(axis=0) < 0, -1.0, 1.0)
    return pattern * signs, between * np.outer(signs, signs)


def _descend(loadings: Floats, turn: Floats) -> tuple[float, Floats, Floats]:
    mixing = 1.0 - np.eye(loadings.shape[1])
    step = 1.0
    pattern = loadings @ np.linalg.inv(turn).T
    value, slope = _quartimin(pattern, mixing)
    for _ in range(_STEPS):
        gradient = -(pattern.T @ slope @ np.linalg.inv(turn)).T
        projected = gradient - turn * (turn * gradient).sum(axis=0)
        size = float(np.linalg.norm(projected))
        if size < 1e-5:
            break
        step *= 2
        for _ in range(12):
            moved = turn - step * projected
            moved /= np.linalg.norm(moved, axis=0)
            trial = loadings @ np.linalg.inv(moved).T
            new, new_slope = _quartimin(trial, mixing)
            if new < value - 0.5 * size**2 * step:
                break
            step /= 2
        gain = value - new
        turn, pattern, value, slope = moved, trial, new, new_slope
        if gain < 1e-9:
            break
    return value, pattern, turn.T @ turn


def _quartimin(pattern: Floats, mixing: Floats) -> tuple[float, Floats]:
    squares = pattern**2
    crossed = squares @ mixing
    return float((squares * crossed).sum()) / 4, pattern * crossed
