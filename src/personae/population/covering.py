"""People who cover a space of fields, instead of standing for a population: Sobol points, and the far-apart few."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from personae.errors import InputError
from personae.persona import Provenance
from personae.population.fields import check_column
from personae.population.source import Block

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray

MOST_APART = 4_000
"""People that a maximin design has at most: each is held against all candidates."""
_MOST_AXES = 100
_BITS = 30
_POOL, _LEAST_POOL = 16, 1024


@dataclass(frozen=True, slots=True)
class Axis:
    """A number that people are to cover, from low to high: z-scores of a trait if nothing else is said."""

    low: float = -2.0
    high: float = 2.0
    shape: Literal["uniform", "normal"] = "uniform"
    """Evenly, or as a standard normal has them."""
    whole: bool = False

    def at(self, u: NDArray[np.float64]) -> NDArray[np.float64] | NDArray[np.int64]:
        """Numbers for shares of the way."""
        from scipy.special import ndtr, ndtri

        if self.whole:
            low, high = np.ceil(self.low), np.floor(self.high)
            return np.asarray(np.minimum(low + np.floor(u * (high - low + 1)), high), dtype=np.int64)
        if self.shape == "normal":
            u = ndtr(self.low) + (ndtr(self.high) - ndtr(self.low)) * u
            return np.asarray(np.clip(ndtri(u), self.low, self.high), dtype=np.float64)
        return np.asarray(self.low + (self.high - self.low) * u, dtype=np.float64)


@dataclass(frozen=True)
class CoverSource:
    """Spreads people evenly over a space of traits and other fields.

    When to use: to see what a model does over all of a trait space with few people. ``sobol`` is a scrambled Sobol
    sequence (Sobol, 1967; Owen, 1995): every stretch of it is even, powers of two are balanced best, and it can be
    drawn without end. ``maximin`` takes, out of sixteen times as many points of that sequence, those that are farthest
    apart (:func:`choose_apart`): the first is the middle, the next are corners, and no two are near each other; some
    thousand people at most. An axis that is ``uniform`` has rare people as densely as common ones; ``normal`` covers
    the people there are, more evenly than chance does.

    Args:
        axes: Bounds of a number, or the values of a category, by column.
        how: Which of the two.

    Raises:
        InputError: If a column is no field, or bounds or values are none.

    Example:
        >>> source = CoverSource({"traits.big_five.openness": Axis()})
        >>> people = source.draw(Block(0, 4, 4, seed=3))["traits.big_five.openness"]
        >>> sorted(int(z) for z in people)  # one in each quarter
        [-1, 0, 0, 1]
    """

    axes: Mapping[str, Axis | Sequence[Any]]
    how: Literal["sobol", "maximin"] = "sobol"

    def __post_init__(self) -> None:
        if not 1 <= len(self.axes) <= _MOST_AXES:
            raise InputError("needs fields to cover", where="cover", remedy=f"give 1 to {_MOST_AXES}")
        for column, axis in self.axes.items():
            check_column(column, where="cover")
            if isinstance(axis, Axis):
                if not axis.low < axis.high or (axis.whole and np.ceil(axis.low) > np.floor(axis.high)):
                    raise InputError(
                        f"low {axis.low:g} is not below high {axis.high:g}", where=column, remedy="mend the bounds"
                    )
                if axis.shape == "normal" and (axis.whole or not _share_between(axis.low, axis.high) > 0):
                    raise InputError("a normal axis is of z-scores", where=column, remedy="leave shape out")
            elif not axis or len(set(axis)) < len(axis):
                raise InputError("has no different values", where=column, remedy="give each once")

    @property
    def size(self) -> int | None:
        """Without end; the number is bounded where points are held against each other."""
        return None

    @property
    def provenance(self) -> Mapping[str, Provenance]:
        """Given by the design."""
        source = Provenance(origin="given", by=f"covering design ({self.how})")
        return dict.fromkeys(self.axes, source)

    def draw(self, block: Block) -> pl.DataFrame:
        """The points of the design that belong to the block.

        Raises:
            InputError: If more people are wanted than can be held against each other.
        """
        if self.how == "sobol":
            return self._points(block, block.start, block.count)
        if block.size > MOST_APART:
            raise InputError(
                f"{block.size} people are too many to hold against each other",
                where="cover",
                remedy=f"draw {MOST_APART} at most, or use how: sobol",
            )
        pool = self._points(block, 0, 1 << (max(_LEAST_POOL, _POOL * block.size) - 1).bit_length())
        chosen = choose_apart(pool, block.size, columns=list(self.axes))
        return pool[chosen][block.start : block.start + block.count]

    def _points(self, block: Block, start: int, count: int) -> pl.DataFrame:
        import polars as pl
        from scipy.stats import qmc

        rng = np.random.default_rng(np.random.SeedSequence(block.seed, spawn_key=block.salt))
        sequence = qmc.Sobol(len(self.axes), scramble=True, bits=_BITS, rng=rng)
        if start:
            sequence.fast_forward(start)
        u = _drawn(sequence, count)
        return pl.DataFrame([_column(name, axis, u[:, place]) for place, (name, axis) in enumerate(self.axes.items())])

    def describe(self) -> Mapping[str, Any]:
        """How, and the axes."""
        axes = {name: asdict(one) if isinstance(one, Axis) else list(one) for name, one in self.axes.items()}
        return {"kind": "cover", "how": self.how, "axes": axes}


def _share_between(low: float, high: float) -> float:
    """The share of a standard normal between two numbers."""
    from scipy.special import ndtr

    return float(ndtr(high) - ndtr(low))


def _column(name: str, axis: Axis | Sequence[Any], u: NDArray[np.float64]) -> pl.Series:
    import polars as pl

    if isinstance(axis, Axis):
        return pl.Series(name, axis.at(u))
    places = np.minimum(np.floor(u * len(axis)).astype(np.int64), len(axis) - 1)
    return pl.Series(name, list(axis)).gather(places)


def choose_apart(
    people: pl.DataFrame, count: int, *, columns: Sequence[str] | None = None, start: int | None = None
) -> NDArray[np.int64]:
    """Choose people who are as far apart as possible: each next one is the farthest from all chosen (maximin; Gonzalez,
    1985, at most twice the best radius).

    When to use: to pick a few from a population that shall show how different people are. Distances are Gower's: of
    numbers as a part of their range, of categories 0 or 1, averaged over columns.

    Args:
        people: The candidates.
        count: How many are chosen.
        columns: What they differ in; all numbers and texts if not given.
        start: The row of the first one; the person nearest to the middle of all if not given.

    Returns:
        Row numbers, in the order of choice.

    Example:
        >>> import polars as pl
        >>> people = pl.DataFrame({"demographics.age": [20, 21, 50, 80]})
        >>> choose_apart(people, 3).tolist()
        [2, 0, 3]
    """
    from personae.population.distances import coded, distances_to

    if not 1 <= count <= people.height:
        raise InputError(f"{count} of {people.height} people cannot be chosen", where="maximin", remedy="choose fewer")
    table = coded(people, columns)
    if start is None:
        start = int(np.argmin(distances_to(table, table.middle())))
    chosen = [start]
    nearest = distances_to(table, table.row(start))
    while len(chosen) < count:
        nearest[chosen] = -1.0
        following = int(np.argmax(nearest))
        chosen.append(following)
        nearest = np.minimum(nearest, distances_to(table, table.row(following)))
    return np.array(chosen)


def _drawn(sequence: Any, count: int) -> NDArray[np.float64]:
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore", UserWarning
        )  # SciPy tells that counts which are no power of two are less balanced
        points: NDArray[np.float64] = sequence.random(count)
    return points
