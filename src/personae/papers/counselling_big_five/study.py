"""The study: every session, every role, an item a call; and a direct rating of each trait."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from string import Template
from typing import TYPE_CHECKING, Any

import numpy as np

from personae.canonical import content_hash
from personae.errors import InputError
from personae.instrument import Administration, Instrument, Respondent, administer, client_proxy, load_instrument
from personae.instrument.respondents import merged
from personae.model import Message, Request, Sampling, Schema, ask_structured
from personae.papers.counselling_big_five import prompts
from personae.papers.counselling_big_five.findings import measure_table
from personae.papers.counselling_big_five.sessions import CLIENT, TRAITS, Session, read_sessions, simulated_sessions
from personae.papers.counselling_big_five.settings import CounsellingSettings
from personae.study import Cell, Finding, Lab, Observation, Value

if TYPE_CHECKING:
    import polars as pl

ROLES = ("client", "counsellor", "observer", "none")
QUESTIONNAIRE, DIRECT = "questionnaire", "direct"
_SEED = 6901
_DIGIT = re.compile(r"[1-5]")
_NAMES = tuple(trait.rpartition(".")[2] for trait in TRAITS)
_RATINGS = Schema(
    "ratings",
    {
        "type": "object",
        "properties": {name: {"type": "integer", "minimum": 1, "maximum": 5} for name in _NAMES},
        "required": list(_NAMES),
        "additionalProperties": False,
    },
)


@dataclass(frozen=True)
class Counselling:
    """The study of Yan et al. (2024)."""

    settings: CounsellingSettings = field(default_factory=CounsellingSettings)
    name: str = "counselling_big_five"
    roles: tuple[str, ...] = ("subject",)

    @cached_property
    def instrument(self) -> Instrument:
        """What is asked."""
        found = load_instrument(self.settings.instrument)
        found.require_texts()
        return found

    @cached_property
    def sessions(self) -> list[Session]:
        """What was said: the user's sessions, else simulated ones."""
        chosen = self.settings
        if chosen.data is not None:
            return read_sessions(chosen.data, self.instrument)
        return simulated_sessions(chosen.clients, chosen.sessions, self.instrument, np.random.default_rng(_SEED))

    @property
    def parameters(self) -> Mapping[str, Any]:
        """Settings, with everything that is read replaced by its hash."""
        plain = self.settings.model_dump(mode="json", exclude={"training"})
        kind = "SIMULATED" if self.settings.data is None else self.settings.data.name
        plain["data"] = f"{len(self.sessions)} sessions ({kind}) {content_hash([s.hash for s in self.sessions])[:12]}"
        plain["instrument"] = f"{self.instrument.key}@{self.instrument.version} {self.instrument.hash[:12]}"
        return plain

    def design(self, rng: np.random.Generator) -> Sequence[Cell]:
        """Sessions x roles, by questionnaire and directly."""
        roles = [one.strip() for one in self.settings.roles.split(",") if one.strip()]
        if unknown := [one for one in roles if one not in ROLES]:
            raise InputError(f"no role is called {unknown[0]!r}", where="roles", remedy=f"they are {', '.join(ROLES)}")
        tasks = (QUESTIONNAIRE, DIRECT) if self.settings.direct else (QUESTIONNAIRE,)
        return [
            Cell({"client": one.client, "session": one.session, "role": role, "task": task}, {"session": one})
            for one in self.sessions
            for role in roles
            for task in tasks
        ]

    def respondent(self, session: Session, role: str) -> Respondent:
        """Who answers: in the client's or the counsellor's place, an observer, or nobody who heard the session."""
        has_system = self.settings.has_system_role
        if role == "client":
            return client_proxy(session.dialogue, CLIENT, system=prompts.CLIENT_ROLE, has_system_role=has_system)
        if role == "none":
            return Respondent(system="", has_system_role=has_system)
        said = "\n".join(f"{turn.speaker}: {turn.text}" for turn in session.dialogue)
        system = prompts.COUNSELLOR_ROLE if role == "counsellor" else ""
        return Respondent(
            "observer",
            system,
            material=said,
            instructions=prompts.ABOUT_CLIENT,
            subject="The client",
            has_system_role=has_system,
        )

    async def observe(self, cell: Cell, lab: Lab) -> Observation:
        """Answer the questionnaire, an item a call, or rate the five traits."""
        session, role = cell.material["session"], str(cell.factors["role"])
        if not isinstance(session, Session):
            raise InputError("the cell carries no session", where=cell.key[:12])
        who = self.respondent(session, role)
        sampling = Sampling(temperature=self.settings.temperature, max_tokens=self.settings.max_tokens)
        truth: dict[str, Value] = {"truth": [session.answers.get(item) for item in self.instrument.item_ids]}
        if cell.factors["task"] == DIRECT:
            return await self._rate(who, lab, sampling, truth)
        is_observer = who.kind == "observer"
        how = Administration(mode="item_wise", prompt=("$instructions\n\n" if is_observer else "") + prompts.ITEM)
        given = await administer(self.instrument, lab.model("subject"), how, sampling=sampling, respondent=who)
        replies = [attempt.text for attempt in given.attempts]
        values: dict[str, Value] = {
            **truth,
            "answers": given.values,
            "answers.statuses": [answer.status for answer in given.answers],
            "replies": replies,
            "first_digits": [int(found.group()) if (found := _DIGIT.search(text)) else None for text in replies],
        }
        return Observation(given.status, values, detail=given.detail)

    async def _rate(self, who: Respondent, lab: Lab, sampling: Sampling, truth: dict[str, Value]) -> Observation:
        """Rate all five traits in one JSON object."""
        ask = prompts.DIRECT
        if who.material:
            ask = Template(prompts.TRANSCRIPT).substitute(material=who.material) + ask
        request = Request(merged(who.messages(Message("user", ask))), sampling, schema=_RATINGS)
        given = await ask_structured(lab.model("subject"), request)
        found = given.value or {}
        ratings: list[int | None] = [int(found[name]) if name in found else None for name in _NAMES]
        return Observation(given.status, {**truth, "ratings": ratings}, detail=given.detail)

    def measure(self, table: pl.DataFrame) -> list[Finding]:
        """Hold predictions against self-reports; see :mod:`personae.papers.counselling_big_five.findings`."""
        return measure_table(table, self.instrument)
