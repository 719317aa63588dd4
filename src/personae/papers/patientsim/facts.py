"""Are the patient's words true to the case? Of each sentence: what it is, what it speaks about, whether it holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from string import Template
from typing import Any

from personae.model import Message, Model, Request, Sampling, Schema, Status, ask_structured
from personae.papers.patientsim.consultation import Exchange, sentences
from personae.papers.patientsim.profiles import Profile
from personae.papers.patientsim.prompts import FIELD_PROMPT, HOLDS_PROMPT, KIND_PROMPT

KINDS = ("information", "question", "feeling", "other")
SUPPORTED, CONTRADICTED, UNSTATED = "supported", "contradicted", "unstated"
VERDICTS = (SUPPORTED, CONTRADICTED, UNSTATED)
NOWHERE = "none"
_PLAUSIBLE, _ADDS = "_plausible", "_adds"


@dataclass(frozen=True, slots=True)
class Checked:
    """One sentence of a patient; what was not asked or could not be read is ``None``."""

    kind: str | None
    about: tuple[str, ...] | None = None
    """The parts of the case that it speaks about."""
    verdict: str | None = None
    adds: bool | None = None
    """Whether it tells a detail that the case does not state, beside what is supported or contradicted."""
    plausible: int | None = None
    """From 1 to 4; of what the case does not state."""
    elsewhere: str | None = None
    """The verdict by the case of somebody else: a control of the judge."""


async def check_exchange(
    judge: Model, exchange: Exchange, profile: Profile, other: Profile | None = None
) -> tuple[list[Checked], list[Status]]:
    """Check one answer; the three questions build on each other, and only sentences that give information go on.

    Args:
        judge: Who is asked.
        exchange: A question and its answer.
        profile: The patient's case.
        other: Somebody else's, by which the same sentences are judged once more.
    """
    said = {f"s{number}": one for number, one in enumerate(sentences(exchange.answer), start=1)}
    if not said:
        return [], []
    statuses: list[Status] = []
    kinds = await _ask(judge, KIND_PROMPT, exchange, said, {mark: {"enum": list(KINDS)} for mark in said}, {}, statuses)
    telling = {mark: one for mark, one in said.items() if kinds.get(mark) == "information"}
    fields: Mapping[str, Any] = {}
    holds: Mapping[str, Any] = {}
    elsewhere: Mapping[str, Any] = {}
    if telling:
        named = [*profile.told, NOWHERE]
        words = {"fields": ", ".join(profile.told)}
        rules: dict[str, Any] = {
            mark: {"type": "array", "items": {"enum": named}, "minItems": 1, "maxItems": len(named)} for mark in telling
        }
        fields = await _ask(judge, FIELD_PROMPT, exchange, telling, rules, words, statuses)
        rules = {mark: {"enum": list(VERDICTS)} for mark in telling}
        rules |= {f"{mark}{_ADDS}": {"type": "boolean"} for mark in telling}
        rules |= {f"{mark}{_PLAUSIBLE}": {"type": "integer", "minimum": 1, "maximum": 4} for mark in telling}
        holds = await _ask(judge, HOLDS_PROMPT, exchange, telling, rules, {"profile": profile.shown()}, statuses)
        if other is not None:
            elsewhere = await _ask(judge, HOLDS_PROMPT, exchange, telling, rules, {"profile": other.shown()}, statuses)
    checked = []
    for mark in said:
        verdict = holds.get(mark)
        # What the case does not state is new by itself.
        adds = None if verdict is None else verdict == UNSTATED or bool(holds.get(f"{mark}{_ADDS}"))
        plausible = holds.get(f"{mark}{_PLAUSIBLE}") if adds else None
        about = fields.get(mark)
        checked.append(
            Checked(
                kinds.get(mark),
                None if about is None else tuple(dict.fromkeys(about)),
                verdict,
                adds,
                None if plausible is None else int(plausible),
                elsewhere.get(mark),
            )
        )
    return checked, statuses


async def _ask(
    judge: Model,
    prompt: str,
    exchange: Exchange,
    said: Mapping[str, str],
    rules: Mapping[str, Any],
    words: Mapping[str, str],
    statuses: list[Status],
) -> Mapping[str, Any]:
    shown = "\n".join(f"{mark}: {one}" for mark, one in said.items())
    text = Template(prompt).substitute({**words, "question": exchange.question, "sentences": shown})
    schema = Schema(
        "sentences",
        {"type": "object", "properties": dict(rules), "required": list(rules), "additionalProperties": False},
    )
    found = await ask_structured(judge, Request((Message("user", text),), Sampling(temperature=0.0), schema=schema))
    statuses.append(found.status)
    return found.value or {}


def columns_of(checked: Sequence[Checked]) -> dict[str, list[Any]]:
    """The sentences of a consultation as columns of its row."""
    return {
        "facts.kind": [one.kind for one in checked],
        "facts.about": [None if one.about is None else list(one.about) for one in checked],
        "facts.verdict": [one.verdict for one in checked],
        "facts.adds": [one.adds for one in checked],
        "facts.plausible": [one.plausible for one in checked],
        "facts.elsewhere": [one.elsewhere for one in checked],
    }
