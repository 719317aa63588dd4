"""Proportional-odds regression: an ordered answer explained by numbers (McCullagh, 1980)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from personae.stats.samples import Floats

_STEPS = 60
_FAR = 30.0
"""Coefficients beyond it, in SD of their variable, mean that a variable tells answers apart without error."""


@dataclass(frozen=True, slots=True)
class OrdinalFit:
    """A fitted regression."""

    coefficients: Floats
    """Log odds of a higher answer for one unit of each variable."""
    covariance: Floats
    """Of the coefficients, from the observed information."""
    robust_covariance: Floats
    """The same allowing for clusters (Huber, 1967), if there were any; else that of single rows."""
    influence: Floats
    """How far each row moves each coefficient: rows by variables."""
    log_likelihood: float
    null_log_likelihood: float
    """With thresholds alone."""
    is_converged: bool
    n: int

    @property
    def nagelkerke(self) -> float:
        """Explained share as Nagelkerke (1991) scales it."""
        most = 1.0 - math.exp(2.0 * self.null_log_likelihood / self.n)
        explained = 1.0 - math.exp(2.0 * (self.null_log_likelihood - self.log_likelihood) / self.n)
        return explained / most if most > 0 else math.nan


def fit_ordinal(answers: NDArray[np.int64], variables: Floats, codes: NDArray[np.int64] | None = None) -> OrdinalFit:
    """Fit ``logit P(answer > k) = x·β - α_k`` by Newton's method.

    Args:
        answers: Places of the answers, 0 to K-1, each of which occurs.
        variables: Rows by variables; none may be constant.
        codes: The number of the cluster of each row, for the robust covariance.
    """
    highest = int(answers.max())
    counts = np.bincount(answers, minlength=highest + 1)
    n, width = variables.shape
    centre, scale = variables.mean(axis=0), variables.std(axis=0)
    scale = np.where(scale > 0, scale, 1.0)
    x = (variables - centre) / scale
    shares = np.clip(np.cumsum(counts)[:-1] / n, 1e-9, 1 - 1e-9)
    theta = np.concatenate([np.log(shares / (1 - shares)), np.zeros(width)])
    null = float((counts[counts > 0] * np.log(counts[counts > 0] / n)).sum())
    upper, lower = _designs(answers, x, highest)
    value, gradients, hessian = _likelihood(theta, answers, upper, lower, highest)
    is_converged = False
    for _ in range(_STEPS):
        step = np.linalg.lstsq(hessian, gradients.sum(axis=0), rcond=None)[0]
        size = 1.0
        while size > 1e-6:
            new = theta - size * step
            trial = _likelihood(new, answers, upper, lower, highest)
            if trial[0] >= value - 1e-12:
                break
            size /= 2
        moved = abs(trial[0] - value)
        theta, (value, gradients, hessian) = new, trial
        if moved < 1e-10 * max(1.0, abs(value)):
            is_converged = True
            break
    inverse = np.linalg.pinv(-hessian)
    if codes is None:
        meat = gradients.T @ gradients
    else:
        units = int(codes.max()) + 1
        sums = np.zeros((units, gradients.shape[1]))
        np.add.at(sums, codes, gradients)
        meat = sums.T @ sums * (units / max(units - 1, 1))
    robust = inverse @ meat @ inverse
    places = slice(highest, highest + width)
    unscale = np.outer(scale, scale)
    is_finite = bool(np.abs(theta[places]).max(initial=0.0) < _FAR)
    return OrdinalFit(
        theta[places] / scale,
        inverse[places, places] / unscale,
        robust[places, places] / unscale,
        (gradients @ inverse)[:, places] / scale,
        value,
        null,
        is_converged and is_finite,
        n,
    )


def _designs(answers: NDArray[np.int64], x: Floats, highest: int) -> tuple[Floats, Floats]:
    """Rows that turn the parameters into the upper and the lower edge of each answer."""
    n, width = x.shape
    upper, lower = np.zeros((n, highest + width)), np.zeros((n, highest + width))
    rows = np.arange(n)
    is_below_top, is_above_bottom = answers < highest, answers > 0
    upper[rows[is_below_top], answers[is_below_top]] = 1.0
    lower[rows[is_above_bottom], answers[is_above_bottom] - 1] = 1.0
    upper[:, highest:], lower[:, highest:] = -x, -x
    return upper, lower


def _likelihood(
    theta: Floats, answers: NDArray[np.int64], upper: Floats, lower: Floats, highest: int
) -> tuple[float, Floats, Floats]:
    """Log-likelihood, its gradient by row, and its second derivatives."""
    from scipy.special import expit

    top, bottom = answers == highest, answers == 0
    above = np.where(top, 1.0, expit(upper @ theta))
    below = np.where(bottom, 0.0, expit(lower @ theta))
    p = above - below
    if (p <= 0).any():
        return -math.inf, np.zeros_like(upper), -np.eye(upper.shape[1])
    up, down = np.where(top, 0.0, above * (1 - above)), np.where(bottom, 0.0, below * (1 - below))
    first_up, first_down = up / p, -down / p
    second_up = up * (1 - 2 * above) / p - first_up**2
    second_down = -down * (1 - 2 * below) / p - first_down**2
    mixed = -first_up * first_down
    gradients = first_up[:, None] * upper + first_down[:, None] * lower
    crossed = upper.T @ (mixed[:, None] * lower)
    hessian = upper.T @ (second_up[:, None] * upper) + lower.T @ (second_down[:, None] * lower) + crossed + crossed.T
    return float(np.log(p).sum()), gradients, hessian
