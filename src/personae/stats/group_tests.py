"""Tests of a difference, each with the size of the difference and its interval beside the p value."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from personae.stats.effects import eta_squared
from personae.stats.estimate import Estimate
from personae.stats.samples import Clusters, Floats, take, take_clustered, take_pairs, undefined

_FEWEST_FOR_GATE = 8  # D'Agostino's kurtosis test needs as many


def welch_t(first: ArrayLike, second: ArrayLike, *, level: float = 0.95) -> Estimate:
    """Difference of two means without assuming equal variances (Welch, 1947).

    Example:
        >>> found = welch_t([4, 5, 6, 5], [1, 2, 3, 2])
        >>> found.estimate, found.p_value < 0.01
        (3.0, True)
    """
    (a, missing_a), (b, missing_b) = take(first), take(second)
    return _welch(a, b, len(a) + len(b), missing_a + missing_b, level, "difference of means, Welch t")


def student_t(first: ArrayLike, second: ArrayLike, *, level: float = 0.95) -> Estimate:
    """Difference of two means, assuming equal variances (Student, 1908)."""
    (a, missing_a), (b, missing_b) = take(first), take(second)
    method = "difference of means, Student t"
    n, missing = len(a) + len(b), missing_a + missing_b
    if min(len(a), len(b)) < 2:
        return undefined("a group has fewer than two values", n=n, missing=missing, method=method)
    pooled = ((len(a) - 1) * float(a.var(ddof=1)) + (len(b) - 1) * float(b.var(ddof=1))) / (n - 2)
    error = math.sqrt(pooled * (1 / len(a) + 1 / len(b)))
    return _t_estimate(float(a.mean() - b.mean()), error, n - 2, n, missing, level, method)


def paired_t(first: ArrayLike, second: ArrayLike, *, level: float = 0.95) -> Estimate:
    """Mean of first minus second over pairs; pairs of which one value is missing are set aside.

    Raises:
        ValueError: If the two differ in length.

    Example:
        >>> paired_t([2.0, 3.5, 4.0], [1.0, 2.0, 3.5]).estimate
        1.0
    """
    a, b, missing = take_pairs(first, second)
    return _one_sample(a - b, missing, level, "mean of paired differences, t")


def one_sample_t(values: ArrayLike, mean: float = 0.0, *, level: float = 0.95) -> Estimate:
    """Mean of a sample minus a fixed mean."""
    sample, missing = take(values)
    return _one_sample(sample - mean, missing, level, f"mean minus {mean:g}, t")


def cluster_mean(values: ArrayLike, clusters: Clusters, *, level: float = 0.95) -> Estimate:
    """Mean over clusters of their means, with a t interval of ``clusters - 1`` degrees of freedom.

    When to use: when several values come from one source and the sources are what was sampled. Every source counts
    alike, however many values it gave. ``n`` counts values; ``details`` counts clusters.

    Raises:
        ValueError: If there is not one cluster a value.

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

    Raises:
        ValueError: If there is not one cluster a value.
    """
    a, b = take_clustered(first, first_clusters), take_clustered(second, second_clusters)
    method = f"difference of means of {a.clusters} and {b.clusters} cluster means, Welch t"
    found = _welch(a.means, b.means, 0, a.missing + b.missing, level, method)
    return _of_values(found, len(a.values) + len(b.values), clusters=a.clusters + b.clusters)


def anova(*groups: ArrayLike, level: float = 0.95) -> Estimate:
    """One-way analysis of variance: the share of variance between groups, and the F test.

    Raises:
        ValueError: If there are fewer than two groups.

    Example:
        >>> anova([1, 2, 3], [2, 3, 4], [6, 7, 8]).p_value < 0.01
        True
    """
    if len(groups) < 2:
        raise ValueError("an analysis of variance compares at least two groups")
    samples = [take(group) for group in groups]
    values = [sample.values for sample in samples]
    n, missing = sum(map(len, values)), sum(sample.missing for sample in samples)
    method = "eta squared, noncentral F interval; one-way ANOVA"
    if min(map(len, values)) < 2:
        return undefined("a group has fewer than two values", n=n, missing=missing, method=method)
    grand = float(np.concatenate(values).mean())
    between = sum(len(group) * (float(group.mean()) - grand) ** 2 for group in values)
    within = sum(float(((group - group.mean()) ** 2).sum()) for group in values)
    df1, df2 = len(values) - 1, n - len(values)
    if within == 0.0:
        return undefined("no variation within the groups", n=n, missing=missing, method=method)
    from scipy.stats import f as f_distribution

    f = (between / df1) / (within / df2)
    share = eta_squared(f, df1, df2, level=level)
    return Estimate(
        share.estimate,
        share.low,
        share.high,
        n,
        missing,
        level,
        method,
        p_value=float(f_distribution.sf(f, df1, df2)),
        statistic=f,
        details={"df1": df1, "df2": df2},
    )


def mann_whitney(
    first: ArrayLike,
    second: ArrayLike,
    *,
    p_method: Literal["auto", "asymptotic", "exact"] = "auto",
    level: float = 0.95,
) -> Estimate:
    """Probability that a value of the first group exceeds one of the second, ties counted half (Mann & Whitney, 1947).

    The interval uses the variance of DeLong et al. (1988) on the logit scale. Where the groups do not overlap at all
    there is no variance to estimate, and the far bound is ``(1 - level)/2`` to the power of ``1 / smaller group``: the
    smallest probability under which so many comparisons could all have gone one way with that chance.

    Args:
        first: Values of one group.
        second: Values of the other.
        p_method: How SciPy computes p; ``exact`` is wrong with ties, which published scripts sometimes overlook.
        level: Coverage of the interval.

    Example:
        >>> found = mann_whitney([3, 4, 5, 5], [1, 2, 3, 3])
        >>> found.estimate
        0.9375
    """
    (a, missing_a), (b, missing_b) = take(first), take(second)
    n, missing = len(a) + len(b), missing_a + missing_b
    method = "probability of superiority, DeLong interval on the logit scale; Mann-Whitney U"
    conventions = ("ties=half", f"p={p_method}")
    if min(len(a), len(b)) < 2:
        return undefined(
            "a group has fewer than two values", n=n, missing=missing, method=method, conventions=conventions
        )
    from scipy.stats import mannwhitneyu

    test = mannwhitneyu(a, b, alternative="two-sided", method=p_method)
    estimate, low, high = _superiority(a, b, level)
    return Estimate(
        estimate,
        low,
        high,
        n,
        missing,
        level,
        method,
        conventions,
        p_value=float(test.pvalue),
        statistic=float(test.statistic),
    )


def normality_gate(values: ArrayLike, *, level: float = 0.95) -> Estimate:
    """D'Agostino & Pearson's (1973) K², which sums squared z-scores of skewness and kurtosis.

    When to use: only to reproduce studies that choose their test by it; choosing a test by a test distorts both.

    K² is a test statistic and not an estimate of anything in the population, so that its interval is that of K² under
    normality: the central ``level`` of a chi-squared distribution with two degrees of freedom.
    """
    sample, missing = take(values)
    method = "D'Agostino-Pearson K²; interval of K² under normality"
    if len(sample) < _FEWEST_FOR_GATE:
        return undefined(f"needs {_FEWEST_FOR_GATE} values", n=len(sample), missing=missing, method=method)
    if np.ptp(sample) == 0.0:
        return undefined("all values are the same", n=len(sample), missing=missing, method=method)
    from scipy.stats import chi2, normaltest

    test = normaltest(sample)
    low, high = (float(chi2.ppf(edge, 2)) for edge in ((1 - level) / 2, (1 + level) / 2))
    k2, p = float(test.statistic), float(test.pvalue)
    return Estimate(k2, low, high, len(sample), missing, level, method, p_value=p, statistic=k2)


def gated_test(first: ArrayLike, second: ArrayLike, *, alpha: float = 0.05, level: float = 0.95) -> Estimate:
    """Analysis of variance if both groups pass the normality gate, else Mann-Whitney (as PersonaLLM tests).

    A group that is too small or constant does not pass. ``conventions`` says which test was chosen; ``details`` holds
    the p values of the gate.
    """
    gates = [normality_gate(group) for group in (first, second)]
    passes = all(gate.p_value is not None and gate.p_value >= alpha for gate in gates)
    found = anova(first, second, level=level) if passes else mann_whitney(first, second, level=level)
    chosen = "ANOVA" if passes else "Mann-Whitney"
    details = {
        f"gate_p_{name}": float("nan") if gate.p_value is None else gate.p_value
        for name, gate in zip(("first", "second"), gates, strict=True)
    }
    return Estimate(
        found.estimate,
        found.low,
        found.high,
        found.n,
        found.missing,
        level,
        f"{found.method}, chosen by a D'Agostino-Pearson gate",
        (f"test={chosen}", f"gate_alpha={alpha:g}", *found.conventions),
        p_value=found.p_value,
        statistic=found.statistic,
        note=found.note,
        details={**found.details, **details},
    )


def _superiority(a: Floats, b: Floats, level: float) -> tuple[float, float, float]:
    from scipy.stats import norm, rankdata

    ranks = rankdata(np.concatenate([a, b]))
    # Placements: for each value, the share of the other group that it exceeds.
    over_b = (ranks[: len(a)] - rankdata(a)) / len(b)
    over_a = (ranks[len(a) :] - rankdata(b)) / len(a)
    p = float(over_b.mean())
    if p in (0.0, 1.0):
        far = ((1.0 - level) / 2.0) ** (1.0 / min(len(a), len(b)))
        return (p, far, 1.0) if p == 1.0 else (p, 0.0, 1.0 - far)
    variance = float(over_b.var(ddof=1)) / len(a) + float(over_a.var(ddof=1)) / len(b)
    logit = math.log(p / (1.0 - p))
    half = float(norm.ppf((1.0 + level) / 2.0)) * math.sqrt(variance) / (p * (1.0 - p))
    return p, 1.0 / (1.0 + math.exp(-(logit - half))), 1.0 / (1.0 + math.exp(-(logit + half)))


def _welch(a: Floats, b: Floats, n: int, missing: int, level: float, method: str) -> Estimate:
    if min(len(a), len(b)) < 2:
        return undefined("a group has fewer than two values", n=n, missing=missing, method=method)
    first, second = float(a.var(ddof=1)) / len(a), float(b.var(ddof=1)) / len(b)
    total = first + second
    df = total**2 / (first**2 / (len(a) - 1) + second**2 / (len(b) - 1)) if total > 0.0 else len(a) + len(b) - 2
    return _t_estimate(float(a.mean() - b.mean()), math.sqrt(total), df, n, missing, level, method)


def _one_sample(values: Floats, missing: int, level: float, method: str) -> Estimate:
    n = len(values)
    if n < 2:
        return undefined("fewer than two values", n=n, missing=missing, method=method)
    error = float(values.std(ddof=1)) / math.sqrt(n)
    return _t_estimate(float(values.mean()), error, n - 1, n, missing, level, method)


def _t_estimate(
    difference: float, error: float, df: float, n: int, missing: int, level: float, method: str
) -> Estimate:
    from scipy.stats import t as student

    if error == 0.0:
        p = 1.0 if difference == 0.0 else 0.0
        return Estimate(
            difference, difference, difference, n, missing, level, method, p_value=p, note="no variation at all"
        )
    t = difference / error
    half = float(student.ppf((1.0 + level) / 2.0, df)) * error
    p = float(2.0 * student.sf(abs(t), df))
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


def _of_values(found: Estimate, n: int, *, clusters: int) -> Estimate:
    """An estimate over clusters, told by how many values it rests on."""
    from dataclasses import replace

    return replace(found, n=n, details={**found.details, "clusters": float(clusters)})
