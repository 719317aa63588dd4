"""Effect sizes of a difference between two groups, and of groups in general."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from personae.errors import InputError
from personae.stats.estimate import Estimate
from personae.stats.jackknife import degrees_of_freedom
from personae.stats.noncentral import noncentral_f_interval, noncentral_t_interval
from personae.stats.samples import ClusteredSample, Clusters, Floats, take, take_clustered, undefined

Pooling = Literal["weighted", "average"]
"""How two variances become one: weighted by their degrees of freedom, or averaged."""

DInterval = Literal["noncentral_t", "bonett"]
"""``noncentral_t`` is exact for normal groups of one variance; ``bonett`` lets the variances differ."""

_ROUNDING = 1e-12
"""Spread below this part of the largest value is rounding: means of equal answers may differ in the last digit."""


def cohens_d(
    first: ArrayLike,
    second: ArrayLike,
    *,
    ddof: int = 1,
    pooled: Pooling = "weighted",
    level: float = 0.95,
    interval: DInterval = "noncentral_t",
) -> Estimate:
    """Standardised difference of two means (Cohen, 1988): ``(mean first - mean second) / pooled SD``.

    When to use: to compare groups of independent units on a scale whose points mean nothing in themselves. Papers
    differ in the SD: ``ddof=0`` takes the population SD of each group, as NumPy does by default and many published
    scripts do unawares; in two groups of n each it makes d larger by the factor ``sqrt(n / (n - 1))``.

    Args:
        first: Values of the group that is expected to be higher; NaN is missing.
        second: Values of the other group.
        ddof: 1 for the sample SD of each group, 0 for the population SD.
        pooled: ``weighted`` is ``sqrt(((n1-1) s1² + (n2-1) s2²) / (n1+n2-2))``, ``average`` ``sqrt((s1² + s2²) / 2)``.
        level: Coverage of the interval.
        interval: ``noncentral_t`` inverts the noncentral t distribution (Steiger & Fouladi, 1997). ``bonett`` is the
            normal interval with the variance of Bonett (2008); take it where groups of unequal size spread unequally.

    Returns:
        d in pooled SDs. The interval is made for the SD with ``ddof=1`` and multiplied by the ratio of that SD to the
        one asked for. Groups with fewer than two values, and groups without any variation, have no d.

    Raises:
        InputError: If a convention or the level is none that exists.

    Example:
        >>> found = cohens_d([4, 5, 6, 5], [1, 2, 3, 2])
        >>> round(found.estimate, 3), round(found.low, 3), round(found.high, 3)
        (3.674, 1.179, 6.087)
    """
    check_level(level)
    _check_conventions(ddof, pooled, interval)
    (a, missing_a), (b, missing_b) = take(first), take(second)
    n, missing = len(a) + len(b), missing_a + missing_b
    conventions = (f"ddof={ddof}", f"pooled={pooled}", f"interval={interval}")
    method = f"Cohen's d, {'noncentral t' if interval == 'noncentral_t' else 'Bonett'} interval"
    if reason := lacks_spread(a, b):
        empty = undefined(reason, n=n, missing=missing, method=method, conventions=conventions)
        return replace(empty, level=level)
    two = _TwoGroups.of(a, b, ddof, pooled)
    low, high = two.exact_bounds(level) if interval == "noncentral_t" else two.bonett_bounds(level)
    return Estimate(two.difference / two.sd, low, high, n, missing, level, method, conventions, details=two.details())


def hedges_g(first: ArrayLike, second: ArrayLike, *, level: float = 0.95) -> Estimate:
    """Cohen's d without its small-sample bias (Hedges, 1981).

    ``g = J d`` with ``J = Γ(m/2) / (sqrt(m/2) Γ((m-1)/2))`` and ``m = n1 + n2 - 2``; d from the weighted sample SD, for
    which alone this J is exact. The interval is that of d: it is one for the population's effect, and is not biased.

    Args:
        first: Values of the group that is expected to be higher; NaN is missing.
        second: Values of the other group.
        level: Coverage of the interval.

    Example:
        >>> round(hedges_g([4, 5, 6, 5], [1, 2, 3, 2]).estimate, 3)
        3.192
    """
    d = cohens_d(first, second, level=level)
    method = "Hedges' g, noncentral t interval"
    if math.isnan(d.estimate):
        return replace(d, method=method)
    df = d.n - 2
    j = math.exp(math.lgamma(df / 2) - math.lgamma((df - 1) / 2)) / math.sqrt(df / 2)
    return replace(d, estimate=d.estimate * j, method=method, details={**d.details, "d": d.estimate, "J": j})


def cluster_cohens_d(
    first: ArrayLike,
    second: ArrayLike,
    first_clusters: Clusters,
    second_clusters: Clusters,
    *,
    ddof: int = 1,
    pooled: Pooling = "weighted",
    level: float = 0.95,
) -> Estimate:
    """Cohen's d with an interval that treats whole clusters as the units that were sampled.

    When to use: when several values come from one source, such as ten draws from one prompt. They share what is odd
    about that prompt, and an interval that counts them as independent is too narrow. A source that occurs in both
    groups is counted as two.

    The interval is ``d - bias ± t·SE``: both the standard error and the bias are those of the jackknife over clusters
    within each group (Efron & Tibshirani, 1993, ch. 11). Few clusters give d too little spread to divide by, and centre
    it too high: without the bias the interval misses on that side. A standard error that rests on a few clusters is
    itself uncertain; the degrees of freedom are ``2g / (kurtosis - 1)`` of the g jackknife values, at most ``g - 2``.

    Args:
        first: Values of the group that is expected to be higher; NaN is missing.
        second: Values of the other group.
        first_clusters: What each value of the first group shares with others.
        second_clusters: The same for the second group.
        ddof: As in :func:`cohens_d`.
        pooled: As in :func:`cohens_d`.
        level: Coverage of the interval.

    Returns:
        d over all values, not corrected for bias; ``n`` counts values, ``details`` clusters. A group with fewer than
        three clusters has none.

    Raises:
        InputError: If a convention or the level is none that exists, or there is not one cluster a value.

    Example:
        >>> found = cluster_cohens_d([5, 4, 5, 5, 4, 4], [1, 2, 2, 1, 3, 2], list("uuvvww"), list("xxyyzz"))
        >>> round(found.estimate, 2), found.n, found.details["clusters_first"]
        (4.05, 12, 3.0)
    """
    check_level(level)
    _check_conventions(ddof, pooled, "noncentral_t")
    a, b = take_clustered(first, first_clusters), take_clustered(second, second_clusters)
    n, missing = len(a.values) + len(b.values), a.missing + b.missing
    conventions = (f"ddof={ddof}", f"pooled={pooled}", "interval=cluster_jackknife")
    method = f"Cohen's d, jackknife over {a.clusters + b.clusters} clusters"
    reason = lacks_spread(a.values, b.values) or (
        "a group has fewer than three clusters" if min(a.clusters, b.clusters) < 3 else ""
    )
    without: tuple[Floats, ...] = ()
    if not reason:
        without = _without_each(a, b, ddof=ddof, pooled=pooled)
        if not all(np.isfinite(values).all() for values in without):
            reason = "no variation within the groups but for one cluster"
    if reason:
        empty = undefined(reason, n=n, missing=missing, method=method, conventions=conventions)
        return replace(empty, level=level)
    from scipy.special import stdtrit

    two = _TwoGroups.of(a.values, b.values, ddof, pooled)
    d = two.difference / two.sd
    bias = sum((len(values) - 1) * (float(values.mean()) - d) for values in without)
    influence = np.concatenate([(values - values.mean()) * math.sqrt(1 - 1 / len(values)) for values in without])
    error = math.sqrt(float((influence**2).sum()))
    df = degrees_of_freedom(influence, len(influence) - 2)
    half = float(stdtrit(df, (1 + level) / 2)) * error
    extra = {
        "clusters_first": a.clusters,
        "clusters_second": b.clusters,
        "bias": bias,
        "standard_error": error,
        "df": df,
    }
    details = {**two.details(), **{name: float(value) for name, value in extra.items()}}
    return Estimate(d, d - bias - half, d - bias + half, n, missing, level, method, conventions, details=details)


def eta_squared(f: float, df1: int, df2: int, *, missing: int = 0, level: float = 0.95) -> Estimate:
    """Share of variance between groups, from an F statistic: ``F df1 / (F df1 + df2)``.

    When to use: beside an analysis of variance, or for a published F.

    The estimate is the share in the sample, as papers print it, and it is too high for the population: with no
    difference at all it is ``df1 / (n - 1)`` on average. The interval is one of the population's share: it inverts the
    noncentral F distribution (Steiger, 2004) and maps λ to ``λ / (λ + n)``. The two are of different things, so with a
    small F, or with few values for many groups, the sample's share lies above the interval; the note then says so. Its
    lower bound is 0 where the groups may be alike. What to report as an estimate of the population's share is in
    ``details``: ``epsilon_squared`` (Kelley, 1935), the least biased of them, and ``omega_squared`` (Hays, 1963; both
    compared by Okada, 2013). Either is below 0 where F is below 1, and is left there, as cutting it off at 0 would bias
    it again (Okada, 2017).

    Args:
        f: F of the analysis.
        df1: Groups less one.
        df2: Values less groups.
        missing: Values that were set aside.
        level: Coverage of the interval.

    Raises:
        InputError: If F is negative, or the degrees of freedom are not at least 1.

    Example:
        >>> found = eta_squared(6.0, 1, 30)
        >>> round(found.estimate, 3), round(found.details["epsilon_squared"], 3), found.note
        (0.167, 0.139, '')
        >>> few = eta_squared(0.05, 3, 20)
        >>> few.high < few.estimate, few.note[-23:]
        (True, 'epsilon squared, -0.141')
    """
    check_level(level)
    if not (0 <= f < math.inf) or df1 < 1 or df2 < 1:
        raise InputError(f"F = {f} with {df1} and {df2} degrees of freedom is no analysis of variance")
    n = df1 + df2 + 1
    bounds = noncentral_f_interval(f, df1, df2, level)
    low, high = (bound / (bound + n) for bound in bounds)
    total = f * df1 + df2
    share = f * df1 / total
    epsilon = df1 * (f - 1) / total
    note = ""
    if not low <= share <= high:
        note = (
            f"the share in the sample is {'above' if share > high else 'below'} the interval, which is of the "
            f"population's; see epsilon squared, {epsilon:.3g}"
        )
    details = {"epsilon_squared": epsilon, "omega_squared": df1 * (f - 1) / (total + 1)}
    method = "eta squared, noncentral F interval"
    return Estimate(share, low, high, n, missing, level, method, statistic=f, note=note, details=details)


def lacks_spread(*groups: Floats) -> str:
    """Why groups have no variance within them; empty if they have."""
    if min(map(len, groups)) < 2:
        return "a group has fewer than two values"
    return "no variation within the groups" if all(map(is_constant, groups)) else ""


def is_constant(values: Floats, size: float = 0.0) -> bool:
    """Whether values differ by no more than rounding.

    Args:
        values: At least one value.
        size: Largest number that the values were computed from, if that is larger than they are.
    """
    return bool(np.ptp(values) <= _ROUNDING * max(size, float(np.abs(values).max())))


def check_level(level: float) -> None:
    """Refuse a coverage that is none.

    Raises:
        InputError: If it is not between 0 and 1.
    """
    if not 0 < level < 1:
        raise InputError(f"level {level} is not between 0 and 1", remedy="95 % is 0.95")


class _TwoGroups(NamedTuple):
    """Two groups as an effect size sees them; variances with ddof=1, the pooled SD as it was asked for."""

    sizes: tuple[int, int]
    means: tuple[float, float]
    variances: tuple[float, float]
    weights: tuple[float, float]
    sd: float

    @staticmethod
    def of(a: Floats, b: Floats, ddof: int, pooled: Pooling) -> _TwoGroups:
        weight = (len(a) - 1) / (len(a) + len(b) - 2) if pooled == "weighted" else 0.5
        return _TwoGroups(
            sizes=(len(a), len(b)),
            means=(float(a.mean()), float(b.mean())),
            variances=(float(a.var(ddof=1)), float(b.var(ddof=1))),
            weights=(weight, 1 - weight),
            sd=math.sqrt(weight * float(a.var(ddof=ddof)) + (1 - weight) * float(b.var(ddof=ddof))),
        )

    @property
    def difference(self) -> float:
        return self.means[0] - self.means[1]

    def details(self) -> dict[str, float]:
        (n1, n2), (mean1, mean2) = self.sizes, self.means
        return {
            "difference": self.difference,
            "mean_first": mean1,
            "mean_second": mean2,
            "pooled_sd": self.sd,
            "n_first": float(n1),
            "n_second": float(n2),
        }

    def exact_bounds(self, level: float) -> tuple[float, float]:
        """The distribution is known for the weighted sample SD; other conventions differ from it by a known factor."""
        (n1, n2), (v1, v2) = self.sizes, self.variances
        df, root = n1 + n2 - 2, math.sqrt(1 / n1 + 1 / n2)
        common = math.sqrt(((n1 - 1) * v1 + (n2 - 1) * v2) / df)
        low, high = noncentral_t_interval(self.difference / (common * root), df, level)
        factor = root * common / self.sd
        return low * factor, high * factor

    def bonett_bounds(self, level: float) -> tuple[float, float]:
        """Bonett (2008, Psychological Methods 13), for two groups and either way of pooling."""
        from scipy.special import ndtri

        pooled = sum(weight * own for weight, own in zip(self.weights, self.variances, strict=True))
        d = self.difference / math.sqrt(pooled)
        parts = zip(self.sizes, self.variances, self.weights, strict=True)
        variance = sum(
            (own / pooled + (d * weight * own / pooled) ** 2 / 2) / (size - 1) for size, own, weight in parts
        )
        half = float(ndtri((1 + level) / 2)) * math.sqrt(variance)
        factor = math.sqrt(pooled) / self.sd
        return (d - half) * factor, (d + half) * factor


def _check_conventions(ddof: int, pooled: str, interval: str) -> None:
    if ddof not in (0, 1):
        raise InputError(f"ddof {ddof} is neither 0 nor 1", remedy="1 is the sample SD, 0 the population SD")
    if pooled not in ("weighted", "average"):
        raise InputError(f"pooled {pooled!r} is unknown", remedy="it is weighted or average")
    if interval not in ("noncentral_t", "bonett"):
        raise InputError(f"interval {interval!r} is unknown", remedy="it is noncentral_t or bonett")


def _without_each(a: ClusteredSample, b: ClusteredSample, *, ddof: int, pooled: Pooling) -> tuple[Floats, Floats]:
    """D without each cluster of the one group and of the other, from sums over clusters."""
    middle = (float(a.values.mean()) + float(b.values.mean())) / 2  # keeps the sums of squares from cancelling
    less_a, all_a = _moments(a.values - middle, a.codes)
    less_b, all_b = _moments(b.values - middle, b.codes)
    return _d_of_moments(less_a, all_b, ddof, pooled), _d_of_moments(all_a, less_b, ddof, pooled)


def _moments(values: Floats, codes: NDArray[np.int64]) -> tuple[Floats, Floats]:
    """Count, sum and sum of squares, without each cluster and of all: moments by clusters."""
    by_cluster = np.array([np.bincount(codes), np.bincount(codes, values), np.bincount(codes, values**2)])
    whole: Floats = by_cluster.sum(axis=1, keepdims=True)
    return whole - by_cluster, whole


def _d_of_moments(a: Floats, b: Floats, ddof: int, pooled: Pooling) -> Floats:
    """D from counts, sums and sums of squares; NaN where rounding is all that is left of the spread."""
    with np.errstate(divide="ignore", invalid="ignore"):
        first, second = ((one[2] - one[1] ** 2 / one[0]) / (one[0] - ddof) for one in (a, b))
        weight = (a[0] - 1) / (a[0] + b[0] - 2) if pooled == "weighted" else 0.5
        variance = weight * first + (1 - weight) * second
        variance = np.where(variance > 1e-13 * (a[2] + b[2]) / (a[0] + b[0]), variance, np.nan)
        d: Floats = (a[1] / a[0] - b[1] / b[0]) / np.sqrt(variance)
    return d
