"""What is found: reliability, convergent, discriminant and criterion validity, and what shaping does."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from personae.instrument import Instrument, answer_matrix, keyed_items, score_scale, score_traits
from personae.instrument.shaping import dose_response, level_means, separation, transfer
from personae.papers.personality_traits.constructs import CRITERIA, TRAITS, scales_of
from personae.stats import (
    Estimate,
    cronbach_alpha,
    guttman_lambda6,
    mcdonald_omega,
    pearson,
    proportion,
)
from personae.stats.multitrait import Multitrait, multitrait
from personae.study import AS_PUBLISHED, CORRECTED, Finding

if TYPE_CHECKING:
    import polars as pl

VALIDITY, SINGLE, CONCURRENT = "validity", "single", "concurrent"
IPIP, BFI, TEXT = "ipip", "bfi", "text"
_COEFFICIENTS = {"alpha": cronbach_alpha, "lambda6": guttman_lambda6, "omega": mcdonald_omega}
Floats = NDArray[np.float64]
Scores = Mapping[tuple[str, str], Floats]
"""One score a row by (trait or criterion, method)."""


def measure_table(table: pl.DataFrame, batteries: Mapping[str, Instrument]) -> list[Finding]:
    """Measure a fresh run, published scores of respondents, or published correlations."""
    found: list[Finding] = []
    if "correlation" in table.columns:
        for row in table.iter_rows(named=True):
            found.append(published_correlation(row))
        return [*found, *_averages(found)]
    for subject in table["model"].unique(maintain_order=True).to_list() if "model" in table.columns else []:
        rows = table.filter(table["model"] == subject)
        if "part" in rows.columns:
            order = ["part", "biography", "instruction", "postamble", "trait", "level", "profile"]
            rows = rows.sort(order)
            parts = {part: rows.filter(rows["part"] == part) for part in (VALIDITY, SINGLE, CONCURRENT)}
            found += _of_run(str(subject), parts, batteries)
        else:
            named = {name: name.partition("@") for name in rows.columns if "@" in name}
            scores = {(what, method): rows[name].to_numpy() for name, (what, _, method) in named.items()}
            clusters = rows["biography"].to_list() if "biography" in rows.columns else None
            found += validity_findings(str(subject), scores, clusters)
    return found


def _of_run(subject: str, parts: Mapping[str, pl.DataFrame], batteries: Mapping[str, Instrument]) -> Iterator[Finding]:
    rows = parts[VALIDITY]
    if rows.height:
        clusters = [str(one) for one in rows["biography"].to_list()]
        yield from reliability_findings(subject, rows, batteries, clusters)
        yield from validity_findings(subject, _scores(rows, batteries), clusters)
    yield from _read(subject, [rows for rows in parts.values() if rows.height], batteries)
    if parts[SINGLE].height:
        yield from single_findings(subject, parts[SINGLE], batteries)
    if parts[CONCURRENT].height:
        yield from concurrent_findings(subject, parts[CONCURRENT], batteries)
    shaped = [rows for part in (SINGLE, CONCURRENT) if (rows := parts[part]).height and "read" in rows.columns]
    if shaped:
        yield from text_findings(subject, shaped, batteries)


def reliability_findings(
    subject: str, rows: pl.DataFrame, batteries: Mapping[str, Instrument], clusters: Sequence[str]
) -> Iterator[Finding]:
    """α, λ6 and ω of every broad scale; as published each respondent is a unit, corrected each biography."""
    for key, instrument in batteries.items():
        matrix = answer_matrix(rows, instrument, column=f"answers.{key}")
        for scale in instrument.broad_scales():
            items = keyed_items(matrix, instrument, scale)
            if len(scale.items) < 3:
                continue
            for name, coefficient in _COEFFICIENTS.items():
                for convention, units in ((AS_PUBLISHED, None), (CORRECTED, clusters)):
                    yield Finding.of(
                        f"{name}.{key}.{scale.key}",
                        subject,
                        coefficient(items, clusters=units),
                        unit="coefficient; .70 is acceptable",
                        conventions=(convention, "unit=respondent" if units is None else "unit=biography"),
                    )


def validity_findings(subject: str, scores: Scores, clusters: Sequence[object] | None) -> Iterator[Finding]:
    """Convergent, discriminant and criterion validity over respondents."""
    traits = {
        (trait, method): scores[trait, method]
        for trait in TRAITS
        for method in (IPIP, BFI)
        if (trait, method) in scores
    }
    if len(traits) == 2 * len(TRAITS):
        for convention, units in ((AS_PUBLISHED, None), (CORRECTED, clusters)):
            if convention == CORRECTED and units is None:
                continue
            yield from _multitrait(subject, multitrait(traits, clusters=units), convention)
    for criterion in CRITERIA:
        mine, other = scores.get((criterion.trait, IPIP)), scores.get((criterion.key, criterion.instrument))
        if mine is None or other is None:
            continue
        r = replace(pearson(mine, other), p_value=None)
        sign = "positive" if criterion.sign > 0 else "negative"
        yield Finding.of(
            f"criterion.{criterion.trait}.{criterion.key}",
            subject,
            r,
            unit="r",
            conventions=(AS_PUBLISHED, "unit=respondent", f"expected={sign}"),
        )


def _multitrait(subject: str, found: Multitrait, convention: str) -> Iterator[Finding]:
    unit = "unit=respondent" if convention == AS_PUBLISHED else "unit=biography"
    for trait in TRAITS:
        for name, estimates in (("convergent", found.convergent), ("discriminant", found.discriminant)):
            yield Finding.of(f"{name}.{trait}", subject, estimates[trait], unit="r", conventions=(convention, unit))
    for name, estimate in (("convergent", found.convergent_mean), ("discriminant", found.discriminant_mean)):
        yield Finding.of(f"{name}.average", subject, estimate, unit="r", conventions=(convention, unit))
    shares = (("campbell_fiske.across", found.campbell_fiske), ("campbell_fiske.within", found.same_method))
    for name, estimate in shares:
        yield Finding.of(name, subject, estimate, unit="share of comparisons", conventions=(convention, unit))
    for (first, second), estimate in found.heterotrait.items():
        name = f"htmt.{first}.{second}"
        yield Finding.of(name, subject, estimate, unit="ratio; 1 is the same", conventions=(convention, unit))


def single_findings(subject: str, rows: pl.DataFrame, batteries: Mapping[str, Instrument]) -> Iterator[Finding]:
    """Nine levels of one trait: the curve, its shape, the same on another instrument, and what else moves."""
    scores = _scores(rows, batteries)
    traits, levels = rows["trait"].to_list(), np.array(rows["level"].to_list(), dtype=np.int64)
    clusters = np.array([str(one) for one in rows["biography"].to_list()])
    for name, trait in TRAITS.items():
        mine = np.array([one == trait for one in traits])
        if not mine.any():
            continue
        for method in (IPIP, BFI):
            own = scores[name, method][mine]
            shape = dose_response(
                levels[mine], own, ceiling=float(batteries[method].highest), clusters=clusters[mine].tolist()
            )
            yield from _shape(subject, f"{name}.{method}", shape)
            if method == IPIP:
                yield from _curve(subject, name, levels[mine], own)
        carried = transfer(scores[name, IPIP][mine], scores[name, BFI][mine])
        yield _described(f"transfer.{name}", subject, carried, "rho")
        for other in TRAITS:
            if other != name:
                across = dose_response(levels[mine], scores[other, IPIP][mine], ceiling=math.inf).rho
                yield _described(f"spill.{name}.{other}", subject, across, "rho", CORRECTED)


def _shape(subject: str, name: str, shape: Any) -> Iterator[Finding]:
    rows: Sequence[tuple[str, Estimate, str, str]] = (
        ("shape_rho", shape.rho, "rho", AS_PUBLISHED),
        ("shape_slope", shape.slope, "scale points a level", CORRECTED),
        ("shape_monotone", shape.monotone, "share of variance", CORRECTED),
        ("shape_reach", shape.reach, "scale points", CORRECTED),
        ("shape_ceiling", shape.at_end, "share of prompts", CORRECTED),
    )
    for word, estimate, unit, convention in rows:
        yield _described(f"{word}.{name}", subject, estimate, unit, convention)


def _curve(subject: str, name: str, levels: NDArray[np.int64], scores: Floats) -> Iterator[Finding]:
    for level, mean in level_means(levels, scores).items():
        known = scores[(levels == level) & np.isfinite(scores)]
        spread = float(known.std(ddof=1)) / math.sqrt(len(known)) if len(known) > 1 else math.nan
        method = "mean over biographies, ± 1.96 standard errors"
        one = Estimate(mean, mean - 1.96 * spread, mean + 1.96 * spread, len(known), method=method)
        yield _described(f"curve.{name}.at_{level}", subject, one, "scale points", CORRECTED)


def concurrent_findings(subject: str, rows: pl.DataFrame, batteries: Mapping[str, Instrument]) -> Iterator[Finding]:
    """All traits at once: what each does to its own scale, and to the others'."""
    scores = _scores(rows, batteries)
    codes = rows["profile"].to_list()
    for place, name in enumerate(TRAITS):
        high = np.array([code[place] == "+" for code in codes])
        for method in (IPIP, BFI):
            own = replace(separation(high, scores[name, method]), p_value=None)
            yield _described(f"apart.{name}.{method}", subject, own, "scale points", CORRECTED)
        for other in TRAITS:
            if other != name:
                across = replace(separation(high, scores[other, IPIP]), p_value=None)
                yield _described(f"crosstalk.{name}.{other}", subject, across, "scale points", CORRECTED)


