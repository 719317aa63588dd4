"""What a run will take, before it is made: the same study on a stand-in, priced as the models that were chosen."""

from __future__ import annotations

import math
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from personae.canonical import derive_seed
from personae.model import Model, price_of
from personae.study.cell import Cell
from personae.study.finding import Finding
from personae.study.ledger import Ledger
from personae.study.observation import Observation
from personae.study.protocol import Study
from personae.study.runner import run_study

if TYPE_CHECKING:
    import numpy as np
    import polars as pl

    from personae.study.lab import Lab

MOST_CELLS = 1000
"""Cells that are tried at most; of a longer design a random sample, as every second cell may be alike."""


@dataclass(frozen=True, slots=True)
class Expense:
    """What the calls of one role are expected to take."""

    role: str
    model: str
    calls: int
    input_tokens: int
    output_tokens: int
    cost: float | None
    """US dollars without any caching at the provider; ``None`` where the price is not known."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """What a whole run is expected to take."""

    cells: int
    tried: int
    """Cells that the stand-in observed."""
    expenses: tuple[Expense, ...]
    """By role, in the order of the study."""

    @property
    def cost(self) -> float | None:
        """US dollars of all roles; ``None`` where one price is not known."""
        costs = [expense.cost for expense in self.expenses]
        return None if None in costs else sum(cost for cost in costs if cost is not None)

    @property
    def tokens(self) -> int:
        """Input and output tokens of all roles."""
        return sum(expense.input_tokens + expense.output_tokens for expense in self.expenses)


def forecast_run(
    study: Study, models: Mapping[str, Model], stand_in: Model, *, seed: int = 0, limit: int | None = None
) -> Forecast:
    """Try a study on a stand-in and price what it took.

    When to use: before a run that costs money. Prompts are those of the study, so that input tokens are close; replies
    are as long as the stand-in's, which is short where a model thinks aloud.

    Args:
        study: What will be run.
        models: Models by role, for their prices; none of them is asked.
        stand_in: Answers in the place of all of them: ``open_model("sim")``.
        seed: Seed of the design.
        limit: How many cells the run will observe, if not all.
    """
    import numpy as np

    cells = islice(study.design(np.random.default_rng(derive_seed(seed, "design"))), limit)
    tried, count = _sample(cells, np.random.default_rng(derive_seed(seed, "forecast")))
    with tempfile.TemporaryDirectory(prefix="personae-") as scratch:
        folder = Path(scratch)
        run_study(_Part(study, tried), dict.fromkeys(models, stand_in), folder=folder, seed=seed, finds_hooks=False)
        ledger = Ledger(folder / "ledger.sqlite")
        try:
            spent = {one.name: one for one in ledger.spending("role")}
        finally:
            ledger.close()
    share = count / len(tried) if tried else 0.0
    expenses = []
    for role in study.roles:
        if role in spent:
            one = spent[role]
            fresh, output = round(one.input_tokens * share), round(one.output_tokens * share)
            price = price_of(models[role].name)
            cost = None if price is None else (fresh * price.input + output * price.output) / 1_000_000
            expenses.append(Expense(role, models[role].name, round(one.calls * share), fresh, output, cost))
    return Forecast(count, len(tried), tuple(expenses))


def _sample(cells: Iterable[Cell], rng: np.random.Generator) -> tuple[list[Cell], int]:
    """At most ``MOST_CELLS`` cells, each as likely as any other, in their order, and how many there are.

    Only these are held: a design may be longer than memory (algorithm L of Li, 1994, which steps over those that are
    not drawn).
    """
    stream = iter(cells)
    kept = list(enumerate(islice(stream, MOST_CELLS)))
    count = len(kept)
    weight = math.log(1 - rng.random()) / MOST_CELLS  # logarithm of the largest of as many uniform numbers
    while True:
        skipped = min(math.log(1 - rng.random()) / math.log1p(-math.exp(weight)), sys.maxsize - 1)
        count += sum(1 for _ in islice(stream, int(skipped)))
        cell = next(stream, None)
        if cell is None:
            break
        kept[int(rng.integers(MOST_CELLS))] = (count, cell)
        count += 1
        weight += math.log(1 - rng.random()) / MOST_CELLS
    return [cell for _, cell in sorted(kept, key=itemgetter(0))], count


@dataclass(frozen=True, slots=True)
class _Part:
    """A study of which some cells are observed."""

    study: Study
    part: Sequence[Cell]

    @property
    def name(self) -> str:
        return self.study.name

    @property
    def parameters(self) -> Mapping[str, Any]:
        return self.study.parameters

    @property
    def roles(self) -> tuple[str, ...]:
        return self.study.roles

    def design(self, rng: np.random.Generator) -> Iterable[Cell]:
        return self.part

    async def observe(self, cell: Cell, lab: Lab) -> Observation:
        return await self.study.observe(cell, lab)

    def measure(self, table: pl.DataFrame) -> list[Finding]:
        return self.study.measure(table)
