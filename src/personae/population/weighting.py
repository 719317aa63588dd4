"""Weights that make people stand for a population, and how far a sample is from the margins it should have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from personae.errors import InputError
from personae.population.fields import WEIGHT
from personae.population.microdata import weights_of
from personae.stats.estimate import Estimate
from personae.stats.proportion import weighted_proportion
from personae.stats.raking import effective_n, fit_table, integerise, rake_weights

if TYPE_CHECKING:
    import polars as pl

Targets = Mapping[Any, Mapping[Any, float]]
"""Wanted shares or counts by value, by column; or by combination of values, by a tuple of columns."""


@dataclass(frozen=True, slots=True)
class Weighted:
    """People with weights, and what the weights cost."""

    people: pl.DataFrame
    """With the column ``weight``; its mean is 1."""
    rounds: int
    is_converged: bool
    largest_error: float
    """Largest difference between a weighted share and the share wanted."""
    effective_n: float
    """People of equal weight that would tell as much (Kish)."""

    @property
    def design_effect(self) -> float:
        """How many times larger variances are than without weights: n over effective n."""
        return self.people.height / self.effective_n

    def to_json(self) -> dict[str, Any]:
        """Plain JSON form, without the people."""
        return {
            "n": self.people.height,
            "effective_n": self.effective_n,
            "design_effect": self.design_effect,
            "largest_error": self.largest_error,
            "rounds": self.rounds,
            "is_converged": self.is_converged,
        }


def rake(people: pl.DataFrame, targets: Targets, *, tolerance: float = 1e-9, largest: float | None = None) -> Weighted:
    """Weight people so that every column has the shares wanted, one by one (raking).

    When to use: when margins are published and the joint distribution is not. Begins with the column ``weight`` if
    there is one. For the joint distribution of columns, see :func:`post_stratify`.

    Args:
        people: Who is weighted.
        targets: Shares or counts by value, by column; each column's are scaled to sum to 1. ``None`` may be a value:
            people of whom nothing is said then have a share too. A tuple of columns has shares by tuples of values.
        tolerance: Largest difference of a share at which it is done.
        largest: Trims weights above this many times their mean; then margins may be missed, and the result says so.

    Raises:
        InputError: If somebody has a value without a target, a target is wanted that nobody has, a share or a weight is
            none, or a column is empty somewhere.

    Example:
        >>> import polars as pl
        >>> people = pl.DataFrame({"demographics.gender": ["woman", "woman", "woman", "man"]})
        >>> found = rake(people, {"demographics.gender": {"woman": 0.5, "man": 0.5}})
        >>> found.people["weight"].round(3).to_list(), round(found.effective_n, 6)
        ([0.667, 0.667, 0.667, 2.0], 3.0)
    """
    base = weights_of(people)
    if people.is_empty() or not targets:
        what = "there is nobody to weight" if people.is_empty() else "no shares are wanted"
        raise InputError(what, where="raking", remedy="give people, and shares by column")
    codes, goals = [], []
    for column, shares in targets.items():
        code, values = _codes(people, column, shares)
        goals.append(np.array(list(_scaled(column, shares).values())))
        have = np.bincount(code, weights=base, minlength=len(values))
        if lacking := [value for value, goal, n in zip(values, goals[-1], have, strict=True) if goal > 0 and n == 0]:
            raise InputError(
                f"{lacking[0]!r} is wanted and nobody has it",
                where=_spelled(column),
                remedy="merge it with another value, or add people",
            )
        codes.append(code)
    fitted = rake_weights(codes, goals, base=base, tolerance=tolerance, largest=largest)
    return _weighted(people, fitted.values, fitted.rounds, fitted.largest_error, is_converged=fitted.is_converged)


def post_stratify(people: pl.DataFrame, columns: Sequence[str], shares: Mapping[tuple[Any, ...], float]) -> Weighted:
    """Weight people so that every combination of some columns has the share wanted.

    Args:
        people: Who is weighted.
        columns: The columns that combine.
        shares: Shares or counts by combination of their values.

    Raises:
        InputError: If somebody is in a combination without a share, or one is wanted that nobody has.

    Example:
        >>> import polars as pl
        >>> people = pl.DataFrame({"style": ["a", "a", "b"], "name": ["x", "x", "y"]})
        >>> post_stratify(people, ["style", "name"], {("a", "x"): 1, ("b", "y"): 1}).people["weight"].to_list()
        [0.75, 0.75, 1.5]
    """
    return rake(people, {tuple(columns): shares})


@dataclass(frozen=True, slots=True)
class MarginError:
    """One value of one column: the share that a sample has, and the share it should have."""

    column: str
    value: Any
    wanted: float
    reached: Estimate

    @property
    def error(self) -> float:
        """Reached less wanted."""
        return self.reached.estimate - self.wanted

    def to_json(self) -> dict[str, Any]:
        """Plain JSON form."""
        return {
            "column": self.column,
            "value": self.value,
            "wanted": self.wanted,
            "reached": self.reached.estimate,
            "low": self.reached.low,
            "high": self.reached.high,
            "n": self.reached.n,
            "missing": self.reached.missing,
            "error": self.error,
        }


@dataclass(frozen=True, slots=True)
class MarginReport:
    """How far a sample is from the margins that it should have."""

    rows: tuple[MarginError, ...]
    effective_n: float

    @property
    def largest(self) -> float:
        """The largest absolute difference of a share."""
        return max((abs(row.error) for row in self.rows), default=0.0)

    def total_variation(self, column: str) -> float:
        """Share of people who would have to change this field: half the sum of absolute differences."""
        return 0.5 * sum(abs(row.error) for row in self.rows if row.column == column)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON form."""
        return {
            "effective_n": self.effective_n,
            "largest": self.largest,
            "rows": [row.to_json() for row in self.rows],
        }

    @property
    def outside(self) -> tuple[MarginError, ...]:
        """Values whose wanted share lies outside the interval of the sample's."""
        return tuple(row for row in self.rows if not row.reached.low <= row.wanted <= row.reached.high)


