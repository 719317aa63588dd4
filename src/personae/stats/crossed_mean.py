"""The mean of values that share two sources at once, such as the name given and the question asked."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from personae.stats.effects import check_level, is_constant
from personae.stats.estimate import Estimate
from personae.stats.samples import Clusters, Floats, cluster_codes, undefined


def crossed_mean(values: ArrayLike, first: Clusters, second: Clusters, *, level: float = 0.95) -> Estimate:
    """Mean of all values, with an interval that holds where both sources are samples.

    When to use: if every unit of one source meets every unit of another (people and items, names and questions), and
    the mean shall speak of further units of both. An interval over one source alone is too short. A control that all
    units of one source share, subtracted item by item, is covered: its errors are errors of the item.

    The variance is that of Cameron, Gelbach & Miller (2011): clustered on the first source, plus on the second, less on
    their crossing; the larger of the two one-way variances, where that is smaller than either. Degrees of freedom of t
    follow Satterthwaite (1946), between those of the smaller source and those of both; with two units of a source they
    are those of that source. In simulations at 95 % this covered 94 to 99 % from three units of the smaller source on.

    Args:
        values: One a pair of units; NaN is missing.
        first: Unit of the first source of each value.
        second: Unit of the second source of each value.
        level: Coverage of the interval.

    Raises:
        InputError: If there is not one unit of each source a value.

    Example:
        >>> found = crossed_mean([1, 2, 3, 2, 3, 4], list("aaabbb"), list("xyzxyz"))
        >>> found.estimate, found.details["first"], found.details["second"]
        (2.5, 2.0, 3.0)
    """
    check_level(level)
    given = np.asarray(values, dtype=np.float64).ravel()
    is_there: NDArray[np.bool_] = ~np.isnan(given)
    codes = [cluster_codes(len(given), units, is_there) for units in (first, second)]
    known = given[is_there]
    n, missing = len(known), int((~is_there).sum())
    counts = [int(one.max(initial=-1)) + 1 for one in codes]
    method = f"mean over {counts[0]} by {counts[1]} crossed units, two-way clustered t"
    if n == 0:
        return undefined("no value", n=0, missing=missing, method=method)
    mean = float(known.mean())
    details = {"first": float(counts[0]), "second": float(counts[1])}
    nan = math.nan
    if min(counts) < 2 or is_constant(known):
        note = "one unit only: the interval is unknown" if min(counts) < 2 else "all values are the same: no interval"
        return Estimate(mean, nan, nan, n, missing, level, method, note=note, details=details)
    cells = np.unique(codes[0] * counts[1] + codes[1], return_inverse=True)[1]
    errors = known - mean
    one, two, both = (_variance(errors, each) for each in (*codes, cells))
    # The sum can fall below what one source gives alone, even below 0, when there are few units.
    error = math.sqrt(max(one + two - both, one, two))
    df = _degrees(one, two, error**2, counts)
    from scipy.special import stdtr, stdtrit

    t = mean / error if error > 0 else math.inf
    half = float(stdtrit(df, (1.0 + level) / 2.0)) * error
    details |= {"df": df, "standard_error": error}
    p = float(2 * stdtr(df, -abs(t)))
    return Estimate(mean, mean - half, mean + half, n, missing, level, method, p_value=p, statistic=t, details=details)


def _degrees(one: float, two: float, whole: float, counts: list[int]) -> float:
    least, most = min(counts) - 1, sum(counts) - 2
    if least == 1 or not whole > 0:
        return float(least)
    # Shares of the whole, one of which is at least a half: squares of the variances themselves can vanish.
    shares = (one / whole) ** 2 / (counts[0] - 1) + (two / whole) ** 2 / (counts[1] - 1)
    return min(max(1 / shares, least), most)


def _variance(errors: Floats, codes: NDArray[np.int64]) -> float:
    """Variance of the mean, errors summed within clusters, with the usual correction for few clusters."""
    sums = np.bincount(codes, weights=errors)
    return float((sums**2).sum()) / len(errors) ** 2 * len(sums) / max(1, len(sums) - 1)
