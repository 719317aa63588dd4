"""Counts of answers by dimension: what a set of people, a base run, or a published report comes down to.

A score is the mean answer to the items of a dimension minus the mean answer to all items of the instrument (the "MRAT"
correction of Schwartz, which takes out how high somebody answers whatever is asked).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from personae.instrument import Instrument, load_instrument

if TYPE_CHECKING:
    import polars as pl

PARTS = ("pvq-rr", "mfq-30-relevance", "mfq-30-judgments")
INSTRUMENTS: Mapping[str, tuple[str, ...]] = {"pvq-rr": PARTS[:1], "mfq-30": PARTS[1:]}
"""Published name of an instrument, and the forms that it is made of."""
LOWEST = {"pvq-rr": 1, "mfq-30": 0}
"""The value of the first of the six options."""
LETTERS = tuple("ABCDEF")

Counts = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Profile:
    """How often each option was chosen for the items of each dimension."""

    subject: str
    instrument: str
    condition: str
    seed: int
    """The set of people; 0 without people."""
    people: int
    """How many people; 0 without."""
    counts: Counts
    """A row a dimension, a column an option."""
    missing: int = 0
    stored: NDArray[np.float64] | None = None
    """Scores as published, if they were."""

    @property
    def scores(self) -> NDArray[np.float64]:
        """Mean of each dimension minus the mean of all answers; NaN for a dimension without an answer."""
        return centred(self.counts, LOWEST[self.instrument])


def centred(counts: Counts, lowest: int) -> NDArray[np.float64]:
    """Centre the means of dimensions on the mean of all answers.

    Example:
        >>> import numpy as np
        >>> centred(np.array([[0, 2.0], [2, 0]]), 1)
        array([ 0.5, -0.5])
    """
    values = np.arange(lowest, lowest + counts.shape[1], dtype=float)
    totals = counts.sum(axis=1)
    means: Counts = np.divide(counts @ values, totals, out=np.full(len(counts), np.nan), where=totals > 0)
    if not counts.sum():
        return means
    centre = float(counts.sum(axis=0) @ values) / float(counts.sum())
    scores: Counts = means - centre
    return scores


def dimensions(instrument: str) -> tuple[str, ...]:
    """Keys of the dimensions, in the order of every profile."""
    return tuple(scale.key for scale in load_instrument(INSTRUMENTS[instrument][0]).scales)


def person_counts(row: Mapping[str, Sequence[int | None] | None], instrument: str) -> Counts:
    """Count the answers of one row of the table."""
    counts = np.zeros((len(dimensions(instrument)), len(LETTERS)))
    for part in INSTRUMENTS[instrument]:
        form = load_instrument(part)
        for item, value in zip(form.item_ids, row.get(f"answers.{part}") or [], strict=False):
            if value is not None:
                counts[_dimension_of(form)[item], value - form.lowest] += 1
    return counts


def profiles_of_runs(table: pl.DataFrame, step: int) -> Iterator[Profile]:
    """Profiles of a fresh run: every base run, and growing sets of people, each containing the smaller ones."""
    for (subject,), mine in table.group_by(["model"], maintain_order=True):
        for instrument in INSTRUMENTS:
            for (condition, seed), rows in mine.group_by(["condition", "set"], maintain_order=True):
                by_person: dict[int, list[Counts]] = {}
                for row in rows.sort("person", "repeat").iter_rows(named=True):
                    unit = row["repeat"] if condition == "base" else row["person"]
                    by_person.setdefault(unit, []).append(person_counts(row, instrument))
                asked = len(by_person) and sum(len(load_instrument(part).item_ids) for part in INSTRUMENTS[instrument])
                every = [np.sum(found, axis=0) for found in by_person.values()]
                repeats = max(map(len, by_person.values()))
                if condition == "base":
                    for counts in every:
                        yield Profile(str(subject), instrument, "base", 0, 0, counts, int(asked - counts.sum()))
                    continue
                for size in sorted({*range(step, len(every) + 1, step), len(every)}):
                    counts = np.sum(every[:size], axis=0)
                    missing = int(asked * size * repeats - counts.sum())
                    yield Profile(str(subject), instrument, "persona", int(str(seed)), size, counts, missing)


def profiles_of_reports(table: pl.DataFrame) -> Iterator[Profile]:
    """Profiles of published reports, a row a dimension."""
    keys = ["condition", "instrument", "model", "seed", "personas", "judge"]
    for (condition, instrument, model, seed, people, _), rows in table.group_by(keys, maintain_order=True):
        name = str(instrument)
        by_key = {_key(str(row["dimension"])): row for row in rows.iter_rows(named=True)}
        found = [by_key.get(key) for key in dimensions(name)]
        counts = np.array([[row[letter] for letter in LETTERS] if row else [0] * 6 for row in found], dtype=float)
        stored = np.array([row["score"] if row else np.nan for row in found], dtype=float)
        count = int(str(people)) if people is not None else 0
        items = sum(len(load_instrument(part).item_ids) for part in INSTRUMENTS[name])
        missing = int(items * max(1, count) - counts.sum())
        yield Profile(
            str(model),
            name,
            str(condition),
            int(str(seed)) if seed is not None else 0,
            count,
            counts,
            max(0, missing),
            stored,
        )


def _key(published: str) -> str:
    return published.strip().casefold().replace("-", "_").replace(" ", "_")


def _dimension_of(form: Instrument) -> dict[str, int]:
    return {item: index for index, scale in enumerate(form.scales) for item in scale.items}
