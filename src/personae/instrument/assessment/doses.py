"""Dose and response: whether a score rises with the level that the prompt asks for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from personae.instrument.assessment.rows import Floats, Rows, word
from personae.instrument.scoring import scale_of_trait, score_range
from personae.persona import LEVELS
from personae.stats import dose_slope, monotone_fit, one_sample_t, proportion, spearman
from personae.study import CORRECTED, Finding

_MIDDLE = (LEVELS + 1) // 2


def dose_findings(subject: str, rows: Rows, traits: Sequence[str]) -> Iterator[Finding]:
    """For each trait that was put in levels: the curve, its rank correlation, slope, rise, and share at the ceiling."""
    import polars as pl

    dosed = rows.under("dose")
    for trait in traits:
        mine = Rows(dosed.table.filter(pl.col("trait") == trait), rows.instrument)
        if mine.table.height:
            yield from _of_trait(subject, word(trait.rpartition(".")[2]), mine, trait)


def _of_trait(subject: str, name: str, mine: Rows, trait: str) -> Iterator[Finding]:
    scores = mine.trait_scores(trait)
    levels = np.array(mine.table["level"].to_list(), dtype=float) - _MIDDLE
    found = np.unique(levels)
    by_level = [scores[levels == level] for level in found]
    for level, values in zip(found, by_level, strict=True):
        mean = replace(one_sample_t(values), p_value=None)
        yield Finding.of(
            f"dose.{name}.at_{int(level)}", subject, mean, unit="scale points", conventions=(CORRECTED, "unit=draw")
        )
    means = np.array([_mean(values) for values in by_level])
    conventions = (CORRECTED, "unit=level")
    yield Finding.of(
        f"dose_rho.{name}", subject, replace(spearman(found, means), p_value=None), unit="rho", conventions=conventions
    )
    slope = replace(dose_slope(found, means), p_value=None)
    yield Finding.of(f"dose_slope.{name}", subject, slope, unit="scale points a level", conventions=conventions)
    rising = monotone_fit(found, means)
    yield Finding.of(f"dose_monotone.{name}", subject, rising, unit="share of variance", conventions=conventions)
    scale = scale_of_trait(mine.instrument, trait)
    highest = score_range(mine.instrument, scale)[1]
    known = scores[(levels == found[-1]) & np.isfinite(scores)]
    at_end = proportion(int((known >= highest).sum()), len(known))
    yield Finding.of(f"ceiling.{name}", subject, at_end, unit="share of draws", conventions=(CORRECTED, "unit=draw"))


def _mean(values: Floats) -> float:
    known = values[np.isfinite(values)]
    return float(known.mean()) if len(known) else float("nan")
