"""How far simulated users answer opinion questions as real people do: representativeness (Santurkar et al., 2023)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from personae.errors import InputError


def representativeness(ours: ArrayLike, theirs: ArrayLike) -> float:
    """1 less the Wasserstein distance of two distributions over ordered options, over the largest there can be.

    Formula: ``1 - sum |F_1 - F_2| / (options - 1)``.

    Raises:
        InputError: If the distributions have not the same two or more options, or no mass.

    Example:
        >>> representativeness([1, 0, 0], [0, 0, 1]), representativeness([.5, .5], [5, 5])
        (0.0, 1.0)
    """
    first, second = np.asarray(ours, dtype=float), np.asarray(theirs, dtype=float)
    if first.shape != second.shape or first.ndim != 1 or len(first) < 2 or first.sum() <= 0 or second.sum() <= 0:
        raise InputError("two distributions over the same two or more options are needed", where="representativeness")
    apart = np.abs(np.cumsum(first / first.sum()) - np.cumsum(second / second.sum()))[:-1].sum()
    return float(1 - apart / (len(first) - 1))


def read_opinions(name: str, scorers: tuple[str, ...]) -> list[tuple[str, NDArray[np.float64], NDArray[np.float64]]]:
    """Read opinion questions: for each, raw scores of its options (options x scorers), and shares of real people.

    A row an option, in their order: ``question``, ``share``, and a column a scorer.

    Raises:
        InputError: If a column is missing.
    """
    import polars as pl

    from personae.population.microdata import read_table

    table = read_table(Path(name))
    if lacking := [column for column in ("question", "share", *scorers) if column not in table.columns]:
        raise InputError(f"lacks {', '.join(lacking)}", where=name, remedy="a row an option: question, share, scorers")
    return [
        (
            str(question),
            part.select(scorers).cast(pl.Float64).to_numpy(),
            part["share"].cast(pl.Float64).to_numpy(),
        )
        for (question,), part in table.group_by("question", maintain_order=True)
    ]
