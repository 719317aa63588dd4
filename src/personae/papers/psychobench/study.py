"""PsychoBench as a study: forms x roles x orders x repeats, all items of a form in one prompt of at most 40."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from string import Template
from typing import TYPE_CHECKING, Any

from personae.canonical import content_hash, derive_seed
from personae.instrument import Administration, Instrument, administer
from personae.model import Sampling
from personae.papers.psychobench.cipher import enciphered
from personae.papers.psychobench.findings import measure_table
from personae.papers.psychobench.forms import read_forms
from personae.papers.psychobench.prompts import CIPHER, NUMBERS_ONLY, ROLES
from personae.papers.psychobench.settings import PsychoBenchSettings, split
from personae.study import Cell, Finding, Lab, Observation, Value

if TYPE_CHECKING:
    import numpy as np
    import polars as pl

PRINTED = 0
"""The order that is no shuffle."""


@dataclass(frozen=True, slots=True)
class PsychoBench:
    """The study of Huang et al. (2024)."""

    settings: PsychoBenchSettings = field(default_factory=PsychoBenchSettings)
    name: str = "psychobench"
    roles: tuple[str, ...] = ("subject",)

    @property
    def forms(self) -> tuple[Instrument, ...]:
        """What is asked."""
        return read_forms(self.settings.forms)

    @property
    def parameters(self) -> Mapping[str, Any]:
        """Settings, with everything that is read replaced by its hash."""
        plain = self.settings.model_dump(mode="json")
        plain["prompt"] = content_hash(plain["prompt"])[:12]
        plain["forms"] = [f"{one.key} {one.hash[:12]}" for one in self.forms]
        return plain

    def design(self, rng: np.random.Generator) -> Sequence[Cell]:
        """Every form in every role, order and repeat."""
        return [
            Cell({"form": form.key, "role": role, "order": order, "repeat": repeat})
            for form in self.forms
            for role in split(self.settings.roles)
            for order in range(self.settings.orders)
            for repeat in range(1, self.settings.repeats + 1)
        ]

    async def observe(self, cell: Cell, lab: Lab) -> Observation:
        """Put one form once; the same order has the same shuffle in every role and repeat."""
        import numpy as np

        form = next(one for one in self.forms if one.key == cell.factors["form"])
        order, role = int(str(cell.factors["order"])), str(cell.factors["role"])
        how = Administration(
            mode="blocks",
            block_size=self.settings.block_size,
            item_marks="numbers",
            item_order="printed" if order == PRINTED else "shuffled",
            prompt=self.settings.prompt,
        )
        numbers = Template(NUMBERS_ONLY).substitute(low=form.lowest, high=form.highest)
        given = await administer(
            enciphered(form) if role == CIPHER else form,
            lab.model("subject"),
            how,
            system=f"{ROLES[role]} {numbers}".strip(),
            sampling=Sampling(temperature=self.settings.temperature, seed=cell.seed),
            rng=np.random.default_rng(derive_seed("psychobench", form.key, order)),
        )
        values: dict[str, Value] = {
            "answers": given.values,
            "answers.statuses": [answer.status for answer in given.answers],
        }
        return Observation(given.status, values, given.messages, given.detail)

    def measure(self, table: pl.DataFrame) -> list[Finding]:
        """Score the table, or published means; see :mod:`personae.papers.psychobench.findings`."""
        known = {one.key: one for one in self.forms}
        return measure_table(table, known, alpha=self.settings.alpha)
