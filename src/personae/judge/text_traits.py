"""Reading traits from a text: one interface for a word list, a model that is asked, and a trained classifier."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol

from personae.canonical import content_hash
from personae.judge.rubric import UNCALIBRATED, Criterion, Rubric, rate
from personae.model import Model, Sampling, Status
from personae.persona import BIG_FIVE, trait_title, trait_words
from personae.text import Lexicon, open_lexicon, tokenize

LEAST_WORDS = 10
"""Shorter texts are not scored: a rate over a few words says nothing."""

SIGNS: Mapping[str, Mapping[str, int]] = {
    "big_five.extraversion": {
        "social": 1, "friends": 1, "positive_emotion": 1, "we": 1, "you": 1, "tentative": -1, "negation": -1,
    },
    "big_five.agreeableness": {
        "positive_emotion": 1, "we": 1, "family": 1, "home": 1, "prosocial": 1, "anger": -1, "conflict": -1,
    },
    "big_five.conscientiousness": {
        "achievement": 1, "work": 1, "order_planning": 1, "negation": -1, "anger": -1, "negative_emotion": -1,
    },
    "big_five.neuroticism": {
        "negative_emotion": 1, "anxiety": 1, "anger": 1, "sadness": 1, "i": 1, "certainty": 1, "article": -1, "you": -1,
    },
    "big_five.openness": {
        "article": 1, "preposition": 1, "art_culture": 1, "insight": 1, "family": -1, "home": -1, "past_focus": -1,
    },
}  # fmt: skip
"""Signs of word categories for each trait, as Yarkoni (2010, Journal of Research in Personality 44) found in blogs.

From memory, and with categories of ours that stand for those of LIWC; weights are 1, so that no size is claimed.
"""


@dataclass(frozen=True, slots=True)
class TextScore:
    """What a scorer made of one text."""

    status: Status
    scores: Mapping[str, float]
    """By trait, on the scorer's own scale; empty unless the status is usable."""


class TextScorer(Protocol):
    """Reads traits from texts.

    The scales of two scorers are not the same: compare texts by one scorer, or orders between scorers.
    """

    @property
    def key(self) -> str:
        """Short name: ``lexicon``, ``rated``, ``classifier``."""
        ...

    @property
    def unit(self) -> str:
        """What a score is, in words."""
        ...

    @property
    def calibration(self) -> str:
        """How far it agrees with people, or that this was not measured."""
        ...

    @property
    def hash(self) -> str:
        """Hash of everything that a score depends on, apart from a model."""
        ...

    async def score(self, text: str) -> TextScore:
        """Score one text.

        Raises:
            ProviderError: If a model is asked and no call can succeed at all.
        """
        ...


@dataclass(frozen=True)
class LexiconScorer:
    """Scores by word categories: the sum of per cent of words, each with its sign for the trait.

    When to use: as a scorer that costs nothing, knows nothing, and is always there. It has no norms: only differences
    between texts mean anything.

    Example:
        >>> warm = LexiconScorer().read("We are so happy to have all our friends and family at home with us tonight.")
        >>> warm.scores["big_five.agreeableness"] > 0
        True
    """

    lexicon: Lexicon = field(default_factory=open_lexicon)
    signs: Mapping[str, Mapping[str, int]] = field(default_factory=lambda: SIGNS)
    key: str = "lexicon"
    unit: str = "signed per cent of words"
    calibration: str = UNCALIBRATED

    @cached_property
    def hash(self) -> str:
        """Hash of lexicon and signs."""
        return content_hash([self.lexicon.hash, {trait: dict(signs) for trait, signs in self.signs.items()}])

    def read(self, text: str) -> TextScore:
        """Score one text, without an event loop."""
        counts = self.lexicon.count(text)
        if not text.strip():
            return TextScore("empty", {})
        if counts.words < LEAST_WORDS:
            return TextScore("unparsed", {})
        rates = {key: 100.0 * count / counts.words for key, count in counts.counts.items()}
        return TextScore(
            "ok",
            {
                trait: sum(sign * rates.get(category, 0.0) for category, sign in signs.items())
                for trait, signs in self.signs.items()
            },
        )

    async def score(self, text: str) -> TextScore:
        """Score one text."""
        return self.read(text)


def trait_rubric(traits: Sequence[str] = BIG_FIVE, *, lowest: int = 1, highest: int = 9) -> Rubric:
    """The questions by which a model rates the author of a text, zero-shot, on a scale for each trait.

    Example:
        >>> [one.key for one in trait_rubric().criteria][:2]
        ['extraversion', 'agreeableness']
    """
    words = trait_words()
    criteria = tuple(
        Criterion(
            trait_title(trait).replace(" ", "_"),
            f"How high is the author in {trait_title(trait)}?",
            words[trait].low if trait in words else "very low",
            words[trait].high if trait in words else "very high",
        )
        for trait in traits
    )
    return Rubric("traits_of_author", criteria, lowest, highest)


@dataclass(frozen=True)
class RatedScorer:
    """A model that rates the author, zero-shot, by a rubric. Its calibration against people is part of the rubric."""

    model: Model
    traits: Sequence[str] = BIG_FIVE
    rubric: Rubric = field(default_factory=trait_rubric)
    sampling: Sampling = Sampling(temperature=0.0)  # noqa: RUF009  # frozen
    key: str = "rated"

    @property
    def unit(self) -> str:
        """The scale of the rubric."""
        return f"rating from {self.rubric.lowest} to {self.rubric.highest}"

    @property
    def calibration(self) -> str:
        """That of the rubric."""
        return self.rubric.calibration

    @property
    def hash(self) -> str:
        """Hash of what the model reads."""
        return self.rubric.hash

    async def score(self, text: str) -> TextScore:
        """Have one text rated."""
        if len(tokenize(text)) < LEAST_WORDS:
            return TextScore("unparsed" if text.strip() else "empty", {})
        rating = await rate(text, self.rubric, self.model, sampling=self.sampling)
        if not rating.scores:
            return TextScore(rating.status, {})
        scores = {
            trait: float(rating.scores[one.key]) for trait, one in zip(self.traits, self.rubric.criteria, strict=True)
        }
        return TextScore(rating.status, scores)


def standardised(rows: Sequence[Mapping[str, float]], traits: Sequence[str] = BIG_FIVE) -> dict[str, list[float]]:
    """Scores as z-scores over the texts at hand, by trait; NaN where there is no score or no spread.

    Example:
        >>> standardised([{"a": 1.0}, {"a": 3.0}, {}], ["a"])["a"][:2]
        [-0.7071067811865475, 0.7071067811865475]
    """
    table: dict[str, list[float]] = {}
    for trait in traits:
        values = [float(row.get(trait, math.nan)) for row in rows]
        known = [value for value in values if not math.isnan(value)]
        mean = math.fsum(known) / len(known) if known else math.nan
        spread = math.sqrt(math.fsum((v - mean) ** 2 for v in known) / (len(known) - 1)) if len(known) > 1 else 0.0
        table[trait] = [(value - mean) / spread if spread > 1e-12 else math.nan for value in values]
    return table


def score_columns(key: str, found: TextScore, traits: Sequence[str] = BIG_FIVE) -> dict[str, list[float | None] | str]:
    """A score as columns of a table: ``score.KEY`` with a number a trait, and ``score.KEY.status``.

    Example:
        >>> score_columns("rated", TextScore("ok", {"a": 2.0}), ["a", "b"])
        {'score.rated': [2.0, None], 'score.rated.status': 'ok'}
    """
    return {f"score.{key}": [found.scores.get(trait) for trait in traits], f"score.{key}.status": found.status}
