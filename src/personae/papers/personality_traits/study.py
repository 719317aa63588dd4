"""Reliability, validity and shaping of personality as a study."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Any

from personae.canonical import content_hash
from personae.errors import InputError
from personae.instrument import Administration, Instrument, administer, load_instrument
from personae.instrument.shaping import profile_personas
from personae.judge.text_traits import LexiconScorer, RatedScorer, TextScorer
from personae.model import ProviderError, Request, Sampling, worst_status
from personae.papers.personality_traits.biographies import biographies
from personae.papers.personality_traits.constructs import TRAITS, batteries, lacking, wording_of
from personae.papers.personality_traits.findings import CONCURRENT, SINGLE, VALIDITY, measure_table
from personae.papers.personality_traits.prompts import POSTAMBLES, item_prompt
from personae.papers.personality_traits.session import Session, read_session
from personae.papers.personality_traits.settings import PersonalityTraitsSettings
from personae.persona import LEVELS, Persona, join_words, level_of, qualify, trait_words, z_of_level
from personae.study import Cell, Finding, Lab, Observation, Value

if TYPE_CHECKING:
    import numpy as np
    import polars as pl

_SHAPED_BATTERIES = ("ipip", "bfi")


@dataclass(frozen=True)
class PersonalityTraits:
    """The study of Serapio-García et al. (2025)."""

    settings: PersonalityTraitsSettings = field(default_factory=PersonalityTraitsSettings)
    name: str = "personality_traits"

    @property
    def roles(self) -> tuple[str, ...]:
        """The respondent, and the judge that reads traits from texts if one is wanted."""
        has_judge = self.settings.scorer == "rated" and self.settings.shaped and self.settings.texts
        return ("subject", "judge") if has_judge else ("subject",)

    @property
    def parameters(self) -> Mapping[str, Any]:
        """Settings, with everything that is read replaced by its hash."""
        plain = self.settings.model_dump(mode="json")
        plain["text_prompt"] = content_hash(plain["text_prompt"])[:12]
        plain["instruments"] = [f"{key} {one.key} {one.hash[:12]}" for key, one in self.batteries.items()]
        plain["lacking"] = lacking(self.batteries)
        plain["own"] = plain["session"] = ""
        plain["descriptions"] = content_hash(list(self.descriptions))[:12]
        return plain

    @cached_property
    def session(self) -> Session | None:
        """The authors' session, if it was given."""
        return read_session(Path(self.settings.session)) if self.settings.session else None

    @cached_property
    def descriptions(self) -> tuple[str, ...]:
        """Biographic descriptions."""
        return self.session.descriptions if self.session is not None else biographies()

    @cached_property
    def batteries(self) -> dict[str, Instrument]:
        """The instruments that can be put, by their short names."""
        own = {}
        for name in filter(None, (part.strip() for part in self.settings.own.split(","))):
            instrument = load_instrument(name)
            key = next((key for key in POSTAMBLES if key in (instrument.key, Path(name).stem)), "")
            if not key:
                raise InputError(
                    f"{instrument.key!r} is no battery of the study",
                    where=name,
                    remedy=f"name the file or its key {', '.join(POSTAMBLES)}",
                )
            instrument.require_texts()
            own[key] = instrument
        return batteries(own, self.settings.inventory)

    def design(self, rng: np.random.Generator) -> Sequence[Cell]:
        """Validity: biographies x instructions x postambles. Shaping: levels of each trait, then all profiles."""
        if self.settings.biographies > len(self.descriptions) or self.settings.shaped > len(self.descriptions):
            raise InputError(
                f"there are {len(self.descriptions)} descriptions", where=self.name, remedy="ask for fewer"
            )
        return [*self._validity(), *self._single(), *self._concurrent()]

    def _validity(self) -> Iterator[Cell]:
        for number in range(self.settings.biographies):
            for instruction in range(self.settings.ways):
                for postamble in range(self.settings.ways):
                    yield self._cell(VALIDITY, number, Persona(id=f"bio-{number + 1}"), instruction, postamble)

    def _single(self) -> Iterator[Cell]:
        count = self.settings.levels
        levels = [round(1 + step * (LEVELS - 1) / (count - 1)) for step in range(count)]
        for number in range(self.settings.shaped):
            for trait in TRAITS.values():
                for level in levels:
                    persona = Persona(id=f"bio-{number + 1}-{trait}-{level}", traits={trait: z_of_level(level)})
                    yield self._cell(SINGLE, number, persona, trait=trait, level=level)

    def _concurrent(self) -> Iterator[Cell]:
        for number in range(self.settings.shaped):
            for code, _, persona in profile_personas(tuple(TRAITS.values())):
                shaped = persona.model_copy(update={"id": f"bio-{number + 1}-{code}"})
                yield self._cell(CONCURRENT, number, shaped, profile=code)

    def _cell(
        self,
        part: str,
        number: int,
        persona: Persona,
        instruction: int = 0,
        postamble: int = 0,
        *,
        trait: str = "",
        level: int = 0,
        profile: str = "",
    ) -> Cell:
        described = persona.model_copy(update={"description": self.descriptions[number]})
        return Cell(
            {
                "part": part,
                "biography": number + 1,
                "instruction": instruction,
                "postamble": postamble,
                "trait": trait,
                "level": level,
                "profile": profile,
            },
            {"persona": described},
        )

    async def observe(self, cell: Cell, lab: Lab) -> Observation:
        """Put every item by itself; let a shaped respondent write, and have the writing read."""
        persona = cell.material["persona"]
        if not isinstance(persona, Persona):
            raise InputError("the cell carries no persona", where=cell.key[:12])
        description = describe(persona)
        is_shaped = cell.factors["part"] != VALIDITY
        values: dict[str, Value] = {}
        statuses, details = [], []
        for key, instrument in self.batteries.items():
            if is_shaped and key not in _SHAPED_BATTERIES:
                continue
            given = await administer(
                instrument,
                lab.model("subject"),
                self._administration(key, instrument, description, cell),
                sampling=Sampling(temperature=self.settings.temperature),
            )
            values[f"answers.{key}"] = given.values
            values[f"answers.{key}.statuses"] = [answer.status for answer in given.answers]
            statuses += [answer.status for answer in given.answers]
            details.append(given.detail)
        if is_shaped and self.settings.texts:
            values.update(await self._write(description, lab))
        return Observation(worst_status(statuses), values, detail=next(filter(None, details), ""))

    def _administration(self, key: str, instrument: Instrument, description: str, cell: Cell) -> Administration:
        instruction, postamble = int(cell.factors["instruction"] or 0), int(cell.factors["postamble"] or 0)
        return Administration(
            mode="item_wise",
            wording=wording_of(instrument),
            prompt=item_prompt(description, instruction, key, postamble, instrument),
            answering=self.settings.answering,
        )

    async def _write(self, description: str, lab: Lab) -> dict[str, Value]:
        """Status updates of one respondent, and the traits that are read from them."""
        words = {"description": description, "count": self.settings.texts}
        request = Request.of(
            Template(self.settings.text_prompt).safe_substitute(words),
            sampling=Sampling(temperature=self.settings.text_temperature, max_tokens=80 * self.settings.texts),
        )
        try:
            text = (await lab.model("subject").generate(request)).text.strip()
            read = await self._scorer(lab).score(text)
        except ProviderError as error:
            if error.is_hopeless:
                raise
            return {"text": "", "text.status": "failed", "read": []}
        scores = [read.scores.get(trait) for trait in TRAITS.values()]
        return {"text": text, "text.status": read.status, "read": scores}

    def _scorer(self, lab: Lab) -> TextScorer:
        return LexiconScorer() if self.settings.scorer == "lexicon" else RatedScorer(lab.model("judge"))

    def measure(self, table: pl.DataFrame) -> list[Finding]:
        """Score the table, or published scores; see :mod:`personae.papers.personality_traits.findings`."""
        return measure_table(table, self.batteries)


def describe(persona: Persona) -> str:
    """The description of a respondent: markers of each shaped trait at its level, then the biography.

    Example:
        >>> describe(Persona(id="x", description="I have two dogs.", traits={"big_five.openness": -2.0}))[:35]
        "I'm extremely unimaginative, extrem"
    """
    markers = [
        qualify(marker, level_of(z))
        for trait, words in trait_words().items()
        if (z := persona.trait(trait)) is not None
        for marker in words.markers
    ]
    return " ".join(part for part in (f"I'm {join_words(markers)}." if markers else "", persona.description) if part)
