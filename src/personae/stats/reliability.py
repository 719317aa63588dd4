"""Reliability of a scale: how much of the spread of its scores is not the noise of single items.

A matrix has one row a respondent and one column an item, already reverse-keyed. Rows that miss an answer are set aside.
Constant items and scales have no reliability; the estimate is NaN with a note.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from personae.errors import InputError
from personae.stats.effects import check_level
from personae.stats.estimate import Estimate
from personae.stats.factor import one_factor
from personae.stats.jackknife import covariances_without_each, jackknife_interval
from personae.stats.samples import Clusters, Floats, cluster_codes, take_rows, undefined

_LISTWISE = "missing_items=listwise"
_MOST_SPLITS = 200


def cronbach_alpha(matrix: ArrayLike, *, clusters: Clusters | None = None, level: float = 0.95) -> Estimate:
    """Internal consistency (Cronbach, 1951): ``k/(k-1) (1 - sum of item variances / variance of the sum)``.

    It is a lower bound of reliability; where items measure one thing to different degrees, ω is higher. The interval
    inverts the F distribution (Feldt, 1965), which takes respondents to be independent; with ``clusters`` it leaves out
    one cluster at a time.

    Args:
        matrix: Respondents by items.
        clusters: What respondents share, such as a prompt. One entry a respondent.
        level: Coverage of the interval.

    Raises:
        InputError: If there is not one cluster a respondent.

    Example:
        >>> round(cronbach_alpha([[1, 2, 1], [2, 2, 3], [4, 5, 4], [5, 4, 5]]).estimate, 2)
        0.95
    """
    check_level(level)
    if clusters is not None:
        return _by_jackknife(matrix, clusters, level, "Cronbach's alpha", _alpha)
    rows, _, missing = take_rows(matrix)
    words = "Cronbach's alpha, Feldt interval"
    fault = _fault(rows)
    if fault:
        return undefined(fault, n=len(rows), missing=missing, method=words, conventions=(_LISTWISE,))
    alpha = float(_alpha(_covariance(rows))[0])
    low, high = _feldt(alpha, len(rows), rows.shape[1], level)
    return Estimate(alpha, low, high, len(rows), missing, level, words, (_LISTWISE,))


def mcdonald_omega(matrix: ArrayLike, *, clusters: Clusters | None = None, level: float = 0.95) -> Estimate:
    """Total ω (McDonald, 1999): ``(sum of loadings)² / ((sum of loadings)² + sum of unique variances)``.

    Loadings come from one common factor fitted by minimum residuals. A unique variance below 0 (a Heywood case) is set
    to 0 and noted. With fewer than three items a factor is not determined.

    Args:
        matrix: Respondents by items.
        clusters: What respondents share; the interval then leaves out whole clusters.
        level: Coverage of the interval.

    Raises:
        InputError: If there is not one cluster a respondent.
    """
    method = "McDonald's omega total, one minimum-residual factor"
    rows, _, _ = take_rows(matrix)
    fault = _fault(rows) or ("a factor needs three items" if rows.shape[1] < 3 else "")
    note = ""
    if not fault and bool(one_factor(_covariance(rows))[1][0]):
        note = "a unique variance was set to 0 (Heywood case)"
    return _by_jackknife(matrix, clusters, level, method, _omega, fault=fault, note=note)


def split_half(
    matrix: ArrayLike,
    *,
    rng: np.random.Generator,
    clusters: Clusters | None = None,
    splits: int = 50,
    level: float = 0.95,
) -> Estimate:
    """Mean over random halves of their correlation, stepped up to full length (Spearman, 1910; Brown, 1910).

    ``2r / (1 + r)``. With an odd number of items the halves differ by one, and the step is slightly conservative.

    Args:
        matrix: Respondents by items.
        rng: Source of the halves.
        clusters: What respondents share; the interval then leaves out whole clusters.
        splits: How many halves are drawn, 200 at most.
        level: Coverage of the interval.

    Raises:
        InputError: If there is not one cluster a respondent.
    """
    if splits < 1:
        raise InputError(f"{splits} splits", remedy="draw at least one")
    splits = min(splits, _MOST_SPLITS)
    rows, _, _ = take_rows(matrix)
    items = rows.shape[1]
    halves = np.array([rng.permutation(items) < (items + 1) // 2 for _ in range(splits)], dtype=np.float64)
    method = f"split-half, mean of {splits} random halves, Spearman-Brown"
    return _by_jackknife(matrix, clusters, level, method, lambda covariances: _split(covariances, halves))


def guttman_lambda6(matrix: ArrayLike, *, clusters: Clusters | None = None, level: float = 0.95) -> Estimate:
    """Guttman's (1945) λ6: ``1 - sum of what no other item explains of each item / variance of the sum``.

    Small samples explain too much: the estimate is biased upwards, the interval, which corrects for it, is not and may
    lie below the estimate.

    Args:
        matrix: Respondents by items.
        clusters: What respondents share; the interval then leaves out whole clusters.
        level: Coverage of the interval.

    Raises:
        InputError: If there is not one cluster a respondent.
    """
    return _by_jackknife(matrix, clusters, level, "Guttman's lambda 6", _lambda6)


def item_total(matrix: ArrayLike, *, level: float = 0.95) -> list[Estimate]:
    """Correlation of each item with the sum of the others, in the order of the columns.

    Example:
        >>> [round(one.estimate, 2) for one in item_total([[1, 2, 1], [2, 2, 3], [4, 5, 4], [5, 4, 5]])]
        [0.97, 0.81, 0.9]
    """
    from personae.stats.correlation import pearson

    rows, _, missing = take_rows(matrix)
    found = []
    for column in range(rows.shape[1]):
        rest = rows.sum(axis=1) - rows[:, column]
        one = pearson(rows[:, column], rest, level=level)
        method = "corrected item-total correlation, Fisher z interval"
        found.append(
            Estimate(one.estimate, one.low, one.high, one.n, missing, level, method, (_LISTWISE,), note=one.note)
        )
    return found


def pooled_within_sd(values: ArrayLike, clusters: Clusters, *, level: float = 0.95) -> Estimate:
    """SD of repeated values around the mean of their cluster: the noise floor that a difference must exceed.

    Chi-squared interval with ``values - clusters`` degrees of freedom, which assumes normal noise.

    Raises:
        InputError: If there is not one cluster a value.
    """
    from scipy.stats import chi2

    from personae.stats.samples import take_clustered

    sample = take_clustered(values, clusters)
    n, df = len(sample.values), len(sample.values) - sample.clusters
    method = f"pooled SD within {sample.clusters} clusters, chi-squared interval"
    if df < 1:
        return undefined("no cluster has two values", n=n, missing=sample.missing, method=method)
    total = float(((sample.values - sample.means[sample.codes]) ** 2).sum())
    low, high = (math.sqrt(total / float(chi2.ppf(edge, df))) for edge in ((1 + level) / 2, (1 - level) / 2))
    return Estimate(math.sqrt(total / df), low, high, n, sample.missing, level, method)


def _fault(rows: Floats) -> str:
    if len(rows) < 3:
        return "fewer than three respondents without a gap"
    if rows.shape[1] < 2:
        return "a single item has no internal consistency"
    if np.ptp(rows.sum(axis=1)) == 0.0:
        return "all respondents have the same score"
    if (np.ptp(rows, axis=0) == 0.0).any():
        return "an item was answered alike by everyone"
    return ""


def _by_jackknife(
    matrix: ArrayLike,
    clusters: Clusters | None,
    level: float,
    words: str,
    statistic: Callable[[Floats], Floats],
    *,
    fault: str = "",
    note: str = "",
) -> Estimate:
    """A statistic of covariance matrices, with a jackknife over respondents or clusters on ``log(1 - value)``."""
    check_level(level)
    rows, kept, missing = take_rows(matrix)
    codes = cluster_codes(len(kept), clusters, kept)
    units = int(codes.max()) + 1 if len(codes) else 0
    method = f"{words}, jackknife over {units} {'respondents' if clusters is None else 'clusters'}"
    fault = fault or _fault(rows) or ("fewer than three clusters" if units < 3 else "")
    if fault:
        return undefined(fault, n=len(rows), missing=missing, method=method, conventions=(_LISTWISE,))
    estimate = float(statistic(_covariance(rows))[0])
    if math.isnan(estimate):
        note = "halves or items contradict or determine each other: the statistic has no value"
        return undefined(note, n=len(rows), missing=missing, method=method, conventions=(_LISTWISE,))
    without = statistic(covariances_without_each(rows, codes))
    low, high, details, fault = jackknife_interval(estimate, without, level, scale="complement")
    note = "; ".join(part for part in (note, fault) if part)
    return Estimate(estimate, low, high, len(rows), missing, level, method, (_LISTWISE,), note=note, details=details)


def _covariance(rows: Floats) -> Floats:
    """The covariance matrix, as a stack of one."""
    return np.cov(rows, rowvar=False)[None]


def _alpha(covariances: Floats) -> Floats:
    items = covariances.shape[-1]
    total = covariances.sum(axis=(1, 2))
    traces = np.trace(covariances, axis1=1, axis2=2)
    shares = np.divide(traces, total, out=np.full(len(total), np.nan), where=total > 0)
    alphas: Floats = items / (items - 1) * (1.0 - shares)
    return alphas


def _omega(covariances: Floats) -> Floats:
    loadings, _ = one_factor(covariances)
    common = loadings.sum(axis=1) ** 2
    variances = np.diagonal(covariances, axis1=1, axis2=2)
    unique = np.clip(variances - loadings**2, 0.0, None).sum(axis=1)
    omegas: Floats = np.divide(common, common + unique, out=np.full(len(common), np.nan), where=common + unique > 0)
    return omegas


def _split(covariances: Floats, halves: Floats) -> Floats:
    """Stepped-up correlation of the halves, averaged over halves, for each covariance matrix."""
    others = 1.0 - halves
    between = np.einsum("si,rij,sj->rs", halves, covariances, others)
    first = np.einsum("si,rij,sj->rs", halves, covariances, halves)
    second = np.einsum("si,rij,sj->rs", others, covariances, others)
    product = first * second
    r = between / np.sqrt(np.where(product > 0, product, np.nan))
    r = np.where(r > -1.0, r, np.nan)  # halves that are exact opposites have no length at which they would agree
    means: Floats = (2.0 * r / (1.0 + r)).mean(axis=1)
    return means


def _lambda6(covariances: Floats) -> Floats:
    values = np.full(len(covariances), np.nan)
    # An item that the others determine has no error of its own: what an inverse gives for it is rounding.
    # Where all but one answer alike, a variance may come out below 0 by rounding.
    scale = np.sqrt(np.maximum(np.diagonal(covariances, axis1=1, axis2=2), 0.0))
    products = scale[:, :, None] * scale[:, None, :]
    correlations = np.divide(covariances, products, out=np.zeros_like(covariances), where=products > 0)
    is_regular = np.linalg.eigvalsh(correlations)[:, 0] > 1e-10
    errors = 1.0 / np.diagonal(np.linalg.inv(covariances[is_regular]), axis1=1, axis2=2)
    values[is_regular] = 1.0 - errors.sum(axis=1) / covariances[is_regular].sum(axis=(1, 2))
    return values


def _feldt(alpha: float, n: int, items: int, level: float) -> tuple[float, float]:
    from scipy.stats import f

    df1, df2 = n - 1, (n - 1) * (items - 1)
    low = 1.0 - (1.0 - alpha) * float(f.ppf((1.0 + level) / 2.0, df1, df2))
    high = 1.0 - (1.0 - alpha) * float(f.ppf((1.0 - level) / 2.0, df1, df2))
    return low, high
