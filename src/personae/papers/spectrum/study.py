"""SPeCtrum as a study: an agent gets some parts of a person and says who it is; that person says whether it is true."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Any

import numpy as np

from personae.canonical import content_hash
from personae.errors import InputError
from personae.instrument import AnswerReader, ShownOption
from personae.model import ProviderError, Request, Sampling, Schema
from personae.model.structured import ask_structured
from personae.papers.spectrum.answers import read_answers
from personae.papers.spectrum.findings import measure_table
from personae.papers.spectrum.people import draw_people, read_people
from personae.papers.spectrum.profiles import BLOCKS, CONDITIONS, Profile, read_profiles
from personae.papers.spectrum.prompts import NOBODY
from personae.papers.spectrum.settings import SpectrumSettings
from personae.papers.spectrum.statements import is_named, is_quoted
from personae.study import Cell, Finding, Lab, Observation, Value

if TYPE_CHECKING:
    import polars as pl

EACH = 10
_LIST = {"type": "array", "items": {"type": "string"}, "minItems": EACH, "maxItems": EACH}
TWENTY = Schema(
    "twenty_statements",
    {"type": "object", "properties": {"open": _LIST, "hidden": _LIST}, "required": ["open", "hidden"]},
)
_YES_NO = AnswerReader([ShownOption("yes", "yes", 1), ShownOption("no", "no", 0)])
_LETTERS = "ABCDEFGH"
_SEED = 4
"""Of the people that are drawn: who they are belongs to the study and not to the run."""


@dataclass(frozen=True)
class Spectrum:
    """The study of Lee et al. (2025)."""

    settings: SpectrumSettings = field(default_factory=SpectrumSettings)
    name: str = "spectrum"
    roles: tuple[str, ...] = ("subject", "writer", "judge")

    @cached_property
    def people(self) -> tuple[Profile, ...]:
        """Who is described."""
        settings = self.settings
        given = [name for name in ("people", "answers", "profiles") if getattr(settings, name)]
        if len(given) > 1:
            raise InputError(f"{' and '.join(given)} are given both", where="-P people", remedy="leave one out")
        if settings.profiles:
            found, _ = read_profiles(Path(settings.profiles))
        elif settings.answers:
            found = read_answers(Path(settings.answers))
        elif settings.people:
            found = read_people(Path(settings.people))
        else:
            found = draw_people(settings.count, np.random.default_rng(_SEED))
        if len(found) < settings.lineup:
            raise InputError(
                f"{len(found)} people are too few for a line-up of {settings.lineup}",
                where=settings.profiles or settings.answers or settings.people or "-P count",
                remedy="bring more people, or set -P lineup",
            )
        return tuple(found[: settings.count])

    @property
    def parameters(self) -> Mapping[str, Any]:
        """Settings, with everything that is read replaced by its hash."""
        plain = self.settings.model_dump(mode="json")
        for name in plain:
            if name.endswith("_prompt"):
                plain[name] = content_hash(plain[name])[:12]
        del plain["people"], plain["answers"], plain["profiles"]
        plain["who"] = content_hash([one.hash for one in self.people])[:12]
        return plain

    def design(self, rng: np.random.Generator) -> Sequence[Cell]:
        """Every person under every set of parts, and with none of them as a control."""
        return [
            Cell({"person": number, "condition": condition}, {"profile": profile})
            for number, profile in enumerate(self.people)
            for condition in CONDITIONS
        ]

    async def observe(self, cell: Cell, lab: Lab) -> Observation:
        """Let the agent write its twenty statements, and have them judged by the person and by somebody else."""
        number, condition = int(str(cell.factors["person"])), str(cell.factors["condition"])
        person, other = self.people[number], self.people[(number + 1) % len(self.people)]
        try:
            profile = await self._profile(person, condition, lab)
            asked = Request.of(
                self.settings.twenty_prompt,
                system=self._role(profile),
                sampling=Sampling(temperature=self.settings.temperature),
            )
            wrote = await ask_structured(lab.model("subject"), replace(asked, schema=TWENTY))
            if wrote.value is None:
                return Observation(wrote.status, {"profile": profile}, detail=wrote.detail)
            statements = [one for kind in ("open", "hidden") for one in ten_of(wrote.value[kind])]
            values: dict[str, Value] = {
                "profile": profile,
                "statements": statements,
                "quoted": [int(is_quoted(one, profile)) if one else None for one in statements],
                "own": [await self._judged(one, person, lab) if one else None for one in statements],
                "other": [await self._judged(one, other, lab) if one else None for one in statements],
                "lineup": await self._lineup(number, statements, lab),
            }
            if person.work:
                for name, text in (("guess", profile), ("guess_statements", _lines(statements))):
                    guessed = await self._ask(self.settings.guess_prompt, {"text": text}, "judge", lab)
                    values |= {name: guessed, f"{name}.right": int(is_named(guessed, person.name, person.work))}
        except ProviderError as error:
            if error.is_hopeless:
                raise
            return Observation("failed", detail=str(error))
        return Observation(wrote.status, values)

    async def _profile(self, person: Profile, condition: str, lab: Lab) -> str:
        """The parts that the agent gets; of scores it gets the prose: a summary, and what it means from day to day."""
        texts = []
        for block in condition if condition != "none" else "":
            for part in BLOCKS[block]:
                text = person.parts[part]
                if not text:
                    continue
                if not (block == "P" and person.is_scored and self.settings.is_written):
                    texts.append(text)
                    continue
                summary = await self._ask(self.settings.summary_prompt, {"scores": text}, "writer", lab)
                words = {"summary": summary}
                texts += [summary, await self._ask(self.settings.paraphrase_prompt, words, "writer", lab)]
        return "\n\n".join(texts) or NOBODY

    def _role(self, person: str) -> str:
        return Template(self.settings.person_prompt).safe_substitute(person=person)

    async def _ask(self, prompt: str, words: Mapping[str, str], role: str, lab: Lab, system: str = "") -> str:
        text = Template(prompt).safe_substitute(words)
        request = Request.of(text, system=system, sampling=Sampling(temperature=0.0))
        return (await lab.model(role).generate(request)).text.strip()

    async def _judged(self, statement: str, person: Profile, lab: Lab) -> int | None:
        known = f"{person.name} of {person.work}" if person.work else person.whole
        asked = self._ask(self.settings.judge_prompt, {"statement": statement}, "judge", lab, self._role(known))
        answer = _YES_NO.read(await asked)
        return None if answer.value is None else int(answer.value)

    async def _lineup(self, number: int, statements: Sequence[str], lab: Lab) -> int | None:
        """Whether the judge picks the person out of a few, whose order is random."""
        rng = lab.rng("lineup")
        others = [place for place in range(len(self.people)) if place != number]
        chosen = [number, *(int(one) for one in rng.permutation(others)[: self.settings.lineup - 1])]
        order = [chosen[int(place)] for place in rng.permutation(len(chosen))]
        options = [
            ShownOption(_LETTERS[place], " ".join(self.people[one].whole.split()), one)
            for place, one in enumerate(order)
        ]
        shown = "\n".join(f"{one.mark} = {one.label}" for one in options)
        words = {"statements": _lines(statements), "people": shown}
        answer = AnswerReader(options).read(await self._ask(self.settings.lineup_prompt, words, "judge", lab))
        return None if answer.value is None else int(answer.value == number)

    def measure(self, table: pl.DataFrame) -> list[Finding]:
        """Measure a run, published profiles, or ratings of real people."""
        return measure_table(table, 1 / self.settings.lineup)


def ten_of(given: object) -> list[str]:
    """Ten sentences: further ones are dropped, and one that was not written is empty, which nobody is asked about.

    Example:
        >>> ten_of(["I am tall. "])[:2], len(ten_of(["I am tall."] * 12))
        (['I am tall.', ''], 10)
    """
    written = [str(one).strip() for one in given] if isinstance(given, list) else []
    return [*written, *[""] * EACH][:EACH]


def _lines(statements: Sequence[str]) -> str:
    return "\n".join(f"- {one}" for one in statements if one)
