"""What answers are scored by: ten reward models whose tables are read, or ten plain measures of a text."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

REWARD_MODELS = (
    "gemma_2b",
    "gemma_7b",
    "mistral_raft",
    "mistral_ray",
    "mistral_weqweasdas",
    "llama3_sfairx",
    "beaver_7b",
    "oasst_deberta_v3",
    "oasst_pythia_1b",
    "oasst_pythia_7b",
)
"""The ten public reward models, as the published tables call them."""

_WORD = re.compile(r"[\w'’]+")
_SENTENCE = re.compile(r"[.!?]+(?:\s|$)")
_LISTED = re.compile(r"^\s*(?:[-*•]|\d+[.)])\s+\S", re.M)
_WARM = re.compile(
    r"\b(?:your?|yourself|glad|good|great|happy|hope|kind|lovely|please|share|sorry|thank|together|welcome)\b", re.I
)
_HEDGES = re.compile(
    r"\b(?:about|could|depends|likely|may|maybe|might|often|perhaps|possibly|probably|seems?|some)\b", re.I
)
_SURE = re.compile(r"\b(?:always|best|certain|certainly|clearly|definitely|every|must|never|only|surely)\b", re.I)


def _words(text: str) -> list[str]:
    return [word.casefold() for word in _WORD.findall(text)]


def _share(text: str, wanted: re.Pattern[str]) -> float:
    return len(wanted.findall(text)) / max(len(_words(text)), 1)


def _per_sentence(text: str, marks: str) -> float:
    return sum(text.count(mark) for mark in marks) / max(len(_SENTENCE.findall(text)), 1)


PLAIN: Mapping[str, Callable[[str], float]] = {
    "thorough": lambda text: float(np.log1p(len(_words(text)))),
    "brief": lambda text: -float(len(_words(text))),
    "listed": lambda text: float(len(_LISTED.findall(text))),
    "plain_words": lambda text: -float(np.mean([len(word) for word in _words(text)] or [0])),
    "varied_words": lambda text: len(set(_words(text))) / max(len(_words(text)), 1) ** 0.5,
    "warm": lambda text: _share(text, _WARM),
    "careful": lambda text: _share(text, _HEDGES),
    "sure": lambda text: _share(text, _SURE),
    "by_example": lambda text: float(len(re.findall(r"for example|for instance|such as|\d+", text, re.I))),
    "lively": lambda text: _per_sentence(text, "!?"),
}
"""Ten measures of a text that stand in for reward models where none can be run: they measure style, not quality."""


def plain_scores(texts: Sequence[str]) -> NDArray[np.float64]:
    """Score texts by the ten plain measures, a row a text.

    Example:
        >>> brief, long = plain_scores(["Yes.", "It may depend on you, for example on 3 things."])
        >>> names = list(PLAIN)
        >>> bool(brief[names.index("brief")] > long[names.index("brief")])
        True
    """
    return np.array([[measure(text) for measure in PLAIN.values()] for text in texts], dtype=np.float64).reshape(
        len(texts), len(PLAIN)
    )
