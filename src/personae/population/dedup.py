"""Finding people who are there twice: the same, nearly the same words, nearly the same meaning.

Candidates are cheap and many, so that every one is verified: exact Jaccard for MinHash, exact cosine for embeddings.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from personae.errors import InputError, MissingExtraError

PERMUTATIONS, BANDS = 128, 16
"""16 bands of 8 rows: at a Jaccard of .7 a pair becomes a candidate with probability .61, at .8 with .95, at .9 with
.9999 (1 - (1 - s^8)^16)."""
WIDTH = 5
_CHUNK = 20_000
_ALL_PAIRS = 8
_NEIGHBOURS = 4
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

    def to_json(self) -> dict[str, Any]:
        """Plain JSON form."""
        return {"method": self.method, "n": self.n, "removed": self.removed, "candidates": self.candidates}


def normalised(text: str) -> str:
    """The text without case and with single blanks: what makes two texts the same.

    Example:
        >>> normalised("  A  Nurse ")
        'a nurse'
    """
    return " ".join(text.casefold().split())


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
    unit: Literal["letters", "words"] = "letters",
    seed: int = 1,
) -> Duplicates:
    """Texts of nearly the same words: MinHash (Broder, 1997) finds candidates, exact Jaccard decides.

    When to use: for up to some millions of short texts on one machine. Texts are read in chunks; what stays in memory
    is 128 bytes of band keys a text.

    Args:
        texts: One a person.
        threshold: Jaccard similarity of the sets of pieces from which two are the same; .7 or more is found reliably.
        unit: Pieces are runs of five letters, or single words (as Persona Hub has it, at .9).
        seed: Of the permutations.

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
    keys = np.empty((BANDS, len(texts)), dtype=np.uint64)
    for start in range(0, len(texts), _CHUNK):
        piece = texts[start : start + _CHUNK]
        keys[:, start : start + len(piece)] = _band_keys(piece, unit, seed)
    candidates = _candidates(keys)
    del keys
    links = _Links(len(texts))
    found = []
    for first, second, similarity in _verified(texts, candidates, unit, threshold, links):
        found.append((first, second, similarity))
    return Duplicates(f"minhash {unit} {threshold:g}", len(texts), links.groups(), len(candidates), tuple(found))


def embedding_duplicates(
    texts: Sequence[str], *, threshold: float = 0.9, encoder: Encoder | None = None, neighbours: int = 16
) -> Duplicates:
    """Texts of nearly the same meaning, as far as the encoder knows meanings: cosine of their vectors.

    Up to 200,000 texts every pair is looked at; above, faiss finds the nearest of each in an inverted file, and pairs
    that it misses are missed here.

    Args:
        texts: One a person.
        threshold: Cosine from which two are the same.
        encoder: Turns texts into vectors; hashed letter n-grams, projected to 256 numbers, if not given.
        neighbours: How many nearest of each are looked at above 200,000.

    Raises:
        MissingExtraError: If the encoder or, for many texts, faiss is not installed.
    """
    vectors = np.asarray((encoder or HashedEncoder())(texts), dtype=np.float32)
    if vectors.shape[0] != len(texts):
        raise InputError(f"the encoder gave {vectors.shape[0]} vectors for {len(texts)} texts", where="embedding")
    vectors = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    links = _Links(len(texts))
    found = []
    looked = 0
    pairs = (
        _near_exactly(vectors, threshold)
        if len(texts) <= _EXACT_UP_TO
        else _near_by_faiss(vectors, threshold, neighbours)
    )
    for first, second, similarity in pairs:
        looked += 1
        links.join(first, second)
        found.append((first, second, similarity))
    return Duplicates(f"embedding {threshold:g}", len(texts), links.groups(), looked, tuple(found))


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

    def join(self, first: int, second: int) -> None:
        a, b = sorted((self.root(first), self.root(second)))
        self._parent[b] = a

    def groups(self) -> NDArray[np.int64]:
        return np.array([self.root(row) for row in range(len(self._parent))], dtype=np.int64)


