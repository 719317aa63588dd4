"""Do readers see the trait? Ratings of the stories, trait guesses, majority votes, agreement; told of the AI or not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from personae.papers.personallm.groups import Group
from personae.papers.personallm.prompts import QUALITIES, VIEWS
from personae.papers.personallm.types import poles_of
from personae.persona import BIG_FIVE, trait_title
from personae.stats import cluster_mean, krippendorff_alpha, majority_vote, mcnemar, proportion
from personae.study import CORRECTED, Finding

if TYPE_CHECKING:
    import polars as pl

_MIDDLE = 3
_FAMILY = "perception"


@dataclass(frozen=True)
class _Votes:
    """Guesses of one trait: rows are stories, columns raters; NaN is a rating that could not be had."""

    guesses: NDArray[np.float64]
    truth: NDArray[np.int64]

    @property
    def correct(self) -> list[bool | None]:
        """Whether the majority of raters put each story on the right side; ``None`` without a majority."""
        results: list[bool | None] = []
        for row, pole in zip(self.guesses, self.truth, strict=True):
            vote = majority_vote([int(np.sign(guess - _MIDDLE)) for guess in row if not np.isnan(guess)])
            results.append(None if vote is None else vote == int(pole))
        return results


def perception_findings(group: Group) -> Iterator[Finding]:
    """Ratings and guesses, for each thing that raters were told."""
    table = group.main.table
    first = next(iter(VIEWS))
    if f"{first}.statuses" not in table.columns:
        return
    rated = table.filter(table[f"{first}.statuses"].is_not_null())
    if not rated.height:
        return
    for view in VIEWS:
        yield from _ratings(group, rated, view)
    votes = {view: {trait: _votes(rated, view, trait) for trait in BIG_FIVE} for view in VIEWS}
    for view in VIEWS:
        for trait in BIG_FIVE:
            yield from _accuracy(group, view, trait, votes[view][trait])
    for trait in BIG_FIVE:
        yield _effect_of_knowing(group, trait, votes["unaware"][trait], votes["aware"][trait])


def _ratings(group: Group, rated: pl.DataFrame, view: str) -> Iterator[Finding]:
    codes = np.array([str(code) for code in rated["type"].to_list()])
    for quality in QUALITIES:
        scores = _columns(rated, f"{view}.{quality.key}")
        repeated = np.repeat(codes, scores.shape[1])
        yield Finding.of(
            f"rating.{view}.{quality.key}",
            group.subject,
            cluster_mean(scores.ravel(), repeated),
            unit="1 to 5",
            conventions=(CORRECTED, "unit=story", "judge=uncalibrated"),
        )
    for criterion in (*(quality.key for quality in QUALITIES), *map(trait_title, BIG_FIVE)):
        scores = _columns(rated, f"{view}.{criterion}")
        if scores.shape[1] > 1:
            yield Finding.of(
                f"agreement.{view}.{criterion}",
                group.subject,
                krippendorff_alpha(scores, measure="ordinal"),
                unit="Krippendorff alpha",
                conventions=(CORRECTED, "unit=story"),
            )


def _accuracy(group: Group, view: str, trait: str, votes: _Votes) -> Iterator[Finding]:
    """Share of right guesses. A guess on the middle is undecided and counts as not right; a tie has no majority."""
    name = trait_title(trait)
    single = np.sign(votes.guesses - _MIDDLE)
    given = ~np.isnan(single)
    right = (single == votes.truth[:, None]) & given
    conventions = (CORRECTED, "undecided=wrong", "judge=uncalibrated")
    yield Finding.of(
        f"accuracy.individual.{view}.{name}",
        group.subject,
        proportion(int(right.sum()), int(given.sum()), missing=int((~given).sum())),
        unit="share of guesses",
        conventions=conventions,
    )
    majority = votes.correct
    decided = [result for result in majority if result is not None]
    yield Finding.of(
        f"accuracy.majority.{view}.{name}",
        group.subject,
        proportion(sum(decided), len(decided), missing=len(majority) - len(decided)),
        unit="share of stories",
        conventions=(*conventions, "ties=missing"),
    )


def _effect_of_knowing(group: Group, trait: str, unaware: _Votes, aware: _Votes) -> Finding:
    """Accuracy with the author's nature known, minus accuracy without, on the same stories."""
    pairs = [
        (before, after)
        for before, after in zip(unaware.correct, aware.correct, strict=True)
        if None not in (before, after)
    ]
    lost = sum(bool(before) and not after for before, after in pairs)
    won = sum(bool(after) and not before for before, after in pairs)
    return Finding.of(
        f"knowing.{trait_title(trait)}",
        group.subject,
        mcnemar(won, lost, n=len(pairs), missing=len(unaware.truth) - len(pairs)),
        unit="difference of accuracies",
        conventions=(CORRECTED, "majority vote", "judge=uncalibrated"),
        family=_FAMILY,
    )


def _votes(rated: pl.DataFrame, view: str, trait: str) -> _Votes:
    truth = np.array([poles_of(str(code))[trait] for code in rated["type"].to_list()], dtype=np.int64)
    return _Votes(_columns(rated, f"{view}.{trait_title(trait)}"), truth)


def _columns(rated: pl.DataFrame, name: str) -> NDArray[np.float64]:
    """A list column as a matrix; rows may differ in length if raters were added later."""
    rows = rated[name].to_list()
    width = max(len(row) for row in rows)
    matrix = np.full((len(rows), width), np.nan)
    for index, row in enumerate(rows):
        matrix[index, : len(row)] = [np.nan if value is None else value for value in row]
    return matrix
