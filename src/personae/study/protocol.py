"""What a study is: three functions, and a name for what they do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from personae.study.cell import Cell
from personae.study.finding import Finding
from personae.study.observation import Observation

if TYPE_CHECKING:
    import numpy as np
    import polars as pl

    from personae.study.lab import Lab


@runtime_checkable
class SharesPrefix(Protocol):
    """A study that knows what the beginning of its prompts depends on; cells that share it are observed together."""

    @property
    def prefix_factors(self) -> tuple[str, ...]:
        """Factors that decide the beginning of the prompt, such as the persona."""
        ...


class Study(Protocol):
    """An experiment: which cells there are, how one is observed, what the table of all of them says."""

    @property
    def name(self) -> str:
        """Short name, used for the run folder."""
        ...

    @property
    def parameters(self) -> Mapping[str, Any]:
        """Everything that changes an answer or a figure, as JSON: settings, and hashes of prompts and instruments."""
        ...

    @property
    def roles(self) -> tuple[str, ...]:
        """Roles that models play: ``subject`` first, then others such as ``judge``."""
        ...

    def design(self, rng: np.random.Generator) -> Iterable[Cell]:
        """Stream the cells; those with a length give a progress bar an end."""
        ...

    async def observe(self, cell: Cell, lab: Lab) -> Observation:
        """Observe one cell: one call or a hundred, every one of them through ``lab``."""
        ...

    def measure(self, table: pl.DataFrame) -> list[Finding]:
        """Turn the table of observations into findings.

        Pure, so that the same function scores a fresh run and a replay of raw outputs. One row an observation: the
        columns ``cell``, ``status``, ``detail`` and ``model``, then factors, then values.
        """
        ...
