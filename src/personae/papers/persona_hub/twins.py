"""Who is there twice: MinHash of words, then embeddings of who is left, as published and with every pair verified."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from personae.model import is_refusal
from personae.population.dedup import Encoder, HashedEncoder, embedding_duplicates, minhash_duplicates
from personae.population.minhash import PERMUTATIONS, candidate_pairs, sign_texts

_FEWEST, _MOST, _LONGEST = 2, 120, 1200
_FEWEST_UNSPACED = 5
"""Letters beyond ASCII that make a text of one word, as of scripts without blanks."""


@dataclass(frozen=True, slots=True)
class Twins:
    """Which rows stay after each step."""

    minhash: NDArray[np.bool_]
    embedding: NDArray[np.bool_]
    """After both steps."""


def find_twins(
    texts: Sequence[str],
    *,
    jaccard: float = 0.9,
    cosine: float = 0.9,
    verified: bool = True,
    encoder: Encoder | None = None,
) -> Twins:
    """Drop people who are there twice: signatures of 128 over single words, then cosine among those who are left.

    As published, the share of equal minima stands for the Jaccard similarity and must exceed the threshold. It is off
    by up to .05 at .9. Verified, the sets of words are compared themselves.

    Args:
        texts: One a person.
        jaccard: Threshold of the first step.
        cosine: Threshold of the second.
        verified: Whether candidates are compared word by word.
        encoder: Of the second step; hashed letter n-grams if not given, which know no meaning.
    """
    stays = np.ones(len(texts), dtype=bool)
    if len(texts) < 2:
        return Twins(stays, stays.copy())
    if verified:
        found = minhash_duplicates(texts, threshold=jaccard, unit="words")
        stays = found.group == np.arange(len(texts))
    else:
        signed = sign_texts(texts, "words", 1)
        marks = signed.marks.view(np.uint8).reshape(len(texts), PERMUTATIONS)
        for first, second in candidate_pairs(signed, max(0.5, jaccard - 0.1)).tolist():
            if stays[first] and (marks[first] == marks[second]).mean() > jaccard:
                stays[second] = False
    left: list[int] = np.flatnonzero(stays).tolist()
    both = stays.copy()
    near = embedding_duplicates([texts[row] for row in left], threshold=cosine, encoder=encoder)
    both[np.array(left)[near.group != np.arange(len(left))]] = False
    return Twins(stays, both)


def low_quality(text: str) -> str:
    """Why a description is no use, in a word: too short or too long, a refusal, or about the text and not a person.

    Example:
        >>> low_quality("Nurse"), low_quality("A nurse who works nights."), low_quality("The author of this text is")
        ('short', '', 'about_text')
    """
    words = text.split()
    if len(words) < _FEWEST and sum(ord(letter) > 127 for letter in text) < _FEWEST_UNSPACED:
        return "short"
    if len(words) > _MOST or len(text) > _LONGEST:
        return "long"
    plain = text.casefold()
    if any(phrase in plain for phrase in ("this text", "the text above", "the passage", "the given text")):
        return "about_text"
    return "refusal" if is_refusal(text) else ""


def vectors_of(texts: Sequence[str], encoder: Encoder | None = None) -> NDArray[np.float64]:
    """Vectors of length 1, a row a text."""
    vectors = np.asarray((encoder or HashedEncoder())(texts), dtype=np.float64)
    result: NDArray[np.float64] = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    return result
