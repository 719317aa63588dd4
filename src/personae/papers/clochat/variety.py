"""How differently texts of different people speak: cosine distances of word counts, and their mean with an interval."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from personae.stats import Estimate
from personae.text import tokenize

Floats = NDArray[np.float64]
_RESAMPLES = 1000


def distances(texts: Sequence[str]) -> Floats:
    """Cosine distance of the word counts of each two texts; NaN where one is empty.

    Example:
        >>> distances(["the bee", "the bee", "a car"])[0].round(2).tolist()
        [0.0, 0.0, 1.0]
    """
    counts = [Counter(token.lower() for token in tokenize(text)) for text in texts]
    places = {word: place for place, word in enumerate(sorted(set().union(*counts)))}
    vectors = np.zeros((len(texts), len(places)))
    for row, count in enumerate(counts):
        for word, times in count.items():
            vectors[row, places[word]] = times
    lengths = np.linalg.norm(vectors, axis=1)
    lengths[lengths == 0] = np.nan
    found: Floats = 1 - (vectors / lengths[:, None]) @ (vectors / lengths[:, None]).T
    return found


def mean_distance(matrix: Floats, *, rng: np.random.Generator) -> Estimate:
    """Mean over all pairs of different people, with a percentile interval over people, resampled whole.

    When to use: people are what was sampled, and each is in many pairs; pairs of somebody with themselves, which a
    resample makes, are left out.
    """
    is_there = np.isfinite(matrix).sum(axis=1) > 1
    kept = matrix[np.ix_(is_there, is_there)]
    n = len(kept)
    method = f"mean over pairs, percentile bootstrap over people, {_RESAMPLES} resamples"
    missing = len(matrix) - n
    if n < 3:
        nan = float("nan")
        return Estimate(nan, nan, nan, n, missing, method=method, note="fewer than three people")
    drawn = []
    for _ in range(_RESAMPLES):
        chosen = rng.integers(n, size=n)
        pairs = kept[np.ix_(chosen, chosen)]
        differ = chosen[:, None] != chosen[None, :]
        if differ.any():
            drawn.append(float(np.nanmean(pairs[differ])))
    low, high = np.quantile(drawn, [0.025, 0.975])
    estimate = float(np.nanmean(kept[~np.eye(n, dtype=bool)]))
    return Estimate(estimate, float(low), float(high), n, missing, method=method)
