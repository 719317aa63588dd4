"""One common factor in several groups at once, with loadings and intercepts free or equal: maximum likelihood."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from personae.stats.factor import one_factor
from personae.stats.samples import Floats

_LEAST_UNIQUE = 1e-3
"""Smallest unique variance, as a share of the item's variance: below lies a Heywood case."""


@dataclass(frozen=True, slots=True)
class Moments:
    """What a group's answers come down to."""

    n: int
    mean: Floats
    covariance: Floats
    """Maximum likelihood: divided by n."""

    @staticmethod
    def of(rows: Floats) -> Moments:
        """Of respondents by items."""
        centred = rows - rows.mean(axis=0)
        return Moments(len(rows), rows.mean(axis=0), centred.T @ centred / len(rows))


@dataclass(frozen=True, slots=True)
class GroupFit:
    """A fitted model of several groups."""

    chi_squared: float
    df: int
    loadings: Floats
    """Groups by items."""
    intercepts: Floats
    unique: Floats
    factor_variances: Floats
    factor_means: Floats
    is_converged: bool
    is_heywood: bool
    """Whether a unique variance was held at its bound."""


def fit_groups(
    groups: list[Moments],
    *,
    equal_loadings: NDArray[np.bool_] | None = None,
    equal_intercepts: NDArray[np.bool_] | None = None,
) -> GroupFit:
    """Fit ``item = intercept + loading · factor + rest`` in all groups (Jöreskog, 1971; Sörbom, 1974).

    The factor has mean 0 and variance 1 in the first group; in the others its variance is free once loadings are equal,
    and its mean once intercepts are. Chi-squared is ``n`` times the discrepancy, summed over groups.

    Args:
        groups: Moments of each group.
        equal_loadings: Items whose loading is the same everywhere; none by default.
        equal_intercepts: Items whose intercept is the same everywhere; none by default.
    """
    from scipy.optimize import minimize

    count, width = len(groups), len(groups[0].mean)
    none = np.zeros(width, dtype=np.bool_)
    same_loadings = none if equal_loadings is None else equal_loadings
    same_intercepts = none if equal_intercepts is None else equal_intercepts
    layout = _Layout(count, width, same_loadings, same_intercepts)
    scale = np.sqrt(np.mean([np.diag(one.covariance) for one in groups], axis=0))
    scaled = [Moments(one.n, one.mean / scale, one.covariance / np.outer(scale, scale)) for one in groups]
    begin = layout.begin(scaled)
    bounds = layout.bounds([np.diag(one.covariance) for one in scaled])
    begin = np.clip(begin, [low if low is not None else -np.inf for low, _ in bounds], np.inf)
    total = sum(one.n for one in groups)
    found = minimize(
        _discrepancy,
        begin,
        args=(layout, scaled, total),
        jac=True,
        method="L-BFGS-B",
        bounds=bounds,
        options={"maxiter": 2000, "maxfun": 4000, "ftol": 1e-11, "gtol": 1e-6},
    )
    loadings, intercepts, unique, variances, means = layout.unpack(found.x)
    moments = width * (width + 3) // 2 * count
    floor = _LEAST_UNIQUE * np.array([np.diag(one.covariance) for one in scaled])
    return GroupFit(
        float(found.fun) * total,
        moments - len(found.x),
        loadings * scale,
        intercepts * scale,
        unique * scale**2,
        variances,
        means,
        bool(found.success) or float(np.abs(found.jac).max()) < 1e-3,
        bool((unique < floor * 1.01).any()),
    )


def chi_squared_of_independence(groups: list[Moments]) -> tuple[float, int]:
    """Misfit of the model in which no two items go together, and its degrees of freedom."""
    value = 0.0
    width = len(groups[0].mean)
    for one in groups:
        sign, log_determinant = np.linalg.slogdet(one.covariance)
        value += (
            one.n * (float(np.log(np.diag(one.covariance)).sum()) - float(log_determinant)) if sign > 0 else math.nan
        )
    return value, len(groups) * width * (width - 1) // 2


