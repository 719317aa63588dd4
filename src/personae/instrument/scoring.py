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

    aggregate: Literal["own", "mean", "sum"] = "own"
    """``own``: what the scale prescribes. ``mean`` and ``sum`` overrule a scale that prescribes the other one; counts
    and weights have no other score than their own."""
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

    A reverse-keyed answer v becomes ``lowest + highest - v`` of its own options. Where a scale counts options, an
    answer is 1 if the option chosen is keyed to it and else 0; where it has weights, it is what it adds to the sum.
    """
    columns = [instrument.item_ids.index(item) for item in scale.items]
    chosen = matrix[:, columns]
    if scale.score in ("count", "weights"):
        worths = [_worths(instrument, scale, item) for item in scale.items]
        return np.array([_worth(chosen[:, place], each) for place, each in enumerate(worths)]).T
    signs = np.array(list(instrument.keying(scale).values()), dtype=float)
    spans = np.array([sum(instrument.bounds(item)) for item in scale.items], dtype=float)
    keyed: Matrix = np.where(signs > 0, chosen, spans - chosen)
    return keyed


def score_range(
    instrument: Instrument,
    scale: Scale,
    convention: Convention = Convention(),  # frozen
) -> tuple[float, float]:
    """Lowest and highest score that a scale can give.

    Example:
        >>> from personae.instrument import load_instrument
        >>> bfi = load_instrument("bfi-44")
        >>> score_range(bfi, bfi.scale("extraversion"), Convention(aggregate="sum"))
        (8.0, 40.0)
    """
    if scale.score in ("count", "weights"):
        worths = [_worths(instrument, scale, item).values() for item in scale.items]
        bounds = (sum(map(min, worths)), sum(map(max, worths)))
        return bounds[0] / scale.divisor + scale.constant, bounds[1] / scale.divisor + scale.constant
    low, high = (float(sum(instrument.bounds(item)[end] for item in scale.items)) for end in (0, 1))
    width = 1 if _aggregate(scale, convention) == "sum" else len(scale.items)
    return low / width, high / width


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
    is_complete = convention.missing == "complete" or scale.score == "weights"  # items of unlike weights stand for none
    # 0.55 * 20 is 11.000000000000002 in binary, and 11 answers of 20 are enough.
    needed = width if is_complete else max(1, math.ceil(convention.least * width - 1e-9))
    totals = np.where(answered, items, 0.0).sum(axis=1)
    means: NDArray[np.float64] = np.full(len(totals), np.nan)
    np.divide(totals, counts, out=means, where=counts >= needed)
    aggregate = _aggregate(scale, convention)
    scores: NDArray[np.float64] = means if aggregate == "mean" else means * width
    return scores if aggregate in ("mean", "sum") else scores / scale.divisor + scale.constant


def type_letters(matrix: Matrix, instrument: Instrument) -> list[str | None]:
    """The type of each respondent, a letter for each dichotomy of the form; ``None`` where a score is missing.

    A tie gives the lower pole, as the published keys do with their strict "greater than".
    """
    letters: list[list[str | None]] = []
    for one in instrument.dichotomies:
        score = score_scale(matrix, instrument, instrument.scale(one.scale))
        against = (
            score_scale(matrix, instrument, instrument.scale(one.opposite))
            if one.opposite
            else np.full(len(score), one.cut, dtype=float)
        )
        letters.append(
            [
                None if math.isnan(a) or math.isnan(b) else one.high if a > b else one.low
                for a, b in zip(score, against, strict=True)
            ]
        )
    return [None if None in row else "".join(map(str, row)) for row in zip(*letters, strict=True)]


def _aggregate(scale: Scale, convention: Convention) -> str:
    if scale.score in ("count", "weights") or convention.aggregate == "own":
        return scale.score
    return convention.aggregate


def _worths(instrument: Instrument, scale: Scale, item: str) -> dict[int, float]:
    """What each answer to an item adds to a scale that counts or weighs."""
    options = instrument.options_of(item)
    if scale.score == "count":
        return {option.value: float(option.keyed == scale.key) for option in options}
    weight = scale.weights[item]
    if isinstance(weight, tuple):
        return {option.value: each for option, each in zip(options, weight, strict=True)}
    return {option.value: weight * option.value for option in options}


def _worth(answers: NDArray[np.float64], worths: dict[int, float]) -> NDArray[np.float64]:
    return np.array([np.nan if math.isnan(answer) else worths[int(answer)] for answer in answers], dtype=float)


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
            values = sum(score_range(instrument, scale, convention)) - values
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
