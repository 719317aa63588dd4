"""One table of scores for a fresh run and for published files: a row a system prompt, temperature and run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from personae.instrument import Instrument
from personae.instrument.tasks import BehaviouralTask
from personae.papers.personality_illusion.selfreport import scores_of

if TYPE_CHECKING:
    import polars as pl

TRAITS = ("openness", "conscientiousness", "extraversion", "agreeableness", "neuroticism")
REGULATION = "self_regulation"
SELF_REPORTS = (*TRAITS, REGULATION)

BEHAVIOURS: Mapping[str, tuple[str, str]] = {
    "cards": ("cards", "cards"),
    "association": ("association", "bias"),
    "sycophancy": ("sycophancy", "flipped"),
    "overconfidence": ("honesty", "overconfidence"),
    "inconsistency": ("honesty", "inconsistency"),
}
"""The five behavioural measures of the paper, by task and score."""
OURS: Mapping[str, tuple[str, str]] = {
    "bent": ("sycophancy", "bent"),
    "waited": ("delay", "waited"),
    "hard": ("effort", "hard"),
}
"""Measures that we add: sycophancy less its control, and two of self-control."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Scores:
    """Rows of one condition, or of all."""

    models: tuple[str, ...]
    rows: tuple[Mapping[str, Any], ...]

    def of(self, name: str) -> Floats:
        """One score of all rows; NaN where there is none."""
        return np.array([_number(row.get(name)) for row in self.rows], dtype=float)

    def where(self, **wanted: object) -> Scores:
        """Rows with these factors."""
        return _scores([row for row in self.rows if all(row[name] == value for name, value in wanted.items())])

    def labels(self, *names: str) -> list[str]:
        """What rows share, such as model and prompt."""
        return [" / ".join(str(row[name]) for name in names) for row in self.rows]

    def has(self, name: str) -> bool:
        """Whether any row has this score."""
        return bool(np.isfinite(self.of(name)).any()) if self.rows else False


def read_scores(
    table: pl.DataFrame, forms: Sequence[Instrument], tasks: Sequence[BehaviouralTask], *, published: bool
) -> Scores:
    """Score a table of answers, or take over stored scores of the published files."""
    stored = "stored.self_report" in table.columns
    rows = []
    for row in table.iter_rows(named=True):
        plain = {
            "model": row["model"],
            "kind": "base" if row.get("role") == "base" else "instruct",
            **{name: row[name] for name in ("condition", "strategy", "prompt", "temperature", "run")},
        }
        if stored:
            plain |= {name: row.get(name) for name in (*SELF_REPORTS, *BEHAVIOURS)}
        else:
            plain |= scores_of(row, forms, published=published)
            plain |= _behaviour(row, tasks, published=published)
        rows.append(plain)
    return _scores(rows)


def _behaviour(row: Mapping[str, Any], tasks: Sequence[BehaviouralTask], *, published: bool) -> dict[str, float]:
    found: dict[str, float] = {}
    for task in tasks:
        prefix = f"{task.key}."
        answers = {
            name.removeprefix(prefix): value
            for name, value in row.items()
            if name.startswith(prefix) and value is not None
        }
        if "statuses" not in answers:
            continue
        scored = task.score(answers, "as_published" if published else "corrected")
        for name, (key, score) in {**BEHAVIOURS, **OURS}.items():
            if key == task.key:
                found[name] = scored[score]
    return found


def _scores(rows: Sequence[Mapping[str, Any]]) -> Scores:
    return Scores(tuple(dict.fromkeys(str(row["model"]) for row in rows)), tuple(rows))


def _number(value: Any) -> float:
    return float("nan") if value is None else float(value)
