"""Abilities with their constraints, derived from narratives; a half pair, or one that nobody told, is turned away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from string import Template
from typing import Any

from personae.model import Message, Model, Request, Sampling, Schema, Status, ask_structured
from personae.papers.persona_l.corpus import AbilityPair, Narrative, support_of
from personae.papers.persona_l.profiles import Profile
from personae.persona import Ability, Demographics, Memory, Persona, Provenance, lint_persona

OF_SEVERAL = "abilities and memories are of the narratives that are named, and of no one person"
_TEXT = {"type": "string", "maxLength": 300}


def abilities_schema(sources: int) -> Schema:
    """The JSON schema of an answer about some narratives."""
    return Schema("abilities", _definition(sources))


def _definition(sources: int) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {
            "abilities": {
                "type": "array",
                "maxItems": 20,
                "items": {
                    "type": "object",
                    "properties": {
                        "ability": _TEXT,
                        "constraint": _TEXT,
                        "support": _TEXT,
                        "source": {"type": "integer", "minimum": 1, "maximum": sources},
                    },
                    "required": ["ability", "constraint", "support", "source"],
                    "additionalProperties": False,
                },
            }
        },
        "required": ["abilities"],
        "additionalProperties": False,
    }


ACCEPTED = "accepted"
FAULTS = ("malformed", "no_constraint", "limit_as_ability", "no_such_source", "not_told")
"""Why a pair is turned away: what it lacks, or that the source it names does not tell of it."""
_LINT = {"P404": "limit_as_ability", "P405": "no_constraint"}


@dataclass(frozen=True, slots=True)
class Derived:
    """Pairs that were taken, where each came from, and what became of each that was proposed."""

    pairs: tuple[AbilityPair, ...] = ()
    sources: tuple[Narrative, ...] = ()
    verdicts: tuple[str, ...] = ()
    status: Status = "ok"


async def derive(
    model: Model, template: str, profile: str, theme: str, sources: Sequence[Narrative], most: int
) -> Derived:
    """Have a model derive abilities from narratives, and check each of them."""
    words = {"theme": theme, "sources": numbered(sources), "most": most, "profile": profile}
    request = Request(
        (Message("user", Template(template).safe_substitute(words)),),
        Sampling(temperature=0.0),
        abilities_schema(len(sources)),
    )
    found = await ask_structured(model, request)
    if found.value is None:
        return Derived(status=found.status)
    rows = found.value.get("abilities")
    if not isinstance(rows, list):
        return Derived(status="unparsed")
    pairs, taken, verdicts = [], [], []
    for row in rows[:most]:
        verdict, pair, source = judge_pair(row, sources)
        verdicts.append(verdict)
        if verdict == ACCEPTED and pair is not None and source is not None and pair not in pairs:
            pairs.append(pair)
            taken.append(source)
    return Derived(tuple(pairs), tuple(taken), tuple(verdicts), found.status)


def annotated(sources: Sequence[Narrative], most: int) -> Derived:
    """The pairs that people have read out of narratives, one of each narrative in turn."""
    rounds = max((len(one.pairs) for one in sources), default=0)
    found = [(one.pairs[place], one) for place in range(rounds) for one in sources if place < len(one.pairs)][:most]
    return Derived(tuple(pair for pair, _ in found), tuple(one for _, one in found))


def judge_pair(row: Any, sources: Sequence[Narrative]) -> tuple[str, AbilityPair | None, Narrative | None]:
    """What is to be said of one proposed pair: ``accepted``, or the first of :data:`FAULTS`.

    Ability and constraint must both be found in the narrative that is named, so that one is not joined with the
    hindrance of somebody else.

    Example:
        >>> bees = Narrative(key="a", theme="work", text="I sell honey at the market. Heavy boxes hurt my back.")
        >>> row = {"ability": "sell honey at the market", "constraint": "heavy boxes hurt", "source": 1}
        >>> judge_pair(row, [bees])[0], judge_pair({**row, "constraint": ""}, [bees])[0]
        ('accepted', 'no_constraint')
        >>> judge_pair({**row, "ability": "fly a plane at night"}, [bees])[0]
        'not_told'
    """
    if not isinstance(row, Mapping):
        return "malformed", None, None
    ability, constraint, support = (
        " ".join(str(row.get(name) or "").split()) for name in ("ability", "constraint", "support")
    )
    if not ability:
        return "malformed", None, None
    hits = lint_persona(Persona(abilities=(Ability(ability=ability, constraint=constraint),)))
    for code, fault in _LINT.items():
        if any(hit.code == code for hit in hits):
            return fault, None, None
    place = row.get("source")
    if isinstance(place, bool) or not isinstance(place, int) or not 1 <= place <= len(sources):
        return "no_such_source", None, None
    source = sources[place - 1]
    texts = [one.text for one in sources]
    if not all(_is_told(part, place - 1, texts) for part in (ability, constraint)):
        return "not_told", None, None
    return ACCEPTED, AbilityPair(ability=ability, constraint=constraint, support=support), source


def persona_of(
    profile: Profile, derived: Derived, sources: Sequence[Narrative], id: str, *, by: str = "people"
) -> Persona:
    """The persona of a profile, derived pairs and the narratives that it may draw on, each with its terms.

    The support stands with the constraint that it is for. Where narratives are memories, the studio shows them beside
    the sentences that they support, and exports respect their consent and licence.
    """
    abilities = tuple(
        Ability(
            ability=one.ability,
            constraint=f"{one.constraint} (what helps: {one.support})" if one.support else one.constraint,
        )
        for one in derived.pairs
    )
    provenance = {
        f"abilities.{number}": source.terms.model_copy(
            update={"origin": "inferred", "note": f"read out of the narrative by {by}"}
        )
        for number, source in enumerate(derived.sources)
    }
    provenance |= {f"memories.{number}": source.terms for number, source in enumerate(sources)}
    return Persona(
        id=id,
        name=profile.name,
        demographics=Demographics(age=profile.age, residence=profile.residence, occupation=profile.work),
        life_context=f"Lives {profile.living}.",
        abilities=abilities,
        memories=tuple(Memory(text=one.text) for one in sources),
        provenance={"*": Provenance(by=profile.source, note=OF_SEVERAL), **provenance},
    )


def numbered(sources: Sequence[Narrative]) -> str:
    """Narratives as a model reads them, each under its number."""
    texts = (" ".join(f"{one.title or one.key}: {one.text}".split()) for one in sources)
    return "\n".join(f"[{number}] {text}" for number, text in enumerate(texts, start=1))


def _is_told(part: str, place: int, texts: Sequence[str]) -> bool:
    return support_of(part, [texts[place]], least=1).is_close
