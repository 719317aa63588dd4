"""What many respondents tell about an instrument: a general factor, an item response model, who and what does not fit.

Each needs respondents in number; where there are too few, one finding without a value says how many it needs.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from personae.canonical import derive_seed
from personae.errors import InputError, MissingExtraError
from personae.instrument.assessment.robustness import ways_of
from personae.instrument.assessment.rows import Floats, Rows, first_rows, word
from personae.instrument.questionnaire import Instrument, Scale
from personae.instrument.scoring import keyed_items
from personae.stats import (
    Estimate,
    fit_graded,
    item_bias,
    measurement_invariance,
    omega_hierarchical,
    person_fit,
    proportion,
)
from personae.stats.graded_response import LEAST_RESPONDENTS, RESPONDENTS_NEEDED
from personae.stats.invariance import LEAST_PER_GROUP
from personae.stats.item_bias import LEAST_PER_GROUP as LEAST_FOR_BIAS
from personae.study import CORRECTED, Finding

LEAST_FOR_FACTORS = 100
_RESAMPLES = 60
_CONVENTIONS = (CORRECTED, "unit=person", "first answers")


def structure_findings(subject: str, rows: Rows) -> Iterator[Finding]:
    """General factor, item response model and person fit over people; item bias and invariance over ways of asking."""
    main = first_rows(rows.under("main"))
    if not main:
        return
    yield from _factors(subject, rows.instrument, main)
    yield from _item_response(subject, rows.instrument, main)
    yield from _across_ways(subject, rows, main)


def _factors(subject: str, instrument: Instrument, main: dict[str, Floats]) -> Iterator[Finding]:
    wanted = [scale for scale in instrument.broad_scales() if len(scale.items) >= 9]
    if not wanted:
        return
    if len(main) < LEAST_FOR_FACTORS:
        yield _lacking("omega_h", subject, len(main), LEAST_FOR_FACTORS, "a general factor among group factors")
        return
    for scale in wanted:
        factors = _facets(instrument, scale)
        rng = np.random.default_rng(derive_seed("assessment", "omega", scale.key))
        found = omega_hierarchical(_items(main, instrument, scale), rng=rng, factors=factors, resamples=_RESAMPLES)
        for name, estimate in (("omega_h", found.hierarchical), ("omega_t", found.total)):
            yield Finding.of(f"{name}.{scale.key}", subject, estimate, unit="coefficient", conventions=_CONVENTIONS)


def _facets(instrument: Instrument, scale: Scale) -> int:
    """Group factors of a scale: its facets, where each has three items, else three."""
    facets = [one for one in instrument.scales if one.within == scale.key and len(one.items) >= 3]
    return len(facets) if len(facets) > 1 and 3 * len(facets) <= len(scale.items) else 3


def _item_response(subject: str, instrument: Instrument, main: dict[str, Floats]) -> Iterator[Finding]:
    wanted = [scale for scale in instrument.broad_scales() if len(scale.items) >= 3]
    if not wanted:
        return
    if len(main) < LEAST_RESPONDENTS:
        yield _lacking("irt", subject, len(main), RESPONDENTS_NEEDED, "an item response model and person fit")
        return
    rough = "" if len(main) >= RESPONDENTS_NEEDED else f"rough: {RESPONDENTS_NEEDED} people are asked for"
    for scale in wanted:
        try:
            fit = fit_graded(_items(main, instrument, scale))
        except MissingExtraError as error:
            yield _without("irt", subject, len(main), str(error))
            return
        except InputError as error:
            yield _without(f"irt.{scale.key}", subject, len(main), f"not fitted: {error}")
            continue
        note = "; ".join(part for part in (rough, fit.note) if part)
        yield Finding.of(
            f"irt.{scale.key}", subject, _noted(fit.reliability(), note), unit="coefficient", conventions=_CONVENTIONS
        )
        weakest = min(zip(scale.items, fit.items, strict=True), key=lambda pair: pair[1].discrimination.estimate)
        least = _noted(
            weakest[1].discrimination, f"item {weakest[0]}, the weakest of {len(fit.items)}; {note}".rstrip("; ")
        )
        yield Finding.of(f"slope.{scale.key}", subject, least, unit="logits an SD", conventions=_CONVENTIONS)
        if len(scale.items) >= 5:
            share = replace(person_fit(fit).share, method="share of people by lz*, Benjamini-Hochberg, Wilson interval")
            yield Finding.of(
                f"misfit.{scale.key}", subject, _noted(share, note), unit="share of people", conventions=_CONVENTIONS
            )


def _across_ways(subject: str, rows: Rows, main: dict[str, Floats]) -> Iterator[Finding]:
    """Whether items and scales mean the same however they are asked; the same people are in all groups."""
    ways = {way: first_rows(rows.under(way)) for way in ways_of(rows)}
    if not ways:
        return
    fewest = min(len(one) for one in (main, *ways.values()))
    least = max(LEAST_FOR_BIAS, LEAST_PER_GROUP)
    if fewest < least:
        what = "item bias and invariance over ways of asking (-P checked=100)"
        yield _lacking("bias", subject, fewest, least, what)
        return
    for way, answers in ways.items():
        people = [person for person in main if person in answers]
        groups = ["usual"] * len(people) + [way] * len(people)
        both = {f"{name}/{person}": one[person] for name, one in (("usual", main), (way, answers)) for person in people}
        for scale in rows.instrument.broad_scales():
            if len(scale.items) < 3:
                continue
            items = _items(both, rows.instrument, scale)
            yield _bias(subject, scale, way, items, groups, people * 2)
            yield _invariance(subject, scale, way, items, groups)


def _bias(subject: str, scale: Scale, way: str, items: Floats, groups: Sequence[str], people: Sequence[str]) -> Finding:
    found = item_bias(items, groups, clusters=people)
    biased = [scale.items[one.item] for one in found if one.is_biased()]
    share = proportion(len(biased), sum(one.p_adjusted is not None for one in found))
    note = f"items {', '.join(biased)}" if biased else ""
    share = replace(
        share, method="share of items with bias that is not negligible, ordinal regression, Holm", note=note
    )
    return Finding.of(
        f"bias.{scale.key}.{word(way)}", subject, share, unit="share of items", conventions=(CORRECTED, "unit=item")
    )


def _invariance(subject: str, scale: Scale, way: str, items: Floats, groups: Sequence[str]) -> Finding:
    name = f"invariance.{scale.key}.{word(way)}"
    try:
        found = measurement_invariance(items, groups)
    except InputError as error:
        return _without(name, subject, len(items), f"not tested: {error}")
    losses = [step.loss_of_cfi for step in found.steps[1:]]
    level = "configural" if found.steps[0].is_held else "none"
    for step in found.steps[1:]:
        if level == "none" or step.loss_of_cfi > 0.010:
            break
        level = step.name
    broken = ", ".join(dict.fromkeys(scale.items[item] for item, _, _ in found.broken_by))
    note = f"reached: {level}" + (f"; broken by items {broken}" if broken and level != "scalar" else "")
    method = "largest fall of CFI from configural to metric to scalar; no p, as the same people are in both groups"
    estimate = Estimate(max(losses), math.nan, math.nan, found.n, found.missing, method=method, note=note)
    return Finding.of(name, subject, estimate, unit="CFI; .010 is too much", conventions=_CONVENTIONS)


def _items(answers: dict[str, Floats], instrument: Instrument, scale: Scale) -> Floats:
    return keyed_items(np.array(list(answers.values())), instrument, scale)


def _noted(estimate: Estimate, note: str) -> Estimate:
    return replace(estimate, note="; ".join(part for part in (estimate.note, note) if part))


def _lacking(name: str, subject: str, n: int, needed: int, what: str) -> Finding:
    return _without(name, subject, n, f"{what} needs {needed} people; there are {n}")


def _without(name: str, subject: str, n: int, note: str) -> Finding:
    nan = math.nan
    return Finding.of(name, subject, Estimate(nan, nan, nan, n, note=note), conventions=(CORRECTED,))
