"""What an assessment finds: scores and norms, how far they may be believed, and what the persona does to them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from personae.canonical import derive_seed
from personae.instrument.assessment.doses import dose_findings
from personae.instrument.assessment.robustness import robustness_findings
from personae.instrument.assessment.rows import Floats, Rows, models_of, word
from personae.instrument.assessment.structure import structure_findings
from personae.instrument.questionnaire import Instrument, Norm, Scale
from personae.instrument.scoring import keyed_items
from personae.instrument.validity import (
    acquiescence,
    contradictions,
    desirability,
    noise_floor,
    refusals,
    scale_reliability,
)
from personae.stats import Estimate, cluster_mean, guttman_lambda6, icc, one_sample_t, pearson, proportion
from personae.study import CORRECTED, Finding, correct_families

if TYPE_CHECKING:
    import polars as pl

POINTS = "scale points"
MOST_PROFILES = 12
"""People whose own profiles are reported; the table of scores holds all."""
_LEAST_FOR_CORRELATION = 4


def measure_table(table: pl.DataFrame, instrument: Instrument, traits: Sequence[str]) -> list[Finding]:
    """Measure a table of answers, for each model in it.

    Args:
        table: Rows of an :class:`~personae.instrument.assessment.Assessment`, of one run or of several.
        instrument: What was asked.
        traits: Traits that the column ``planted`` holds, in its order.
    """
    found: list[Finding] = []
    if "condition" not in table.columns:
        return found
    for subject, rows in models_of(table, instrument):
        main = rows.under("main")
        mine = [
            *_score_findings(subject, main),
            *_profile_findings(subject, main),
            *_reliability_findings(subject, main),
            *_style_findings(subject, main),
            *robustness_findings(subject, rows),
            *structure_findings(subject, rows),
            *_recovery_findings(subject, main, traits),
            *dose_findings(subject, rows, traits),
            *_control_findings(subject, rows),
        ]
        found += correct_families(mine)
    return found


def _score_findings(subject: str, main: Rows) -> Iterator[Finding]:
    if not main.table.height:
        return
    people = dict.fromkeys(main.people)
    unit = "unit=person" if len(people) > 1 else "unit=draw"
    for scale in main.instrument.scales:
        scores = main.scores(scale)
        mean = cluster_mean(scores, main.people) if len(people) > 1 else one_sample_t(scores)
        mean = replace(mean, p_value=None)
        conventions = (CORRECTED, unit)
        yield Finding.of(f"score.{scale.key}", subject, mean, unit=POINTS, conventions=conventions)
        for norm in scale.norms:
            named = (*conventions, f"norm={norm.group}")
            yield Finding.of(
                f"norm.{scale.key}", subject, beside_norm(mean, norm), unit="SDs of people", conventions=named
            )


def beside_norm(mean: Estimate, norm: Norm) -> Estimate:
    """A mean as a distance from that of people, in their standard deviations.

    When to use: to say where a score lies among people; the note gives the percentile under a normal distribution.
    Interval: that of the mean, with the error of the norm's own mean (``sd / sqrt(n)``) in quadrature where n is known.
    """
    own = 1.96 / math.sqrt(norm.n) if norm.n else 0.0
    z = (mean.estimate - norm.mean) / norm.sd
    below, above = ((bound - mean.estimate) / norm.sd for bound in (mean.low, mean.high))
    percentile = 50 * (1 + math.erf(z / math.sqrt(2)))
    note = f"{percentile:.0f}th percentile of {norm.group}; {norm.source} ({norm.confidence})"
    return Estimate(
        z,
        z - math.hypot(below, own),
        z + math.hypot(above, own),
        n=mean.n,
        missing=mean.missing,
        method="(mean - mean of people) / SD of people" + (", error of the norm in quadrature" if norm.n else ""),
        note=note if math.isfinite(z) else mean.note,
    )


def _profile_findings(subject: str, main: Rows) -> Iterator[Finding]:
    if not 1 < len(main.names) <= MOST_PROFILES:
        return
    for scale in main.instrument.broad_scales():
        for person, scores in main.by_person(main.scores(scale)).items():
            mean = replace(one_sample_t(scores), p_value=None)
            name = f"person.{scale.key}.{word(main.names[person])}"
            yield Finding.of(name, subject, mean, unit=POINTS, conventions=(CORRECTED, "unit=draw"))


def _reliability_findings(subject: str, main: Rows) -> Iterator[Finding]:
    if not main.table.height:
        return
    is_one = len(main.names) == 1
    clusters = [str(row) for row in range(main.table.height)] if is_one else main.people
    conventions = (CORRECTED, "unit=draw" if is_one else "unit=person")
    for scale in main.instrument.scales:
        if len(scale.items) > 1:
            yield from _consistency(subject, main, scale, clusters, conventions)
        scores = main.scores(scale)
        if main.table.height > len(main.names):
            floor = noise_floor(scores, main.people)
            yield Finding.of(f"noise.{scale.key}", subject, floor, unit=POINTS, conventions=conventions)
            if not is_one:
                again = icc(main.repeated(scores))
                yield Finding.of(f"retest.{scale.key}", subject, again, unit="ICC", conventions=conventions)


def _consistency(
    subject: str, main: Rows, scale: Scale, clusters: Sequence[str], conventions: tuple[str, ...]
) -> Iterator[Finding]:
    items = keyed_items(main.matrix, main.instrument, scale)
    rng = np.random.default_rng(derive_seed("assessment", "reliability", scale.key))
    found = {
        **scale_reliability(items, rng=rng, clusters=clusters),
        "lambda6": guttman_lambda6(items, clusters=clusters),
    }
    for name in ("alpha", "omega", "lambda6", "split_half", "weakest_item"):
        yield Finding.of(f"{name}.{scale.key}", subject, found[name], unit="coefficient", conventions=conventions)


def _style_findings(subject: str, main: Rows) -> Iterator[Finding]:
    """What was answered at all, and how whatever the item says."""
    if not main.table.height:
        return
    answered = int(np.isfinite(main.matrix).sum())
    read = proportion(answered, main.matrix.size)
    yield Finding.of("read", subject, read, unit="share of answers", conventions=(CORRECTED,))
    if attempts := main.lists("attempts.statuses"):
        for name, share in refusals(attempts, total=main.table.height).items():
            yield Finding.of(f"refusals.{name}", subject, share, unit="share", conventions=(CORRECTED,))
    if flags := main.lists("answers.contradictory"):
        share = contradictions(flags)
        yield Finding.of("contradictions", subject, share, unit="share of answers", conventions=(CORRECTED,))
    if main.instrument.is_forced_choice:
        return  # alternatives have words of their own: there is nothing to agree with and no end of a scale
    style = acquiescence(main.matrix, main.instrument, main.people)
    yield Finding.of("acquiescence", subject, style, unit=POINTS, conventions=(CORRECTED, "unit=person"))
    lowest, highest = np.array([main.instrument.bounds(item) for item in main.instrument.item_ids]).T
    wish = desirability(main.matrix, main.instrument, main.people)
    yield Finding.of("desirability", subject, wish, unit=POINTS, conventions=(CORRECTED, "unit=person"))
    ends = (main.matrix == lowest) | (main.matrix == highest)
    extreme = proportion(int(ends.sum()), answered, missing=main.matrix.size - answered)
    yield Finding.of("extreme", subject, extreme, unit="share of answers", conventions=(CORRECTED,))


def _recovery_findings(subject: str, main: Rows, traits: Sequence[str]) -> Iterator[Finding]:
    """Whether scores tell the traits that the personas were given."""
    if "planted" not in main.table.columns or not traits:
        return
    given = np.array([_numbers(row, len(traits)) for row in main.table["planted"].to_list()])
    for index, trait in enumerate(traits):
        known = main.person_means(given[:, index])
        people = [person for person, value in known.items() if math.isfinite(value)]
        if len(people) < _LEAST_FOR_CORRELATION:
            continue
        scores = main.person_means(main.trait_scores(trait))
        r = pearson([known[person] for person in people], [scores[person] for person in people])
        yield Finding.of(
            f"recovery.{word(trait.rpartition('.')[2])}",
            subject,
            replace(r, p_value=None),
            unit="r",
            conventions=(CORRECTED, "unit=person", "mean of repeats"),
        )


def _numbers(row: Sequence[float | None] | None, width: int) -> list[float]:
    return [math.nan if value is None else float(value) for value in row or [None] * width]


def _control_findings(subject: str, rows: Rows) -> Iterator[Finding]:
    """Scores under prompts that describe nobody, and how far personas are from them."""
    from personae.instrument.assessment.study import EMPTY
    from personae.persona import NEUTRAL_PROMPTS

    main = rows.under("main")
    for condition in (EMPTY, *NEUTRAL_PROMPTS):
        without = rows.under(condition)
        if not without.table.height:
            continue
        for scale in rows.instrument.broad_scales():
            scores = without.scores(scale)
            mean = replace(one_sample_t(scores), method="mean of repeated draws from one prompt, t", p_value=None)
            yield Finding.of(
                f"control.{scale.key}.{condition}", subject, mean, unit=POINTS, conventions=(CORRECTED, "unit=draw")
            )
            if condition == EMPTY and len(main.names) > 1:
                away = one_sample_t(_distances(main, scale, scores))
                yield Finding.of(
                    f"away.{scale.key}",
                    subject,
                    replace(away, p_value=None, method="mean distance of people from the prompt that is empty, t"),
                    unit=POINTS,
                    conventions=(CORRECTED, "unit=person"),
                )


def _distances(main: Rows, scale: Scale, without: Floats) -> Floats:
    known = without[np.isfinite(without)]
    middle = float(known.mean()) if len(known) else math.nan
    means = np.array(list(main.person_means(main.scores(scale)).values()))
    distances: Floats = np.abs(means - middle)
    return distances
