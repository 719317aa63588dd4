"""Equivalence: showing that there is nothing, which a test that is not significant does not show."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from personae.errors import InputError
from personae.stats.effects import check_level, is_constant
from personae.stats.estimate import Estimate
from personae.stats.jackknife import jackknife_interval
from personae.stats.samples import Clusters, Floats, cluster_codes, undefined

Kind = Literal["pearson", "spearman"]


def equivalent_correlation(
    first: ArrayLike,
    second: ArrayLike,
    *,
    bound: float = 0.3,
    kind: Kind = "spearman",
    clusters: Clusters | None = None,
    alpha: float = 0.05,
) -> Estimate:
    """Test that a correlation is smaller than ``bound`` either way, by two one-sided tests (Schuirmann, 1987).

    On Fisher's z: both ``z(r) > -z(bound)`` and ``z(r) < z(bound)`` have to be shown; p is the larger of the two. A
    small p is the finding that the two are as good as unrelated. The interval has level ``1 - 2 alpha``: it lies within
    the bounds exactly where p is below alpha.

    Args:
        first: One variable; a pair that misses a value is set aside.
        second: The other.
        bound: Smallest correlation that would matter.
        kind: Of values or of ranks.
        clusters: What pairs share, such as a model: the error then leaves out whole clusters.
        alpha: Level of the test.

    Returns:
        The correlation, p of equivalence; ``details`` holds ``p_difference``, the usual test against 0.

    Raises:
        InputError: If the bound is not between 0 and 1, or the two differ in length.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> equivalent_correlation(rng.normal(size=400), rng.normal(size=400)).p_value < 0.05
        True
    """
    from scipy.special import ndtr, stdtr
    from scipy.stats import rankdata

    check_level(1 - 2 * alpha)
    if not 0.0 < bound < 1.0:
        raise InputError(f"a bound of {bound} is no correlation", remedy="give a number between 0 and 1")
    a, b = np.asarray(first, dtype=np.float64).ravel(), np.asarray(second, dtype=np.float64).ravel()
    if len(a) != len(b):
        raise InputError(f"{len(a)} values are paired with {len(b)}", remedy="give pairs; NaN is missing")
    kept = ~(np.isnan(a) | np.isnan(b))
    codes = cluster_codes(len(a), clusters, kept)
    missing = int((~kept).sum())
    a, b = a[kept], b[kept]
    units = int(codes.max(initial=-1)) + 1
    name = "Spearman rho" if kind == "spearman" else "Pearson r"
    over = "" if clusters is None else f", jackknife over {units} clusters"
    method = f"{name}, two one-sided tests against ±{bound:g} on Fisher's z{over}"
    conventions = (f"bound={bound:g}", f"kind={kind}")
    if units < 4 or is_constant(a) or is_constant(b):
        note = "fewer than four units, or a constant variable"
        return undefined(note, n=len(a), missing=missing, method=method, conventions=conventions)
    r = _correlation(a, b, kind, rankdata)
    z = math.atanh(max(-1 + 1e-12, min(1 - 1e-12, r)))
    df = math.inf
    if clusters is None:
        spread = 1.0 + r**2 / 2.0 if kind == "spearman" else 1.0
        error = math.sqrt(spread / (len(a) - 3))
    else:
        without = np.array(
            [
                np.arctanh(
                    np.clip(_correlation(a[codes != unit], b[codes != unit], kind, rankdata), -0.999999, 0.999999)
                )
                for unit in range(units)
            ]
        )
        details = jackknife_interval(z, without, 1 - 2 * alpha).details
        error, df = details.get("standard_error", math.nan), details.get("df", math.nan)
    if not (math.isfinite(error) and error > 0):
        note = "without one unit the correlation has no value"
        return undefined(note, n=len(a), missing=missing, method=method, conventions=conventions)

    def below(value: float) -> float:
        return float(ndtr(value)) if math.isinf(df) else float(stdtr(df, value))

    edge = math.atanh(bound)
    p = max(below(-(z + edge) / error), below((z - edge) / error))
    half = _quantile(1 - alpha, df) * error
    return Estimate(
        r,
        math.tanh(z - half),
        math.tanh(z + half),
        len(a),
        missing,
        1 - 2 * alpha,
        method,
        conventions,
        p_value=p,
        statistic=z / error,
        details={"p_difference": 2 * below(-abs(z / error)), "standard_error": error, "units": float(units)},
    )


def equivalent_means(differences: ArrayLike, *, bound: float, alpha: float = 0.05) -> Estimate:
    """Test that a mean difference is smaller than ``bound`` either way, by two one-sided t tests.

    When to use: paired differences, such as scores under another way of asking minus the usual ones.

    Args:
        differences: One a unit; NaN is missing.
        bound: Smallest difference that would matter, in their unit.
        alpha: Level of the test; the interval has level ``1 - 2 alpha``.

    Raises:
        InputError: If the bound is not above 0.

    Example:
        >>> equivalent_means([0.1, -0.1, 0.05, 0.0, -0.05], bound=0.5).p_value < 0.05
        True
    """
    from scipy.special import stdtr

    if not bound > 0:
        raise InputError(f"a bound of {bound} leaves nothing between", remedy="give a number above 0")
    given = np.asarray(differences, dtype=np.float64).ravel()
    values = given[~np.isnan(given)]
    n, missing = len(values), len(given) - len(values)
    method = f"mean difference, two one-sided t tests against ±{bound:g}"
    conventions = (f"bound={bound:g}",)
    if n < 2 or is_constant(values):
        note = "fewer than two differences, or all the same"
        return undefined(note, n=n, missing=missing, method=method, conventions=conventions)
    mean, error = float(values.mean()), float(values.std(ddof=1)) / math.sqrt(n)
    p = max(float(stdtr(n - 1, -(mean + bound) / error)), float(stdtr(n - 1, (mean - bound) / error)))
    half = _quantile(1 - alpha, n - 1) * error
    details = {"p_difference": float(2 * stdtr(n - 1, -abs(mean / error))), "standard_error": error, "df": n - 1.0}
    return Estimate(
        mean, mean - half, mean + half, n, missing, 1 - 2 * alpha, method, conventions, p_value=p, details=details
    )


def _correlation(a: Floats, b: Floats, kind: Kind, rank: Callable[[Floats], Floats]) -> float:
    x, y = (rank(a), rank(b)) if kind == "spearman" else (a, b)
    x, y = x - x.mean(), y - y.mean()
    size = math.sqrt(float(x @ x) * float(y @ y))
    return float(x @ y) / size if size > 0 else math.nan


def _quantile(level: float, df: float) -> float:
    from scipy.special import ndtri, stdtrit

    return float(ndtri(level)) if math.isinf(df) else float(stdtrit(df, level))
