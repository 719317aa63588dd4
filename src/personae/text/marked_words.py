"""Words that mark one group of texts against another: log-odds with an informative Dirichlet prior."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from personae.errors import InputError

SIGNIFICANT = 1.96
_NOT_LETTERS = re.compile(r"[^\w\s]|[\d_]")


@dataclass(frozen=True, slots=True)
class MarkedWord:
    """A word, how strongly it marks the first group, and how often each says it."""

    word: str
    z: float
    target: int
    other: int


def count_words(texts: Iterable[str]) -> Counter[str]:
    """Words of texts: lower case, split at white space, then all but letters taken out (Cheng et al., 2023).

    Example:
        >>> count_words(["Almond-shaped eyes, dark eyes."])["almondshaped"]
        1
    """
    words: Counter[str] = Counter()
    for text in texts:
        words.update(word for word in (_NOT_LETTERS.sub("", raw) for raw in text.lower().split()) if word)
    return words


def marked_words(
    target: Counter[str], other: Counter[str], prior: Counter[str], *, least: float = SIGNIFICANT
) -> list[MarkedWord]:
    """Words that the target says more often than the other group, beyond chance, the most marked first.

    ``delta = log((y1 + a) / (n1 + A - y1 - a)) - log((y2 + a) / (n2 + A - y2 - a))`` with the prior count a of the word
    and A of all, divided by ``sqrt(1/(y1 + a) + 1/(y2 + a))`` (Monroe, Colaresi & Quinn, 2008).

    Args:
        target: Counts of the group in question.
        other: Counts of the group it is held against.
        prior: Counts of the whole corpus.
        least: z from which a word is marked.

    Raises:
        InputError: If a group says nothing, or the prior lacks a word.

    Example:
        >>> a, b = Counter(strong=40, kind=10), Counter(strong=5, kind=45)
        >>> [word.word for word in marked_words(a, b, a + b)]
        ['strong']
    """
    n1, n2, whole = target.total(), other.total(), prior.total()
    if not n1 or not n2:
        raise InputError("a group of texts says nothing", where="marked words", remedy="give texts of both")
    found = []
    for word, a in prior.items():
        y1, y2 = target[word], other[word]
        rest1, rest2 = n1 + whole - y1 - a, n2 + whole - y2 - a
        if a <= 0 or rest1 <= 0 or rest2 <= 0:
            continue
        delta = math.log((y1 + a) / rest1) - math.log((y2 + a) / rest2)
        z = delta / math.sqrt(1.0 / (y1 + a) + 1.0 / (y2 + a))
        if z > least:
            found.append(MarkedWord(word, z, y1, y2))
    if lacking := next((word for word in (target + other) if word not in prior), None):
        raise InputError(f"the prior lacks {lacking!r}", where="marked words", remedy="count the whole corpus")
    return sorted(found, key=lambda one: (-one.z, one.word))
