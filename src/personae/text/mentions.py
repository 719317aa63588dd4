"""Whether a text says a word outright: for instructions such as "do not name your traits"."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from personae.errors import InputError

_LONGEST_GAP = 4  # white space, hyphens: between the words of a term


class Mention(NamedTuple):
    """A place in a text where a term is written."""

    term: str
    """The term as it was asked for."""
    start: int
    end: int
    """``text[start:end]`` is how the text spells it."""


def _terms(words: str) -> tuple[str, ...]:
    return tuple(words.split(", "))


TRAIT_WORDS: dict[str, tuple[str, ...]] = {
    "big_five.extraversion+": _terms(
        "extroverted, extraverted, extrovert, extravert, extroverts, extraverts, extroversion, extraversion, "
        "extrovertedness, extravertedness, extrovertedly, extravertedly"
    ),
    "big_five.extraversion-": _terms(
        "introverted, introvert, introverts, introversion, introvertedness, introvertedly"
    ),
    "big_five.agreeableness+": _terms("agreeable, agreeableness, agreeably"),
    "big_five.agreeableness-": _terms(
        "antagonistic, antagonistically, antagonism, disagreeable, disagreeableness, disagreeably"
    ),
    "big_five.conscientiousness+": _terms("conscientious, conscientiousness, conscientiously"),
    "big_five.conscientiousness-": _terms("unconscientious, unconscientiousness, unconscientiously"),
    "big_five.neuroticism+": _terms("neurotic, neurotics, neuroticism, neurotically"),
    "big_five.neuroticism-": _terms("emotionally stable, emotional stability"),
    "big_five.openness+": _terms(
        "open to experience, open to experiences, open to new experience, open to new experiences, openness, "
        "openness to experience, openness to experiences, openness to new experience, openness to new experiences"
    ),
    "big_five.openness-": _terms(
        "closed to experience, closed to experiences, closed to new experience, closed to new experiences, "
        "closedness, closedness to experience, closedness to experiences"
    ),
}
"""Names of the poles of the Big Five in the words of PersonaLLM, with their inflections, by trait and sign.

Names only, also of the trait itself; a synonym ("outgoing", "open-minded") is what a story is meant to use. "Openness"
alone is listed, although it may also mean candour.
"""


def find_mentions(text: str, terms: Iterable[str]) -> list[Mention]:
    r"""Find terms as whole words, in any case, from left to right; of overlapping terms the longest counts.

    Nothing is stemmed: list the inflections that count. A possessive ("the introvert's") and a hyphenated compound
    ("semi-introverted") mention the term, "unagreeable" does not mention "agreeable". Between the words of a term up to
    four blanks, line breaks or hyphens may stand.

    Raises:
        InputError: If a term holds no letter or digit at its beginning and end.

    Example:
        >>> find_mentions("Emotionally\nstable? An introvert's joke.", ["emotionally stable", "introvert"])
        [Mention(term='emotionally stable', start=0, end=18), Mention(term='introvert', start=23, end=32)]
    """
    wanted = tuple(dict.fromkeys(terms))
    if not wanted:
        return []
    pattern, owners = _pattern(wanted)
    return [Mention(owners[match.lastindex or 0], *match.span()) for match in pattern.finditer(text)]


@lru_cache(maxsize=64)
def _pattern(terms: tuple[str, ...]) -> tuple[re.Pattern[str], dict[int, str]]:
    for term in terms:
        if not term or not (term[0].isalnum() and term[-1].isalnum()):
            raise InputError(f"{term!r} is no term", where="find_mentions", remedy="begin and end it with a letter")
    by_length = sorted(terms, key=len, reverse=True)
    written = "|".join(f"({_spelling(term)})" for term in by_length)
    # Letters and digits of any script bound a word; an underscore does not, since markup uses it.
    pattern = re.compile(rf"(?<![^\W_])(?=[^\W_])(?:{written})(?![^\W_])", re.IGNORECASE)
    return pattern, dict(enumerate(by_length, 1))


def _spelling(term: str) -> str:
    words = [re.escape(word).replace("'", "['’]") for word in re.split(r"[\s-]+", term)]
    return rf"[\s‐‑-]{{1,{_LONGEST_GAP}}}".join(words)
