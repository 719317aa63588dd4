"""The graded response model (Samejima, 1969): what each item tells, where, and of whom.

Fitted by marginal maximum likelihood with the library ``mirt`` (extra ``stats``). Its default of 21 quadrature points
makes discriminations of long scales too small by .16; 61 points do not.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from personae.errors import InputError, MissingExtraError
from personae.stats.effects import check_level
from personae.stats.estimate import Estimate
from personae.stats.samples import Floats

RESPONDENTS_NEEDED = 500
"""Respondents from which discriminations are worth reporting (Reise & Yu, 1990)."""
LEAST_RESPONDENTS = 100
_LEAST_QUADRATURE = 61
_MOST_THRESHOLD = 6.0
_GRID = np.linspace(-6.0, 6.0, 121)


@dataclass(frozen=True, slots=True)
class GradedItem:
    """Parameters of one item."""

    discrimination: Estimate
    """Slope a: how sharply the item tells respondents apart, per SD of the trait in logits."""
    thresholds: tuple[Estimate, ...]
    """Trait values at which an answer above each option becomes more likely than not, in SD."""
    values: tuple[int, ...]
    """Answers that occurred, rising; an option that nobody chose has no threshold."""


@dataclass(frozen=True)
class GradedFit:
    """A fitted graded response model, with everything that follows from it."""

    items: tuple[GradedItem, ...]
    codes: NDArray[np.int64]
    """Answers as places among each item's values; -1 is missing."""
    log_likelihood: float
    is_converged: bool
    iterations: int
    note: str = ""
    details: dict[str, float] = field(default_factory=dict)

    def probabilities(self, theta: ArrayLike) -> list[Floats]:
        """For each item, the probability of each of its values at each trait value: trait values by values."""
        at = np.asarray(theta, dtype=np.float64).ravel()
        return [categories(at, *item_numbers(item)) for item in self.items]

    def abilities(self) -> tuple[Floats, Floats]:
        """Trait of each respondent and its standard error (expected a posteriori under a standard normal prior)."""
        logs = np.zeros((len(self.codes), len(_GRID)))
        for column, table in enumerate(self.probabilities(_GRID)):
            mine = self.codes[:, column]
            known = mine >= 0
            logs[known] += np.log(np.clip(table, 1e-300, None)).T[mine[known]]
        logs -= _GRID**2 / 2
        weights = np.exp(logs - logs.max(axis=1, keepdims=True))
        weights /= weights.sum(axis=1, keepdims=True)
        means = weights @ _GRID
        spread = np.sqrt(np.clip(weights @ _GRID**2 - means**2, 0.0, None))
        return means, spread

    def information(self, theta: ArrayLike) -> Floats:
        """Fisher information of all items together at trait values; ``1 / sqrt`` of it is the standard error there."""
        at = np.asarray(theta, dtype=np.float64).ravel()
        total = np.zeros(len(at))
        for item in self.items:
            a, b = item_numbers(item)
            table, slopes = categories(at, a, b), category_slopes(at, a, b)
            total += (slopes**2 / np.clip(table, 1e-12, None)).sum(axis=1)
        return total

    def reliability(self) -> Estimate:
        """Marginal reliability ``var(trait) / (var(trait) + mean error variance)`` of the estimated traits.

        A description of this sample, without interval.
        """
        means, errors = self.abilities()
        spread, noise = float(means.var(ddof=1)), float((errors**2).mean())
        value = spread / (spread + noise) if spread + noise > 0 else math.nan
        method = "marginal reliability of expected a posteriori traits"
        return Estimate(value, math.nan, math.nan, len(means), method=method, note="a description, without interval")


