"""What models say of themselves and what they do, under the same system prompts, temperatures and runs."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from personae.canonical import content_hash
from personae.errors import InputError
from personae.instrument import Instrument, load_instrument
from personae.instrument.tasks import (
    AssociationTask,
    BehaviouralTask,
    CardTask,
    DelayTask,
    EffortTask,
    KnowledgeTask,
    OpinionTask,
    association_stimuli,
    dilemma_stimuli,
    knowledge_stimuli,
)
from personae.model import Sampling, worst_status
from personae.papers.personality_illusion.findings import measure_table
from personae.papers.personality_illusion.prompts import DEFAULTS, PERSONAS, STRATEGIES
from personae.papers.personality_illusion.selfreport import BFI, ask_self, regulation_form
from personae.papers.personality_illusion.settings import IllusionSettings
from personae.persona import BIG_FIVE, Persona, render
from personae.study import Cell, Finding, Lab, Observation, Value

if TYPE_CHECKING:
    import numpy as np
    import polars as pl

TEMPERATURES = (0.3, 0.7, 1.0)
BEHAVIOUR_OF = {"agreeableness": "sycophancy", "self_regulation": "cards"}
"""The task that each injected persona is expected to show in."""


@dataclass(frozen=True, slots=True)
class PersonalityIllusion:
    """The study of Han et al. (2025)."""

    settings: IllusionSettings = field(default_factory=IllusionSettings)
    name: str = "personality_illusion"

    @property
    def roles(self) -> tuple[str, ...]:
        """The model that is studied, and the base model that it was aligned from."""
        return ("subject", "base") if self.settings.base else ("subject",)

    @property
    def forms(self) -> tuple[Instrument, Instrument]:
        """The two questionnaires."""
        return load_instrument(BFI), regulation_form(self.settings.srq)

    @property
    def tasks(self) -> tuple[BehaviouralTask, ...]:
        """All tasks, in the order in which they are put."""
        given = self.settings
        return (
            CardTask(),
            AssociationTask(association_stimuli(given.associations or "associations"), orders=given.orders),
            OpinionTask(dilemma_stimuli(given.dilemmas or "dilemmas")),
            KnowledgeTask(knowledge_stimuli(given.questions or "knowledge")),
            DelayTask(),
            EffortTask(),
        )

    @property
    def parameters(self) -> Mapping[str, Any]:
        """Settings, with everything that is read replaced by its hash."""
        plain = self.settings.model_dump(mode="json", exclude={"srq", "dilemmas", "questions", "associations"})
        plain["prompt"] = content_hash(plain["prompt"])[:12]
        plain["instruments"] = [f"{form.key} {form.hash[:12]}" for form in self.forms]
        plain["tasks"] = [f"{task.key} {task.hash[:12]}" for task in self.tasks]
        plain["personas"] = content_hash([DEFAULTS, PERSONAS])[:12]
        return plain

    def design(self, rng: np.random.Generator) -> Sequence[Cell]:
        """Baseline and base model, injected personas, then random people."""
        return [*self._baseline(), *self._injected(), *self._people(rng)]

    def _baseline(self) -> Iterator[Cell]:
        runs = range(1, self.settings.runs + 1)
        for role, prompt, temperature, run in itertools.product(self.roles, range(1, 4), TEMPERATURES, runs):
            yield _cell("baseline", role, 0, prompt, temperature, run)

    def _injected(self) -> Iterator[Cell]:
        if not self.settings.injection:
            return
        phrasings, runs = range(1, self.settings.phrasings + 1), range(1, self.settings.runs + 1)
        for trait, strategy, phrasing, temperature, run in itertools.product(
            PERSONAS, STRATEGIES, phrasings, TEMPERATURES, runs
        ):
            yield _cell(trait, "subject", strategy, phrasing, temperature, run)

    def _people(self, rng: np.random.Generator) -> Iterator[Cell]:
        for number in range(1, self.settings.people + 1):
            traits = {trait: round(float(z), 2) for trait, z in zip(BIG_FIVE, rng.normal(size=5), strict=True)}
            persona = Persona(id=f"person-{number}", traits=traits)
            one = _cell("people", "subject", 0, number, TEMPERATURES[1], 1)
            yield Cell(one.factors, {"persona": persona})

    async def observe(self, cell: Cell, lab: Lab) -> Observation:
        """Ask the questionnaires, then put the tasks that belong to the condition."""
        factors = cell.factors
        condition, role = str(factors["condition"]), str(factors["role"])
        model = lab.model(role)
        sampling = Sampling(temperature=float(str(factors["temperature"])))
        system = self._system(cell, condition)
        said = await ask_self(model, self.forms, system=system, sampling=sampling, prompt=self.settings.prompt)
        values: dict[str, Value] = {"model": model.name, **said.columns}
        statuses, details = list(said.statuses), [said.detail]
        for task in self.tasks:
            wanted = BEHAVIOUR_OF.get(condition, task.key) == task.key and role == "subject"
            if not wanted:
                continue
            done = await task.perform(model, system=system, sampling=sampling, seed=lab.seed(task.key))
            values.update(done.columns(task.key))
            statuses += done.statuses
            details.append(done.detail)
        return Observation(worst_status(statuses), values, detail=next(filter(None, details), ""))

    def _system(self, cell: Cell, condition: str) -> str:
        number = int(str(cell.factors["prompt"]))
        if condition == "people":
            persona = cell.material.get("persona")
            if not isinstance(persona, Persona):
                raise InputError("the cell carries no persona", where=cell.key[:12])
            return render(persona, "nine-level").text
        if condition == "baseline":
            return DEFAULTS[number - 1]
        return PERSONAS[condition][int(str(cell.factors["strategy"])) - 1][number - 1]

    def measure(self, table: pl.DataFrame) -> list[Finding]:
        """Score the table, or published scores; see :mod:`personae.papers.personality_illusion.findings`."""
        return measure_table(table, self.forms, self.tasks)


def _cell(condition: str, role: str, strategy: int, prompt: int, temperature: float, run: int) -> Cell:
    return Cell(
        {
            "condition": condition,
            "role": role,
            "strategy": strategy,
            "prompt": prompt,
            "temperature": temperature,
            "run": run,
        }
    )
