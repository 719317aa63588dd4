"""Pairs of texts that share most of their pieces: signatures, bands, and the exact comparison that has the last word.

Three steps, each of them a pass of numpy over chunks: texts become signatures; texts that share a band become
candidates, and those whose signatures differ too much are left out at once; the rest are compared piece by piece.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from personae.errors import MissingExtraError

if TYPE_CHECKING:
    from personae.population.store import Spread

Unit = Literal["letters", "words"]

PERMUTATIONS, BANDS = 128, 16
"""16 bands of 8 rows: at a Jaccard of .7 a pair becomes a candidate with probability .61, at .8 with .95, at .9 with
.9999 (1 - (1 - s^8)^16)."""
WIDTH = 5
SLACK = 3.0
"""Standard errors by which a signature may fall short of the threshold before its pair is left out: .1% of the pairs at
the threshold itself, fewer above it."""
_CHUNK = 4_000
_PAIRS_AT_ONCE = 100_000
_NEAREST = 7
_BITS = 44


@dataclass(frozen=True, slots=True)
class Signatures:
    """What is kept of texts: 256 bytes each."""

    bands: NDArray[np.uint64]
    """A key for each band and text."""
    marks: NDArray[np.uint64]
    """The lowest byte of each of 128 minima, eight to a word: what two texts agree in is estimated from these."""


def sign_texts(texts: Sequence[str], unit: Unit, seed: int, spread: Spread | None = None) -> Signatures:
    """Signatures of all texts, chunk by chunk.

    Raises:
        MissingExtraError: If rensa is not installed.
    """
    chunks = [(texts[start : start + _CHUNK], unit, seed) for start in range(0, len(texts), _CHUNK)]
    bands = np.empty((BANDS, len(texts)), dtype=np.uint64)
    marks = np.empty((len(texts), PERMUTATIONS // 8), dtype=np.uint64)
    signed = map(_sign, chunks) if spread is None else spread(_sign, chunks)
    for start, (some_bands, some_marks) in zip(range(0, len(texts), _CHUNK), signed, strict=True):
        bands[:, start : start + len(some_marks)] = some_bands
        marks[start : start + len(some_marks)] = some_marks
    return Signatures(bands, marks)


def candidate_pairs(signed: Signatures, threshold: float) -> NDArray[np.int64]:
    """Pairs that share a band and whose signatures do not speak against them, each once, in order.

    In a large bucket, which is what a sentence that all texts share makes, only neighbours are looked at; texts that
    share the next band as well are neighbours there.
    """
    n = signed.bands.shape[1]
    least = _least_agreement(threshold)
    found: list[NDArray[np.int64]] = []
    for place, band in enumerate(signed.bands):
        order = np.lexsort((signed.bands[(place + 1) % BANDS], band))
        ordered = band[order]
        for step in range(1, _NEAREST + 1):
            same = np.flatnonzero(ordered[step:] == ordered[:-step])
            if not len(same):
                break
            first, second = order[same], order[same + step]
            low, high = np.minimum(first, second), np.maximum(first, second)
            found.append((low * n + high)[_agreement(signed.marks, low, high) >= least])
    pairs = np.unique(np.concatenate(found)) if found else np.empty(0, dtype=np.int64)
    return np.column_stack(np.divmod(pairs, max(n, 1)))


def jaccard_of_pairs(
    texts: Sequence[str], pairs: NDArray[np.int64], unit: Unit, spread: Spread | None = None
) -> NDArray[np.float64]:
    """Exact Jaccard similarity of the sets of pieces of each pair."""
    chunks = []
    for start in range(0, len(pairs), _CHUNK):
        rows, places = np.unique(pairs[start : start + _CHUNK], return_inverse=True)
        chunks.append(([texts[row] for row in rows.tolist()], places.reshape(-1, 2), unit))
    compared = map(_compare, chunks) if spread is None else spread(_compare, chunks)
    return np.concatenate([np.empty(0), *compared])


def normalised(text: str) -> str:
    """The text without case and with single blanks: what makes two texts the same.

    Example:
        >>> normalised("  A  Nurse ")
        'a nurse'
    """
    return " ".join(text.casefold().split())


def piece_hashes(texts: Sequence[str], unit: Unit) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """Hashes of the pieces of texts, one after the other, and where each text begins (and the last one ends)."""
    plain = [normalised(text) for text in texts]
    if unit == "words":
        words = [[zlib.crc32(word.encode("utf-8", "surrogatepass")) for word in text.split()] or [0] for text in plain]
        codes = np.array([code for row in words for code in row], dtype=np.uint64)
        return _mixed(codes), np.cumsum([0, *map(len, words)])
    padded = [text if len(text) >= WIDTH else text.ljust(WIDTH) for text in plain]
    letters = np.frombuffer("".join(padded).encode("utf-32-le", "surrogatepass"), dtype=np.uint32).astype(np.uint64)
    hashes = np.zeros(max(0, len(letters) - WIDTH + 1), dtype=np.uint64)
    for place in range(WIDTH):
        hashes *= np.uint64(1_000_003)
        hashes += letters[place : place + len(hashes)]
    lengths = np.array([len(text) for text in padded], dtype=np.int64)
    starts = np.cumsum(np.concatenate([[0], lengths]))
    inside = np.ones(len(hashes), dtype=bool)
    for back in range(1, WIDTH):  # pieces that would run over into the next text
        inside[starts[1:-1] - back] = False
    return _mixed(hashes[inside]), np.cumsum(np.concatenate([[0], lengths - WIDTH + 1]))


def _mixed(hashes: NDArray[np.uint64]) -> NDArray[np.uint64]:
    hashes = hashes ^ (hashes >> np.uint64(31))
    hashes *= np.uint64(0x9E3779B97F4A7C15)
    hashes ^= hashes >> np.uint64(29)
    return hashes


def _sign(chunk: tuple[Sequence[str], Unit, int]) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    try:
        from rensa import RMinHash
    except ImportError as error:
        raise MissingExtraError("MinHash", "dedup") from error
    texts, unit, seed = chunk
    hashes, ends = piece_hashes(texts, unit)
    matrix = RMinHash.digest_matrix_from_flat_token_hashes(
        hashes, ends.astype(np.uint64), num_perm=PERMUTATIONS, seed=seed
    )
    minima = np.array(matrix.to_rows(), dtype=np.uint32)
    rows = minima.reshape(len(texts), BANDS, PERMUTATIONS // BANDS).astype(np.uint64)
    keys = np.zeros((len(texts), BANDS), dtype=np.uint64)
    for place in range(rows.shape[2]):
        keys = (keys ^ rows[:, :, place]) * np.uint64(0x100000001B3)
        keys ^= keys >> np.uint64(32)
    return keys.T, minima.astype(np.uint8).view(np.uint64)


def _least_agreement(threshold: float) -> int:
    """Marks that two texts at the threshold share at least, but for one pair in a thousand."""
    shared = threshold + (1 - threshold) / 256  # a byte agrees by chance as well
    error = np.sqrt(shared * (1 - shared) / PERMUTATIONS)
    return int(np.floor(PERMUTATIONS * (shared - SLACK * error)))


def _agreement(marks: NDArray[np.uint64], first: NDArray[np.int64], second: NDArray[np.int64]) -> NDArray[np.int64]:
    """How many of the marks of each pair are the same."""
    agreed = np.empty(len(first), dtype=np.int64)
    ones = np.uint64(0x0101010101010101)
    for start in range(0, len(first), _PAIRS_AT_ONCE):
        piece = slice(start, start + _PAIRS_AT_ONCE)
        differ = marks[first[piece]] ^ marks[second[piece]]
        for shift in (4, 2, 1):  # the lowest bit of a byte becomes 1 where any of its bits is
            differ |= differ >> np.uint64(shift)
        agreed[piece] = PERMUTATIONS - np.bitwise_count(differ & ones).sum(axis=1, dtype=np.int64)
    return agreed


def _compare(chunk: tuple[Sequence[str], NDArray[np.int64], Unit]) -> NDArray[np.float64]:
    texts, pairs, unit = chunk
    hashes, ends = piece_hashes(texts, unit)
    short = hashes >> np.uint64(64 - _BITS)  # the rest of the word says whose piece it is
    owner = np.repeat(np.arange(len(texts), dtype=np.uint64), np.diff(ends))
    pieces = (owner << np.uint64(_BITS)) | short
    pieces.sort()  # np.unique would hash, at twice the time
    pieces = pieces[np.diff(pieces, prepend=~pieces[:1]) != 0]
    begins = np.searchsorted(pieces, np.arange(len(texts) + 1, dtype=np.uint64) << np.uint64(_BITS))
    sizes = np.diff(begins)
    first, second = pairs[:, 0], pairs[:, 1]
    lengths = sizes[first]
    stops = np.cumsum(lengths)
    places = np.arange(int(stops[-1])) + np.repeat(begins[first] - (stops - lengths), lengths)
    low = np.uint64((1 << _BITS) - 1)
    wanted = (pieces[places] & low) | (np.repeat(second.astype(np.uint64), lengths) << np.uint64(_BITS))
    at = np.minimum(np.searchsorted(pieces, wanted), len(pieces) - 1)
    shared = np.add.reduceat((pieces[at] == wanted).astype(np.int64), stops - lengths)
    similarity: NDArray[np.float64] = shared / (lengths + sizes[second] - shared)
    return similarity
