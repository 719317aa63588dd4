"""A survey as a study: people x repeats; a row holds every question with its status, those that were skipped too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from personae.canonical import content_hash
from personae.errors import InputError
from personae.instrument.assessment.people import read_people
from personae.instrument.survey.conduct import conduct_survey
from personae.instrument.survey.findings import measure_survey
from personae.instrument.survey.questions import Survey
from personae.instrument.survey.reading import read_survey
from personae.instrument.survey.settings import SurveySettings
from personae.model import Sampling
from personae.persona import Persona, empty_persona, render
from personae.study import Cell, Finding, Lab, Observation, Value

if TYPE_CHECKING:
    import numpy as np
    import polars as pl


@dataclass(frozen=True)
class SurveyStudy:
    """One survey, put to people that a model plays."""

    settings: SurveySettings
    name: str = "survey"
    roles: tuple[str, ...] = ("subject",)

    @cached_property
    def survey(self) -> Survey:
        """What is asked."""
        return read_survey(self.settings.survey)

    @cached_property
    def people(self) -> list[Persona]:
        """The personas of the user's files; the model as itself if there are none."""
        return read_people(self.settings.people) or [empty_persona()]

    @property
    def parameters(self) -> Mapping[str, Any]:
        """Settings, with everything that is read replaced by its hash."""
        plain = self.settings.model_dump(mode="json")
        plain["survey"] = f"{self.survey.key}@{self.survey.version} {self.survey.hash[:12]}"
        plain["people"] = f"{len(self.people)}, {content_hash([one.hash for one in self.people])[:12]}"
        return plain

    def design(self, rng: np.random.Generator) -> Sequence[Cell]:
        """Every person, as often as wanted."""
        return [
            Cell({"person": one.id, "called": one.name or one.id, "repeat": repeat}, {"persona": one})
            for one in self.people
            for repeat in range(1, self.settings.repeats + 1)
        ]

    async def observe(self, cell: Cell, lab: Lab) -> Observation:
        """Put the survey once."""
        persona = cell.material["persona"]
        if not isinstance(persona, Persona):
            raise InputError("the cell carries no persona", where=cell.key[:12])
        found = await conduct_survey(
            self.survey,
            lab.model("subject"),
            system=render(persona, self.settings.renderer).text,
            mode=self.settings.mode,
            sampling=Sampling(temperature=self.settings.temperature),
        )
        values: dict[str, Value] = {}
        for one in found.asked:
            value = one.reply.value if one.reply else None
            values[f"answer.{one.key}"] = list(value) if isinstance(value, tuple) else value
            values[f"status.{one.key}"] = one.status
        return Observation(found.status, values, found.messages, found.detail)

    def measure(self, table: pl.DataFrame) -> list[Finding]:
        """Count the answers; see :mod:`personae.instrument.survey.findings`."""
        return measure_survey(table, self.survey)
