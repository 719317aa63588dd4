"""Narratives as sources: ours, which are made up, or the user's, with their terms; and found by question."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, model_validator

from personae.canonical import content_hash
from personae.errors import InputError
from personae.instrument.tasks import Stimuli, load_stimuli
from personae.papers.persona_l.rows import read_models
from personae.persona import Memory, Persona, Provenance, respect_terms
from personae.population.dedup import HashedEncoder
from personae.text import WordIndex, rare_words, word_weights

Search = Literal["words", "vectors"]
LEAST_SUPPORT = 0.5
"""Share of a sentence's rarer words, by weight, that a source must have to be shown beside it. A convention."""


class AbilityPair(BaseModel):
    """Something that is done, what makes it hard, and what helps: the three belong together."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    ability: str = Field(min_length=1)
    constraint: str = Field(min_length=1)
    support: str = ""


class Narrative(BaseModel):
    """What somebody told, and on which theme."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    key: str = Field(min_length=1)
    theme: str = Field(min_length=1)
    title: str = ""
    speaker: str = ""
    """Who tells it: ``self``, ``parent``, ``supporter`` or what else there is."""
    text: str = Field(min_length=1)
    source: str = ""
    """Where it was told, or that it is made up."""
    licence: str = ""
    consent: str = ""
    """What the teller agreed to."""
    question: str = ""
    """What it answers, in other words than its own, as a yardstick for retrieval; may be missing."""
    pairs: tuple[AbilityPair, ...] = ()
    """Abilities that people have read out of it, as a yardstick for what a model derives; may be missing."""

    @model_validator(mode="before")
    @classmethod
    def _takes_one_pair_in_columns(cls, row: Any) -> Any:
        if not isinstance(row, dict) or "pairs" in row:
            return row
        pair = {name: row[name] for name in AbilityPair.model_fields if name in row}
        return {**{name: row[name] for name in row if name not in pair}, "pairs": [pair]} if pair else row

    @property
    def terms(self) -> Provenance:
        """Where it comes from, and what may be done with it."""
        by = f"narrative {self.key}" + (f" ({self.source})" if self.source else "")
        return Provenance(by=by, consent=self.consent, licence=self.licence)

    @property
    def is_allowed(self) -> bool:
        """Whether nothing is known that forbids to make a persona from it."""
        told = Persona(memories=(Memory(text=self.text),), provenance={"memories": self.terms})
        return not respect_terms(told, uses=("share", "adapt")).withheld


class Narratives(Stimuli):
    """A TOML file of narratives."""

    narratives: tuple[Narrative, ...] = Field(min_length=1)


@dataclass(frozen=True)
class Corpus:
    """Narratives, searched by BM25 (Robertson et al., 1994) over their rarer words, or by cosine of vectors.

    Vectors are hashed letter n-grams, which know spelling and no meaning; they need the extra ``text``.

    Example:
        >>> bees = Narrative(key="a", theme="work", text="I keep bees and sell honey.")
        >>> found = Corpus((bees, Narrative(key="b", theme="work", text="I drive a bus."))).search("Who sells honey?")
        >>> [one.key for one in found]
        ['a']
    """

    narratives: tuple[Narrative, ...]
    withheld: int = 0
    """Narratives of the file that were left out, because their consent or licence forbids to use them."""

    @property
    def hash(self) -> str:
        """Hash of all that is told."""
        return content_hash([one.model_dump(mode="json") for one in self.narratives])

    @property
    def themes(self) -> tuple[str, ...]:
        """Themes, in their order."""
        return tuple(dict.fromkeys(one.theme for one in self.narratives))

    def about(self, theme: str) -> Corpus:
        """The narratives of one theme."""
        return Corpus(tuple(one for one in self.narratives if one.theme == theme))

    def besides(self, theme: str) -> Corpus:
        """The narratives of all other themes."""
        return Corpus(tuple(one for one in self.narratives if one.theme != theme))

    def search(self, question: str, most: int = 3, by: Search = "words") -> tuple[Narrative, ...]:
        """The narratives that fit a question best; by words none that shares no word with it."""
        scores = self._words.scores(question) if by == "words" else self._by_vectors(question)
        order = sorted((-score, place) for place, score in enumerate(scores) if score > 0)
        return tuple(self.narratives[place] for _, place in order[:most])

    def rank(self, one: Narrative, by: Search = "words") -> int | None:
        """Place, from 1, at which a narrative's own question finds it; ``None`` if it is not found."""
        found = self.search(one.question, len(self.narratives), by)
        return found.index(one) + 1 if one in found else None

    def _by_vectors(self, question: str) -> list[float]:
        if not self.narratives:
            return []
        asked = HashedEncoder()([question])[0]
        sizes = np.linalg.norm(self._vectors, axis=1) * np.linalg.norm(asked)
        return [float(one) for one in self._vectors @ asked / np.where(sizes > 0, sizes, 1.0)]

    @cached_property
    def _vectors(self) -> NDArray[np.float32]:
        return HashedEncoder()([f"{one.title} {one.text}" for one in self.narratives])

    @cached_property
    def _words(self) -> WordIndex:
        return WordIndex([f"{one.title} {one.text}" for one in self.narratives])


