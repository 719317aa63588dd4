"""How close two texts are by their rarer words: what a sentence may rest on, found without asking anybody."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from personae.text.tokens import sentences, tokenize

LEAST_CLOSENESS = 0.25
"""From here on a text counts as close. A convention, not calibrated against people."""

_LEAST_WORD = 4
_LONGEST = 20_000
_COMMON_WORDS = (
    "about after again also always been before being both could does doing down during each from further have "
    "having here into itself just like made make many more most much myself never only other over really same "
    "should some something such than that their them then there these they thing things this those through "
    "time very want were what when where which while will with would your yours "
)
_COMMON = frozenset(_COMMON_WORDS.split())


def rare_words(text: str) -> frozenset[str]:
    """The words that an English text can be known by, without common ones and endings.

    Example:
        >>> sorted(rare_words("She was selling cakes with the bakers."))
        ['baker', 'cake', 'sell']
    """
    return frozenset(word for token in tokenize(text[:_LONGEST]) if (word := rare_word(token)))


def rare_word(token: str) -> str:
    """A token without its ending; empty if it is short or common.

    Example:
        >>> rare_word("bakers"), rare_word("with")
        ('baker', '')
    """
    return _stem(token) if len(token) >= _LEAST_WORD and token not in _COMMON else ""


def word_weights(texts: Iterable[frozenset[str]]) -> dict[str, float]:
    """Weight of each word by how few of some texts have it: ``log(1 + texts / texts that have it)``."""
    known = list(texts)
    spread = Counter(word for words in known for word in words)
    return {word: math.log(1 + len(known) / count) for word, count in spread.items()}


def closeness(one: frozenset[str], other: frozenset[str], weight: Mapping[str, float]) -> float:
    """Cosine of the weighted words of two texts, from 0 to 1.

    At least two words, or all of an ``other`` that has but one, are shared; else it is 0.

    Args:
        one: Words of the text that is asked about.
        other: Words of a text that the weights were made of.
        weight: See :func:`word_weights`.
    """
    shared = one & other
    if len(shared) < min(2, len(other)):
        return 0.0
    own = math.log(2)  # a word that no text has is as common as one that all have
    size = math.sqrt(sum(weight.get(word, own) ** 2 for word in one) * sum(weight[word] ** 2 for word in other))
    return sum(weight[word] ** 2 for word in shared) / size if size else 0.0


def placed_sentences(text: str) -> Iterator[tuple[int, int, str]]:
    """Sentences with the places where they begin and end."""
    at = 0
    for sentence in sentences(text):
        start = text.find(sentence, at)
        if start >= 0:
            at = start + len(sentence)
            yield start, at, sentence


def _stem(word: str) -> str:
    for ending in ("ing", "ies", "ed", "es", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= _LEAST_WORD:
            return word[: -len(ending)] + ("y" if ending == "ies" else "")
    return word
