"""People of a census with views of their own, answers revised for each of them, and who can tell which is whose."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from personae.canonical import content_hash
from personae.errors import InputError
from personae.papers.persona_testbed import prompts as words
from personae.papers.persona_testbed.asking import Asking
from personae.papers.persona_testbed.assigning import assign_requests, part_of, read_requests, split_both
from personae.papers.persona_testbed.authors import read_people
from personae.papers.persona_testbed.findings import measure_table
from personae.papers.persona_testbed.humans import read_humans
from personae.papers.persona_testbed.intersections import read_intersections
from personae.papers.persona_testbed.margins import measure_margins
from personae.papers.persona_testbed.people import Drawn, census_source, draw_people
from personae.papers.persona_testbed.preparing import WRITTEN, fill_place, is_consistent, is_contested
from personae.papers.persona_testbed.profile import left_out
from personae.papers.persona_testbed.settings import PluralSettings
from personae.persona import Persona
from personae.population import Population, frame_of
from personae.study import Cell, Finding, Lab, Observation, Value

if TYPE_CHECKING:
    import numpy as np
    import polars as pl

CHECK, PAIR, PLACE, REQUEST, RELEASED = "check", "pair", "place", "request", "released"
_REFERENCE = 4000
_FILES = {"census", "requests", "humans", "people_file", "intersections"}
"""Files; intersections and people's choices do not change what is asked, so that a run may be measured again."""
_PROMPTS = ("check_prompt", "filter_prompt", "critique_prompt", "revise_prompt", "critic_prompt")


