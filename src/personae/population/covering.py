"""People who cover a space of traits, instead of standing for a population: Sobol points, and the far-apart few."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from personae.errors import InputError
from personae.persona import Provenance
from personae.population.fields import check_column
from personae.population.source import Block

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray

_MOST_TRAITS = 100
_BITS = 30


@dataclass(frozen=True)
class SobolSource:
    """Spreads people evenly over a space of traits by a scrambled Sobol sequence (Sobol, 1967; Owen, 1995).

    When to use: to see what a model does over all of a trait space with few people. ``uniform`` covers the box from
    ``low`` to ``high``, rare people as densely as common ones; ``normal`` covers the people there are, more evenly than
    chance does. Powers of two are balanced best.

    Args:
        traits: Trait keys, such as ``big_five.openness``.
        low: Lowest z-score.
        high: Highest z-score.
        shape: How z-scores are spread.

    Raises:
        InputError: If a trait is none, or the bounds are.

    Example:
        >>> people = SobolSource(["big_five.openness"]).draw(Block(0, 4, 4, seed=3))["traits.big_five.openness"]
        >>> sorted(int(z) for z in people)  # one in each quarter
        [-1, 0, 0, 1]
    """

    traits: Sequence[str]
    low: float = -2.0
    high: float = 2.0
    shape: Literal["uniform", "normal"] = "uniform"
    size: int | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        if not 1 <= len(self.traits) <= _MOST_TRAITS or len(set(self.traits)) < len(self.traits):
            raise InputError("needs different traits", where="sobol", remedy=f"give 1 to {_MOST_TRAITS}")
        for trait in self.traits:
            check_column(f"traits.{trait}", where="sobol")
        if not self.low < self.high:
            raise InputError(f"low {self.low:g} is not below high {self.high:g}", where="sobol", remedy="swap them")

    @property
    def provenance(self) -> Mapping[str, Provenance]:
        """Given by the design."""
        return {"traits": Provenance(origin="given", by=f"Sobol design, {self.shape}")}

    def draw(self, block: Block) -> pl.DataFrame:
        """The points of the sequence that belong to the block."""
        import polars as pl
        from scipy.special import ndtr, ndtri
        from scipy.stats import qmc

        rng = np.random.default_rng(np.random.SeedSequence(block.seed, spawn_key=block.salt))
        sequence = qmc.Sobol(len(self.traits), scramble=True, bits=_BITS, rng=rng)
        if block.start:
            sequence.fast_forward(block.start)
        u = _points(sequence, block.count)
        if self.shape == "uniform":
            z = self.low + (self.high - self.low) * u
        else:
            z = ndtri(ndtr(self.low) + (ndtr(self.high) - ndtr(self.low)) * u)
        return pl.DataFrame({f"traits.{trait}": z[:, index] for index, trait in enumerate(self.traits)})

    def describe(self) -> Mapping[str, Any]:
        """Traits, bounds and shape."""
        return {"kind": "sobol", "traits": list(self.traits), "low": self.low, "high": self.high, "shape": self.shape}


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


def _points(sequence: Any, count: int) -> NDArray[np.float64]:
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore", UserWarning
        )  # SciPy tells that counts which are no power of two are less balanced
        points: NDArray[np.float64] = sequence.random(count)
    return points
