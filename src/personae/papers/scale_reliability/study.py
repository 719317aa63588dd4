"""The study: one questionnaire under every template, wording, language, labels and order; representations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from string import Template
from typing import TYPE_CHECKING, Any

from personae.canonical import content_hash, derive_seed
from personae.instrument import Administration, Instrument, Respondent, administer
from personae.model import Message, Model, ProviderError, Request, Sampling
from personae.papers.scale_reliability import prompts, targets
from personae.papers.scale_reliability.findings import measure_table
from personae.papers.scale_reliability.settings import ScaleReliabilitySettings
from personae.papers.scale_reliability.wordings import levels_of, questionnaire
from personae.study import Cell, Design, Finding, Lab, Observation, Scalar, Value

if TYPE_CHECKING:
    import numpy as np
    import polars as pl

LABELS = {"n": "ranks", "al": "lower_letters", "au": "letters", "rl": "lower_roman", "ru": "roman"}
"""Published names of the labels of options."""
ORDERS = {"f": "ascending", "r": "descending"}
FACTORIAL, DEFAULT = "factorial", "default"
_SPLIT = (17 / 44, 27 / 44)
"""Where the items are split into two blocks, as shares of them."""
_CASES = {"environment": 10, "personality": 4, "character": 5}
_RUNS = {"environment": 16, "personality": 10, "character": 16}
_WORDS = Sampling(temperature=1.0, max_tokens=400)


@dataclass(frozen=True)
class ScaleReliability:
    """The study of Huang et al. (2024)."""

    settings: ScaleReliabilitySettings = field(default_factory=ScaleReliabilitySettings)
    name: str = "scale_reliability"
    roles: tuple[str, ...] = ("subject",)

    @cached_property
    def instrument(self) -> Instrument:
        """What is asked."""
        return questionnaire(self.settings.instrument)

    @property
    def parameters(self) -> Mapping[str, Any]:
        """Settings, the instrument and the templates by their hashes."""
        plain = self.settings.model_dump(mode="json")
        plain["instrument"] = f"{self.instrument.key}@{self.instrument.version} {self.instrument.hash[:12]}"
        plain["prompts"] = content_hash(prompts.TEMPLATES)[:12]
        return plain

    def design(self, rng: np.random.Generator) -> Sequence[Cell]:
        """The factorial; then, under the first level of every factor, the default and all representations."""
        levels = levels_of(self.instrument, self.settings.languages, self.settings.wordings)
        crossed = Design(
            {
                "template": list(prompts.TEMPLATES)[: self.settings.templates],
                "wording": [f"{language}/{version}" for language, version, _ in levels],
                "label": list(LABELS),
                "order": list(ORDERS),
                "repeat": range(1, self.settings.repeats + 1),
            }
        )
        cells = [_cell(FACTORIAL, one.factors) for one in crossed]
        if self.settings.cases:
            cells += self._representations(f"{levels[0][0]}/{levels[0][1]}")
        return cells

    def _representations(self, wording: str) -> Iterator[Cell]:
        usual: dict[str, Scalar] = {"template": "t1", "wording": wording, "label": "n", "order": "f"}
        for run in range(1, self.settings.default_runs + 1):
            yield _cell(DEFAULT, {**usual, "repeat": run})
        groups: list[tuple[str, str, tuple[str, ...], tuple[bool, ...]]]
        groups = [("environment", "", targets.EMOTIONS, (False,)), ("character", "", targets.CHARACTERS, (False, True))]
        groups += [("personality", method, tuple(targets.POLES), (False, True)) for method in targets.METHODS]
        for part, method, names, thoughts in groups:
            for cot in thoughts:
                for target in names:
                    for case in range(1, min(self.settings.cases, _CASES[part]) + 1):
                        for run in range(1, min(self.settings.runs, _RUNS[part]) + 1):
                            factors = {**usual, "repeat": run}
                            yield _cell(part, factors, method=method, target=target, cot=cot, case=case)

    async def observe(self, cell: Cell, lab: Lab) -> Observation:
        """Put the shuffled items in two blocks of one conversation, after what the representation needs."""
        factors = cell.factors
        model = lab.model("subject")
        try:
            who = await self._respondent(cell, model, lab.rng("alternatives"))
        except ProviderError as error:
            if error.is_hopeless:
                raise
            return Observation("failed", {}, detail=str(error))
        language, _, version = str(factors["wording"]).partition("/")
        keys = {(one, number): key for one, number, key in levels_of(self.instrument, language, 99)}
        count = len(self.instrument.item_ids)
        how = Administration(
            mode="blocks",
            split_between=(max(1, round(_SPLIT[0] * count)), max(1, round(_SPLIT[1] * count))),
            keeps_history=True,
            item_order="shuffled",
            item_marks="numbers",
            option_marks=LABELS[str(factors["label"])],
            option_order=ORDERS[str(factors["order"])],
            wording=keys[(language, version)],
            attempts=self.settings.attempts,
            prompt=prompts.TEMPLATES[str(factors["template"])],
        )
        sampling = Sampling(temperature=self.settings.temperature)
        given = await administer(self.instrument, model, how, sampling=sampling, rng=lab.rng("items"), respondent=who)
        values: dict[str, Value] = {
            "answers": given.values,
            "answers.statuses": [answer.status for answer in given.answers],
            "attempts.statuses": [attempt.status for attempt in given.attempts],
        }
        return Observation(given.status, values, given.messages, given.detail)

    async def _respondent(self, cell: Cell, model: Model, rng: np.random.Generator) -> Respondent:
        """What stands before the questions: a scene, a personality, a character, with its description."""
        part, name = cell.factors["part"], str(cell.factors["target"])
        if part in (FACTORIAL, DEFAULT):
            return Respondent()
        target = targets.POLES.get(name, name)
        words = {"target": target}
        system, said = "", []  # type: str, list[Message]
        match part, cell.factors["method"]:
            case "environment", _:
                said = await self._written(cell, model, "", [], prompts.STORY, words)
            case "character", _:
                system = Template(prompts.CHARACTER).substitute(words)
            case _, "portray":
                system = Template(prompts.PORTRAY).substitute(words)
            case _, "biography":
                answer = Template(prompts.BIOGRAPHY_ANSWER).substitute(words)
                said = [Message("user", prompts.BIOGRAPHY_QUESTION), Message("assistant", answer)]
            case _:
                said = _question_and_answer(name, rng)
        if cell.factors["cot"]:
            said = await self._written(cell, model, system, said, prompts.DESCRIBE, words)
        return Respondent(system=system, history=tuple(said))

    async def _written(
        self, cell: Cell, model: Model, system: str, said: list[Message], template: str, words: Mapping[str, str]
    ) -> list[Message]:
        """Let the model write about the target; the same case has the same text in every run."""
        ask = Message("user", Template(template).substitute(words))
        seed = derive_seed(cell.factors["target"], cell.factors["case"], template)
        before = (Message("system", system),) if system else ()
        request = Request((*before, *said, ask), _WORDS).with_seed(seed)
        reply = await model.generate(request)
        return [*said, ask, Message("assistant", reply.text)] if reply.text.strip() else said

    def measure(self, table: pl.DataFrame) -> list[Finding]:
        """Score the table; see :mod:`personae.papers.scale_reliability.findings`."""
        return measure_table(table, self.instrument)


def _question_and_answer(name: str, rng: np.random.Generator) -> list[Message]:
    """The target among four other poles, drawn and listed by chance, and the answer that names it."""
    others = [pole for pole in targets.POLES if pole != name]
    listed = [others[int(place)] for place in rng.permutation(len(others))[:4]]
    listed.insert(int(rng.integers(0, 5)), name)
    options = "\n".join(f"{'ABCDE'[place]}. {targets.POLES[pole]}" for place, pole in enumerate(listed))
    words = {"mark": "ABCDE"[listed.index(name)], "target": targets.POLES[name], "options": options}
    return [
        Message("user", Template(prompts.QA_QUESTION).substitute(words)),
        Message("assistant", Template(prompts.QA_ANSWER).substitute(words)),
    ]


def _cell(
    part: str, factors: Mapping[str, Scalar], *, method: str = "", target: str = "", cot: bool = False, case: int = 0
) -> Cell:
    return Cell({"part": part, "method": method, "target": target, "cot": cot, "case": case, **factors})
