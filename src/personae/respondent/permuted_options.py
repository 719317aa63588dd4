"""Response options in an order of their own: a scale whose ends are not at the ends of the list."""

from __future__ import annotations

from collections.abc import Sequence

from personae.respondent.listing import Line
from personae.respondent.scales import MOST_OPTIONS, Choice, agreement_of

_LEAST = 3


def find_permuted(lines: Sequence[Line]) -> list[Line]:
    """The first lines in a row that are options explained by "=", in no order of agreement; empty if there are none."""
    run: list[Line] = []
    for line in (*lines, Line("", "", "", "")):
        if line.mark and line.close == "=":
            run.append(line)
            continue
        if is_permuted([each.text for each in run]):
            return run
        run = []
    return []


def is_permuted(labels: Sequence[str]) -> bool:
    """Whether labels are different degrees of agreement, not listed from one end to the other.

    Example:
        >>> is_permuted(["Agree", "Disagree", "Neutral"]), is_permuted(["Disagree", "Neutral", "Agree"])
        (True, False)
    """
    known = [value for label in labels if (value := agreement_of(label)) is not None]
    if not _LEAST <= len(labels) <= MOST_OPTIONS or len(set(known)) < len(labels):
        return False
    rising = sorted(known)
    return known not in (rising, rising[::-1])


def graded_by_words(marks: Sequence[str], labels: Sequence[str]) -> tuple[Choice, ...]:
    """Give every option its degree of agreement by the rank of its words."""
    known = [agreement_of(label) or 0.0 for label in labels]
    ranked = sorted(known)
    last = len(known) - 1
    return tuple(
        Choice(mark, label, 2.0 * ranked.index(value) / last - 1.0)
        for mark, label, value in zip(marks, labels, known, strict=True)
    )
