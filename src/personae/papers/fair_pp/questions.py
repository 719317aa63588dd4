"""Questions with two answers about what is fair to a group: by rule from the taxonomy, or of a published file."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from personae.canonical import content_hash
from personae.errors import InputError
from personae.papers.fair_pp.taxonomy import Place, taxonomy

DIMENSIONS = 5
COLUMNS = ("Topic", "Problem Category", "Specific Problem", "Group Type", "Group", "Perspective", "Question")
NEEDED = ("Specific Problem", "Group", "Perspective", "Question")
VIGNETTES = "simulation_question"
"""Column of the published case study: a vignette an answer, and after them which of them one is for."""
_OPTIONS = re.compile(r"^(.*?)\s*\bA[.):]\s*(.+?)\s*\bB[.):]\s*(.+?)\s*(?:(?:^|\n)\s*C[.):]\s*(.*?)\s*)?$", re.DOTALL)
_VIGNETTES = re.compile(r"^A[.):]\s*(.+?)\s*\n\s*B[.):]\s*(.+?)\s*\n\s*C[.):][^\n]*\n\s*(.+)$", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Question:
    """A question, its two answers, and where it stands. Answer A is the first pole of its dimension."""

    text: str
    a: str
    b: str
    place: Place

    @property
    def hash(self) -> str:
        """Content hash."""
        return content_hash([self.text, self.a, self.b])

    @property
    def whole(self) -> str:
        """Question and answers as one text, as the published column has it."""
        return f"{self.text}\nA. {self.a}\nB. {self.b}\nC. N/A"


HOW = (
    ("Think of {problem} for {group}. Which way to share it out is fairer?", "By {deserts}.", "Alike for every group."),
    (
        "Which is the fairest way for {group} to {get} {problem}?",
        "One rule for everybody who competes for it.",
        "Extra help for those who start behind.",
    ),
    (
        "On what should it depend whether {group} {get} {problem}?",
        "On the effort that each of them makes.",
        "On what the community does for all its members.",
    ),
    (
        "What should count first where it is settled how {group} {get} {problem}?",
        "Custom and tradition.",
        "Whether it is fair to all.",
    ),
    ("What should see to it that {group} {get} {problem} fairly?", "People's conscience.", "The law."),
)
WHY = (
    (None, "They have more of {deserts}, for whatever reason.", "It brings them up to an equal share."),
    (None, "They did better under one rule for all.", "They start behind, and it makes up for that."),
    (None, "Each of them made an effort for it.", "The whole community gains by it."),
    (None, "It keeps customs and traditions alive.", "It makes society fairer to all."),
    (None, "Others give it to them as conscience bids.", "The law gives it to them."),
)
WHY_TEXT = "Suppose that {group} {get} more of {problem} than others do. Which reason would make that fairer?"
"""Two wordings for each dimension: how it should be, and why it might be fair. In our words; the published ones have
the same two forms."""
DESERTS = ("what people have achieved", "what people have given to society")
_BENEFITS = ("fair exchange", "fair treatment")


@lru_cache(maxsize=1)
def built_in_questions() -> tuple[Question, ...]:
    """28,420 questions by rule: 98 problems, 29 groups, five dimensions, two wordings.

    Example:
        >>> found = built_in_questions()
        >>> len(found), len({one.hash for one in found})
        (28420, 28420)
    """
    found = []
    for place in taxonomy().places():
        is_benefit = place.topic in _BENEFITS
        words = {
            "problem": place.problem,
            "group": place.group,
            "get": "benefit from" if is_benefit else "get",
            "deserts": DESERTS[is_benefit],
        }
        for wordings in (HOW, WHY):
            text, a, b = wordings[place.dimension - 1]
            text, a, b = ((part or WHY_TEXT).format(**words) for part in (text, a, b))
            found.append(Question(text, a, b, place))
    return tuple(found)


def dimension_of(perspective: Any) -> int | None:
    """The dimension in the published column Perspective: its first decimal, 1 to 5; none if it has no such.

    Example:
        >>> dimension_of(3.2), dimension_of("12.5"), dimension_of(4.0), dimension_of("x")
        (2, 5, None, None)
    """
    try:
        number = round(math.modf(float(perspective))[0] * 10)
    except (TypeError, ValueError, OverflowError):
        return None
    return number if 1 <= number <= DIMENSIONS else None


def split_question(text: str) -> tuple[str, str, str] | None:
    r"""A published question as its text and its two answers; a third, "C. N/A", is no answer and is left out.

    Example:
        >>> split_question("Who pays? A. All of us. B. Those who ride.")
        ('Who pays?', 'All of us.', 'Those who ride.')
        >>> split_question("Who pays?\n A. All of us\nB. Those who ride\nC. N/A")
        ('Who pays?', 'All of us', 'Those who ride')
    """
    match = _OPTIONS.match(text.strip())
    return None if match is None else (match[1].strip(), match[2].strip(), match[3].strip())


def split_vignettes(text: str) -> tuple[str, str, str] | None:
    r"""A question of the published case study: its answers stand before it.

    Example:
        >>> split_vignettes("A. Ann gets it.\nB. Bob gets it.\nC. N/A\nWhich scenario do you favor more?")
        ('Which scenario do you favor more?', 'Ann gets it.', 'Bob gets it.')
    """
    match = _VIGNETTES.match(text.strip())
    return None if match is None else (match[3].strip(), match[1].strip(), match[2].strip())


def question_of(row: dict[str, Any], where: str) -> Question:
    """A question of a row in the published layout; of the case study, its vignettes.

    Raises:
        InputError: If it has no two answers or no dimension.
    """
    vignettes = row.get(VIGNETTES)
    parts = split_vignettes(str(vignettes)) if vignettes else split_question(str(row.get("Question") or ""))
    dimension = dimension_of(row.get("Perspective"))
    if parts is None:
        raise InputError("has no answers A and B", where=where, remedy="write ... A. one side B. the other")
    if dimension is None:
        raise InputError("has no dimension", where=where, remedy="Perspective is a number such as 3.2: dimension 2")
    topic = int(float(row["Perspective"]))
    names = [*(str(row.get(column) or "") for column in COLUMNS[:5]), f"{topic}.{dimension}"]
    return Question(*parts, Place(*names))


@lru_cache(maxsize=4)
def read_questions(path: Path) -> tuple[Question, ...]:
    """Read questions in the published layout: at least ``Specific Problem``, ``Group``, ``Perspective``, ``Question``.

    Raises:
        InputError: If columns or answers are missing.
    """
    from personae.population.microdata import read_table

    table = read_table(path)
    if lacking := [name for name in NEEDED if name not in table.columns]:
        raise InputError(f"lacks {', '.join(lacking)}", where=str(path), remedy="name columns as the data set does")
    rows = table.iter_rows(named=True)
    return tuple(question_of(row, f"{path}, row {number}") for number, row in enumerate(rows, 2))


def spread(questions: Sequence[Question], count: int) -> tuple[Question, ...]:
    """So many questions: all problems with all dimensions before any such pair comes again; else by content hash.

    As many of each dimension as there can be.

    Example:
        >>> chosen = spread(built_in_questions(), 490)
        >>> len({(one.place.problem, one.place.dimension) for one in chosen})
        490
    """
    seen: dict[tuple[object, ...], int] = {}

    def come(*what: object) -> int:
        seen[what] = seen.get(what, -1) + 1
        return seen[what]

    ranked = []
    for number in sorted(range(len(questions)), key=lambda number: (questions[number].hash, number)):
        dimension = questions[number].place.dimension
        turn = come(dimension, questions[number].place.problem)
        ranked.append((turn, come(dimension, "turn", turn), dimension, number))
    return tuple(questions[number] for number in sorted(row[-1] for row in sorted(ranked)[:count]))
