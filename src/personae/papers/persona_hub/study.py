"""People from texts, relatives of people, and pieces of data for each of them, beside pieces for nobody."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Any

from personae.canonical import content_hash
from personae.errors import InputError
from personae.model import Model, Request, Sampling, Schema, Status, ask_structured, worst_status
from personae.papers.persona_hub.findings import measure_table
from personae.papers.persona_hub.kinds import (
    CODE_PROMPT,
    FORMS,
    KINDS,
    SOLVE_PROMPT,
    code_fault,
    functions_of,
    same_answer,
)
from personae.papers.persona_hub.problems import Problem, plain_answer, read_problems
from personae.papers.persona_hub.settings import HubSettings
from personae.papers.persona_hub.texts import SourceText, forbids_derivatives, own_texts, read_texts
from personae.persona import Persona
from personae.persona.formats import read_personas
from personae.population.writing import (
    ATTITUDES,
    LINEAGE,
    RELATIONS,
    RELATIVE_PROMPT,
    TEXT_PROMPT,
    expand,
    persona_from_text,
)
from personae.study import Cell, Finding, Lab, Observation, Value

if TYPE_CHECKING:
    import numpy as np
    import polars as pl

NOBODY, SOLVE = "control", "solve"
_FILES = {"texts", "personas", "problems", "vectors", "checked"}
"""Files; the last two do not change what is asked, so that a finished run may be measured again with them."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece of data, and what became of it."""

    person: int
    """Place of the person in the row; -1: nobody."""
    kind: str
    form: str
    status: Status
    text: str = ""
    reason: str = ""
    """Why it cannot be used."""
    more: str = ""
    """Solution or code."""
    agreed: bool | None = None
    """Whether two solutions of a maths problem came to the same answer."""


