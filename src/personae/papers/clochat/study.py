"""CloChat as a study: everybody talks with a plain partner, with one they designed, and with a stranger's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from importlib.resources import files
from itertools import permutations
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Any

from personae.canonical import content_hash
from personae.errors import InputError
from personae.instrument import Instrument, Turn, read_instrument
from personae.model import Message, worst_status
from personae.papers.clochat.findings import measure_table
from personae.papers.clochat.form import persona_of_form
from personae.papers.clochat.session import PERSON, Session
from personae.papers.clochat.settings import CloChatSettings
from personae.persona import BIG_FIVE, Persona, render
from personae.study import Cell, Finding, Lab, Observation, Value

if TYPE_CHECKING:
    import numpy as np
    import polars as pl

PLAIN, DESIGNED, STRANGER = "plain", "designed", "stranger"
BETWEEN = ">"


@dataclass(frozen=True)
class CloChat:
    """The study of Ha et al. (2024)."""

    settings: CloChatSettings = field(default_factory=CloChatSettings)
    name: str = "clochat"
    roles: tuple[str, ...] = ("subject", "user")

    @cached_property
    def instrument(self) -> Instrument:
        """What is asked after each condition."""
        path = self.settings.questionnaire
        return read_instrument(Path(path) if path else Path(str(files("personae.papers.clochat") / "experience.toml")))

    @property
    def conditions(self) -> tuple[str, ...]:
        """What everybody goes through."""
        return (PLAIN, DESIGNED, STRANGER) if self.settings.control else (PLAIN, DESIGNED)

    @property
    def parameters(self) -> Mapping[str, Any]:
        """Settings, with what is read by its hash."""
        read = ("contexts", "participant_prompt", "partner_prompt")
        plain = self.settings.model_dump(mode="json", exclude={*read, "questionnaire"})
        hashes = {name: content_hash(getattr(self.settings, name))[:12] for name in read}
        return {**plain, **hashes, "questionnaire": f"{self.instrument.key} {self.instrument.hash[:12]}"}

    def design(self, rng: np.random.Generator) -> Sequence[Cell]:
        """A cell a participant; orders of conditions and of contexts are counterbalanced."""
        if not self.settings.talks:
            raise InputError("there is nothing to talk about", where="contexts", remedy="write a line a talk")
        if self.settings.most_turns < self.settings.least_turns:
            raise InputError("is below least_turns", where="most_turns", remedy="raise it")
        self.instrument.require_texts()
        people = [_person(number, rng) for number in range(1, self.settings.participants + 1)]
        orders = list(permutations(self.conditions))
        talks = self.settings.talks
        return [
            Cell(
                {
                    "participant": person.id,
                    "order": BETWEEN.join(orders[number % len(orders)]),
                    "first_context": (number // len(orders)) % len(talks),
                },
                {"person": person, "stranger": people[(number + 1) % len(people)]},
            )
            for number, person in enumerate(people)
        ]

    async def observe(self, cell: Cell, lab: Lab) -> Observation:
        """Lead one participant through all conditions."""
        person, stranger = (cell.material[name] for name in ("person", "stranger"))
        if not isinstance(person, Persona) or not isinstance(stranger, Persona):
            raise InputError("the cell carries no people", where=cell.key[:12])
        start, talks = int(str(cell.factors["first_context"])), self.settings.talks
        contexts = [*talks[start:], *talks[:start]]
        values: dict[str, Value] = {}
        before: list[Turn] = []
        sessions = []
        for condition in str(cell.factors["order"]).split(BETWEEN):
            session = self._session(lab, person, before)
            given = await self._given(condition, lab, stranger, session, contexts)
            await session.talk(contexts, given)
            rated = await session.rate(self.instrument)
            values |= {f"{condition}.{name}": value for name, value in {**rated, **session.logged()}.items()}
            sessions.append(session)
            if self.settings.remembers:
                before += session.said
        statuses = [status for session in sessions for status in session.statuses]
        said = tuple(
            Message("user" if turn.speaker == PERSON else "assistant", turn.text)
            for session in sessions
            for turn in session.said
        )
        return Observation(worst_status(statuses), values, said)

    def measure(self, table: pl.DataFrame) -> list[Finding]:
        """Compare conditions within participants; see :mod:`personae.papers.clochat.findings`."""
        return measure_table(table, self.instrument)

    def _session(self, lab: Lab, person: Persona, before: Sequence[Turn]) -> Session:
        words = {"persona": render(person, "nine-level").text}
        system = Template(self.settings.participant_prompt).safe_substitute(words)
        return Session(self.settings, lab.model("user"), lab.model("subject"), system, tuple(before))

    async def _given(
        self, condition: str, lab: Lab, stranger: Persona, session: Session, contexts: Sequence[str]
    ) -> Persona | None:
        """The persona that the participant did not write, if the condition has one; designs the own one else."""
        if condition == DESIGNED:
            await session.design(contexts[:1] if self.settings.personas == "each" else self.settings.talks)
        if condition != STRANGER:
            return None
        other = self._session(lab, stranger, ())
        await other.design(self.settings.talks)
        session.statuses += other.statuses
        return persona_of_form(other.form, "stranger")


def _person(number: int, rng: np.random.Generator) -> Persona:
    traits = {trait: round(float(z), 2) for trait, z in zip(BIG_FIVE, rng.normal(size=len(BIG_FIVE)), strict=True)}
    return Persona(id=f"participant-{number}", traits=traits)
