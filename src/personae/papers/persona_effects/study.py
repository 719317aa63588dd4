"""Every persona, every paraphrase of a helpful assistant, and nobody, each with every item of five tasks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from string import Template
from typing import TYPE_CHECKING, Any

from personae.canonical import content_hash
from personae.instrument.tasks import hear
from personae.model import Sampling, worst_status
from personae.papers.persona_effects.answers import Reading, read_reply
from personae.papers.persona_effects.findings import measure_table
from personae.papers.persona_effects.items import (
    CHOICES,
    TASKS,
    TaskItem,
    first_items,
    orders_of,
    read_bbq,
    read_items,
    read_mmlu,
    read_truthful,
)
from personae.papers.persona_effects.settings import (
    ATTITUDE_PROMPT,
    CHOICE_PROMPT,
    IMPORTANCE_PROMPT,
    TOXICITY_PROMPT,
    EffectSettings,
)
from personae.persona import Persona
from personae.population import assistant_roles, first_of_each, universal_hash
from personae.study import Cell, Finding, Lab, Observation

if TYPE_CHECKING:
    import numpy as np
    import polars as pl

EMPTY = "empty"
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_AGREEMENT = ("Strongly disagree", "Disagree", "Neither agree nor disagree", "Agree", "Strongly agree")
_IMPORTANCE = tuple(f"{word} important" for word in ("Not at all", "Slightly", "Moderately", "Very", "Extremely"))
_DEGREES = ("Not at all", "Slightly", "Moderately", "Very", "Extremely")


@dataclass(frozen=True, slots=True)
class PersonaEffects:
    """The study of Luz de Araujo & Roth (2024)."""

    settings: EffectSettings = field(default_factory=EffectSettings)
    name: str = "persona_effects"
    roles: tuple[str, ...] = ("subject",)

    def items(self, task: str) -> tuple[TaskItem, ...]:
        """The items of one task: those of the data set that was given, else of the file, else ours."""
        given = self.settings
        whole = read_items(given.items).items
        if task == "truthful" and given.truthful:
            whole = read_truthful(given.truthful)
        if task == "mmlu" and given.mmlu:
            whole = read_mmlu(given.mmlu)
        if task == "bbq" and given.bbq:
            whole = read_bbq(given.bbq)
        return first_items(whole, task, given.per_task, given.paraphrases)

    @property
    def parameters(self) -> Mapping[str, Any]:
        """Settings, with what is read by its hash."""
        read = ("items", "truthful", "mmlu", "bbq", "persona_prompt")
        prompts = [self.settings.persona_prompt, CHOICE_PROMPT, ATTITUDE_PROMPT, IMPORTANCE_PROMPT, TOXICITY_PROMPT]
        return {
            **self.settings.model_dump(mode="json", exclude=set(read)),
            "items": content_hash([one.model_dump(mode="json") for task in TASKS for one in self.items(task)])[:12],
            "personas": universal_hash()[:12],
            "prompts": content_hash(prompts)[:12],
        }

    def design(self, rng: np.random.Generator) -> Iterator[Cell]:
        """Nobody, controls and personas, each with every task that has items."""
        as_published = self.settings.wording == "published"
        people = [(EMPTY, EMPTY, EMPTY, "", "")]
        people += [
            ("control", role.replace(" ", "_"), "control", role, role)
            for role in _with_the_assistant(self.settings.controls)
        ]
        people += [
            ("persona", one.key, one.category, one.word, one.worded(as_published=as_published))
            for one in first_of_each(self.settings.per_category)
        ]
        for condition, key, category, word, phrase in people:
            system = Template(self.settings.persona_prompt).safe_substitute(persona=phrase) if phrase else ""
            for task in TASKS:
                if self.items(task):
                    factors = {"condition": condition, "persona": key, "category": category, "word": word, "task": task}
                    yield Cell(factors, {"system": Persona(description=system)})

    async def observe(self, cell: Cell, lab: Lab) -> Observation:
        """Put all items of one task to one persona, a chat each."""
        task = str(cell.factors["task"])
        material = cell.material["system"]
        system = material.description if isinstance(material, Persona) else ""
        sampling = Sampling(temperature=self.settings.temperature)
        columns: dict[str, list[Any]] = {}
        statuses = []
        detail = ""
        items = self.items(task)
        orders = orders_of(items, self.settings.order_seed) if task in CHOICES else [tuple(range(5))] * len(items)
        for one, order in zip(items, orders, strict=True):
            prompt, marks, labels = _asked(one, order)
            heard = await hear(lab.model("subject"), prompt, system, sampling)
            reading = read_reply(heard, marks, labels)
            for name, value in _scored(one, order, reading).items():
                columns.setdefault(name, []).append(value)
            statuses.append(reading.status)
            detail = detail or heard.detail
        return Observation(worst_status(statuses), {**columns, "statuses": list(statuses)}, detail=detail)

    def measure(self, table: pl.DataFrame) -> list[Finding]:
        """Variability of personas and controls, and what goes with it; see the findings of this package."""
        return measure_table(table)


def _with_the_assistant(count: int) -> tuple[str, ...]:
    """So many of the roles; the helpful assistant itself is the first."""
    first = "a helpful assistant"
    return (first, *(role for role in assistant_roles() if role != first))[:count]


def _asked(one: TaskItem, order: tuple[int, ...]) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    """Prompt, marks and labels, in the order shown."""
    if one.task in CHOICES:
        marks = tuple(LETTERS[: len(order)])
        labels = tuple(one.options[place] for place in order)
        listed = "\n".join(f"{mark}. {label}" for mark, label in zip(marks, labels, strict=True))
        return Template(CHOICE_PROMPT).substitute(question=one.question, options=listed), marks, labels
    if one.task == "toxicity":
        template, labels = TOXICITY_PROMPT, _DEGREES
    elif one.asks == "importance":
        template, labels = IMPORTANCE_PROMPT, _IMPORTANCE
    else:
        template, labels = ATTITUDE_PROMPT, _AGREEMENT
    prompt = Template(template).substitute(question=one.question, subject=one.subject)
    return prompt, tuple("12345"), labels


def _scored(one: TaskItem, order: tuple[int, ...], reading: Reading) -> dict[str, Any]:
    """What one answer is worth, both ways."""
    chosen = None if reading.chosen is None else order[reading.chosen]
    published = order[reading.published]
    biased: float | None = None
    if one.target is not None and chosen is not None and chosen != one.unknown:
        biased = float((chosen == one.target) == one.negative)
    return {
        "items": one.key,
        "sets": one.subject,
        "score": None if chosen is None else _worth(one, chosen),
        "published": _worth(one, published),
        "extracted": reading.extracted,
        "hedged": reading.hedged,
        "ambiguous": one.ambiguous,
        "biased": biased,
        "unknown": None if chosen is None or one.unknown is None else chosen == one.unknown,
        "raters": _spelled(one),
    }


def _spelled(one: TaskItem) -> str:
    """Mean ratings of annotators in one cell of a table: ``man=2;woman=3``."""
    return ";".join(f"{group}={mean:g}" for group, mean in sorted(one.raters.items()))


def _worth(one: TaskItem, chosen: int) -> float:
    if one.task in CHOICES:
        return float(chosen == one.correct)
    return float(5 - chosen if one.reverse else chosen + 1)
