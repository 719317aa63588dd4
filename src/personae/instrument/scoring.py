"""From answers to scores, with every choice that papers differ in as a named parameter."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from personae.instrument.questionnaire import Instrument, Scale

if TYPE_CHECKING:
    import polars as pl

Matrix = NDArray[np.float64]
"""Rows are respondents, columns items; NaN is a missing answer."""


@dataclass(frozen=True, slots=True)
class Convention:
    """How answers become a score."""

    aggregate: Literal["mean", "sum"] = "mean"
    missing: Literal["complete", "prorate"] = "complete"
    """``complete``: a scale with a missing answer has no score. ``prorate``: it is scored from the items answered, if
    these are at least ``least`` of them; a sum is scaled up to the full number of items."""
    least: float = 0.8

    def spell(self) -> tuple[str, ...]:
        """The choices as a finding names them."""
        rule = self.missing if self.missing == "complete" else f"prorate>={self.least:g}"
        return (f"score={self.aggregate}", f"missing_items={rule}")


def answer_matrix(table: pl.DataFrame, instrument: Instrument, *, column: str = "answers") -> Matrix:
    """Take the answers of a results table as a matrix with the items in printed order.

    Rows without any answer (a refusal, a failed call) are rows of NaN.

    Raises:
        ValueError: If a row has another number of answers than the instrument has items.
    """
    width = len(instrument.item_ids)
    matrix = np.full((table.height, width), np.nan)
    if column not in table.columns:
        return matrix
    for row, answers in enumerate(table[column].to_list()):
        if not answers:
            continue
        if len(answers) != width:
            raise ValueError(f"row {row} has {len(answers)} answers; {instrument.key} has {width} items")
        matrix[row] = [np.nan if answer is None else answer for answer in answers]
    return matrix


def keyed_items(matrix: Matrix, instrument: Instrument, scale: Scale) -> Matrix:
    """Answers to the items of one scale, turned so that high means much of what the scale measures.

    A reverse-keyed answer v becomes ``lowest + highest - v``.
    """
    columns = [instrument.item_ids.index(item) for item in scale.items]
    signs = np.array(list(instrument.keying(scale).values()), dtype=float)
    chosen = matrix[:, columns]
    keyed: Matrix = np.where(signs > 0, chosen, instrument.lowest + instrument.highest - chosen)
    return keyed


def score_scale(
    matrix: Matrix,
    instrument: Instrument,
    scale: Scale,
    convention: Convention = Convention(),  # frozen
) -> NDArray[np.float64]:
    """Score one scale: one number a respondent, NaN where the convention gives none.

    Example:
        >>> from personae.instrument import load_instrument
        >>> bfi = load_instrument("bfi-44")
        >>> agrees_with_everything = np.full((1, 44), 5.0)
        >>> score_scale(agrees_with_everything, bfi, bfi.scale("extraversion"))  # three of its eight items are reversed
        array([3.5])
    """
    items = keyed_items(matrix, instrument, scale)
    answered = ~np.isnan(items)
    counts = answered.sum(axis=1)
    width = items.shape[1]
    # 0.55 * 20 is 11.000000000000002 in binary, and 11 answers of 20 are enough.
    needed = width if convention.missing == "complete" else max(1, math.ceil(convention.least * width - 1e-9))
    totals = np.where(answered, items, 0.0).sum(axis=1)
    means: NDArray[np.float64] = np.full(len(totals), np.nan)
    np.divide(totals, counts, out=means, where=counts >= needed)
    return means * width if convention.aggregate == "sum" else means


def score_traits(
    matrix: Matrix,
    instrument: Instrument,
    traits: Sequence[str],
    convention: Convention = Convention(),  # frozen
) -> dict[str, NDArray[np.float64]]:
    """Score by trait instead of by scale: the first broad scale of each trait, turned if it measures the opposite.

    Raises:
        KeyError: If the instrument does not measure a trait.
    """
    scores = {}
    for trait in traits:
        scale = scale_of_trait(instrument, trait)
        values = score_scale(matrix, instrument, scale, convention)
        if scale.direction < 0:
            span = (instrument.lowest + instrument.highest) * (len(scale.items) if convention.aggregate == "sum" else 1)
            values = span - values
        scores[trait] = values
    return scores


def scale_of_trait(instrument: Instrument, trait: str) -> Scale:
    """The scale that measures a trait, whichever way round: a broad one if there is one, else a facet.

    Raises:
        KeyError: If there is none.
    """
    for scale in sorted(instrument.scales, key=lambda scale: scale.within != ""):
        if scale.trait == trait:
            return scale
    raise KeyError(f"{instrument.key} does not measure {trait}")
