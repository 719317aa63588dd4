"""Several traits by several methods: convergent and discriminant validity, with intervals."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from personae.errors import InputError
from personae.stats.effects import check_level
from personae.stats.estimate import Estimate
from personae.stats.jackknife import covariances_without_each, jackknife_interval
from personae.stats.samples import Clusters, Floats, cluster_codes, undefined

Scale = Literal["plain", "complement"]
_HIGH = 0.9
"""HTMT beyond which two traits are not told apart; .85 is the stricter convention (Henseler et al., 2015)."""


class Measure(NamedTuple):
    """One trait by one method: an instrument, a rater, a text."""

    trait: str
    method: str


@dataclass(frozen=True, slots=True)
class Multitrait:
    """The multitrait-multimethod matrix and what it says."""

    measures: tuple[Measure, ...]
    correlations: Floats
    convergent: Mapping[str, Estimate]
    """By trait: mean correlation of its measures by different methods."""
    convergent_mean: Estimate
    """Over traits."""
    discriminant: Mapping[str, Estimate]
    """By trait: its convergent correlation minus the mean size of its correlations with other traits (by either method
    other than its own). Serapio-García et al. (2023) ask for .40 at least."""
    discriminant_mean: Estimate
    heterotrait: Mapping[tuple[str, str], Estimate]
    """By pair of traits: HTMT, the mean correlation across traits and methods over the mean within traits. 1 if the two
    cannot be told apart."""
    campbell_fiske: Estimate
    """Share of comparisons in which a validity exceeds a correlation of its measure with another trait measured by
    another method (their second criterion)."""
    same_method: Estimate
    """Share in which it exceeds a correlation with another trait measured by the same method (the third)."""

    def is_distinct(self, first: str, second: str) -> bool:
        """Whether HTMT of two traits lies below .90 with its whole interval."""
        key = (first, second) if (first, second) in self.heterotrait else (second, first)
        return self.heterotrait[key].high < _HIGH


def multitrait(
    scores: Mapping[Measure, Floats] | Mapping[tuple[str, str], Floats],
    *,
    clusters: Clusters | None = None,
    level: float = 0.95,
) -> Multitrait:
    """Hold every trait by every method against every other (Campbell & Fiske, 1959).

    Intervals leave out one respondent, or one cluster, at a time; respondents that miss any score are set aside.

    Args:
        scores: One score a respondent by (trait, method); every trait by the same two methods or more.
        clusters: What respondents share, such as the biography that they were written from.
        level: Coverage of the intervals.

    Raises:
        InputError: If there are fewer than two traits or methods, a combination is missing, or scores differ in length.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> traits = {name: rng.normal(size=300) for name in ("open", "calm")}
        >>> found = multitrait({
        ...     (name, method): trait + 0.5 * rng.normal(size=300)
        ...     for name, trait in traits.items() for method in ("form a", "form b")
        ... })
        >>> round(found.convergent["open"].estimate, 1), found.is_distinct("open", "calm")
        (0.8, True)
    """
    check_level(level)
    measures = tuple(Measure(*key) for key in scores)
    traits = list(dict.fromkeys(one.trait for one in measures))
    methods = list(dict.fromkeys(one.method for one in measures))
    if len(traits) < 2 or len(methods) < 2:
        raise InputError("needs two traits and two methods", remedy="give scores by (trait, method)")
    lacking = [(trait, method) for trait in traits for method in methods if Measure(trait, method) not in measures]
    if lacking:
        raise InputError(f"{lacking[0][0]} is not measured by {lacking[0][1]}", remedy="give every combination")
    columns = [np.asarray(one, dtype=np.float64).ravel() for one in scores.values()]
    if len({len(one) for one in columns}) > 1:
        raise InputError("scores differ in length", remedy="give one a respondent; NaN is missing")
    given = np.column_stack(columns)
    kept: NDArray[np.bool_] = np.asarray(np.isfinite(given).all(axis=1))
    rows, missing = given[kept], int((~kept).sum())
    codes = cluster_codes(len(given), clusters, kept)
    frame = _Frame(measures, traits, rows, codes, missing, level, "respondents" if clusters is None else "clusters")
    return frame.conclude()


@dataclass(frozen=True)
class _Frame:
    """The scores, and how estimates are made of their correlations."""

    measures: tuple[Measure, ...]
    traits: list[str]
    rows: Floats
    codes: NDArray[np.int64]
    missing: int
    level: float
    unit: str

    def conclude(self) -> Multitrait:
        units = int(self.codes.max(initial=-1)) + 1
        usable = units > 3 and len(self.rows) > 3 and not (np.ptp(self.rows, axis=0) == 0).any()
        whole = _correlations(np.cov(self.rows, rowvar=False)[None])[0] if usable else self._nothing()
        without = _correlations(covariances_without_each(self.rows, self.codes)) if usable else whole[None]

        def estimate(statistic: Callable[[Floats], float], words: str, scale: Scale = "plain") -> Estimate:
            method = f"{words}, jackknife over {units} {self.unit}"
            if not usable:
                note = "a score is the same for everyone, or there are too few respondents"
                return undefined(note, n=len(self.rows), missing=self.missing, method=method)
            value = float(statistic(whole))
            if not math.isfinite(value):
                note = "the correlations that it divides by are not above 0"
                return undefined(note, n=len(self.rows), missing=self.missing, method=method)
            left = np.array([statistic(one) for one in without])
            low, high, details, note = jackknife_interval(value, left, self.level, scale=scale)
            if scale == "plain":  # sizes of correlations are not smooth at 0, and their jackknife bias is noise
                half = (high - low) / 2
                low, high = value - half, value + half
            else:
                low = max(low, -1.0)
            n = len(self.rows)
            return Estimate(value, low, high, n, self.missing, self.level, method, note=note, details=details)

        convergent = {
            trait: estimate(partial(self._validity, trait=trait), "mean correlation across methods", "complement")
            for trait in self.traits
        }
        discriminant = {
            trait: estimate(partial(self._distance, trait=trait), "convergent minus mean |correlation| with others")
            for trait in self.traits
        }
        pairs = {
            (a, b): estimate(partial(self._htmt, first=a, second=b), "HTMT (Henseler et al., 2015)")
            for a, b in itertools.combinations(self.traits, 2)
        }
        return Multitrait(
            self.measures,
            whole,
            convergent,
            estimate(partial(self._mean, statistic=self._validity), "mean over traits", "complement"),
            discriminant,
            estimate(partial(self._mean, statistic=self._distance), "mean over traits"),
            pairs,
            estimate(partial(self._exceeds, same=False), "share of comparisons"),
            estimate(partial(self._exceeds, same=True), "share of comparisons"),
        )

    def _nothing(self) -> Floats:
        return np.full((len(self.measures),) * 2, np.nan)

    def _places(self, trait: str) -> list[int]:
        return [place for place, one in enumerate(self.measures) if one.trait == trait]

    def _validity(self, r: Floats, trait: str) -> float:
        return float(np.mean([r[a, b] for a, b in itertools.combinations(self._places(trait), 2)]))

    def _distance(self, r: Floats, trait: str) -> float:
        others = [
            abs(r[a, b])
            for a in self._places(trait)
            for b, one in enumerate(self.measures)
            if one.trait != trait and one.method != self.measures[a].method
        ]
        return self._validity(r, trait) - float(np.mean(others))

    def _mean(self, r: Floats, statistic: Callable[[Floats, str], float]) -> float:
        return float(np.mean([statistic(r, trait) for trait in self.traits]))

    def _htmt(self, r: Floats, first: str, second: str) -> float:
        across = np.mean([r[a, b] for a in self._places(first) for b in self._places(second)])
        within = self._validity(r, first), self._validity(r, second)
        if min(within) <= 0:
            return math.nan
        return float(abs(across) / math.sqrt(within[0] * within[1]))

    def _exceeds(self, r: Floats, *, same: bool) -> float:
        wins, count = 0, 0
        for trait in self.traits:
            for a, b in itertools.combinations(self._places(trait), 2):
                for place in (a, b):
                    for other, one in enumerate(self.measures):
                        if one.trait == trait or (one.method == self.measures[place].method) != same:
                            continue
                        count += 1
                        wins += int(r[a, b] > abs(r[place, other]))
        return wins / count if count else math.nan


def _correlations(covariances: Floats) -> Floats:
    scale = np.sqrt(np.diagonal(covariances, axis1=1, axis2=2))
    product = scale[:, :, None] * scale[:, None, :]
    found: Floats = np.divide(covariances, product, out=np.full_like(covariances, np.nan), where=product > 0)
    return found
