"""A model's profile over the five traits and thirty facets, and how far header, temperature and draw move it.

Scores are means of items (1 to 5). The sums that other studies print are these times the number of items; both are
named by their convention.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from personae.instrument import Convention, Instrument, answer_matrix, score_scale
from personae.instrument.questionnaire import Scale
from personae.stats import icc, one_sample_t, paired_t, pooled_within_sd, proportion, spearman, welch_t
from personae.study import AS_PUBLISHED, CORRECTED, Finding, correct_families

if TYPE_CHECKING:
    import polars as pl

Floats = NDArray[np.float64]
_SUMS = Convention(aggregate="sum")
_MEANS = Convention(aggregate="mean")


def measure_table(table: pl.DataFrame, instrument: Instrument) -> list[Finding]:
    """Measure a run, for each model in the table."""
    if "answers" not in table.columns:
        return []
    found: list[Finding] = []
    ordered = table.sort("header", "temperature", "repeat")
    for key, rows in ordered.group_by("model", maintain_order=True):
        found += correct_families(list(_of_model(str(key[0]), rows, instrument)))
    return found


def _of_model(subject: str, rows: pl.DataFrame, instrument: Instrument) -> Iterator[Finding]:
    matrix = answer_matrix(rows, instrument)
    header = np.array(rows["header"].to_list(), dtype=object)
    temperature = np.array(rows["temperature"].to_list(), dtype=float)
    conditions = [f"{one}@{other:g}" for one, other in zip(header, temperature, strict=True)]
    for scale in instrument.scales:
        values = score_scale(matrix, instrument, scale, _MEANS)
        yield from _profile(subject, scale, values, matrix, instrument)
        if not scale.within:
            yield from _moved(subject, scale, values, header, temperature, conditions)
    yield from _stability(subject, matrix, instrument, header, temperature, conditions)
    read = proportion(int(np.isfinite(matrix).sum()), matrix.size)
    yield Finding.of("read", subject, read, unit="share of items", conventions=(CORRECTED,))


def _profile(
    subject: str, scale: Scale, values: Floats, matrix: NDArray[np.float64], instrument: Instrument
) -> Iterator[Finding]:
    kind = "facet" if scale.within else "mean"
    mean = replace(one_sample_t(values), p_value=None)
    yield Finding.of(
        f"{kind}.{scale.key}", subject, mean, unit="scale points", conventions=(AS_PUBLISHED, "score=mean")
    )
    if not scale.within:
        total = replace(one_sample_t(score_scale(matrix, instrument, scale, _SUMS)), p_value=None)
        yield Finding.of(f"sum.{scale.key}", subject, total, unit="points", conventions=(AS_PUBLISHED, "score=sum"))


def _moved(
    subject: str, scale: Scale, values: Floats, header: NDArray[np.object_], temperature: Floats, conditions: list[str]
) -> Iterator[Finding]:
    """What the header and the temperature do; and the noise of runs that differ in nothing."""
    person, plain = values[header == "person"], values[header == "plain"]
    if len(person) and len(plain):
        yield Finding.of(
            f"header.{scale.key}",
            subject,
            welch_t(person, plain),
            unit="scale points",
            conventions=(CORRECTED, "person minus plain", "unit=run"),
            family="header",
        )
    lowest, highest = temperature.min(), temperature.max()
    if lowest < highest:
        yield Finding.of(
            f"temperature.{scale.key}",
            subject,
            welch_t(values[temperature == highest], values[temperature == lowest]),
            unit="scale points",
            conventions=(CORRECTED, "highest minus lowest", "unit=run"),
            family="temperature",
        )
    noise = pooled_within_sd(values, np.array(conditions))
    yield Finding.of(f"sd.{scale.key}", subject, noise, unit="scale points", conventions=(AS_PUBLISHED, "ddof=1"))
    for level in dict.fromkeys(temperature):
        mine = temperature == level
        if len(set(np.array(conditions)[mine])) < mine.sum():
            one = pooled_within_sd(values[mine], np.array(conditions)[mine])
            name = f"sd_at.{scale.key}.at_{level:g}".replace("at_0.", "at_0_").replace("at_1.", "at_1_")
            yield Finding.of(name, subject, one, unit="scale points", conventions=(AS_PUBLISHED, "ddof=1"))


def _stability(
    subject: str,
    matrix: NDArray[np.float64],
    instrument: Instrument,
    header: NDArray[np.object_],
    temperature: Floats,
    conditions: list[str],
) -> Iterator[Finding]:
    """Whether items keep their answers between runs, and facets their order between conditions."""
    facets = [scale for scale in instrument.scales if scale.within] or list(instrument.scales)
    scores = np.array([score_scale(matrix, instrument, scale, _MEANS) for scale in facets])
    names = np.array(conditions)
    for condition in dict.fromkeys(conditions):
        mine = matrix[names == condition]
        if len(mine) > 1:
            word = condition.replace(".", "_")
            yield Finding.of(f"items.{word}", subject, icc(mine.T), conventions=(CORRECTED, "unit=item", "form=A1"))
    pairs = {
        "header": (header == "person", header == "plain"),
        "temperature": (temperature == temperature.max(), temperature == temperature.min()),
    }
    for kind, (one, other) in pairs.items():
        if one.any() and other.any() and not (one & other).any():
            first, second = (_known_mean(scores[:, mask]) for mask in (one, other))
            yield Finding.of(
                f"order_of_facets.{kind}", subject, spearman(first, second), unit="rho", conventions=(CORRECTED,)
            )
            yield Finding.of(
                f"shift_of_facets.{kind}",
                subject,
                paired_t(first, second),
                unit="scale points",
                conventions=(CORRECTED, "unit=facet"),
                family="facets",
            )


def _known_mean(values: NDArray[np.float64]) -> Floats:
    counts = np.isfinite(values).sum(axis=1)
    means: Floats = np.divide(np.nansum(values, axis=1), counts, out=np.full(len(values), np.nan), where=counts > 0)
    return means
