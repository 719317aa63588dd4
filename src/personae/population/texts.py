"""How different the free texts of people are: their words, and their distances by an encoder."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from personae.errors import InputError
from personae.population.dedup import Encoder, HashedEncoder
from personae.population.minhash import normalised
from personae.population.quality import jackknifed, vendi
from personae.stats.estimate import Estimate

_SAMPLE = 400
_WORDS = 2_000
_PARTS = 40
_FOUR_FIFTHS = 0.8


def text_diversity(
    texts: Sequence[str], *, rng: np.random.Generator, encoder: Encoder | None = None, sample: int = _SAMPLE
) -> dict[str, Estimate]:
    """Measure how different texts are, on a random part of them.

    When to use: for people who are nothing but a description (Persona Hub), and beside the distances of closed fields.
    Mean cosine distance of two texts, effective number of texts (Vendi score over cosines, negative ones as 0), and the
    shares of different words and word pairs (distinct-n; Li et al., 2016) among the same number of words, as these
    shares fall with length. Intervals are the delete-d jackknife's.

    Args:
        texts: One a person.
        rng: Chooses texts.
        encoder: Turns texts into vectors; hashed letter n-grams if not given, which know spelling and not meaning.
        sample: Texts looked at.

    Raises:
        InputError: If there are fewer than three texts.
        MissingExtraError: If the encoder is not installed.

    Example:
        >>> import numpy as np
        >>> same = ["a nurse of Leeds"] * 5
        >>> found = text_diversity(same, rng=np.random.default_rng(0), encoder=lambda texts: np.ones((len(texts), 2)))
        >>> [round(one.estimate, 2) for one in found.values()]
        [0.0, 1.0, 0.2, 0.2]
    """
    if len(texts) < 3:
        raise InputError(f"{len(texts)} texts are too few", where="text diversity", remedy="give three or more")
    n = min(len(texts), sample)
    chosen = [texts[row] for row in rng.choice(len(texts), n, replace=False)]
    vectors = np.asarray((encoder or HashedEncoder())(chosen), dtype=np.float64)
    vectors = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    cosine = np.clip(vectors @ vectors.T, -1.0, 1.0)
    np.fill_diagonal(cosine, 1.0)
    words = [normalised(text).split() for text in chosen]
    value = _measured(cosine, words, np.arange(n))
    kept = max(2, round(_FOUR_FIFTHS * n))
    draws = [_measured(cosine, words, rng.choice(n, kept, replace=False)) for _ in range(_PARTS)]
    ends = {"mean cosine distance of two texts": (0.0, 2.0), "effective number of texts (Vendi)": (1.0, float(n))}
    return {
        name: jackknifed(one, [draw[name] for draw in draws], n, kept, ends.get(name, (0.0, 1.0)), name)
        for name, one in value.items()
    }


def _measured(cosine: NDArray[np.float64], words: Sequence[Sequence[str]], rows: NDArray[np.int64]) -> dict[str, float]:
    part = cosine[np.ix_(rows, rows)]
    n = len(rows)
    told: list[str] = []
    pairs: list[tuple[str, str]] = []
    for row in rows.tolist():
        own = words[row][: _WORDS - len(told)]
        told += own
        pairs += itertools.pairwise(own)
    return {
        "mean cosine distance of two texts": 1.0 - float((part.sum() - n) / (n * (n - 1))),
        "effective number of texts (Vendi)": vendi(np.clip(part, 0.0, 1.0), np.ones(n)),
        "distinct words": len(set(told)) / max(1, len(told)),
        "distinct word pairs": len(set(pairs)) / max(1, len(pairs)),
    }
