"""Personality alignment by prompts as a study: people, what a model is told of them, items that it is not told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Any

import numpy as np

from personae.canonical import content_hash
from personae.errors import InputError
from personae.instrument import Administration, Instrument, administer, load_instrument
from personae.instrument.conditioning import held_out
from personae.model import ProviderError, Request, Sampling
from personae.papers.personality_alignment.findings import (
    MISREAD,
    Records,
    Told,
    model_findings,
    record_findings,
    trivial_findings,
)
from personae.papers.personality_alignment.inventory import (
    DOMAINS,
    Floats,
    Inventory,
    inventory_of,
)
from personae.papers.personality_alignment.people import draw_answers
from personae.papers.personality_alignment.records import read_people
from personae.papers.personality_alignment.selection import select_people
from personae.papers.personality_alignment.settings import PersonalityAlignmentSettings
from personae.study import Cell, Finding, Lab, Observation, Value

if TYPE_CHECKING:
    import polars as pl

NONE, FEW_SHOT, DESCRIPTION = "none", "few_shot", "description"
CONDITIONS = (FEW_SHOT, MISREAD, DESCRIPTION)
_NOBODY = "nobody"
_ENOUGH_FOR_RELIABILITY = 30


@dataclass(frozen=True, slots=True)
class OwnAnswers:
    """Raw answers of one person to all items; nobody has none."""

    id: str
    values: tuple[int | None, ...]

    @property
    def hash(self) -> str:
        """Content hash, by which a cell knows them."""
        return content_hash(list(self.values))


@dataclass(frozen=True)
class PersonalityAlignment:
    """The study of Zhu et al. (2025), as far as it needs no access to activations."""

    settings: PersonalityAlignmentSettings = field(default_factory=PersonalityAlignmentSettings)
    records: Records | None = None
    """People whose answers are there already, for a replay."""
    name: str = "personality_alignment"

    @property
    def roles(self) -> tuple[str, ...]:
        """The respondent, and who describes people to it."""
        return ("subject", "writer")

    @property
    def parameters(self) -> Mapping[str, Any]:
        """Settings, with everything that is read replaced by its hash."""
        plain = self.settings.model_dump(mode="json")
        for prompt in ("few_shot_prompt", "describe_prompt", "described_prompt", "item_prompt"):
            plain[prompt] = content_hash(plain[prompt])[:12]
        plain["instrument"] = f"{self.instrument.key} {self.instrument.hash[:12]}"
        if self.settings.data:
            plain["data"] = content_hash(np.nan_to_num(read_people(Path(self.settings.data)).stored).tolist())[:12]
        return plain

    @cached_property
    def instrument(self) -> Instrument:
        """The inventory that is asked."""
        return load_instrument(self.settings.inventory)

    @cached_property
    def inventory(self) -> Inventory:
        """Its items, domains and keys; those of the records in a replay."""
        return self.records.inventory if self.records is not None else inventory_of(self.instrument)

    @cached_property
    def held(self) -> tuple[str, ...]:
        """Described items that are kept back from the prompt: spread over the domains."""
        return self._spread(
            tuple(item for item in self.inventory.ids if item in self.inventory.described), self.settings.held
        )

    @cached_property
    def told(self) -> tuple[str, ...]:
        """Items that are told."""
        return tuple(item for item in self.inventory.ids if item in self.inventory.described and item not in self.held)

    @cached_property
    def scored(self) -> tuple[str, ...]:
        """Items that are asked and scored."""
        count = self.settings.scored or len(self.inventory.predicted)
        return self._spread(self.inventory.predicted, count)

    def _spread(self, items: Sequence[str], count: int) -> tuple[str, ...]:
        """So many items, as many of each domain as there can be, evenly over each domain's list, so of both keys."""
        domain = dict(zip(self.inventory.ids, self.inventory.domains, strict=True))
        lists = [mine for name in DOMAINS if (mine := [item for item in items if domain[item] == name])]
        shares = [count // len(lists) + (place < count % len(lists)) for place in range(len(lists))] if lists else []
        kept: set[str] = set()
        for mine, share in zip(lists, shares, strict=True):
            step = len(mine) / max(share, 1)
            kept.update(mine[int((place + 0.5) * step)] for place in range(min(share, len(mine))))
        return tuple(item for item in items if item in kept)

    def design(self, rng: np.random.Generator) -> Sequence[Cell]:
        """Nobody, then every person under every prompt."""
        people = self._people(rng)
        nobody = Cell({"condition": NONE, "person": _NOBODY}, {"human": OwnAnswers(_NOBODY, ())})
        return [nobody, *self._told_cells(people)]

    def _told_cells(self, people: Floats) -> Iterator[Cell]:
        for number, answers in enumerate(people, start=1):
            values = tuple(None if not np.isfinite(value) else int(value) for value in answers)
            human = OwnAnswers(f"person-{number}", values)
            for condition in CONDITIONS:
                yield Cell({"condition": condition, "person": human.id}, {"human": human})

    def _people(self, rng: np.random.Generator) -> Floats:
        """Raw answers of the chosen people to all items of the instrument."""
        wanted = self.settings.people
        if not self.settings.data:
            pool = draw_answers(wanted * self.settings.pool, self.inventory, rng)
            return pool[select_people(pool, wanted, rng)]
        records = read_people(Path(self.settings.data))
        if records.inventory.texts != self.inventory.texts:
            raise InputError(
                f"the records are of other items than {self.instrument.key}",
                where=self.settings.data,
                remedy="give answers to the items of the IPIP-NEO in the order of the library",
            )
        raw = records.inventory.turned(records.stored) if self.settings.keying == "stored" else records.stored
        if wanted >= len(raw):
            return raw
        return raw[select_people(raw, wanted, rng)]

    async def observe(self, cell: Cell, lab: Lab) -> Observation:
        """Tell the model about the person, then ask the items that it was not told."""
        condition, human = str(cell.factors["condition"]), cell.material["human"]
        if not isinstance(human, OwnAnswers):
            raise InputError("the cell carries no answers", where=cell.key[:12])
        system, detail = await self._system(condition, human.values, lab)
        values: dict[str, Value] = {"human": list(human.values), "told": system}
        asked = held_out(
            self.instrument, [item for item in self.inventory.ids if item not in {*self.scored, *self.held}]
        )
        how = Administration(
            mode="item_wise", option_order="descending", option_marks="letters", prompt=self.settings.item_prompt
        )
        if condition == DESCRIPTION and not system:
            return Observation("failed", values, detail=detail)
        told = {item: self.instrument.items[item] for item in (self.told if condition != NONE else ())}
        given = await administer(
            asked,
            lab.model("subject"),
            how,
            system=system,
            sampling=Sampling(temperature=self.settings.temperature),
            conditioned_on=told,
        )
        by_item = dict(zip(asked.item_ids, given.answers, strict=True))
        values["answers"] = [by_item[item].value if item in by_item else None for item in self.inventory.ids]
        values["answers.statuses"] = [answer.status for answer in given.answers]
        return Observation(given.status, values, detail=given.detail or detail)

    async def _system(self, condition: str, human: Sequence[int | None], lab: Lab) -> tuple[str, str]:
        """What the model is told, and what went wrong if nothing could be."""
        if condition == NONE:
            return "", ""
        lines = self._lines(human, is_misread=condition == MISREAD)
        if condition != DESCRIPTION:
            return Template(self.settings.few_shot_prompt).safe_substitute(answers=lines), ""
        request = Request.of(
            Template(self.settings.describe_prompt).safe_substitute(answers=lines),
            sampling=Sampling(temperature=self.settings.temperature),
        )
        try:
            reply = await lab.model("writer").generate(request)
        except ProviderError as error:
            if error.is_hopeless:
                raise
            return "", str(error)
        if not reply.text.strip():
            return "", "the writer wrote nothing"
        return Template(self.settings.described_prompt).safe_substitute(description=reply.text.strip()), ""

    def _lines(self, human: Sequence[int | None], *, is_misread: bool) -> str:
        """A line a told statement; misread, stored answers are shown as if they were raw, as the released code does."""
        labels = {option.value: option.label for option in self.instrument.options}
        column = {item: place for place, item in enumerate(self.inventory.ids)}
        turned = self.inventory.turned(np.array([np.nan if value is None else value for value in human], dtype=float))
        lines = []
        for item in self.told:
            value = human[column[item]]
            if value is None:
                continue
            shown = int(turned[column[item]]) if is_misread else value
            text = self.inventory.texts[column[item]].rstrip(".")
            lines.append(f"You {text[0].lower()}{text[1:]}: {labels[shown]}")
        return "\n".join(lines)

    def measure(self, table: pl.DataFrame) -> list[Finding]:
        """Score the table, or the records of people; see :mod:`personae.papers.personality_alignment.findings`."""
        if self.records is not None:
            return list(record_findings(self.records, self.inventory.predicted))
        if "condition" not in table.columns or "human" not in table.columns:
            return []
        found: list[Finding] = []
        for subject in table["model"].unique(maintain_order=True).to_list():
            rows = table.filter(table["model"] == subject).sort("person")
            told = [one for condition in (NONE, *CONDITIONS) if (one := self._told_of(rows, condition)) is not None]
            if not found and (people := next((one for one in told if len(one.human)), None)) is not None:
                records = Records(self.inventory, self.inventory.turned(people.human))
                enough = len(people.human) >= _ENOUGH_FOR_RELIABILITY
                found += (record_findings if enough else trivial_findings)(records, self.scored)
            found += model_findings(str(subject), told, self.inventory, self.scored, self.held)
        return found

    def _told_of(self, rows: pl.DataFrame, condition: str) -> Told | None:
        """The rows of a condition; nobody's answers stand beside those of everybody."""
        mine = rows.filter(rows["condition"] == condition)
        people = rows.filter(rows["condition"] == FEW_SHOT)
        if not mine.height or not people.height:
            return None
        human = _matrix(people["human"].to_list(), len(self.inventory.ids))
        names = [str(name) for name in people["person"].to_list()]
        lists = mine["answers"].to_list() if "answers" in mine.columns else [None] * mine.height
        answers = _matrix(lists, len(self.inventory.ids))
        if condition == NONE:
            return Told(condition, names, np.repeat(answers[:1], len(names), axis=0), human)
        order = {str(name): place for place, name in enumerate(mine["person"].to_list())}
        aligned = np.full(human.shape, np.nan)
        for place, name in enumerate(names):
            if name in order:
                aligned[place] = answers[order[name]]
        return Told(condition, names, aligned, human)


def _matrix(rows: Sequence[Sequence[int | None] | None], width: int) -> Floats:
    matrix = np.full((len(rows), width), np.nan)
    for place, row in enumerate(rows):
        if row:
            matrix[place] = [np.nan if value is None else value for value in row]
    return matrix
