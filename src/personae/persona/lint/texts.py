"""What the linter reads: every free text of a persona with its place, and the words it looks for."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Sequence
from functools import lru_cache
from importlib.resources import files
from typing import Any

from personae.persona.persona import Persona

TEXTS = ("name", "description", "life_context", "style", "appearance")
LISTS = ("goals", "beliefs", "knowledge")
FACETS = ("social_identity", "personal_identity")


def texts_of(persona: Persona) -> Iterator[tuple[str, str]]:
    """Every text that a prompt may show, with its place."""
    for name in TEXTS:
        yield f"/{name}", getattr(persona, name)
    for name in LISTS:
        for number, text in enumerate(getattr(persona, name)):
            yield f"/{name}/{number}", text
    for name in FACETS:
        for key, text in getattr(persona, name).items():
            yield f"/{name}/{key.replace('~', '~0').replace('/', '~1')}", text
    for number, ability in enumerate(persona.abilities):
        yield f"/abilities/{number}/ability", ability.ability
        yield f"/abilities/{number}/constraint", ability.constraint
    for number, memory in enumerate(persona.memories):
        yield f"/memories/{number}/text", memory.text


@lru_cache(maxsize=1)
def _lists() -> dict[str, Any]:
    return tomllib.loads((files("personae.persona.lint") / "words.toml").read_text(encoding="utf-8"))


@lru_cache(maxsize=16)
def phrases_of(kind: str) -> tuple[re.Pattern[str], str]:
    """A pattern of all phrases of a kind, and what to do about one."""
    listed = _lists()[kind]
    return _any_of(listed["phrases"], listed.get("exact", ())), str(listed["remedy"])


@lru_cache(maxsize=1)
def opposites() -> dict[str, tuple[re.Pattern[str], re.Pattern[str]]]:
    """Adjectives of the low and of the high end of traits."""
    return {key: (_any_of(low), _any_of(high)) for key, (low, high) in _lists()["opposites"].items()}


def _any_of(phrases: Sequence[str], exact: Sequence[str] = ()) -> re.Pattern[str]:
    longest_first = sorted(phrases, key=len, reverse=True)
    return re.compile(
        "|".join([*(f"(?-i:{_whole(one)})" for one in exact), *map(_whole, longest_first)]), re.IGNORECASE
    )


def _whole(phrase: str) -> str:
    """A phrase that is part of no longer word; marks such as ``</s>`` may stand beside letters."""
    first, last = ("(?<!\\w)" if phrase[0].isalnum() else ""), ("(?!\\w)" if phrase[-1].isalnum() else "")
    return f"{first}{re.escape(phrase)}{last}"