def text_findings(
    subject: str, shaped: Sequence[pl.DataFrame], batteries: Mapping[str, Instrument]
) -> Iterator[Finding]:
    """Whether texts show the traits that the questionnaire shows: r of read and scored traits over prompts."""
    read, scored = [], []
    for rows in shaped:
        scores = _scores(rows, batteries)
        read += [list(one or [None] * len(TRAITS)) for one in rows["read"].to_list()]
        scored.append(np.column_stack([scores[name, IPIP] for name in TRAITS]))
    texts = np.array([[math.nan if value is None else float(value) for value in row] for row in read])
    answers = np.vstack(scored)
    found = []
    for place, name in enumerate(TRAITS):
        r = replace(pearson(texts[:, place], answers[:, place]), p_value=None)
        found.append(Finding.of(f"text.{name}", subject, r, unit="r", conventions=(AS_PUBLISHED, "unit=prompt")))
    yield from found
    yield from _averages(found)


def published_correlation(row: Mapping[str, Any]) -> Finding:
    """A published correlation over 1,250 respondents, with the interval that follows from their number."""
    value, n = float(row["correlation"]), int(row["n"])
    half = 1.96 / math.sqrt(n - 3)
    inside = abs(value) < 1
    low, high = (
        (math.tanh(math.atanh(value) - half), math.tanh(math.atanh(value) + half)) if inside else (math.nan, math.nan)
    )
    estimate = Estimate(value, low, high, n, method="published correlation, Fisher z interval of its n")
    return Finding.of(
        str(row["name"]), str(row["model"]), estimate, unit="r", conventions=(AS_PUBLISHED, "unit=respondent")
    )


