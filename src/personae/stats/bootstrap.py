"""The bootstrap over the right unit: whole clusters where values share a source."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from personae.errors import InputError
from personae.stats.effects import check_level
from personae.stats.estimate import Estimate
from personae.stats.samples import Clusters, Floats, cluster_codes, undefined


def bootstrap(
    statistic: Callable[[Floats], float],
    data: ArrayLike,
    *,
    rng: np.random.Generator,
    resamples: int = 2000,
    clusters: Clusters | None = None,
    method: Literal["percentile", "bca"] = "bca",
    level: float = 0.95,
) -> Estimate:
    """Interval of any statistic by resampling units with replacement (Efron & Tibshirani, 1993).

    Args:
        statistic: Takes rows of the data, gives a number.
        data: One row a value; rows that miss a value are set aside.
        rng: Source of the resamples.
        resamples: How many.
        clusters: What rows share; clusters are then resampled whole.
        method: ``percentile``, or ``bca``, which corrects for bias and skewness.
        level: Coverage of the interval.

    Raises:
        InputError: If there is not one cluster a row.

    Example:
        >>> found = bootstrap(lambda x: float(x.mean()), [1.0, 2.0, 3.0, 4.0], rng=np.random.default_rng(0))
        >>> found.estimate
        2.5
    """
    check_level(level)
    if method not in ("percentile", "bca"):
        raise InputError(f"method {method!r} is unknown", remedy="it is percentile or bca")
    given = np.asarray(data, dtype=np.float64)
    if given.ndim == 0:
        raise InputError("a single number cannot be resampled", remedy="give one row a value")
    is_there: NDArray[np.bool_] = np.asarray(~np.isnan(given.reshape(len(given), -1)).any(axis=1))
    rows, missing = given[is_there], int((~is_there).sum())
    codes = cluster_codes(len(given), clusters, is_there)
    units = [np.flatnonzero(codes == unit) for unit in range(int(codes.max(initial=-1)) + 1)]
    words = (
        f"{method} bootstrap over {len(units)} {'values' if clusters is None else 'clusters'}, {resamples} resamples"
    )
    if len(units) < 2:
        return undefined("fewer than two units", n=len(rows), missing=missing, method=words)
    estimate = float(statistic(rows))
    draws = np.array(
        [
            statistic(rows[np.concatenate([units[unit] for unit in rng.integers(len(units), size=len(units))])])
            for _ in range(resamples)
        ]
    )
    without = np.array([statistic(rows[codes != unit]) for unit in range(len(units))]) if method == "bca" else None
    low, high = interval_of_draws(estimate, draws, level, without, units=len(units))
    note = "" if math.isfinite(low) else "no interval: the statistic has no value in most resamples"
    return Estimate(estimate, low, high, len(rows), missing, level, words, note=note)


def interval_of_draws(
    estimate: float, draws: Floats, level: float, leave_one_out: Floats | None = None, *, units: int | None = None
) -> tuple[float, float]:
    """Percentile interval of bootstrap draws; bias-corrected and accelerated if leave-one-out values are given.

    Of few units, draws vary too little and too evenly; the tails are then taken further out, to
    ``Φ(-sqrt(m/(m-1))·t)`` with t of ``m - 1`` degrees of freedom for m units (Hesterberg, 2015).
    """
    usable = draws[np.isfinite(draws)]
    if len(usable) < 20:
        return float("nan"), float("nan")
    tails = np.array([(1.0 - level) / 2.0, (1.0 + level) / 2.0])
    if units is not None and units > 1:
        from scipy.special import ndtr, stdtrit

        tails = ndtr(np.sqrt(units / (units - 1)) * stdtrit(units - 1, tails))
    if leave_one_out is not None:
        tails = _bca_tails(estimate, usable, tails, leave_one_out)
    low, high = np.quantile(usable, tails)
    return float(low), float(high)


def _bca_tails(estimate: float, draws: Floats, tails: Floats, leave_one_out: Floats) -> Floats:
    from scipy.stats import norm

    share = (np.sum(draws < estimate) + 0.5 * np.sum(draws == estimate)) / len(draws)
    bias = float(norm.ppf(min(max(share, 0.5 / len(draws)), 1 - 0.5 / len(draws))))
    spread = leave_one_out.mean() - leave_one_out
    total = float((spread**2).sum())
    acceleration = float((spread**3).sum()) / (6.0 * total**1.5) if total > 0 else 0.0
    z = norm.ppf(tails) + bias
    with np.errstate(invalid="ignore", divide="ignore"):  # two units have tails without end, which stay as they are
        adjusted: Floats = norm.cdf(bias + z / (1.0 - acceleration * z))
    return adjusted if all(math.isfinite(value) for value in adjusted) else tails
