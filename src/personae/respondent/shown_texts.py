"""Texts that a prompt sets side by side to choose from: "Answer A:", a text, "Answer B:", another."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

from personae.respondent.reading import impression

_HEAD = re.compile(r"^(?:answer|response|text|reply)[ ]+(?P<mark>[A-Z]|[1-9])[ ]*:[ ]*$", re.M | re.I)
_END = re.compile(r"\n[ \t]*\n(?=[^\n]*\b(?:which|prefer|choose|better)\b)", re.I)
_SUITS = re.compile(r"\b(?:suits?|fits?|personali[sz]ed|tailored)\b", re.I)


@lru_cache(maxsize=4096)
def shown_texts(prompt: str) -> Mapping[str, str]:
    r"""The texts by their marks; empty if there are fewer than two.

    Example:
        >>> dict(shown_texts("Answer A:\nI rest.\n\nAnswer B:\nI run.\n\nWhich answer is preferred, A or B?"))
        {'A': 'I rest.', 'B': 'I run.'}
    """
    heads = list(_HEAD.finditer(prompt))
    if len(heads) < 2:
        return {}
    found = {}
    for head, following in itertools.pairwise(heads):
        found[head["mark"].upper()] = prompt[head.end() : following.start()].strip()
    found[heads[-1]["mark"].upper()] = _END.split(prompt[heads[-1].end() :], maxsplit=1)[0].strip()
    return found


def fits_of(texts: Mapping[str, str], words: Sequence[str], traits: Mapping[str, float]) -> list[float] | None:
    """How well the texts of some marks fit a person; nothing if these are not the marks."""
    marks = [word.upper() for word in words]
    return [fit_of(texts[mark], traits) for mark in marks] if texts and set(marks) <= set(texts) else None


def fit_of(text: str, traits: Mapping[str, float]) -> float:
    """Whether a text sounds like a person: where both stand on a trait, multiplied, and summed over traits."""
    return sum(z * traits.get(trait, 0.0) for trait, z in impression(text))


def asks_whether_it_suits(name: str) -> bool:
    """Whether a field is named for how well a text suits a person."""
    return _SUITS.search(name.replace("_", " ")) is not None
