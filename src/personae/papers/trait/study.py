"""TRAIT as a study: situations in three templates and both orders of their options, with and without a persona."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from string import Template
from typing import TYPE_CHECKING, Any

import orjson

from personae.canonical import content_hash
from personae.errors import InputError
from personae.instrument import AnswerReader, ShownOption
from personae.instrument.tasks import Situation, SituationStimuli, hear, situation_stimuli
from personae.model import Model, ProviderError, Request, Sampling, Status, choose, worst_status
from personae.papers.trait.construction import construct, validated_items
from personae.papers.trait.findings import measure_table
from personae.papers.trait.prompts import (
    EVALUATE_PROMPT,
    EXPAND_PROMPT,
    OPTIONS_PROMPT,
    SITUATE_PROMPT,
    TEMPLATES,
    persona_prompts,
)
from personae.papers.trait.settings import TraitSettings
from personae.study import Cell, Finding, Lab, Observation, Value

if TYPE_CHECKING:
    import numpy as np
    import polars as pl

NOBODY = "none"
ORDERS = ((0, 1, 2, 3), (1, 0, 3, 2))
"""Which of high 1, low 1, high 2, low 2 stands at each place: as usual, and with both pairs swapped."""


@dataclass(frozen=True, slots=True)
class Trait:
    """The study of Lee et al. (2025)."""

    settings: TraitSettings = field(default_factory=TraitSettings)
    name: str = "trait"

    @property
    def roles(self) -> tuple[str, ...]:
        """Who is tested; who writes and who checks new items."""
        return ("subject", "writer", "evaluator") if self.settings.build else ("subject",)

    @property
    def stimuli(self) -> SituationStimuli:
        """The situations."""
        return situation_stimuli(self.settings.items or "situations")

    @property
    def situations(self) -> tuple[Situation, ...]:
        """The first situations of each trait."""
        seen: Counter[str] = Counter()
        kept = []
        for one in self.stimuli.situations:
            seen[one.trait] += 1
            if seen[one.trait] <= self.settings.per_trait:
                kept.append(one)
        return tuple(kept)

    @property
    def parameters(self) -> Mapping[str, Any]:
        """Settings, with items and prompts by their hashes."""
        plain = self.settings.model_dump(mode="json", exclude={"items"})
        written = [EXPAND_PROMPT, SITUATE_PROMPT, OPTIONS_PROMPT, EVALUATE_PROMPT]
        prompts = content_hash([list(TEMPLATES.values()), list(persona_prompts()), written])[:12]
        return {**plain, "items": f"{self.stimuli.key} {self.stimuli.hash[:12]}", "prompts": prompts}

    def design(self, rng: np.random.Generator) -> Sequence[Cell]:
        """Every item in every template, every item under every persona, then the construction."""
        return list(self._cells())

    def _cells(self) -> Iterator[Cell]:
        for template in range(1, self.settings.templates + 1):
            for number in range(len(self.situations)):
                yield Cell({"condition": "plain", "persona": NOBODY, "template": template, "item": number})
        if self.settings.personas:
            for trait, level, _ in persona_prompts():
                for number in range(len(self.situations)):
                    persona = f"{trait} {level}"
                    yield Cell({"condition": "persona", "persona": persona, "template": 1, "item": number})
        for number, _ in zip(range(self.settings.build), validated_items(), strict=False):
            yield Cell({"condition": "build", "persona": NOBODY, "template": 0, "item": number})

    async def observe(self, cell: Cell, lab: Lab) -> Observation:
        """Put one item in both orders, or run the construction on one validated item."""
        number = int(str(cell.factors["item"]))
        if cell.factors["condition"] == "build":
            return await self._build(number, lab)
        one = self.situations[number]
        system = next(
            (text for trait, level, text in persona_prompts() if f"{trait} {level}" == cell.factors["persona"]), ""
        )
        template = int(str(cell.factors["template"]))
        text = f"{one.situation} {one.question}".strip()
        model = lab.model("subject")
        values: dict[str, Value] = {"trait": one.trait, "key": one.key}
        statuses: list[Status] = []
        for label, order in zip(("usual", "swapped"), ORDERS, strict=True):
            values.update(await self._asked(model, template, text, one, order, system, label))
        if one.paraphrase and self.settings.paraphrases and cell.factors["condition"] == "plain":
            for label, order in zip(("paraphrase", "paraphrase_swapped"), ORDERS, strict=True):
                values.update(await self._asked(model, template, one.paraphrase, one, order, system, label))
        told, detail = await self._told(model, template, text, one, system)
        values["told.statuses"] = [told]
        is_known = isinstance(values.get("p.usual"), list) and isinstance(values.get("p.swapped"), list)
        statuses.append("ok" if is_known else "unparsed" if told in ("ok", "repaired") else told)
        return Observation(worst_status(statuses), values, detail=detail)

    async def _asked(
        self, model: Model, template: int, text: str, one: Situation, order: Sequence[int], system: str, label: str
    ) -> dict[str, Value]:
        """Probabilities of high 1, low 1, high 2 and low 2; nothing if none could be had."""
        marks, _ = TEMPLATES[template]
        prompt = _prompt(template, text, one, order)
        request = replace(Request.of(prompt, system=system, sampling=Sampling(temperature=1.0)), choices=tuple(marks))
        try:
            found = await choose(model, request, self.settings.draws, method=self.settings.mode)
        except ProviderError as error:
            if error.is_hopeless or self.settings.mode == "logprobs":
                raise
            return {f"p.{label}": None}
        if not found.probabilities:
            return {f"p.{label}": None, f"method.{label}": found.method}
        at = [found.probabilities.get(mark) for mark in marks]
        by_content: list[float] = [0.0] * 4
        flat: list[float] = [0.0] * 4
        for place, content in enumerate(order):
            p = at[place]
            by_content[content] = p or 0.0
            # As published, a probability is taken for a logarithm once more, and a token that is not told counts 0.
            flat[content] = 0.0 if p is None else math.exp(p * found.covered)
        total = sum(flat)
        return {
            f"p.{label}": by_content,
            f"published.{label}": [one / total for one in flat],
            f"method.{label}": found.method,
            f"covered.{label}": found.covered,
        }

    async def _told(self, model: Model, template: int, text: str, one: Situation, system: str) -> tuple[Status, str]:
        """How a reply in words ends: what TRAIT calls a refusal is a reply that is no option."""
        marks, _ = TEMPLATES[template]
        heard = await hear(model, _prompt(template, text, one, ORDERS[0]), system, Sampling(temperature=0.0))
        if heard.status != "ok":
            return heard.status, heard.detail
        labels = (one.high[0], one.low[0], one.high[1], one.low[1])
        options = [
            ShownOption(mark, label, place) for place, (mark, label) in enumerate(zip(marks, labels, strict=True))
        ]
        return AnswerReader(options).read(heard.text).status, heard.detail

    async def _build(self, number: int, lab: Lab) -> Observation:
        seeds = list(validated_items())
        if number >= len(seeds):
            raise InputError("there is no such validated item", where=f"item {number}")
        made = await construct(
            seeds[number], lab.model("writer"), lab.model("evaluator"), descriptions=self.settings.descriptions
        )
        items = [
            {
                "personality": one.seed.trait,
                "source": one.seed.key,
                "situation": one.situation,
                "query": one.question,
                "response_high1": one.high[0],
                "response_high2": one.high[1],
                "response_low1": one.low[0],
                "response_low2": one.low[1],
            }
            for one in made.built
        ]
        values: dict[str, Value] = {
            "trait": seeds[number].trait,
            "key": seeds[number].key,
            "built": [orjson.dumps(item).decode() for item in items],
            "tried": made.tried,
            **{f"rejected.{reason}": count for reason, count in made.rejected.items()},
        }
        return Observation("ok", values)

    def measure(self, table: pl.DataFrame) -> list[Finding]:
        """Score the table; see :mod:`personae.papers.trait.findings`."""
        return measure_table(table)


def _prompt(template: int, text: str, one: Situation, order: Sequence[int]) -> str:
    contents = (one.high[0], one.low[0], one.high[1], one.low[1])
    shown = dict(zip("abcd", (contents[place] for place in order), strict=True))
    return Template(TEMPLATES[template][1]).substitute(shown, situation=text)
