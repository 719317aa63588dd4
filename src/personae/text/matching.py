"""Finding the entries of a lexicon in a row of tokens, fast enough for corpora."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

_MOST_REMEMBERED = 200_000  # tokens; texts of random strings must not fill the memory

_NOTHING: frozenset[str] = frozenset()


class Entry(NamedTuple):
    """An entry as it is matched: words or stems (with a final ``*``), and all categories that it counts in."""

    words: tuple[str, ...]
    categories: frozenset[str]


class _Node:
    """The entries that go on after some words; a stem is looked up by each length that stems have here."""

    __slots__ = ("categories", "lengths", "stems", "words")

    def __init__(self) -> None:
        self.words: dict[str, _Node] = {}
        self.stems: dict[str, _Node] = {}
        self.lengths: tuple[int, ...] = ()
        self.categories = _NOTHING

    def add(self, word: str) -> _Node:
        if not word.endswith("*"):
            return self.words.setdefault(word, _Node())
        stem = word[:-1]
        self.lengths = tuple(sorted({*self.lengths, len(stem)}))
        return self.stems.setdefault(stem, _Node())

    def after(self, token: str) -> list[_Node]:
        found = [self.words[token]] if token in self.words else []
        for length in self.lengths:
            if length > len(token):
                break
            node = self.stems.get(token[:length])
            if node is not None:
                found.append(node)
        return found

    @property
    def goes_on(self) -> bool:
        return bool(self.words or self.stems)


class _Seen(NamedTuple):
    categories: frozenset[str]
    onward: tuple[_Node, ...]
    """Where phrases that begin with this token go on."""


class Matcher:
    """Entries as a trie over words, with a memory of the tokens met before.

    Args:
        entries: The entries; those with the same words are joined.

    Example:
        >>> hope, farewell = frozenset({"hope"}), frozenset({"farewell"})
        >>> matcher = Matcher([Entry(("hope*",), hope), Entry(("so", "long"), farewell)])
        >>> hits: Counter[frozenset[str]] = Counter()
        >>> matcher.count_into(hits, ["so", "long", "hopeful", "so"]), hits[hope], hits[farewell]
        (3, 1, 1)
    """

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._root = _Node()
        self._seen: dict[str, _Seen] = {}
        self.has_phrases = False
        for entry in entries:
            node = self._root
            for word in entry.words:
                node = node.add(word)
            node.categories |= entry.categories
            self.has_phrases |= len(entry.words) > 1

    def categories_of(self, token: str) -> frozenset[str]:
        """Categories of all single-word entries that match a token."""
        return self._look_up(token).categories

    def count_into(self, hits: Counter[frozenset[str]], tokens: Sequence[str]) -> int:
        """Add the sets of categories that are hit in a row of tokens, and return how many tokens the hits cover."""
        if not self.has_phrases:
            return self._count_words(hits, tokens)
        covered = position = 0
        while position < len(tokens):
            token = tokens[position]
            seen = self._seen.get(token) or self._look_up(token)
            categories, length = seen.categories, 1
            if seen.onward:
                longer, extent = _longest(seen.onward, tokens, position + 1)
                if extent:
                    categories, length = longer, 1 + extent
            if categories:
                hits[categories] += 1
                covered += length
            position += length
        return covered

    def _count_words(self, hits: Counter[frozenset[str]], tokens: Sequence[str]) -> int:
        covered = 0
        for token, times in Counter(tokens).items():
            categories = (self._seen.get(token) or self._look_up(token)).categories
            if categories:
                hits[categories] += times
                covered += times
        return covered

    def _look_up(self, token: str) -> _Seen:
        nodes = self._root.after(token)
        seen = _Seen(
            frozenset().union(*(node.categories for node in nodes)), tuple(node for node in nodes if node.goes_on)
        )
        if len(self._seen) >= _MOST_REMEMBERED:
            self._seen.clear()
        self._seen[token] = seen
        return seen


def _longest(nodes: Iterable[_Node], tokens: Sequence[str], position: int) -> tuple[frozenset[str], int]:
    """The longest way on from some nodes: all categories found at its end, and how many tokens it takes."""
    found, extent, length = _NOTHING, 0, 0
    front = list(nodes)
    while front and position + length < len(tokens):
        front = [onward for node in front for onward in node.after(tokens[position + length])]
        length += 1
        ends = frozenset().union(*(node.categories for node in front))
        if ends:
            found, extent = ends, length
    return found, extent
