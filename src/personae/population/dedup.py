"""Finding people who are there twice: the same, nearly the same words, nearly the same meaning.

Every candidate is verified: exact Jaccard for MinHash, exact cosine for embeddings.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from personae.errors import InputError, MissingExtraError
from personae.population.minhash import Unit, candidate_pairs, jaccard_of_pairs, normalised, sign_texts

if TYPE_CHECKING:
    from personae.population.store import Spread

_CHUNK = 20_000
_EXACT_UP_TO = 200_000
_ROWS = 512

Encoder = Callable[[Sequence[str]], NDArray[np.float32]]
"""Turns texts into vectors, one row each; any embedding model may stand in its place."""


@dataclass(frozen=True, slots=True)
class Duplicates:
    """Who is there more than once."""

    method: str
    n: int
    group: NDArray[np.int64]
    """For each row, the first row that is the same person; its own number if there is none before it."""
    candidates: int = 0
    """Pairs that were looked at."""
    pairs: tuple[tuple[int, int, float], ...] = field(default=(), repr=False)
    """Pairs that were verified, with their similarity."""

    @property
    def kept(self) -> NDArray[np.int64]:
        """Rows that stay: the first of every group."""
        return np.flatnonzero(self.group == np.arange(self.n))

    @property
    def removed(self) -> int:
        """How many rows are the same as an earlier one."""
        return self.n - len(self.kept)

    def groups(self) -> Iterator[list[int]]:
        """Rows of every group of two or more."""
        order = np.argsort(self.group, kind="stable")
        for rows in np.split(order, np.flatnonzero(np.diff(self.group[order])) + 1):
            if len(rows) > 1:
                yield [int(row) for row in rows]

    def among(self, rows: NDArray[np.int64], n: int) -> Duplicates:
        """The same, where what was compared are some rows of n; the others are nobody's duplicate."""
        group = np.arange(n)
        group[rows] = rows[self.group]
        pairs = tuple((int(rows[a]), int(rows[b]), value) for a, b, value in self.pairs)
        return Duplicates(self.method, n, group, self.candidates, pairs)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON form."""
        return {"method": self.method, "n": self.n, "removed": self.removed, "candidates": self.candidates}


def exact_duplicates(texts: Sequence[str]) -> Duplicates:
    """Texts that are the same but for case and blanks.

    Example:
        >>> exact_duplicates(["A nurse.", "a  nurse.", "A cook."]).kept.tolist()
        [0, 2]
    """
    first: dict[str, int] = {}
    group = np.array([first.setdefault(normalised(text), row) for row, text in enumerate(texts)], dtype=np.int64)
    return Duplicates("exact", len(texts), group)


def minhash_duplicates(
    texts: Sequence[str],
    *,
    threshold: float = 0.8,
    unit: Unit = "letters",
    seed: int = 1,
    spread: Spread | None = None,
) -> Duplicates:
    """Texts of nearly the same words: MinHash (Broder, 1997) finds candidates, exact Jaccard decides.

    When to use: for short texts on one machine, up to what memory holds. Measured on 1,000,000 texts of 126 letters: 32
    seconds of one core, 0.6 GB with the texts themselves. Beside the texts, 256 bytes of each stay in memory, and no
    more was tried than that million.

    Args:
        texts: One a person.
        threshold: Jaccard similarity of the sets of pieces from which two are the same; .7 or more is found reliably.
        unit: Pieces are runs of five letters, or single words (as Persona Hub has it, at .9).
        seed: Of the permutations.
        spread: Calls the two costly steps on chunks elsewhere, as :func:`personae.population.on_ray.spread_on_ray`
            does; the result is the same.

    Raises:
        InputError: If the threshold is not between .5 and 1.
        MissingExtraError: If rensa is not installed.

    Example:
        >>> people = ["A nurse who works nights in Leeds.", "A nurse who works nights in Leeds!", "A retired judge."]
        >>> minhash_duplicates(people).kept.tolist()
        [0, 2]
    """
    if not 0.5 <= threshold <= 1:
        raise InputError(
            f"threshold {threshold:g} is not .5 to 1", where="minhash", remedy="bands find such pairs only"
        )
    pairs = candidate_pairs(sign_texts(texts, unit, seed, spread), threshold)
    similarity = jaccard_of_pairs(texts, pairs, unit, spread)
    alike = similarity >= threshold
    links = _Links(len(texts))
    found = [
        (first, second, value)
        for (first, second), value in zip(pairs[alike].tolist(), similarity[alike].tolist(), strict=True)
        if links.join(first, second)
    ]
    return Duplicates(f"minhash {unit} {threshold:g}", len(texts), links.groups(), len(pairs), tuple(found))


def embedding_duplicates(
    texts: Sequence[str], *, threshold: float = 0.9, encoder: Encoder | None = None, neighbours: int = 16
) -> Duplicates:
    """Texts of nearly the same meaning, as far as the encoder knows meanings: cosine of their vectors.

    Up to 200,000 texts every pair is looked at; above, faiss finds the nearest of each in an inverted file, and pairs
    that it misses are missed here.

    Args:
        texts: One a person.
        threshold: Cosine from which two are the same, above 0.
        encoder: Turns texts into vectors; hashed letter n-grams, projected to 256 numbers, if not given.
        neighbours: How many nearest of each are looked at above 200,000.

    Raises:
        InputError: If the threshold is none, or the encoder gives another number of vectors.
        MissingExtraError: If the encoder or, for many texts, faiss is not installed.
    """
    if not 0 < threshold <= 1:
        raise InputError(f"threshold {threshold:g} is not above 0 and up to 1", where="embedding", remedy="try .9")
    vectors = np.asarray((encoder or HashedEncoder())(texts), dtype=np.float32)
    if vectors.shape[0] != len(texts):
        raise InputError(f"the encoder gave {vectors.shape[0]} vectors for {len(texts)} texts", where="embedding")
    vectors = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    links = _Links(len(texts))
    n = len(texts)
    is_exact = n <= _EXACT_UP_TO
    pairs = _near_exactly(vectors, threshold) if is_exact else _near_by_faiss(vectors, threshold, neighbours)
    found = [pair for pair in pairs if links.join(pair[0], pair[1])]  # of people who are all alike, one pair each
    looked = n * (n - 1) // 2 if is_exact else n * neighbours
    return Duplicates(f"embedding {threshold:g}", n, links.groups(), looked, tuple(found))


@dataclass(frozen=True, slots=True)
class HashedEncoder:
    """Vectors without a model: counts of letter n-grams, hashed, damped and projected at random.

    Knows spelling, not meaning: good for edits and reorderings, blind to synonyms. Needs scikit-learn and no network.
    """

    dimensions: int = 256
    seed: int = 0

    def __call__(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Encode texts."""
        try:
            from sklearn.feature_extraction.text import HashingVectorizer
            from sklearn.random_projection import SparseRandomProjection
        except ImportError as error:
            raise MissingExtraError("embedding texts offline", "text") from error
        counts = HashingVectorizer(analyzer="char_wb", ngram_range=(3, 5), n_features=2**16, alternate_sign=False)
        projection = SparseRandomProjection(self.dimensions, density=1 / 16, dense_output=True, random_state=self.seed)
        projection.fit(counts.transform(["a"]))
        rows = [
            np.asarray(projection.transform(counts.transform(texts[start : start + _CHUNK])), dtype=np.float32)
            for start in range(0, len(texts), _CHUNK)
        ]
        return np.concatenate(rows) if rows else np.empty((0, self.dimensions), dtype=np.float32)


