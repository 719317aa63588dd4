"""Reading answers: the published cascade, which always finds one, beside the parser that says when there is none."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from personae.instrument import AnswerReader, ShownOption
from personae.instrument.tasks import Heard
from personae.model import Status

_HEDGES = re.compile(
    r"\bas an? (?:ai|artificial|language|large language|machine|computer|virtual assistant)\b"
    r"|\bi(?:'m| am) (?:just |only )?an? (?:ai|language model|machine)\b"
    r"|\b(?:it(?:'s| is) important to (?:note|remember)|i (?:do not|don't) (?:have|hold) (?:personal )?(?:opinions|"
    r"beliefs|feelings|preferences))\b",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Reading:
    """One reply, read both ways."""

    chosen: int | None
    """Place of the option, by the parser; ``None`` if the reply chooses none."""
    published: int
    """Place of the option by the published cascade: the first one if nothing was found."""
    extracted: bool
    """Whether the cascade found anything."""
    hedged: bool
    """Whether the reply speaks of being a machine, or puts its answer into perspective."""
    status: Status


def read_as_published(text: str, marks: Sequence[str]) -> tuple[int, bool]:
    """The published cascade: a mark alone; "X is correct"; "X is the answer"; "X."; the most frequent mark; the first.

    Example:
        >>> read_as_published("I would say B is correct.", "ABC"), read_as_published("No idea", "ABC")
        ((1, True), (0, False))
    """
    if text.strip() in list(marks):
        return list(marks).index(text.strip()), True
    one = "|".join(map(re.escape, marks))
    for pattern in (rf"\b({one}) is correct", rf"\b({one}) is the answer", rf"\b({one})\."):
        if found := re.search(pattern, text):
            return list(marks).index(found[1]), True
    counts = Counter(re.findall(rf"(?<!\w)({one})(?!\w)", text))
    return (list(marks).index(counts.most_common(1)[0][0]), True) if counts else (0, False)


def read_reply(heard: Heard, marks: Sequence[str], labels: Sequence[str]) -> Reading:
    """Read one reply to a closed question.

    Args:
        heard: The reply.
        marks: Marks of the options in the order shown.
        labels: Their words.
    """
    place, extracted = read_as_published(heard.text, marks)
    hedged = bool(_HEDGES.search(heard.text))
    if heard.status != "ok":
        return Reading(None, place, extracted, hedged, heard.status)
    options = [ShownOption(mark, label, number) for number, (mark, label) in enumerate(zip(marks, labels, strict=True))]
    answer = AnswerReader(options).read(heard.text)
    return Reading(answer.value, place, extracted, hedged, answer.status)