def margin_errors(people: pl.DataFrame, targets: Targets) -> MarginReport:
    """Compare the shares of a sample, weighted if it has weights, with those it should have.

    The interval is Wilson's, at the effective n where there are weights.

    Raises:
        InputError: If a column is not there.

    Example:
        >>> import polars as pl
        >>> people = pl.DataFrame({"style": ["a"] * 30 + ["b"] * 70})
        >>> found = margin_errors(people, {"style": {"a": 0.5, "b": 0.5}})
        >>> round(found.largest, 2), len(found.outside)
        (0.2, 2)
    """
    rows = []
    weights = weights_of(people)
    for column, shares in targets.items():
        goals = _scaled(column, shares)
        values = _values(people, column)
        known = np.array([value in shares or not _is_missing(value) for value in values], dtype=bool)
        own, n = weights[known], int(known.sum())
        told = [value for value, is_known in zip(values, known.tolist(), strict=True) if is_known]
        place = {value: index for index, value in enumerate(dict.fromkeys((*shares, *told)))}
        sums = (
            np.bincount([place[value] for value in told], own, minlength=len(place)) if told else np.zeros(len(place))
        )
        total = float(own.sum())
        for value, weight in zip(place, sums.tolist(), strict=True):
            share = weight / total if total else float("nan")
            reached = weighted_proportion(share, effective_n(own), n=n if total else 0, missing=len(values) - n)
            rows.append(MarginError(_spelled(column), value, goals.get(value, 0.0), reached))
    return MarginReport(tuple(rows), effective_n(weights))


