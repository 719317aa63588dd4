"""Where a person stands on what is fair, and which side an answer is on: for questions between two ideas of fairness.

Five oppositions, as in Fair-PP (Zhou et al., 2025): desert or equal shares, one rule or help for who starts behind, own
effort or the community, custom or fairness, conscience or law. A person is read by words of our own selection. It says
nothing of people: it lets a rehearsal have segments that differ.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from personae.respondent.reading import Traits

_PREFIX = "equity."
_SIDES: Mapping[str, tuple[str, str]] = {
    "sharing": (r"achiev\w+|\bgiven to society|\bdeserts?\b|\bearned\b", r"\bequal\w*|\balike\b"),
    "help": (r"\bone rule\b|\bsame rules?\b|\bcompet\w+", r"\bextra help\b|\bstart behind\b|\bdisadvantaged\b"),
    "together": (r"\beffort\b|\bindividual\w*|\bhard work\b", r"\bcommunity\b|\bcollective\w*"),
    "custom": (r"\bcustoms?\b|\btraditions?\b|\bsocial norms?\b", r"\bfair(?:er|ness)?\b"),
    "law": (r"\bconscience\b|\bmoral\w*", r"\blaws?\b|\blegal\b"),
}
"""Words of an answer on either side, by opposition."""
_PERSON: Mapping[str, tuple[str, str]] = {
    "sharing": (
        r"\bwell off\b|\bprosperous\b|\bwealthy\b|\brel(?:y on yourself|iance)\b|\bhard day's work\b",
        r"\binjustice\b|\binequality\b|\bblame the system\b|\bsystem that you blame\b|\bLabour\b",
    ),
    "help": (
        r"\bless (?:immigration and less )?public spending\b|\bspending cuts\b|\brely on yourself\b"
        r"|\bothers always come first\b|\bkeep the rules\b",
        r"\binjustice\b|\bcare about other people\b|\binsecure\b|\bthrough the month\b|\bdiversity\b",
    ),
    "together": (
        r"\brely on yourself\b|\bself-reliance\b|\bknow few people\b|\bConservative\b",
        r"\bcommunity\b|\btogether\b|\bconsensus\b|\bcollective\b",
    ),
    "custom": (
        r"\bheritage\b|\bmonarchy\b|\bits past\b|\bhistory\b|\btraditional\w*",
        r"\bdiversity\b|\bopenness\b|\binequality\b|\bfair\b",
    ),
    "law": (
        r"\bno longer expect\b|\bgiven up on the system\b|\bnot who you are\b",
        r"\border\b|\bcrime\b|\btrust government\b|\bpunishment\b|\bfought\b",
    ),
}
"""Words of a description that put somebody on either side."""


@lru_cache(maxsize=2048)
def equity_stance(about: str) -> tuple[tuple[str, float], ...]:
    """Where a description puts somebody, -2 (the first side) to 2; sides without a word are absent.

    Example:
        >>> equity_stance("You rely on yourself. You want order.")
        (('equity.sharing', -1.0), ('equity.help', -1.0), ('equity.together', -1.0), ('equity.law', 1.0))
    """
    found = []
    for name, patterns in _PERSON.items():
        low, high = (len(set(map(str.casefold, re.findall(one, about, re.I)))) for one in patterns)
        if low != high:
            found.append((_PREFIX + name, 2.0 * (high - low) / (high + low + 1)))
    return tuple(found)


@lru_cache(maxsize=4096)
def equity_poles(labels: tuple[str, ...]) -> tuple[tuple[str, int], ...] | None:
    """The opposition and the side of each of two answers; ``None`` if they are not two sides of one.

    Example:
        >>> equity_poles(("People's conscience.", "The law."))
        (('equity.law', -1), ('equity.law', 1))
        >>> equity_poles(("Tea.", "Coffee."))
    """
    if len(labels) != 2:
        return None
    for name, (low, high) in _SIDES.items():
        sides = [bool(re.search(high, label, re.I)) - bool(re.search(low, label, re.I)) for label in labels]
        if sides in ([-1, 1], [1, -1]):
            return tuple((_PREFIX + name, side) for side in sides)
    return None


def equity_utilities(labels: tuple[str, ...], traits: Mapping[str, float]) -> list[float] | None:
    """How much each of two answers suits somebody; ``None`` if they are no such answers or nothing is known of them."""
    poles = equity_poles(labels)
    if poles is None or poles[0][0] not in traits:
        return None
    return [side * traits[name] for name, side in poles]


def with_stance(traits: Traits, about: str, kept: float = 1.0) -> Traits:
    """Traits, and where the description puts them on what is fair, as far as the persona is kept."""
    stance = equity_stance(about)
    return {**traits, **{name: z * kept for name, z in stance}} if stance else traits
