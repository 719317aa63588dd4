"""Person fit: respondents whose answers do not follow the model that all others follow, such as random ones."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from personae.stats.estimate import Estimate
from personae.stats.graded_response import GradedFit, categories, category_slopes, item_numbers
from personae.stats.multiplicity import benjamini_hochberg
from personae.stats.proportion import proportion
from personae.stats.samples import Floats

_STEPS = 30
_LEAST_ANSWERS = 5


@dataclass(frozen=True, slots=True)
class PersonFit:
    """How each respondent fits."""

    statistic: Floats
    """lz*: standard normal for respondents who follow the model; far below 0 for those who do not. NaN below five
    answers."""
    p_values: Floats
    """Of the lower tail."""
    is_misfitting: NDArray[np.bool_]
    """After correction over respondents."""
    share: Estimate
    """Share of respondents that do not fit."""


def person_fit(fit: GradedFit, *, alpha: float = 0.05) -> PersonFit:
    """Find respondents whose answers are too unlikely for any trait value (lz*; Snijders, 2001; Sinharay, 2016).

    The log-likelihood of a respondent's answers is standardised at their estimated trait (maximum a posteriori) by a
    mean and variance that allow for the trait having been estimated from the same answers; without that (lz; Drasgow et
    al., 1985) the test is far too lenient on short scales. Corrected over respondents by Benjamini & Hochberg.

    When to use: to find careless, random or contradictory respondents before their answers become a score. A model
    fitted with many such respondents in it fits them too; they make it milder. On fewer than about ten items the normal
    approximation is rough.

    Args:
        fit: A fitted model; its own respondents are judged.
        alpha: Expected share of wrongly accused among the accused.
    """
    from scipy.special import ndtr

    codes = fit.codes
    theta = _modes(fit)
    ability_term = -theta  # derivative of the standard normal prior
    items = [item_numbers(item) for item in fit.items]
    weight_slope, score_slope = np.zeros(len(theta)), np.zeros(len(theta))
    unexpected = np.zeros(len(theta))
    tables = []
    for column, (a, b) in enumerate(items):
        table = np.clip(categories(theta, a, b), 1e-12, None)
        slopes = category_slopes(theta, a, b)
        known = codes[:, column] >= 0
        logs = np.log(table)
        weight_slope += np.where(known, (slopes * logs).sum(axis=1), 0.0)
        score_slope += np.where(known, (slopes**2 / table).sum(axis=1), 0.0)
        chosen = logs[np.arange(len(theta)), np.clip(codes[:, column], 0, None)]
        unexpected += np.where(known, chosen - (table * logs).sum(axis=1), 0.0)
        tables.append((table, slopes, logs, known))
    ratio = np.divide(weight_slope, score_slope, out=np.zeros_like(theta), where=score_slope > 0)
    variance = np.zeros(len(theta))
    for table, slopes, logs, known in tables:
        weights = logs - ratio[:, None] * slopes / table
        mean = (table * weights).sum(axis=1)
        variance += np.where(known, (table * weights**2).sum(axis=1) - mean**2, 0.0)
    enough = ((codes >= 0).sum(axis=1) >= _LEAST_ANSWERS) & (variance > 0)
    statistic = np.full(len(theta), np.nan)
    np.divide(unexpected + ratio * ability_term, np.sqrt(variance), out=statistic, where=enough)
    p_values: Floats = ndtr(statistic)
    adjusted = benjamini_hochberg(p_values.tolist())
    is_misfitting = np.array([p is not None and p < alpha for p in adjusted], dtype=np.bool_)
    share = proportion(int(is_misfitting.sum()), int(enough.sum()), missing=int((~enough).sum()))
    return PersonFit(statistic, p_values, is_misfitting, share)


def _modes(fit: GradedFit) -> Floats:
    """Maximum a posteriori traits, by Fisher scoring from the expected ones."""
    theta, _ = fit.abilities()
    for _ in range(_STEPS):
        score, information = -theta, np.ones(len(theta))
        for column, item in enumerate(fit.items):
            a, b = item_numbers(item)
            table = np.clip(categories(theta, a, b), 1e-12, None)
            slopes = category_slopes(theta, a, b)
            mine = fit.codes[:, column]
            rows = np.arange(len(theta))
            places = np.clip(mine, 0, None)
            score += np.where(mine >= 0, slopes[rows, places] / table[rows, places], 0.0)
            information += np.where(mine >= 0, (slopes**2 / table).sum(axis=1), 0.0)
        step = np.clip(score / information, -1.0, 1.0)
        theta = theta + step
        if np.abs(step).max(initial=0.0) < 1e-8:
            break
    return theta
