"""Texts written under a trait, scored on all five; and historical figures, judged for philosophy and style."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from string import Template
from typing import TYPE_CHECKING, Any

from personae.canonical import content_hash
from personae.judge import ClassifierScorer, LexiconScorer, RatedScorer, rate, score_columns
from personae.model import Model, ProviderError, Reply, Request, Sampling, is_refusal
from personae.papers.text_to_behavior.findings import measure_table
from personae.papers.text_to_behavior.prompts import (
    FIGURE_PROMPT,
    FIGURE_RUBRIC,
    FIGURES,
    QUESTIONS,
    TARGETS,
    context_of,
    steering,
)
from personae.papers.text_to_behavior.settings import TextToBehaviorSettings
from personae.study import Cell, Finding, Lab, Observation, Value

if TYPE_CHECKING:
    import numpy as np
    import polars as pl

_MOST_REFUSAL_WORDS = 60


@dataclass(frozen=True, slots=True)
class TextToBehavior:
    """The study of Noever and Hyams (2023)."""

    settings: TextToBehaviorSettings = field(default_factory=TextToBehaviorSettings)
    name: str = "text_to_behavior"
    roles: tuple[str, ...] = ("subject", "judge")

    @property
    def parameters(self) -> Mapping[str, Any]:
        """Settings, with what is read by its hash."""
        plain = self.settings.model_dump(mode="json", exclude={"classifier", "prompt"})
        scorer = self._classifier()
        prompts = [
            self.settings.prompt,
            [steering(one) for one in TARGETS],
            [context_of(one) for one in FIGURES],
            QUESTIONS,
        ]
        return {**plain, "prompts": content_hash(prompts)[:12], "classifier": scorer.hash[:12] if scorer else "none"}

    def _classifier(self) -> ClassifierScorer | None:
        return ClassifierScorer.load(self.settings.classifier) if self.settings.classifier else None

    def design(self, rng: np.random.Generator) -> Sequence[Cell]:
        """Texts for every trait and for none, then every figure and question."""
        return list(self._cells())

    def _cells(self) -> Iterator[Cell]:
        for target in TARGETS:
            for number in range(1, self.settings.texts + 1):
                yield Cell({"part": "trait", "target": target, "number": number})
        if self.settings.figures:
            for figure in FIGURES:
                for number in range(1, len(QUESTIONS) + 1):
                    yield Cell({"part": "figure", "target": figure.key, "number": number})

    async def observe(self, cell: Cell, lab: Lab) -> Observation:
        """Have a text written and scored."""
        is_trait = cell.factors["part"] == "trait"
        target, number = str(cell.factors["target"]), int(str(cell.factors["number"]))
        if is_trait:
            system = steering(target)
            ask = Template(self.settings.prompt).safe_substitute(words=self.settings.words)
        else:
            system = f"You are {next(one.name for one in FIGURES if one.key == target)}."
            ask = FIGURE_PROMPT.format(question=QUESTIONS[number - 1], words=self.settings.words)
        sampling = Sampling(temperature=self.settings.temperature)
        try:
            reply = await lab.model("subject").generate(Request.of(ask, system=system, sampling=sampling))
        except ProviderError as error:
            if error.is_hopeless:
                raise
            return Observation("failed", {}, detail=str(error))
        text = reply.text.strip()
        # Steerability is of a model of a day: the version that answered, and when, belong to the figure.
        values: dict[str, Value] = {"text": text, "version": reply.model, "date": _today()}
        if not text or (len(text.split()) < _MOST_REFUSAL_WORDS and is_refusal(text)):
            return Observation(_status(reply), values)
        judge = lab.model("judge")
        values.update(await (self._trait_scores(text, judge) if is_trait else self._figure_scores(text, judge)))
        return Observation("ok", values)

    async def _trait_scores(self, text: str, judge: Model) -> dict[str, Value]:
        values: dict[str, Value] = {}
        values.update(score_columns("lexicon", LexiconScorer().read(text)))
        values.update(score_columns("rated", await RatedScorer(judge).score(text)))
        if scorer := self._classifier():
            values.update(score_columns("classifier", scorer.read(text)))
        return values

    async def _figure_scores(self, text: str, judge: Model) -> dict[str, Value]:
        """Ratings against every figure, the others being the control: any learned answer is somewhat like a sage's."""
        values: dict[str, Value] = {}
        for figure in FIGURES:
            rating = await rate(
                text, FIGURE_RUBRIC, judge, context=context_of(figure), sampling=Sampling(temperature=0.0)
            )
            for name in ("philosophy", "style"):
                values[f"{name}.{figure.key}"] = rating.scores.get(name)
        return values

    def measure(self, table: pl.DataFrame) -> list[Finding]:
        """Make the matrix of targets and scores; see :mod:`personae.papers.text_to_behavior.findings`."""
        return measure_table(table)


def _status(reply: Reply) -> Any:
    return "refused" if reply.refusal or reply.text.strip() else "empty"


def _today() -> str:
    return datetime.now(UTC).date().isoformat()
