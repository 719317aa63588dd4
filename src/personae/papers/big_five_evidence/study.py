"""The study: header x temperature x run, an item a call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from personae.canonical import content_hash
from personae.instrument import Administration, Instrument, administer, load_instrument
from personae.model import Sampling
from personae.papers.big_five_evidence.findings import measure_table
from personae.papers.big_five_evidence.prompts import HEADERS
from personae.papers.big_five_evidence.settings import BigFiveEvidenceSettings
from personae.study import Cell, Design, Finding, Lab, Observation, Value

if TYPE_CHECKING:
    import numpy as np
    import polars as pl


@dataclass(frozen=True)
class BigFiveEvidence:
    """The study of Sorokovikova et al. (2024)."""

    settings: BigFiveEvidenceSettings = field(default_factory=BigFiveEvidenceSettings)
    name: str = "big_five_evidence"
    roles: tuple[str, ...] = ("subject",)

    @cached_property
    def instrument(self) -> Instrument:
        """What is asked."""
        return load_instrument(self.settings.instrument)

    @property
    def parameters(self) -> Mapping[str, Any]:
        """Settings, with everything that is read replaced by its hash."""
        plain = self.settings.model_dump(mode="json")
        for name in ("prompt", "person_header"):
            plain[name] = content_hash(plain[name])[:12]
        plain["instrument"] = f"{self.instrument.key}@{self.instrument.version} {self.instrument.hash[:12]}"
        return plain

    def design(self, rng: np.random.Generator) -> Sequence[Cell]:
        """Headers x temperatures x runs."""
        runs = range(1, self.settings.runs + 1)
        return list(Design({"header": list(HEADERS), "temperature": list(self.settings.grid), "repeat": runs}))

    async def observe(self, cell: Cell, lab: Lab) -> Observation:
        """Put every item in a call of its own."""
        header = self.settings.person_header if cell.factors["header"] == "person" else ""
        how = Administration(mode="item_wise", prompt=header.replace("$", "$$") + self.settings.prompt)
        sampling = Sampling(temperature=float(str(cell.factors["temperature"])))
        given = await administer(self.instrument, lab.model("subject"), how, sampling=sampling)
        values: dict[str, Value] = {
            "answers": given.values,
            "answers.statuses": [answer.status for answer in given.answers],
        }
        return Observation(given.status, values, given.messages, given.detail)

    def measure(self, table: pl.DataFrame) -> list[Finding]:
        """Score the table; see :mod:`personae.papers.big_five_evidence.findings`."""
        return measure_table(table, self.instrument)
