"""One page about a population: who is in it, how different they are, how far from a target, whom it could harm."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from personae.errors import InputError, MissingExtraError
from personae.population.dedup import exact_duplicates, minhash_duplicates
from personae.population.fields import RESERVED, WEIGHT, free_text, number_columns, text_columns
from personae.population.privacy import anonymity, near_copies
from personae.population.quality import (
    FieldSummary,
    describe_fields,
    diversity,
)
from personae.population.stereotypes import associations, group_words
from personae.population.targets import Distance, coverage, distances_to_target, homogenisation
from personae.population.texts import text_diversity
from personae.stats.estimate import Estimate
from personae.stats.raking import effective_n
from personae.study.report.page import format_number

if TYPE_CHECKING:
    import polars as pl

_MOST_CHARTS = 12
_MOST_ROWS = 40
_MOST_BARS = 15
_FEW_LEVELS = 60
_PIECES = 20
_MOST_WHOLE = 100_000
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
    made: Sequence[tuple[str, Any]] = (),
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
        made: How the people and the page were made, name by name: source, seed, licence.

    Raises:
        InputError: If a column that was named is not there, or there are fewer than three people.
    """
    from jinja2 import Environment, PackageLoader, StrictUndefined

    free = text or free_text(people)
    for name in (*([free] if free else []), *identifiers, *groups):
        if name not in people.columns:
            raise InputError("is not among the columns", where=name, remedy=f"there are {', '.join(people.columns)}")
    closed = people.drop([name for name in (*RESERVED, free) if name in people.columns and name != WEIGHT])
    sections = []
    if [*number_columns(closed), *text_columns(closed)]:
        sections += [_fields(closed, target), _diversity(closed, target, rng)]
        if target is not None:
            beside = target.drop([name for name in (free,) if name in target.columns])
            sections += [_distances(closed, beside, rng), _copies(closed, beside, rng)]
    elif not free:
        raise InputError("there is no column to report on", where="people", remedy="give numbers, categories or texts")
    if free:
        texts = _told_texts(people, free)
        theirs = _told_texts(target, free) if target is not None and free in target.columns else []
        sections += [_words(texts, theirs, rng), _duplicates(texts)]
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
        weights = f"Weighted; effective n {effective_n(people[WEIGHT].to_numpy()):.0f}."
    if made:
        sections.append(PopulationSection("How it was made", ("what", "value"), [list(pair) for pair in made]))
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
        edges = _edges(together)
        for (name, _), values in zip(sides, numbers, strict=True):
            counts = np.histogram(values, bins=edges)[0] / max(1, len(values))
            counts = counts / (edges[1] - edges[0])
            rows += [
                {"who": name, "at": float((a + b) / 2), "share": float(share)}
                for a, b, share in zip(edges[:-1], edges[1:], counts, strict=True)
            ]
        marks = alt.Chart({"values": rows}).mark_line(interpolate="step", strokeWidth=2)
        x: Any = alt.X("at:Q", title=None)
        y: Any = alt.Y("share:Q", title="density")
    else:
        for name, frame in sides:
            said = frame.get_column(field_.column)
            whole = max(1, said.drop_nulls().len())  # of a list, the share of people in whose list it stands
            said = (said.explode() if field_.kind == "list" else said).drop_nulls()
            counted = said.value_counts(sort=True).head(_MOST_BARS)
            rows += [{"who": name, "at": str(value), "share": count / whole} for value, count in counted.rows()]
        marks = alt.Chart({"values": rows}).mark_point(filled=True, size=60, opacity=1)
        x = alt.X("share:Q", title="share", scale=alt.Scale(zero=True))
        y = alt.Y("at:N", title=None, sort=list(dict.fromkeys(row["at"] for row in rows)))
    color = alt.Color("who:N", title=None, scale=alt.Scale(range=palette()))
    heading = alt.TitleParams(field_.column, anchor="start", fontSize=13, color="currentColor")
    return to_svg(marks.encode(x=x, y=y, color=color).properties(width=420, title=heading))


