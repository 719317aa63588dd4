"""How a text is written, apart from what it says: diversity of words, length of sentences, ease of reading.

Each function gives a plain number, and NaN where the feature is not defined; none of them invents a 0.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from personae.text.syllables import syllables
from personae.text.tokens import sentences, tokenize

MTLD_THRESHOLD = 0.72
"""Type-token ratio at which a factor of MTLD is full (McCarthy & Jarvis, 2010)."""

LONG_WORD = 6
"""Words of more letters than this are long (LIWC's "six-letter words" up to 2007, "big words" later)."""


def type_token_ratio(tokens: Sequence[str]) -> float:
    """Distinct tokens per token, above 0 to 1; NaN without tokens.

    It falls with the length of a text, whatever the text: compare texts of one length, or use :func:`mtld`.

    Example:
        >>> type_token_ratio(["the", "cat", "the", "dog"])
        0.75
    """
    return len(set(tokens)) / len(tokens) if tokens else math.nan


def mtld(tokens: Sequence[str], *, threshold: float = MTLD_THRESHOLD) -> float:
    """Measure of textual lexical diversity: mean number of tokens in a row that keep the type-token ratio up.

    The tokens are read until the ratio of types to tokens has fallen to the threshold; that is one factor, and the
    count begins anew. What is left at the end is the part ``(1 - ratio) / (1 - threshold)`` of a factor. The value is
    tokens per factor, averaged over reading forwards and backwards (McCarthy & Jarvis, 2010, Behavior Research Methods
    42). It hardly depends on length, but is unsteady below about a hundred tokens.

    Returns:
        The mean length, at least 1; NaN without tokens, and if no token is ever repeated.

    Raises:
        ValueError: If the threshold is not between 0 and 1.

    Example:
        >>> mtld("of the people by the people for the people".split())
        9.0
    """
    if not 0 < threshold < 1:
        raise ValueError(f"threshold {threshold} is not between 0 and 1")
    if len(set(tokens)) == len(tokens):
        return math.nan
    return (_tokens_per_factor(tokens, threshold) + _tokens_per_factor(tokens[::-1], threshold)) / 2


def _tokens_per_factor(tokens: Iterable[str], threshold: float) -> float:
    factors = 0.0
    total = length = 0
    types: set[str] = set()
    for token in tokens:
        types.add(token)
        length += 1
        total += 1
        if len(types) / length <= threshold:
            factors += 1
            length = 0
            types = set()
    if length:
        factors += (1 - len(types) / length) / (1 - threshold)
    return total / factors if factors else math.nan


def distinct_n(tokens: Sequence[str], n: int) -> float:
    """Distinct n-grams per n-gram (Li et al., 2016); NaN if the text is shorter than one.

    For texts that a model wrote to one prompt, join their n-grams by giving all tokens in a row. It falls with length.

    Raises:
        ValueError: If n is not at least 1.

    Example:
        >>> distinct_n(["so", "it", "goes", "so", "it"], 2)
        0.75
    """
    if n < 1:
        raise ValueError(f"n is {n}; an n-gram has at least one token")
    grams = list(zip(*(tokens[start:] for start in range(n)), strict=False))
    return len(set(grams)) / len(grams) if grams else math.nan


def words_per_sentence(text: str) -> float:
    """Mean number of words in a sentence; NaN without words.

    Example:
        >>> words_per_sentence("It rained. Nobody went out.")
        2.5
    """
    words = len(tokenize(text))
    return words / len(sentences(text)) if words else math.nan


def long_word_share(tokens: Sequence[str]) -> float:
    """Share of tokens with more than six letters, 0 to 1; NaN without tokens. Apostrophes are no letters.

    Example:
        >>> long_word_share(["nobody", "couldn't", "imagine"])
        0.6666666666666666
    """
    if not tokens:
        return math.nan
    return sum(sum(sign.isalpha() for sign in token) > LONG_WORD for token in tokens) / len(tokens)


def flesch_reading_ease(text: str) -> float:
    """Ease of reading an English text: about 0 (very hard) to 100 (very easy), unbounded on both sides.

    ``206.835 - 1.015 * words / sentences - 84.6 * syllables / words`` (Flesch, 1948, Journal of Applied Psychology 32).
    Syllables are estimated from spelling (:func:`syllables`): in prose of 1.4 syllables a word, an estimate that is off
    by one per cent moves the score by 1.2 points.

    Returns:
        The score; NaN without words.

    Example:
        >>> round(flesch_reading_ease("The cat sat on the mat. It was glad."), 1)
        117.7
    """
    tokens = tokenize(text)
    if not tokens:
        return math.nan
    spoken = sum(syllables(token) for token in tokens)
    return 206.835 - 1.015 * len(tokens) / len(sentences(text)) - 84.6 * spoken / len(tokens)


def flesch_kincaid_grade(text: str) -> float:
    """How many years of school an English text asks of its reader (Kincaid et al., 1975).

    ``0.39 * words / sentences + 11.8 * syllables / words - 15.59``; syllables as in :func:`flesch_reading_ease`.

    Returns:
        The grade; NaN without words.

    Example:
        >>> round(flesch_kincaid_grade("The cat sat on the mat. It was glad."), 1)
        -2.0
    """
    tokens = tokenize(text)
    if not tokens:
        return math.nan
    spoken = sum(syllables(token) for token in tokens)
    return 0.39 * len(tokens) / len(sentences(text)) + 11.8 * spoken / len(tokens) - 15.59