@dataclass(frozen=True, slots=True)
class PersonaHub:
    """The study of Ge et al. (2024)."""

    settings: HubSettings = field(default_factory=HubSettings)
    name: str = "persona_hub"

    @property
    def roles(self) -> tuple[str, ...]:
        """The writer, and who solves maths problems."""
        return ("subject", "solver") if "math" in self.kinds else ("subject",)

    @property
    def kinds(self) -> tuple[str, ...]:
        """Kinds of data that are written."""
        if self.settings.kinds.strip() == "none" or self.settings.problems is not None:
            return ()
        return _words(self.settings.kinds, tuple(KINDS), "kinds")

    @property
    def forms(self) -> tuple[str, ...]:
        """How they are asked for."""
        return _words(self.settings.forms, FORMS, "forms")

    @property
    def texts(self) -> tuple[SourceText, ...]:
        """Texts that people may be made from; those whose licence forbids it are left out."""
        return tuple(one for one in self._all_texts() if not forbids_derivatives(one.licence))[: self.settings.most]

    def _all_texts(self) -> tuple[SourceText, ...]:
        path = self.settings.texts
        return own_texts() if path is None else read_texts(path, self.settings.licence)

    @property
    def given(self) -> tuple[Persona, ...]:
        """People of the file, if there is one; those whose licence forbids it are left out."""
        path = self.settings.personas
        if path is None:
            return ()
        found = _given(path, self.settings.licence)
        kept = [one for one in found if not forbids_derivatives(one.provenance_of("description").licence)]
        if not kept:
            raise InputError("holds nobody that something may be made from", where=str(path), remedy="see the licences")
        return tuple(kept[: self.settings.most])

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Problems that a model is tried on."""
        path = self.settings.problems
        return () if path is None else read_problems(path)

    @property
    def parameters(self) -> Mapping[str, Any]:
        """Settings, with what is read by its hash."""
        plain = self.settings.model_dump(mode="json", exclude={*_FILES, "item_prompt"})
        kinds = {key: [one.task, one.fields, [dict(piece) for _, piece in one.examples]] for key, one in KINDS.items()}
        prompts = [self.settings.item_prompt, TEXT_PROMPT, RELATIVE_PROMPT, SOLVE_PROMPT, CODE_PROMPT, kinds]
        texts = () if self.settings.personas else self._all_texts()
        return {
            **plain,
            "texts": content_hash([[one.text, one.licence] for one in texts])[:12],
            "texts_withheld": sum(forbids_derivatives(one.licence) for one in texts),
            "personas": content_hash([one.hash for one in self.given])[:12] if self.settings.personas else "made",
            "problems": content_hash([one.hash for one in self.problems])[:12] if self.problems else "none",
            "prompts": content_hash(prompts)[:12],
        }

    def design(self, rng: np.random.Generator) -> Iterator[Cell]:
        """Every text with every attitude, or every given person; then pieces for nobody."""
        if self.settings.problems is not None:
            for number, problem in enumerate(self.problems):
                yield Cell(_factors(SOLVE, source=problem.hash, kind=problem.of, number=number))
            return
        attitudes = _words(self.settings.attitudes, ATTITUDES, "attitudes")
        kinds, forms = self.kinds, self.forms
        if self.settings.personas:
            for person in self.given:
                yield Cell(_factors("given", source=person.hash), {"person": person})
        else:
            texts = self.texts
            if not texts:
                raise InputError("no text may be used", where="-P texts", remedy="their licences forbid derivatives")
            for one in texts:
                for attitude in attitudes:
                    yield Cell(_factors("curate", source=one.hash, attitude=attitude))
        for kind in kinds:
            for form in forms:
                for number in range(self.settings.control if form != "persona_few_shot" else 0):
                    yield Cell(_factors(NOBODY, kind=kind, form=form, number=number))

    async def observe(self, cell: Cell, lab: Lab) -> Observation:
        """Make a person and relatives and write for them, or write for nobody."""
        part = cell.factors["part"]
        if part == SOLVE:
            return await self._solve(self.problems[int(str(cell.factors["number"]))], lab.model("subject"))
        if part == NOBODY:
            kind, form = str(cell.factors["kind"]), str(cell.factors["form"])
            piece = await self._write(lab, -1, "", kind, form)
            return Observation(piece.status, _pieces([piece]), detail=piece.reason)
        outcomes: list[Status] = ["ok"]
        people: list[Persona] = []
        if part == "given":
            people = [one for one in self.given if one.hash == cell.factors["source"]][:1]
        else:
            people, outcomes = await self._curate(cell, lab.model("subject"))
        asked = [(place, kind, form) for place in range(len(people)) for kind in self.kinds for form in self.forms]
        pieces = await asyncio.gather(
            *(self._write(lab, place, people[place].description, kind, form) for place, kind, form in asked)
        )
        values: dict[str, Value] = {**_people(people), "made.statuses": list(outcomes), **_pieces(pieces)}
        return Observation(worst_status(outcomes), values)

    async def _solve(self, problem: Problem, model: Model) -> Observation:
        prompt = Template(SOLVE_PROMPT).substitute(problem=problem.text)
        status, told = await _asked(model, prompt, ("solution", "answer"), 0.0)
        if told is None:
            return Observation(status, {"solved": None})
        answer = str(told["answer"])
        is_right = same_answer(plain_answer(answer), plain_answer(problem.answer))
        return Observation(status, {"solved": is_right, "answer": answer, "wanted": problem.answer})

    async def _curate(self, cell: Cell, model: Model) -> tuple[list[Persona], list[Status]]:
        source = next(one for one in self.texts if one.hash == cell.factors["source"])
        attitude = str(cell.factors["attitude"])
        first = await persona_from_text(model, source.text, attitude=attitude, licence=source.licence)
        outcomes: list[Status] = [first.outcome if first.outcome != "rejected" else "unparsed"]
        if first.persona is None:
            return [], outcomes
        people = [first.persona]
        if self.settings.hops:
            turn = (int(source.hash[:8], 16) + ATTITUDES.index(attitude)) % len(RELATIONS)
            relations = (*RELATIONS[turn:], *RELATIONS[:turn])  # else every chain would begin with the family
            grown = await expand(model, people, hops=self.settings.hops, relations=relations)
            people += grown.people
            outcomes += [one for one, n in grown.counts.items() for _ in range(n) if one != "rejected"]
        return people, outcomes

    async def _write(self, lab: Lab, person: int, persona: str, key: str, form: str) -> Piece:
        kind = KINDS[key]
        prompt = kind.prompt(self.settings.item_prompt, form, persona, self.settings.topic, self.settings.world)
        status, value = await _asked(lab.model("subject"), prompt, kind.fields, self.settings.temperature)
        if value is None:
            return Piece(person, key, form, status, reason=status)
        text = kind.text_of(value)
        if fault := kind.fault(value, form):
            return Piece(person, key, form, status, text, fault)
        if key == "tool":
            prompt = Template(CODE_PROMPT).substitute(interface=text)
            status, told = await _asked(lab.model("subject"), prompt, ("code",), 0.0)
            if told is None:
                return Piece(person, key, form, status, text, status)
            code = str(told["code"])
            return Piece(person, key, form, status, text, code_fault(code, *functions_of(value)), code)
        if key == "math":
            prompt = Template(SOLVE_PROMPT).substitute(problem=text)
            solved = [
                await _asked(lab.model("solver"), prompt, ("solution", "answer"), self.settings.temperature, number)
                for number in range(2)
            ]
            told = solved[0][1]
            if told is None or not str(told["answer"]).strip():
                return Piece(person, key, form, solved[0][0], text, "unsolved")
            second = solved[1][1]
            agreed = None if second is None else same_answer(str(told["answer"]), str(second["answer"]))
            return Piece(person, key, form, status, text, "", json.dumps(told, ensure_ascii=False), agreed)
        return Piece(person, key, form, status, text)

    def measure(self, table: pl.DataFrame) -> list[Finding]:
        """Who and what is kept, and how different it is; see the findings of this package."""
        return measure_table(table, self.settings)


async def _asked(
    model: Model, prompt: str, fields: Sequence[str], temperature: float, replicate: int = 0
) -> tuple[Status, dict[str, Any] | None]:
    definition = {
        "type": "object",
        "properties": {name: {"type": "string"} for name in fields},
        "required": list(fields),
    }
    asked = Request.of(prompt, sampling=Sampling(temperature=temperature), replicate=replicate)
    request = Request(asked.messages, asked.sampling, Schema("piece", definition), (), replicate)
    found = await ask_structured(model, request)
    return found.status, found.value


def _given(path: Path, licence: str) -> tuple[Persona, ...]:
    return _given_at(path, licence, path.stat().st_mtime_ns)


@lru_cache(maxsize=4)
def _given_at(path: Path, licence: str, changed: int) -> tuple[Persona, ...]:
    people = [one.persona for one in read_personas(path, licence=licence)]
    return tuple({one.hash: one for one in people if one.description}.values())


def _factors(part: str, **known: str | int) -> dict[str, str | int]:
    return {"part": part, "source": "", "attitude": "", "kind": "", "form": "", "number": 0, **known}


def _people(people: Sequence[Persona]) -> dict[str, Value]:
    lineages: list[dict[str, Any]] = []
    for one in people:
        found = one.extensions.get(LINEAGE)
        lineages.append(dict(found) if isinstance(found, dict) else {})
    return {
        "persona.texts": [one.description for one in people],
        "persona.ids": [one.id for one in people],
        "persona.hops": [int(one.get("hop", 0)) for one in lineages],
        "persona.made_from": [str(one.get("source", "")) for one in lineages],
        "persona.relations": [str(one.get("relation", one.get("attitude", ""))) for one in lineages],
        "persona.licences": [one.provenance_of("description").licence for one in people],
    }


def _pieces(pieces: Sequence[Piece]) -> dict[str, Value]:
    return {
        "piece.person": [one.person for one in pieces],
        "piece.kind": [one.kind for one in pieces],
        "piece.form": [one.form for one in pieces],
        "piece.statuses": [one.status for one in pieces],
        "piece.text": [one.text for one in pieces],
        "piece.reason": [one.reason for one in pieces],
        "piece.more": [one.more for one in pieces],
        "piece.agreed": [one.agreed for one in pieces],
    }


def _words(text: str, known: Sequence[str], name: str) -> tuple[str, ...]:
    words = tuple(dict.fromkeys(word.strip() for word in text.split(",") if word.strip()))
    if strange := [word for word in words if word not in known]:
        raise InputError(f"{strange[0]!r} is not known", where=f"-P {name}", remedy=f"use {', '.join(known)}")
    if not words:
        raise InputError("names nothing", where=f"-P {name}", remedy=f"use {', '.join(known)}")
    return words
