"""What stays the same whoever is played: scores, ranks between sets of people, and how fast sets agree.

As published: sets of people are the units, variances over sets divide by their number (ddof = 0), and a smaller set is
part of the larger one, so that the points of the curve are not independent. Corrected: people are the units, each
centred on their own answers, and variances over sets are unbiased (ddof = 1).
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from personae.instrument import answer_matrix, keyed_items, load_instrument
from personae.papers.stable_values.profiles import (
    INSTRUMENTS,
    LOWEST,
    PARTS,
    Profile,
    centred,
    dimensions,
    person_counts,
    profiles_of_reports,
    profiles_of_runs,
)
from personae.stats import Estimate, cluster_mean, cronbach_alpha, one_sample_t, proportion, spearman
from personae.study import AS_PUBLISHED, CORRECTED, Finding

if TYPE_CHECKING:
    import polars as pl

EVERY_MODEL = "all models"
_POINTS = "scale points from the mean answer"
_TOP = {"mfq-30": ("harm", "fairness")}
_BOTTOM = {"pvq-rr": ("power_dominance", "power_resources")}


def measure_table(table: pl.DataFrame, *, step: int) -> list[Finding]:
    """Measure a fresh run or published reports, for each model in the table."""
    if "dimension" in table.columns:
        profiles = list(profiles_of_reports(table))
    elif "condition" in table.columns:
        profiles = list(profiles_of_runs(table, step))
    else:
        return []
    found: list[Finding] = []
    for subject in dict.fromkeys(profile.subject for profile in profiles):
        mine = [profile for profile in profiles if profile.subject == subject]
        for instrument in INSTRUMENTS:
            found += _of_instrument(subject, instrument, [one for one in mine if one.instrument == instrument])
        if "dimension" not in table.columns:
            found += _of_people(subject, table)
    found += _of_all(profiles)
    return found


def _of_instrument(subject: str, instrument: str, profiles: Sequence[Profile]) -> Iterator[Finding]:
    names = dimensions(instrument)
    base = [one for one in profiles if one.condition == "base"]
    sets = _largest_sets(profiles)
    for kind, runs in (("score", sets), ("base", base)):
        if not runs:
            continue
        scores = np.array([one.scores for one in runs])
        for index, name in enumerate(names):
            yield Finding.of(
                f"{kind}.{instrument}.{name}",
                subject,
                one_sample_t(scores[:, index]),
                unit=_POINTS,
                conventions=(
                    AS_PUBLISHED,
                    "centred=all answers",
                    f"unit={'set of people' if kind == 'score' else 'run'}",
                ),
            )
    if sets and base:
        pair = [_mean_scores(runs) for runs in (base, sets)]
        yield Finding.of(
            f"rank.{instrument}.with_and_without_persona",
            subject,
            spearman(*pair),
            unit="rho",
            conventions=(CORRECTED, "unit=dimension"),
        )
    yield from _by_size(subject, instrument, profiles)
    yield from _extremes(subject, instrument, sets)
    if stored := [one for one in profiles if one.stored is not None]:
        yield Finding.of(f"stored.{instrument}", subject, _agreement(stored), unit=_POINTS, conventions=(AS_PUBLISHED,))
    counted, missing = sum(one.counts.sum() for one in (*sets, *base)), sum(one.missing for one in (*sets, *base))
    if counted + missing:
        read = proportion(int(counted), int(counted + missing))
        yield Finding.of(f"read.{instrument}", subject, read, unit="share", conventions=(CORRECTED,))


def _mean_scores(runs: Sequence[Profile]) -> NDArray[np.float64]:
    """Mean of each dimension over the runs that have it; NaN where none has."""
    scores = np.array([one.scores for one in runs])
    known = np.isfinite(scores).sum(axis=0)
    total = np.nansum(scores, axis=0)
    mean: NDArray[np.float64] = np.divide(total, known, out=np.full(len(known), np.nan), where=known > 0)
    return mean


def _largest_sets(profiles: Sequence[Profile]) -> list[Profile]:
    """Each set of people at the largest size that all sets have."""
    played = [one for one in profiles if one.condition == "persona"]
    sizes = [{one.people for one in played if one.seed == seed} for seed in {one.seed for one in played}]
    common = set.intersection(*sizes) if sizes else set()
    return [one for one in played if common and one.people == max(common)]


def _between(sets: Sequence[Profile]) -> Iterator[tuple[str, Estimate]]:
    pairs = [spearman(a.scores, b.scores).estimate for a, b in itertools.combinations(sets, 2)]
    mean, lowest, highest = float(np.mean(pairs)), min(pairs), max(pairs)
    bounds = "bounds are the lowest and the highest pair of sets"
    yield AS_PUBLISHED, Estimate(lowest, lowest, highest, n=len(sets), method=f"lowest Spearman correlation; {bounds}")
    yield CORRECTED, Estimate(mean, lowest, highest, n=len(sets), method=f"mean Spearman correlation; {bounds}")


def _by_size(subject: str, instrument: str, profiles: Sequence[Profile]) -> Iterator[Finding]:
    played = [one for one in profiles if one.condition == "persona"]
    seeds = {one.seed for one in played}
    curve: list[tuple[int, float]] = []
    for size in sorted({one.people for one in played}):
        sets = [one for one in played if one.people == size]
        if len(seeds) < 2 or len(sets) < len(seeds):
            continue
        for convention, agreement in _between(sets):
            yield Finding.of(
                f"rank.{instrument}.at_{size}",
                subject,
                agreement,
                unit="rho",
                conventions=(convention, "unit=dimension"),
            )
        scores = np.array([one.scores for one in sets])
        for convention, ddof in ((AS_PUBLISHED, 0), (CORRECTED, 1)):
            by_dimension = replace(one_sample_t(np.var(scores, axis=0, ddof=ddof)), p_value=None)
            yield Finding.of(
                f"variance.{instrument}.at_{size}",
                subject,
                by_dimension,
                unit="squared scale points",
                conventions=(convention, f"ddof={ddof}", "unit=dimension", f"sets={len(scores)}"),
            )
        curve.append((size, float(np.mean(np.var(scores, axis=0, ddof=1)))))
    if len(curve) > 2:
        yield Finding.of(
            f"fall.{instrument}",
            subject,
            spearman(*np.array(curve).T),
            unit="rho",
            conventions=(CORRECTED, "unit=size of the sets", "sets=nested"),
        )


def _extremes(subject: str, instrument: str, sets: Sequence[Profile]) -> Iterator[Finding]:
    for name, hits in _hits(instrument, sets):
        share = proportion(sum(hits), len(hits))
        yield Finding.of(name, subject, share, unit="share of sets", conventions=(AS_PUBLISHED,))


def _hits(instrument: str, sets: Sequence[Profile]) -> Iterator[tuple[str, list[bool]]]:
    names = dimensions(instrument)
    ranked = [[names[index] for index in np.argsort(one.scores)] for one in sets]
    if ranked and instrument in _TOP:
        yield "top_two.mfq-30.harm_fairness", [set(order[-2:]) == set(_TOP[instrument]) for order in ranked]
    if ranked and instrument in _BOTTOM:
        yield "bottom_two.pvq-rr.power", [bool(set(order[:2]) & set(_BOTTOM[instrument])) for order in ranked]


def _of_all(profiles: Sequence[Profile]) -> Iterator[Finding]:
    """What holds over all models, where there are several."""
    subjects = list(dict.fromkeys(profile.subject for profile in profiles))
    if len(subjects) < 2:
        return
    for instrument in INSTRUMENTS:
        sets = [
            one
            for subject in subjects
            for one in _largest_sets([p for p in profiles if p.subject == subject and p.instrument == instrument])
        ]
        yield from _extremes(EVERY_MODEL, instrument, sets)


def _agreement(stored: Sequence[Profile]) -> Estimate:
    differences = np.concatenate([np.abs(one.scores - one.stored) for one in stored if one.stored is not None])
    known = differences[np.isfinite(differences)]
    worst = float(known.max()) if len(known) else float("nan")
    return Estimate(
        worst,
        worst,
        worst,
        n=len(known),
        missing=len(differences) - len(known),
        method="largest difference between a published score and the same score from its counts",
    )


def _of_people(subject: str, table: pl.DataFrame) -> Iterator[Finding]:
    """What needs the answers of single people: corrected scores, agreement of people, reliability."""
    mine = table.filter((table["model"] == subject) & (table["condition"] == "persona")).sort("set", "person", "repeat")
    if not mine.height:
        return
    people = [f"{seed}/{person}" for seed, person in mine.select("set", "person").iter_rows()]
    for instrument in INSTRUMENTS:
        lowest = LOWEST[instrument]
        scores = np.array([centred(person_counts(row, instrument), lowest) for row in mine.iter_rows(named=True)])
        for index, name in enumerate(dimensions(instrument)):
            yield Finding.of(
                f"score.{instrument}.{name}",
                subject,
                cluster_mean(scores[:, index], people),
                unit=_POINTS,
                conventions=(CORRECTED, "centred=own answers", "unit=person"),
            )
        yield Finding.of(
            f"own.{instrument}",
            subject,
            cluster_mean(_with_the_others(scores), people),
            unit="rho",
            conventions=(CORRECTED, "unit=person"),
        )
    for part in PARTS:
        form = load_instrument(part)
        matrix = answer_matrix(mine, form, column=f"answers.{part}")
        for scale in form.scales:
            alpha = cronbach_alpha(keyed_items(matrix, form, scale), clusters=people)
            yield Finding.of(f"alpha.{part}.{scale.key}", subject, alpha, conventions=(CORRECTED, "unit=person"))


def _with_the_others(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """For each person, how their order of dimensions agrees with the mean of all others."""
    filled = np.where(np.isfinite(scores), scores, 0.0)
    known = np.isfinite(scores).sum(axis=0)
    total = filled.sum(axis=0)
    agreed = np.full(len(scores), np.nan)
    for index, own in enumerate(scores):
        if np.isfinite(own).all() and len(scores) > 1:
            agreed[index] = spearman(own, (total - own) / np.maximum(known - 1, 1)).estimate
    return agreed
