"""Whether a population says of groups what stereotypes say: marked words, and facts that hang on a group too much."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from personae.errors import InputError
from personae.population.fields import number_columns, text_columns
from personae.population.microdata import weights_of
from personae.population.targets import codes_of
from personae.stats.estimate import Estimate
from personae.stats.raking import effective_n
from personae.text.marked_words import MarkedWord, count_words, marked_words

if TYPE_CHECKING:
    import polars as pl

_LEAST_TEXTS = 5
_MOST_LEVELS = 50


@dataclass(frozen=True, slots=True)
class GroupWords:
    """Words that mark one group against all others."""

    group: str
    texts: int
    words: tuple[MarkedWord, ...]


def group_words(
    people: pl.DataFrame, group: str, text: str = "description", *, least: float = 1.96
) -> list[GroupWords]:
    """Words by which the texts about each group differ from those about all others (Marked Words; Cheng et al., 2023).

    The words of the group's own name are among them: what to look for are the others.

    Raises:
        InputError: If a column is not there, or fewer than two groups have texts.
    """
    for name in (group, text):
        if name not in people.columns:
            raise InputError("is not among the columns", where=name, remedy=f"there are {', '.join(people.columns)}")
    told = people.select(group, text).drop_nulls()
    corpora = {
        str(value): told.filter(told[group] == value)[text].to_list()
        for value in told[group].unique(maintain_order=True).to_list()
    }
    corpora = {name: texts for name, texts in corpora.items() if len(texts) >= _LEAST_TEXTS}
    if len(corpora) < 2:
        raise InputError(
            f"fewer than two groups have {_LEAST_TEXTS} texts", where=group, remedy="give texts of several groups"
        )
    counts = {name: count_words(texts) for name, texts in corpora.items()}
    whole = sum(counts.values(), start=type(next(iter(counts.values())))())
    return [
        GroupWords(name, len(corpora[name]), tuple(marked_words(own, whole - own, whole, least=least)))
        for name, own in counts.items()
    ]


@dataclass(frozen=True, slots=True)
class Association:
    """How strongly two columns hang together in a population, and in a target if there is one."""

    columns: tuple[str, str]
    strength: Estimate
    """Cramér's V, corrected for its bias (Bergsma, 2013)."""
    target: float | None

    @property
    def excess(self) -> float | None:
        """How much stronger than in the target."""
        return None if self.target is None else self.strength.estimate - self.target


def associations(
    people: pl.DataFrame, groups: Sequence[str], *, target: pl.DataFrame | None = None, rng: np.random.Generator
) -> list[Association]:
    """How much every other fact hangs on each group, the strongest first.

    When to use: to see whether occupation follows from gender in a population more than it does among people.

    Raises:
        InputError: If a group is not among the columns.
    """
    columns = [*number_columns(people), *text_columns(people)]
    if lacking := [group for group in groups if group not in columns]:
        raise InputError("is not among the columns", where=lacking[0], remedy=f"there are {', '.join(columns)}")
    weights = weights_of(people)
    found = []
    for group, other in itertools.product(groups, columns):
        is_free = not people.schema[other].is_numeric() and people[other].n_unique() > _MOST_LEVELS
        if other == group or is_free or (other in groups and groups.index(other) < groups.index(group)):
            continue
        x, y = codes_of(people[group], people[group])[0], codes_of(people[other], people[other])[0]
        value = cramers_v(x, y, weights)
        draws = []
        for _ in range(100):
            rows = rng.integers(len(x), size=len(x))
            draws.append(cramers_v(x[rows], y[rows], weights[rows]))
        low, high = np.quantile(draws, [0.025, 0.975])
        strength = Estimate(
            value, min(float(low), value), max(float(high), value), len(x), method="Cramér's V, corrected"
        )
        beside = None
        if target is not None and group in target.columns and other in target.columns:
            pair = [codes_of(target[name], target[name])[0] for name in (group, other)]
            beside = cramers_v(pair[0], pair[1], weights_of(target))
        found.append(Association((group, other), strength, beside))
    return sorted(found, key=lambda one: -(one.strength.estimate if one.excess is None else one.excess))


def cramers_v(
    first: np.ndarray[tuple[int, ...], np.dtype[np.int64]],
    second: np.ndarray[tuple[int, ...], np.dtype[np.int64]],
    weights: np.ndarray[tuple[int, ...], np.dtype[np.float64]] | None = None,
) -> float:
    """Cramér's V of two columns of category numbers, corrected for its bias (Bergsma, 2013); weights count as Kish's
    effective n.

    Example:
        >>> x = np.array([0, 1] * 100)
        >>> round(cramers_v(x, x), 3), cramers_v(x, np.repeat([0, 1], 100))
        (1.0, 0.0)
    """
    _, x = np.unique(first, return_inverse=True)
    _, y = np.unique(second, return_inverse=True)
    rows, columns = int(x.max(initial=-1)) + 1, int(y.max(initial=-1)) + 1
    own = np.ones(len(x)) if weights is None else weights
    n = effective_n(own)
    if min(rows, columns) < 2 or n < 3:
        return 0.0
    counts = np.bincount(x * columns + y, own, minlength=rows * columns).reshape(rows, columns) * (n / own.sum())
    counts = counts[counts.sum(axis=1) > 0][:, counts.sum(axis=0) > 0]
    rows, columns = counts.shape
    if min(rows, columns) < 2:
        return 0.0
    expected = np.outer(counts.sum(axis=1), counts.sum(axis=0)) / n
    phi2 = float(((counts - expected) ** 2 / expected).sum()) / n
    phi2 = max(0.0, phi2 - (rows - 1) * (columns - 1) / (n - 1))
    r, c = rows - (rows - 1) ** 2 / (n - 1), columns - (columns - 1) ** 2 / (n - 1)
    return float(np.sqrt(phi2 / (min(r, c) - 1))) if min(r, c) > 1 else 0.0
