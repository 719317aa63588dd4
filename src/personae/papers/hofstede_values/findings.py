"""Do values differ by country, in the direction of Hofstede's scores, and does the language matter?

As published: the share of high answers of each country and dimension against its score, both cut at the middle (50);
rows as units. Corrected: requests are blocks, as some are answered high whoever asks; ranks of countries, and a split
at the medians, because a model that always leans one way fails any fixed cut.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from personae.instrument.sensitivity import order_sensitivity, refusal_rate
from personae.papers.hofstede_values.countries import DIMENSIONS
from personae.stats import (
    anova,
    cluster_mean,
    cohen_kappa,
    paired_t,
    pearson,
    proportion,
    spearman,
    welch_t,
)
from personae.stats.samples import known_mean
from personae.study import AS_PUBLISHED, CORRECTED, Finding

if TYPE_CHECKING:
    import polars as pl

Floats = NDArray[np.float64]
Row = Mapping[str, Any]
CONDITIONS = ("persona", "language")
MIDDLE = 50.0


@dataclass(frozen=True, slots=True)
class Answers:
    """Rows of one condition and dimension: the share of high answers to each request, by country."""

    rows: tuple[Row, ...]

    @property
    def countries(self) -> list[str]:
        """Countries in order of appearance."""
        return list(dict.fromkeys(str(row["country"]) for row in self.rows))

    def shares(self, country: str) -> Floats:
        """Share of high answers to each request of one country."""
        return np.array([_share(row) for row in self.rows if row["country"] == country], dtype=float)

    def centred(self, country: str) -> Floats:
        """The same, less the mean of the request over countries."""
        by_request = {
            number: known_mean([_share(row) for row in self.rows if row["request"] == number])
            for number in {row["request"] for row in self.rows}
        }
        return np.array(
            [_share(row) - by_request[row["request"]] for row in self.rows if row["country"] == country], dtype=float
        )


def measure_table(table: pl.DataFrame, scores: Mapping[str, Mapping[str, float]]) -> list[Finding]:
    """Measure everything, for each model in the table."""
    found: list[Finding] = []
    if "dimension" not in table.columns:
        return found
    for (model,), mine in table.group_by(["model"], maintain_order=True):
        rows = list(mine.sort("request", "country").iter_rows(named=True))
        subject = str(model)
        found += _asking(rows, subject)
        for condition in ("none", *CONDITIONS):
            for dimension in DIMENSIONS:
                chosen = Answers(
                    tuple(row for row in rows if row["condition"] == condition and row["dimension"] == dimension)
                )
                if not chosen.rows:
                    continue
                found += _levels(chosen, condition, dimension, subject)
                if condition != "none":
                    found += _countries(chosen, condition, dimension, subject)
                    found += _against_scores(chosen, condition, dimension, subject, scores)
        found += _resources(rows, subject, scores)
        found += _movement(rows, subject)
    return found


def _share(row: Row) -> float:
    return known_mean([float(one) for one in row.get("high") or () if one is not None])


def _asking(rows: Sequence[Row], subject: str) -> Iterator[Finding]:
    """Refusals, sensitivity to the order of options, translations."""
    for condition in ("none", *CONDITIONS):
        mine = [row for row in rows if row["condition"] == condition]
        if not mine:
            continue
        statuses = [status for row in mine for status in row.get("answers.statuses") or ()]
        yield Finding.of(
            f"refusals.{condition}", subject, refusal_rate(statuses), unit="share of replies", conventions=(CORRECTED,)
        )
        pairs = [_orders(row) for row in mine]
        sensitivity = order_sensitivity([one[0] for one in pairs], [one[1] for one in pairs])
        yield Finding.of(f"order.{condition}", subject, sensitivity, unit="share of requests", conventions=(CORRECTED,))
    made = [status for row in rows for status in row.get("translation.statuses") or ()]
    if made:
        share = proportion(sum(status in ("ok", "repaired") for status in made), len(made))
        yield Finding.of("translated", subject, share, unit="share of translations", conventions=(CORRECTED,))


def _orders(row: Row) -> tuple[float, float]:
    """The first answer in each order."""
    high = [np.nan if one is None else float(one) for one in row.get("high") or ()]
    return (high[0], high[1]) if len(high) > 1 else (np.nan, np.nan)


def _levels(chosen: Answers, condition: str, dimension: str, subject: str) -> Iterator[Finding]:
    every = np.array([_share(row) for row in chosen.rows])
    mean = cluster_mean(every, [str(row["request"]) for row in chosen.rows])
    yield Finding.of(
        f"level.{condition}.{dimension}",
        subject,
        replace(mean, p_value=None),
        unit="share of high answers",
        conventions=(CORRECTED, "unit=request"),
    )
    if condition == "none":
        return
    for country in chosen.countries:
        own = replace(cluster_mean(chosen.shares(country), list(range(len(chosen.shares(country))))), p_value=None)
        yield Finding.of(
            f"share.{condition}.{dimension}.{country.lower().replace(' ', '_')}",
            subject,
            own,
            unit="share of high answers",
            conventions=(AS_PUBLISHED, "unit=request"),
        )


def _countries(chosen: Answers, condition: str, dimension: str, subject: str) -> Iterator[Finding]:
    """Share of the variance of answers that lies between countries."""
    for way in (AS_PUBLISHED, CORRECTED):
        groups = [chosen.shares(one) if way == AS_PUBLISHED else chosen.centred(one) for one in chosen.countries]
        found = anova(*groups)
        note = "requests as blocks" if way == CORRECTED else "rows=independent"
        yield Finding.of(
            f"countries.{condition}.{dimension}",
            subject,
            found,
            unit="share of variance",
            conventions=(way, note),
            family=f"countries {way}",
        )


def _against_scores(
    chosen: Answers, condition: str, dimension: str, subject: str, scores: Mapping[str, Mapping[str, float]]
) -> Iterator[Finding]:
    index = np.array([_index(scores, country, dimension) for country in chosen.countries])
    share = np.array([known_mean(chosen.shares(country)) for country in chosen.countries])
    if not np.isfinite(index).any():
        return
    for way, correlate in ((AS_PUBLISHED, pearson), (CORRECTED, spearman)):
        yield Finding.of(
            f"correlation.{condition}.{dimension}",
            subject,
            correlate(index, share),
            unit="r",
            conventions=(way, "unit=country"),
            family=f"correlation {way}",
        )
    known = np.isfinite(index) & np.isfinite(share)
    missing = int((~known).sum())
    cuts = {
        AS_PUBLISHED: (MIDDLE, 0.5),
        CORRECTED: (float(np.median(index[known])), float(np.median(share[known]))) if known.any() else (MIDDLE, 0.5),
    }
    for way, (cut, own_cut) in cuts.items():
        first, second = index[known] > cut, share[known] > own_cut
        agreed = proportion(int((first == second).sum()), int(known.sum()), missing=missing)
        conventions = (way, f"cut={cut:g}", f"own_cut={own_cut:g}")
        yield Finding.of(
            f"agreement.{condition}.{dimension}", subject, agreed, unit="share of countries", conventions=conventions
        )
        if way == CORRECTED:
            yield Finding.of(
                f"kappa.{condition}.{dimension}",
                subject,
                cohen_kappa(list(first.tolist()), list(second.tolist())),
                conventions=conventions,
            )
    high, low = share[known & (index > MIDDLE)], share[known & (index <= MIDDLE)]
    yield Finding.of(
        f"high_minus_low.{condition}.{dimension}",
        subject,
        welch_t(high, low),
        unit="share of high answers",
        conventions=(AS_PUBLISHED, "unit=country"),
        family="high minus low",
    )


def _resources(rows: Sequence[Row], subject: str, scores: Mapping[str, Mapping[str, float]]) -> Iterator[Finding]:
    """Distance of shares from scores, by how well the language is served by data."""
    for condition in CONDITIONS:
        errors: dict[str, list[float]] = {"high": [], "mid": [], "low": []}
        for dimension in DIMENSIONS:
            chosen = Answers(
                tuple(row for row in rows if row["condition"] == condition and row["dimension"] == dimension)
            )
            for country in chosen.countries:
                level = next(str(row["resource"]) for row in chosen.rows if row["country"] == country)
                distance = abs(100 * known_mean(chosen.shares(country)) - _index(scores, country, dimension))
                errors[level].append(distance)
        known = {level: np.array(values) for level, values in errors.items() if np.isfinite(values).sum() > 1}
        for level, values in known.items():
            mean = replace(cluster_mean(values, list(range(len(values)))), p_value=None)
            yield Finding.of(
                f"distance.{condition}.{level}", subject, mean, unit="points of the score", conventions=(CORRECTED,)
            )
        if len(known) > 1:
            yield Finding.of(
                f"resources.{condition}",
                subject,
                anova(*known.values()),
                unit="share of variance",
                conventions=(AS_PUBLISHED, "unit=country and dimension"),
                family="resources",
            )


def _movement(rows: Sequence[Row], subject: str) -> Iterator[Finding]:
    """How far naming a country, or speaking its language, moves an answer from that to nobody in particular."""
    plain = {row["request"]: _share(row) for row in rows if row["condition"] == "none"}
    moved = {
        condition: [
            (row["request"], row["country"], abs(_share(row) - plain.get(row["request"], np.nan)))
            for row in rows
            if row["condition"] == condition
        ]
        for condition in CONDITIONS
    }
    for condition, found in moved.items():
        if found:
            mean = cluster_mean(np.array([one[2] for one in found]), [str(one[1]) for one in found])
            yield Finding.of(
                f"moved.{condition}",
                subject,
                replace(mean, p_value=None),
                unit="absolute change of the share",
                conventions=(CORRECTED, "unit=country"),
            )
    both = [{(request, country): value for request, country, value in moved[condition]} for condition in CONDITIONS]
    shared = sorted(set(both[0]) & set(both[1]))
    if shared:
        difference = paired_t(np.array([both[1][one] for one in shared]), np.array([both[0][one] for one in shared]))
        yield Finding.of(
            "language_minus_persona",
            subject,
            difference,
            unit="absolute change of the share",
            conventions=(CORRECTED, "unit=country and request"),
        )


def _index(scores: Mapping[str, Mapping[str, float]], country: str, dimension: str) -> float:
    return float(scores.get(country.casefold(), {}).get(dimension, np.nan))
