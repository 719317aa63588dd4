"""People who differ in how much they care for each of several things: weights from Dirichlet distributions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from personae.errors import InputError
from personae.persona import Provenance
from personae.population.source import Block

if TYPE_CHECKING:
    import numpy as np
    import polars as pl
    from numpy.typing import NDArray

PREFERENCE = "extensions.preference."
"""Columns of the weights begin so."""
TASTE = "extensions.taste"
"""Column with the name of a person's kind, or its number where kinds have no names."""
_LEAST_SHAPE = 1e-3


@dataclass(frozen=True, slots=True)
class Taste:
    """One kind of people in a mixture: how large a part of all, and the Dirichlet parameters of their weights."""

    share: float
    alpha: tuple[float, ...]
    name: str = ""


@dataclass(frozen=True)
class DirichletSource:
    """Draws people as weights over scorers, which sum to 1 for each person (PersonalLLM; Zollo et al., 2025).

    When to use: to simulate users whose preferences differ, over reward models, goals or topics. A small alpha gives
    people of one concern, a large one gives people who are all alike. A mixture has several kinds of people.

    Args:
        scorers: What weights are over.
        tastes: The kinds of people; their shares are scaled to sum to 1.

    Raises:
        InputError: If there are fewer than two scorers, or parameters do not fit them.

    Example:
        >>> peaked = DirichletSource.symmetric(["kind", "brief", "funny"], 0.1)
        >>> people = peaked.draw(Block(0, 4, 4, seed=1))
        >>> people.columns[0], [round(sum(row), 6) for row in people.drop("extensions.taste").iter_rows()]
        ('extensions.preference.kind', [1.0, 1.0, 1.0, 1.0])
    """

    scorers: Sequence[str]
    tastes: Sequence[Taste]
    size: int | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        if len(self.scorers) < 2 or len(set(self.scorers)) < len(self.scorers):
            raise InputError(
                "needs two different scorers at least", where="dirichlet", remedy="name what weights are over"
            )
        if not self.tastes:
            raise InputError("has no kind of people", where="dirichlet", remedy="give at least one taste")
        for taste in self.tastes:
            if len(taste.alpha) != len(self.scorers) or min(taste.alpha) < _LEAST_SHAPE or taste.share <= 0:
                raise InputError(
                    f"{taste} does not fit {len(self.scorers)} scorers",
                    where="dirichlet",
                    remedy=f"one alpha of at least {_LEAST_SHAPE} a scorer, and a share above 0",
                )

    @staticmethod
    def symmetric(scorers: Sequence[str], alpha: float) -> DirichletSource:
        """One kind of people, for whom no scorer is special."""
        return DirichletSource(tuple(scorers), (Taste(1.0, (alpha,) * len(scorers)),))

    @property
    def provenance(self) -> Mapping[str, Provenance]:
        """Sampled."""
        return {
            "*": Provenance(origin="sampled", by=f"Dirichlet mixture of {len(self.tastes)} over {len(self.scorers)}")
        }

    def weights(self, rng: np.random.Generator, n: int) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """Weights of n people, and which kind each is; a longer draw of the same numbers begins with the shorter one.

        Drawn on the logarithm: gammas of small shape underflow to 0, and 0/0 would be nobody's weight.
        """
        import numpy as np

        shares = np.array([taste.share for taste in self.tastes])
        which, gammas, powers = rng.spawn(3)
        kinds = np.searchsorted(np.cumsum(shares / shares.sum())[:-1], which.random(n), side="right")
        alpha = np.array([taste.alpha for taste in self.tastes])[kinds]
        log_gamma = np.log(gammas.standard_gamma(alpha + 1.0)) + np.log(powers.random(alpha.shape)) / alpha
        log_gamma -= log_gamma.max(axis=1, keepdims=True)
        raw = np.exp(log_gamma)
        return raw / raw.sum(axis=1, keepdims=True), kinds

    def draw(self, block: Block) -> pl.DataFrame:
        """Draw weights, one column a scorer, and the kind of each person."""
        import polars as pl

        weights, kinds = self.weights(block.rng(), block.count)
        columns = [pl.Series(f"{PREFERENCE}{name}", weights[:, index]) for index, name in enumerate(self.scorers)]
        names = [taste.name for taste in self.tastes]
        taste = pl.Series(names).gather(kinds) if all(names) else pl.Series(kinds)
        return pl.DataFrame([*columns, taste.alias(TASTE)])

    def describe(self) -> Mapping[str, Any]:
        """Scorers, shares and parameters."""
        tastes = [[taste.share, list(taste.alpha), taste.name] for taste in self.tastes]
        return {"kind": "dirichlet", "scorers": list(self.scorers), "tastes": tastes}
