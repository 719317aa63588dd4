"""Scores as a table, for those who go on with them elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from personae.instrument.assessment.rows import Floats, Rows
from personae.instrument.questionnaire import Instrument, Norm
from personae.instrument.scoring import type_letters

if TYPE_CHECKING:
    import polars as pl


def score_table(table: pl.DataFrame, instrument: Instrument) -> pl.DataFrame:
    """Score every row: who answered under what, how many items, and a column for each scale.

    A score is what the scale prescribes, turned by its key; null where an item has no answer. Where a scale has
    norms, ``percentile`` is the share of its first group of people below the score, in percent, if they are distributed
    normally. A form with dichotomies gives the ``type`` too.

    Args:
        table: Rows of an assessment.
        instrument: What was asked.
    """
    import polars as pl

    kept = ("cell", "model", "condition", "person", "called", "trait", "level", "repeat", "status")
    rows = Rows(table, instrument)
    scored = table.select([name for name in kept if name in table.columns]).with_columns(
        pl.Series("answered", np.isfinite(rows.matrix).sum(axis=1)),
        *(
            pl.Series(scale.key, rows.scores(scale)).fill_nan(None).alias(f"score.{scale.key}")
            for scale in instrument.scales
        ),
        *(
            pl.Series(_percentiles(rows.scores(scale), scale.norms[0])).fill_nan(None).alias(f"percentile.{scale.key}")
            for scale in instrument.scales
            if scale.norms
        ),
        *(
            [pl.Series("type", type_letters(rows.matrix, instrument), dtype=pl.String)]
            if instrument.dichotomies
            else []
        ),
    )
    order = [name for name in ("model", "condition", "person", "repeat") if name in scored.columns]
    return scored.sort(order)


def _percentiles(scores: Floats, norm: Norm) -> Floats:
    from scipy.special import ndtr

    shares: Floats = 100.0 * ndtr((scores - norm.mean) / norm.sd)
    return shares
