"""People written by a model: from a brief with fields that must survive, from texts, from other people, from behaviour.

A model that is asked for David may return Eleanor. What was bound is compared byte for byte with what came back; who
differs is rejected and counted, never mended.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from string import Template
from typing import Any, Literal

import orjson

from personae.canonical import content_hash
from personae.errors import InputError
from personae.model import Model, Request, Sampling, Schema, Status
from personae.model.structured import Structured, ask_structured
from personae.persona import BIG_FIVE, Persona, Provenance, trait_title, z_of_level
from personae.population.fields import REST, check_column, column_type, persona_of, row_of

Outcome = Status | Literal["rejected"]
"""How writing one person ended; ``rejected``: a bound field came back changed."""

WRITE_PROMPT = """\
Write one person for this purpose: $about

These facts are fixed. Copy each of them exactly as it stands, letter for letter:
$bound

Write these fields yourself, in agreement with the facts: $wanted

Answer with one JSON object whose keys are the names of all fields."""

TEXT_PROMPT = """\
Who would be likely to $attitude the following text? Describe that person in one or two sentences, as concretely as the
text allows: occupation, interests, situation. Do not name the text.

\"\"\"
$text
\"\"\"

Answer with one JSON object: {"persona": "..."}."""

RELATIVE_PROMPT = """\
Here is a person:

$persona

Describe somebody else who is close to this person: $relation. One or two sentences, as concrete as possible, about that
other person alone.

Answer with one JSON object: {"persona": "..."}."""

INDUCE_PROMPT = """\
Here is what one person wrote, preferred or did:

\"\"\"
$texts
\"\"\"

Describe this person in two or three sentences, and rate each trait from 1 (extremely low) to 9 (extremely high), 5 if
there is nothing to go by. Give for evidence short passages copied letter for letter from what is above.

