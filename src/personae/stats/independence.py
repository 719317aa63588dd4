"""Whether two variables have anything to do with each other, in any shape: kernel tests and tests of tables.

All have the same null hypothesis, independence, and see different departures from it. Where a test cannot be made
(nothing varies, a table with one row) there is no p value; it is never 0.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike

from personae.errors import InputError
from personae.stats.estimate import Estimate
from personae.stats.samples import Floats, undefined

_MOST_ROWS = 2000
_FEATURES = 25
_REMAINDER = 1e-9
_FAILED = "could not be computed"


def hsic(
    first: ArrayLike,
    second: ArrayLike,
    *,
    rng: np.random.Generator,
    permutations: int = 200,
    most_rows: int = _MOST_ROWS,
) -> Estimate:
    """Hilbert-Schmidt independence criterion with a permutation test (Gretton et al., 2008).

    When to use: numeric variables of any dimension, as the test that assumes least. Gaussian kernels with the median
    distance as width; the estimate is HSIC over that of each variable with itself, 0 to 1.

    Args:
        first: A value, or a row of values, for each unit; NaN is missing.
        second: The same for the other variable.
        rng: Draws permutations, and units if there are too many.
        permutations: How many.
        most_rows: Kernels grow with the square of the units; of more, so many are drawn and the note says so.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> x = rng.normal(size=200)
        >>> hsic(x, x**2, rng=rng).p_value < 0.01
        True
    """
    x, y, missing, note = _pairs(first, second, rng, most_rows)
    method = f"normalised HSIC, {permutations} permutations"
    if fault := _fault(x, y):
        return undefined(fault, n=len(x), missing=missing, method=method)
    f, g = _factor(x), _factor(y)
    observed = _overlap(f, g)
    bound = observed * (1 - 1e-7)  # permutations that change nothing differ by rounding and by the factors' remainder
    hits = sum(_overlap(f, g[rng.permutation(len(x))]) >= bound for _ in range(permutations))
    strength = observed / math.sqrt(_overlap(f, f) * _overlap(g, g))
    return _found(strength, (1 + hits) / (1 + permutations), observed, len(x), missing, method, note)


def kci(first: ArrayLike, second: ArrayLike, *, rng: np.random.Generator, most_rows: int = _MOST_ROWS) -> Estimate:
    """Kernel independence test with a gamma approximation of its null (Zhang et al., 2011, without a condition).

    The statistic is the trace of the product of both centred kernels over n; its mean and variance under independence
    follow from the kernels alone. Quicker than permutations, and exact only in large samples.

    Args:
        first: A value, or a row of values, for each unit; NaN is missing.
        second: The same for the other variable.
        rng: Draws units if there are too many.
        most_rows: As for :func:`hsic`.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> x = rng.normal(size=200)
        >>> kci(x, np.abs(x), rng=rng).p_value < 0.01
        True
    """
    x, y, missing, note = _pairs(first, second, rng, most_rows)
    method = "kernel independence test, gamma approximation; estimate is the normalised trace"
    if fault := _fault(x, y):
        return undefined(fault, n=len(x), missing=missing, method=method)
    n = len(x)
    f, g = _factor(x), _factor(y)
    statistic = _overlap(f, g) / n
    mean = float((f**2).sum()) * float((g**2).sum()) / n**2
    squares = _overlap(f, f) * _overlap(g, g)
    p = _gamma_tail(statistic, mean, 2.0 * squares / n**4)
    if p is None:
        return undefined(_FAILED, n=n, missing=missing, method=method)
    return _found(statistic * n / math.sqrt(squares), p, statistic, n, missing, method, note)


def rcit(first: ArrayLike, second: ArrayLike, *, rng: np.random.Generator, features: int = _FEATURES) -> Estimate:
    """Randomised independence test on random Fourier features (Strobl et al., 2019, without a condition).

    When to use: many units. Both variables are turned into random cosines, and n times the squared covariances of
    these is compared with a gamma distribution that has the mean and variance of the null. The estimate is the root
    mean square correlation of the features.

    Args:
        first: A value, or a row of values, for each unit; NaN is missing.
        second: The same for the other variable.
        rng: Draws the features.
        features: How many for each variable.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> x = rng.normal(size=500)
        >>> rcit(x, np.cos(2 * x), rng=rng).p_value < 0.01
        True
    """
    x, y, missing, note = _pairs(first, second, rng, None)
    method = f"randomised independence test, {features} Fourier features each, gamma approximation"
    if fault := _fault(x, y):
        return undefined(fault, n=len(x), missing=missing, method=method)
    n = len(x)
    a, b = (_standard(_features(data, features, rng)) for data in (x, y))
    covariance = a.T @ b / n
    statistic = n * float((covariance**2).sum())
    # Under independence the covariance of all products of features is the product of the features' covariances.
    left, right = (np.linalg.eigvalsh(part.T @ part / n) for part in (a, b))
    weights = np.outer(left, right).ravel()
    p = _gamma_tail(statistic, float(weights.sum()), 2.0 * float((weights**2).sum()))
    if p is None:
        return undefined(_FAILED, n=n, missing=missing, method=method)
    return _found(float(np.sqrt((covariance**2).mean())), p, statistic, n, missing, method, note)


def chi_square(first: ArrayLike, second: ArrayLike) -> Estimate:
    """Pearson's chi-squared test of a table, with Cramér's V as estimate.

    Args:
        first: A category, as a number or a word, for each unit; NaN, ``None`` and "" are missing.
        second: The same for the other variable.

    Example:
        >>> chi_square(["a", "a", "b", "b"] * 10, [1, 1, 2, 2] * 10).estimate
        1.0
    """
    return _table_test(first, second, "pearson")


def g_square(first: ArrayLike, second: ArrayLike) -> Estimate:
    """Likelihood-ratio test of a table (G squared), with Cramér's V as estimate.

    Example:
        >>> g_square(["a", "b"] * 20, [1, 1, 2, 2] * 10).p_value
        1.0
    """
    return _table_test(first, second, "log-likelihood")


def _table_test(first: ArrayLike, second: ArrayLike, kind: str) -> Estimate:
    from scipy.stats import chi2_contingency

    a, b = ([_category(value) for value in np.asarray(values, dtype=object).ravel()] for values in (first, second))
    if len(a) != len(b):
        raise InputError(f"{len(a)} values are paired with {len(b)}", remedy="give pairs; NaN is missing")
    pairs = [(x, y) for x, y in zip(a, b, strict=True) if x is not None and y is not None]
    missing = len(a) - len(pairs)
    name = "chi-squared" if kind == "pearson" else "G-squared"
    method = f"Cramér's V, {name} test"
    if not pairs:
        return undefined("nothing is there", n=0, missing=missing, method=method)
    rows, columns = (sorted({pair[side] for pair in pairs}) for side in (0, 1))
    counts = np.zeros((len(rows), len(columns)))
    for x, y in pairs:
        counts[rows.index(x), columns.index(y)] += 1
    if min(counts.shape) < 2:
        return undefined("nothing varies", n=len(pairs), missing=missing, method=method)
    found = chi2_contingency(counts, correction=False, lambda_=kind)
    pearson = float(chi2_contingency(counts, correction=False).statistic)
    strength = math.sqrt(pearson / (len(pairs) * (min(counts.shape) - 1)))
    low = float(found.expected_freq.min())
    note = f"smallest expected count {low:.1f}" if low < 5 else ""
    return _found(min(1.0, strength), float(found.pvalue), float(found.statistic), len(pairs), missing, method, note)


Test = Callable[[ArrayLike, ArrayLike, np.random.Generator], Estimate]

INDEPENDENCE_TESTS: Mapping[str, Test] = MappingProxyType(
    {
        "kci": lambda x, y, rng: kci(x, y, rng=rng),
        "rcit": lambda x, y, rng: rcit(x, y, rng=rng),
        "hsic": lambda x, y, rng: hsic(x, y, rng=rng, permutations=500, most_rows=1000),
        "chi_square": lambda x, y, _: chi_square(x, y),
        "g_square": lambda x, y, _: g_square(x, y),
    }
)
"""All tests by name; the last two take categories."""


def _found(strength: float, p: float, statistic: float, n: int, missing: int, method: str, note: str) -> Estimate:
    nan = float("nan")
    return Estimate(strength, nan, nan, n, missing, method=method, p_value=p, statistic=statistic, note=note)


def _pairs(
    first: ArrayLike, second: ArrayLike, rng: np.random.Generator, most_rows: int | None
) -> tuple[Floats, Floats, int, str]:
    """Complete pairs as matrices, standardised; of too many a sample."""
    x, y = (np.asarray(values, dtype=np.float64) for values in (first, second))
    x, y = (values[:, None] if values.ndim < 2 else values.reshape(len(values), -1) for values in (x, y))
    if len(x) != len(y):
        raise InputError(f"{len(x)} values are paired with {len(y)}", remedy="give pairs; NaN is missing")
    both = np.isfinite(x).all(axis=1) & np.isfinite(y).all(axis=1)
    x, y, missing, note = x[both], y[both], int((~both).sum()), ""
    if most_rows is not None and len(x) > most_rows:
        kept = np.sort(rng.choice(len(x), size=most_rows, replace=False))
        note = f"on {most_rows} of {len(x)} units, drawn at random"
        x, y = x[kept], y[kept]
    return _standard(x), _standard(y), missing, note


def _fault(x: Floats, y: Floats) -> str:
    if len(x) < 5:
        return "fewer than five units"
    return "" if np.ptp(x, axis=0).any() and np.ptp(y, axis=0).any() else "nothing varies"


def _standard(values: Floats) -> Floats:
    if not len(values):
        return values
    spread = values.std(axis=0)
    scaled: Floats = np.where(spread > 1e-12, (values - values.mean(axis=0)) / np.where(spread > 1e-12, spread, 1.0), 0)
    return scaled


def _width(x: Floats) -> float:
    """Median of the distances that are not 0, squared."""
    from scipy.spatial.distance import pdist

    squares = pdist(x, "sqeuclidean")
    positive = squares[squares > 1e-12]
    return float(np.median(positive)) if len(positive) else 1.0


def _factor(x: Floats) -> Floats:
    """A matrix F of few columns whose F Fᵀ is the centred Gaussian kernel (pivoted Cholesky; Fine & Scheinberg, 2001).

    Kernels of one smooth or of a few distinct values have low rank, so that sums over all pairs of units become sums
    over pairs of columns. What is left out has less than a billionth of the kernel's trace.
    """
    n = len(x)
    width = 2.0 * _width(x)
    rest = np.ones(n)
    columns = np.empty((n, min(n, 32)))
    count = 0
    while count < n and rest.sum() > _REMAINDER * n:
        if count == columns.shape[1]:
            columns = np.hstack([columns, np.empty((n, min(count, n - count)))])
        pivot = int(rest.argmax())
        column = np.exp(-((x - x[pivot]) ** 2).sum(axis=1) / width) - columns[:, :count] @ columns[pivot, :count]
        columns[:, count] = column / math.sqrt(rest[pivot])
        rest = np.maximum(rest - columns[:, count] ** 2, 0.0)
        rest[pivot] = 0.0
        count += 1
    kept = columns[:, :count]
    centred: Floats = kept - kept.mean(axis=0)
    return centred


def _overlap(f: Floats, g: Floats) -> float:
    """Sum of the products of two kernels over all pairs of units, from their factors."""
    return float(((f.T @ g) ** 2).sum())


def _features(x: Floats, count: int, rng: np.random.Generator) -> Floats:
    width = math.sqrt(_width(x[:500]))
    turned = x @ (rng.normal(size=(x.shape[1], count)) / width) + rng.uniform(0.0, 2.0 * math.pi, count)
    cosines: Floats = math.sqrt(2.0) * np.cos(turned)
    return cosines


def _gamma_tail(statistic: float, mean: float, variance: float) -> float | None:
    from scipy.special import gammaincc

    if not (math.isfinite(statistic) and mean > 0 and variance > 0):
        return None
    p = float(gammaincc(mean**2 / variance, statistic * mean / variance))
    return p if math.isfinite(p) else None


def _category(value: object) -> str | None:
    if value is None or value == "" or (isinstance(value, (float, np.floating)) and not math.isfinite(value)):
        return None
    return str(value)
