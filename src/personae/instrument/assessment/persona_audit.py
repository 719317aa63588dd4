"""Did a persona take, and does it hold: one verdict for each trait, from the table of an assessment with controls."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import isfinite, isnan
from typing import TYPE_CHECKING, Literal

import numpy as np

from personae.errors import InputError
from personae.instrument.assessment.robustness import ways_of
from personae.instrument.assessment.rows import Floats, Rows, models_of
from personae.instrument.questionnaire import Instrument
from personae.persona import NEUTRAL_PROMPTS, Persona
from personae.stats import Estimate, one_sample_t, proportion, welch_t

if TYPE_CHECKING:
    import polars as pl

LEAST_ASKED = 0.5
"""Distance from the mean, in SDs of people, from which on a trait of a persona asks for a shift."""

KEPT = 0.5
"""Share of the shift that another way of asking has to keep."""

_LEAST_DRAWS = 4

Took = Literal["took", "no more than wording", "against", "not shown", "moved unasked", "still"]
Holds = Literal["holds", "partly", "does not hold", "not judged"]


@dataclass(frozen=True, slots=True)
class TraitVerdict:
    """What the persona did to one trait."""

    trait: str
    asked: float | None
    """z-score that the persona gives the trait; none if it gives none."""
    persona: Estimate
    """Mean score of the persona's draws."""
    without: Estimate
    """Mean score without a persona."""
    shift: Estimate
    """Their difference (Welch), its interval wide enough for all traits at once (Bonferroni)."""
    wording: float
    """The largest shift that a neutral prompt, which describes nobody, makes."""
    took: Took
    kept: Estimate
    """Share of other ways of asking that keep half of the shift."""
    holds: Holds


@dataclass(frozen=True, slots=True)
class PersonaAudit:
    """Verdicts on one persona, played by one model."""

    model: str
    traits: tuple[TraitVerdict, ...]
    read: Estimate
    """Share of answers that could be read."""

    @property
    def asked(self) -> tuple[TraitVerdict, ...]:
        """Traits that the persona asks to be moved."""
        return tuple(one for one in self.traits if is_asked(one.asked))

    @property
    def side_effects(self) -> tuple[TraitVerdict, ...]:
        """Traits that moved though nothing asked for it."""
        return tuple(one for one in self.traits if one.took == "moved unasked")

    @property
    def sentence(self) -> str:
        """The verdict in one sentence.

        Example:
            >>> nan = Estimate(float("nan"), float("nan"), float("nan"), 0)
            >>> PersonaAudit("sim", (), nan).sentence
            'The instrument measures no trait that the persona asks to be moved: whether it took cannot be told.'
        """
        asked = self.asked
        if not asked:
            return "The instrument measures no trait that the persona asks to be moved: whether it took cannot be told."
        took = [one for one in asked if one.took == "took"]
        held = [one for one in took if one.holds == "holds"]
        parts = [f"It took in {len(took)} of {len(asked)} traits"]
        if took:
            parts.append(f"it holds under other ways of asking in {len(held)} of these {len(took)}")
        moved = len(self.side_effects)
        parts.append(f"{moved} trait{'s' * (moved != 1)} moved unasked")
        return "; ".join(parts) + "."


def is_asked(z: float | None) -> bool:
    """Whether a z-score asks for a shift."""
    return z is not None and abs(z) >= LEAST_ASKED


def audit_persona(
    table: pl.DataFrame, instrument: Instrument, persona: Persona, traits: Sequence[str]
) -> list[PersonaAudit]:
    """Judge a persona by an assessment of it, for each model in the table.

    A trait that the persona puts at least :data:`LEAST_ASKED` away from the mean *took* if its draws differ from those
    without a persona in the direction asked for, by an interval that leaves out 0, and by more than any neutral prompt
    shifts it. It *holds* if every other way of asking (options turned, items shuffled, marks, mode, wordings) keeps at
    least half of that shift, and *does not hold* if fewer than half of the ways do; each way is a single draw. Draws
    that do not vary at all, as at temperature 0, have no interval: then their difference is taken as it is.

    Args:
        table: Rows of an :class:`~personae.instrument.assessment.Assessment` of this one persona, with its controls.
        instrument: What was asked.
        persona: Who was played.
        traits: Traits of the instrument to judge.

    Raises:
        InputError: If the table has no rows without a persona.
    """
    found = []
    for model, rows in models_of(table, instrument):
        if not rows.under("empty").table.height:
            raise InputError(
                "has no control without a persona", where=instrument.key, remedy="assess it with -P controls=true"
            )
        answered, of = int(np.isfinite(rows.matrix).sum()), rows.matrix.size
        found.append(PersonaAudit(model, tuple(_verdicts(rows, persona, traits)), proportion(answered, of)))
    return found


def _verdicts(rows: Rows, persona: Persona, traits: Sequence[str]) -> Iterator[TraitVerdict]:
    main, empty = rows.under("main"), rows.under("empty")
    for trait in traits:
        asked = persona.traits.get(trait)
        mine, without = main.trait_scores(trait), empty.trait_scores(trait)
        middle = _mean(without)
        shift = welch_t(mine, without, level=1 - 0.05 / len(traits))
        neutral = [_mean(rows.under(name).trait_scores(trait)) - middle for name in NEUTRAL_PROMPTS]
        wording = max((abs(one) for one in neutral if np.isfinite(one)), default=float("nan"))
        took = _took(asked, shift, wording)
        kept = [
            (_mean(rows.under(way).trait_scores(trait)) - middle) / shift.estimate if shift.estimate else float("nan")
            for way in ways_of(rows)
        ]
        known = [one for one in kept if np.isfinite(one)]
        share = proportion(sum(one >= KEPT for one in known), len(known), missing=len(kept) - len(known))
        yield TraitVerdict(
            trait=trait,
            asked=asked,
            persona=one_sample_t(mine),
            without=one_sample_t(without),
            shift=shift,
            wording=wording,
            took=took,
            kept=share,
            holds=_holds(took, share),
        )


def _took(asked: float | None, shift: Estimate, wording: float) -> Took:
    low, high = _bounds(shift)
    if not is_asked(asked):
        is_moved = low > 0 or high < 0
        return "moved unasked" if is_moved and not abs(shift.estimate) <= wording else "still"
    assert asked is not None
    if asked < 0:
        low, high = -high, -low
    if low > 0:
        return "took" if not abs(shift.estimate) <= wording else "no more than wording"
    return "against" if high < 0 else "not shown"


def _bounds(shift: Estimate) -> tuple[float, float]:
    if isfinite(shift.estimate) and isnan(shift.low) and shift.n >= _LEAST_DRAWS:
        return shift.estimate, shift.estimate
    return shift.low, shift.high


def _holds(took: Took, kept: Estimate) -> Holds:
    if took != "took" or not kept.n:
        return "not judged"
    if kept.estimate == 1.0:
        return "holds"
    return "partly" if kept.estimate >= 0.5 else "does not hold"


def _mean(values: Floats) -> float:
    known = values[np.isfinite(values)]
    return float(known.mean()) if len(known) else float("nan")
