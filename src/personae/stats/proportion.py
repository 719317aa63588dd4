"""Shares and their differences, with intervals that hold near 0 and 1."""

from __future__ import annotations

import math

from personae.errors import InputError
from personae.stats.effects import check_level
from personae.stats.estimate import Estimate
from personae.stats.samples import undefined


def proportion(successes: int, n: int, *, missing: int = 0, level: float = 0.95) -> Estimate:
    """A share with Wilson's (1927) score interval.

    Raises:
        InputError: If there are more successes than trials, or fewer than none.

    Example:
        >>> found = proportion(0, 20)
        >>> found.estimate, round(found.high, 2)
        (0.0, 0.16)
    """
    check_level(level)
    if not 0 <= successes <= n:
        raise InputError(f"{successes} successes of {n} trials", remedy="count trials of which some succeeded")
    method = "share, Wilson interval"
    if n == 0:
        return undefined("nothing to count", n=0, missing=missing, method=method)
    low, high = _wilson(successes / n, n, level)
    return Estimate(successes / n, low, high, n, missing, level, method)


def weighted_proportion(share: float, effective_n: float, *, n: int, missing: int = 0, level: float = 0.95) -> Estimate:
    """A weighted share with Wilson's score interval at the effective n, which need not be whole (Kish, 1965).

    When to use: for shares of a survey with weights. The effective n says what unequal weights cost; what strata or
    quotas save, and what clusters cost beyond it, it does not know.

    Args:
        share: The weighted share.
        effective_n: People of equal weight that would tell as much.
        n: People who were counted.
        missing: People set aside.
        level: Confidence level.

    Raises:
        InputError: If the share is none.

    Example:
        >>> found = weighted_proportion(0.5, 100.0, n=160)
        >>> round(found.low, 3), round(found.high, 3), found.n
        (0.404, 0.596, 160)
    """
    check_level(level)
    method = "weighted share, Wilson interval at the effective n"
    if n == 0 or effective_n <= 0:
        return undefined("nothing to count", n=0, missing=missing, method=method)
    if not -1e-9 <= share <= 1 + 1e-9:
        raise InputError(f"{share:g} is no share", remedy="give a number of 0 to 1")
    share = min(max(share, 0.0), 1.0)
    low, high = _wilson(share, effective_n, level)
    return Estimate(share, min(low, share), max(high, share), n, missing, level, method)


def difference_of_proportions(first: int, n_first: int, second: int, n_second: int, *, level: float = 0.95) -> Estimate:
    """Difference of two independent shares with Newcombe's (1998) hybrid score interval.

    Raises:
        InputError: If there are more successes than trials, or fewer than none.
    """
    a, b = proportion(first, n_first, level=level), proportion(second, n_second, level=level)
    n, method = n_first + n_second, "difference of shares, Newcombe interval"
    if min(n_first, n_second) == 0:
        return undefined("a group is empty", n=n, missing=0, method=method)
    difference = a.estimate - b.estimate
    low = difference - math.hypot(a.estimate - a.low, b.high - b.estimate)
    high = difference + math.hypot(a.high - a.estimate, b.estimate - b.low)
    return Estimate(difference, low, high, n, 0, level, method)


def mcnemar(won: int, lost: int, *, n: int, missing: int = 0, level: float = 0.95) -> Estimate:
    """Difference of two shares of the same units, from the units that changed sides.

    ``(won - lost) / n`` with the adjusted Wald interval of Bonett & Price (2012); p by the exact binomial test on the
    units that changed (McNemar, 1947).

    Args:
        won: Units that failed the first time and succeeded the second.
        lost: Units that succeeded the first time and failed the second.
        n: All units, those that did not change included.
        missing: Units set aside.
        level: Coverage of the interval.

    Raises:
        InputError: If more units changed than there are.

    Example:
        >>> found = mcnemar(9, 1, n=40)
        >>> found.estimate, round(found.p_value, 3)
        (0.2, 0.021)
    """
    check_level(level)
    if min(won, lost) < 0 or won + lost > n:
        raise InputError(f"{won} won and {lost} lost of {n}", remedy="n counts all pairs, changed or not")
    method = "difference of paired shares, Bonett-Price interval; exact McNemar"
    if n == 0:
        return undefined("no pairs", n=0, missing=missing, method=method)
    from scipy.stats import binomtest, norm

    up, down = (won + 1) / (n + 2), (lost + 1) / (n + 2)
    half = float(norm.ppf((1.0 + level) / 2.0)) * math.sqrt((up + down - (up - down) ** 2) / (n + 2))
    p = float(binomtest(won, won + lost).pvalue) if won + lost else 1.0
    low, high = max(-1.0, up - down - half), min(1.0, up - down + half)
    return Estimate((won - lost) / n, low, high, n, missing, level, method, p_value=p)


def _wilson(p: float, n: float, level: float) -> tuple[float, float]:
    from scipy.stats import norm

    z = float(norm.ppf((1.0 + level) / 2.0))
    centre = (p + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * math.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    # At the edges the formula gives 0 and 1 up to rounding.
    return (0.0 if p == 0.0 else max(0.0, centre - half)), (1.0 if p == 1.0 else min(1.0, centre + half))
