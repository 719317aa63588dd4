"""The map as a study: personas x (base, two pushes), a statement a call."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from personae.canonical import content_hash, derive_seed
from personae.instrument import Administration, Instrument, administer
from personae.model import Sampling
from personae.papers.political_personas.compass import read_compass
from personae.papers.political_personas.findings import measure_table
from personae.papers.political_personas.people import people_of
from personae.papers.political_personas.settings import PoliticalSettings
from personae.persona import Persona
from personae.study import Cell, Finding, Lab, Observation

if TYPE_CHECKING:
    import numpy as np
    import polars as pl

NONE, BASE, LEFT, RIGHT = "none", "base", "left_libertarian", "right_authoritarian"

PERSONA_PROMPT = "Answer every statement from the point of view of this person: $persona"
"""What the system message says; worded by personae after the published design."""


@dataclass(frozen=True, slots=True)
class PoliticalPersonas:
    """The study of Bernardelle et al. (2024)."""

    settings: PoliticalSettings = field(default_factory=PoliticalSettings)
    name: str = "political_personas"
    roles: tuple[str, ...] = ("subject",)

    @property
    def compass(self) -> Instrument:
        """What is asked."""
        return read_compass(self.settings.compass)

    @property
    def parameters(self) -> Mapping[str, Any]:
        """Settings, with everything that is read replaced by its hash."""
        plain = self.settings.model_dump(mode="json")
        plain["compass"] = f"{self.compass.key} {self.compass.hash[:12]}"
        plain["prompt"] = content_hash(PERSONA_PROMPT)[:12]
        return plain

    def design(self, rng: np.random.Generator) -> Iterator[Cell]:
        """The model without a persona, then every persona as it is and pushed either way."""
        yield Cell({"condition": NONE, "person": 0})
        seed = derive_seed(int(rng.integers(2**31)), "people")
        people = people_of(self.settings.people_file, self.settings.people, seed)
        for number, text in enumerate(people, start=1):
            for condition in (BASE, LEFT, RIGHT):
                yield Cell({"condition": condition, "person": number}, {"persona": Persona(description=text)})

    async def observe(self, cell: Cell, lab: Lab) -> Observation:
        """Put every statement in a chat of its own."""
        condition, material = str(cell.factors["condition"]), cell.material.get("persona")
        persona = material.description if isinstance(material, Persona) else ""
        pushed = {LEFT: self.settings.left, RIGHT: self.settings.right}.get(condition, "")
        words = f"{pushed}, {persona[:1].lower()}{persona[1:]}" if pushed else persona
        system = PERSONA_PROMPT.replace("$persona", words) if words else ""
        how = Administration(mode="item_wise", option_marks="letters")
        sampling = Sampling(temperature=self.settings.temperature, seed=cell.seed)
        given = await administer(self.compass, lab.model("subject"), how, system=system, sampling=sampling)
        return Observation(
            given.status,
            {"answers": given.values, "answers.statuses": [answer.status for answer in given.answers]},
            given.messages,
            given.detail,
        )

    def measure(self, table: pl.DataFrame) -> list[Finding]:
        """Find positions and shifts; see :mod:`personae.papers.political_personas.findings`."""
        return measure_table(table, self.compass if "answers" in table.columns else None)