def piece_hashes(
    texts: Sequence[str], unit: Literal["letters", "words"]
) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """Hashes of the pieces of texts, one after the other, and where each text begins (and the last one ends)."""
    plain = [normalised(text) for text in texts]
    if unit == "words":
        import zlib

        words = [[zlib.crc32(word.encode()) for word in text.split()] or [0] for text in plain]
        ends = np.cumsum([0, *map(len, words)])
        return np.array([code for row in words for code in row], dtype=np.uint64), ends
    padded = [text if len(text) >= WIDTH else text.ljust(WIDTH) for text in plain]
    letters = np.frombuffer("".join(padded).encode("utf-32-le", "surrogatepass"), dtype=np.uint32).astype(np.uint64)
    hashes = np.zeros(max(0, len(letters) - WIDTH + 1), dtype=np.uint64)
    for place in range(WIDTH):
        hashes = hashes * np.uint64(1_000_003) + letters[place : place + len(hashes)]
    hashes ^= hashes >> np.uint64(31)
    hashes *= np.uint64(0x9E3779B97F4A7C15)
    hashes ^= hashes >> np.uint64(29)
    lengths = np.array([len(text) for text in padded], dtype=np.int64)
    starts = np.cumsum(np.concatenate([[0], lengths]))
    inside = np.ones(len(hashes), dtype=bool)
    for back in range(1, WIDTH):  # pieces that would run over into the next text
        edges = starts[1:-1] - back
        inside[edges] = False
    return hashes[inside], np.cumsum(np.concatenate([[0], lengths - WIDTH + 1]))


def _band_keys(texts: Sequence[str], unit: Literal["letters", "words"], seed: int) -> NDArray[np.uint64]:
    try:
        from rensa import RMinHash
    except ImportError as error:
        raise MissingExtraError("MinHash", "dedup") from error
    hashes, ends = piece_hashes(texts, unit)
    matrix = RMinHash.digest_matrix_from_flat_token_hashes(
        hashes, ends.astype(np.uint64), num_perm=PERMUTATIONS, seed=seed
    )
    rows = np.array(matrix.to_rows(), dtype=np.uint64).reshape(len(texts), BANDS, PERMUTATIONS // BANDS)
    keys = np.zeros((len(texts), BANDS), dtype=np.uint64)
    for place in range(rows.shape[2]):
        keys = (keys ^ rows[:, :, place]) * np.uint64(0x100000001B3)
        keys ^= keys >> np.uint64(32)
    return keys.T


def _candidates(keys: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Pairs that share a band, each once: every pair of a small bucket, neighbours of a large one."""
    n = keys.shape[1]
    found: NDArray[np.int64] = np.empty(0, dtype=np.int64)
    for band in keys:
        order = np.argsort(band, kind="stable")
        ordered = band[order]
        new = []
        for step in range(1, _ALL_PAIRS):
            same = np.flatnonzero(ordered[step:] == ordered[:-step])
            if not len(same):
                break
            new.append(order[same] * n + order[same + step])
        found = np.unique(np.concatenate([found, *new]))
    return np.column_stack(np.divmod(found, n)) if n else np.empty((0, 2), dtype=np.int64)


def _verified(
    texts: Sequence[str],
    candidates: NDArray[np.int64],
    unit: Literal["letters", "words"],
    threshold: float,
    links: _Links,
) -> Iterator[tuple[int, int, float]]:
    for start in range(0, len(candidates), _CHUNK):
        pairs = candidates[start : start + _CHUNK]
        rows = np.unique(pairs)
        hashes, ends = piece_hashes([texts[row] for row in rows], unit)
        sets = [np.unique(hashes[ends[k] : ends[k + 1]]) for k in range(len(rows))]
        places = np.searchsorted(rows, pairs)
        for (first, second), (a, b) in zip(pairs.tolist(), places.tolist(), strict=True):
            if links.root(first) == links.root(second):
                continue
            shared = len(np.intersect1d(sets[a], sets[b], assume_unique=True))
            similarity = shared / (len(sets[a]) + len(sets[b]) - shared)
            if similarity >= threshold:
                links.join(first, second)
                yield first, second, similarity


def _near_exactly(vectors: NDArray[np.float32], threshold: float) -> Iterator[tuple[int, int, float]]:
    for start in range(0, len(vectors), _ROWS):
        block = vectors[start : start + _ROWS] @ vectors[start:].T
        for first, second in zip(*np.nonzero(block >= threshold), strict=True):
            if second > first:
                yield start + int(first), start + int(second), float(block[first, second])


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