def _edges(numbers: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> np.ndarray[Any, np.dtype[np.float64]]:
    """About twenty pieces of equal width; of whole numbers each has as many as the next, or it would show a saw."""
    if not len(numbers):
        return np.array([0.0, 1.0])
    low, high = float(numbers.min()), float(numbers.max())
    if not (np.rint(numbers) == numbers).all() or high - low > _MOST_WHOLE:
        return np.histogram_bin_edges(numbers, bins=_PIECES)
    width = max(1, round((high - low) / _PIECES))
    return np.arange(low - 0.5, high + 0.5 + width, width)


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
    note = (
        "Noise is what two samples of these sizes from the target would show; below its 95% there is no difference to "
        "be seen. All columns together: squared maximum mean discrepancy, with people who changed sides as noise."
    )
    if len(found) > _MOST_ROWS:
        note += f" The first {_MOST_ROWS} of {len(found)} are shown."
    return PopulationSection(
        "How far from the target",
        ("columns", "measure", "estimate", "low", "high", "n", "noise", "noise, 95%"),
        rows,
        note,
        [_distance_chart([one for one in found if one.measure == "total variation"][:_MOST_BARS])],
    )


def _distance_chart(found: Sequence[Distance]) -> str:
    """Total variation with its interval, and the noise as a tick beside it."""
    import altair as alt

    from personae.study.report.charts import palette, to_svg

    rows = [
        {
            "name": one.name,
            "estimate": one.value.estimate,
            "low": one.value.low,
            "high": one.value.high,
            "noise": one.value.details["noise_95"],
            "who": "population",
            "text": f"{one.name}: {one.value.estimate:.3f}, noise {one.value.details['noise_95']:.3f}",
        }
        for one in found
    ]
    base = alt.Chart({"values": rows})
    y = alt.Y("name:N", title=None, sort=[one.name for one in found])
    bars = base.mark_rule(strokeWidth=2, color=palette()[0]).encode(y=y, x=alt.X("low:Q", title=None), x2="high:Q")
    dots = base.mark_point(filled=True, size=60, opacity=1, color=palette()[0]).encode(
        y=y, x="estimate:Q", description="text:N"
    )
    noise = base.mark_tick(thickness=2, size=16, color=palette()[1]).encode(y=y, x="noise:Q")
    heading = alt.TitleParams(
        "Total variation (dot) and 95% of noise (tick)", anchor="start", fontSize=13, color="currentColor"
    )
    return to_svg(alt.layer(bars, dots, noise).properties(width=420, height={"step": 24}, title=heading))


def _told_texts(people: pl.DataFrame, column: str) -> list[str]:
    return [text for text in people[column].cast(str).drop_nulls().to_list() if text.strip()]


def _words(texts: Sequence[str], theirs: Sequence[str], rng: np.random.Generator) -> PopulationSection:
    title = "How different their texts are"
    try:
        found = text_diversity(texts, rng=rng)
        beside = text_diversity(theirs, rng=rng) if theirs else None
    except (InputError, MissingExtraError) as error:
        return PopulationSection(title, text=f"Not measured: {error.what}.")
    rows = []
    for name, one in found.items():
        rows.append([name, *_told(one), *([beside[name].estimate] if beside else [])])
    if beside:
        mean = next(iter(found))
        ratio = 1 - found[mean].estimate / beside[mean].estimate if beside[mean].estimate > 0 else float("nan")
        rows.append(["homogenisation of texts against the target", ratio, "", "", len(texts), ""])
    columns = ("measure", "estimate", "low", "high", "n", *(("in the target",) if beside else ()))
    return PopulationSection(
        title,
        columns,
        rows,
        "Distances are of hashed letter n-grams, which know spelling and not meaning. Distinct words and word pairs "
        "are shares of the first 2,000 words of texts in random order.",
    )


def _copies(people: pl.DataFrame, target: pl.DataFrame, rng: np.random.Generator) -> PopulationSection:
    try:
        found = near_copies(people, target, rng=rng)
    except InputError as error:
        return PopulationSection("Copies of real people", text=f"Not looked for: {error.what}.")
    rows = [
        ["is a real person in every field", *_told(found.identical)],
        ["of real people: is another real person in every field", *_told(found.identical_by_chance)],
        ["is nearer to one than 95% of other real people are", *_told(found.nearer)],
    ]
    nearest = "; ".join(f"{one.person}, {one.real}, {one.distance:.3f}" for one in found.closest[:5])
    return PopulationSection(
        "Copies of real people",
        ("share of people who", "estimate", "low", "high", "n"),
        rows,
        "If the target is real people: one in twenty is near by chance. With few closed fields many people are alike "
        "by chance too, as the second line shows, and identical does not mean copied. Nearest pairs (row here, row "
        f"there, distance), from 0: {nearest}.",
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
