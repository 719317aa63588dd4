"""Finding the texts that fit a question by their words, and cutting long texts into passages to find."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from personae.text.closeness import placed_sentences, rare_word
from personae.text.tokens import tokenize

K1, B = 1.5, 0.75
"""Saturation of a word's count, and correction for length, of BM25."""

_LONGEST = 20_000
_BREAK = re.compile(r"\n\s*\n")
_WITHOUT_BLANKS = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
"""Scripts whose words are not told apart by blanks, or, as Korean's, are too short to tell common ones by length."""


def search_words(text: str) -> list[str]:
    """The words that a text is found by: its rarer words, as often as they occur.

    In scripts without blanks between words, and in Korean, they are the pairs of neighbouring letters.

    Example:
        >>> search_words("They bake cakes. The cakes sell.")
        ['bake', 'cake', 'cake', 'sell']
        >>> search_words("꿀벌을")
        ['꿀벌', '벌을']
    """
    found: list[str] = []
    for token in tokenize(text[:_LONGEST]):
        if _WITHOUT_BLANKS.search(token):
            found += [token[at : at + 2] for at in range(len(token) - 1)] or [token]
        elif word := rare_word(token):
            found.append(word)
    return found


class WordIndex:
    """Texts, searched by BM25 (Robertson et al., 1994) over their rarer words, as ``bm25s`` counts it.

    When to use: where no embedding model is at hand, or texts must not be sent to one. It knows words and no meaning:
    a question in other words than its text finds nothing.

    Args:
        texts: What is searched, each up to 20,000 characters.

    Example:
        >>> index = WordIndex(["I keep bees and sell honey.", "I drive a bus."])
        >>> [score > 0 for score in index.scores("Who sells honey?")]
        [True, False]
    """

    def __init__(self, texts: Sequence[str]) -> None:
        words = [search_words(text) for text in texts]
        self._size = len(texts)
        self._known = frozenset(word for one in words for word in one)
        if self._known:
            from bm25s import BM25

            self._index = BM25(method="lucene", k1=K1, b=B)
            self._index.index(words, show_progress=False)

    def scores(self, question: str) -> list[float]:
        """How well each text fits a question, in their order; 0 for one that shares no word with it."""
        asked = sorted(set(search_words(question)) & self._known)
        if not asked:
            return [0.0] * self._size
        found: list[float] = self._index.get_scores(asked).tolist()
        return found


def cut_passages(text: str, longest: int = 600) -> Iterator[tuple[int, int]]:
    """Cut a text into passages of whole sentences; gives where each begins and ends.

    A paragraph never shares a passage with another; a sentence that alone is longer is cut at a blank.

    Args:
        text: What is cut; a text that is short enough is one passage.
        longest: Characters of a passage.

    Example:
        >>> text = "I keep bees. They sleep in winter. I sell honey."
        >>> [text[start:end] for start, end in cut_passages(text, 36)]
        ['I keep bees. They sleep in winter.', 'I sell honey.']
    """
    if len(text) <= longest and not _BREAK.search(text.strip()):
        start = len(text) - len(text.lstrip())
        if text.strip():
            yield start, len(text.rstrip())
        return
    begun: tuple[int, int] | None = None
    for start, end in _pieces(text, longest):
        if begun is not None and end - begun[0] <= longest and not _BREAK.search(text, begun[1], start):
            begun = begun[0], end
            continue
        if begun is not None:
            yield begun
        begun = start, end
    if begun is not None:
        yield begun


def _pieces(text: str, longest: int) -> Iterator[tuple[int, int]]:
    """Sentences, and parts of those that are too long."""
    for start, end, _ in placed_sentences(text):
        while end - start > longest:
            blank = max(text.rfind(" ", start + 1, start + longest), text.rfind("\n", start + 1, start + longest))
            cut = blank if blank > start else start + longest
            yield start, cut
            start = cut
            while start < end and text[start].isspace():
                start += 1
        if end > start:
            yield start, end
