"""Intervals by inverting noncentral distributions: which effects would make the observed statistic unremarkable."""

from __future__ import annotations

import math


def noncentral_t_interval(t: float, df: float, level: float) -> tuple[float, float]:
    """Noncentrality parameters for which an observed t lies at the edges of its central ``level``.

    Steiger & Fouladi (1997). Exact if the populations are normal with equal variances.
    """
    from scipy.special import nctdtrinc

    tail = (1.0 - level) / 2.0
    return float(nctdtrinc(df, 1.0 - tail, t)), float(nctdtrinc(df, tail, t))


def noncentral_f_interval(f: float, df1: float, df2: float, level: float) -> tuple[float, float]:
    """Noncentrality parameters for which an observed F lies at the edges of its central ``level``; 0 at the least."""
    tail = (1.0 - level) / 2.0
    return _noncentrality(f, df1, df2, 1.0 - tail), _noncentrality(f, df1, df2, tail)


def _noncentrality(f: float, df1: float, df2: float, below: float) -> float:
    """The noncentrality at which an F below the observed one has this probability; 0 if none is that small."""
    from scipy.optimize import brentq
    from scipy.stats import ncf

    if f <= 0.0 or float(ncf.cdf(f, df1, df2, 0.0)) <= below:
        return 0.0
    high = max(1.0, f * df1)
    while float(ncf.cdf(f, df1, df2, high)) > below and math.isfinite(high):
        high *= 2.0
    return float(brentq(lambda nc: float(ncf.cdf(f, df1, df2, nc)) - below, 0.0, high, xtol=1e-8))