@dataclass(frozen=True, slots=True)
class PluralTestbed:
    """The study of Castricato et al. (2024)."""

    settings: PluralSettings = field(default_factory=PluralSettings)
    name: str = "persona_testbed"

    @property
    def roles(self) -> tuple[str, ...]:
        """Who chooses and answers, who writes pairs and people, and who judges."""
        return ("subject", "writer", "judge")

    @property
    def requests(self) -> tuple[str, ...]:
        """What is asked."""
        return read_requests(self.settings.requests)

    @property
    def drawn(self) -> Drawn:
        """The people: of the file, or drawn."""
        own = self.settings
        if own.people_file is not None:
            people = _people_of(own.people_file, _changed(own.people_file))
            if len(people) < own.people:
                raise InputError(
                    f"holds {len(people)} people, not {own.people}",
                    where=str(own.people_file),
                    remedy=f"-P people={len(people)}",
                )
            return Drawn(people[: own.people], 0)
        return _people(own.people, own.census, own.weight, _changed(own.census))

    @property
    def leave_out(self) -> tuple[str, ...]:
        """Attributes that are left out one by one."""
        return left_out(self.settings.leave_out, self.drawn.people) if self.settings.ablations else ()

    @property
    def parameters(self) -> Mapping[str, Any]:
        """Settings, with what is read by its hash."""
        own = self.settings
        people = [one.hash for one in self.drawn.people] if own.people_file else []
        return {
            **own.model_dump(mode="json", exclude={*_FILES, *_PROMPTS}),
            "leave_out": list(self.leave_out),
            "source": content_hash(census_source(own.census, own.weight).describe())[:12],
            "people_of_file": content_hash(people)[:12] if people else "",
            "requests": content_hash(list(self.requests))[:12],
            "prompts": content_hash([*(getattr(own, name) for name in _PROMPTS), *words.ALL])[:12],
        }

    def design(self, rng: np.random.Generator) -> Sequence[Cell]:
        """Places to be filled and requests to be sifted; or people, each with as many requests."""
        if self.settings.stage == "people":
            places = [Cell(_factors(PLACE, person=number)) for number in range(self.settings.people)]
            return [*places, *(Cell(_factors(REQUEST, request=number)) for number in range(len(self.requests)))]
        people = self.drawn.people
        given = assign_requests(len(people), len(self.requests), self.settings.each, rng)
        tested = split_both(len(people), len(self.requests), rng)
        cells = []
        if self.settings.people_file is None:  # people of a file were checked when they were made
            cells += [
                Cell(_factors(CHECK, person=number), {"persona": persona}) for number, persona in enumerate(people)
            ]
        for number, persona in enumerate(people):
            for place, request in enumerate(given[number]):
                part = part_of(number, request, tested)
                factors = _factors(PAIR, person=number, request=request, part=part)
                cells.append(Cell({**factors, "answered": place < self.settings.answered}, {"persona": persona}))
        return cells

    async def observe(self, cell: Cell, lab: Lab) -> Observation:
        """Fill a place, sift a request, check a person, or ask everything about a person and a request."""
        arm, number = cell.factors["arm"], int(str(cell.factors["person"]))
        if arm == PLACE:
            return await self._place(number, lab)
        if arm == REQUEST:
            asked = self.requests[int(str(cell.factors["request"]))]
            status, is_so = await is_contested(asked, lab.model("judge"), self.settings.filter_prompt)
            return Observation(status, {"contested": is_so})
        persona = cell.material["persona"]
        if not isinstance(persona, Persona):
            raise InputError("the cell carries no persona", where=cell.key[:12])
        if arm == CHECK:
            status, is_fine = await is_consistent(persona, lab.model("judge"), self.settings.check_prompt)
            return Observation(status, {"consistent": is_fine})
        people = self.drawn.people
        asking = Asking(
            self.settings,
            lab,
            self.requests[int(str(cell.factors["request"]))],
            persona,
            people[(number + 1) % len(people)],
            self.leave_out,
        )
        pair = await asking.pair()
        values: dict[str, Value] = {"base": pair.base, "critique": pair.critique, "revised": pair.revised}
        if pair.status != "ok":
            return Observation(pair.status, values, detail=pair.detail)
        values |= {
            "longer": len(pair.revised.split()) > len(pair.base.split()),
            "same": pair.base == pair.revised,
            **await asking.choices(pair),
            **await asking.crossed(pair),
        }
        if cell.factors["answered"]:
            values |= await asking.answers()
        return Observation("ok", {**values, "choices.statuses": list(asking.statuses)}, detail=pair.detail)

    async def _place(self, number: int, lab: Lab) -> Observation:
        own = self.settings
        pool = _pool(own.people * own.tries, own.census, own.weight, _changed(own.census))
        writer = lab.model("writer") if own.written else None
        filled = await fill_place(
            pool[number :: own.people], writer, lab.model("judge"), own.check_prompt, own.temperature
        )
        values: dict[str, Value] = {f"refused.{reason}": n for reason, n in filled.refused.items()}
        if filled.persona is None:
            return Observation("unparsed", values, detail=filled.detail)
        spelled = orjson.dumps(filled.persona.model_dump(mode="json", exclude_defaults=True)).decode()
        return Observation("ok", {"made": spelled, **values})

    def measure(self, table: pl.DataFrame) -> list[Finding]:
        """Score people, pairs, choices and answers; see :mod:`personae.papers.persona_testbed.findings`."""
        own = self.settings
        if "arm" in table.columns and (table["arm"] == RELEASED).all():
            from personae.papers.persona_testbed.released import measure_released

            return measure_released(table)
        if own.stage == "people":
            made = made_people(table)
            return [*measure_table(table, (), {}, 0, (), ()), *(self._margins(made) if made else [])]
        humans = read_humans(own.humans) if own.humans else {}
        drawn = self.drawn
        found = measure_table(
            table, drawn.people, humans, drawn.refused, read_intersections(own.intersections), self.leave_out
        )
        return found if own.people_file and own.census is None else [*found, *self._margins(drawn.people)]

    def _margins(self, people: Sequence[Persona]) -> list[Finding]:
        target = Population(census_source(self.settings.census, self.settings.weight), _REFERENCE, seed=1).frame()
        is_written = self.settings.people_file is not None or (
            self.settings.stage == "people" and self.settings.written
        )
        return measure_margins(frame_of(people), target, free=WRITTEN if is_written else ())


def made_people(table: pl.DataFrame) -> tuple[Persona, ...]:
    """The people whom a run of stage ``people`` made, in the order of their places."""
    import polars as pl

    if "made" not in table.columns:
        return ()
    rows = table.filter((pl.col("arm") == PLACE) & pl.col("made").is_not_null()).sort("person")
    return tuple(Persona.model_validate_json(text) for text in rows["made"].to_list())


def _factors(arm: str, *, person: int = -1, request: int = -1, part: str = "") -> dict[str, str | int | bool]:
    return {"arm": arm, "person": person, "request": request, "part": part, "answered": False}


def _changed(path: Path | None) -> int:
    """When a file was changed, so that nothing stale is used by a process that lives long."""
    return 0 if path is None else path.stat().st_mtime_ns


@lru_cache(maxsize=2)
def _people_of(path: Path, changed: int) -> tuple[Persona, ...]:
    return read_people(path)


@lru_cache(maxsize=4)
def _people(count: int, census: Path | None, weight: str, changed: int) -> Drawn:
    return draw_people(count, source=census_source(census, weight))


@lru_cache(maxsize=2)
def _pool(count: int, census: Path | None, weight: str, changed: int) -> tuple[Persona, ...]:
    return tuple(Population(census_source(census, weight), count, 0, "person").personas())