@dataclass(frozen=True, slots=True)
class Support:
    """The source that a sentence is closest to."""

    place: int
    """Place of the source among those that were shown; -1 for none."""
    score: float

    @property
    def is_close(self) -> bool:
        """Whether it is close enough to be shown as a source."""
        return self.score >= LEAST_SUPPORT


def support_of(sentence: str, sources: Sequence[str], *, least: int = 2) -> Support:
    """Which source a sentence is closest to, by the share of its rarer words; being close is not being implied.

    Args:
        sentence: What is said.
        sources: What it may rest on.
        least: Rarer words that must be shared; one alone is shared by chance.

    Example:
        >>> support_of("We sell honey from our bees", ["I drive a bus.", "I keep bees. They give honey; I sell it."])
        Support(place=1, score=1.0)
    """
    words = [rare_words(one) for one in sources]
    weight = word_weights(words)
    asked = rare_words(sentence)
    scores = [(_closest(asked, one, weight, least), -place) for place, one in enumerate(words)]
    score, place = max(scores, default=(0.0, 1))
    return Support(-place if score > 0 else -1, score)


def _closest(asked: frozenset[str], words: frozenset[str], weight: Mapping[str, float], least: int) -> float:
    """Share of the weight of a sentence that a whole source has: a source is longer than any sentence on it."""
    shared = asked & words
    if len(shared) < least:
        return 0.0
    own = math.log(2)
    total = sum(weight.get(word, own) for word in asked)
    return sum(weight[word] for word in shared) / total if total else 0.0


@lru_cache(maxsize=4)
def read_corpus(path: Path | None = None) -> Corpus:
    """Our narratives, or those of a file: TOML in the layout of ours, JSON lines, or CSV.

    JSON lines and CSV have ``key``, ``theme``, ``text``, and if they are known ``title``, ``speaker``, ``source``,
    ``licence``, ``consent`` and ``question``; a row may have one pair in ``ability``, ``constraint`` and ``support``,
    JSON lines several in ``pairs``. What consent or licence forbid to use is left out and counted.

    Raises:
        InputError: If it cannot be read, a key occurs twice, or nothing may be used; the message names the place.
    """
    if path is None or path.suffix == ".toml":
        own = Path(str(files("personae.papers.persona_l") / "narratives.toml"))
        file = load_stimuli(path or own, Narratives)
        terms = {"source": file.source, "licence": file.licence}
        found = [
            one.model_copy(update={k: v for k, v in terms.items() if not getattr(one, k)}) for one in file.narratives
        ]
    else:
        found = read_models(path, Narrative)
    keys = Counter(one.key for one in found)
    if twice := [key for key, count in keys.items() if count > 1]:
        raise InputError(f"has the key {twice[0]!r} twice", where=str(path), remedy="give each narrative its own")
    kept = tuple(one for one in found if one.is_allowed)
    if not kept:
        raise InputError("no narrative may be used", where=str(path), remedy="see consent and licence of each")
    return Corpus(kept, len(found) - len(kept))
