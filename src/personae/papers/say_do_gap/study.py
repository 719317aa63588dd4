"""Statements about oneself and the scenes in which they would show, put to a model as it is or to personas."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from personae.instrument.tasks import TwinTask, twin_stimuli
from personae.model import Sampling
from personae.papers.say_do_gap.findings import measure_table
from personae.papers.say_do_gap.humans import read_humans
from personae.papers.say_do_gap.settings import SayDoSettings
from personae.persona import BIG_FIVE, Persona, render
from personae.study import Cell, Finding, Lab, Observation

if TYPE_CHECKING:
    import numpy as np
    import polars as pl


@dataclass(frozen=True, slots=True)
class SayDoGap:
    """The study of Ai et al. (2024)."""

    settings: SayDoSettings = field(default_factory=SayDoSettings)
    name: str = "say_do_gap"

    @property
    def roles(self) -> tuple[str, ...]:
        """Who answers."""
        return ("subject",)

    @property
    def task(self) -> TwinTask:
        """Statements and scenes."""
        return TwinTask(
            twin_stimuli(self.settings.twins or "twins"), self.settings.statement_prompt, self.settings.scenario_prompt
        )

    @property
    def humans(self) -> list[Mapping[str, Any]]:
        """Answers of people, if a file was given."""
        keys = [twin.key for twin in self.task.stimuli.twins]
        return read_humans(self.settings.humans, keys) if self.settings.humans else []

    @property
    def parameters(self) -> Mapping[str, Any]:
        """Settings, with what is read by its hash."""
        without = {"twins", "humans", "statement_prompt", "scenario_prompt"}
        plain = self.settings.model_dump(mode="json", exclude=without)
        return {**plain, "twins": f"{self.task.stimuli.key} {self.task.hash[:12]}", "people_of_file": len(self.humans)}

    def design(self, rng: np.random.Generator) -> Sequence[Cell]:
        """The model as it is, then every persona, each some times."""
        people: list[Persona | None] = [None]
        for number in range(1, self.settings.people + 1):
            traits = {trait: round(float(z), 2) for trait, z in zip(BIG_FIVE, rng.normal(size=5), strict=True)}
            people.append(Persona(id=f"person-{number}", traits=traits))
        return [
            Cell(
                {"person": persona.id if persona else "none", "repeat": repeat},
                {"persona": persona} if persona else {},
            )
            for persona in people
            for repeat in range(1, self.settings.repeats + 1)
        ]

    async def observe(self, cell: Cell, lab: Lab) -> Observation:
        """Put all statements, then all scenes; which act is A is drawn anew in every cell."""
        persona = cell.material.get("persona")
        system = render(persona, "nine-level").text if isinstance(persona, Persona) else ""
        sampling = Sampling(temperature=self.settings.temperature)
        done = await self.task.perform(lab.model(), system=system, sampling=sampling, seed=lab.seed("sides"))
        return Observation(done.status, done.columns("twins"), detail=done.detail)

    def measure(self, table: pl.DataFrame) -> list[Finding]:
        """Compare what is said with what is done; see :mod:`personae.papers.say_do_gap.findings`."""
        return measure_table(table, self.task.stimuli.twins, self.humans, steady=self.settings.steady)