def _averages(found: Sequence[Finding]) -> Iterator[Finding]:
    """Mean of five trait correlations, for each subject and kind that has all five."""
    kinds = dict.fromkeys((one.subject, one.name.partition(".")[0]) for one in found)
    for subject, kind in kinds:
        mine = {one.name: one for one in found if one.subject == subject}
        wanted = [mine.get(f"{kind}.{trait}") for trait in TRAITS]
        parts = [one for one in wanted if one is not None and math.isfinite(one.estimate)]
        if kind == "criterion" or len(parts) < len(TRAITS) or f"{kind}.average" in mine:
            continue
        mean = float(np.mean([one.estimate for one in parts]))
        # Errors of five correlations over the same respondents are not independent: the mean of their halves is an
        # upper bound of the half of their mean.
        half = float(np.mean([(one.high - one.low) / 2 for one in parts]))
        method = "mean of five correlations; interval: mean half width, an upper bound"
        estimate = Estimate(mean, mean - half, mean + half, min(one.n for one in parts), method=method)
        conventions = (AS_PUBLISHED, *parts[0].conventions[1:])
        yield Finding.of(f"{kind}.average", subject, estimate, unit="r", conventions=conventions)


def _scores(rows: pl.DataFrame, batteries: Mapping[str, Instrument]) -> dict[tuple[str, str], Floats]:
    """Scores of each row: traits by both inventories, and every criterion that was asked."""
    found: dict[tuple[str, str], Floats] = {}
    for key, instrument in batteries.items():
        if f"answers.{key}" not in rows.columns or not rows[f"answers.{key}"].drop_nulls().len():
            continue
        matrix = answer_matrix(rows, instrument, column=f"answers.{key}")
        if key in (IPIP, BFI):
            by_trait = score_traits(matrix, instrument, list(TRAITS.values()))
            found.update({(name, key): by_trait[trait] for name, trait in TRAITS.items()})
        for criterion in CRITERIA:
            if criterion.instrument == key and (scales := scales_of(instrument, criterion)):
                each = [score_scale(matrix, instrument, scale) for scale in scales]
                found[criterion.key, key] = np.mean(each, axis=0)
    return found


def _read(subject: str, parts: Sequence[pl.DataFrame], batteries: Mapping[str, Instrument]) -> Iterator[Finding]:
    for key, instrument in batteries.items():
        column = f"answers.{key}"
        asked = [
            answer_matrix(mine, instrument, column=column)
            for rows in parts
            if column in rows.columns and (mine := rows.filter(rows[column].is_not_null())).height
        ]
        total = sum(one.size for one in asked)
        known = sum(int(np.isfinite(one).sum()) for one in asked)
        if total:
            yield _described(f"read.{key}", subject, proportion(known, total), "share of answers", CORRECTED)


def _described(name: str, subject: str, estimate: Estimate, unit: str, convention: str = AS_PUBLISHED) -> Finding:
    return Finding.of(
        name, subject, replace(estimate, p_value=None), unit=unit, conventions=(convention, "unit=prompt")
    )
