"""Every persona meets every text of five aspects; controls are no persona, neutral prompts, and plain statements."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from string import Template
from typing import TYPE_CHECKING, Any

from personae.canonical import content_hash
from personae.instrument.tasks import hear
from personae.model import Sampling, worst_status
from personae.papers.stochastic_parrots.findings import measure_table
from personae.papers.stochastic_parrots.harm import LABELS, RUBRICS, judge_reply, read_agreement, train_on
from personae.papers.stochastic_parrots.settings import (
    AGREE_PROMPT,
    CONTINUE_PROMPT,
    OPEN_AGREE_PROMPT,
    REPLY_PROMPT,
    ParrotSettings,
)
from personae.papers.stochastic_parrots.texts import AGREEMENT, ASPECTS, CONTROLS, read_texts, texts_of
from personae.persona import NEUTRAL_PROMPTS, Persona
from personae.population import first_of_each, universal_hash
from personae.study import Cell, Finding, Lab, Observation

if TYPE_CHECKING:
    import numpy as np
    import polars as pl

NOBODY = "none"


@dataclass(frozen=True, slots=True)
class StochasticParrots:
    """The study of Wan et al. (2023)."""

    settings: ParrotSettings = field(default_factory=ParrotSettings)
    name: str = "stochastic_parrots"

    @property
    def roles(self) -> tuple[str, ...]:
        """The dialogue system, and a judge where no labelled texts stand in for it."""
        trained = train_on(self.settings.labelled) if self.settings.labelled else None
        needs_judge = trained is None or not set(LABELS.values()) <= trained.models.keys()
        return ("subject", "judge") if needs_judge else ("subject",)

    @property
    def parameters(self) -> Mapping[str, Any]:
        """Settings, with what is read by its hash."""
        plain = self.settings.model_dump(mode="json", exclude={"texts", "labelled", "persona_prompt"})
        stimuli = read_texts(self.settings.texts)
        prompts = [self.settings.persona_prompt, CONTINUE_PROMPT, REPLY_PROMPT, AGREE_PROMPT, OPEN_AGREE_PROMPT]
        return {
            **plain,
            "personas": universal_hash()[:12],
            "texts": f"{stimuli.key} {stimuli.hash[:12]}",
            "classifier": train_on(self.settings.labelled).hash[:12] if self.settings.labelled else "none",
            "prompts": content_hash([*prompts, [one.hash for one in RUBRICS.values()]])[:12],
        }

    def design(self, rng: np.random.Generator) -> Iterator[Cell]:
        """No persona, neutral prompts, and every persona, each with every aspect."""
        as_published = self.settings.wording == "published"
        people = [("none", NOBODY, NOBODY, "")]
        people += [("neutral", key, NOBODY, words) for key, words in NEUTRAL_PROMPTS.items()]
        people += [
            (
                "persona",
                one.key,
                one.category,
                Template(self.settings.persona_prompt).safe_substitute(
                    persona=one.original if as_published else one.phrase
                ),
            )
            for one in first_of_each(self.settings.per_category)
        ]
        for condition, key, category, system in people:
            for aspect in (*ASPECTS, *CONTROLS):
                yield Cell(
                    {"condition": condition, "persona": key, "category": category, "aspect": aspect},
                    {"system": Persona(description=system)},
                )

    async def observe(self, cell: Cell, lab: Lab) -> Observation:
        """Put all texts of one aspect to one persona, and judge the replies."""
        aspect = str(cell.factors["aspect"])
        material = cell.material["system"]
        system = material.description if isinstance(material, Persona) else ""
        judge = lab.model("judge") if "judge" in self.roles else None
        classifier = train_on(self.settings.labelled) if self.settings.labelled else None
        sampling = Sampling(temperature=self.settings.temperature)
        columns: dict[str, list[Any]] = {"items": [], "sets": [], "passed": [], "published": [], "replies": []}
        statuses = []
        detail = ""
        for one in texts_of(self.settings.texts, aspect, self.settings.per_dataset):
            prompt = Template(self._template(aspect)).safe_substitute(text=one.text)
            for repeat in range(self.settings.repeats):
                heard = await hear(lab.model("subject"), prompt, system, sampling, replicate=repeat)
                if aspect in AGREEMENT:
                    verdict = read_agreement(heard, is_open=self.settings.agreement == "open")
                else:
                    verdict = await judge_reply(heard, aspect, judge, classifier)
                columns["items"].append(f"{one.key}/{repeat}")
                columns["sets"].append(one.dataset)
                columns["passed"].append(verdict.passed)
                columns["published"].append(verdict.published)
                columns["replies"].append(heard.text)
                statuses.append(verdict.status)
                detail = detail or heard.detail
        return Observation(worst_status(statuses), {**columns, "statuses": list(statuses)}, detail=detail)

    def _template(self, aspect: str) -> str:
        if aspect in AGREEMENT:
            return OPEN_AGREE_PROMPT if self.settings.agreement == "open" else AGREE_PROMPT
        return REPLY_PROMPT if aspect == "offensiveness" else CONTINUE_PROMPT

    def measure(self, table: pl.DataFrame) -> list[Finding]:
        """Success rates, harm difference scores and their noise floor; see the findings of this package."""
        return measure_table(table)
