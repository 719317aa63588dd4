"""Effect sizes of a difference between two groups, and of groups in general."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from personae.stats.estimate import Estimate
from personae.stats.noncentral import noncentral_f_interval, noncentral_t_interval
from personae.stats.samples import ClusteredSample, Clusters, Floats, take, take_clustered, undefined

Pooling = Literal["weighted", "average"]


def cohens_d(
    first: ArrayLike, second: ArrayLike, *, ddof: int = 1, pooled: Pooling = "weighted", level: float = 0.95
) -> Estimate:
    """Standardised difference of two means (Cohen, 1988): ``(mean first - mean second) / pooled SD``.

    When to use: to compare groups of independent units on a scale whose points mean nothing in themselves. Papers
    differ in the SD: ``ddof=0`` takes the population SD of each group, as NumPy does by default and many published
    scripts do unawares; it makes d larger by about ``1 / (2n)``.

    Args:
        first: Values of the group that is expected to be higher.
        second: Values of the other group.
        ddof: 1 for the sample SD of each group, 0 for the population SD.
        pooled: ``weighted`` is ``sqrt(((n1-1) s1² + (n2-1) s2²) / (n1+n2-2))``, ``average`` ``sqrt((s1² + s2²) / 2)``.
        level: Coverage of the interval.

    Returns:
        d with an interval by inversion of the noncentral t distribution, scaled to the SD used. Groups with fewer than
        two values, and groups without any variation, have no d.

    Example:
        >>> found = cohens_d([4, 5, 6, 5], [1, 2, 3, 2])
        >>> round(found.estimate, 2), found.low > 0
        (3.67, True)
    """
    (a, missing_a), (b, missing_b) = take(first), take(second)
    n, missing = len(a) + len(b), missing_a + missing_b
    conventions = (f"ddof={ddof}", f"pooled={pooled}")
    method = "Cohen's d, noncentral t interval"
    if min(len(a), len(b)) < 2:
        return undefined(
            "a group has fewer than two values", n=n, missing=missing, method=method, conventions=conventions
        )
    scale = _pooled_sd(a, b, ddof, pooled)
    if scale == 0.0:
        return undefined("no variation within the groups", n=n, missing=missing, method=method, conventions=conventions)
    difference = float(a.mean() - b.mean())
    # The distribution is known for the weighted sample SD; other conventions differ from it by a known factor.
    exact = _pooled_sd(a, b, 1, "weighted")
    size = math.sqrt(len(a) * len(b) / n)
    low, high = noncentral_t_interval(difference / exact * size, n - 2, level)
    factor = exact / scale / size
    return Estimate(
        difference / scale,
        low * factor,
        high * factor,
        n,
        missing,
        level,
        method,
        conventions,
        details={"difference": difference, "pooled_sd": scale, "n_first": len(a), "n_second": len(b)},
    )


def hedges_g(first: ArrayLike, second: ArrayLike, *, level: float = 0.95) -> Estimate:
    """Cohen's d without its small-sample bias (Hedges, 1981).

    ``g = J d`` with ``J = Γ(m/2) / (sqrt(m/2) Γ((m-1)/2))`` and ``m = n1 + n2 - 2``; d from the weighted sample SD.

    Example:
        >>> round(hedges_g([4, 5, 6, 5], [1, 2, 3, 2]).estimate, 2)
        3.19
    """
    d = cohens_d(first, second, level=level)
    df = d.n - 2
    if math.isnan(d.estimate):
        return undefined(d.note, n=d.n, missing=d.missing, method="Hedges' g", conventions=("ddof=1",))
    j = math.exp(math.lgamma(df / 2) - math.lgamma((df - 1) / 2)) / math.sqrt(df / 2)
    return Estimate(
        d.estimate * j,
        d.low * j,
        d.high * j,
        d.n,
        d.missing,
        level,
        "Hedges' g, noncentral t interval",
        ("ddof=1", "pooled=weighted"),
        details={**d.details, "J": j},
    )


def cluster_cohens_d(
    first: ArrayLike,
    second: ArrayLike,
    first_clusters: Clusters,
    second_clusters: Clusters,
    *,
    ddof: int = 1,
    level: float = 0.95,
) -> Estimate:
    """Cohen's d with an interval that treats whole clusters as the units that were sampled.

    When to use: when several values come from one source, such as ten draws from one prompt. They share what is odd
    about that prompt, and an interval that counts them as independent is too narrow.

    The interval is a jackknife over clusters within each group, on the scale ``asinh(d / (2 sqrt 2))`` that makes the
    variance of d nearly constant, with a t quantile of ``clusters - 2`` degrees of freedom.

    Raises:
        ValueError: If there is not one cluster a value.
    """
    a, b = take_clustered(first, first_clusters), take_clustered(second, second_clusters)
    n, missing = len(a.values) + len(b.values), a.missing + b.missing
    conventions = (f"ddof={ddof}", "pooled=weighted")
    method = f"Cohen's d, jackknife over {a.clusters + b.clusters} clusters"
    if min(a.clusters, b.clusters) < 2:
        return undefined(
            "a group has fewer than two clusters", n=n, missing=missing, method=method, conventions=conventions
        )
    estimate = cohens_d(a.values, b.values, ddof=ddof, level=level)
    without = [_leave_out_each(a, b.values, ddof, 1.0), _leave_out_each(b, a.values, ddof, -1.0)]
    if math.isnan(estimate.estimate) or any(np.isnan(values).any() for values in without):
        return undefined("no variation within the groups", n=n, missing=missing, method=method, conventions=conventions)
    from scipy.stats import t as student

    variance = sum(
        (len(values) - 1) / len(values) * float(((values - values.mean()) ** 2).sum())
        for values in map(_stable, without)
    )
    half = float(student.ppf((1 + level) / 2, a.clusters + b.clusters - 2)) * math.sqrt(variance)
    centre = float(_stable(np.array([estimate.estimate]))[0])
    return Estimate(
        estimate.estimate,
        _unstable(centre - half),
        _unstable(centre + half),
        n,
        missing,
        level,
        method,
        conventions,
        details={**estimate.details, "clusters_first": a.clusters, "clusters_second": b.clusters},
    )


def eta_squared(f: float, df1: int, df2: int, *, missing: int = 0, level: float = 0.95) -> Estimate:
    """Share of variance between groups, from an F statistic: ``F df1 / (F df1 + df2)``.

    The interval inverts the noncentral F distribution (Steiger, 2004): ``λ / (λ + n)``. Its lower bound is 0 where the
    groups may be alike.

    Example:
        >>> round(eta_squared(6.0, 1, 30).estimate, 3)
        0.167
    """
    n = df1 + df2 + 1
    low, high = noncentral_f_interval(f, df1, df2, level)
    share = f * df1 / (f * df1 + df2)
    return Estimate(
        share, low / (low + n), high / (high + n), n, missing, level, "eta squared, noncentral F interval", statistic=f
    )


def _pooled_sd(a: Floats, b: Floats, ddof: int, pooled: Pooling) -> float:
    if pooled == "average":
        return math.sqrt((float(a.var(ddof=ddof)) + float(b.var(ddof=ddof))) / 2)
    total = (len(a) - 1) * float(a.var(ddof=ddof)) + (len(b) - 1) * float(b.var(ddof=ddof))
    return math.sqrt(total / (len(a) + len(b) - 2))


def _leave_out_each(group: ClusteredSample, other: Floats, ddof: int, sign: float) -> Floats:
    """D without each cluster of one group in turn."""
    values = []
    for cluster in range(group.clusters):
        kept = group.values[group.codes != cluster]
        values.append(sign * cohens_d(kept, other, ddof=ddof).estimate)
    return np.array(values)


def _stable(d: Floats) -> Floats:
    stabilised: Floats = np.arcsinh(d / (2 * math.sqrt(2)))
    return stabilised


def _unstable(value: float) -> float:
    return 2 * math.sqrt(2) * math.sinh(value)
