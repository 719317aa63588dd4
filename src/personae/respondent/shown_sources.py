"""Sources that a prompt shows under numbers: answers that quote them, and abilities that are read out of them.

What rests on a source is known, so that a measure of support has its truth: the share ``grounding`` does, all else is
written as without sources, or made with a fault that can be told.
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from typing import Any

from personae.canonical import canonical_json
from personae.model import Request
from personae.respondent.writing import Length, write_text
from personae.text import rare_words, sentences

_HEADING = re.compile(r"\b(?:narratives?|sources?|passages?|documents?)\b[^\n]*:$", re.IGNORECASE)
_SOURCE = re.compile(r"^\[(\d{1,3})\] (?:[^:\n]{1,120}: )?(\S.*)$")
_CITES = re.compile(r"\bnumber in square brackets\b", re.IGNORECASE)
_HARD = re.compile(
    r"\b(?:hard|difficult|slow|los(?:e|t)|confus\w+|upset\w*|tire[sd]?|stops?|twice as long|mixed up|forget|too)\b"
)
_SUBJECT = re.compile(r"^(?:I|We|She|He|They|The two of them|Our \w+)\s+", re.IGNORECASE)
_PAIR = ("ability", "constraint", "source")
_SENTENCES = 3
_LONGEST = 300


def read_sources(text: str) -> tuple[str, ...]:
    r"""Sources that are listed under a heading of them, numbered from 1.

    Example:
        >>> read_sources("Narratives that you may draw on:\n[1] Bees: I sell honey.\n[2] I drive.\n\nSpeak.")
        ('I sell honey.', 'I drive.')
    """
    found: list[str] = []
    is_headed = False
    for line in text.splitlines():
        match = _SOURCE.match(line) if is_headed else None
        if match is not None and int(match[1]) == len(found) + 1:
            found.append(match[2])
        elif line.strip():
            if found:
                break
            is_headed = _HEADING.search(line.strip()) is not None
    return tuple(found)


def tell_sources(request: Request, traits: Mapping[str, float], grounding: float, rng: random.Random) -> str | None:
    """Answer from the sources of a prompt; ``None`` if it shows none, or asks for something else than telling.

    Args:
        request: A question under a system message with sources, or a schema of abilities with sources in the question.
        traits: Who answers, for what does not rest on a source.
        grounding: Share of sentences or abilities that rest on a source.
        rng: Source of all draws.
    """
    asked = next((one.content for one in reversed(request.messages) if one.role == "user"), "")
    if request.schema is not None:
        name = _pairs_of(request.schema.definition)
        sources = read_sources(asked) if name else ()
        if not sources:
            return None
        return canonical_json({name: _read_out(sources, traits, grounding, rng)}).decode()
    system = "\n".join(one.content for one in request.messages if one.role == "system")
    sources = read_sources(system)
    return _told(sources, asked, traits, grounding, rng, cites=_CITES.search(system) is not None) if sources else None


def _told(
    sources: Sequence[str],
    question: str,
    traits: Mapping[str, float],
    grounding: float,
    rng: random.Random,
    *,
    cites: bool,
) -> str:
    """Sentences of the source that shares most words with the question; each is a free one with 1 - ``grounding``."""
    asked = rare_words(question)
    fits = [len(asked & rare_words(one)) for one in sources]
    best = rng.choice([place for place, fit in enumerate(fits) if fit == max(fits)])
    said = []
    for line in sentences(sources[best])[:_SENTENCES]:
        if rng.random() < grounding:
            said.append(f"{line.rstrip('.')} [{best + 1}]." if cites else line)
        else:
            said.append(write_text(traits, Length(sentences=1), rng))
    return " ".join(said)


def _pairs_of(schema: Mapping[str, Any]) -> str:
    """The name under which a schema wants abilities with constraint and source; empty if it wants something else."""
    properties = schema.get("properties")
    for name, inner in properties.items() if isinstance(properties, Mapping) else ():
        items = inner.get("items") if isinstance(inner, Mapping) else None
        named = items.get("properties") if isinstance(items, Mapping) else None
        if isinstance(named, Mapping) and set(_PAIR) <= set(named):
            return str(name)
    return ""


def _read_out(
    sources: Sequence[str], traits: Mapping[str, float], grounding: float, rng: random.Random
) -> list[dict[str, Any]]:
    """What each source says before, in and after its first sentence about something hard."""
    found = []
    for number, source in enumerate(sources, start=1):
        lines = [line.rstrip(".") for line in sentences(source)]
        hard = next((place for place, line in enumerate(lines) if place and _HARD.search(line)), None)
        if hard is None:
            continue
        row: dict[str, Any] = {
            "ability": _SUBJECT.sub("", lines[0])[:_LONGEST],
            "constraint": lines[hard][:_LONGEST],
            "support": lines[hard + 1][:_LONGEST] if hard + 1 < len(lines) else "",
            "source": number,
        }
        if rng.random() >= grounding:
            free = write_text(traits, Length(sentences=1), rng)
            row |= rng.choice(({"constraint": ""}, {"ability": free}, {"constraint": free}))
        found.append(row)
    return found
