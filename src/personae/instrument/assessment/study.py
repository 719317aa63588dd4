"""An assessment as a study: people x repeats, then other ways of asking, then controls without a persona."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

from personae.canonical import content_hash
from personae.errors import InputError
from personae.instrument.administration import Administered, Administration, administer
from personae.instrument.assessment.dialogue import read_dialogue
from personae.instrument.assessment.measure import measure_table
from personae.instrument.assessment.people import dose_people, draw_people, read_people
from personae.instrument.assessment.settings import AssessmentSettings
from personae.instrument.conditioning import held_out, items_within
from personae.instrument.questionnaire import ORIGINAL, Instrument
from personae.instrument.respondents import Respondent, Turn, client_proxy, observer, played
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
        """What is asked: the items that nobody was conditioned on."""
        whole = load_instrument(self.settings.instrument)
        told = [item.strip() for item in self.settings.conditioned_on.split(",") if item.strip()]
        return held_out(whole, told) if told else whole

    @cached_property
    def people(self) -> list[Persona]:
        """The personas of the user's files."""
        return read_people(self.settings.people)

    @cached_property
    def dialogue(self) -> list[Turn]:
        """What was said before the questions, where the model speaks for a client."""
        return read_dialogue(self.settings.dialogue) if self.settings.dialogue else []

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
        """Settings, with everything that is read replaced by its hash; what cannot be asked is refused here, before
        anything is written.
        """
        _ = self._is_sound
        plain = self.settings.spell()
        if "observed" in plain:
            plain["observed"] = content_hash(plain["observed"])[:12]
        if "dialogue" in plain:
            plain["dialogue"] = content_hash([[turn.speaker, turn.text] for turn in self.dialogue])[:12]
        plain["instrument"] = f"{self.instrument.key}@{self.instrument.version} {self.instrument.hash[:12]}"
        plain["people"] = f"{len(self.people)} of files, {content_hash([one.hash for one in self.people])[:12]}"
        plain["prompt"] = content_hash(self.settings.prompt)[:12] if self.settings.prompt else ""
        return plain

    def design(self, rng: np.random.Generator) -> Sequence[Cell]:
        """People and repeats; doses; other ways of asking the first people; controls."""
        _ = self._is_sound
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
        if has_people and self.settings.controls and self.settings.respondent == "self":
            for condition in (EMPTY, *NEUTRAL_PROMPTS):
                cells += [_cell(condition, empty_persona(), repeat) for repeat in range(1, _CONTROL_REPEATS + 1)]
        return cells

    @cached_property
    def _is_sound(self) -> bool:
        self._check()
        return True

    def _check(self) -> None:
        self.instrument.require_texts()
        if self.wording != ORIGINAL:
            self.instrument.texts(self.wording)  # which may lack an item
        _ = self.dosed, self._usual()
        self._refuse_told()
        observes = self.settings.respondent == "observer"
        speaks = self.settings.respondent == "client"
        if bool(self.settings.dialogue) != speaks:
            what = "there is no dialogue to speak in" if speaks else "nobody speaks in the dialogue"
            raise InputError(what, where="dialogue", remedy="give -P respondent=client and -P dialogue=FILE together")
        if speaks:
            client_proxy(self.dialogue, self.settings.client)
        if self.settings.observed and not observes:
            raise InputError("a text is observed by nobody", where="observed", remedy="add -P respondent=observer")
        if observes and not (self.settings.observed or self.people or self.settings.drawn or self.dosed):
            raise InputError(
                "there is nobody to observe",
                where="respondent",
                remedy="give -P observed=FILE, or people with --persona",
            )

    def _refuse_told(self) -> None:
        """Refuse people whose text holds items that are scored: they would repeat their prompt."""
        for persona in self.people:
            if told := items_within(self.instrument, render(persona, self.settings.renderer).text):
                raise InputError(
                    f"the text of {persona.name or persona.id!r} holds items that are scored: {', '.join(told)}",
                    where=self.instrument.key,
                    remedy=f"leave them out with -P conditioned_on={','.join(told)}, or change the text",
                )

    def _other_ways(self, people: Sequence[Persona], repeats: int) -> Iterator[Cell]:
        for way in self.ways():
            for one in people[: self.settings.checked]:
                for repeat in range(1, repeats + 1):
                    yield _cell(way, one, repeat)

    def ways(self) -> dict[str, Administration]:
        """Ways of asking that differ from the usual one in a single choice."""
        usual = self._usual()
        found = {
            "descending": replace(usual, option_order="descending"),
            "shuffled": replace(usual, item_order="shuffled"),
            "lettered": replace(usual, option_marks="letters"),
        }
        if usual.answering == "text":
            other = "item_wise" if usual.mode == "all_in_one" else "all_in_one"
            found[other] = replace(usual, mode=cast("Any", other), prompt="", block_size=0)
        else:
            found["text"] = replace(usual, answering="text", orders="")
        if usual.mode == "item_wise":
            del found["shuffled"]  # an item alone has no order
        if usual.option_marks == "letters":
            del found["lettered"]
        for wording in (ORIGINAL, *(variant.key for variant in self.instrument.wordings)):
            if wording != usual.wording:
                found[f"wording_{wording}"] = replace(usual, wording=wording)
        return found

    def _usual(self) -> Administration:
        chosen = self.settings
        return Administration(
            mode=chosen.mode,
            wording=self.wording,
            attempts=chosen.attempts,
            prompt=chosen.prompt,
            option_marks=chosen.option_marks,
            answering=chosen.answering,
            orders=chosen.orders,
            block_size=chosen.block_size,
        )

    @cached_property
    def wording(self) -> str:
        """The wording that is asked: the one that was named, or the first in the language."""
        language, wording = self.settings.language, self.settings.wording
        every = (ORIGINAL, *(one.key for one in self.instrument.wordings))
        if wording not in every:
            remedy = f"it has {', '.join(every)}; add a wording to a copy of its file"
            raise InputError(f"has no wording {wording!r}", where=self.instrument.key, remedy=remedy)
        if not language:
            return wording
        known = self.instrument.wordings_in(language)
        if wording != ORIGINAL and wording not in known:
            raise InputError(f"wording {wording!r} is not in {language!r}", where=self.instrument.key)
        if not known:
            languages = dict.fromkeys([self.instrument.language, *(one.language for one in self.instrument.wordings)])
            raise InputError(
                f"has no wording in {language!r}",
                where=self.instrument.key,
                remedy=f"it has {', '.join(languages)}; add a wording to a copy of its file",
            )
        return wording if wording in known else known[0]

    async def observe(self, cell: Cell, lab: Lab) -> Observation:
        """Put the instrument once."""
        condition, persona = str(cell.factors["condition"]), cell.material["persona"]
        if not isinstance(persona, Persona):
            raise InputError("the cell carries no persona", where=cell.key[:12])
        given = await administer(
            self.instrument,
            lab.model("subject"),
            self.ways().get(condition, self._usual()),
            respondent=self._respondent(NEUTRAL_PROMPTS.get(condition) or render(persona, self.settings.renderer).text),
            sampling=Sampling(temperature=self.settings.temperature),
            rng=lab.rng("items"),
        )
        values: dict[str, Value] = {
            "answers": given.values,
            "answers.statuses": [answer.status for answer in given.answers],
            "answers.contradictory": [answer.is_contradictory for answer in given.answers],
            "attempts.statuses": [attempt.status for attempt in given.attempts],
            **_told_by(given),
            "planted": [persona.traits.get(trait) for trait in self.traits],
        }
        return Observation(given.status, values, given.messages, given.detail)

    def _respondent(self, system: str) -> Respondent:
        """The model as this person, in a dialogue that went before, or as an observer: of the text, else the person."""
        if self.settings.respondent == "self":
            return played(system)
        if self.settings.respondent == "client":
            return client_proxy(self.dialogue, self.settings.client, system=system)
        if self.settings.observed:
            return observer(self.settings.observed, system=system)
        return observer(system, is_person=True)

    def measure(self, table: pl.DataFrame) -> list[Finding]:
        """Score the table; see :mod:`personae.instrument.assessment.measure`."""
        return measure_table(table, self.instrument, self.traits)


def _told_by(given: Administered) -> dict[str, Value]:
    """What is known of answers that were read off probabilities."""
    if not given.distributions:
        return {}
    return {
        "answers.method": given.method,
        "answers.expected": [one.mean if one.probabilities else None for one in given.distributions],
        "answers.covered": [one.covered for one in given.distributions],
    }


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
