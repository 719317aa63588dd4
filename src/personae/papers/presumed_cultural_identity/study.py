"""Requests for suggestions with and without a name, judged for the culture of the name and for others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from personae.canonical import content_hash
from personae.errors import InputError
from personae.instrument.tasks import hear
from personae.model import Model, Sampling, Status, is_refusal, worst_status
from personae.papers.presumed_cultural_identity.findings import measure_table
from personae.papers.presumed_cultural_identity.judging import CONTEXT, JUDGED, RUBRIC, judge_reply, knowledge_of
from personae.papers.presumed_cultural_identity.labels import read_labels
from personae.papers.presumed_cultural_identity.material import (
    NOBODY,
    Asker,
    Query,
    askers_of,
    cultures_of,
    hide_name,
    names_of,
    queries_of,
    read_queries,
    words_for,
)
from personae.papers.presumed_cultural_identity.settings import CV, INVENTED, MEMORY, PLACEBO, PresumptionSettings
from personae.papers.presumed_cultural_identity.stored import ASKER, Stored, read_stored
from personae.persona import Persona
from personae.study import Cell, Finding, Lab, Observation, Value

if TYPE_CHECKING:
    import numpy as np
    import polars as pl


@dataclass(frozen=True, slots=True)
class PresumedIdentity:
    """The study of Pawar et al. (2025)."""

    settings: PresumptionSettings = field(default_factory=PresumptionSettings)
    name: str = "presumed_cultural_identity"

    @property
    def roles(self) -> tuple[str, ...]:
        """The model that is asked, and a judge unless words alone decide; stored replies go to the subject."""
        return ("subject", "judge") if self.settings.judge and not self.settings.replies else ("subject",)

    @property
    def _stored(self) -> Stored:
        """Replies of a file of the user."""
        if self.settings.replies is None:
            raise InputError("there are no stored replies", where="replies", remedy="name a file or folder")
        return read_stored(self.settings.replies, self.settings)

    @property
    def parameters(self) -> Mapping[str, Any]:
        """Settings, with what is read by its hash."""
        read = {"names", "knowledge", "queries", "labels", "replies", "introduction"}
        plain = self.settings.model_dump(mode="json", exclude=read)
        table, base = names_of(self.settings.names, self.settings.least_tie), knowledge_of(self.settings.knowledge)
        stimuli = read_queries(self.settings.queries)
        prompts = [self.settings.introduction, PLACEBO, MEMORY, CV, CONTEXT, RUBRIC.hash, list(INVENTED)]
        return {
            **plain,
            "names": f"{table.key} {table.hash[:12]}",
            "knowledge": f"{base.key} {base.hash[:12]}",
            "queries": f"{stimuli.key} {stimuli.hash[:12]}",
            "labels": content_hash(read_labels(self.settings.labels))[:12] if self.settings.labels else "none",
            "replies": self._stored.hash[:12] if self.settings.replies else "none",
            "prompts": content_hash(prompts)[:12],
            "names_dropped": sum(table.dropped.values()),
        }

    def design(self, rng: np.random.Generator) -> Iterator[Cell]:
        """Everybody who asks, a facet at a time; of stored replies, those that there are."""
        if self.settings.replies:
            for row in self._stored.rows:
                yield Cell({"of": row["model"], **{name: row[name] for name in ASKER if name != "model"}})
            return
        for asker in askers_of(self.settings):
            for facet in queries_of(self.settings):
                factors = {
                    "condition": asker.condition,
                    "channel": asker.channel,
                    "name": asker.name,
                    "culture": "/".join(asker.cultures) or NOBODY,
                    "facet": facet,
                }
                yield Cell(factors, {"asker": Persona(name=asker.name)})

    async def observe(self, cell: Cell, lab: Lab) -> Observation:
        """Put the questions of one facet, and judge the replies."""
        if self.settings.replies:
            return await self._rated(cell, lab)
        told = {name: str(value) for name, value in cell.factors.items()}
        asker = next(one for one in askers_of(self.settings) if _is_meant(one, told))
        questions = queries_of(self.settings)[told["facet"]]
        repeats = self.settings.baseline_repeats if asker.condition == NOBODY else self.settings.repeats
        texts: list[str | None] = []
        statuses: list[Status] = []
        detail = ""
        for question in questions:
            for repeat in range(repeats):
                text, status, why = await self._asked(lab.model("subject"), asker, question, repeat)
                texts.append(text)
                statuses.append(status)
                detail = detail or why
        judge = lab.model("judge") if self.settings.judge else None
        asked = [question for question in questions for _ in range(repeats)]
        judged = await self._judged(asker, asked, texts, judge)
        ratings: list[Status] = [status for status in judged["judged.statuses"] if status is not None]
        values: dict[str, Value] = {
            "gender": asker.gender,
            "items": [question.key for question in asked],
            "texts": texts,
            "reply.statuses": list(statuses),
            **judged,
        }
        return Observation(worst_status([*statuses, *ratings]), values, detail=detail)

    def measure(self, table: pl.DataFrame) -> list[Finding]:
        """Score verdicts; see :mod:`personae.papers.presumed_cultural_identity.findings`."""
        return measure_table(table, read_labels(self.settings.labels), knowledge_of(self.settings.knowledge))

    async def _asked(self, model: Model, asker: Asker, question: Query, repeat: int) -> tuple[str | None, Status, str]:
        """A reply as the judge may see it."""
        system, prompt = words_for(asker, question.text, self.settings.introduction)
        sampling = Sampling(temperature=self.settings.temperature, max_tokens=self.settings.max_tokens)
        heard = await hear(model, prompt, system, sampling, replicate=repeat)
        if heard.status != "ok":
            return None, heard.status, heard.detail
        if is_refusal(heard.text):
            return None, "refused", ""
        hides = self.settings.masks_name and asker.condition in ("name", "shared", "invented")
        return hide_name(heard.text, asker.name) if hides else heard.text, "ok", ""

    async def _judged(
        self, asker: Asker, asked: Sequence[Query], texts: Sequence[str | None], judge: Model | None
    ) -> dict[str, Any]:
        """Verdicts on every reply: for the cultures of the name and one other, or for all where there is none."""
        cultures = {one.key: one for one in cultures_of(self.settings)}
        base = knowledge_of(self.settings.knowledge)
        columns: dict[str, list[Any]] = {name: [] for name in JUDGED}
        for number, (question, text) in enumerate(zip(asked, texts, strict=True)):
            for key in self._judged_for(asker, tuple(cultures)) if text is not None else ():
                found = await judge_reply(
                    text or "", question.text, cultures[key], question.facet, base, judge, self.settings.assertions
                )
                row = (number, key, found.matched, found.rated, ", ".join(found.terms), found.status)
                for column, value in zip(columns.values(), row, strict=True):
                    column.append(value)
        return columns

    async def _rated(self, cell: Cell, lab: Lab) -> Observation:
        """Have stored replies judged; verdicts that are there already stay."""
        stored = self._stored
        row = dict(stored.of({**cell.factors, "model": cell.factors["of"]}))
        base, judge = knowledge_of(self.settings.knowledge), lab.model() if self.settings.judge else None
        words = {one.key: one.text for one in read_queries(self.settings.queries).queries}
        rated, statuses = list(row["judged.rated"]), list(row["judged.statuses"])
        for place, (number, key) in enumerate(zip(row["judged.reply"], row["judged.culture"], strict=True)):
            if rated[place] is None and judge is not None:
                question = words.get(row["items"][number], row["items"][number])
                found = await judge_reply(
                    row["texts"][number],
                    question,
                    stored.cultures[key],
                    row["facet"],
                    base,
                    judge,
                    self.settings.assertions,
                )
                rated[place], statuses[place] = found.rated, found.status
        values = {name: value for name, value in row.items() if name not in cell.factors}
        values |= {"judged.rated": rated, "judged.statuses": statuses}
        return Observation(worst_status([one for one in statuses if one is not None]), values)

    def _judged_for(self, asker: Asker, cultures: tuple[str, ...]) -> tuple[str, ...]:
        if asker.condition == "shared":
            return asker.cultures
        if asker.condition != "name":
            return cultures
        if asker.channel != "introduction":
            return asker.cultures
        # Another culture, a further one for each name, so that every culture is also judged on names of others.
        own = cultures.index(asker.cultures[0])
        table = names_of(self.settings.names, self.settings.least_tie)
        tied = [one.name for one in table.tied(asker.cultures[0], self.settings.names_per_culture)]
        step = 1 + tied.index(asker.name) % (len(cultures) - 1)
        return (asker.cultures[0], cultures[(own + step) % len(cultures)])


def _is_meant(asker: Asker, told: Mapping[str, str]) -> bool:
    culture = "/".join(asker.cultures) or NOBODY
    return (asker.condition, asker.channel, asker.name, culture) == tuple(
        told[name] for name in ("condition", "channel", "name", "culture")
    )
