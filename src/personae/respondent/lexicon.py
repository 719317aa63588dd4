"""Finding trait words in a text, with their qualifiers and negations: all the respondent knows of language."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

Pole = tuple[str, int]
"""A trait, and 1 for its high or -1 for its low pole."""

_MERGED = re.compile(
    r"\ba (?P<amount>bit|little|lot|few)\b|\bother (?P<others>people)\b|\b(?P<hard>hard|difficult) to\b"
    r"|\b(?P<tires>(?:wears?|wore|tires?|tired) (?:me|you|him|her|them) out)\b"
    r"|\blittle (?=things?\b|ones?\b|brother|sister|boy|girl|house|town)"
    r"|\b(?P<joined>anything but|far from|free (?:of|from))\b"
    r"|\b(?P<dislike>(?:do|does|did)(?: not|n't) care for)\b(?! (?:others|other|people|any(?:one|body)))"
    r"|\b(?:can't|cannot|can not|couldn't|could not|never|won't|don't|doesn't) (?:stops?|help)(?= [a-z]+ing\b)"
    r"|\bdo(?:es)?(?: not|n't) mind\b|\b(?:a|the|this) patient(?=[.,;:!?']| (?:who|with|in|at|of|is|has|visiting)\b|$)"
)
"""Words that mean something only together; what is named becomes one word, the rest (a patient is a person) nothing."""
_TOKEN = re.compile(r"[a-z_]+(?:[-'][a-z]+)*|[.!?;:,()\"“”\n–—]")
_ARTICLES = frozenset(("a", "an", "the"))
_SAME = {
    **dict.fromkeys(("your", "his", "her", "their", "our", "its"), "my"),
    **dict.fromkeys(("yourself", "himself", "herself", "themselves", "themself", "ourselves", "oneself"), "myself"),
    "others's": "others",
    "other's": "others",
}
_STOPS = frozenset('.!?;:,()"“”\n–—')
_JOINS = frozenset(("and", "but", "while", "whereas", "because", "when", "although", "though", "yet", "so", "who"))
"""Words behind which a new clause begins; a negation does not reach over them. "Or" carries it on."""
_OPINIONS = frozenset(("find", "finds", "found", "consider", "considers", "call", "calls"))
"""Words behind which stands what a dismissal is said of: "finds poetry boring"."""
_PREFERENCES = ("prefer", "rather", "choose", "chose", "favour", "favor")
_COMPARISONS = frozenset(("over", "than"))
"""Words behind which stands what somebody likes less, in a sentence that speaks of a preference."""
_BEGINNINGS = _STOPS | (_JOINS - {"and"}) | _OPINIONS
_ENDS = frozenset(".!?;\n")
_MOST_CHARACTERS = 100_000
_QUALIFIER_REACH = 3
_NEGATION_REACH = 5
_SHORTEST_STEM = 4
_MOST_REMEMBERED = 50_000
_SKIPPED = "_"


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
    dismissals: frozenset[str]
    """Words that deny what stands before them in the clause: "finds poetry boring"."""
    by_stem: dict[str, Pole | None] = field(default_factory=dict, compare=False, repr=False)
    """What the stems have said of words that were met before."""

    def scan(self, text: str) -> list[Hit]:
        """Find trait words from left to right; the longest phrase wins, and no word counts twice."""
        tokens = tokens_of(text)
        hits: list[Hit] = []
        position = clause = 0
        prefers = False
        while position < len(tokens):
            pole, length = self._match(tokens, position)
            if pole is not None and not _is_asked_or_of_others(before := _clause_before(tokens, position)):
                hit = self._hit(pole, before, prefers)
                if before[:1] == ["nor"] and hits and hits[-1].is_negated and _is_opposite(hits[-1], hit):
                    hits[-1], hit = replace(hits[-1], is_between=True), replace(hit, is_between=True)
                hits.append(hit)
                if length > 1:  # what belongs to a phrase qualifies nothing behind it
                    tokens[position : position + length] = [_SKIPPED] * length
            elif pole is None and length > 1:
                tokens[position : position + length] = [_SKIPPED] * length
            elif tokens[position] in self.dismissals:
                hits[clause:] = [replace(hit, is_negated=not hit.is_negated) for hit in hits[clause:]]
            elif tokens[position] in _BEGINNINGS:
                clause = len(hits)
            prefers = tokens[position] not in _ENDS and (prefers or tokens[position].startswith(_PREFERENCES))
            position += length
        return hits

    def _match(self, tokens: Sequence[str], position: int) -> tuple[Pole | None, int]:
        """The pole that begins here and how many words it takes; several words without a pole are to be skipped."""
        token = tokens[position]
        for words, pole in self.phrases.get(token, ()):
            if len(words) == 1 or tuple(tokens[position : position + len(words)]) == words:
                return pole, len(words)
        if token not in self.by_stem:
            if len(self.by_stem) >= _MOST_REMEMBERED:
                self.by_stem.clear()
            ends = range(len(token), _SHORTEST_STEM - 1, -1)
            self.by_stem[token] = next((self.stems[token[:end]] for end in ends if token[:end] in self.stems), None)
        return self.by_stem[token], 1

    def _hit(self, pole: Pole, before: Sequence[str], prefers: bool) -> Hit:
        near = before[: -_QUALIFIER_REACH - 1 : -1]
        strength = next((self.qualifiers[word] for word in near if word in self.qualifiers), 1.0)
        denials = sum(word in self.negations or (prefers and word in _COMPARISONS) for word in before)
        return Hit(*pole, strength, denials % 2 == 1)


def tokens_of(text: str) -> list[str]:
    """Words and stops of a text in the form in which they are compared.

    Lower case, without articles; "your" and "her" are "my", "other people" are "others", "a bit" is one word.

    Example:
        >>> tokens_of("She’s the life of a party, and keeps to herself a bit.")
        ["she's", 'life', 'of', 'party', ',', 'and', 'keeps', 'to', 'myself', 'a_bit', '.']
    """
    plain = text[:_MOST_CHARACTERS].lower().replace("’", "'")
    tokens = _TOKEN.findall(_MERGED.sub(_merge, plain))
    return [_SAME.get(token, token) for token in tokens if token not in _ARTICLES]


def _merge(match: re.Match[str]) -> str:
    if match["tires"]:
        return "tiring"
    if match["joined"]:
        return match["joined"].replace(" ", "_")
    if match["dislike"]:
        return "dislike"
    if match["amount"]:
        return f"a_{match['amount']}"
    return "others" if match["others"] else "hard_to" if match["hard"] else _SKIPPED


def _clause_before(tokens: Sequence[str], position: int) -> list[str]:
    """The few words before a position that belong to the same clause; "nor" begins one and denies it."""
    start = position
    while start > 0 and position - start < _NEGATION_REACH:
        word = tokens[start - 1]
        if word in _STOPS or word in _JOINS:
            break
        start -= 1
        if word == "nor":
            break
    return list(tokens[start:position])


def _is_asked_or_of_others(before: Sequence[str]) -> bool:
    """Whether a word is part of a question ("how calm are you") or said of all but this person ("everybody else")."""
    return "else" in before or before[-1:] == ["how"]


def _is_opposite(one: Hit, other: Hit) -> bool:
    return one.trait == other.trait and one.sign == -other.sign
