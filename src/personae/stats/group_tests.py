"""Tests of a difference, each with the size of the difference and its interval beside the p value."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike

from personae.errors import InputError
from personae.stats.effects import check_level, eta_squared, is_constant, lacks_spread
from personae.stats.estimate import Estimate
from personae.stats.samples import Clusters, Floats, take, take_clustered, take_pairs, undefined_test


def welch_t(first: ArrayLike, second: ArrayLike, *, level: float = 0.95) -> Estimate:
    """Difference of two means without assuming equal variances (Welch, 1947).

    When to use: the default for two independent groups. Groups that do not spread at all have a difference, but
    neither an interval nor a p value, here and in all t tests: nothing says how far it may be off.

    Args:
        first: Values of one group; NaN is missing.
        second: Values of the other.
        level: Coverage of the interval.

    Example:
        >>> found = welch_t([4, 5, 6, 5], [1, 2, 3, 2])
        >>> found.estimate, found.p_value < 0.01
        (3.0, True)
    """
    (a, missing_a), (b, missing_b) = take(first), take(second)
    return _welch(a, b, len(a) + len(b), missing_a + missing_b, level, "difference of means, Welch t")


def student_t(first: ArrayLike, second: ArrayLike, *, level: float = 0.95) -> Estimate:
    """Difference of two means, assuming equal variances (Student, 1908).

    When to use: to reproduce figures that assume it; else :func:`welch_t`.

    Args:
        first: Values of one group; NaN is missing.
        second: Values of the other.
        level: Coverage of the interval.

    Example:
        >>> student_t([4, 5, 6, 5], [1, 2, 3, 2]).details["df"]
        6.0
    """
    (a, missing_a), (b, missing_b) = take(first), take(second)
    method = "difference of means, Student t"
    n, missing = len(a) + len(b), missing_a + missing_b
    if min(len(a), len(b)) < 2:
        return undefined_test("a group has fewer than two values", n, missing, level, method)
    pooled = ((len(a) - 1) * float(a.var(ddof=1)) + (len(b) - 1) * float(b.var(ddof=1))) / (n - 2)
    error = 0.0 if lacks_spread(a, b) else math.sqrt(pooled * (1 / len(a) + 1 / len(b)))
    return _t_estimate(float(a.mean() - b.mean()), error, n - 2, n, missing, level, method)


def paired_t(first: ArrayLike, second: ArrayLike, *, level: float = 0.95) -> Estimate:
    """Mean of first minus second over pairs: one unit under two conditions.

    Args:
        first: Value of each unit under one condition; a pair that misses a value is set aside.
        second: Value of the same unit under the other.
        level: Coverage of the interval.

    Raises:
        InputError: If the two differ in length.

    Example:
        >>> paired_t([2.0, 3.5, 4.0], [1.0, 2.0, 3.5]).estimate
        1.0
    """
    a, b, missing = take_pairs(first, second)
    size = max(float(np.abs(one).max(initial=0.0)) for one in (a, b))
    return _one_sample(a - b, missing, level, "mean of paired differences, t", size)


def one_sample_t(values: ArrayLike, mean: float = 0.0, *, level: float = 0.95) -> Estimate:
    """Mean of a sample minus a fixed mean, such as the middle of a response scale.

    Example:
        >>> one_sample_t([4, 5, 4, 5], 3).estimate
        1.5
    """
    sample, missing = take(values)
    size = max(abs(mean), float(np.abs(sample).max(initial=0.0)))
    return _one_sample(sample - mean, missing, level, f"mean minus {mean:g}, t", size)


def cluster_mean(values: ArrayLike, clusters: Clusters, *, level: float = 0.95) -> Estimate:
    """Mean over clusters of their means, with a t interval of ``clusters - 1`` degrees of freedom.

    When to use: when several values come from one source and the sources are what was sampled. Every source counts
    alike, however many values it gave; if all gave as many, this is the mean of all values with its cluster-robust
    interval. ``n`` counts values; ``details`` counts clusters.

    Raises:
        InputError: If there is not one cluster a value.

    Example:
        >>> cluster_mean([1, 1, 1, 4], ["a", "a", "a", "b"]).estimate
        2.5
    """
    sample = take_clustered(values, clusters)
    method = f"mean of {sample.clusters} cluster means, t"
    found = _one_sample(sample.means, sample.missing, level, method)
    return _of_values(found, len(sample.values), clusters=sample.clusters)


def cluster_difference(
    first: ArrayLike,
    second: ArrayLike,
    first_clusters: Clusters,
    second_clusters: Clusters,
    *,
    level: float = 0.95,
) -> Estimate:
    """Difference of two groups of clusters: Welch's test on cluster means.

    When to use: as :func:`welch_t`, where several values come from one source. A source that occurs in both groups is
    counted as two; if all do, pair their means with :func:`paired_t`.

    Raises:
        InputError: If there is not one cluster a value.

    Example:
        >>> found = cluster_difference([5, 5, 4, 4, 5, 4], [1, 2, 1, 1, 2, 2], list("uuvvww"), list("xxyyzz"))
        >>> found.estimate, found.details["clusters"]
        (3.0, 6.0)
    """
    a, b = take_clustered(first, first_clusters), take_clustered(second, second_clusters)
    method = f"difference of means of {a.clusters} and {b.clusters} cluster means, Welch t"
    found = _welch(a.means, b.means, 0, a.missing + b.missing, level, method)
    return _of_values(found, len(a.values) + len(b.values), clusters=a.clusters + b.clusters)


def anova(*groups: ArrayLike, level: float = 0.95) -> Estimate:
    """One-way analysis of variance (Fisher, 1925): the share of variance between groups, and the F test.

    When to use: two or more independent groups that spread alike. For two groups, p is that of Student's t.

    Args:
        groups: Values of each group; NaN is missing.
        level: Coverage of the interval of η².

    Raises:
        InputError: If there are fewer than two groups.

    Example:
        >>> anova([1, 2, 3], [2, 3, 4], [6, 7, 8]).p_value < 0.01
        True
    """
    if len(groups) < 2:
        raise InputError(f"{len(groups)} groups cannot be compared", remedy="give at least two")
    samples = [take(group) for group in groups]
    values = [sample.values for sample in samples]
    n, missing = sum(map(len, values)), sum(sample.missing for sample in samples)
    method = "eta squared, noncentral F interval; one-way ANOVA"
    if reason := lacks_spread(*values):
        return undefined_test(reason, n, missing, level, method)
    grand = float(np.concatenate(values).mean())
    between = sum(len(group) * (float(group.mean()) - grand) ** 2 for group in values)
    within = sum(float(((group - group.mean()) ** 2).sum()) for group in values)
    df1, df2 = len(values) - 1, n - len(values)
    from scipy.stats import f as f_distribution

    f = (between / df1) / (within / df2)
    share = eta_squared(f, df1, df2, missing=missing, level=level)
    return replace(
        share,
        method=method,
        p_value=float(f_distribution.sf(f, df1, df2)),
        details={"df1": float(df1), "df2": float(df2), **share.details},
    )


def _welch(a: Floats, b: Floats, n: int, missing: int, level: float, method: str) -> Estimate:
    if min(len(a), len(b)) < 2:
        return undefined_test("a group has fewer than two values", n, missing, level, method)
    first, second = (0.0 if is_constant(one) else float(one.var(ddof=1)) / len(one) for one in (a, b))
    total = first + second
    df = total**2 / (first**2 / (len(a) - 1) + second**2 / (len(b) - 1)) if total > 0.0 else math.nan
    return _t_estimate(float(a.mean() - b.mean()), math.sqrt(total), df, n, missing, level, method)


def _one_sample(values: Floats, missing: int, level: float, method: str, size: float = 0.0) -> Estimate:
    """Mean with its t interval; size is the largest number that the values are a difference of."""
    n = len(values)
    if n == 0:
        return undefined_test("no value", n, missing, level, method)
    if n == 1:
        return _without_interval(float(values[0]), n, missing, level, method, "one value: the interval is unknown")
    error = 0.0 if is_constant(values, size) else float(values.std(ddof=1)) / math.sqrt(n)
    return _t_estimate(float(values.mean()), error, n - 1, n, missing, level, method)


def _t_estimate(
    difference: float, error: float, df: float, n: int, missing: int, level: float, method: str
) -> Estimate:
    from scipy.special import stdtr, stdtrit

    check_level(level)
    if error == 0.0:
        note = "no variation: how far the estimate may be off is unknown"
        return _without_interval(difference, n, missing, level, method, note)
    t = difference / error
    half = float(stdtrit(df, (1.0 + level) / 2.0)) * error
    p = float(2.0 * stdtr(df, -abs(t)))
    details = {"df": float(df), "standard_error": error}
    return Estimate(
        difference,
        difference - half,
        difference + half,
        n,
        missing,
        level,
        method,
        p_value=p,
        statistic=t,
        details=details,
    )


def _without_interval(estimate: float, n: int, missing: int, level: float, method: str, note: str) -> Estimate:
    """An estimate that nothing says the accuracy of; its test cannot be made."""
    nan = math.nan
    return Estimate(estimate, nan, nan, n, missing, level, method, p_value=nan, statistic=nan, note=note)


def _of_values(found: Estimate, n: int, *, clusters: int) -> Estimate:
    """An estimate over clusters, told by how many values it rests on."""
    return replace(found, n=n, details={**found.details, "clusters": float(clusters)})
