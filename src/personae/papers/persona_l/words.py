"""What can be counted in an answer: support of each sentence, citations, reading level, balance, framing.

All of it is counted from words. None of it is calibrated against people.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from personae.papers.persona_l.corpus import Support, support_of
from personae.papers.persona_l.settings import MOST_GRADE
from personae.persona import Persona, lint_persona
from personae.text import flesch_kincaid_grade, sentences, tokenize

_MARK = re.compile(r"\s*\[(\d{1,2})\]")
_ABILITY = re.compile(
    r"\bI (?:can|know how|am (?:good|able)|manage|enjoy|like|love|do|make|work|help|take care)\b", re.I
)
_CONSTRAINT = re.compile(
    r"\b(?:hard|difficult|slow|confus\w*|forget\w*|lose count|cannot|can't|needs? (?:help|time|more)"
    r"|too (?:many|much|long|small)|struggle\w*|tir(?:es|ed|ing)|mixed up)\b",
    re.I,
)
_FIRST, _THIRD = (
    re.compile(r"\b(?:I|me|my|mine|myself)\b"),
    re.compile(r"\bpeople (?:with|like)\b|\bthey suffer\b", re.I),
)
_CODES = {"P402": "stereotype_words", "P403": "deficit_words"}
FLAGS = ("stereotype_words", "deficit_words", "own_phrases")
"""What the check of stereotypes counts: words of the linter's lists, and phrases that the user gives."""
LEAST_WORDS = 4
"""Words of a sentence below which nothing is said that could have a source."""


@dataclass(frozen=True, slots=True)
class Said:
    """One sentence, without its marks, with what it names as source and what it is closest to."""

    text: str
    cited: tuple[int, ...]
    """Numbers that it names, from 1."""
    support: Support


def read_answer(text: str, sources: Sequence[str]) -> list[Said]:
    """The sentences of an answer with their sources.

    Example:
        >>> (one,) = read_answer("I sell honey at the market [2].", ["I drive.", "She sells; honey, the market, bees."])
        >>> one.text, one.cited, one.support.place
        ('I sell honey at the market.', (2,), 1)
    """
    found: list[Said] = []
    # A mark that follows the full stop belongs to the sentence before it.
    moved = re.sub(r"([.!?])((?:\s*\[\d{1,2}\])+)", r"\2\1", text)
    for sentence in sentences(moved):
        cited = tuple(int(number) for number in _MARK.findall(sentence))
        plain = _MARK.sub("", sentence).strip()
        if len(tokenize(plain)) >= LEAST_WORDS:
            found.append(Said(plain, cited, support_of(plain, sources)))
    return found


def without_marks(text: str) -> str:
    """The answer as it is read."""
    return _MARK.sub("", text).strip()


def grade_of(text: str) -> float | None:
    """Years of school that an answer asks for; ``None`` for fewer than five words."""
    plain = without_marks(text)
    return round(flesch_kincaid_grade(plain), 2) if len(tokenize(plain)) >= 5 else None


def keeps_level(grade: float | None, level: str) -> bool | None:
    """Whether a grade is within its level; ``None`` where there is no grade, or the level sets no bound."""
    return None if grade is None or level not in MOST_GRADE else grade <= MOST_GRADE[level]


def flags_of(persona: Persona, phrases: Sequence[str] = ()) -> tuple[str, ...]:
    """Which of :data:`FLAGS` a persona raises; phrases are whole words, in any case of letters.

    Example:
        >>> flags_of(Persona(description="She suffers from it, the little angel."), ["Little  Angel"])
        ('deficit_words', 'own_phrases')
    """
    found = {_CODES[hit.code] for hit in lint_persona(persona) if hit.code in _CODES}
    text = " ".join(str(persona.content()).split())
    if any(re.search(rf"(?<!\w){re.escape(' '.join(one.split()))}(?!\w)", text, re.I) for one in phrases):
        found.add("own_phrases")
    return tuple(name for name in FLAGS if name in found)


def framing_of(text: str, phrases: Sequence[str] = ()) -> dict[str, bool]:
    """What an answer names and how: abilities, constraints, both, the first person, everybody alike, worn phrases.

    Example:
        >>> found = framing_of("I can bake rolls, but large orders are hard for me.")
        >>> found["names_ability"], found["names_constraint"], found["names_both"], found["generalises"]
        (True, True, True, False)
    """
    plain = without_marks(text)
    ability, constraint = bool(_ABILITY.search(plain)), bool(_CONSTRAINT.search(plain))
    flags = flags_of(Persona(description=plain), phrases) if plain else ()
    return {
        "names_ability": ability,
        "names_constraint": constraint,
        "names_both": ability and constraint,
        "first_person": bool(_FIRST.search(plain)),
        "generalises": bool(_THIRD.search(plain)),
        **{name: name in flags for name in FLAGS},
    }