@dataclass(frozen=True)
class _Layout:
    """Where each parameter is in the vector that is optimised.

    Loadings and intercepts: one a group and item, or one an item where they are equal; then unique variances; then
    variance of the factor and its mean in every group but the first, as far as they are free.
    """

    count: int
    width: int
    equal_loadings: NDArray[np.bool_]
    equal_intercepts: NDArray[np.bool_]

    @cached_property
    def places(self) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], int]:
        """Indices of loadings, intercepts and unique variances, groups by items; and how many there are."""
        following = 0
        tables = []
        for equal in (self.equal_loadings, self.equal_intercepts):
            table = np.zeros((self.count, self.width), dtype=np.int64)
            for item in range(self.width):
                if equal[item]:
                    table[:, item] = following
                    following += 1
                else:
                    table[:, item] = np.arange(following, following + self.count)
                    following += self.count
            tables.append(table)
        unique = np.arange(following, following + self.count * self.width).reshape(self.count, self.width)
        return tables[0], tables[1], unique, following + self.count * self.width

    @property
    def has_variances(self) -> bool:
        """Whether the factor's variance is free in all groups but the first."""
        return bool(self.equal_loadings.any())

    @property
    def has_means(self) -> bool:
        """Whether its mean is."""
        return bool(self.equal_intercepts.any())

    def size(self) -> int:
        """How many parameters there are."""
        return self.places[3] + (self.count - 1) * (self.has_variances + self.has_means)

    def unpack(self, x: Floats) -> tuple[Floats, Floats, Floats, Floats, Floats]:
        """Loadings, intercepts, unique variances, variances and means of the factor."""
        loadings, intercepts, unique, at = self.places
        variances, means = np.ones(self.count), np.zeros(self.count)
        if self.has_variances:
            variances[1:] = x[at : at + self.count - 1]
            at += self.count - 1
        if self.has_means:
            means[1:] = x[at : at + self.count - 1]
        return x[loadings], x[intercepts], x[unique], variances, means

    def begin(self, groups: list[Moments]) -> Floats:
        """Where to start: one factor in each group, loadings averaged where they are to be equal."""
        fitted = one_factor(np.array([one.covariance for one in groups]))[0]
        loadings, intercepts, unique, at = self.places
        x = np.zeros(self.size())
        pooled = fitted.mean(axis=0)
        for group, one in enumerate(groups):
            mine = np.where(self.equal_loadings, pooled, fitted[group])
            x[loadings[group]] = mine
            x[intercepts[group]] = one.mean
            x[unique[group]] = np.clip(np.diag(one.covariance) - mine**2, 0.1 * np.diag(one.covariance), None)
        if self.has_variances:
            x[at : at + self.count - 1] = 1.0
        return x

    def bounds(self, variances: list[Floats]) -> list[tuple[float | None, float | None]]:
        """Least values: unique variances and those of the factor stay above 0."""
        _, _, unique, at = self.places
        found: list[tuple[float | None, float | None]] = [(None, None)] * self.size()
        for group, own in enumerate(variances):
            for item in range(self.width):
                found[unique[group, item]] = (_LEAST_UNIQUE * float(own[item]), None)
        if self.has_variances:
            for place in range(at, at + self.count - 1):
                found[place] = (1e-3, None)
        return found


def _discrepancy(x: Floats, layout: _Layout, groups: list[Moments], total: int) -> tuple[float, Floats]:
    """Maximum likelihood discrepancy, weighted by group, and its gradient."""
    loadings, intercepts, unique, variances, means = layout.unpack(x)
    at_loadings, at_intercepts, at_unique, after = layout.places
    value, gradient = 0.0, np.zeros(len(x))
    at_variances = after
    at_means = after + (layout.count - 1 if layout.has_variances else 0)
    for group, one in enumerate(groups):
        share = one.n / total
        own, psi, phi = loadings[group], unique[group], variances[group]
        weighted = own / psi
        inner = phi / (1.0 + phi * float(own @ weighted))
        inverse = np.diag(1.0 / psi) - inner * np.outer(weighted, weighted)
        away = one.mean - intercepts[group] - own * means[group]
        observed = one.covariance + np.outer(away, away)
        log_determinant = float(np.log(psi).sum()) + math.log(1.0 + phi * float(own @ weighted))
        product = inverse @ observed
        value += share * (log_determinant + float(np.trace(product)) - _log_determinant(one.covariance) - layout.width)
        slope = inverse - product @ inverse
        pull = inverse @ away
        np.add.at(gradient, at_loadings[group], share * (2 * phi * slope @ own - 2 * means[group] * pull))
        np.add.at(gradient, at_intercepts[group], share * -2 * pull)
        gradient[at_unique[group]] += share * np.diag(slope)
        if group and layout.has_variances:
            gradient[at_variances + group - 1] += share * float(own @ slope @ own)
        if group and layout.has_means:
            gradient[at_means + group - 1] += share * -2 * float(own @ pull)
    return value, gradient


def _log_determinant(covariance: Floats) -> float:
    sign, value = np.linalg.slogdet(covariance)
    return float(value) if sign > 0 else math.nan
