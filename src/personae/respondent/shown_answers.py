"""Answers that a prompt shows: "You worry about things: Very Accurate", a line a statement."""

from __future__ import annotations

import re
from functools import lru_cache

from personae.respondent.items import loading_of
from personae.respondent.scales import agreement_of

_LINE = re.compile(
    r"^[ \t]*(?:[-*•][ \t]*)?(?P<item>[^\n]{4,300}?)[ \t]*(?::|->|→|\t)[ \t]*(?P<option>[^\n:]{2,60}?)[.]?[ \t]*$", re.M
)
_LEAST = 5
"""Lines from which a prompt shows answers; fewer may be anything."""
_FULL = 2.0
"""Where full agreement with every item puts a person, in SD."""


@lru_cache(maxsize=4096)
def take_shown_answers(text: str) -> tuple[tuple[tuple[str, float], ...], str]:
    """Read the traits that a text shows by answers to known items, and give back the text without them.

    A trait is the mean agreement of its items, turned by their keys, stretched so that full agreement is two SD.

    Example:
        >>> told = ["You worry about things", "You fear for the worst", "You panic easily", "You dislike myself"]
        >>> told = [*told, "You am often down in the dumps"]
        >>> take_shown_answers(chr(10).join(f"{one}: Very Accurate" for one in told))[0]
        (('big_five.neuroticism', 2.0),)
    """
    found: dict[str, list[float]] = {}
    lines = 0
    for match in _LINE.finditer(text):
        agreement = agreement_of(match["option"])
        loading = loading_of(match["item"]) if agreement is not None else None
        if agreement is None or loading is None:
            continue
        lines += 1
        found.setdefault(loading.trait, []).append(loading.sign * agreement * _FULL)
    if lines < _LEAST:
        return (), text
    rest = _LINE.sub(lambda match: match.group() if agreement_of(match["option"]) is None else " ", text)
    traits: dict[str, list[float]] = {}
    for trait, values in found.items():
        domain = ".".join(trait.split(".")[:2])
        traits.setdefault(domain, []).extend(values)
    return tuple((trait, sum(values) / len(values)) for trait, values in traits.items()), rest