class _Links:
    """Groups that grow by pairs (union-find); a group is called by its first row."""

    def __init__(self, n: int) -> None:
        self._parent = list(range(n))

    def root(self, row: int) -> int:
        while self._parent[row] != row:
            self._parent[row] = self._parent[self._parent[row]]
            row = self._parent[row]
        return row

    def join(self, first: int, second: int) -> bool:
        """Make two rows one group; whether they were two before."""
        a, b = sorted((self.root(first), self.root(second)))
        self._parent[b] = a
        return a != b

    def groups(self) -> NDArray[np.int64]:
        return np.array([self.root(row) for row in range(len(self._parent))], dtype=np.int64)


def _near_exactly(vectors: NDArray[np.float32], threshold: float) -> Iterator[tuple[int, int, float]]:
    """Pairs that bring two groups together: of a thousand people alike, not every pair of them."""
    label = np.arange(len(vectors))
    for start in range(0, len(vectors), _ROWS):
        block = vectors[start : start + _ROWS] @ vectors[start:].T
        for row in range(len(block)):
            near = row + 1 + np.flatnonzero(block[row, row + 1 :] >= threshold)
            kinds, places = np.unique(label[start + near], return_index=True)
            others = kinds != label[start + row]
            if not others.any():
                continue
            for second in near[places[others]].tolist():
                yield start + row, start + second, float(block[row, second])
            label[np.isin(label, kinds[others])] = label[start + row]


def _near_by_faiss(vectors: NDArray[np.float32], threshold: float, neighbours: int) -> Iterator[tuple[int, int, float]]:
    try:
        import faiss
    except ImportError as error:
        raise MissingExtraError(f"embedding dedup of more than {_EXACT_UP_TO} texts", "vector") from error
    cells = int(4 * np.sqrt(len(vectors)))
    index: Any = faiss.index_factory(vectors.shape[1], f"IVF{cells},Flat", faiss.METRIC_INNER_PRODUCT)
    index.cp.seed = 1
    index.cp.max_points_per_centroid = 64
    step = max(1, len(vectors) // (64 * cells))
    index.train(vectors[::step])
    index.add(vectors)
    index.nprobe = 8
    for start in range(0, len(vectors), _CHUNK):
        scores, rows = index.search(vectors[start : start + _CHUNK], neighbours)
        for place, column in zip(*np.nonzero(scores >= threshold), strict=True):
            first, second = start + int(place), int(rows[place, column])
            if second >= 0 and first < second:
                yield first, second, float(scores[place, column])
