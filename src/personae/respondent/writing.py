"""First-person texts in which the trait shows in the choice of sentences; the truth behind every text judge."""

from __future__ import annotations

import math
import random
import re
import tomllib
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files

_WORDS_WANTED = re.compile(
    r"\b(?:in|of|about|around|at least|with|within|under|max(?:imum)?(?: of)?)?\s*(\d{2,4})[ -]words?\b", re.I
)
_DEFAULT_WORDS = 120
_MOST_WORDS = 400
_NEUTRAL_SHARE = 0.4
_STEEPNESS = 2.0

REFUSALS = (
    "I'm sorry, but I can't answer questions about my personality.",
    "As an AI language model, I do not have personal traits, so I cannot rate these statements.",
    "I must decline to do that.",
)
"""How the respondent declines."""


@lru_cache(maxsize=1)
def _sentences() -> tuple[tuple[str, ...], dict[str, dict[int, tuple[str, ...]]]]:
    data = tomllib.loads((files("personae.respondent") / "sentences.toml").read_text(encoding="utf-8"))
    poles = {trait: {1: tuple(data["high"][trait]), -1: tuple(data["low"][trait])} for trait in data["high"]}
    return tuple(data["neutral"]), poles


def words_wanted(prompt: str) -> int:
    """How many words a prompt asks for, bounded: the respondent writes short texts.

    Example:
        >>> words_wanted("Share a personal story in 800 words."), words_wanted("Tell me about your day.")
        (400, 120)
    """
    match = _WORDS_WANTED.search(prompt)
    return min(int(match.group(1)), _MOST_WORDS) if match else _DEFAULT_WORDS


def write_text(traits: Mapping[str, float], words: int, rng: random.Random) -> str:
    """Write a text in the first person.

    Each sentence is neutral or speaks of one trait, drawn evenly; its pole is high with probability
    ``1 / (1 + exp(-2 * z))``. A person of whom nothing is said writes of both poles alike.
    """
    neutral, poles = _sentences()
    unused = {"neutral": list(neutral)}
    lines: list[str] = []
    length = 0
    while length < words:
        if rng.random() < _NEUTRAL_SHARE:
            line = _take(unused, "neutral", neutral, rng)
        else:
            trait = rng.choice(list(poles))
            is_high = rng.random() < 1.0 / (1.0 + math.exp(-_STEEPNESS * traits.get(trait, 0.0)))
            line = _take(unused, f"{trait}{is_high}", poles[trait][1 if is_high else -1], rng)
        lines.append(line)
        length += len(line.split())
    paragraphs = [" ".join(lines[start : start + 5]) for start in range(0, len(lines), 5)]
    return "\n\n".join(paragraphs)


def _take(unused: dict[str, list[str]], key: str, full: tuple[str, ...], rng: random.Random) -> str:
    """Draw a sentence that the text does not have yet; start over when all are used."""
    pool = unused.setdefault(key, list(full))
    if not pool:
        pool.extend(full)
    return pool.pop(rng.randrange(len(pool)))
