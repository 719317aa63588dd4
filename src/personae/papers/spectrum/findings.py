"""Which parts make an agent that says true things of itself, and of nobody else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from personae.papers.spectrum.profiles import CONDITIONS, PARTS
from personae.stats import Estimate, cluster_mean, one_sample_t, paired_t, proportion
from personae.study import AS_PUBLISHED, CORRECTED, Finding, correct_families

if TYPE_CHECKING:
    import polars as pl

PROFILES, PEOPLE = "profiles", "real people"
_SHARE = "share of statements"
_CONTRASTS = (("SPC", "C"), ("SPC", "SP"), ("C", "S"), ("C", "P"))
DIRECTIONS = ("SPC_C", "C_S", "C_P")
"""Contrasts of which the paper says, in words, which way they go."""


def measure_table(table: pl.DataFrame, chance: float) -> list[Finding]:
    """Measure what is there: a run, the completeness of profiles, ratings."""
    found: list[Finding] = []
    if "part" in table.columns:
        found += _of_profiles(table)
    if "rating" in table.columns:
        found += _of_ratings(table)
    if {"condition", "model", "own"} <= set(table.columns):
        for subject in table["model"].unique(maintain_order=True).to_list():
            found += _of_agent(str(subject), table.filter(table["model"] == subject), chance)
    return correct_families(found)


def _plain(estimate: Estimate) -> Estimate:
    return replace(estimate, p_value=None)


def _of_agent(subject: str, table: pl.DataFrame, chance: float) -> Iterator[Finding]:
    by_condition: dict[str, NDArray[np.float64]] = {}
    people = sorted({int(person) for person in table["person"].to_list()})
    for condition in CONDITIONS:
        rows = {int(row["person"]): row for row in table.filter(table["condition"] == condition).iter_rows(named=True)}
        if not rows:
            continue
        own, other, quoted = (_matrix(rows, people, name) for name in ("own", "other", "quoted"))
        yield from _accepted(subject, condition, own, quoted, people)
        fair = np.where(quoted == 1, np.nan, own)
        means = _row_means(fair)
        by_condition[condition] = means
        elsewhere = _row_means(np.where(quoted == 1, np.nan, other))
        if not np.isfinite(other).any():
            continue  # judgements of others, who asked the person alone
        yield Finding.of(f"other.{condition}", subject, _plain(one_sample_t(elsewhere)), unit=_SHARE,
                         conventions=(CORRECTED, "judge=another person"))  # fmt: skip
        yield Finding.of(
            f"told_apart.{condition}",
            subject,
            paired_t(means, elsewhere),
            unit=f"{_SHARE}; accepted by the person less by another",
            conventions=(CORRECTED, "unit=person"),
            family="told apart",
        )
        known = quoted[np.isfinite(quoted)]
        yield Finding.of(f"quoted.{condition}", subject, proportion(int(known.sum()), len(known)), unit=_SHARE,
                         conventions=(CORRECTED,))  # fmt: skip
        picked = [row.get("lineup") for row in rows.values()]
        yield Finding.of(f"lineup.{condition}", subject, _hits(picked), unit=f"share of people; {chance:.2f} by chance",
                         conventions=(CORRECTED,))  # fmt: skip
        for name, way in (("guess", AS_PUBLISHED), ("guess_statements", CORRECTED)):
            guesses = [row[f"{name}.right"] for row in rows.values() if row.get(f"{name}.right") is not None]
            if guesses:
                yield Finding.of(f"{name}.{condition}", subject, _hits(guesses), unit="share of characters",
                                 conventions=(way,))  # fmt: skip
    yield from _components(subject, by_condition)


def _accepted(
    subject: str, condition: str, own: NDArray[np.float64], quoted: NDArray[np.float64], people: Sequence[int]
) -> Iterator[Finding]:
    half = own.shape[1] // 2
    is_known = bool(np.isfinite(quoted).any())
    for name, columns in (("accepted", slice(None)), ("open", slice(0, half)), ("hidden", slice(half, None))):
        mine = own[:, columns]
        known = np.isfinite(mine)
        pooled = proportion(int(np.nansum(mine)), int(known.sum()), missing=int((~known).sum()))
        yield Finding.of(
            f"{name}.{condition}", subject, pooled, unit=_SHARE, conventions=(AS_PUBLISHED, "unit=statement")
        )
        fair = np.where(quoted[:, columns] == 1, np.nan, mine)
        by_person = cluster_mean(fair.ravel(), np.repeat(people, fair.shape[1]).tolist())
        yield Finding.of(
            f"{name}.{condition}",
            subject,
            _plain(by_person),
            unit=_SHARE,
            conventions=(CORRECTED, "unit=person", "quotations=left out" if is_known else "quotations=unknown"),
        )


def _components(subject: str, by_condition: dict[str, NDArray[np.float64]]) -> Iterator[Finding]:
    """What each part adds, over all sets of the others; and the contrasts that the paper speaks of."""
    if len(by_condition) == len(CONDITIONS):
        for block in "SPC":
            pairs = []
            for condition in CONDITIONS:
                if block not in condition:
                    rest = "" if condition == "none" else condition
                    both = "".join(one for one in "SPC" if one in rest + block)
                    pairs.append(by_condition[both] - by_condition[condition])
            yield Finding.of(
                f"effect.{block}",
                subject,
                one_sample_t(np.mean(pairs, axis=0)),
                unit=f"{_SHARE}; with it less without, over the four sets of the others",
                conventions=(CORRECTED, "unit=person"),
                family="components",
            )
    for first, second in _CONTRASTS:
        if first in by_condition and second in by_condition:
            difference = paired_t(by_condition[first], by_condition[second])
            yield Finding.of(f"contrast.{first}_{second}", subject, difference, unit=_SHARE,
                             conventions=(CORRECTED, "unit=person"), family="contrasts")  # fmt: skip
            if f"{first}_{second}" in DIRECTIONS:
                yield _direction(f"direction.{first}_{second}", subject, difference)


def _direction(name: str, subject: str, difference: Estimate) -> Finding:
    """Which way a contrast goes, as far as its interval tells; to stand beside what is published in words."""
    low, high = (float(np.nan_to_num(np.sign(bound), nan=other))
                 for bound, other in ((difference.low, -1.0), (difference.high, 1.0)))  # fmt: skip
    told = low if low == high else 0.0
    estimate = Estimate(told, low, high, n=difference.n, missing=difference.missing, method="signs of the interval")
    return Finding.of(name, subject, estimate, unit="1 the first is higher, -1 lower, 0 cannot be told",
                      conventions=(AS_PUBLISHED,))  # fmt: skip


def _of_profiles(table: pl.DataFrame) -> Iterator[Finding]:
    """How many characters there are, how many files, and how many have all five parts."""
    rows = table.filter(table["part"].is_not_null())
    names = rows["person"].n_unique()
    whole = sum(group.height == len(PARTS) for _, group in rows.group_by("person"))
    for name, count in (("characters", names), ("files", rows.height)):
        exact = Estimate(float(count), float(count), float(count), n=count, method="count")
        yield Finding.of(name, PROFILES, exact, unit="count", conventions=(AS_PUBLISHED,))
    yield Finding.of(
        "whole", PROFILES, proportion(whole, names), unit="share of characters", conventions=(AS_PUBLISHED,)
    )


def _of_ratings(table: pl.DataFrame) -> Iterator[Finding]:
    """How like themselves real people find the agent; every pair of conditions that one person rated both."""
    rows = table.filter(table["rating"].is_not_null())
    raters = float(rows["person"].n_unique())
    yield Finding.of("raters", PEOPLE, Estimate(raters, raters, raters, n=int(raters), method="count"),
                     unit="count", conventions=(AS_PUBLISHED,))  # fmt: skip
    for (scale,), part in rows.group_by("scale", maintain_order=True):
        means: dict[str, dict[str, float]] = {}
        for (condition, person), several in part.group_by("condition", "person", maintain_order=True):
            means.setdefault(str(condition), {})[str(person)] = float(several["rating"].to_numpy().mean())
        for condition, by_person in means.items():
            yield Finding.of(f"rating.{scale}.{condition}", PEOPLE, _plain(one_sample_t(list(by_person.values()))),
                             unit="rating", conventions=(CORRECTED, "unit=person"))  # fmt: skip
        for first, second in _CONTRASTS:
            both = sorted(means.get(first, {}).keys() & means.get(second, {}).keys())
            if len(both) > 1:
                difference = paired_t([means[first][one] for one in both], [means[second][one] for one in both])
                name = f"{scale}.{first}_{second}"
                yield Finding.of(f"rating_contrast.{name}", PEOPLE, difference, unit="rating",
                                 conventions=(CORRECTED, "unit=person"), family="ratings")  # fmt: skip
                if (first, second) == _CONTRASTS[0]:
                    yield _direction(f"rating_direction.{name}", PEOPLE, difference)


def _matrix(rows: dict[int, Any], people: Sequence[int], name: str) -> NDArray[np.float64]:
    filled = np.full((len(people), 20), np.nan)
    for place, person in enumerate(people):
        values = rows.get(person, {}).get(name) or []
        for column, value in enumerate(values[:20]):
            if value is not None:
                filled[place, column] = value
    return filled


def _row_means(values: NDArray[np.float64]) -> NDArray[np.float64]:
    known = np.isfinite(values).sum(axis=1)
    total = np.nansum(values, axis=1)
    mean: NDArray[np.float64] = np.divide(total, known, out=np.full(len(values), np.nan), where=known > 0)
    return mean


def _hits(values: Sequence[int | None]) -> Estimate:
    known = [value for value in values if value is not None]
    return proportion(sum(known), len(known), missing=len(values) - len(known))
