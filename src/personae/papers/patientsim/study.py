"""Consultations with thirty-seven patients, rated and checked sentence by sentence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Any

from personae.canonical import content_hash
from personae.errors import InputError
from personae.judge import Criterion, Rubric, rate
from personae.model import Sampling, Status
from personae.papers.patientsim import prompts
from personae.papers.patientsim.axes import AXES, COLUMNS, PLAIN, AxisTexts, Levels, patients, read_axes
from personae.papers.patientsim.consultation import Consultation, consult, rank_of
from personae.papers.patientsim.facts import check_exchange, columns_of
from personae.papers.patientsim.findings import measure_table
from personae.papers.patientsim.manner import manner
from personae.papers.patientsim.profiles import (
    AMBULANCE,
    SPLIT,
    Profile,
    Split,
    draw_profiles,
    profiles_hash,
    read_profiles,
    split_profiles,
)
from personae.papers.patientsim.raters import PersonRating, assign_raters, read_ratings
from personae.papers.patientsim.settings import PatientSimSettings
from personae.papers.patientsim.words import WordLists, read_words
from personae.study import Cell, Finding, Lab, Observation, Value

if TYPE_CHECKING:
    import numpy as np
    import polars as pl

PERSONA, INFORMATION = "persona", "information"


@dataclass(frozen=True, slots=True)
class PatientSim:
    """The study of Kyung et al. (2025)."""

    settings: PatientSimSettings = field(default_factory=PatientSimSettings)
    name: str = "patientsim"
    people: tuple[PersonRating, ...] = ()
    """Published ratings by clinicians, beside those of the user's file."""

    @property
    def roles(self) -> tuple[str, ...]:
        """The patient is the subject; a doctor asks, a judge reads."""
        return ("subject", "doctor", "judge")

    @property
    def axes(self) -> AxisTexts:
        """What the levels of each axis are told."""
        return read_axes(self.settings.axes)

    @property
    def words(self) -> WordLists:
        """Words by level of English."""
        return read_words(self.settings.words)

    @property
    def profiles(self) -> Split:
        """Cases by what they are for."""
        return _cases(self.settings.profiles)

    @property
    def rubric(self) -> Rubric:
        """The five criteria, from 1 to 4."""
        criteria = tuple(
            Criterion(key, meaning, "not at all", "throughout") for key, meaning in self.axes.criteria.items()
        )
        return Rubric("patient", criteria, lowest=1, highest=4)

    @property
    def parameters(self) -> Mapping[str, Any]:
        """Settings, with what is read by its hash."""
        files = {"axes", "profiles", "words", "ratings", "patient_prompt", "doctor_prompt"}
        split = self.profiles
        people = read_ratings(self.settings.ratings) if self.settings.ratings else ()
        return {
            **self.settings.model_dump(mode="json", exclude=files),
            "axes": self.axes.hash[:12],
            "profiles": profiles_hash([*split.validation, *split.information, *split.persona])[:12],
            "words": content_hash(str(self.words.words))[:12],
            "ratings_of_file": len(people),
            "rubric": self.rubric.hash[:12],
            "prompts": content_hash(
                [
                    self.settings.patient_prompt,
                    self.settings.doctor_prompt,
                    *(text for name, text in sorted(vars(prompts).items()) if name.isupper()),
                ]
            )[:12],
        }

    def design(self, rng: np.random.Generator) -> Sequence[Cell]:
        """Every patient some times, each time another case; then plain patients, for the facts."""
        frame = patients(self.settings.replicates).people
        people: list[Levels] = [{axis: row[COLUMNS[axis]] for axis in AXES} for row in frame.iter_rows(named=True)]
        split = self.profiles
        planned: list[tuple[str, Levels, Profile, int]] = []
        place = 0
        for replicate in range(self.settings.replicates):
            for levels in people:
                case = split.persona[place % len(split.persona)]
                if levels["dazed"] != "normal":
                    case = _by_ambulance(split.persona, replicate)
                else:
                    place += 1
                planned.append((PERSONA, levels, case, replicate))
        for number in range(self.settings.information):
            case = split.information[number % len(split.information)]
            planned.append((INFORMATION, PLAIN, case, number // len(split.information)))
        raters = assign_raters(
            [(f"{arm} {'/'.join(levels.values())}", case.diagnosis) for arm, levels, case, _ in planned],
            self.settings.raters,
        )
        return [
            Cell({"arm": arm, **levels, "profile": case.number, "replicate": replicate, "rater": rater})
            for (arm, levels, case, replicate), rater in zip(planned, raters, strict=True)
        ]

    async def observe(self, cell: Cell, lab: Lab) -> Observation:
        """Let doctor and patient talk, then have it rated and checked."""
        levels = {axis: str(cell.factors[axis]) for axis in AXES}
        profile = self._profile(int(str(cell.factors["profile"])))
        lists = self.words
        words = lists.shown(levels["language"], lab.rng("words"))
        done = await consult(
            lab.model("doctor"),
            lab.model("subject"),
            profile=profile,
            levels=levels,
            axes=self.axes,
            words=words,
            settings=self.settings,
        )
        values: dict[str, Value] = {
            "diagnosis": profile.diagnosis,
            "fields": len(profile.told),
            **manner(done, self.axes, levels, lists.beyond(levels["language"])),
            "listed": list(done.diagnoses),
            "by_doctor": done.by_doctor,
            "rank": rank_of(profile.diagnosis, done.diagnoses),
            "dazed_at": [one.dazed for one in done.exchanges],
        }
        if done.exchanges:
            other = _another(levels, lab.rng("control"))
            values |= await self._rated(done, levels, profile, words, lab, "rating")
            if self.settings.control and cell.factors["arm"] == PERSONA:
                values |= await self._rated(done, other, profile, words, lab, "control")
            other_case = self._other_case(profile, lab.rng("other case")) if self.settings.control else None
            values |= await _checked(done, profile, other_case, lab)
        return Observation(done.status, values, done.transcript, done.detail)

    async def _rated(
        self, done: Consultation, levels: Levels, profile: Profile, words: Levels, lab: Lab, name: str
    ) -> dict[str, Value]:
        context = Template(prompts.RATING_CONTEXT).substitute(
            {**self.axes.describe(levels, words), "profile": profile.shown()}
        )
        given = await rate(
            done.text, self.rubric, lab.model("judge"), context=context, sampling=Sampling(temperature=0.0)
        )
        scores = {f"{name}.{key}": given.scores.get(key) for key in self.axes.criteria}
        return {**scores, f"{name}.status": given.status}

    def _other_case(self, profile: Profile, rng: np.random.Generator) -> Profile | None:
        """A case of another diagnosis; the control that a judge of facts has to tell apart."""
        split = self.profiles
        left = [one for one in (*split.persona, *split.information) if one.diagnosis != profile.diagnosis]
        return left[int(rng.integers(len(left)))] if left else None

    def _profile(self, number: int) -> Profile:
        split = self.profiles
        for one in (*split.persona, *split.information):
            if one.number == number:
                return one
        raise InputError(f"there is no profile {number}", where="patientsim", remedy="run with the profiles of the run")

    def measure(self, table: pl.DataFrame) -> list[Finding]:
        """Score consultations, or published axes; see :mod:`personae.papers.patientsim.findings`."""
        given = read_ratings(self.settings.ratings) if self.settings.ratings else ()
        return measure_table(table, (*given, *self.people))


@lru_cache(maxsize=4)
def _cases(path: Path | None) -> Split:
    return split_profiles(read_profiles(path) if path is not None else draw_profiles(sum(SPLIT.values())))


def _by_ambulance(profiles: Sequence[Profile], number: int) -> Profile:
    """A case that arrived by ambulance: very dazed patients do not walk in."""
    arrived = [one for one in profiles if AMBULANCE in one.arrival_transport.casefold()]
    if not arrived:
        raise InputError(
            "no case arrived by ambulance, as very dazed patients do",
            where="profiles",
            remedy=f"give one with arrival_transport {AMBULANCE!r}",
        )
    return arrived[number % len(arrived)]


def _another(levels: Levels, rng: np.random.Generator) -> dict[str, str]:
    """A patient that differs on each axis of the 36; the control that ratings have to tell apart."""
    other = {}
    for axis in ("personality", "language", "recall"):
        left = [level for level in AXES[axis] if level != levels[axis]]
        other[axis] = left[int(rng.integers(len(left)))]
    return {**other, "dazed": "high" if levels["dazed"] == "normal" else "normal"}


async def _checked(done: Consultation, profile: Profile, other: Profile | None, lab: Lab) -> dict[str, Value]:
    checked, statuses = [], list[Status]()
    for exchange in done.exchanges:
        found, told = await check_exchange(lab.model("judge"), exchange, profile, other)
        checked += found
        statuses += told
    return {**columns_of(checked), "facts.statuses": list(statuses)}