def fit_graded(
    matrix: ArrayLike, *, quadrature: int = _LEAST_QUADRATURE, level: float = 0.95, iterations: int = 1000
) -> GradedFit:
    """Fit the graded response model to the answers to one scale.

    When to use: to see where on the trait a scale measures, and which items carry it. Respondents have to be
    independent of each other, and below :data:`RESPONDENTS_NEEDED` of them parameters are rough. The trait has mean 0
    and SD 1 over the respondents given.

    Args:
        matrix: Respondents by items, already reverse-keyed, whole numbers; NaN is a missing answer.
        quadrature: Points of the trait at which the likelihood is summed, 61 at least.
        level: Coverage of the intervals (Wald, Oakes' information).
        iterations: Steps of the EM algorithm at most.

    Raises:
        MissingExtraError: If mirt is not installed.
        InputError: If there are fewer than three items or 100 respondents, an item was answered alike by all, or
            quadrature is too coarse.
    """
    check_level(level)
    if quadrature < _LEAST_QUADRATURE:
        raise InputError(
            f"{quadrature} quadrature points bias discriminations", remedy=f"use {_LEAST_QUADRATURE} at least"
        )
    given = np.asarray(matrix, dtype=np.float64)
    if given.ndim != 2 or given.shape[1] < 3:
        raise InputError("a graded response model needs three items", remedy="give respondents by items")
    rows = given[np.isfinite(given).any(axis=1)]
    if len(rows) < LEAST_RESPONDENTS:
        raise InputError(
            f"{len(rows)} respondents do not determine a graded response model",
            remedy=f"ask {RESPONDENTS_NEEDED} or more; with fewer than {LEAST_RESPONDENTS} it is not fitted",
        )
    codes, values = _encode(rows)
    fitted = _mirt().fit_mirt(
        np.where(codes < 0, -1, codes),
        model="GRM",
        n_categories=[len(one) for one in values],
        n_quadpts=quadrature,
        max_iter=iterations,
        accelerate="squarem",
    )
    slopes, errors = fitted.model.parameters, fitted.standard_errors
    missing = len(given) - len(rows)
    items = tuple(
        _item(slopes, errors, column, one, int((codes[:, column] >= 0).sum()), missing, level)
        for column, one in enumerate(values)
    )
    at_edge = sum(abs(b.estimate) >= _MOST_THRESHOLD - 1e-6 for item in items for b in item.thresholds)
    notes = []
    if not fitted.converged:
        notes.append("the fit did not converge")
    if at_edge:
        notes.append(f"{at_edge} thresholds lie beyond ±6 SD and have no interval")
    return GradedFit(
        items, codes, float(fitted.log_likelihood), bool(fitted.converged), int(fitted.n_iterations), "; ".join(notes)
    )


def _mirt() -> Any:
    try:
        import mirt
    except ImportError as error:
        raise MissingExtraError("the graded response model", "stats") from error
    return mirt


def _encode(rows: Floats) -> tuple[NDArray[np.int64], list[tuple[int, ...]]]:
    codes = np.full(rows.shape, -1, dtype=np.int64)
    values = []
    for column in range(rows.shape[1]):
        known = np.isfinite(rows[:, column])
        found, places = np.unique(rows[known, column], return_inverse=True)
        if len(found) < 2:
            raise InputError(
                "was answered alike by everyone", where=f"item {column + 1}", remedy="leave the item out of the scale"
            )
        if (found != np.round(found)).any():
            raise InputError("has answers that are no whole numbers", where=f"item {column + 1}", remedy="give options")
        codes[known, column] = places
        values.append(tuple(int(value) for value in found))
    return codes, values


def _item(
    parameters: Any, errors: Any, column: int, values: tuple[int, ...], n: int, missing: int, level: float
) -> GradedItem:
    from scipy.special import ndtri

    z = float(ndtri((1 + level) / 2))

    def wald(value: float, error: float) -> Estimate:
        method = "graded response model, marginal maximum likelihood, Wald interval"
        known = math.isfinite(error) and error > 0
        half = z * error if known else math.nan
        details = {"standard_error": error} if known else {}
        return Estimate(value, value - half, value + half, n, missing, level, method, details=details)

    a = wald(float(parameters["discrimination"][column]), float(errors["discrimination"][column]))
    b = tuple(
        wald(float(parameters["thresholds"][column][place]), float(errors["thresholds"][column][place]))
        for place in range(len(values) - 1)
    )
    return GradedItem(a, b, values)


def item_numbers(item: GradedItem) -> tuple[float, Floats]:
    """Discrimination and thresholds of an item as plain numbers."""
    return item.discrimination.estimate, np.array([one.estimate for one in item.thresholds])


def _above(at: Floats, a: float, b: Floats) -> Floats:
    from scipy.special import expit

    inner: Floats = expit(a * (at[:, None] - b))
    return np.hstack([np.ones((len(at), 1)), inner, np.zeros((len(at), 1))])


def categories(at: Floats, a: float, b: Floats) -> Floats:
    """Probability of each answer at each trait value."""
    above = _above(at, a, b)
    return above[:, :-1] - above[:, 1:]


def category_slopes(at: Floats, a: float, b: Floats) -> Floats:
    """How fast each of these probabilities rises with the trait."""
    above = _above(at, a, b)
    rising = a * above * (1 - above)
    return rising[:, :-1] - rising[:, 1:]
