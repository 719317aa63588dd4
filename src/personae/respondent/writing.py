"""First-person texts in which the trait shows in the choice of sentences; the truth behind every text judge."""

from __future__ import annotations

import math
import random
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Literal

_NUMBER = r"(\d{1,2},\d{3}|\d{1,5})"
_WORDS = re.compile(
    rf"(?:\b(?P<kind>[a-z]+(?: [a-z]+){{0,2}})\s+)?\b{_NUMBER}(?:\s{{0,2}}(?:-|–|to)\s{{0,2}}{_NUMBER})?"
    r"[\s-]{1,2}words?\b",
    re.I,
)
_SENTENCES = re.compile(
    r"\b(?P<count>\d{1,2}|an?|one|two|three|four|five|six|seven|eight|nine|ten)(?: short| single)? sentences?\b", re.I
)
_COUNTS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_AT_MOST = re.compile(
    r"\b(?:at most|no more than|up to|under|within|max(?:imum)?|below|fewer than|less than|not exceed)\b", re.I
)
_AT_LEAST = re.compile(r"\b(?:at least|no (?:fewer|less) than|minimum|more than|over)\b", re.I)
_TEXT = re.compile(
    r"\b(?:story|stories|essay|write|diary|describe|paragraphs?|letter|poem|blog|biography|introduce yourself"
    r"|tell (?:me|us) about|\d{1,5}[ -]words?|sentences?)\b",
    re.I,
)
_DEFAULT_WORDS = 120
_MOST_WORDS = 1000
_LINES_PER_PARAGRAPH = 5

_NEUTRAL_SHARE = 0.25
_STEEPNESS = 4.0
_LEAST_WEIGHT = 0.5
_MOST_WEIGHT = 1.5

REFUSALS = (
    "I'm sorry, but I can't answer questions about my personality.",
    "As an AI language model, I do not have personal traits, so I cannot rate these statements.",
    "I must decline to do that.",
)
"""How the respondent declines."""


@dataclass(frozen=True, slots=True)
class Length:
    """How long a text is to be."""

    words: int = _DEFAULT_WORDS
    bound: Literal["about", "least", "most"] = "about"
    sentences: int = 0
    """How many sentences, if these were asked for; the words do not count then."""


def wants_text(prompt: str) -> bool:
    """Whether a prompt asks for a text of its own, rather than for a word of conversation."""
    return _TEXT.search(prompt) is not None


def names_length(prompt: str) -> bool:
    """Whether a prompt asks for a text of so many words."""
    return _WORDS.search(prompt) is not None


def length_wanted(prompt: str) -> Length:
    """How long a text a prompt asks for, 1000 words at most.

    Example:
        >>> length_wanted("Share a personal story in 800 words."), length_wanted("Tell me about your day.").words
        (Length(words=800, bound='about', sentences=0), 120)
        >>> length_wanted("Use at most 1,500 words.")
        Length(words=1000, bound='most', sentences=0)
    """
    match = _WORDS.search(prompt)
    if match:
        low, high = (int((match[index] or match[2]).replace(",", "")) for index in (2, 3))
        kind = match["kind"] or ""
        bound: Literal["about", "least", "most"] = "about"
        if match[3] is None:
            bound = "most" if _AT_MOST.search(kind) else "least" if _AT_LEAST.search(kind) else "about"
        return Length(max(1, min((low + high) // 2, _MOST_WORDS)), bound)
    match = _SENTENCES.search(prompt)
    if match:
        count = match["count"].lower()
        number = int(count) if count.isdecimal() else 1 if count in ("a", "an") else _COUNTS.index(count) + 1
        return Length(sentences=max(1, number))
    return Length()


def write_text(traits: Mapping[str, float], length: Length, rng: random.Random) -> str:
    """Write a text in the first person.

    One sentence in four is neutral; each of the others speaks of one trait. Traits take turns, the more often the
    further the person is from their mean; the pole is high with probability ``1 / (1 + exp(-4 * z))``. A person of whom
    nothing is said writes of all traits and both poles alike. No sentence comes twice before the bank is used up.
    """
    lines: list[str] = []
    written = 0
    for line in _sentences_of(traits, rng):
        words = len(line.split())
        if lines and _is_enough(length, len(lines), written, words):
            break
        lines.append(line)
        written += words
    if length.bound == "most" and written > length.words and not length.sentences:
        return " ".join(lines[0].split()[: length.words])
    paragraphs = [
        " ".join(lines[start : start + _LINES_PER_PARAGRAPH]) for start in range(0, len(lines), _LINES_PER_PARAGRAPH)
    ]
    return "\n\n".join(paragraphs)


def _is_enough(length: Length, lines: int, written: int, words: int) -> bool:
    """Whether a text is better ended before a further sentence of so many words."""
    if length.sentences:
        return lines >= length.sentences
    if length.bound == "least":
        return written >= length.words
    if length.bound == "most":
        return written + words > length.words
    return written + words - length.words > length.words - written


def _sentences_of(traits: Mapping[str, float], rng: random.Random) -> Iterator[str]:
    """Sentences without end."""
    neutral, poles = sentence_bank()
    weights = {trait: min(_MOST_WEIGHT, _LEAST_WEIGHT + abs(_level(traits, trait))) for trait in poles}
    turns = {trait: rng.random() * weight for trait, weight in weights.items()}
    unused: dict[object, list[str]] = {}

    def take(key: object, full: Sequence[str]) -> str | None:
        pool = unused.setdefault(key, list(full))
        return pool.pop(rng.randrange(len(pool))) if pool else None

    while True:
        line = take("neutral", neutral) if rng.random() < _NEUTRAL_SHARE else None
        if line is None:
            trait = _whose_turn(turns, weights)
            is_high = rng.random() < 1.0 / (1.0 + math.exp(-_STEEPNESS * max(-50.0, min(50.0, _level(traits, trait)))))
            line = take((trait, is_high), poles[trait][1 if is_high else -1]) or take("neutral", neutral)
        if line is None:
            unused.clear()
            continue
        yield line


def _whose_turn(turns: dict[str, float], weights: Mapping[str, float]) -> str:
    """Let traits take turns in proportion to their weights, so that a short text is no matter of luck."""
    for trait, weight in weights.items():
        turns[trait] += weight
    chosen = max(turns, key=turns.__getitem__)
    turns[chosen] -= sum(weights.values())
    return chosen


def _level(traits: Mapping[str, float], domain: str) -> float:
    """The z-score of a domain; of one of which only facets are said, their mean."""
    if domain in traits:
        return traits[domain]
    facets = [z for trait, z in traits.items() if trait.startswith(f"{domain}.")]
    return sum(facets) / len(facets) if facets else 0.0


@lru_cache(maxsize=1)
def sentence_bank() -> tuple[tuple[str, ...], dict[str, dict[int, tuple[str, ...]]]]:
    """The sentences that texts are made of: neutral ones, and those of each trait by pole."""
    data = tomllib.loads((files("personae.respondent") / "sentences.toml").read_text(encoding="utf-8"))
    poles = {trait: {1: tuple(data["high"][trait]), -1: tuple(data["low"][trait])} for trait in data["high"]}
    return tuple(data["neutral"]), poles
