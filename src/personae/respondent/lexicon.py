"""Finding trait words in a text, with their qualifiers and negations: all the respondent knows of language."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from itertools import product
from typing import Any

from personae.persona import trait_words

_MERGED = re.compile(r"\b(?:(a) (bit|little|lot|few)|other (people))\b")
_TOKEN = re.compile(r"[a-z_]+(?:[-'][a-z]+)*|[.!?;:,()\"“”\n–—]")
_ARTICLES = frozenset(("a", "an", "the"))
_SAME = {
    **dict.fromkeys(("your", "his", "her", "their", "our", "its"), "my"),
    **dict.fromkeys(("yourself", "himself", "herself", "themselves", "themself", "ourselves", "oneself"), "myself"),
    **dict.fromkeys(("others'", "others's"), "others"),
}
_STOPS = frozenset('.!?;:,()"“”\n–—')
_SENTENCE_ENDS = frozenset(".!?;\n")
_JOINS = frozenset(("and", "but", "while", "whereas", "because", "when", "although", "though", "yet", "so", "who"))
"""Words behind which a new clause begins; a negation does not reach over them. "Or" and "nor" carry it on."""
_MOST_CHARACTERS = 100_000
_QUALIFIER_REACH = 3
_NEGATION_REACH = 5
_SHORTEST_STEM = 4

Pole = tuple[str, int]
"""A trait, and 1 for its high or -1 for its low pole."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A trait word that was found."""

    trait: str
    sign: int
    """1 for a word of the high pole, -1 for one of the low pole."""
    strength: float
    """How much of it is said, as a z-score without sign: 1 for the bare word, 2 for "extremely", 0.5 for "a bit"."""
    is_negated: bool
    is_between: bool = False
    """Whether it is one of two opposite poles that are both denied: "neither silent nor talkative"."""

    @property
    def z(self) -> float:
        """Where on the trait this word puts a person. "Not talkative" is reserved; "not very talkative" is a bit so."""
        if self.is_between:
            return 0.0
        if not self.is_negated:
            return self.sign * self.strength
        return -self.sign * (1.0 if self.strength == 1.0 else 0.5)


@dataclass(frozen=True, slots=True)
class TraitLexicon:
    """Words and phrases of trait poles."""

    phrases: Mapping[str, Sequence[tuple[tuple[str, ...], Pole | None]]]
    """By first word, the longest first; a phrase without a pole hides the trait words in it."""
    stems: Mapping[str, Pole]
    qualifiers: Mapping[str, float]
    negations: frozenset[str]

    def scan(self, text: str) -> Iterator[Hit]:
        """Find trait words from left to right; the longest phrase wins, and no word counts twice."""
        tokens = tokens_of(text)
        denied: tuple[int, Hit] | None = None  # the first word of a pair after "neither"
        position = 0
        while position < len(tokens):
            pole, length = self._match(tokens, position)
            if pole is not None:
                before = _clause_before(tokens, position)
                hit = self._hit(pole, before)
                if denied is not None and "nor" in before and denied[0] == _sentence_start(tokens, position):
                    is_pair = denied[1].trait == hit.trait and denied[1].sign == -hit.sign
                    yield from (_deny(denied[1], is_pair), _deny(hit, is_pair))
                    denied = None
                else:
                    if denied is not None:
                        yield denied[1]
                        denied = None
                    if "neither" in before:
                        denied = (_sentence_start(tokens, position), _deny(hit, is_pair=False))
                    else:
                        yield hit
            elif length > 1:
                tokens[position : position + length] = ["_"] * length
            position += length
        if denied is not None:
            yield denied[1]

    def _match(self, tokens: Sequence[str], position: int) -> tuple[Pole | None, int]:
        """The pole that begins here and how many words it takes; more than one word and no pole is to be skipped."""
        token = tokens[position]
        for words, pole in self.phrases.get(token, ()):
            if len(words) == 1 or tuple(tokens[position : position + len(words)]) == words:
                return pole, len(words)
        for end in range(len(token), _SHORTEST_STEM - 1, -1):
            pole = self.stems.get(token[:end])
            if pole is not None:
                return pole, 1
        return None, 1

    def _hit(self, pole: Pole, before: Sequence[str]) -> Hit:
        strength = next((self.qualifiers[word] for word in before[: -_QUALIFIER_REACH - 1 : -1] if word in self.qualifiers), 1.0)
        is_negated = sum(word in self.negations for word in before) % 2 == 1
        return Hit(pole[0], pole[1], strength, is_negated)
