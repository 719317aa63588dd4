"""The study: every item under three equivalent prompts and both orders of the options, an item a call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from personae.canonical import content_hash
from personae.instrument import Administration, Instrument, administer, load_instrument
from personae.model import Sampling
from personae.papers.self_assessment_unreliable.findings import measure_table
from personae.papers.self_assessment_unreliable.prompts import MARKS
from personae.papers.self_assessment_unreliable.settings import SelfAssessmentSettings
from personae.study import Cell, Design, Finding, Lab, Observation, Value

if TYPE_CHECKING:
    import numpy as np
    import polars as pl

ORDERS = ("ascending", "descending")


@dataclass(frozen=True)
class SelfAssessment:
    """The study of Gupta et al. (2023)."""

    settings: SelfAssessmentSettings = field(default_factory=SelfAssessmentSettings)
    name: str = "self_assessment_unreliable"
    roles: tuple[str, ...] = ("subject",)

    @cached_property
    def instrument(self) -> Instrument:
        """What is asked."""
        return load_instrument(self.settings.instrument)

    @property
    def parameters(self) -> Mapping[str, Any]:
        """Settings, with everything that is read replaced by its hash."""
        plain = self.settings.model_dump(mode="json")
        for name in MARKS:
            plain[f"{name}_prompt"] = content_hash(plain[f"{name}_prompt"])[:12]
        plain["instrument"] = f"{self.instrument.key}@{self.instrument.version} {self.instrument.hash[:12]}"
        return plain

    def design(self, rng: np.random.Generator) -> Sequence[Cell]:
        """Templates x orders x repeats."""
        repeats = range(1, self.settings.repeats + 1)
        return list(Design({"template": list(MARKS), "order": list(ORDERS), "repeat": repeats}))

    async def observe(self, cell: Cell, lab: Lab) -> Observation:
        """Put every item in a call of its own."""
        template = str(cell.factors["template"])
        how = Administration(
            mode="item_wise",
            option_order=str(cell.factors["order"]),
            option_marks=MARKS[template],
            prompt=getattr(self.settings, f"{template}_prompt"),
            answering=self.settings.answering,
        )
        sampling = Sampling(temperature=self.settings.temperature)
        given = await administer(self.instrument, lab.model("subject"), how, sampling=sampling)
        values: dict[str, Value] = {
            "answers": given.values,
            "answers.statuses": [answer.status for answer in given.answers],
            "answers.method": given.method,
        }
        return Observation(given.status, values, given.messages, given.detail)

    def measure(self, table: pl.DataFrame) -> list[Finding]:
        """Score the table; see :mod:`personae.papers.self_assessment_unreliable.findings`."""
        return measure_table(table, self.instrument)
