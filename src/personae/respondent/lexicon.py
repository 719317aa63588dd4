"""Finding trait words in a text, with their qualifiers and negations: all the respondent knows of language."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from personae.persona import trait_words

_TOKEN = re.compile(r"[a-z]+(?:[-'][a-z]+)*|[.!?;,]")
_STOPS = frozenset(".!?;")
_MOST_CHARACTERS = 100_000
_LONGEST_PHRASE = 5
_REACH = 3  # how many words a qualifier or a negation may stand before the word it belongs to


@dataclass(frozen=True, slots=True)
class Hit:
    """A trait word that was found."""

    trait: str
    sign: int
    """1 for a word of the high pole, -1 for one of the low pole."""
    strength: float
    """How much of it is said, as a z-score without sign: 1 for the bare word, 2 for "extremely", 0.5 for "a bit"."""
    is_negated: bool

    @property
    def z(self) -> float:
        """Where on the trait this word puts a person. "Not talkative" is reserved; "not very talkative" is a bit so."""
        if not self.is_negated:
            return self.sign * self.strength
        return -self.sign * (1.0 if self.strength == 1.0 else 0.5)


@dataclass(frozen=True, slots=True)
class TraitLexicon:
    """Words and phrases of trait poles."""

    phrases: Mapping[tuple[str, ...], tuple[str, int]]
    stems: Mapping[str, tuple[str, int]]
    qualifiers: Mapping[str, float]
    negations: frozenset[str]

    def scan(self, text: str) -> Iterator[Hit]:
        """Find trait words from left to right; the longest phrase wins, and no word counts twice."""
        tokens = tokens_of(text)
        position = 0
        while position < len(tokens):
            found, length = self._match(tokens, position)
            if found is not None:
                before = _words_before(tokens, position)
                if "neither" in before or ("nor" in before and "neither" in tokens[max(0, position - 6) : position]):
                    yield Hit(found[0], found[1], 0.0, False)
                else:
                    yield Hit(*found, self._strength(before), any(word in self.negations for word in before))
            position += length

    def _match(self, tokens: list[str], position: int) -> tuple[tuple[str, int] | None, int]:
        for length in range(min(_LONGEST_PHRASE, len(tokens) - position), 0, -1):
            found = self.phrases.get(tuple(tokens[position : position + length]))
            if found is not None:
                return found, length
        token = tokens[position]
        for end in range(len(token), 3, -1):
            found = self.stems.get(token[:end])
            if found is not None:
                return found, 1
        return None, 1

    def _strength(self, before: list[str]) -> float:
        for word in reversed(before):
            if word in self.qualifiers:
                return self.qualifiers[word]
        return 1.0


def tokens_of(text: str) -> list[str]:
    """Lower-case words of a text, with the stops between sentences."""
    return _TOKEN.findall(text[:_MOST_CHARACTERS].lower().replace("’", "'"))


def _words_before(tokens: list[str], position: int) -> list[str]:
    """The few words before a position that belong to the same clause."""
    words: list[str] = []
    for word in reversed(tokens[max(0, position - _REACH) : position]):
        if word in _STOPS or word == ",":
            break
        words.append(word)
    return words[::-1]


@lru_cache(maxsize=1)
def trait_lexicon() -> TraitLexicon:
    """The lexicon that ships with the respondent, with the marker adjectives of the persona room."""
    data = tomllib.loads((files("personae.respondent") / "trait_lexicon.toml").read_text(encoding="utf-8"))
    phrases: dict[tuple[str, ...], tuple[str, int]] = {}
    stems: dict[str, tuple[str, int]] = {}
    for pole, sign in (("high", 1), ("low", -1)):
        for trait, row in data[pole].items():
            for word in row["words"].split():
                if word.endswith("*"):
                    stems[word[:-1]] = (trait, sign)
                else:
                    phrases[tuple(word.split("_"))] = (trait, sign)
    for trait, words in trait_words().items():
        for marker in (*words.markers, None):
            low, high = (marker.low, marker.high) if marker else (words.low, words.high)
            phrases[tuple(tokens_of(low))] = (trait, -1)
            phrases[tuple(tokens_of(high))] = (trait, 1)
    return TraitLexicon(phrases, stems, data["qualifiers"], frozenset(data["negations"]["words"].split()))
