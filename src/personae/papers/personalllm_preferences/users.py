"""Users as weightings of scorers, what they have rated, and who is like whom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from personae.papers.personalllm_preferences.bank import Bank
from personae.population.dirichlet import DirichletSource
from personae.population.minhash import piece_hashes

DIMENSIONS = 256


def embed(texts: Sequence[str]) -> NDArray[np.float64]:
    """Vectors of texts without a model: counts of hashed words and letter runs, damped, of length 1.

    Knows wording, not meaning: enough to find questions and answers that are worded alike.

    Example:
        >>> one, same, other = embed(["a dog in the rain", "the dog in a rain", "stock prices"])
        >>> bool(one @ same > one @ other)
        True
    """
    vectors = np.zeros((len(texts), DIMENSIONS))
    for unit in ("words", "letters"):
        hashes, ends = piece_hashes(texts, unit)
        rows = np.repeat(np.arange(len(texts)), np.diff(ends))
        np.add.at(vectors, (rows, (hashes % np.uint64(DIMENSIONS)).astype(np.int64)), 1.0)
    vectors = np.log1p(vectors)
    result: NDArray[np.float64] = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    return result


@dataclass(frozen=True)
class Users:
    """A crowd whose history is known, and new users for whom answers are written."""

    bank: Bank
    crowd: int
    new: int
    history: int
    """Questions that each has rated."""
    alpha: float
    """Of the Dirichlet distribution: .01 to .1 gives users who care for one or two scorers."""
    seed: int
    similar_by: str = "winning"

    @cached_property
    def weights(self) -> NDArray[np.float64]:
        """A row a user, over scorers: the new ones first."""
        source = DirichletSource.symmetric(self.bank.scorers, self.alpha)
        return source.weights(np.random.default_rng(self.seed), self.new + self.crowd)[0]

    def rewards(self, user: int, question: int) -> NDArray[np.float64]:
        """What a user gives each answer: the weighted sum of standardised scores."""
        result: NDArray[np.float64] = self.bank.scores[question] @ self.weights[user]
        return result

    @cached_property
    def rated(self) -> NDArray[np.int64]:
        """Questions that each user has rated: users x history."""
        rng = np.random.default_rng([self.seed, 1])
        count = min(self.history, self.bank.train)
        return np.array([rng.permutation(self.bank.train)[:count] for _ in range(len(self.weights))], dtype=np.int64)

    @cached_property
    def liked(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The best and the worst answer of each rated question, by each user."""
        rewards = np.einsum("uhas,us->uha", self.bank.scores[self.rated], self.weights)
        return rewards.argmax(axis=2), rewards.argmin(axis=2)

    @cached_property
    def _prompt_vectors(self) -> NDArray[np.float64]:
        return embed([one.prompt for one in self.bank.questions])

    @cached_property
    def _answer_vectors(self) -> NDArray[np.float64]:
        flat = embed([text for one in self.bank.questions[: self.bank.train] for text in one.answers])
        return flat.reshape(self.bank.train, -1, DIMENSIONS)

    @cached_property
    def vectors(self) -> NDArray[np.float64]:
        """A vector a user: the mean of the answers they liked best, as published, or less what they liked least."""
        best, worst = self.liked
        vectors = self._answer_vectors[self.rated, best].mean(axis=1)
        if self.similar_by == "difference":
            vectors = vectors - self._answer_vectors[self.rated, worst].mean(axis=1)
        else:
            vectors = vectors - vectors.mean(axis=0)  # what all liked answers share says nothing about a user
        result: NDArray[np.float64] = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
        return result

    def neighbours(self, user: int, count: int) -> list[int]:
        """Users of the crowd who are most like a new user, the nearest first."""
        alike = self.vectors[self.new :] @ self.vectors[user]
        return [self.new + int(place) for place in np.argsort(-alike, kind="stable")[:count]]

    def strangers(self, user: int, count: int) -> list[int]:
        """Users of the crowd at random: the control for likeness."""
        rng = np.random.default_rng([self.seed, 2, user])
        return [self.new + int(place) for place in rng.choice(self.crowd, size=min(count, self.crowd), replace=False)]

    def nearest_rated(self, user: int, question: int, count: int) -> list[int]:
        """Places in a user's history whose questions are worded most like a question."""
        alike = self._prompt_vectors[self.rated[user]] @ self._prompt_vectors[question]
        return [int(place) for place in np.argsort(-alike, kind="stable")[:count]]
