"""An assessment as a study: people x repeats, then other ways of asking, then controls without a persona."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

from personae.canonical import content_hash
from personae.errors import InputError
from personae.instrument.administration import Administration, administer
from personae.instrument.assessment.measure import measure_table
from personae.instrument.assessment.people import dose_people, draw_people, read_people
from personae.instrument.assessment.settings import AssessmentSettings
from personae.instrument.questionnaire import ORIGINAL, Instrument
from personae.instrument.shelf import load_instrument
from personae.model import Sampling
from personae.persona import NEUTRAL_PROMPTS, Persona, empty_persona, render, trait_words
from personae.study import Cell, Finding, Lab, Observation, Scalar, Value

if TYPE_CHECKING:
    import numpy as np
    import polars as pl

MAIN, DOSE, EMPTY = "main", "dose", "empty"
_OWN_REPEATS, _REPEATS = 10, 2
_DOSE_REPEATS = _CONTROL_REPEATS = 5


@dataclass(frozen=True)
class Assessment:
    """One instrument, put to people that a model plays."""

    settings: AssessmentSettings
    name: str = "assessment"
    roles: tuple[str, ...] = field(default=("subject",))

    @cached_property
    def instrument(self) -> Instrument:
        """What is asked."""
        return load_instrument(self.settings.instrument)

    @cached_property
    def people(self) -> list[Persona]:
        """The personas of the user's files."""
        return read_people(self.settings.people)

    @cached_property
    def traits(self) -> tuple[str, ...]:
        """Traits that the instrument measures and for which personas have words."""
        measured = dict.fromkeys(scale.trait for scale in self.instrument.broad_scales() if scale.trait)
        return tuple(trait for trait in measured if trait in trait_words())

    @cached_property
    def dosed(self) -> tuple[str, ...]:
        """Traits that are put in nine levels."""
        wanted = [name.strip() for name in self.settings.dose.split(",") if name.strip()]
        if wanted == ["all"]:
            wanted = list(self.traits)
        by_word = {trait.rpartition(".")[2]: trait for trait in self.traits}
        chosen = [by_word.get(name, name) for name in wanted]
        unknown = [name for name in chosen if name not in self.traits]
        if unknown or (self.settings.drawn and not self.traits):
            what = f"cannot be put in levels: {unknown[0]!r}" if unknown else "measures no trait to draw people by"
            known = ", ".join(self.traits) or "none: name the trait of its scales in its file (trait = ...)"
            raise InputError(what, where=self.instrument.key, remedy=f"traits that it measures are {known}")
        return tuple(dict.fromkeys(chosen))

    @property
    def parameters(self) -> Mapping[str, Any]:
        """Settings, with everything that is read replaced by its hash."""
        plain = self.settings.model_dump(mode="json")
        plain["instrument"] = f"{self.instrument.key}@{self.instrument.version} {self.instrument.hash[:12]}"
        plain["people"] = f"{len(self.people)} of files, {content_hash([one.hash for one in self.people])[:12]}"
        plain["prompt"] = content_hash(self.settings.prompt)[:12] if self.settings.prompt else ""
        return plain

    def design(self, rng: np.random.Generator) -> Sequence[Cell]:
        """People and repeats; doses; other ways of asking the first people; controls."""
        self._check()
        people = [*self.people, *draw_people(self.settings.drawn, self.traits, rng)]
        has_people = bool(people or self.dosed)
        repeats = self.settings.repeats or (_REPEATS if has_people else _OWN_REPEATS)
        if not has_people:
            people = [empty_persona()]
        cells = [_cell(MAIN, one, repeat) for one in people for repeat in range(1, repeats + 1)]
        cells += [
            _cell(DOSE, one, repeat, trait=trait, level=level)
            for trait, level, one in dose_people(self.dosed)
            for repeat in range(1, (self.settings.repeats or _DOSE_REPEATS) + 1)
        ]
        cells += self._other_ways(people, 1 if has_people else min(repeats, self.settings.checked))
        if has_people and self.settings.controls:
            for condition in (EMPTY, *NEUTRAL_PROMPTS):
                cells += [_cell(condition, empty_persona(), repeat) for repeat in range(1, _CONTROL_REPEATS + 1)]
        return cells

    def _check(self) -> None:
        self.instrument.require_texts()
        if self.settings.wording != ORIGINAL:
            self.instrument.texts(self.settings.wording)
        _ = self.dosed

    def _other_ways(self, people: Sequence[Persona], repeats: int) -> Iterator[Cell]:
        for way in self.ways():
            for one in people[: self.settings.checked]:
                for repeat in range(1, repeats + 1):
                    yield _cell(way, one, repeat)

    def ways(self) -> dict[str, Administration]:
        """Ways of asking that differ from the usual one in a single choice."""
        usual = self._usual()
        other_mode = replace(usual, mode="item_wise" if usual.mode == "all_in_one" else "all_in_one", prompt="")
        found = {
            "descending": replace(usual, option_order="descending"),
            "shuffled": replace(usual, item_order="shuffled"),
            "lettered": replace(usual, option_marks="letters"),
            other_mode.mode: other_mode,
        }
        if usual.mode == "item_wise":
            del found["shuffled"]  # an item alone has no order
        for wording in (ORIGINAL, *(variant.key for variant in self.instrument.wordings)):
            if wording != usual.wording:
                found[f"wording_{wording}"] = replace(usual, wording=wording)
        return found

    def _usual(self) -> Administration:
        mode = cast("Any", self.settings.mode)
        chosen = self.settings
        return Administration(mode=mode, wording=chosen.wording, attempts=chosen.attempts, prompt=chosen.prompt)

    async def observe(self, cell: Cell, lab: Lab) -> Observation:
        """Put the instrument once."""
        condition, persona = str(cell.factors["condition"]), cell.material["persona"]
        if not isinstance(persona, Persona):
            raise InputError("the cell carries no persona", where=cell.key[:12])
        given = await administer(
            self.instrument,
            lab.model("subject"),
            self.ways().get(condition, self._usual()),
            system=NEUTRAL_PROMPTS.get(condition) or render(persona, self.settings.renderer).text,
            sampling=Sampling(temperature=self.settings.temperature),
            rng=lab.rng("items"),
        )
        values: dict[str, Value] = {
            "answers": given.values,
            "answers.statuses": [answer.status for answer in given.answers],
            "answers.contradictory": [answer.is_contradictory for answer in given.answers],
            "attempts.statuses": [attempt.status for attempt in given.attempts],
            "planted": [persona.traits.get(trait) for trait in self.traits],
        }
        return Observation(given.status, values, given.messages, given.detail)

    def measure(self, table: pl.DataFrame) -> list[Finding]:
        """Score the table; see :mod:`personae.instrument.assessment.measure`."""
        return measure_table(table, self.instrument, self.traits)


def _cell(condition: str, persona: Persona, repeat: int, *, trait: str = "", level: int = 0) -> Cell:
    factors: dict[str, Scalar] = {
        "condition": condition,
        "person": persona.id,
        "called": persona.name or persona.id,
        "trait": trait,
        "level": level,
        "repeat": repeat,
    }
    return Cell(factors, {"persona": persona})
