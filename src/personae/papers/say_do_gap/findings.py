"""How far what is said and what is done agree: four measures, what a constant answer would have, steadiness, people.

As published: cosine of raw values from 1 to 7, over respondents whose repeats agree. Corrected: values about the middle
of the scale, beside what the same answers have if scenes are dealt to the wrong statements, and if every scene is
answered alike.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from personae.canonical import derive_seed
from personae.instrument.tasks import Twin, congruence
from personae.instrument.tasks.twins import MIDDLE
from personae.papers.say_do_gap.humans import PEOPLE
from personae.persona import trait_title
from personae.stats import Estimate, cluster_mean, difference_of_proportions, paired_t, pearson, proportion, welch_t
from personae.stats.samples import known_mean
from personae.study import AS_PUBLISHED, CORRECTED, Finding

if TYPE_CHECKING:
    import polars as pl

MEASURES = ("cosine", "spearman", "difference", "consistent")
_UNITS = {"cosine": "cosine", "spearman": "rho", "difference": "steps", "consistent": "share of pairs"}
_SHUFFLES = 20

Row = Mapping[str, Any]
Floats = NDArray[np.float64]


def measure_table(table: pl.DataFrame, twins: Sequence[Twin], humans: Sequence[Row], *, steady: float) -> list[Finding]:
    """Measure everything, for each model in the table and for people."""
    if "twins.said" not in table.columns:
        return []
    found: list[Finding] = []
    of_people = {name: _of(humans, name, CORRECTED) for name in MEASURES} if humans else {}
    for subject in dict.fromkeys(table["model"].to_list()):
        rows = [row for row in table.sort("person", "repeat").iter_rows(named=True) if row["model"] == subject]
        kept, unsteady = _steady(rows, steady)
        share = proportion(len({row["person"] for row in kept}), len({row["person"] for row in rows}))
        found.append(
            Finding.of(
                "steady",
                subject,
                replace(share, note=f"left out: {', '.join(unsteady[:5])}" if unsteady else ""),
                unit="share of respondents",
                conventions=(AS_PUBLISHED, f"least_r={steady:g}"),
            )
        )
        found += _repeats(rows, subject)
        found += _congruence(kept, rows, subject)
        found += _keyed(rows, twins, subject)
        found += _by_trait(rows, twins, subject)
        for name, values in of_people.items():
            gap = welch_t(_of(rows, name, CORRECTED), values)
            found.append(
                Finding.of(
                    f"gap_to_people.{name}", subject, gap, unit=_UNITS[name], conventions=(CORRECTED,), family="people"
                )
            )
    if humans:
        found += _congruence(humans, humans, PEOPLE)
    return found


def _congruence(kept: Sequence[Row], rows: Sequence[Row], subject: str) -> Iterator[Finding]:
    for name in MEASURES:
        for way, chosen in ((AS_PUBLISHED, kept), (CORRECTED, rows)):
            mean = _over(_of(chosen, name, way), chosen)
            yield Finding.of(f"congruence.{name}", subject, mean, unit=_UNITS[name], conventions=(way, "unit=person"))
    for label, other in (("shuffled", _shuffled), ("constant", _constant)):
        for way in (AS_PUBLISHED, CORRECTED):
            made = [other(row, way) for row in rows]
            for name in MEASURES:
                values = np.array([one[name] for one in made])
                baseline = _over(values, rows)
                yield Finding.of(
                    f"baseline.{label}.{name}", subject, baseline, unit=_UNITS[name], conventions=(way, "unit=person")
                )
                if label == "shuffled" and way == CORRECTED:
                    over = paired_t(*_by_person(_of(rows, name, way), values, rows))
                    yield Finding.of(
                        f"beyond_chance.{name}",
                        subject,
                        over,
                        unit=_UNITS[name],
                        conventions=(way, "unit=person"),
                        family="congruence",
                    )


def _of(rows: Sequence[Row], name: str, way: str) -> Floats:
    return np.array(
        [congruence(row["twins.said"] or (), row["twins.done"] or (), way=_way(way))[name] for row in rows], dtype=float
    )


def _shuffled(row: Row, way: str) -> dict[str, float]:
    """The same answers with scenes dealt to statements at random: what a response style alone gives."""
    rng = np.random.default_rng(derive_seed("say_do_gap", "shuffle", row.get("cell") or str(row["person"])))
    said, done = row["twins.said"] or (), list(row["twins.done"] or ())
    drawn = [
        congruence(said, [done[place] for place in rng.permutation(len(done))], way=_way(way)) for _ in range(_SHUFFLES)
    ]
    known = {name: [one[name] for one in drawn if np.isfinite(one[name])] for name in MEASURES}
    return {name: known_mean(values) for name, values in known.items()}


def _constant(row: Row, way: str) -> dict[str, float]:
    """The same statements, and the middle of the scale for every scene."""
    said = row["twins.said"] or ()
    return congruence(said, [MIDDLE] * len(said), way=_way(way))


def _way(way: str) -> Any:
    return way


def _steady(rows: Sequence[Row], least: float) -> tuple[list[Row], list[str]]:
    """Respondents whose repeats go together; one repeat alone can tell nothing, and is kept."""
    by_person: dict[str, list[Row]] = {}
    for row in rows:
        by_person.setdefault(str(row["person"]), []).append(row)
    unsteady = [
        person
        for person, mine in by_person.items()
        if len(mine) > 1 and not _repeat_correlation(mine[0], mine[1]) >= least
    ]
    return [row for row in rows if str(row["person"]) not in unsteady], unsteady


def _repeat_correlation(first: Row, second: Row) -> float:
    both = [[*(row["twins.said"] or ()), *(row["twins.done"] or ())] for row in (first, second)]
    a, b = (np.array([np.nan if one is None else float(one) for one in values]) for values in both)
    return pearson(a, b).estimate if len(a) == len(b) else float("nan")


def _repeats(rows: Sequence[Row], subject: str) -> Iterator[Finding]:
    """How far answers to the same questions go together, statements and scenes each."""
    for part in ("said", "done"):
        values, people = [], []
        for person in dict.fromkeys(str(row["person"]) for row in rows):
            mine = [row for row in rows if str(row["person"]) == person]
            if len(mine) > 1:
                a, b = (
                    np.array([np.nan if one is None else float(one) for one in row[f"twins.{part}"] or ()])
                    for row in mine[:2]
                )
                values.append(pearson(a, b).estimate if len(a) == len(b) else float("nan"))
                people.append(person)
        if values:
            mean = replace(cluster_mean(np.array(values), people), p_value=None)
            yield Finding.of(f"repeats.{part}", subject, mean, unit="r", conventions=(CORRECTED,))


def _keyed(rows: Sequence[Row], twins: Sequence[Twin], subject: str) -> Iterator[Finding]:
    """Share of consistent pairs among counter-keyed ones, minus that among the others."""
    counts = {1: [0, 0], -1: [0, 0]}
    for row in rows:
        for twin, a, b in zip(twins, row["twins.said"] or (), row["twins.done"] or (), strict=False):
            if a is not None and b is not None:
                counts[twin.keyed][0] += congruence([a], [b])["consistent"] == 1.0
                counts[twin.keyed][1] += 1
    found = difference_of_proportions(*counts[-1], *counts[1])
    yield Finding.of("counter_keyed", subject, found, unit="difference of shares", conventions=(CORRECTED,))


def _by_trait(rows: Sequence[Row], twins: Sequence[Twin], subject: str) -> Iterator[Finding]:
    """Over respondents, the trait as it is said with the trait as it is done."""
    for trait in dict.fromkeys(twin.trait for twin in twins):
        places = [place for place, twin in enumerate(twins) if twin.trait == trait]
        scores = [
            [_trait_score(row[f"twins.{part}"] or (), places, twins) for row in rows] for part in ("said", "done")
        ]
        people = [str(row["person"]) for row in rows]
        means = [_person_means(np.array(values, dtype=float), people) for values in scores]
        found = pearson(*means)
        yield Finding.of(
            f"trait.{trait_title(trait)}",
            subject,
            found,
            unit="r",
            conventions=(CORRECTED, "unit=person"),
            family="traits",
        )


def _trait_score(answers: Sequence[float | None], places: Sequence[int], twins: Sequence[Twin]) -> float:
    values = [
        twins[place].keyed * (float(answer) - MIDDLE)
        for place in places
        if place < len(answers) and (answer := answers[place]) is not None
    ]
    return known_mean(values)


def _over(values: Floats, rows: Sequence[Row]) -> Estimate:
    return replace(cluster_mean(values, [str(row["person"]) for row in rows]), p_value=None)


def _by_person(first: Floats, second: Floats, rows: Sequence[Row]) -> tuple[Floats, Floats]:
    people = [str(row["person"]) for row in rows]
    return _person_means(first, people), _person_means(second, people)


def _person_means(values: Floats, people: Sequence[str]) -> Floats:
    names = np.array(people)
    return np.array([known_mean(values[names == person]) for person in dict.fromkeys(people)])
