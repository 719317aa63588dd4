"""One page about a population: who is in it, how different they are, how far from a target, whom it could harm."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from personae.errors import InputError, MissingExtraError
from personae.population.dedup import exact_duplicates, minhash_duplicates
from personae.population.fields import RESERVED, TEXT, WEIGHT
from personae.population.privacy import anonymity, near_copies
from personae.population.quality import (
    FieldSummary,
    coverage,
    describe_fields,
    distances_to_target,
    diversity,
    homogenisation,
)
from personae.population.stereotypes import associations, group_words
from personae.stats.estimate import Estimate
from personae.stats.raking import effective_n
from personae.study.report.page import format_number

if TYPE_CHECKING:
    import polars as pl

_MOST_CHARTS = 12
_MOST_ROWS = 40
_MOST_BARS = 15
_FEW_LEVELS = 60
_MOST_TEXTS = 200_000


@dataclass(frozen=True, slots=True)
class PopulationSection:
    """A part of the page."""

    title: str
    columns: tuple[str, ...] = ()
    rows: Sequence[Sequence[Any]] = ()
    text: str = ""
    charts: Sequence[str] = field(default=())


def report_people(
    people: pl.DataFrame,
    *,
    title: str,
    rng: np.random.Generator,
    target: pl.DataFrame | None = None,
    target_name: str = "",
    identifiers: Sequence[str] = (),
    groups: Sequence[str] = (),
    text: str = "",
) -> str:
    """Write the report of a population as one self-contained HTML page, without script or network.

    Args:
        people: The population.
        title: Its name.
        rng: Source of bootstraps and samples.
        target: People that it is to be like; real ones, for the check of copies.
        target_name: What they are.
        identifiers: Facts that others may know, for k-anonymity.
        groups: Columns of groups, for the stereotype check.
        text: Column of free texts; ``text`` or ``description`` if there is one.

    Raises:
        InputError: If a column that was named is not there, or there are fewer than three people.
    """
    from jinja2 import Environment, PackageLoader, StrictUndefined

    free = text or next((name for name in (TEXT, "description") if name in people.columns), "")
    closed = people.drop([name for name in (*RESERVED, free) if name in people.columns and name != WEIGHT])
    sections = [_fields(closed, target), _diversity(closed, target, rng)]
    if target is not None:
        sections += [_distances(closed, target, rng), _copies(closed, target, rng)]
    if free:
        sections.append(_duplicates(people[free].drop_nulls().to_list()))
    if identifiers:
        sections.append(_anonymity(people, identifiers))
    if groups:
        sections += _stereotypes(people, closed, groups, free, target, rng)
    environment = Environment(
        loader=PackageLoader("personae.population", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["number"] = lambda value: str(value) if isinstance(value, int) else format_number(value)
    weights = ""
    if WEIGHT in people.columns:
        weights = f"Weighted; effective n {effective_n(people[WEIGHT].to_numpy()):.0f}. "
    return environment.get_template("report.html").render(
        title=title,
        people=people.height,
        reference=target_name if target is not None else "",
        lead=weights,
        sections=sections,
    )


def _fields(people: pl.DataFrame, target: pl.DataFrame | None) -> PopulationSection:
    found = describe_fields(people)
    rows = [
        [one.column, one.kind, one.missing, one.levels, one.entropy, one.evenness, one.mean, one.sd, one.commonest[:60]]
        for one in found
    ]
    rows = [["" if cell is None else cell for cell in row] for row in rows]
    charts = [_chart(people, target, one) for one in found if one.kind == "number" or one.levels <= _FEW_LEVELS]
    return PopulationSection(
        "Who is in it",
        ("field", "kind", "missing", "levels", "entropy, bits", "evenness", "mean", "SD", "commonest"),
        rows,
        "Numbers are cut into ten pieces of equal width for entropy. Evenness is entropy over the most possible.",
        charts[:_MOST_CHARTS],
    )


def _chart(people: pl.DataFrame, target: pl.DataFrame | None, field_: FieldSummary) -> str:
    import altair as alt

    from personae.study.report.charts import palette, to_svg

    rows: list[dict[str, Any]] = []
    sides = [("population", people)]
    if target is not None and field_.column in target.columns:
        sides.append(("target", target))
    if field_.kind == "number":
        numbers = [frame[field_.column].drop_nulls().cast(float).to_numpy() for _, frame in sides]
        together = np.concatenate(numbers)
        edges = np.histogram_bin_edges(together, bins=20) if len(together) else np.array([0.0, 1.0])
        for (name, _), values in zip(sides, numbers, strict=True):
            counts = np.histogram(values, bins=edges)[0] / max(1, len(values))
            rows += [
                {"who": name, "at": float((a + b) / 2), "share": float(share)}
                for a, b, share in zip(edges[:-1], edges[1:], counts, strict=True)
            ]
        marks = alt.Chart({"values": rows}).mark_line(interpolate="step", strokeWidth=2)
        x: Any = alt.X("at:Q", title=field_.column)
        y: Any = alt.Y("share:Q", title="share")
    else:
        for name, frame in sides:
            counted = frame[field_.column].drop_nulls().value_counts(sort=True, normalize=True).head(_MOST_BARS)
            rows += [{"who": name, "at": str(value), "share": share} for value, share in counted.rows()]
        marks = alt.Chart({"values": rows}).mark_point(filled=True, size=60, opacity=1)
        x = alt.X("share:Q", title="share", scale=alt.Scale(zero=True))
        y = alt.Y("at:N", title=field_.column, sort=list(dict.fromkeys(row["at"] for row in rows)))
    color = alt.Color("who:N", title=None, scale=alt.Scale(range=palette()))
    return to_svg(marks.encode(x=x, y=y, color=color).properties(width=420))


def _diversity(people: pl.DataFrame, target: pl.DataFrame | None, rng: np.random.Generator) -> PopulationSection:
    found = diversity(people, rng=rng)
    rows = [
        ["mean distance of two people (Gower, 0 to 1)", *_told(found.distance)],
        [f"effective number of people among {found.effective.n} (Vendi)", *_told(found.effective)],
        ["distance to the nearest other", *_told(found.nearest)],
    ]
    if target is not None:
        rows.append(["homogenisation against the target", *_told(homogenisation(people, target, rng=rng))])
        rows.append(["share of the target with somebody within .1", coverage(people, target), "", "", people.height])
    return PopulationSection("How different they are", ("measure", "estimate", "low", "high", "n"), rows)


def _distances(people: pl.DataFrame, target: pl.DataFrame, rng: np.random.Generator) -> PopulationSection:
    found = distances_to_target(people, target, rng=rng)
    found = sorted(found, key=lambda one: (len(one.columns), one.measure, -one.value.estimate))
    rows = [
        [one.name, one.measure, *_told(one.value), one.value.details["noise"], one.value.details["noise_95"]]
        for one in found[:_MOST_ROWS]
    ]
    return PopulationSection(
        "How far from the target",
        ("columns", "measure", "estimate", "low", "high", "n", "noise", "noise, 95%"),
        rows,
        "Noise is what a sample of this size from the target itself would show; below its 95% there is no difference "
        "to be seen.",
    )


def _copies(people: pl.DataFrame, target: pl.DataFrame, rng: np.random.Generator) -> PopulationSection:
    try:
        found = near_copies(people, target, rng=rng)
    except InputError as error:
        return PopulationSection("Copies of real people", text=f"Not looked for: {error.what}.")
    rows = [
        ["is a real person in every field", *_told(found.identical)],
        ["is nearer to one than 95% of other real people are", *_told(found.nearer)],
    ]
    return PopulationSection(
        "Copies of real people",
        ("share of people who", "estimate", "low", "high", "n"),
        rows,
        "If the target is real people: one in twenty is near by chance. With few closed fields many people are alike "
        "by chance too, and identical does not mean copied.",
    )


def _duplicates(texts: Sequence[str]) -> PopulationSection:
    found = [exact_duplicates(texts)]
    note = ""
    try:
        if len(texts) <= _MOST_TEXTS:
            found.append(minhash_duplicates(texts))
    except MissingExtraError as error:
        note = str(error)
    rows = [[one.method, one.n, one.removed, one.removed / max(1, one.n)] for one in found]
    return PopulationSection("Who is there twice", ("by", "texts", "duplicates", "share"), rows, note)


def _anonymity(people: pl.DataFrame, identifiers: Sequence[str]) -> PopulationSection:
    found = anonymity(people, identifiers)
    rows = [
        ["k: people in the smallest group", found.k, "", "", people.height],
        ["share of people alone in theirs", *_told(found.unique)],
        ["probability of picking the right person", found.risk, "", "", people.height],
    ]
    return PopulationSection(
        "Who could be found",
        ("measure", "value", "low", "high", "n"),
        rows,
        f"Groups share {', '.join(identifiers)}.",
    )


def _stereotypes(
    people: pl.DataFrame,
    closed: pl.DataFrame,
    groups: Sequence[str],
    free: str,
    target: pl.DataFrame | None,
    rng: np.random.Generator,
) -> list[PopulationSection]:
    found = associations(closed, groups, target=target, rng=rng)[:_MOST_ROWS]
    rows = [
        [" and ".join(one.columns), *_told(one.strength)[:3], "" if one.target is None else one.target] for one in found
    ]
    sections = [
        PopulationSection(
            "What hangs on a group",
            ("columns", "Cramér's V", "low", "high", "in the target"),
            rows,
            "What is stronger here than in the target was put in by whoever made these people.",
        )
    ]
    for group in groups if free else ():
        try:
            marked = group_words(people, group, free)
        except InputError as error:
            sections.append(PopulationSection(f"Words that mark {group}", text=f"Not looked for: {error.what}."))
            continue
        shown = [[one.group, one.texts, ", ".join(word.word for word in one.words[:20])] for one in marked]
        sections.append(
            PopulationSection(
                f"Words that mark {group}",
                ("group", "texts", "words, most marked first"),
                shown,
                "Log-odds with an informative Dirichlet prior, z above 1.96, each group against all others.",
            )
        )
    return sections


def _told(estimate: Estimate) -> list[Any]:
    return [estimate.estimate, estimate.low, estimate.high, estimate.n]
