"""Questions of surveys that are no response scale: a number, or any of several options.

Nothing is known of what such a question is about, so that numbers are drawn around the middle of the range that is
asked for, unless it asks for the age that the prompt gives; options are chosen as far as they sound like the person.
"""

from __future__ import annotations

import math
import random
import re
from collections.abc import Mapping, Sequence

from personae.respondent.lexicon_file import trait_lexicon
from personae.respondent.listing import lines_of, runs_of

_NUMBER = re.compile(
    r"^Answer with a (?P<whole>whole )?number(?: from (?P<least>-?[\d.]+) to (?P<most>-?[\d.]*\d))?"
    r"(?: of at least (?P<bottom>-?[\d.]*\d))?(?: of at most (?P<top>-?[\d.]*\d))?\.",
    re.MULTILINE,
)
_SEVERAL = re.compile(r"^Choose all options that apply\b", re.MULTILINE)
_AGE = re.compile(r"\bhow old are you\b", re.IGNORECASE)
_YEARS = re.compile(r"\b(?:aged? (?P<first>\d{1,3})|(?P<second>\d{1,3})[ -]years?[ -]old|Age: (?P<third>\d{1,3}))\b")
_USUAL_RANGE = 100.0


def answer_open(prompt: str, about: Sequence[str], traits: Mapping[str, float], rng: random.Random) -> str | None:
    """Answer a question for a number or for several options; ``None`` if the prompt asks neither.

    Args:
        prompt: The question.
        about: What the prompt says of the person.
        traits: Who answers.
        rng: Source of all draws.
    """
    if found := _NUMBER.search(prompt):
        if _AGE.search(prompt) and (years := _age(about)):
            return years
        return _number(found, rng)
    return _several(prompt, traits, rng) if _SEVERAL.search(prompt) else None


def _age(about: Sequence[str]) -> str:
    for text in about:
        if found := _YEARS.search(text):
            return str(next(filter(None, found.groups())))
    return ""


def _number(found: re.Match[str], rng: random.Random) -> str:
    least = float(found["least"] or found["bottom"] or (0 if not found["top"] else float(found["top"]) - _USUAL_RANGE))
    most = float(found["most"] or found["top"] or least + _USUAL_RANGE)
    value = least + (most - least) * (rng.random() + rng.random()) / 2
    inner = min(max(round(value), math.ceil(least)), math.floor(most))
    return str(inner) if found["whole"] or math.ceil(least) <= math.floor(most) else f"{value:.2f}"


def _several(prompt: str, traits: Mapping[str, float], rng: random.Random) -> str:
    listed = [line for run in runs_of(lines_of(prompt)) for line in run if line.text]
    chosen = []
    for line in listed:
        fit = sum(hit.z * traits.get(hit.trait, 0.0) for hit in trait_lexicon().scan(line.text))
        if rng.random() < 1.0 / (1.0 + math.exp(-fit)):
            chosen.append(line.mark)
    return ", ".join(chosen) or "none"
