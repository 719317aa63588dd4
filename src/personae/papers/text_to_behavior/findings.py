"""The matrix of targets and scores, what it says about steerability, and the figures that are played.

Scores are z-scores over all texts of a model, so that scales of traits can be compared; the published scorer is not
known well enough to be followed, and nothing here is called its figure.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from personae.canonical import derive_seed
from personae.judge import standardised
from personae.papers.text_to_behavior.prompts import CONTROL, FIGURES
from personae.persona import BIG_FIVE, trait_title
from personae.stats import Estimate, bootstrap, one_sample_t, paired_t, pooled_within_sd, proportion, welch_t
from personae.stats.samples import known_mean
from personae.study import CORRECTED, Finding

if TYPE_CHECKING:
    import polars as pl

Floats = NDArray[np.float64]
OVERLAPPING = 0.5
"""Share of the mean distance between two profiles below which two traits are said to overlap. Our convention."""


def measure_table(table: pl.DataFrame) -> list[Finding]:
    """Measure every scorer of every model in the table."""
    found: list[Finding] = []
    if "part" not in table.columns:
        return found
    for (subject,), mine in table.group_by(["model"], maintain_order=True):
        rows = mine.sort("part", "target", "number")
        texts = rows.filter(rows["part"] == "trait")
        written = proportion(int((rows["status"] == "ok").sum()), rows.height)
        versions = sorted(
            {str(one) for name in ("version", "date") if name in rows.columns for one in rows[name].drop_nulls()}
        )
        note = f"versions and dates: {', '.join(versions[:6])}" if versions else ""
        found.append(
            Finding.of(
                "written", str(subject), replace(written, note=note), unit="share of texts", conventions=(CORRECTED,)
            )
        )
        for scorer in ("rated", "lexicon", "classifier"):
            if f"score.{scorer}" in texts.columns and texts[f"score.{scorer}"].drop_nulls().len():
                found += _steerability(texts, scorer, str(subject))
        found += _figures(rows.filter(rows["part"] == "figure"), str(subject))
    return found


def _steerability(texts: pl.DataFrame, scorer: str, subject: str) -> Iterator[Finding]:
    rows = [
        {} if values is None else {t: v for t, v in zip(BIG_FIVE, values, strict=True) if v is not None}
        for values in texts[f"score.{scorer}"].to_list()
    ]
    scores = np.column_stack([standardised(rows)[trait] for trait in BIG_FIVE])
    targets = np.array(texts["target"].to_list())
    base = scores[targets == CONTROL]
    for row, target in enumerate((*BIG_FIVE, CONTROL)):
        own = scores[targets == target]
        for column, trait in enumerate(BIG_FIVE):
            cell = replace(one_sample_t(own[:, column]), method="mean of the texts of one target, t", p_value=None)
            name = f"matrix.{scorer}.{'none' if target == CONTROL else trait_title(target)}.{trait_title(trait)}"
            yield Finding.of(name, subject, cell, unit="z", conventions=(CORRECTED, "z=over all texts"))
        if target == CONTROL:
            continue
        title = trait_title(target)
        others = np.delete(own, row, axis=1)
        yield Finding.of(
            f"dominance.{scorer}.{title}",
            subject,
            paired_t(own[:, row], others.mean(axis=1)),
            unit="z",
            conventions=(CORRECTED, "own score minus mean of the others"),
            family=f"dominance {scorer}",
        )
        yield Finding.of(
            f"shift.{scorer}.{title}",
            subject,
            welch_t(own[:, row], base[:, row]),
            unit="z",
            conventions=(CORRECTED, "minus texts without a trait"),
            family=f"shift {scorer}",
        )
        spread = pooled_within_sd(own[:, row], [target] * len(own))
        yield Finding.of(f"dispersion.{scorer}.{title}", subject, spread, unit="z", conventions=(CORRECTED,))
        known = np.isfinite(own).all(axis=1)
        hits = int((own[known].argmax(axis=1) == row).sum())
        share = proportion(hits, int(known.sum()), missing=int((~known).sum()))
        yield Finding.of(
            f"recognised.{scorer}.{title}", subject, share, unit="share of texts", conventions=(CORRECTED, "chance=0.2")
        )
    yield from _separation(scores, targets, scorer, subject)


def _separation(scores: Floats, targets: NDArray[np.str_], scorer: str, subject: str) -> Iterator[Finding]:
    """Distances of the profiles of two targets, and the pairs that overlap."""
    profiles = {trait: scores[targets == trait] for trait in BIG_FIVE}
    known = {trait: rows[np.isfinite(rows).all(axis=1)] for trait, rows in profiles.items()}
    if min(map(len, known.values())) < 2:
        return
    distances: dict[tuple[str, str], Estimate] = {}
    for a, b in itertools.combinations(BIG_FIVE, 2):
        rng = np.random.default_rng(derive_seed("text_to_behavior", scorer, a, b))
        rows = np.vstack(
            [np.column_stack([known[trait], np.full(len(known[trait]), side)]) for side, trait in enumerate((a, b))]
        )

        def distance(data: Floats) -> float:
            means = [data[data[:, -1] == side, :-1] for side in (0, 1)]
            return (
                float(np.linalg.norm(means[0].mean(axis=0) - means[1].mean(axis=0))) if all(map(len, means)) else np.nan
            )

        distances[a, b] = bootstrap(distance, rows, rng=rng, resamples=200, method="percentile")
    mean = float(np.mean([one.estimate for one in distances.values()]))
    for (a, b), found in distances.items():
        overlaps = found.estimate < OVERLAPPING * mean
        note = "overlap: closer than half of the mean distance" if overlaps else ""
        yield Finding.of(
            f"separation.{scorer}.{trait_title(a)}.{trait_title(b)}",
            subject,
            replace(found, note=note),
            unit="distance in z",
            conventions=(CORRECTED,),
        )
    closest = min(distances, key=lambda pair: distances[pair].estimate)
    yield Finding.of(
        f"closest.{scorer}",
        subject,
        replace(
            distances[closest], note=f"{trait_title(closest[0])} and {trait_title(closest[1])}; of ten, so biased low"
        ),
        unit="distance in z",
        conventions=(CORRECTED,),
    )
    diagonal = [
        float(np.mean(rows[:, place] - np.delete(rows, place, axis=1).mean(axis=1)))
        for place, rows in enumerate(known[trait] for trait in BIG_FIVE)
    ]
    index = replace(
        one_sample_t(np.array(diagonal)), method="mean dominance of five targets, t over targets", p_value=None
    )
    yield Finding.of(f"steerability.{scorer}", subject, index, unit="z", conventions=(CORRECTED, "unit=target"))


def _figures(rows: pl.DataFrame, subject: str) -> Iterator[Finding]:
    """Ratings of a figure's answers against itself, and against the others."""
    every: dict[str, tuple[list[float], list[float]]] = {}
    for figure in FIGURES:
        mine = rows.filter(rows["target"] == figure.key)
        for name in ("philosophy", "style"):
            if f"{name}.{figure.key}" not in mine.columns:
                continue
            own = np.array([np.nan if v is None else float(v) for v in mine[f"{name}.{figure.key}"]], dtype=float)
            others = _others(mine, name, figure.key)
            pair = every.setdefault(name, ([], []))
            pair[0].extend(own)
            pair[1].extend(others)
            mean = replace(one_sample_t(own), p_value=None)
            yield Finding.of(
                f"figure.{name}.{figure.key}", subject, mean, unit="rating 1 to 5", conventions=(CORRECTED,)
            )
    for name, (own_all, others_all) in every.items():
        yield Finding.of(
            f"figure_beyond_others.{name}",
            subject,
            paired_t(own_all, others_all),
            unit="rating points",
            conventions=(CORRECTED, "same answers held against other figures"),
            family="figures",
        )


def _others(mine: pl.DataFrame, name: str, key: str) -> Sequence[float]:
    columns = [f"{name}.{one.key}" for one in FIGURES if one.key != key and f"{name}.{one.key}" in mine.columns]
    means = []
    for row in mine.select(columns).iter_rows():
        means.append(known_mean([float(value) for value in row if value is not None]))
    return means
