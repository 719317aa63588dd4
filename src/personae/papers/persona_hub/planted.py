"""The positive control of deduplication: edits of the people who are there, of which it is known whom they repeat."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from personae.canonical import derive_seed
from personae.papers.persona_hub.twins import find_twins
from personae.stats import proportion
from personae.study import AS_PUBLISHED, CORRECTED, Finding

_ADDED = ("really", "former", "local", "indeed")
_LEAST, _MOST, _TAKEN = 3, 200, 5000
Words = list[str]


def _add(words: Words, rng: np.random.Generator) -> Words:
    place = int(rng.integers(1, len(words)))
    return [*words[:place], str(rng.choice(_ADDED)), *words[place:]]


def _replace(words: Words, rng: np.random.Generator) -> Words:
    place = int(rng.integers(len(words)))
    return [*words[:place], str(rng.choice(_ADDED)), *words[place + 1 :]]


def _exchange(words: Words, rng: np.random.Generator) -> Words:
    place = int(rng.integers(len(words) - 1))
    return [*words[:place], words[place + 1], words[place], *words[place + 2 :]]


EDITS: Mapping[str, Callable[[Words, np.random.Generator], Words]] = {
    "case": lambda words, _: " ".join(words).upper().split(),
    "order": _exchange,
    "stop": lambda words, _: [*words[:-1], words[-1][:-1] if words[-1].endswith(".") else f"{words[-1]}."],
    "word_added": _add,
    "word_replaced": _replace,
}
"""What somebody who was copied may look like; the last three change the set of words."""


@dataclass(frozen=True, slots=True)
class Planted:
    """An edit, and the place of whom it repeats."""

    kind: str
    of: int
    text: str


def plant(texts: Sequence[str], rng: np.random.Generator, *, each: int = _MOST) -> list[Planted]:
    """Edits of every kind of so many texts of at least three words.

    Example:
        >>> planted = plant(["A nurse who works nights."], np.random.default_rng(0))
        >>> [one.kind for one in planted], planted[0].text
        (['case', 'order', 'stop', 'word_added', 'word_replaced'], 'A NURSE WHO WORKS NIGHTS.')
    """
    long = [place for place, text in enumerate(texts) if len(text.split()) >= _LEAST]
    found = []
    for kind, edit in EDITS.items():
        for place in rng.permutation(long)[:each].tolist():
            found.append(Planted(kind, place, " ".join(edit(texts[place].split(), rng))))
    return found


def jaccard_of(first: str, second: str) -> float:
    """Similarity of the sets of words, counted plainly: what the signatures are held against.

    Example:
        >>> jaccard_of("a b c d", "D a b")
        0.75
    """
    one, other = (set(text.casefold().split()) for text in (first, second))
    return len(one & other) / len(one | other) if one | other else 1.0


def measure_planted(texts: Sequence[str], subject: str, *, jaccard: float, cosine: float) -> Iterator[Finding]:
    """Recall and precision of the first step, and how many edits of each kind are gone after both.

    ``texts`` are people of whom none is there twice; of more than 5,000, those stand for all. Recall counts edits that
    are alike enough by their words; precision asks how many of the dropped were planted. As published, signatures
    decide; corrected, words do.
    """
    texts = texts[:_TAKEN]
    planted = plant(texts, np.random.default_rng(derive_seed(0, "planted")))
    if not planted:
        return
    n = len(texts)
    near = [place for place, one in enumerate(planted) if jaccard_of(texts[one.of], one.text) >= jaccard]
    for way, verified in ((AS_PUBLISHED, False), (CORRECTED, True)):
        found = find_twins(
            [*texts, *(one.text for one in planted)],
            jaccard=jaccard,
            cosine=cosine,
            verified=verified,
        )
        gone = ~found.minhash
        hit = int(gone[[n + place for place in near]].sum())
        yield Finding.of(
            "planted.recall", subject, proportion(hit, len(near)), unit="share of edits", conventions=(way,)
        )
        dropped = int(gone.sum())
        right = proportion(int(gone[n:].sum()), dropped)
        yield Finding.of("planted.precision", subject, right, unit="share of dropped", conventions=(way,))
        if not verified:
            continue
        for kind in EDITS:
            mine = [n + place for place, one in enumerate(planted) if one.kind == kind]
            share = proportion(int((~found.embedding[mine]).sum()), len(mine))
            yield Finding.of(f"planted.both_steps.{kind}", subject, share, unit="share of edits", conventions=(way,))
        others = int((~found.embedding[:n]).sum())
        yield Finding.of(
            "planted.others_dropped", subject, proportion(others, n), unit="share of people", conventions=(way,)
        )
