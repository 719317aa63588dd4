"""A base of cultural knowledge, and whether a text speaks of what it holds: assertions by culture and facet of life."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

import orjson
from pydantic import BaseModel, ConfigDict, Field

from personae.canonical import content_hash
from personae.errors import InputError
from personae.text import folded_words, without_accents
from personae.validation import validated_toml

FACETS = ("food", "drink", "clothing", "festivals", "rituals")
"""Facets of life of our base; a base of the user may have others."""

Strength = Literal[0, 1, 2]
"""0: nothing of the culture; 1: something that is typical of it; 2: the culture is named."""

_SAME_FACET = {
    "foods": "food", "cuisine": "food", "food and dining": "food", "drinks": "drink", "beverages": "drink",
    "clothes": "clothing", "dress": "clothing", "festival": "festivals", "holidays": "festivals",
    "celebrations": "festivals", "ritual": "rituals", "traditions": "rituals", "tradition": "rituals",
    "customs": "rituals",
}  # fmt: skip
_COLUMNS = {
    "subject": ("subject", "culture", "country", "group"),
    "facet": ("facet", "aspect", "topic", "domain", "category"),
    "text": ("assertion", "rep", "statement", "text", "sentence", "norm", "knowledge"),
    "terms": ("concepts", "concept", "terms", "objects", "object"),
    "score": ("combined_score", "score", "weight", "frequency"),
}
"""Names that a column may have. CANDLE's code writes ``subject``, ``aspect``, ``rep``, ``concepts`` and
``combined_score``, and in ``domain`` what kind of group the subject is; those of its tables for download, and of
CultureAtlas, are from memory: rename columns where they differ."""
_SUFFIXES = (".jsonl", ".json", ".csv", ".tsv", ".parquet", ".toml")


@dataclass(frozen=True, slots=True)
class Assertion:
    """One thing that is known of a culture."""

    subject: str
    """The culture, as the base calls it."""
    facet: str
    text: str
    terms: tuple[str, ...] = ()
    """Words by which a text that has it in mind can be told; without any, only a judge can use the assertion."""
    score: float = 1.0
    """How sure the base is of it, for order."""


@dataclass(frozen=True)
class KnowledgeBase:
    """Assertions, found by culture and facet.

    Example:
        >>> base = load_knowledge()
        >>> base.match("Why not make bibimbap, or a risotto?", "food")["korean"]
        ('bibimbap',)
        >>> base.match("Beef biryani it is.", "food")  # two cultures have it, so that it tells neither
        {}
    """

    key: str
    source: str
    assertions: tuple[Assertion, ...]

    @cached_property
    def hash(self) -> str:
        """Hash of everything that a judge or the matcher uses."""
        return content_hash([[one.subject, one.facet, one.text, list(one.terms)] for one in self.assertions])

    @cached_property
    def _filed(self) -> dict[tuple[str, str], list[Assertion]]:
        filed: dict[tuple[str, str], list[Assertion]] = {}
        for one in sorted(self.assertions, key=lambda each: -each.score):
            filed.setdefault((one.subject.casefold(), one.facet), []).append(one)
        return filed

    @cached_property
    def _owners(self) -> dict[str, dict[tuple[str, ...], dict[str, str]]]:
        """By facet and words of a term: the cultures that have it, and how each spells it."""
        owners: dict[str, dict[tuple[str, ...], dict[str, str]]] = {}
        for one in self.assertions:
            for term in one.terms:
                if words := tuple(folded_words(term)):
                    owners.setdefault(one.facet, {}).setdefault(words, {}).setdefault(one.subject.casefold(), term)
        return owners

    @cached_property
    def subjects(self) -> tuple[str, ...]:
        """The cultures of the base."""
        return tuple(dict.fromkeys(one.subject for one in self.assertions))

    def about(self, subject: str, facet: str, *, text: str = "", most: int | None = None) -> tuple[Assertion, ...]:
        """Assertions on one facet of a culture: first those whose words a text has, then by score."""
        own = self._filed.get((subject.casefold(), facet), [])
        if text and most is not None and len(own) > most:
            said = set(self.mentioned(text, facet))
            own = sorted(own, key=lambda one: not any(tuple(folded_words(term)) in said for term in one.terms))
        return tuple(own[:most])

    def is_matchable(self, subject: str, facet: str) -> bool:
        """Whether the matcher can find this facet of a culture at all."""
        return any(one.terms for one in self._filed.get((subject.casefold(), facet), []))

    def mentioned(self, text: str, facet: str) -> tuple[tuple[str, ...], ...]:
        """Terms of a facet that a text has, as words, each once; an ``s`` at the end does not matter."""
        owners = self._owners.get(facet, {})
        lengths = self._lengths.get(facet, ())
        words = folded_words(text)
        found: dict[tuple[str, ...], None] = {}
        for start in range(len(words)):
            for length in lengths:
                piece = tuple(words[start : start + length])
                if len(piece) < length:
                    continue
                for spelled in (piece, (*piece[:-1], piece[-1].removesuffix("s"))):
                    if spelled in owners:
                        found[spelled] = None
                        break
        return tuple(found)

    @cached_property
    def _lengths(self) -> dict[str, tuple[int, ...]]:
        return {facet: tuple(sorted({len(words) for words in terms})) for facet, terms in self._owners.items()}

    def match(self, text: str, facet: str, *, most_owners: int = 1) -> dict[str, tuple[str, ...]]:
        """What a text has of each culture, by the culture's name in lower case.

        Args:
            text: A text.
            facet: Where to look.
            most_owners: How many cultures may have a term that still tells; 1 takes terms of one culture alone.
        """
        owners = self._owners.get(facet, {})
        found: dict[str, list[str]] = {}
        for words in self.mentioned(text, facet):
            if len(owners[words]) <= most_owners:
                for subject, term in owners[words].items():
                    found.setdefault(subject, []).append(term)
        return {subject: tuple(terms) for subject, terms in found.items()}


def names_culture(text: str, called: Sequence[str]) -> bool:
    """Whether a text names a culture by one of some words, in the case in which they are given.

    Example:
        >>> names_culture("Roast turkey, and polish the silver.", ["Turkey", "Polish"])
        False
        >>> names_culture("A Turkish breakfast", ["Turkey", "Turkish"])
        True
    """
    return bool(called) and _called(tuple(called)).search(without_accents(text)) is not None


@lru_cache(maxsize=256)
def _called(words: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(rf"(?<![^\W_])(?:{'|'.join(re.escape(without_accents(word)) for word in words)})(?![^\W_])")


class _Base(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    key: str
    version: str
    title: str
    source: str
    licence: str
    origin: Literal["ours", "published", "user"] = "user"
    subjects: dict[str, dict[str, tuple[str, ...]]] = Field(min_length=1)


def load_knowledge(path: Path | None = None) -> KnowledgeBase:
    """Our base, or one of the user.

    A file is TOML of the form of ours (words by culture and facet), or CSV, TSV, JSON, JSONL or Parquet with a row for
    each assertion: a culture, a facet, the assertion, and if there are any its concepts and a score.

    Raises:
        InputError: If the file cannot be read, or a row lacks culture, facet or assertion.
    """
    if path is None:
        return _own()
    if path.suffix.lower() not in _SUFFIXES:
        raise InputError(
            f"is no {path.suffix or 'file'} that can be read", where=str(path), remedy=", ".join(_SUFFIXES)
        )
    try:
        if path.suffix.lower() == ".toml":
            return _parse(path.read_text(encoding="utf-8-sig"), str(path))
        rows = list(_rows(path))
    except (OSError, UnicodeDecodeError, orjson.JSONDecodeError) as error:
        raise InputError(f"cannot be read ({error})", where=str(path), remedy="give a file in UTF-8") from error
    assertions = tuple(_assertion(row, f"{path}, row {number}") for number, row in enumerate(rows, start=1))
    if not assertions:
        raise InputError("holds no assertion", where=str(path), remedy="give rows of culture, facet and assertion")
    return KnowledgeBase(path.name, f"file {path.name}", assertions)


@lru_cache(maxsize=1)
def _own() -> KnowledgeBase:
    return _parse(
        (files("personae.judge") / "cultural_knowledge.toml").read_text(encoding="utf-8"), "cultural_knowledge.toml"
    )


def _parse(text: str, where: str) -> KnowledgeBase:
    base = validated_toml(_Base, text, where)
    assertions = tuple(
        Assertion(subject, facet, term, (term,))
        for subject, facets in base.subjects.items()
        for facet, terms in facets.items()
        for term in terms
    )
    return KnowledgeBase(f"{base.key} {base.version}", base.source, assertions)


def _rows(path: Path) -> Iterator[Mapping[str, Any]]:
    match path.suffix.lower():
        case ".parquet":
            import polars as pl

            try:
                yield from pl.read_parquet(path).iter_rows(named=True)
            except pl.exceptions.PolarsError as error:
                raise InputError(
                    "is no Parquet file", where=str(path), remedy="write it again, or give a CSV"
                ) from error
        case ".jsonl":
            yield from (orjson.loads(line) for line in path.read_bytes().splitlines() if line.strip())
        case ".json":
            data = orjson.loads(path.read_bytes())
            yield from data if isinstance(data, list) else ()
        case suffix:
            with path.open(newline="", encoding="utf-8-sig") as file:
                yield from csv.DictReader(file, delimiter="\t" if suffix == ".tsv" else ",")


def _assertion(row: Any, where: str) -> Assertion:
    if not isinstance(row, Mapping):
        raise InputError("is no object", where=where, remedy="give one object for each assertion")
    lower = {str(key).strip().casefold(): value for key, value in row.items()}
    read = {want: next((lower[n] for n in names if lower.get(n) not in (None, "")), None)
            for want, names in _COLUMNS.items()}  # fmt: skip
    for want in ("subject", "facet", "text"):
        given = read[want]
        if not isinstance(given, str) or not given.strip():
            known = ", ".join(_COLUMNS[want])
            raise InputError(f"has no {want}", where=where, remedy=f"name its column one of {known}")
    try:
        score = 1.0 if read["score"] is None else float(read["score"])
    except (TypeError, ValueError) as error:
        raise InputError(f"the score is {read['score']!r}", where=where, remedy="write a number") from error
    facet = str(read["facet"]).strip().casefold()
    facet = _SAME_FACET.get(facet, facet.replace(" ", "_"))
    return Assertion(str(read["subject"]).strip(), facet, str(read["text"]).strip(), _terms(read["terms"]), score)


def _terms(given: Any) -> tuple[str, ...]:
    """Terms of a list, or of a text that is one: printed by Python or JSON, or parted by a semicolon or a bar."""
    if isinstance(given, str) and given.strip().startswith("["):
        given = [single or double for single, double in re.findall(r"'([^']*)'|\"([^\"]*)\"", given)]
    parts = given if isinstance(given, (list, tuple)) else re.split(r"[;|]", str(given or ""))
    return tuple(one.strip() for one in map(str, parts) if one.strip())
