"""Where personas stand on the compass, how far apart, and how far a push moves them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from personae.instrument import Instrument, answer_matrix, score_scale
from personae.papers.political_personas.compass import AXES
from personae.papers.political_personas.shifts import paired_d, pooled_d, published_z, signed_rank
from personae.stats import Estimate, one_sample_t, paired_t, proportion
from personae.study import AS_PUBLISHED, CORRECTED, Finding, correct_families

if TYPE_CHECKING:
    import polars as pl

Floats = NDArray[np.float64]
BASE = "base"
PUSHES = ("right_authoritarian", "left_libertarian")
_LEAST_FOR_NORMALITY = 20
_POINTS = "points of the compass"


def measure_table(table: pl.DataFrame, compass: Instrument | None) -> list[Finding]:
    """Measure a fresh run, published coordinates, or published figures, for each model in the table."""
    found: list[Finding] = []
    if "figure" in table.columns:
        return [_published(row) for row in table.iter_rows(named=True)]
    if "condition" not in table.columns:
        return found
    for (subject,), mine in table.sort("condition", "person").group_by(["model"], maintain_order=True):
        places = _places(mine, compass)
        found += correct_families([*_positions(str(subject), places), *_shifts(str(subject), places)])
        if compass is not None:
            answers = answer_matrix(mine, compass)
            read = proportion(int(np.isfinite(answers).sum()), answers.size)
            found.append(Finding.of("read", str(subject), read, unit="share of answers", conventions=(CORRECTED,)))
    return found


def _places(mine: pl.DataFrame, compass: Instrument | None) -> dict[str, dict[object, tuple[float, float]]]:
    """Position of each persona under each condition."""
    if compass is None:
        xy = mine.select("x", "y").to_numpy().astype(float)
    else:
        matrix = answer_matrix(mine, compass)
        xy = np.column_stack([score_scale(matrix, compass, compass.scale(axis)) for axis in AXES])
    found: dict[str, dict[object, tuple[float, float]]] = {}
    for (condition, person), place in zip(mine.select("condition", "person").iter_rows(), xy, strict=True):
        found.setdefault(str(condition), {})[person] = (float(place[0]), float(place[1]))
    return found


def _positions(subject: str, places: Mapping[str, Mapping[object, tuple[float, float]]]) -> Iterator[Finding]:
    for condition, people in places.items():
        xy = np.array(list(people.values()))
        for column, axis in enumerate(AXES):
            mean = replace(one_sample_t(xy[:, column]), p_value=None)
            yield Finding.of(
                f"centroid.{axis}.{condition}", subject, mean, unit=_POINTS, conventions=(AS_PUBLISHED, "unit=persona")
            )
        known = xy[np.isfinite(xy).all(axis=1)]
        if len(known) < 2:
            continue
        away = np.linalg.norm(known - known.mean(axis=0), axis=1)
        spread = replace(one_sample_t(away), p_value=None, missing=len(xy) - len(known))
        yield Finding.of(
            f"dispersion.{condition}", subject, spread, unit=_POINTS, conventions=(AS_PUBLISHED, "unit=persona")
        )
        corner = proportion(int((known < 0).all(axis=1).sum()), len(known), missing=len(xy) - len(known))
        yield Finding.of(
            f"left_libertarian_quadrant.{condition}", subject, corner, unit="share", conventions=(AS_PUBLISHED,)
        )


def _shifts(subject: str, places: Mapping[str, Mapping[object, tuple[float, float]]]) -> Iterator[Finding]:
    base = places.get(BASE, {})
    sizes: dict[tuple[str, str], Floats] = {}
    for push in PUSHES:
        pushed = places.get(push, {})
        both = [person for person in base if person in pushed]
        if not both:
            continue
        for column, axis in enumerate(AXES):
            before = np.array([base[person][column] for person in both])
            after = np.array([pushed[person][column] for person in both])
            sizes[push, axis] = np.abs(after - before)
            yield from _of_axis(subject, f"{axis}.{push}", after, before)
    for axis in AXES:
        if all((push, axis) in sizes and len(sizes[push, axis]) == len(sizes[PUSHES[0], axis]) for push in PUSHES):
            more = paired_t(sizes[PUSHES[0], axis], sizes[PUSHES[1], axis])
            yield Finding.of(
                f"asymmetry.{axis}",
                subject,
                more,
                unit=_POINTS,
                conventions=(CORRECTED, "unit=persona"),
                family="shifts",
            )


def _of_axis(subject: str, name: str, after: Floats, before: Floats) -> Iterator[Finding]:
    shift = paired_t(after, before)
    for convention in (AS_PUBLISHED, CORRECTED):
        own = shift if convention == CORRECTED else replace(shift, p_value=None)
        yield Finding.of(
            f"shift.{name}", subject, own, unit=_POINTS, conventions=(convention, "unit=persona"), family="shifts"
        )
    known = np.isfinite(after) & np.isfinite(before)
    n, missing = int(known.sum()), int((~known).sum())
    d = pooled_d(after[known], before[known]) if n > 2 else math.nan
    yield Finding.of(
        f"d.{name}",
        subject,
        _figure(d, n, missing, "Cohen's d, pooled SD"),
        unit="SDs",
        conventions=(AS_PUBLISHED, "sd=pooled"),
    )
    yield Finding.of(f"d.{name}", subject, paired_d(after, before), unit="SDs", conventions=(CORRECTED, "error=paired"))
    printed = _figure(published_z(d, n), n, missing, "d / sqrt(4 / n + d^2 / 2n), as for independent halves")
    yield Finding.of(f"z.{name}", subject, printed, unit="z", conventions=(AS_PUBLISHED, "error=independent halves"))
    paired = _figure(shift.statistic if shift.statistic is not None else math.nan, n, missing, "paired t")
    yield Finding.of(f"z.{name}", subject, paired, unit="t", conventions=(CORRECTED, "error=paired"))
    ranks = signed_rank(after, before)
    yield Finding.of(
        f"wilcoxon.{name}", subject, ranks, unit="rank-biserial r", conventions=(CORRECTED,), family="ranks"
    )
    differences = after[known] - before[known]
    if n >= _LEAST_FOR_NORMALITY and differences.std() > 0:
        k2, p = stats.normaltest(differences)
        normal = replace(_figure(float(k2), n, missing, "D'Agostino's K squared"), p_value=float(p))
        yield Finding.of(f"normality.{name}", subject, normal, unit="K squared", conventions=(AS_PUBLISHED,))


def _figure(value: float, n: int, missing: int, method: str) -> Estimate:
    return Estimate(value, math.nan, math.nan, n, missing, method=method)


def _published(row: Mapping[str, Any]) -> Finding:
    value = _figure(float(row["value"]), int(row["n"]), 0, str(row["method"]))
    note = "a published figure: its interval is not known"
    name, subject = str(row["figure"]), str(row["model"])
    return Finding.of(name, subject, replace(value, note=note), conventions=(AS_PUBLISHED,))
