"""Role-play at scale as a study: random people, two questionnaires, one question a call, several sets of people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from string import Template
from typing import TYPE_CHECKING, Any

from personae.canonical import content_hash
from personae.errors import InputError
from personae.instrument import (
    Administered,
    Administration,
    Answer,
    AnswerReader,
    Instrument,
    administer,
    load_instrument,
    show_options,
)
from personae.model import Model, ProviderError, Request, Sampling, worst_status
from personae.papers.stable_values.findings import measure_table
from personae.papers.stable_values.people import draw_people
from personae.papers.stable_values.profiles import PARTS
from personae.papers.stable_values.settings import StableValuesSettings
from personae.persona import Persona
from personae.study import Cell, Finding, Lab, Observation, Value

if TYPE_CHECKING:
    import numpy as np
    import polars as pl

BASE, PERSONA = "base", "persona"
FIRST_SEEDS = (111, 333, 555)
"""Seeds of the published sets of people."""

_WORDING = {"man": "original", "woman": "female"}


@dataclass(frozen=True, slots=True)
class StableValues:
    """The study of Lee et al. (2025)."""

    settings: StableValuesSettings = field(default_factory=StableValuesSettings)
    name: str = "stable_values"

    @property
    def roles(self) -> tuple[str, ...]:
        """The respondent, and the judge that reads replies if one is wanted."""
        return ("subject",) if self.settings.judge == "none" else ("subject", "judge")

    @property
    def parameters(self) -> Mapping[str, Any]:
        """Settings, with everything that is read replaced by its hash."""
        plain = self.settings.model_dump(mode="json")
        for prompt in ("role_prompt", "base_prompt", "judge_prompt"):
            plain[prompt] = content_hash(plain[prompt])[:12]
        plain["instruments"] = [f"{key} {load_instrument(key).hash[:12]}" for key in PARTS]
        return plain

    def design(self, rng: np.random.Generator) -> Sequence[Cell]:
        """The questionnaires without a persona some times, then every person of every set."""
        return [*self._base(), *self._people()]

    def _base(self) -> Iterator[Cell]:
        for run in range(1, self.settings.base_runs + 1):
            yield Cell({"condition": BASE, "set": 0, "person": 0, "repeat": run})

    def _people(self) -> Iterator[Cell]:
        import numpy as np

        seeds = [*FIRST_SEEDS, *range(1, max(1, self.settings.sets - len(FIRST_SEEDS)) + 1)][: self.settings.sets]
        for seed in seeds:
            for number, persona in enumerate(draw_people(self.settings.people, np.random.default_rng(seed)), start=1):
                for repeat in range(1, self.settings.repeats + 1):
                    factors = {"condition": PERSONA, "set": seed, "person": number, "repeat": repeat}
                    yield Cell(factors, {"persona": persona})

    async def observe(self, cell: Cell, lab: Lab) -> Observation:
        """Put both questionnaires, an item a call."""
        persona = cell.material.get("persona")
        if persona is not None and not isinstance(persona, Persona):
            raise InputError("the cell carries no persona", where=cell.key[:12])
        values: dict[str, Value] = {}
        statuses, details = [], []
        for key in PARTS:
            instrument = load_instrument(key)
            how = self._administration(instrument, persona)
            given = await administer(
                instrument, lab.model("subject"), how, sampling=Sampling(temperature=self.settings.temperature)
            )
            answers = await self._read(instrument, how, given, lab)
            values[f"answers.{key}"] = [answer.value for answer in answers]
            values[f"answers.{key}.statuses"] = [answer.status for answer in answers]
            statuses += [answer.status for answer in answers]
            details.append(given.detail)
        return Observation(worst_status(statuses), values, detail=next(filter(None, details), ""))

    def measure(self, table: pl.DataFrame) -> list[Finding]:
        """Score the table, or published counts; see :mod:`personae.papers.stable_values.findings`."""
        return measure_table(table, step=self.settings.step)

    def _administration(self, instrument: Instrument, persona: Persona | None) -> Administration:
        wording = "original"
        if instrument.wordings:
            gender = persona.demographics.gender if persona is not None else ""
            wording = _WORDING.get(gender, "either")
        prompt = self.settings.base_prompt
        if persona is not None:
            prompt = self.settings.role_prompt.replace("$persona", persona.description.replace("$", "$$"))
        return Administration(mode="item_wise", option_marks="letters", wording=wording, prompt=prompt)

    async def _read(
        self, instrument: Instrument, how: Administration, given: Administered, lab: Lab
    ) -> tuple[Answer, ...]:
        """Let the judge map replies to options, as far as the settings want it."""
        wanted = self.settings.judge
        if wanted == "none":
            return given.answers
        options = show_options(instrument, how)
        shown = "\n".join(f"{option.mark} = {option.label}" for option in options)
        reader = AnswerReader(options)
        answers = []
        for answer, attempt in zip(given.answers, given.attempts, strict=True):
            is_unread = answer.status == "unparsed" and bool(attempt.text.strip())
            if is_unread or (wanted == "all" and attempt.text.strip()):
                words = {"options": shown, "reply": attempt.text}
                judged = await _judge(
                    lab.model("judge"), Template(self.settings.judge_prompt).safe_substitute(words), reader
                )
                answers.append(judged if judged is not None else answer)
            else:
                answers.append(answer)
        return tuple(answers)


async def _judge(model: Model, prompt: str, reader: AnswerReader) -> Answer | None:
    """What the judge says was chosen; nothing if the judge could not be asked."""
    try:
        reply = await model.generate(Request.of(prompt, sampling=Sampling(temperature=0.0)))
    except ProviderError as error:
        if error.is_hopeless:
            raise
        return None
    if reply.text.strip().strip('".').casefold() == "none":
        return Answer(None, "unparsed", reply.text.strip())
    return reader.read(reply.text)
