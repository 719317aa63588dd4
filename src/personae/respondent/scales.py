"""Response options: how far each agrees, by its words or else by its place."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

MOST_OPTIONS = 11
MOST_MARKS = 101
"""Options of a scale that is given by its two ends, such as 0 to 100."""
_LONGEST_LABEL = 8
_WORD = re.compile(r"[a-z]+(?:'[a-z]+)?")

_MIDDLE = re.compile(
    r"\b(?:neither|neutral|undecided|unsure|not sure|uncertain|sometimes|no opinion|don't know|it depends|mixed|average"
    r"|fair|occasionally)\b"
)
_NO = re.compile(
    r"\b(?:disagree[ds]?|inaccurate|unlike|untrue|false|no|nope|not|never|unlikely|dissatisfied|rarely|seldom|hardly"
    r"|doesn't|don't|does not|oppose[ds]?|bad|poor|low|none|least|uncomfortable"
    r"|unimportant|unhappy|negative|incorrect|wrong)\b"
)
_YES = re.compile(
    r"\b(?:agree[ds]?|accurate|like|describes?|true|yes|yep|always|often|usually|frequently|likely|satisfied|support"
    r"|favou?r|good|excellent|high|important|comfortable|happy|positive|correct|applies|most|every)\b"
)
_STRONG = re.compile(
    r"\b(?:strongly|very|extremely|completely|totally|absolutely|entirely|fully|always|never|exactly|definitely|all"
    r"|excellent|perfectly)\b"
)
_WEAK = re.compile(
    r"\b(?:a little|little|slightly|somewhat|a bit|bit|partly|partially|mildly|rarely|seldom|hardly|often|usually"
    r"|probably|tend|sort of|kind of|occasionally)\b"
)
_AMOUNTS = {
    "a little": -0.4,
    "a little bit": -0.4,
    "slightly": -0.4,
    "a bit": -0.4,
    "some": -0.1,
    "somewhat": -0.1,
    "several days": -0.3,
    "moderately": 0.0,
    "half": 0.0,
    "quite": 0.4,
    "quite a bit": 0.4,
    "more than half the days": 0.4,
    "mostly": 0.6,
    "a lot": 0.7,
    "much": 0.7,
    "a great deal": 0.9,
    "very": 0.8,
    "very much": 0.9,
    "very often": 0.9,
    "nearly every day": 0.9,
    "extremely": 1.0,
    "completely": 1.0,
    "totally": 1.0,
}
"""Labels that say an amount and nothing else, between "not at all" and "completely"."""
_LABEL_WORDS = """
strongly disagree disagrees disagreed agree agrees agreed neither nor a little bit slightly somewhat moderately very
inaccurate accurate not at all like unlike me true untrue false of yes no never rarely seldom sometimes often usually
always almost neutral undecided unsure sure uncertain likely unlikely satisfied dissatisfied completely totally
absolutely extremely entirely fully mostly mainly partly partially definitely probably much describes describe does
doesn't don't know opinion well poorly perfectly applies apply to exactly tend mildly quite just sort kind i do am
with the statement or important unimportant frequently occasionally lot great deal several days more than half nearly
every day good bad poor fair excellent high low support oppose favor favour happy unhappy comfortable uncomfortable it
is this that so really highly hardly mixed depends average positive negative correct incorrect some none most least
time yep nope in my case person you your describing description generally wrong
"""
_WORDS = frozenset(_LABEL_WORDS.split())
"""Words of which labels of response scales are made; a longer thought is an alternative in words of its own."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One option as listed."""

    mark: str
    """What stands for it in an answer; empty if options are words alone."""
    label: str
    agreement: float
    """How much choosing it agrees with the item, -1 to 1; only the order matters."""


@lru_cache(maxsize=4096)
def agreement_of(label: str) -> float | None:
    """How much an option agrees, by its words, -1 to 1; ``None`` if they do not say.

    Example:
        >>> agreement_of("Disagree strongly"), agreement_of("Moderately Accurate"), agreement_of("a walk in the park")
        (-1.0, 0.7, None)
    """
    plain = label.lower().replace("’", "'")
    words = _WORD.findall(plain)
    if not 0 < len(words) <= _LONGEST_LABEL or not _WORDS.issuperset(words):
        return None
    amount = _AMOUNTS.get(" ".join(words))
    if amount is not None:
        return amount
    if _MIDDLE.search(plain):
        return 0.0
    sign = -1.0 if _NO.search(plain) else 1.0 if _YES.search(plain) else 0.0
    return sign * (0.4 if _WEAK.search(plain) else 1.0 if _STRONG.search(plain) else 0.7) if sign else None


def is_scale(labels: Sequence[str]) -> bool:
    """Whether a list is a response scale: short, and its words go steadily from no to yes or back."""
    said = [agreement_of(label) for label in labels if label]
    known = [value for value in said if value is not None]
    if not 2 <= len(labels) <= MOST_OPTIONS or len(known) < 2 or len(known) < len(said):
        return False
    rising = sorted(known)
    return known[0] != known[-1] and known in (rising, rising[::-1])


def graded(marks: Sequence[str], labels: Sequence[str]) -> tuple[Choice, ...]:
    """Give every option its degree of agreement, by its place between the ends.

    Which end agrees, the words of the first and the last option that have any say; without words the highest number or
    the last letter does. Words in between are too vague to go by ("somewhat", "moderately"), unless the options stand
    in an order of their own, as studies of option order list them.
    """
    known = [value for label in labels if (value := agreement_of(label)) is not None]
    if len(known) == len(labels) and is_scrambled(known):
        return tuple(Choice(mark, label, own) for mark, label, own in zip(marks, labels, known, strict=True))
    if len(known) > 1 and known[0] != known[-1]:
        is_rising = known[-1] > known[0]
    else:
        is_rising = not all(map(is_number, marks)) or int(marks[-1]) > int(marks[0])
    last = len(marks) - 1
    return tuple(
        Choice(mark, label, (2.0 * index / last - 1.0) * (1.0 if is_rising else -1.0))
        for index, (mark, label) in enumerate(zip(marks, labels, strict=True))
    )


def is_scrambled(known: Sequence[float]) -> bool:
    """Whether degrees of agreement are listed in no order: both sides occur, and the extremes are not the ends."""
    ends = {min(known), max(known)} if known else set()
    return len(known) > 2 and min(known) < 0 < max(known) and {known[0], known[-1]} != ends


def is_number(mark: str) -> bool:
    """Whether a mark is a whole number, signed or not."""
    return mark.lstrip("+-−").isdecimal()