def synthesise(
    sample: pl.DataFrame, targets: Targets, size: int, *, rng: np.random.Generator, small: float = 0.0
) -> pl.DataFrame:
    """Make a whole population of the margins wanted, with the odds ratios of a sample (IPF, then whole counts).

    When to use: for a synthetic census: margins of a town, dependence of a national sample.

    Args:
        sample: People that show what goes together.
        targets: Shares or counts by value, by column; the columns of the result.
        size: People made.
        rng: Draws the counts where fractions are left over, and the order.
        small: Count added to cells that the sample lacks, if such people can exist.

    Returns:
        One row a person, shuffled; weights are all 1, so that it is a population and not a weighted sample.

    Raises:
        InputError: If the sample lacks a value that is wanted, or the margins cannot be reached.
    """
    import polars as pl

    columns = list(targets)
    coded = [_codes(sample, column, targets[column], partly=True) for column in columns]
    shape = tuple(len(values) for _, values in coded)
    seed = np.full(shape, small)
    weights = weights_of(sample)
    kept = np.all([code >= 0 for code, _ in coded], axis=0)
    np.add.at(seed, tuple(code[kept] for code, _ in coded), weights[kept])
    margins: dict[tuple[int, ...], NDArray[np.float64]] = {}
    for axis, column in enumerate(columns):
        margins[(axis,)] = np.array(list(_scaled(column, targets[column]).values()))
    fitted = fit_table(seed, margins)
    if not fitted.is_converged:
        raise InputError(
            f"the margins are missed by {fitted.largest_error:.2g}", where="synthesise", remedy="give small > 0"
        )
    counts = integerise(fitted.values, size, rng=rng)
    places = np.repeat(np.arange(counts.size), counts.ravel())[rng.permutation(size)]
    codes = np.unravel_index(places, shape)
    return pl.DataFrame(
        {
            column: pl.Series(column, list(values)).gather(code)
            for column, (_, values), code in zip(columns, coded, codes, strict=True)
        }
    )


def _scaled(column: Any, shares: Mapping[Any, float]) -> dict[Any, float]:
    """Shares that sum to 1, in their order."""
    wrong = [value for value, share in shares.items() if not (0 <= share < float("inf"))]
    if wrong:
        raise InputError(f"the share of {wrong[0]!r} is none", where=_spelled(column), remedy="shares are 0 or more")
    total = float(sum(shares.values()))
    if not 0 < total < float("inf"):
        raise InputError("wants nobody", where=_spelled(column), remedy="give shares above 0")
    return {value: share / total for value, share in shares.items()}


def _codes(
    people: pl.DataFrame, column: Any, shares: Mapping[Any, float], *, partly: bool = False
) -> tuple[np.ndarray[Any, np.dtype[np.int64]], list[Any]]:
    """Category numbers of a column in the order of its shares; -1 for what has none, where that is allowed."""
    values = list(shares)
    place = {value: index for index, value in enumerate(values)}
    held = _values(people, column)
    codes = np.array([place.get(value, -1) for value in held], dtype=np.int64)
    if not partly and (codes < 0).any():
        value = held[int(np.flatnonzero(codes < 0)[0])]
        what = "is empty for somebody" if _is_missing(value) else f"holds {value!r}, which has no target"
        raise InputError(what, where=_spelled(column), remedy="give it a target, or leave these people out")
    return codes, values


def _values(people: pl.DataFrame, column: Any) -> list[Any]:
    """What everybody has in a column, or in several, as a tuple.

    Raises:
        InputError: If a column is not there, or holds lists.
    """
    for name in column if isinstance(column, tuple) else (column,):
        if name not in people.columns:
            raise InputError("is not among the columns", where=name, remedy=f"there are {', '.join(people.columns)}")
        if people.schema[name].is_nested():
            raise InputError("holds lists, which have no shares", where=name, remedy="make a column of one value each")
    return list(people.select(column).iter_rows()) if isinstance(column, tuple) else people[column].to_list()


def _is_missing(value: Any) -> bool:
    return None in value if isinstance(value, tuple) else value is None


def _spelled(column: Any) -> str:
    return ", ".join(column) if isinstance(column, tuple) else str(column)


def _weighted(
    people: pl.DataFrame,
    weights: np.ndarray[Any, np.dtype[np.float64]],
    rounds: int,
    error: float,
    *,
    is_converged: bool,
) -> Weighted:
    import polars as pl

    weights = weights * (len(weights) / weights.sum())
    return Weighted(people.with_columns(pl.Series(WEIGHT, weights)), rounds, is_converged, error, effective_n(weights))
