"""A lexicon: words, stems and phrases sorted into categories, and how often a text uses each category.

Counting words by category is the method of LIWC (Pennebaker, Francis & Booth, 2001). A percentage says how a text is
worded, not what it means: negation, irony and word senses are not seen.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from personae.canonical import content_hash
from personae.errors import InputError
from personae.text.matching import Entry, Matcher
from personae.text.tokens import tokenize

# Phrases do not run across what ends a clause.
_CLAUSE_END = re.compile(r"[.!?;:,…][\"'”’»)\]]*\s|\n\s*\n")


@dataclass(frozen=True, slots=True)
class Category:
    """A category of words: its name in tables, its name for readers, and the broader categories it belongs to."""

    key: str
    title: str = ""
    parents: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CategoryCounts:
    """How often one text uses each category of a lexicon."""

    words: int
    """Number of tokens: the denominator of every percentage."""
    in_dictionary: int
    """Number of tokens that some entry covers; a phrase covers all its tokens."""
    counts: Mapping[str, int]
    """Hits by category, zeros included, in the order of the lexicon. A phrase is one hit."""

    def percent(self, category: str) -> float:
        """Hits of a category per hundred words, as LIWC reports them; NaN if the text has no words.

        Raises:
            InputError: If the lexicon has no such category.
        """
        if category not in self.counts:
            known = ", ".join(self.counts)
            raise InputError("there is no such category", where=category, remedy=f"use one of: {known}")
        return 100.0 * self.counts[category] / self.words if self.words else math.nan

    def percents(self) -> dict[str, float]:
        """Percentages of all categories, in the order of the lexicon."""
        return {category: self.percent(category) for category in self.counts}

    @property
    def share_in_dictionary(self) -> float:
        """Share of the tokens that some entry covers, 0 to 1; NaN if the text has no words."""
        return self.in_dictionary / self.words if self.words else math.nan


@dataclass(frozen=True)
class Lexicon:
    """Words, stems and phrases by category.

    An entry is a word (``happy``), a stem that ends in ``*`` and stands for every word that begins so (``happi*``,
    ``happi`` itself included), or a phrase of either (``look* like``). Entries are spelled as :func:`tokenize` spells
    texts, so that case, curly apostrophes and hyphens make no difference: ``self-esteem`` is a phrase of two words.

    A token counts once a category, even if several entries or a category and its child claim it. Where a phrase is
    found, the longest one wins and its words do not count by themselves.

    Args:
        name: Name of the lexicon, for reports.
        version: Its version.
        categories: All categories; parents are named by key.
        entries: Keys of the narrowest categories of each entry.
        remarks: What a loader had to leave out or simplify, one line each.

    Raises:
        InputError: If a category is declared twice, has an unknown parent or is its own ancestor, or if an entry has no
            category, an unknown one, or no word that a text could contain.

    Example:
        >>> moods = Lexicon(
        ...     "moods", "1",
        ...     (Category("affect"), Category("joy", "Joy", parents=("affect",))),
        ...     {"glad": ("joy",), "cheer*": ("joy",), "over the moon": ("joy",)},
        ... )
        >>> found = moods.count("Cheerful and glad, even over the moon.")
        >>> found.words, found.counts, found.in_dictionary
        (7, {'affect': 3, 'joy': 3}, 5)
        >>> round(found.percent("joy"), 2)
        42.86
    """

    name: str
    version: str
    categories: tuple[Category, ...]
    entries: Mapping[str, tuple[str, ...]] = field(repr=False)
    remarks: tuple[str, ...] = field(default=(), repr=False)

    def __post_init__(self) -> None:
        _check_categories(self.categories, self.name)
        merged: dict[str, set[str]] = {}
        known = {category.key for category in self.categories}
        for entry, keys in self.entries.items():
            where = f"{self.name}, entry {entry!r}"
            words = entry_words(entry)
            if not words:
                raise InputError("no text can contain this entry", where=where, remedy="write a word or a stem*")
            if not keys:
                raise InputError("the entry has no category", where=where, remedy="name at least one")
            if unknown := set(keys) - known:
                raise InputError(f"unknown category {min(unknown)!r}", where=where, remedy="declare it")
            merged.setdefault(" ".join(words), set()).update(keys)
        order = {category.key: place for place, category in enumerate(self.categories)}
        spelled = {entry: tuple(sorted(keys, key=order.__getitem__)) for entry, keys in merged.items()}
        object.__setattr__(self, "entries", spelled)

    def __hash__(self) -> int:
        return hash(self.hash)

    @cached_property
    def hash(self) -> str:
        """Content hash of all that a count depends on: categories, parents and entries, not titles or remarks."""
        return content_hash(
            {
                "categories": {category.key: sorted(category.parents) for category in self.categories},
                "entries": {entry: sorted(keys) for entry, keys in self.entries.items()},
            }
        )

    @cached_property
    def _matcher(self) -> Matcher:
        lineage = _lineages(self.categories)
        return Matcher(
            Entry(tuple(entry.split(" ")), frozenset().union(*(lineage[key] for key in keys)))
            for entry, keys in self.entries.items()
        )

    def categories_of(self, word: str) -> frozenset[str]:
        """Categories that a single word counts in, parents included; phrases are not considered.

        Raises:
            InputError: If this is not one word.
        """
        tokens = tokenize(word)
        if len(tokens) != 1:
            raise InputError(f"holds {len(tokens)} words where one is wanted", where=repr(word), remedy="ask for each")
        return self._matcher.categories_of(tokens[0])

    def count(self, text: str) -> CategoryCounts:
        """Count the categories of a text."""
        pieces = _CLAUSE_END.split(text) if self._matcher.has_phrases else [text]
        hits: Counter[frozenset[str]] = Counter()
        words = covered = 0
        for piece in pieces:
            tokens = tokenize(piece)
            words += len(tokens)
            covered += self._matcher.count_into(hits, tokens)
        counts = dict.fromkeys((category.key for category in self.categories), 0)
        for keys, times in hits.items():
            for key in keys:
                counts[key] += times
        return CategoryCounts(words, covered, counts)


def entry_words(entry: str) -> tuple[str, ...]:
    """Split an entry into words and stems as texts are split; empty if no text can contain it.

    Example:
        >>> entry_words("Self-esteem*"), entry_words("look* like"), entry_words(":-)")
        (('self', 'esteem*'), ('look*', 'like'), ())
    """
    words: list[str] = []
    for piece in entry.split():
        bare = piece.rstrip("*")
        found = tokenize(bare)
        if not found or "*" in bare:
            return ()
        if bare != piece:
            # "there'*" stands for "there's" and "there'd"; without its apostrophe it would stand for "thereby" too.
            found[-1] += "'*" if bare[-1] in "'’" else "*"
        words.extend(found)
    return tuple(words)


def _check_categories(categories: Iterable[Category], where: str) -> None:
    parents: dict[str, tuple[str, ...]] = {}
    for category in categories:
        if category.key in parents:
            raise InputError(f"category {category.key!r} is declared twice", where=where, remedy="merge the two")
        parents[category.key] = category.parents
    for key, above in parents.items():
        if unknown := set(above) - set(parents):
            raise InputError(f"category {key!r} has an unknown parent {min(unknown)!r}", where=where)
    settled: set[str] = set()
    while waiting := [key for key in parents if key not in settled]:
        ready = [key for key in waiting if settled.issuperset(parents[key])]
        if not ready:
            raise InputError(f"category {waiting[0]!r} is its own ancestor", where=where, remedy="cut the circle")
        settled.update(ready)


def _lineages(categories: Iterable[Category]) -> dict[str, frozenset[str]]:
    """Each category with all its ancestors."""
    parents = {category.key: category.parents for category in categories}
    found: dict[str, frozenset[str]] = {}
    for key in parents:
        reached: set[str] = set()
        waiting = [key]
        while waiting:
            current = waiting.pop()
            if current not in reached:
                reached.add(current)
                waiting.extend(parents[current])
        found[key] = frozenset(reached)
    return found
