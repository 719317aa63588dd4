"""The table of the study, cut into groups that are measured alike: one model at one temperature each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from personae.instrument import Convention, Instrument, Matrix, answer_matrix, scale_of_trait, score_scale
from personae.papers.personallm.types import poles_of
from personae.persona import trait_title

if TYPE_CHECKING:
    import polars as pl

SUMS = Convention(aggregate="sum", missing="complete")
MEANS = Convention(aggregate="mean", missing="prorate")


@dataclass(frozen=True)
class Group:
    """Rows of one model at one temperature."""

    subject: str
    table: pl.DataFrame
    instrument: Instrument
    conventions: tuple[str, ...]
    """What tells this group from others of the same model, for its findings."""

    def condition(self, name: str) -> Condition:
        """Rows of one condition."""
        import polars as pl

        return Condition(self.table.filter(pl.col("condition") == name), self.instrument)

    @cached_property
    def main(self) -> Condition:
        """Rows of the published condition."""
        return self.condition("main")


@dataclass(frozen=True)
class Condition:
    """Rows of one condition, with their answers as numbers."""

    table: pl.DataFrame
    instrument: Instrument

    @cached_property
    def has_only_stored_scores(self) -> bool:
        """Whether the raw answers are not there, but the scores that the authors computed from them are."""
        return "stored.extraversion" in self.table.columns and not np.isfinite(self.matrix).any()

    @cached_property
    def matrix(self) -> Matrix:
        """Answers, rows by items in printed order."""
        return answer_matrix(self.table, self.instrument)

    @cached_property
    def types(self) -> list[str]:
        """Code of the type of each row: the prompt that it shares with its replicates."""
        return [str(code) for code in self.table["type"].to_list()]

    def poles(self, trait: str) -> NDArray[np.int64]:
        """Pole of each row on a trait."""
        return np.array([poles_of(code)[trait] for code in self.types], dtype=np.int64)

    def scores(self, trait: str, convention: Convention = MEANS) -> NDArray[np.float64]:
        """Score of each row on a trait; the authors' own where the raw answers are not there."""
        scale = scale_of_trait(self.instrument, trait)
        if not self.has_only_stored_scores:
            return score_scale(self.matrix, self.instrument, scale, convention)
        sums = self.stored_sums(trait)
        return sums if convention.aggregate == "sum" else sums / len(scale.items)

    def stored_sums(self, trait: str) -> NDArray[np.float64]:
        """Sums as the authors stored them; NaN where they stored none."""
        column = f"stored.{trait_title(trait)}"
        if column not in self.table.columns:
            return np.full(self.table.height, np.nan)
        return self.table[column].cast(float).fill_null(np.nan).to_numpy()

    def by_pole(self, trait: str, convention: Convention = MEANS) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Scores of the high and of the low pole."""
        scores, poles = self.scores(trait, convention), self.poles(trait)
        return scores[poles > 0], scores[poles < 0]

    def clusters_by_pole(self, trait: str) -> tuple[NDArray[np.str_], NDArray[np.str_]]:
        """Prompts of the rows of the high and of the low pole."""
        codes, poles = np.array(self.types), self.poles(trait)
        return codes[poles > 0], codes[poles < 0]

    def mean_by_type(self, trait: str) -> dict[str, float]:
        """Mean score of each type that has any."""
        scores = self.scores(trait)
        found: dict[str, list[float]] = {}
        for code, score in zip(self.types, scores, strict=True):
            if not np.isnan(score):
                found.setdefault(code, []).append(float(score))
        return {code: float(np.mean(values)) for code, values in found.items()}


def split_groups(table: pl.DataFrame, instrument: Instrument) -> Iterator[Group]:
    """Cut the table by model and, where one model was observed at several temperatures, by temperature."""
    keys = ["model", "temperature"] if "temperature" in table.columns else ["model"]
    for key, rows in table.group_by(keys, maintain_order=True):
        group = Group(str(key[0]), rows, instrument, (f"temperature={key[1]}",) if len(keys) == 2 else ())
        if group.main.has_only_stored_scores:
            group = Group(group.subject, rows, instrument, (*group.conventions, "scores=stored by the authors"))
        yield group
