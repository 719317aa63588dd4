"""People of a census with views of their own, answers revised for each of them, and who can tell which is whose."""

from __future__ import annotations

import csv
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Any

from personae.canonical import content_hash
from personae.errors import InputError
from personae.instrument.tasks import hear
from personae.model import Message, Model, Request, Sampling, Schema, Status, ask_structured, worst_status
from personae.papers.persona_testbed import settings as words
from personae.papers.persona_testbed.assigning import assign_requests, part_of, read_requests, split_both
from personae.papers.persona_testbed.findings import measure_table
from personae.papers.persona_testbed.people import GROUPS, Drawn, census_source, draw_people, shown
from personae.papers.persona_testbed.settings import PluralSettings
from personae.persona import Persona
from personae.study import CORRECTED, Cell, Finding, Lab, Observation, Value

if TYPE_CHECKING:
    import numpy as np
    import polars as pl

CHECK, PAIR = "check", "pair"
METHODS = ("none", "demographics", "full", "reasoned", "other")
"""What the model that chooses is told: nothing, the census row, all, all with reasons first, another person."""
REVISED, BASE = "revised", "base"
_REFERENCE = 4000
PAIRS = tuple(itertools.combinations(GROUPS, 2))


@dataclass(frozen=True, slots=True)
class PluralTestbed:
    """The study of Castricato et al. (2024)."""

    settings: PluralSettings = field(default_factory=PluralSettings)
    name: str = "persona_testbed"

    @property
    def roles(self) -> tuple[str, ...]:
        """Who chooses, who writes answers, and who judges as the person."""
        return ("subject", "writer", "judge")

    @property
    def requests(self) -> tuple[str, ...]:
        """What is asked."""
        return read_requests(self.settings.requests)

    @property
    def drawn(self) -> Drawn:
        """The people."""
        return _people(self.settings.people, self.settings.census, self.settings.weight)

    @property
    def parameters(self) -> Mapping[str, Any]:
        """Settings, with what is read by its hash."""
        files = {"census", "requests", "humans", "check_prompt", "critique_prompt", "revise_prompt"}
        own = self.settings
        return {
            **own.model_dump(mode="json", exclude=files),
            "source": content_hash(census_source(own.census, own.weight).describe())[:12],
            "requests": content_hash(list(self.requests))[:12],
            "choices_of_file": len(read_humans(own.humans)) if own.humans else 0,
            "prompts": content_hash(
                [
                    own.check_prompt,
                    own.critique_prompt,
                    own.revise_prompt,
                    words.CHOOSE_PROMPT,
                    words.WHO,
                    words.JUDGE_WHO,
                    words.DIRECTLY,
                    words.REASONED,
                ]
            )[:12],
        }

    def design(self, rng: np.random.Generator) -> Sequence[Cell]:
        """A check of everybody, then as many requests for each, and who of them is kept for testing."""
        people = self.drawn.people
        given = assign_requests(len(people), len(self.requests), self.settings.each, rng)
        tested = split_both(len(people), len(self.requests), rng)
        cells = [
            Cell({"arm": CHECK, "person": number, "request": -1, "part": ""}, {"persona": persona})
            for number, persona in enumerate(people)
        ]
        for number, persona in enumerate(people):
            cells += [
                Cell(
                    {"arm": PAIR, "person": number, "request": request, "part": part_of(number, request, tested)},
                    {"persona": persona},
                )
                for request in given[number]
            ]
        return cells

    async def observe(self, cell: Cell, lab: Lab) -> Observation:
        """Check a person, or make a pair of answers for it and have it chosen from in every way."""
        persona = cell.material["persona"]
        if not isinstance(persona, Persona):
            raise InputError("the cell carries no persona", where=cell.key[:12])
        if cell.factors["arm"] == CHECK:
            prompt = Template(self.settings.check_prompt).safe_substitute(profile=shown(persona))
            schema = _object({"consistent": {"type": "string", "enum": ["consistent", "contradictory"]}})
            found = await ask_structured(lab.model("judge"), _request(prompt, schema))
            is_fine = None if found.value is None else found.value["consistent"] == "consistent"
            return Observation(found.status, {"consistent": is_fine}, detail=found.detail)
        return await self._pair(cell, persona, lab)

    async def _pair(self, cell: Cell, persona: Persona, lab: Lab) -> Observation:
        request = self.requests[int(str(cell.factors["request"]))]
        base, critique, revised, status, detail = await self._written(request, persona, lab)
        values: dict[str, Value] = {"base": base, "critique": critique, "revised": revised}
        if status != "ok":
            return Observation(status, values, detail=detail)
        values |= {"longer": len(revised.split()) > len(base.split()), "same": base == revised}
        statuses: list[Status] = []

        async def choose(
            role: str, who: str, profile: str, how: str, take: int = 0, is_free: bool = False
        ) -> list[int]:
            return await self._chosen(
                lab.model(role), request, (revised, base), who, profile, how, statuses, take, is_free
            )

        values["judged"] = await choose("judge", words.JUDGE_WHO, shown(persona), words.DIRECTLY)
        people = self.drawn.people
        other = people[(int(str(cell.factors["person"])) + 1) % len(people)]
        told = {
            "none": "",
            "demographics": shown(persona, ["demographics"]),
            "full": shown(persona),
            "reasoned": shown(persona),
            "other": shown(other),
        }
        for method in METHODS:
            how = words.REASONED if method == "reasoned" else words.DIRECTLY
            values[f"chosen.{method}"] = await choose("subject", words.WHO, told[method], how)
        drawn = [
            await choose("subject", words.WHO, told["full"], words.DIRECTLY, take, is_free=True)
            for take in range(1, self.settings.samples + 1)
        ]
        # One order each: a sample is one choice, and orders take turns.
        values["samples"] = [one[take % 2] for take, one in enumerate(drawn)]
        if self.settings.ablations:
            for group in GROUPS:
                rest = [one for one in GROUPS if one != group]
                values[f"without.{group}"] = await choose("subject", words.WHO, shown(persona, rest), words.DIRECTLY)
            for pair in PAIRS:
                values[f"only.{'+'.join(pair)}"] = await choose(
                    "subject", words.WHO, shown(persona, pair), words.DIRECTLY
                )
        values["choices.statuses"] = list(statuses)
        return Observation("ok", values, detail=detail)

    async def _written(self, request: str, persona: Persona, lab: Lab) -> tuple[str, str, str, Status, str]:
        """The base answer, what the person says about it, and the answer revised by that."""
        writer, sampling = lab.model("writer"), Sampling(temperature=self.settings.temperature)
        profile = shown(persona)
        base = await hear(writer, request, "", sampling)
        asked = {"profile": profile, "request": request, "answer": base.text}
        said = await hear(writer, Template(self.settings.critique_prompt).safe_substitute(asked), "", sampling)
        asked["critique"] = said.text
        anew = await hear(writer, Template(self.settings.revise_prompt).safe_substitute(asked), "", sampling)
        status = worst_status([base.status, said.status, anew.status])
        detail = base.detail or said.detail or anew.detail
        return base.text.strip(), said.text.strip(), anew.text.strip(), status, detail

    async def _chosen(
        self,
        model: Model,
        request: str,
        answers: tuple[str, str],
        who: str,
        profile: str,
        how: str,
        statuses: list[Status],
        take: int,
        is_free: bool,
    ) -> list[int]:
        """1 where the revised answer is chosen, 0 where the base one is, -1 where none can be read; in both orders."""
        chosen = []
        for is_swapped in (False, True):
            a, b = answers[::-1] if is_swapped else answers
            told = Template(who).substitute(profile=profile) if profile else ""
            prompt = Template(words.CHOOSE_PROMPT).substitute(who=told, request=request, a=a, b=b, how=how)
            rules: dict[str, Any] = {"choice": {"type": "string", "enum": ["A", "B"]}}
            if how == words.REASONED:
                rules = {"reason": {"type": "string"}, **rules}
            temperature = self.settings.temperature if is_free else 0.0
            found = await ask_structured(model, _request(prompt, _object(rules), temperature, take))
            statuses.append(found.status)
            first = None if found.value is None else found.value["choice"] == "A"
            chosen.append(-1 if first is None else int(first != is_swapped))
        return chosen

    def measure(self, table: pl.DataFrame) -> list[Finding]:
        """Score pairs and choices; see :mod:`personae.papers.persona_testbed.findings`."""
        humans = read_humans(self.settings.humans) if self.settings.humans else {}
        return [*measure_table(table, humans, self.drawn.refused), *self._margins()]

    def _margins(self) -> list[Finding]:
        """How far the people are from what they were drawn from, field by field."""
        import numpy as np

        from personae.population import Population, frame_of
        from personae.population.quality import distances_to_target

        source = census_source(self.settings.census, self.settings.weight)
        target = Population(source, _REFERENCE, seed=1).frame()
        ours = frame_of(self.drawn.people)
        fields = [name for name in target.columns if name.startswith("demographics.") and name in ours.columns]
        found = distances_to_target(ours, target, rng=np.random.default_rng(0), columns=fields)
        return [
            Finding.of(
                f"margin.{one.columns[0].partition('.')[2]}",
                "the people",
                one.value,
                unit="total variation",
                conventions=(CORRECTED, f"noise_95={one.value.details['noise_95']:.3f}"),
            )
            for one in found
            if len(one.columns) == 1 and one.measure == "total variation"
        ]


@lru_cache(maxsize=4)
def _people(count: int, census: Path | None, weight: str) -> Drawn:
    return draw_people(count, source=census_source(census, weight))


def _object(rules: Mapping[str, Any]) -> Schema:
    return Schema(
        "choice",
        {"type": "object", "properties": dict(rules), "required": list(rules), "additionalProperties": False},
    )


def _request(prompt: str, schema: Schema, temperature: float = 0.0, replicate: int = 0) -> Request:
    return Request((Message("user", prompt),), Sampling(temperature=temperature), schema=schema, replicate=replicate)


@lru_cache(maxsize=2)
def read_humans(path: Path) -> Mapping[tuple[int, int], int]:
    """Read what people chose in a persona's place: 1 for the revised answer, 0 for the base one.

    Raises:
        InputError: If the file cannot be read, lacks a column, or a choice is neither.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
        return {(int(row["person"]), int(row["request"])): [BASE, REVISED].index(row["choice"].strip()) for row in rows}
    except (OSError, UnicodeDecodeError, KeyError, ValueError, TypeError, AttributeError) as error:
        raise InputError(
            f"holds no choices ({error})",
            where=str(path),
            remedy="its columns are person, request (numbers) and choice (revised or base)",
        ) from error
