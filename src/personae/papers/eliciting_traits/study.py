"""Texts elicited by interview questions and trait-activating prompts, from models of several sizes, base and tuned."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from personae.instrument.tasks import ElicitationPrompt, elicitation_stimuli
from personae.instrument.tasks.elicitation import ElicitationStimuli
from personae.judge import LexiconScorer, RatedScorer, score_columns
from personae.model import ProviderError, Request, Sampling, is_refusal
from personae.papers.eliciting_traits.findings import measure_table
from personae.papers.eliciting_traits.scoring import classifier
from personae.papers.eliciting_traits.settings import ElicitingSettings
from personae.study import Cell, Finding, Lab, Observation, Value

if TYPE_CHECKING:
    import numpy as np
    import polars as pl

CHAT_PROMPT = "{question}\n\nAnswer in the first person, in about {words} words."
_TOKENS_PER_WORD = 2
_MOST_REFUSAL_WORDS = 60


@dataclass(frozen=True, slots=True)
class ElicitingTraits:
    """The study of Hilliard et al. (2024)."""

    settings: ElicitingSettings = field(default_factory=ElicitingSettings)
    name: str = "eliciting_traits"

    @property
    def writers(self) -> tuple[str, ...]:
        """Roles that write texts."""
        others = tuple(f"model_{number}" for number in range(2, self.settings.models + 1))
        return ("subject", *others, *(("tuned",) if self.settings.tuned else ()))

    @property
    def roles(self) -> tuple[str, ...]:
        """Writers, and the judge that rates their texts."""
        return (*self.writers, "judge") if self.settings.rated else self.writers

    @property
    def stimuli(self) -> ElicitationStimuli:
        """The prompts."""
        return elicitation_stimuli(self.settings.prompts or "interview")

    @property
    def parameters(self) -> Mapping[str, Any]:
        """Settings, with prompts and classifiers by their hashes."""
        plain = self.settings.model_dump(mode="json", exclude={"prompts", "classifier", "train"})
        trained = classifier(self.settings)
        scorer = "none" if trained is None else f"{trained.calibration} {trained.hash[:12]}"
        return {**plain, "prompts": f"{self.stimuli.key} {self.stimuli.hash[:12]}", "classifier": scorer}

    def design(self, rng: np.random.Generator) -> Sequence[Cell]:
        """Every writer, every prompt, many completions."""
        return list(self._cells())

    def _cells(self) -> Iterator[Cell]:
        for role in self.writers:
            for prompt in self.stimuli.prompts:
                for completion in range(1, self.settings.completions + 1):
                    yield Cell({"role": role, "prompt": prompt.key, "completion": completion})

    async def observe(self, cell: Cell, lab: Lab) -> Observation:
        """Have a text written, and score it by word categories and by the judge; classifiers score when measuring."""
        prompt = next(one for one in self.stimuli.prompts if one.key == cell.factors["prompt"])
        model = lab.model(str(cell.factors["role"]))
        is_chat = self.settings.form == "chat"
        sampling = Sampling(
            temperature=self.settings.temperature,
            max_tokens=None if is_chat else _TOKENS_PER_WORD * self.settings.words,
        )
        try:
            reply = await model.generate(Request.of(self._ask(prompt), sampling=sampling))
        except ProviderError as error:
            if error.is_hopeless:
                raise
            return Observation("failed", {"model": model.name}, detail=str(error))
        text = reply.text.strip() if is_chat else f"{_beginning(prompt)}{reply.text}".strip()
        values: dict[str, Value] = {"model": model.name, "text": text, "endpoint_model": reply.model}
        if not reply.text.strip():
            return Observation("refused" if reply.refusal else "empty", values)
        if len(text.split()) < _MOST_REFUSAL_WORDS and is_refusal(reply.text):
            return Observation("refused", values)
        values.update(score_columns("lexicon", LexiconScorer().read(text)))
        if self.settings.rated:
            values.update(score_columns("rated", await RatedScorer(lab.model("judge")).score(text)))
        return Observation("ok", values)

    def _ask(self, prompt: ElicitationPrompt) -> str:
        """A question for a model that converses; the bare beginning of an answer for one that continues texts."""
        if self.settings.form == "completion":
            return prompt.opening or prompt.question
        return CHAT_PROMPT.format(question=prompt.question, words=self.settings.words)

    def measure(self, table: pl.DataFrame) -> list[Finding]:
        """Score the texts and compare them; see :mod:`personae.papers.eliciting_traits.findings`."""
        return measure_table(table, self.settings, self.stimuli.prompts, self.writers)


def _beginning(prompt: ElicitationPrompt) -> str:
    """What the candidate had begun to say, which belongs to the text that is scored."""
    return prompt.opening.rpartition(":")[2].lstrip() if prompt.opening else ""