Answer with one JSON object with the keys description, evidence, $traits."""

ATTITUDES = ("read", "write", "like", "dislike")
"""What somebody may do with a text (Ge et al., 2024)."""

RELATIONS = (
    "a member of the family",
    "a close friend",
    "a colleague",
    "somebody whom this person helps or serves",
    "somebody who depends on this person's work",
    "a neighbour",
)
LINEAGE = "lineage"
"""Key under ``extensions`` that says what a person was made from."""


@dataclass(frozen=True, slots=True)
class WrittenPerson:
    """What came of writing one person."""

    outcome: Outcome
    persona: Persona | None = None
    changed: tuple[str, ...] = ()
    """Bound fields that came back changed."""
    detail: str = ""
    text: str = ""
    """The reply, if it could not be used."""


@dataclass(frozen=True, slots=True)
class WrittenPeople:
    """What came of writing several: the counts sum to the number asked for."""

    people: tuple[Persona, ...]
    counts: Mapping[Outcome, int]
    changed: Mapping[str, int] = field(default_factory=dict)
    """How often each bound field came back changed."""

    @property
    def asked(self) -> int:
        """How many were asked for."""
        return sum(self.counts.values())


async def write_person(
    model: Model,
    bound: Persona,
    *,
    about: str,
    wanted: Sequence[str] = ("description", "life_context", "goals"),
    prompt: str = WRITE_PROMPT,
    replicate: int = 0,
    temperature: float = 1.0,
) -> WrittenPerson:
    """Let a model write a person around facts that must survive byte for byte.

    Args:
        model: Who writes.
        bound: The facts: every field that it has is bound.
        about: What the person is for.
        wanted: Fields that the model writes.
        prompt: Template with ``$about``, ``$bound`` and ``$wanted``.
        replicate: Tells several people of the same facts apart.
        temperature: Of the model.

    Returns:
        The person, each field with its source; or why there is none. A person of whom any bound field came back changed
        is ``rejected``.

    Raises:
        InputError: If a wanted field is none, or is bound.
        ProviderError: If every call would fail alike.
    """
    facts = {name: value for name, value in row_of(bound).items() if name not in ("id", REST)}
    for name in wanted:
        check_column(name, where="wanted")
        if name in facts:
            raise InputError("is bound and wanted both", where=name, remedy="leave it out of one")
    shown = "\n".join(f"{name}: {orjson.dumps(value).decode()}" for name, value in facts.items())
    words = {"about": about, "bound": shown or "(none)", "wanted": ", ".join(wanted)}
    properties: dict[str, Any] = {name: {"const": value} for name, value in facts.items()}
    properties |= {name: _wanted_schema(name) for name in wanted}
    found = await _ask(model, Template(prompt).safe_substitute(words), properties, replicate, temperature)
    if found.value is None:
        return WrittenPerson(found.status, detail=found.detail, text=found.text)
    changed = tuple(name for name, value in facts.items() if _bytes(found.value.get(name)) != _bytes(value))
    if changed:
        return WrittenPerson("rejected", None, changed, f"changed {', '.join(changed)}", found.text)
    row = {name: found.value[name] for name in wanted if found.value.get(name) not in (None, "", [])}
    source = Provenance(origin="written", by=model.name)
    try:
        written = persona_of(row)
    except InputError as error:
        return WrittenPerson("unparsed", detail=str(error), text=found.text)
    data = {**bound.model_dump(), "id": ""}
    for key, value in written.model_dump(exclude_defaults=True).items():
        if key != "id":
            data[key] = {**data[key], **value} if isinstance(data[key], dict) else value
    data["provenance"] = {**{path: one.model_dump() for path, one in bound.provenance.items()}}
    data["provenance"] |= {name: source.model_dump() for name in row}
    return WrittenPerson(found.status, Persona.model_validate(data))


async def persona_from_text(
    model: Model, text: str, *, attitude: str = "read", prompt: str = TEXT_PROMPT, replicate: int = 0, licence: str = ""
) -> WrittenPerson:
    """Text-to-persona: who would read, write, like or dislike this text? (Persona Hub; Ge et al., 2024).

    The person carries the hash of the text as lineage, and not the text.
    """
    words = {"text": text, "attitude": attitude}
    lineage = {"kind": "text", "source": content_hash(text), "attitude": attitude, "hop": 0}
    return await _described(model, Template(prompt).safe_substitute(words), lineage, replicate, licence)


async def related_persona(
    model: Model,
    persona: Persona,
    *,
    relation: str = RELATIONS[0],
    prompt: str = RELATIVE_PROMPT,
    replicate: int = 0,
) -> WrittenPerson:
    """Persona-to-persona: somebody who is related to a person (Persona Hub; Ge et al., 2024).

    The new person carries who it was made from, by what relation, and how many steps from the first text.
    """
    before = persona.extensions.get(LINEAGE)
    said = before.get("hop", 0) if isinstance(before, dict) else 0
    hop = said if isinstance(said, int) else 0
    lineage = {"kind": "persona", "source": persona.id, "relation": relation, "hop": hop + 1}
    words = {"persona": persona.description, "relation": relation}
    licence = persona.provenance_of("description").licence
    return await _described(model, Template(prompt).safe_substitute(words), lineage, replicate, licence)


async def induce_persona(
    model: Model,
    texts: Sequence[str],
    *,
    traits: Sequence[str] = BIG_FIVE,
    prompt: str = INDUCE_PROMPT,
    consent: str = "",
    id: str = "",
    replicate: int = 0,
) -> WrittenPerson:
    """A person from what somebody wrote, preferred or did, with evidence that stands in it letter for letter.

    Passages that do not stand in the texts are thrown away; confidence is the share that does, and somebody without any
    is ``rejected``.

    Args:
        model: Who reads.
        texts: What was written, preferred or done, one entry each.
        traits: Traits that are rated.
        prompt: Template with ``$texts`` and ``$traits``.
        consent: What the person agreed to.
        id: Of the person; made from the content if not given.
        replicate: Tells several readings apart.

    Raises:
        InputError: If there are no texts.
    """
    if not any(text.strip() for text in texts):
        raise InputError("says nothing", where="texts", remedy="give at least one text")
    names = {key: trait_title(key).replace(" ", "_") for key in traits}
    shown = "\n\n".join(f"[{number}] {text}" for number, text in enumerate(texts, start=1))
    properties: dict[str, Any] = {
        "description": {"type": "string"},
        "evidence": {"type": "array", "items": {"type": "string"}},
        **{name: {"type": "integer", "minimum": 1, "maximum": 9} for name in names.values()},
    }
    words = {"texts": shown, "traits": ", ".join(names.values())}
    found = await _ask(model, Template(prompt).safe_substitute(words), properties, replicate, 0.0)
    if found.value is None:
        return WrittenPerson(found.status, detail=found.detail, text=found.text)
    quoted = [one for one in found.value["evidence"] if isinstance(one, str) and one.strip()]
    held = [one for one in quoted if any(one in text for text in texts)]
    if not held:
        return WrittenPerson(
            "rejected", None, ("evidence",), f"none of {len(quoted)} passages is in the texts", found.text
        )
    source = Provenance(origin="inferred", by=model.name, confidence=len(held) / len(quoted), consent=consent)
    persona = Persona(
        id=id,
        description=str(found.value["description"]),
        traits={key: z_of_level(int(found.value[name])) for key, name in names.items()},
        provenance={"*": source},
        extensions={LINEAGE: {"kind": "behaviour", "source": content_hash(list(texts)), "evidence": [*held]}},
    )
    return WrittenPerson(found.status, persona)


async def write_many(tasks: Sequence[Callable[[], Awaitable[WrittenPerson]]], *, at_once: int = 16) -> WrittenPeople:
    """Write several people, some at once, and count how each ended.

    Example:
        >>> from personae.model import ScriptedModel
        >>> model = ScriptedModel(lambda _: '{"persona": "A gardener who keeps bees."}')
        >>> people = asyncio.run(write_many([lambda: persona_from_text(model, "On bees.")]))
        >>> people.people[0].description, dict(people.counts)
        ('A gardener who keeps bees.', {'ok': 1})
    """
    turns = asyncio.Semaphore(at_once)

    async def one(task: Callable[[], Awaitable[WrittenPerson]]) -> WrittenPerson:
        async with turns:
            return await task()

    done = await asyncio.gather(*map(one, tasks))
    return WrittenPeople(
        tuple(person.persona for person in done if person.persona is not None),
        Counter(person.outcome for person in done),
        Counter(name for person in done for name in person.changed),
    )


async def expand(
    model: Model, seeds: Sequence[Persona], *, hops: int = 6, relations: Sequence[str] = RELATIONS, at_once: int = 16
) -> WrittenPeople:
    """Grow people from people: each hop asks, of everybody new, for one relative; six hops as Persona Hub has it.

    Raises:
        InputError: If there are no hops.
    """
    if hops < 1:
        raise InputError(f"{hops} hops lead nowhere", where="expand", remedy="give 1 or more")
    people: list[Persona] = []
    counts: Counter[Outcome] = Counter()
    newest = list(seeds)
    for hop in range(hops):
        tasks = [
            _relative(model, person, relations[(hop + place) % len(relations)]) for place, person in enumerate(newest)
        ]
        grown = await write_many(tasks, at_once=at_once)
        counts.update(grown.counts)
        newest = list(grown.people)
        people += newest
    return WrittenPeople(tuple(people), counts)


def _relative(model: Model, person: Persona, relation: str) -> Callable[[], Awaitable[WrittenPerson]]:
    return lambda: related_persona(model, person, relation=relation)


async def _described(model: Model, prompt: str, lineage: dict[str, Any], replicate: int, licence: str) -> WrittenPerson:
    found = await _ask(model, prompt, {"persona": {"type": "string"}}, replicate, 1.0)
    if found.value is None:
        return WrittenPerson(found.status, detail=found.detail, text=found.text)
    text = " ".join(str(found.value["persona"]).split())
    if not text:
        return WrittenPerson("empty", detail="the persona is empty", text=found.text)
    source = Provenance(origin="written", by=model.name, licence=licence)
    persona = Persona(description=text, provenance={"description": source}, extensions={LINEAGE: lineage})
    return WrittenPerson(found.status, persona)


async def _ask(
    model: Model, prompt: str, properties: Mapping[str, Any], replicate: int, temperature: float
) -> Structured:
    schema = Schema("person", {"type": "object", "properties": dict(properties), "required": list(properties)})
    asked = Request.of(prompt, sampling=Sampling(temperature=temperature), replicate=replicate)
    return await ask_structured(model, Request(asked.messages, asked.sampling, schema, (), replicate))


def _wanted_schema(name: str) -> dict[str, Any]:
    kind = column_type(name)
    if kind.is_nested():
        return {"type": "array", "items": {"type": "string"}}
    return {"type": "integer" if kind.is_integer() else "number" if kind.is_numeric() else "string"}


def _bytes(value: Any) -> bytes:
    return orjson.dumps(value)
