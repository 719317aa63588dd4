"""How well a profile matches the true one: pairs exactly and nearly, and the overlap of both written out."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Sequence
from difflib import SequenceMatcher

from personae.papers.user_profile.fields import Pair, Profile, normal_key

NEAR = 0.8
"""Similarity of two values from which on they count as near (Ratcliff & Obershelp's ratio)."""
_LONGEST = 200


def exact_hits(predicted: Collection[Pair], truth: Collection[Pair]) -> int:
    """Pairs that both have."""
    return len(set(predicted) & set(truth))


def near_hits(predicted: Collection[Pair], truth: Collection[Pair], *, least: float = NEAR) -> int:
    """Pairs of the same field whose values are near, each used once; the nearest are matched first.

    Example:
        >>> near_hits([("residence", "lyons")], [("residence", "lyon")])
        1
        >>> near_hits([("residence", "lyon"), ("residence", "lyons")], [("residence", "lyon")])
        1
    """
    near = sorted(
        (
            (-similarity(mine[1], other[1]), mine, other)
            for mine in set(predicted)
            for other in set(truth)
            if mine[0] == other[0]
        ),
    )
    used: set[tuple[str, Pair]] = set()
    hits = 0
    for closeness, mine, other in near:
        if -closeness >= least and ("p", mine) not in used and ("t", other) not in used:
            used |= {("p", mine), ("t", other)}
            hits += 1
    return hits


def similarity(one: str, other: str) -> float:
    """From 0 to 1 for equal texts."""
    return SequenceMatcher(None, one[:_LONGEST], other[:_LONGEST], autojunk=False).ratio()


def f_score(hits: float, predicted: float, true: float) -> float:
    """``2 hits / (predicted + true)``; NaN if there is neither.

    Example:
        >>> f_score(3, 4, 6)
        0.6
    """
    return 2 * hits / (predicted + true) if predicted + true else math.nan


def written(profile: Profile) -> str:
    """A profile as the one string that a model is trained to write: fields in alphabetical order."""
    plain = {normal_key(key): " ".join(value.split()) for key, value in profile.items()}
    return " | ".join(f"{key}: {value}" for key, value in sorted(plain.items()) if value)


def rouge_l(predicted: str, truth: str) -> float:
    """F1 of the longest common subsequence of words (Lin, 2004); NaN if both are empty.

    Example:
        >>> rouge_l("a b c d", "a c d e")
        0.75
    """
    mine, other = predicted.casefold().split(), truth.casefold().split()
    lengths = [0] * (len(other) + 1)
    for word in mine:
        before = 0
        for place, theirs in enumerate(other, start=1):
            kept = lengths[place]
            lengths[place] = before + 1 if word == theirs else max(lengths[place], lengths[place - 1])
            before = kept
    return f_score(lengths[-1], len(mine), len(other))


def bleu_counts(predicted: str, truth: str) -> list[float]:
    """Counts of one text that corpus BLEU sums: clipped and all n-grams of one to four words, and both lengths."""
    mine, other = predicted.casefold().split(), truth.casefold().split()
    counts: list[float] = []
    for n in range(1, 5):
        grams = Counter(tuple(mine[place : place + n]) for place in range(len(mine) - n + 1))
        known = Counter(tuple(other[place : place + n]) for place in range(len(other) - n + 1))
        counts += [sum((grams & known).values()), sum(grams.values())]
    return [*counts, len(mine), len(other)]


def bleu(counts: Sequence[float]) -> float:
    """Corpus BLEU-4 with the brevity penalty, without smoothing (Papineni et al., 2002), of summed counts.

    Example:
        >>> text = "one two three four five"
        >>> bleu(bleu_counts(text, text))
        1.0
        >>> bleu(bleu_counts("six", text))
        0.0
    """
    *grams, mine, other = counts
    pairs = [(grams[place], grams[place + 1]) for place in range(0, len(grams), 2)]
    if not mine or any(not hit or not total for hit, total in pairs):
        return 0.0 if other else math.nan
    precision = math.exp(sum(math.log(hit / total) for hit, total in pairs) / len(pairs))
    return precision * min(1.0, math.exp(1 - other / mine))
