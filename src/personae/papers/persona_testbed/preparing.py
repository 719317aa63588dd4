"""Making the people before anything is asked: what no census asks is written by a model, and who cannot be is refused.

A place is filled by the first candidate whom rules, the writing and the judge let pass, so that as many people come out
as were wanted; who did not pass is counted, and why.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from string import Template
from typing import Any

from personae.model import Model, Request, Sampling, Schema, Status, ask_structured
from personae.papers.persona_testbed.people import is_contradictory
from personae.papers.persona_testbed.profile import shown
from personae.persona import Persona
from personae.population.writing import write_person

RULES, WRITING, JUDGE = "rules", "writing", "judge"
REASONS = (RULES, WRITING, JUDGE)
"""Why a candidate is refused: a contradiction, census fields that came back changed, or the judge."""
WRITTEN = (
    "demographics.politics",
    "demographics.religion",
    "social_identity.ideology",
    "personal_identity.quirk",
    "personal_identity.mannerisms",
    "personal_identity.personal_time",
    "personal_identity.way_of_life",
)
"""Attributes that the model writes, given the census row and the Big Five."""
ABOUT = "somebody who asks an assistant for advice; what you add has to be likely for these facts, and never a cliché"


@dataclass(frozen=True, slots=True)
class Filled:
    """Who took a place, if anybody, and who was refused."""

    persona: Persona | None
    refused: Mapping[str, int]
    detail: str = ""
    statuses: tuple[Status, ...] = field(default_factory=tuple)


async def fill_place(
    candidates: Iterable[Persona], writer: Model | None, judge: Model, check_prompt: str, temperature: float
) -> Filled:
    """Take the first candidate who passes.

    Args:
        candidates: Who may take the place, one after the other.
        writer: Who writes what no census asks; if nobody, it stays as it was drawn.
        judge: Who says whether a person could exist.
        check_prompt: Template with ``$profile``.
        temperature: Of the writer.

    Raises:
        ProviderError: If every call would fail alike.
    """
    refused = dict.fromkeys(REASONS, 0)
    statuses: list[Status] = []
    detail = "no candidate is left"
    for number, candidate in enumerate(candidates):
        person = candidate
        if writer is not None:
            written = await write_person(
                writer, _bound(candidate), about=ABOUT, wanted=WRITTEN, replicate=number, temperature=temperature
            )
            if written.persona is None:
                refused[WRITING] += 1
                detail = written.detail or str(written.outcome)
                continue
            person = written.persona.model_copy(update={"id": candidate.id})
        if is_contradictory(person):
            refused[RULES] += 1
            continue
        status, is_fine = await is_consistent(person, judge, check_prompt)
        statuses.append(status)
        if is_fine:
            return Filled(person, refused, "", tuple(statuses))
        refused[JUDGE] += 1
    return Filled(None, refused, detail, tuple(statuses))


async def is_consistent(person: Persona, judge: Model, prompt: str) -> tuple[Status, bool | None]:
    """What the judge says of a person; nothing if the answer cannot be read."""
    schema = one_of("consistent", "consistent", "contradictory")
    found = await ask_structured(judge, request_for(Template(prompt).safe_substitute(profile=shown(person)), schema))
    return found.status, None if found.value is None else found.value["consistent"] == "consistent"


async def is_contested(question: str, judge: Model, prompt: str) -> tuple[Status, bool | None]:
    """Whether people of different views would want different answers to a request."""
    schema = one_of("kind", "contested", "plain")
    found = await ask_structured(judge, request_for(Template(prompt).safe_substitute(request=question), schema))
    return found.status, None if found.value is None else found.value["kind"] == "contested"


def one_of(name: str, *words: str, **before: Mapping[str, Any]) -> Schema:
    """A schema that asks for one of some words, after other fields if there are any."""
    return answer_schema({**before, name: {"type": "string", "enum": [*words]}})


def answer_schema(fields: Mapping[str, Any]) -> Schema:
    """A schema of these fields, all of which are needed."""
    return Schema(
        "answer",
        {"type": "object", "properties": {**fields}, "required": [*fields], "additionalProperties": False},
    )


def request_for(prompt: str, schema: Schema, temperature: float = 0.0, replicate: int = 0) -> Request:
    """A request with a schema."""
    asked = Request.of(prompt, sampling=Sampling(temperature=temperature), replicate=replicate)
    return replace(asked, schema=schema)


def _bound(person: Persona) -> Persona:
    """The census row and the Big Five, without what is to be written; two decimals can be copied letter for letter."""
    return person.model_copy(
        update={
            "demographics": person.demographics.model_copy(update={"politics": "", "religion": ""}),
            "traits": {key: round(z, 2) + 0.0 for key, z in person.traits.items()},
            "personal_identity": {},
            "provenance": {path: one for path, one in person.provenance.items() if path not in WRITTEN},
        }
    )


def merged(refused: Sequence[Mapping[str, int]]) -> dict[str, int]:
    """Counts of all places together."""
    return {reason: sum(one.get(reason, 0) for one in refused) for reason in REASONS}
