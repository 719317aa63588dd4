"""PersonaLLM as a study: 32 types x 10 respondents, a questionnaire, a story in the same chat, judges of the story."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from personae.canonical import content_hash
from personae.errors import InputError
from personae.instrument import Administered, Administration, Instrument, administer, load_instrument
from personae.judge import Rating, rate
from personae.model import USABLE, Message, ProviderError, Request, Sampling, Status, worst_status
from personae.papers.personallm.findings import measure_table
from personae.papers.personallm.prompts import VIEWS, story_rubric, story_status
from personae.papers.personallm.settings import PersonaLLMSettings
from personae.persona import NEUTRAL_PROMPTS, Persona, empty_persona, random_other, render
from personae.population import persona_types
from personae.study import Cell, Finding, Lab, Observation, Scalar, Value

if TYPE_CHECKING:
    import numpy as np
    import polars as pl

INSTRUMENT = "bfi-44"

MAIN = "main"
ROBUSTNESS = ("descending", "shuffled", "other_wording", "item_wise")
"""Conditions that change how the questionnaire is put and nothing else."""

CONTROLS = ("empty", "exchanged", *NEUTRAL_PROMPTS)
_CONTROL_REPLICATES = 8


@dataclass(frozen=True, slots=True)
class PersonaLLM:
    """The study of Jiang et al. (2024), with the controls that it lacked."""

    settings: PersonaLLMSettings = field(default_factory=PersonaLLMSettings)
    name: str = "personallm"

    @property
    def roles(self) -> tuple[str, ...]:
        """The respondent, and the judge of its stories if there are any to judge."""
        is_judged = self.settings.stories and self.settings.judged_per_type > 0
        return ("subject", "judge") if is_judged else ("subject",)

    @property
    def parameters(self) -> Mapping[str, Any]:
        """Settings, with everything that is read replaced by its hash."""
        plain = self.settings.model_dump(mode="json")
        plain["questionnaire_prompt"] = content_hash(self.settings.questionnaire_prompt)[:12]
        plain["story_prompt"] = content_hash(self.settings.story_prompt)[:12]
        plain["instrument"] = f"{INSTRUMENT}@{self.instrument.version} {self.instrument.hash[:12]}"
        plain["rubric"] = story_rubric().hash[:12]
        # Files are part of the analysis, not of what was asked: a run may be analysed again with another dictionary.
        return {name: value for name, value in plain.items() if name not in ("dictionary", "essays")}

    @property
    def instrument(self) -> Instrument:
        """The Big Five Inventory."""
        return load_instrument(INSTRUMENT)

    def design(self, rng: np.random.Generator) -> Sequence[Cell]:
        """The published factorial, then the conditions that vary its administration, then the controls."""
        return [*self._published(), *self._variations(), *self._controls(rng)]

    def _published(self) -> Iterator[Cell]:
        for code, persona in persona_types().items():
            for replicate in range(1, self.settings.personas_per_type + 1):
                yield _cell(MAIN, code, replicate, persona)

    def _variations(self) -> Iterator[Cell]:
        if self.settings.robustness:
            for condition in ROBUSTNESS:
                for code, persona in persona_types().items():
                    yield _cell(condition, code, 1, persona)

    def _controls(self, rng: np.random.Generator) -> Iterator[Cell]:
        if not self.settings.controls:
            return
        personas = persona_types()
        for code, persona in personas.items():
            other = random_other(persona, list(personas.values()), rng)
            yield Cell({"condition": "exchanged", "type": code, "shown": other.id, "replicate": 1}, {"persona": other})
        for condition in ("empty", *NEUTRAL_PROMPTS):
            for replicate in range(1, _CONTROL_REPLICATES + 1):
                yield _cell(condition, "", replicate, empty_persona())

    async def observe(self, cell: Cell, lab: Lab) -> Observation:
        """Administer the questionnaire; in the published condition go on with the story and its ratings."""
        condition = str(cell.factors["condition"])
        given = await administer(
            self.instrument,
            lab.model("subject"),
            self._administration(condition),
            system=self._system(condition, cell),
            sampling=self._sampling(),
            rng=lab.rng("items"),
        )
        values: dict[str, Value] = {
            "answers": given.values,
            "answers.statuses": [answer.status for answer in given.answers],
            "answers.contradictory": [answer.is_contradictory for answer in given.answers],
            "attempts.statuses": [attempt.status for attempt in given.attempts],
        }
        statuses: list[Status] = [given.status]
        transcript, detail = given.messages, given.detail
        if condition == MAIN and self.settings.stories:
            story, status, detail = await self._tell_story(given, lab)
            values.update({"story": story, "story.status": status})
            statuses.append(status)
            if story is not None:
                transcript = (*transcript, Message("user", self.settings.story_prompt), Message("assistant", story))
            replicate = cell.factors["replicate"]
            if isinstance(replicate, int) and replicate <= self.settings.judged_per_type:
                ratings = await self._rate(story, status, lab)
                values.update(ratings)
                statuses += [status for view in VIEWS for status in _statuses(ratings, view)]
        return Observation(worst_status(statuses), values, transcript, detail)

    def measure(self, table: pl.DataFrame) -> list[Finding]:
        """Score the table; see :mod:`personae.papers.personallm.findings`."""
        return measure_table(table, self.instrument, self.settings)

    def _administration(self, condition: str) -> Administration:
        wording = self.settings.wording
        published = Administration(
            wording=wording, attempts=self.settings.attempts, prompt=self.settings.questionnaire_prompt
        )
        match condition:
            case "descending":
                return replace(published, option_order="descending")
            case "shuffled":
                return replace(published, item_order="shuffled")
            case "other_wording":
                return replace(published, wording="original" if wording == "simplified" else "simplified")
            case "item_wise":
                return replace(published, mode="item_wise", prompt="")
            case _:
                return published

    def _system(self, condition: str, cell: Cell) -> str:
        if condition in NEUTRAL_PROMPTS:
            return NEUTRAL_PROMPTS[condition]
        persona = cell.material["persona"]
        if not isinstance(persona, Persona):
            raise InputError("the cell carries no persona", where=cell.key[:12])
        return render(persona, self.settings.renderer).text

    def _sampling(self) -> Sampling:
        return Sampling(temperature=self.settings.temperature, top_p=self.settings.top_p)

    async def _tell_story(self, given: Administered, lab: Lab) -> tuple[str | None, Status, str]:
        """Continue the chat that holds the answers; without usable answers there is nothing to continue."""
        if given.status not in USABLE:
            return None, given.status, "the questionnaire came without usable answers, so no story was asked for"
        messages = (*given.messages, Message("user", self.settings.story_prompt))
        try:
            reply = await lab.model("subject").generate(Request(messages, self._sampling()))
        except ProviderError as error:
            if error.is_hopeless:
                raise
            return None, "failed", str(error)
        status = story_status(reply.text or reply.refusal)
        return (reply.text, status, "") if status == "ok" else (None, status, f"the story came {status}")

    async def _rate(self, story: str | None, status: Status, lab: Lab) -> dict[str, Value]:
        """Have the story rated by every rater in both conditions."""
        rubric = story_rubric()
        values: dict[str, Value] = {}
        for view, context in VIEWS.items():
            ratings = [
                Rating(status, {})
                if story is None
                else await rate(story, rubric, lab.model("judge"), context=context, rater=rater)
                for rater in range(self.settings.raters)
            ]
            values[f"{view}.statuses"] = [rating.status for rating in ratings]
            for criterion in rubric.criteria:
                values[f"{view}.{criterion.key}"] = [rating.scores.get(criterion.key) for rating in ratings]
        return values


def _cell(condition: str, code: str, replicate: int, persona: Persona) -> Cell:
    factors: dict[str, Scalar] = {"condition": condition, "type": code, "shown": code, "replicate": replicate}
    return Cell(factors, {"persona": persona})


def _statuses(values: Mapping[str, Value], view: str) -> list[Status]:
    found: Any = values[f"{view}.statuses"]
    return list(found)
