"""Whether equivalent prompts, and options in another order, give the same scores.

As published, the item scores under two conditions are compared as if they were of different respondents. They are the
same
items: corrected, each item is its own pair, and p values are corrected over all that is compared. An item that was
refused is missing in both ways, and never the middle of the scale.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from personae.instrument import Instrument, answer_matrix, keyed_items, scale_of_trait, score_traits
from personae.stats import Estimate, mann_whitney, one_sample_t, paired_t, proportion
from personae.study import AS_PUBLISHED, CORRECTED, Finding, correct_families

if TYPE_CHECKING:
    import polars as pl

Floats = NDArray[np.float64]
TRAITS = tuple(
    f"big_five.{name}" for name in ("openness", "conscientiousness", "extraversion", "agreeableness", "neuroticism")
)
_POINTS = "scale points"
_ALPHA = 0.05


def measure_table(table: pl.DataFrame, instrument: Instrument) -> list[Finding]:
    """Measure a fresh run, or the stand-in of published answers, for each model in the table."""
    if "answers" not in table.columns:
        return []
    found: list[Finding] = []
    for key, rows in table.sort("template", "order", "cell").group_by("model", maintain_order=True):
        made = _of_settings if "version" in rows.columns else _of_model
        found += correct_families(list(made(str(key[0]), rows, instrument)))
    return found + list(_shares(found))


def _of_model(subject: str, rows: pl.DataFrame, instrument: Instrument) -> Iterator[Finding]:
    import polars as pl

    conditions = list(dict.fromkeys(rows.select("template", "order").iter_rows()))
    templates = list(dict.fromkeys(template for template, _ in conditions))
    items: dict[tuple[str, str], dict[str, Floats]] = {}
    draws: dict[tuple[str, str], NDArray[np.float64]] = {}
    for template, order in conditions:
        mine = rows.filter((pl.col("template") == template) & (pl.col("order") == order))
        matrix = answer_matrix(mine, instrument)
        draws[(template, order)] = matrix
        items[(template, order)] = {trait: _item_means(matrix, instrument, trait) for trait in TRAITS}
        answered = int(np.isfinite(matrix).sum())
        share = proportion(answered, matrix.size)
        yield Finding.of(f"read.{template}.{order}", subject, share, unit="share of items", conventions=(CORRECTED,))
        statuses = [status for row in mine["answers.statuses"].drop_nulls().to_list() for status in row]
        refused = proportion(statuses.count("refused"), len(statuses))
        yield Finding.of(f"refused.{template}.{order}", subject, refused, unit="share", conventions=(CORRECTED,))
    for (template, order), by_trait in items.items():
        for trait, values in by_trait.items():
            mean = replace(one_sample_t(values), p_value=None)
            name = f"mean.{template}.{order}.{_word(trait)}"
            yield Finding.of(name, subject, mean, unit=_POINTS, conventions=(AS_PUBLISHED, "unit=item"))
    usual = "ascending"
    for first, second in itertools.combinations(templates, 2):
        one, other = items.get((first, usual)), items.get((second, usual))
        if one and other:
            yield from compared(f"template.{first}_{second}", subject, one, other)
            yield _changed(f"changed.{first}_{second}", subject, draws[(first, usual)], draws[(second, usual)])
    for template in templates:
        up, down = items.get((template, "ascending")), items.get((template, "descending"))
        if up and down:
            yield from compared(f"order.{template}", subject, down, up)
            name = f"changed.order.{template}"
            yield _changed(name, subject, draws[(template, "ascending")], draws[(template, "descending")])
    for (template, order), matrix in draws.items():
        if order == usual and len(matrix) > 1:
            yield _changed(f"floor.{template}", subject, matrix[:1], matrix[1:2])


def compared(name: str, subject: str, first: dict[str, Floats], second: dict[str, Floats]) -> Iterator[Finding]:
    """First against second, as if of different respondents and item by item."""
    for trait in first:
        yield Finding.of(
            f"{name}.{_word(trait)}",
            subject,
            mann_whitney(first[trait], second[trait]),
            unit="probability that the first is higher",
            conventions=(AS_PUBLISHED, "unit=item, unpaired", "the published test is not known exactly"),
        )
        yield Finding.of(
            f"{name}.{_word(trait)}",
            subject,
            paired_t(first[trait], second[trait]),
            unit=_POINTS,
            conventions=(CORRECTED, "unit=item, paired"),
            family=name.partition(".")[0],
        )


def _changed(name: str, subject: str, first: NDArray[np.float64], second: NDArray[np.float64]) -> Finding:
    """Share of items whose first answers differ between two conditions; items without an answer are missing."""
    known = np.isfinite(first[0]) & np.isfinite(second[0])
    changed = int((first[0][known] != second[0][known]).sum())
    share = proportion(changed, int(known.sum()), missing=int((~known).sum()))
    return Finding.of(name, subject, share, unit="share of items", conventions=(CORRECTED,))


def _of_settings(subject: str, rows: pl.DataFrame, instrument: Instrument) -> Iterator[Finding]:
    """The published answers of [61] as a stand-in: settings that differ in the template, or in the order, alone."""
    import polars as pl

    settings = rows.filter(pl.col("part") == "factorial")
    scores = score_traits(answer_matrix(settings, instrument), instrument, TRAITS)
    factors = ("template", "version", "language", "label", "order")
    keys = [dict(zip(factors, row, strict=True)) for row in settings.select(factors).iter_rows()]
    for factor in ("template", "order"):
        levels = sorted({key[factor] for key in keys})
        for one, other in itertools.combinations(levels, 2):
            name = f"template.{one}_{other}" if factor == "template" else "order.all"
            first, second = ({}, {})  # type: dict[str, Floats], dict[str, Floats]
            for trait, values in scores.items():
                by_rest: dict[str, dict[str, float]] = {}
                for key, value in zip(keys, values, strict=True):
                    rest = str([key[name] for name in factors if name != factor])
                    by_rest.setdefault(rest, {})[key[factor]] = float(value)
                pairs = [pair for pair in by_rest.values() if one in pair and other in pair]
                first[trait] = np.array([pair[one] for pair in pairs])
                second[trait] = np.array([pair[other] for pair in pairs])
            swapped = factor == "order"  # descending minus ascending, as in a fresh run
            for finding in compared(name, subject, second if swapped else first, first if swapped else second):
                conventions = tuple(part.replace("unit=item", "unit=setting") for part in finding.conventions)
                yield replace(finding, conventions=conventions)


def _shares(findings: Sequence[Finding]) -> Iterator[Finding]:
    """How many comparisons are significant: each on its own as published, after correction for all of them."""
    for subject in dict.fromkeys(one.subject for one in findings):
        for kind in ("template", "order"):
            mine = [one for one in findings if one.subject == subject and one.name.startswith(f"{kind}.")]
            published = [one for one in mine if one.conventions[0] == AS_PUBLISHED]
            corrected = [one for one in mine if one.conventions[0] == CORRECTED]
            for convention, tests in ((AS_PUBLISHED, published), (CORRECTED, corrected)):
                values = [one.p_value if convention == AS_PUBLISHED else one.p_adjusted for one in tests]
                made = [value for value in values if value is not None and np.isfinite(value)]
                share: Estimate = proportion(
                    sum(value < _ALPHA for value in made), len(made), missing=len(values) - len(made)
                )
                yield Finding.of(
                    f"significant.{kind}", subject, share, unit="share of comparisons", conventions=(convention,)
                )


def _item_means(matrix: NDArray[np.float64], instrument: Instrument, trait: str) -> Floats:
    """Mean over repeats of each item of a trait, keyed so that high means much of the trait."""
    scale = scale_of_trait(instrument, trait)
    keyed = keyed_items(matrix, instrument, scale)
    counts = np.isfinite(keyed).sum(axis=0)
    means: Floats = np.divide(np.nansum(keyed, axis=0), counts, out=np.full(keyed.shape[1], np.nan), where=counts > 0)
    return instrument.lowest + instrument.highest - means if scale.direction < 0 else means


def _word(trait: str) -> str:
    return trait.rpartition(".")[2]
