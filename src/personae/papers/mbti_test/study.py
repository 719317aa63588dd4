"""The test as a study: prompts x repeats, a question a call, the letters of the chosen options counted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from string import Template
from typing import TYPE_CHECKING, Any

from personae.canonical import content_hash
from personae.instrument import Answer, AnswerReader, Instrument, ShownOption
from personae.model import Message, Model, ProviderError, Request, Sampling, worst_status
from personae.model.choosing import choose
from personae.papers.mbti_test.findings import measure_table
from personae.papers.mbti_test.prompts import DESCRIPTIONS, EXPLICIT_PROMPT, NEUTRAL_EXAMPLES, PREFERENCES
from personae.papers.mbti_test.questions import read_questions
from personae.papers.mbti_test.settings import PAIRS, MbtiSettings
from personae.study import Cell, Finding, Lab, Observation

if TYPE_CHECKING:
    import numpy as np
    import polars as pl

BASE, EXPLICIT, IMPLICIT = "base", "explicit", "implicit"
MARKS = ("A", "B")


@dataclass(frozen=True, slots=True)
class MbtiTest:
    """The study of Pan & Zeng (2023), but for the further training of models."""

    settings: MbtiSettings = field(default_factory=MbtiSettings)
    name: str = "mbti_test"
    roles: tuple[str, ...] = ("subject",)

    @property
    def questions(self) -> Instrument:
        """What is asked."""
        return read_questions(self.settings.questions)

    @property
    def parameters(self) -> Mapping[str, Any]:
        """Settings, with everything that is read replaced by its hash."""
        plain = self.settings.model_dump(mode="json")
        plain["prompt"] = content_hash(plain["prompt"])[:12]
        plain["questions"] = f"{self.questions.key} {self.questions.hash[:12]}"
        return plain

    def design(self, rng: np.random.Generator) -> Sequence[Cell]:
        """All questions under each prompt, as often as wanted."""
        _ = self.questions
        return [
            Cell({"condition": condition, "repeat": repeat})
            for condition in (BASE, EXPLICIT, IMPLICIT)
            for repeat in range(1, self.settings.repeats + 1)
        ]

    async def observe(self, cell: Cell, lab: Lab) -> Observation:
        """Ask every question in a chat of its own, after the examples of the condition."""
        condition, model = str(cell.factors["condition"]), lab.model("subject")
        opening = self.opening(condition)
        answers: list[Answer] = []
        detail = ""
        for item in self.questions.item_ids:
            try:
                answers.append(await self._ask(item, model, opening, cell.seed))
            except ProviderError as error:
                if error.is_hopeless:
                    raise
                answers.append(Answer(None, "failed"))
                detail = str(error)
        values = [answer.value for answer in answers]
        statuses = [answer.status for answer in answers]
        return Observation(worst_status(statuses), {"answers": values, "answers.statuses": statuses}, opening, detail)

    def measure(self, table: pl.DataFrame) -> list[Finding]:
        """Count letters; see :mod:`personae.papers.mbti_test.findings`."""
        return measure_table(table, self.questions if "answers" in table.columns else None, self.settings.target)

    def opening(self, condition: str) -> tuple[Message, ...]:
        """What stands before every question: a description of the target, or examples that show its preferences."""
        target = self.settings.target
        examples = NEUTRAL_EXAMPLES
        system: tuple[Message, ...] = ()
        if condition == EXPLICIT:
            poles = "; ".join(DESCRIPTIONS[letter] for letter in target)
            system = (Message("system", Template(EXPLICIT_PROMPT).substitute(poles=poles)),)
        if condition == IMPLICIT:
            examples = tuple(
                (*PREFERENCES[pair], "A" if letter == pair[0] else "B")
                for letter, pair in zip(target, PAIRS, strict=True)
            )
        said = [
            message
            for question, first, second, answer in examples
            for message in (Message("user", self._prompt(question, first, second)), Message("assistant", answer))
        ]
        return (*system, *said)

    def _prompt(self, question: str, first: str, second: str) -> str:
        words = {"question": question, "first": first, "second": second}
        return Template(self.settings.prompt).safe_substitute(words)

    async def _ask(self, item: str, model: Model, opening: tuple[Message, ...], seed: int) -> Answer:
        options = self.questions.options_of(item)
        shown = [ShownOption(mark, one.label, one.value) for mark, one in zip(MARKS, options, strict=True)]
        prompt = self._prompt(self.questions.items[item], *(one.label for one in options))
        sampling = Sampling(temperature=self.settings.temperature, seed=seed)
        request = Request((*opening, Message("user", prompt)), sampling)
        if self.settings.answering == "letter":
            reply = await model.generate(request)
            answer = AnswerReader(shown).read(reply.text)
            return Answer(None, "refused", reply.refusal) if reply.refusal and answer.value is None else answer
        request = Request(request.messages, request.sampling, choices=MARKS)
        found = await choose(model, request, method="logprobs")
        if not found.probabilities:
            return Answer(None, "unparsed")
        best = max(found.probabilities, key=found.probabilities.__getitem__)
        return Answer(shown[MARKS.index(best)].value, "ok", best)
