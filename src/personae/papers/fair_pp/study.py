"""Each question to seven people of segments, in both orders and again; to nobody; and to models that are positioned."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from string import Template
from typing import TYPE_CHECKING, Any

from personae.canonical import content_hash
from personae.instrument import AnswerReader, ShownOption
from personae.instrument.tasks import hear
from personae.model import Model, Sampling, Status, worst_status
from personae.papers.fair_pp.answers import column_of
from personae.papers.fair_pp.findings import measure_table
from personae.papers.fair_pp.questions import COLUMNS, Question, built_in_questions, read_questions, spread
from personae.papers.fair_pp.segments import KEYS, REGIONS, SEGMENTS, read_portraits
from personae.papers.fair_pp.settings import REWORD_PROMPT, SCENE_PROMPT, SCENE_QUESTION, FairSettings
from personae.papers.fair_pp.weights import NO_ANSWER
from personae.papers.fair_pp.writing import write_question
from personae.study import Cell, Finding, Lab, Observation, Value

if TYPE_CHECKING:
    import numpy as np
    import polars as pl

NOBODY, POSITIONED, IN_ROLE = "nobody", "positioned", "in_role"


@dataclass(frozen=True)
class FairPP:
    """The study of Fair-PP (2025)."""

    settings: FairSettings = field(default_factory=FairSettings)
    name: str = "fair_pp"

    @property
    def positioned(self) -> tuple[str, ...]:
        """Roles of the models whose own answers are placed among those of the seven."""
        return tuple(REGIONS) if self.settings.regions else (POSITIONED,)

    @property
    def roles(self) -> tuple[str, ...]:
        """Who plays people, who is positioned, and who words questions."""
        writer = () if self.settings.wording == "rule" else ("writer",)
        return ("subject", *self.positioned, *writer)

    @cached_property
    def questions(self) -> tuple[Question, ...]:
        """Questions that are put."""
        path = self.settings.data
        return spread(built_in_questions() if path is None else read_questions(path), self.settings.questions)

    @cached_property
    def portraits(self) -> dict[str, str]:
        """What each of the seven is told."""
        path = self.settings.portraits
        return {one.key: one.portrait for one in SEGMENTS} if path is None else read_portraits(path)

    @property
    def parameters(self) -> Mapping[str, Any]:
        """Settings, with what is read by its hash."""
        plain = self.settings.model_dump(mode="json", exclude={"data", "prompt", "portraits"})
        prompts = [self.settings.prompt, REWORD_PROMPT, SCENE_PROMPT, SCENE_QUESTION]
        return {
            **plain,
            "data": content_hash([one.hash for one in self.questions])[:12],
            "prompts": content_hash(prompts)[:12],
            "segments": content_hash([[one.share for one in SEGMENTS], self.portraits])[:12],
        }

    def design(self, rng: np.random.Generator) -> Iterator[Cell]:
        """One cell a question."""
        for number, one in enumerate(self.questions):
            yield Cell({"question": number, "source": one.hash, "problem": one.place.problem, "group": one.place.group})

    async def observe(self, cell: Cell, lab: Lab) -> Observation:
        """Put one question to everybody."""
        one = self.questions[int(str(cell.factors["question"]))]
        values: dict[str, Value] = {}
        if self.settings.wording != "rule":
            written, status, detail = await write_question(one, self.settings.wording, lab.model("writer"))
            values["writing.status"] = status
            if written is None:
                return Observation(status, values, detail=detail)
            one = written
        values |= {name: value for name, value in row_of(one).items() if name not in cell.factors}
        subject, target = lab.model("subject"), self.portraits[KEYS[self.settings.target - 1]]
        asked: list[tuple[str, Model, str, tuple[int, ...]]] = [
            (key, subject, self.portraits[key], (0, 1)) for key in KEYS
        ]
        asked.append((NOBODY, subject, "", (0,)))
        for role in self.positioned:
            model = lab.model(role)
            asked.append((role, model, "", (0,)))
            # Another draw: where one model plays both, the same call would be the target's own answer.
            asked.append((f"{role}_{IN_ROLE}", model, target, (2,)))
        answers = await asyncio.gather(
            *(self._asked(model, one, portrait, times) for _, model, portrait, times in asked)
        )
        statuses: list[Status] = []
        for (who, _, _, _), (sides, published, heard) in zip(asked, answers, strict=True):
            values[f"side.{who}"] = sides
            values[f"published.{who}"] = published
            values[f"{who}.statuses"] = list(heard)
            statuses += heard
        return Observation(worst_status(statuses), values)

    async def _asked(
        self, model: Model, one: Question, portrait: str, replicates: tuple[int, ...]
    ) -> tuple[list[int | None], int, list[Status]]:
        """Sides in the order given, in the other order, and perhaps in the first once more; 0 is the given A."""
        sides: list[int | None] = []
        statuses: list[Status] = []
        published = NO_ANSWER
        sampling = Sampling(temperature=self.settings.temperature)
        turns = [(False, replicates[0]), (True, replicates[0]), *((False, number) for number in replicates[1:])]
        for turn, (swapped, replicate) in enumerate(turns):
            a, b = (one.b, one.a) if swapped else (one.a, one.b)
            third = "\nC. N/A" if self.settings.third else ""
            prompt = Template(self.settings.prompt).safe_substitute(question=one.text, a=a, b=b, c=third)
            heard = await hear(model, prompt, portrait, sampling, replicate)
            if turn == 0:
                published = parse_as_published(heard.text if heard.status == "ok" else "")
            status, value = heard.status, None
            if heard.status == "ok":
                options = [ShownOption("A", a, int(swapped)), ShownOption("B", b, int(not swapped))]
                if third:
                    options.append(ShownOption("C", "N/A", NO_ANSWER))
                answer = AnswerReader(options).read(heard.text)
                status, value = answer.status, answer.value
            sides.append(value)
            statuses.append(status)
        return sides, published, statuses

    def measure(self, table: pl.DataFrame) -> list[Finding]:
        """Anchors, distances, positions, tiers and alignment; see the findings of this package."""
        return measure_table(table, self.settings)


def row_of(one: Question) -> dict[str, Value]:
    """A question as columns of an observation; group and problem have the names that cells give them."""
    place = one.place
    names = (place.topic, place.category, place.problem, place.group_type, place.group, place.perspective)
    columns = dict(zip(map(column_of, COLUMNS), names, strict=False))
    return {**columns, "dimension": place.dimension, "text": one.text, "a": one.a, "b": one.b}


def parse_as_published(text: str) -> int:
    """0 for A, 1 for B, 2 for everything else, as the authors' code reads replies.

    "A." anywhere in a reply makes it A, even after "B.": kept as it is, to stand beside our reading.

    Example:
        >>> [parse_as_published(text) for text in ("A", "B.", "B. Plan A.", "a", "")]
        [0, 1, 0, 2, 2]
    """
    if "A." in text or text == "A":
        return 0
    return 1 if "B." in text or text == "B" else NO_ANSWER
