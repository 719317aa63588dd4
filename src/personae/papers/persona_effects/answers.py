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
    """Place of the option by the published cascade: if nothing was found the first one, of ratings the middle."""
    extracted: bool
    """Whether the cascade found anything."""
    hedged: bool
    """Whether the reply speaks of being a machine, or puts its answer into perspective."""
    status: Status


def read_as_published(text: str, marks: Sequence[str]) -> tuple[int, bool]:
    """The published cascade: what it finds first, and whether it found anything.

    A reply that is a letter; "X is correct"; "X is the answer"; a letter before a full stop, comma, bracket or end of
    line, wherever it stands; the letter that stands most often before a blank; the first option. So "USA." says A, and
    so does the article "A". Ratings: the digit from 0 to 5 that stands alone most often, 0 as 1; without one, 3.

    Example:
        >>> read_as_published("I would say B is correct.", "ABC"), read_as_published("No idea", "ABC")
        ((1, True), (0, False))
        >>> read_as_published("4 or 4.5", "12345"), read_as_published("No idea", "12345")
        ((3, True), (2, False))
    """
    marks = list(marks)
    if marks[0].isdigit():
        digits = re.findall(r"\b[0-5]\b", text)
        return (max(1, int(Counter(digits).most_common(1)[0][0])) - 1, True) if digits else (len(marks) // 2, False)
    one = f"[{marks[0]}-{marks[-1]}]"
    for pattern in (
        rf"^{one}$",
        rf"{one}(?= is (?:the )*correct)",
        rf"{one}(?= is the answer)",
        rf"{one}(?=[.,\n)])",
    ):
        if found := re.search(pattern, text):
            return marks.index(found[0]), True
    counts = Counter(re.findall(rf"(?<![A-Za-z.])({one})[.) ]", text))
    return (marks.index(counts.most_common(1)[0][0]), True) if counts else (0, False)


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
