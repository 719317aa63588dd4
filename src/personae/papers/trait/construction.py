"""How TRAIT was made, as stages that run on any model: items, descriptions, situations, options, filter.

A validated questionnaire item is expanded into descriptions of behaviour; each is put into a situation (the authors
draw situations from ATOMIC10x, here the model writes one); a question with two options of each pole is written; a
filter keeps what is well formed and what an evaluator, who sees one option at a time, assigns to the poles it was
written for. What is rejected is counted by reason.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from string import Template

from personae.instrument import load_instrument
from personae.instrument.tasks.situations import TRAITS
from personae.instrument.tasks.task import Heard, read_word
from personae.model import Message, Model, ProviderError, Request, Sampling, Schema, ask_structured
from personae.papers.trait.prompts import EVALUATE_PROMPT, EXPAND_PROMPT, OPTIONS_PROMPT, SITUATE_PROMPT
from personae.persona import trait_title

REASONS = (
    "no_description",
    "no_situation",
    "no_options",
    "too_short",
    "same_options",
    "names_trait",
    "unlike_length",
    "wrong_pole",
)
"""Why something was rejected, in the order of the stages."""
SOURCES = ("bfi-44", "sd3")
"""Questionnaires of the validated items: 44 and 27."""

_LEAST_WORDS = 3
_MOST_RATIO = 3.0
_WARM = Sampling(temperature=0.8)
_STRING = {"type": "string"}


@dataclass(frozen=True, slots=True)
class Seed:
    """A validated item."""

    key: str
    trait: str
    level: str
    statement: str


@dataclass(frozen=True, slots=True)
class Built:
    """An item that passed every stage."""

    seed: Seed
    situation: str
    question: str
    high: tuple[str, str]
    low: tuple[str, str]


@dataclass(frozen=True, slots=True)
class Construction:
    """What one validated item came to."""

    built: tuple[Built, ...]
    rejected: Mapping[str, int]
    tried: int


def validated_items() -> Iterator[Seed]:
    """The items that a construction starts from, those of the two questionnaires that are in the library with texts."""
    from personae.instrument import list_instruments

    known = set(TRAITS.values())
    for key in SOURCES:
        if key not in list_instruments():
            continue
        form = load_instrument(key)
        if form.is_structure_only:
            continue
        for scale in form.broad_scales():
            if scale.trait not in known:
                continue
            for item, sign in form.keying(scale).items():
                text = f"{form.stem} {form.items[item]}".strip()
                level = "high" if sign * scale.direction > 0 else "low"
                yield Seed(f"{key}/{item}", scale.trait, level, text)


async def construct(seed: Seed, writer: Model, evaluator: Model, *, descriptions: int) -> Construction:
    """Run all stages on one validated item.

    Raises:
        ProviderError: If no call can succeed at all.
    """
    title = trait_title(seed.trait)
    words = {"trait": title, "statement": seed.statement, "level": seed.level, "count": descriptions}
    texts = await _list(writer, Template(EXPAND_PROMPT).substitute(words), "descriptions", descriptions)
    rejected = dict.fromkeys(REASONS, 0)
    rejected["no_description"] = max(0, descriptions - len(texts))
    built = []
    for number, text in enumerate(texts):
        made = await _fields(
            writer, Template(SITUATE_PROMPT).substitute(description=text), ("situation", "question"), number
        )
        if made is None:
            rejected["no_situation"] += 1
            continue
        prompt = Template(OPTIONS_PROMPT).substitute(made, trait=title)
        options = await _fields(writer, prompt, ("high1", "high2", "low1", "low2"), number)
        if options is None:
            rejected["no_options"] += 1
            continue
        item = Built(
            seed,
            made["situation"],
            made["question"],
            (options["high1"], options["high2"]),
            (options["low1"], options["low2"]),
        )
        reason = fault_of(item) or await _pole_fault(item, evaluator)
        if reason:
            rejected[reason] += 1
        else:
            built.append(item)
    return Construction(tuple(built), rejected, descriptions)


def fault_of(item: Built) -> str:
    """Why an item is not well formed; empty if it is.

    Example:
        >>> seed = Seed("1", "big_five.openness", "high", "I am curious.")
        >>> fault_of(Built(seed, "You are asked.", "And you?", ("I go there.", "I ask why."), ("I stay.", "I wait.")))
        'too_short'
    """
    options = [*item.high, *item.low]
    if min(len(option.split()) for option in options) < _LEAST_WORDS or len(item.situation.split()) < _LEAST_WORDS:
        return "too_short"
    if len({option.casefold().strip(" .") for option in options}) < len(options):
        return "same_options"
    title = trait_title(item.seed.trait)
    if any(re.search(rf"\b{re.escape(title)}", option, re.IGNORECASE) for option in options):
        return "names_trait"
    lengths = [sum(map(len, pair)) for pair in (item.high, item.low)]
    return "unlike_length" if max(lengths) > _MOST_RATIO * min(lengths) else ""


async def _pole_fault(item: Built, evaluator: Model) -> str:
    for option, wanted in [*((one, "high") for one in item.high), *((one, "low") for one in item.low)]:
        words = {"situation": item.situation, "question": item.question, "option": option}
        prompt = Template(EVALUATE_PROMPT).substitute(words, trait=trait_title(item.seed.trait))
        try:
            reply = await evaluator.generate(Request.of(prompt, sampling=Sampling(temperature=0.0)))
        except ProviderError as error:
            if error.is_hopeless:
                raise
            return "wrong_pole"
        said, _ = read_word(Heard(reply.text, "ok"), ("high", "low"))
        if said != wanted:
            return "wrong_pole"
    return ""


async def _list(model: Model, prompt: str, name: str, count: int) -> list[str]:
    schema = Schema(
        name,
        {
            "type": "object",
            "properties": {name: {"type": "array", "items": _STRING, "minItems": count, "maxItems": count}},
            "required": [name],
            "additionalProperties": False,
        },
    )
    found = await ask_structured(model, Request((Message("user", prompt),), _WARM, schema=schema))
    values = found.value.get(name) if found.value else None
    texts = [str(value).strip() for value in values if str(value).strip()] if isinstance(values, list) else []
    return list(dict.fromkeys(texts))[:count]


async def _fields(model: Model, prompt: str, names: Sequence[str], number: int) -> dict[str, str] | None:
    schema = Schema(
        "item",
        {
            "type": "object",
            "properties": dict.fromkeys(names, _STRING),
            "required": list(names),
            "additionalProperties": False,
        },
    )
    request = Request((Message("user", prompt),), _WARM, schema=schema, replicate=number)
    found = await ask_structured(model, request)
    if not found.value:
        return None
    texts = {name: str(found.value.get(name) or "").strip() for name in names}
    return texts if all(texts.values()) else None
