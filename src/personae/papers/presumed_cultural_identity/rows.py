"""The table as single verdicts, and how much more often a culture is presumed than without a name."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from personae.papers.presumed_cultural_identity.judging import JUDGED, PRESUMES
from personae.papers.presumed_cultural_identity.material import NOBODY
from personae.stats import Estimate, cluster_mean, crossed_mean, difference_of_proportions, proportion
from personae.stats.samples import known_mean

if TYPE_CHECKING:
    import polars as pl

By = Literal["judge", "matcher"]
Question = tuple[str, str, str]
"""Channel, culture that is judged for, question: what the arm without a name is paired by."""
Counts = Callable[[int], bool]
"""Which strengths count."""


@dataclass(frozen=True, slots=True)
class Ruling:
    """What was made of one reply and one culture."""

    condition: str
    channel: str
    name: str
    gender: str
    own: tuple[str, ...]
    """Cultures of the name."""
    facet: str
    query: str
    reply: int
    """Number of the reply in its row of the table."""
    row: int
    culture: str
    """The culture that it was judged for."""
    text: str
    matched: int | None
    rated: int | None
    status: str | None

    def strength(self, by: By) -> int | None:
        """0 presumes nothing, 1 implies the culture, 2 names it; ``None`` if nobody can say."""
        return self.rated if by == "judge" else self.matched

    @property
    def question(self) -> Question:
        """What it is paired by."""
        return (self.channel, self.culture, self.query)


def rulings_of(table: pl.DataFrame) -> list[Ruling]:
    """All verdicts of a table."""
    found = []
    columns = [column for column in JUDGED if column != "judged.terms"]
    for row_number, row in enumerate(table.iter_rows(named=True)):
        own = tuple(row["culture"].split("/")) if row["culture"] != NOBODY else ()
        for number, culture, matched, rated, status in zip(*(row.get(one) or () for one in columns), strict=True):
            found.append(
                Ruling(
                    row["condition"],
                    row["channel"],
                    row["name"],
                    row["gender"],
                    own,
                    row["facet"],
                    row["items"][number],
                    number,
                    row_number,
                    culture,
                    row["texts"][number] or "",
                    matched,
                    rated,
                    status,
                )
            )
    return found


def presumes(strength: int) -> bool:
    """Whether a strength counts as presuming the culture."""
    return strength >= PRESUMES - 1


def implies(strength: int) -> bool:
    """Presumes without saying so."""
    return strength == 1


def names(strength: int) -> bool:
    """Says so."""
    return strength > 1


def score(one: Ruling, by: By, counts: Counts = presumes) -> float:
    """1 if a ruling counts, 0 if not, NaN if nobody can say."""
    strength = one.strength(by)
    return math.nan if strength is None else float(counts(strength))


def rates(rulings: Iterable[Ruling], by: By, counts: Counts = presumes) -> dict[Question, float]:
    """How often each question is answered so, by channel and culture."""
    scores: dict[Question, list[float]] = {}
    for one in rulings:
        scores.setdefault(one.question, []).append(score(one, by, counts))
    return {question: known_mean(values) for question, values in scores.items()}


@dataclass(frozen=True, slots=True)
class Excess:
    """How much more often rulings count than the same questions do in a reference arm, one value a ruling."""

    values: Sequence[float]
    names: Sequence[str]
    queries: Sequence[str]
    plain: Sequence[float]
    """The values before the reference was taken off."""
    bound: float = 1.0
    """How far a value can be from 0 at the most."""

    @staticmethod
    def of(rulings: Sequence[Ruling], reference: Mapping[Question, float], by: By, counts: Counts = presumes) -> Excess:
        """Take the rate of the reference off, question by question."""
        plain = [score(one, by, counts) for one in rulings]
        less = [reference.get(one.question, math.nan) for one in rulings]
        return Excess(
            [a - b for a, b in zip(plain, less, strict=True)],
            [one.name for one in rulings],
            [one.query for one in rulings],
            plain,
        )

    def estimate(self) -> Estimate:
        """Mean, with names and questions as samples.

        Where no reply differs from the reference, errors cannot be estimated; the interval is then that of two shares
        of so many names and so many questions, as if all replies of one were a single one.
        """
        found = crossed_mean(self.values, self.names, self.queries)
        if math.isfinite(found.low):
            return replace(found, low=max(-self.bound, found.low), high=min(self.bound, found.high))
        if not found.n:
            return found
        known = [
            (n, q, p) for v, n, q, p in zip(self.values, self.names, self.queries, self.plain, strict=True) if v == v
        ]
        units, questions = len({one[0] for one in known}), len({one[1] for one in known})
        share = float(np.mean([one[2] for one in known]))
        bounds = difference_of_proportions(
            round(share * units), units, round((share - found.estimate) * questions), questions
        )
        method = f"mean of differences that do not vary; Newcombe interval for {units} names and {questions} questions"
        return replace(found, low=bounds.low, high=bounds.high, method=method, note="")


def share_of(values: Sequence[float], units: Sequence[str]) -> Estimate:
    """A rate with clusters as units, within 0 and 1; Wilson's interval for so many clusters where they do not vary."""
    found = replace(cluster_mean(values, units), p_value=None)
    if math.isfinite(found.low):
        return replace(found, low=max(0.0, found.low), high=min(1.0, found.high))
    clusters = int(found.details.get("clusters", 0))
    if not found.n or clusters < 2:
        return found
    bounds = proportion(round(found.estimate * clusters), clusters)
    method = f"mean of {clusters} clusters that do not vary; Wilson interval for as many"
    return replace(found, low=bounds.low, high=bounds.high, method=method, note="")


def by_name(excess: Excess) -> dict[str, float]:
    """Mean of each name."""
    own: dict[str, list[float]] = {}
    for name, value in zip(excess.names, excess.values, strict=True):
        own.setdefault(name, []).append(value)
    return {name: known_mean(values) for name, values in own.items()}


def pooled(first: Sequence[Ruling], second: Sequence[Ruling], by: By) -> Estimate:
    """Difference of two rates with every reply as a unit of its own, as published."""
    counts = []
    missing = 0
    for rulings in (first, second):
        known = [value for one in rulings if not math.isnan(value := score(one, by))]
        missing += len(rulings) - len(known)
        counts += [int(sum(known)), len(known)]
    return replace(difference_of_proportions(*counts), missing=missing)


def grouped(rulings: Iterable[Ruling], key: Callable[[Ruling], Any]) -> Iterator[tuple[Any, list[Ruling]]]:
    """Rulings by something of them, in order of appearance."""
    groups: dict[Any, list[Ruling]] = {}
    for one in rulings:
        groups.setdefault(key(one), []).append(one)
    yield from groups.items()
