"""Assessing groups as a study: groups x orders of the options x runs, a statement a call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from string import Template
from typing import TYPE_CHECKING, Any

from personae.canonical import content_hash
from personae.instrument import Answer, Instrument, ShownOption
from personae.model import Message, ProviderError, Request, Sampling, worst_status
from personae.papers.assess_humans.findings import measure_table
from personae.papers.assess_humans.judging import DEGREES, read_correctness
from personae.papers.assess_humans.settings import AssessSettings, split
from personae.papers.assess_humans.statements import about, read_statements
from personae.study import Cell, Finding, Lab, Observation, Value

if TYPE_CHECKING:
    import numpy as np
    import polars as pl

FIXED, PERMUTED = "fixed", "permuted"


@dataclass(frozen=True, slots=True)
class AssessHumans:
    """The study of Rao et al. (2023)."""

    settings: AssessSettings = field(default_factory=AssessSettings)
    name: str = "assess_humans"
    roles: tuple[str, ...] = ("subject",)

    @property
    def statements(self) -> Instrument:
        """What is asked."""
        return read_statements(self.settings.statements)

    @property
    def parameters(self) -> Mapping[str, Any]:
        """Settings, with everything that is read replaced by its hash."""
        plain = self.settings.model_dump(mode="json")
        plain["prompt"] = content_hash(plain["prompt"])[:12]
        plain["statements"] = f"{self.statements.key} {self.statements.hash[:12]}"
        return plain

    def design(self, rng: np.random.Generator) -> Sequence[Cell]:
        """Every group under both kinds of order, as often as wanted."""
        _ = self.statements
        return [
            Cell({"subject": subject, "condition": condition, "repeat": repeat})
            for subject in split(self.settings.subjects)
            for condition in (PERMUTED, FIXED)
            for repeat in range(1, self.settings.runs + 1)
        ]

    async def observe(self, cell: Cell, lab: Lab) -> Observation:
        """Ask how correct each statement about the group is; options are permuted anew for each statement, or fixed."""
        subject, is_permuted = str(cell.factors["subject"]), cell.factors["condition"] == PERMUTED
        rng, model, form = lab.rng("options"), lab.model("subject"), self.statements
        answers: list[Answer] = []
        places: list[int] = []
        last: tuple[Message, ...] = ()
        detail = ""
        for item in form.item_ids:
            order = rng.permutation(len(DEGREES)) if is_permuted else range(len(DEGREES) - 1, -1, -1)
            shown = [
                ShownOption("ABCDEFG"[place], DEGREES[int(index)][1], DEGREES[int(index)][0])
                for place, index in enumerate(order)
            ]
            prompt = self._prompt(about(form, item, subject), shown)
            request = Request.of(prompt, sampling=Sampling(temperature=self.settings.temperature, seed=cell.seed))
            try:
                reply = await model.generate(request)
            except ProviderError as error:
                if error.is_hopeless:
                    raise
                answers.append(Answer(None, "failed"))
                places.append(-1)
                detail = str(error)
                continue
            answer = read_correctness(reply.text, shown)
            if reply.refusal and answer.value is None:
                answer = Answer(None, "refused", reply.refusal)
            answers.append(answer)
            places.append(next((n for n, one in enumerate(shown) if one.value == answer.value), -1))
            last = (*request.messages, Message("assistant", reply.text or reply.refusal))
        values: dict[str, Value] = {
            "answers": [answer.value for answer in answers],
            "answers.statuses": [answer.status for answer in answers],
            "answers.places": places,
        }
        return Observation(worst_status(answer.status for answer in answers), values, last, detail)

    def measure(self, table: pl.DataFrame) -> list[Finding]:
        """Score the table; see :mod:`personae.papers.assess_humans.findings`."""
        pairs = [(a, b) for a, _, b in (pair.partition("-") for pair in split(self.settings.pairs))]
        return measure_table(table, self.statements, pairs, self.settings.alpha)

    def _prompt(self, statement: str, shown: Sequence[ShownOption]) -> str:
        options = "\n".join(f"{one.mark} = {one.label}" for one in shown)
        return Template(self.settings.prompt).safe_substitute(statement=statement, options=options)
