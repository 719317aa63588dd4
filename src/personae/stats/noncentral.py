"""Intervals by inverting noncentral distributions: which effects would make the observed statistic unremarkable.

scipy's own inversions were tried first. ``nctdtr`` is NaN at scattered places (t = 43, df = 1), ``nctdtrinc`` did not
come back for some t above 10^5, and ``ncfdtrinc`` stops at a noncentrality of 10,000 without a word, which d = 15 among
320 values exceeds. Both distributions are therefore summed here from functions of one argument that are safe.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from personae.stats.samples import Floats

_TAIL = 1e-16
"""Probability that is cut off at either end of a mixing distribution."""
_MOST_NODES = 20_000
_MOST_TERMS = 300
_NODES_PER_WIDTH = 1.5
"""Nodes per unit of the narrower scale; the trapezoid rule is then exact to about 1e-12 for smooth integrands."""


def noncentral_t_interval(t: float, df: float, level: float) -> tuple[float, float]:
    """Noncentralities δ at which a t this large, or this small, has probability ``(1 - level) / 2``.

    Steiger & Fouladi (1997); an interval from it is exact if the populations are normal with equal variances.
    ``P(T <= t) = E[Φ(t·S - δ)]`` with ``S = sqrt(χ²/df)``, by the trapezoid rule over ln S, where the integrand is
    smooth and the rule converges exponentially.

    Example:
        >>> [round(limit, 3) for limit in noncentral_t_interval(0.0, 20, 0.95)]
        [-1.96, 1.96]
    """
    from scipy.special import ndtr, ndtri

    if t < 0:
        low, high = noncentral_t_interval(-t, df, level)
        return -high, -low
    s, weights = _chi_nodes(t, df)
    scaled = t * s

    def upper_tail(delta: float) -> float:
        return float(weights @ ndtr(delta - scaled))

    def lower_tail(delta: float) -> float:
        return float(weights @ ndtr(scaled - delta))

    alpha = (1 - level) / 2
    reach = (float(-ndtri(alpha)) + 1) * math.sqrt(1 + t * t / (2 * df))
    low = _solve(lambda delta: upper_tail(delta) - alpha, t - reach, t, reach)
    high = _solve(lambda delta: alpha - lower_tail(delta), t, t + reach, reach)
    return low, high


def noncentral_f_interval(f: float, df1: float, df2: float, level: float) -> tuple[float, float]:
    """Noncentralities λ at which an F this large, or this small, has probability (1 - level) / 2; not below 0.

    ``P(F <= f) = Σ Poisson(j; λ/2) · I_x(df1/2 + j, df2/2)`` with ``x = df1·f / (df1·f + df2)`` (Johnson, Kotz &
    Balakrishnan, 1995, ch. 30). Where λ is large the sum takes every n-th of its terms.

    Example:
        >>> noncentral_f_interval(0.5, 2, 30, 0.95)[0]
        0.0
    """
    alpha = (1 - level) / 2

    def limit(is_high: bool) -> float:
        def excess(noncentrality: float) -> float:
            tail = _f_tail(f, df1, df2, max(0.0, noncentrality), is_upper=not is_high)
            return alpha - tail if is_high else tail - alpha

        if excess(0.0) >= 0:
            return 0.0
        centre = df1 * f
        reach = centre * math.sqrt(2 / df2 + 4 / max(centre, 1.0)) * 3 + 10
        return _solve(excess, max(0.0, centre - reach), centre + reach, reach)

    return limit(False), limit(True)


def _chi_nodes(t: float, df: float) -> tuple[Floats, Floats]:
    """Values of S and their weights, close enough for the step of Φ(t·S - δ) to be seen."""
    from scipy.special import gammainccinv, gammaincinv

    low = 0.5 * math.log(max(2 * gammaincinv(df / 2, _TAIL) / df, 1e-300))
    high = 0.5 * math.log(2 * gammainccinv(df / 2, _TAIL) / df)
    narrow = math.sqrt(2 * df + (t * (1 + 3 / math.sqrt(df))) ** 2 + 4)  # widths of the density and of the step
    count = min(int((high - low) * narrow * _NODES_PER_WIDTH) + 65, _MOST_NODES)
    log_s = np.linspace(low, high, count)
    log_density = df * (log_s - np.exp(2 * log_s) / 2)
    weights = np.exp(log_density - log_density.max())
    return np.exp(log_s), weights / weights.sum()


def _f_tail(f: float, df1: float, df2: float, noncentrality: float, *, is_upper: bool) -> float:
    """Probability of an F above, or below, f; each is summed by itself, so that neither is a rounded remainder."""
    from scipy.special import betainc, gammaln, xlogy

    mean = noncentrality / 2
    reach = 9 * math.sqrt(mean) + 30
    first, last = max(0, math.floor(mean - reach)), math.ceil(mean + reach)
    terms = np.arange(first, last + 1, max(1, (last - first) // _MOST_TERMS), dtype=np.float64)
    log_weights = xlogy(terms, mean) - gammaln(terms + 1)
    weights = np.exp(log_weights - log_weights.max())
    whole = df1 * f + df2
    if is_upper:
        tails = betainc(df2 / 2, df1 / 2 + terms, df2 / whole)
    else:
        tails = betainc(df1 / 2 + terms, df2 / 2, df1 * f / whole)
    return float(weights @ tails / weights.sum())


def _solve(rising: Callable[[float], float], low: float, high: float, step: float) -> float:
    """Root of a rising function, from a bracket that is widened until it holds it."""
    from scipy.optimize import brentq

    while rising(low) > 0:
        low, high, step = low - step, low, 2 * step
    while rising(high) < 0:
        low, high, step = high, high + step, 2 * step
    return float(brentq(rising, low, high, xtol=1e-10 * max(1.0, abs(high)), rtol=1e-12))
