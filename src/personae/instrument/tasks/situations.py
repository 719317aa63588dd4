"""Situations with four ways to act, two of somebody high in a trait and two of somebody low (as in TRAIT [74])."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

from personae.errors import InputError
from personae.instrument.tasks.stimuli import Stimuli, load_stimuli

TRAITS = {
    "openness": "big_five.openness",
    "conscientiousness": "big_five.conscientiousness",
    "extraversion": "big_five.extraversion",
    "agreeableness": "big_five.agreeableness",
    "neuroticism": "big_five.neuroticism",
    "machiavellianism": "dark_triad.machiavellianism",
    "narcissism": "dark_triad.narcissism",
    "psychopathy": "dark_triad.psychopathy",
}
"""The eight traits of TRAIT, by the names that personas use."""


class Situation(BaseModel):
    """One situation."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    key: str
    trait: str
    situation: str
    question: str
    high: tuple[str, str]
    low: tuple[str, str]
    paraphrase: str = ""
    """Situation and question in other words; empty if there is none."""

    @model_validator(mode="after")
    def _acts_differ(self) -> Situation:
        if len({*self.high, *self.low}) < 4:
            raise ValueError("two of the four options are the same")
        return self


class SituationStimuli(Stimuli):
    """A file of situations."""

    situations: tuple[Situation, ...] = Field(min_length=1)


def situation_stimuli(name: str | Path = "situations") -> SituationStimuli:
    """The situations of the library, or of a file: TOML of ours, or JSON in the layout of TRAIT."""
    if str(name).endswith((".json", ".jsonl")):
        return read_trait_json(Path(name))
    return load_stimuli(name, SituationStimuli)


def read_trait_json(path: Path) -> SituationStimuli:
    """Read the public layout of TRAIT: a list of objects, or one object a line.

    Keys are ``personality, situation, query, response_high1, response_high2, response_low1, response_low2`` and, if
    there are paraphrases, ``paraphrased_situation, paraphrased_query``; ``question`` is taken for ``query``. Further
    keys, such as stored likelihoods, are left alone.

    Raises:
        InputError: If the file cannot be read or lacks a key; the message names the place.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            f"cannot be read ({type(error).__name__})", where=str(path), remedy="give a JSON file in UTF-8"
        ) from error
    try:
        rows: Any = (
            json.loads(text)
            if text.lstrip().startswith("[")
            else [json.loads(line) for line in text.splitlines() if line.strip()]
        )
    except json.JSONDecodeError as error:
        raise InputError(
            f"is not JSON: {error}", where=str(path), remedy="give the file as it was published"
        ) from error
    situations = tuple(_situation(row, f"{path}: {number}") for number, row in enumerate(rows, start=1))
    if not situations:
        raise InputError("holds no situation", where=str(path), remedy="give the file as it was published")
    return SituationStimuli(
        key="trait",
        version="user",
        title=path.name,
        source=str(path.name),
        licence="as published",
        origin="user",
        situations=situations,
    )


def _situation(row: Any, where: str) -> Situation:
    wanted = ("personality", "situation", "response_high1", "response_high2", "response_low1", "response_low2")
    lacking = [name for name in wanted if not isinstance(row, dict) or not str(row.get(name) or "").strip()]
    if lacking:
        raise InputError(f"lacks {', '.join(lacking)}", where=where, remedy=f"every item has {', '.join(wanted)}")
    trait = TRAITS.get(str(row["personality"]).strip().casefold())
    if trait is None:
        raise InputError(
            f"{row['personality']!r} is none of the eight traits", where=where, remedy=f"known are {', '.join(TRAITS)}"
        )
    again = [str(row.get(name) or "").strip() for name in ("paraphrased_situation", "paraphrased_query")]
    acts = [str(row[name]).strip() for name in wanted[2:]]
    if len(set(acts)) < len(acts):
        raise InputError("two of the four options are the same", where=where, remedy="leave the item out")
    return Situation(
        key=str(row.get("idx") or row.get("id") or where.rpartition(" ")[2]),
        trait=trait,
        situation=str(row["situation"]).strip(),
        question=str(row.get("query") or row.get("question") or "").strip(),
        high=(acts[0], acts[1]),
        low=(acts[2], acts[3]),
        paraphrase=" ".join(again).strip() if again[0] else "",
    )
