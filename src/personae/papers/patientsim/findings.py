"""Does the persona show, and is what the patient says true to the case?

As published: means over consultations, and shares of all sentences taken together. Corrected: cases and consultations
are the units, because three consultations of one case, or twenty sentences of one consultation, are not independent;
and beside the rating for the persona that was played stands the rating for one that was not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from personae.papers.patientsim.axes import AXES, CRITERIA, EXCEPTION, patients
from personae.papers.patientsim.facts import CONTRADICTED, NOWHERE, SUPPORTED, UNSTATED
from personae.papers.patientsim.raters import HIGHEST, LOWEST, PersonRating
from personae.stats import (
    Estimate,
    anova,
    cluster_mean,
    gwet_ac,
    krippendorff_alpha,
    one_sample_t,
    paired_t,
    proportion,
    welch_t,
)
from personae.stats.samples import known_mean
from personae.study import AS_PUBLISHED, CORRECTED, Finding, correct_families

if TYPE_CHECKING:
    import polars as pl

Row = Mapping[str, Any]
AXES_SUBJECT = "the axes"
CASES = "the cases"
PEOPLE = "people"
_POINTS = "points from 1 to 4"
_OWN = {"personality": "personality", "language": "language", "recall": "recall", "dazed": "dazedness"}
_MOST_SHOWN = 5


def measure_table(table: pl.DataFrame, people: Sequence[PersonRating] = ()) -> list[Finding]:
    """Measure consultations, for each patient model, descriptions of axes that were read, or published ratings."""
    if "level" in table.columns:
        return list(_of_axes(table))
    found: list[Finding] = []
    for (model,), mine in table.group_by(["model"], maintain_order=True):
        subject = str(model)
        every = list(mine.iter_rows(named=True))
        found += _rated_alone(every, subject)
        found += _cases(every, subject)
        rows = [row for row in every if row["arm"] in ("persona", "information")]
        if not rows and every:
            continue
        parts = (_fidelity, _by_axis, _control, _manner, _facts, _alike, _diagnosis)
        found += correct_families([one for part in parts for one in part(rows, subject)])
    return [_bounded(one) for one in (*found, *_of_people(people))]


def _bounded(one: Finding) -> Finding:
    """The t interval of few ratings or shares goes beyond what they can be; that of a difference does not."""
    if one.p_value is not None or "minus" in one.name:
        return one
    ends = (LOWEST, HIGHEST) if one.unit == _POINTS else (0, 1) if one.unit.startswith("share") else None
    if ends is None:
        return one
    # np.maximum and np.minimum keep what is not a number.
    return replace(one, low=float(np.maximum(one.low, ends[0])), high=float(np.minimum(one.high, ends[1])))


def _of_axes(table: pl.DataFrame) -> Iterator[Finding]:
    """How many patients the axes make; nothing is estimated, so the bounds are the count."""
    levels = {axis: set(table.filter(table["axis"] == axis)["level"].to_list()) for axis in AXES}
    counts = {axis: len(found) for axis, found in levels.items()}
    clear = counts["personality"] * counts["language"] * counts["recall"] * ("normal" in levels["dazed"])
    dazed = int(all(level in levels[axis] for axis, level in EXCEPTION.items()))
    for name, count in {**{f"levels.{axis}": n for axis, n in counts.items()}, "combinations": clear + dazed}.items():
        yield Finding.of(name, AXES_SUBJECT, _count(count), unit="levels" if "." in name else "patients")
    built = patients().size
    yield Finding.of("combinations.built", AXES_SUBJECT, _count(built), unit="patients", conventions=(CORRECTED,))


def _count(number: int) -> Estimate:
    return Estimate(number, number, number, n=number, method="count", conventions=(AS_PUBLISHED,))


def _values(rows: Sequence[Row], name: str) -> list[float]:
    return [float("nan") if row.get(name) is None else float(row[name]) for row in rows]


def _both(name: str, subject: str, values: Sequence[float], clusters: Sequence[str], unit: str) -> Iterator[Finding]:
    """A mean of consultations as published, and with cases as units."""
    if not len(values):
        return
    plain = replace(one_sample_t(values), p_value=None)
    yield Finding.of(name, subject, plain, unit=unit, conventions=(AS_PUBLISHED, "unit=consultation"))
    by_case = replace(cluster_mean(values, clusters), p_value=None)
    yield Finding.of(name, subject, by_case, unit=unit, conventions=(CORRECTED, "unit=case"))


def _fidelity(rows: Sequence[Row], subject: str) -> Iterator[Finding]:
    mine = [row for row in rows if row["arm"] == "persona"]
    cases = [str(row["profile"]) for row in mine]
    every = []
    for criterion in CRITERIA:
        values = _values(mine, f"rating.{criterion}")
        every.append(values)
        yield from _both(f"fidelity.{criterion}", subject, values, cases, _POINTS)
    if mine:
        # Of the criteria that were rated: as published, the very dazed are rated on clarity and realism alone.
        yield from _both("fidelity.all", subject, [known_mean(row) for row in np.array(every).T], cases, _POINTS)
        read = sum(row.get("rating.status") in ("ok", "repaired") for row in mine)
        yield Finding.of("rated", subject, proportion(read, len(mine)), unit="share", conventions=(CORRECTED,))


def _by_axis(rows: Sequence[Row], subject: str) -> Iterator[Finding]:
    """Each level on the criterion of its own axis, and whether levels are played alike well."""
    mine = [row for row in rows if row["arm"] == "persona"]
    for axis, criterion in _OWN.items():
        groups = []
        for level in AXES[axis]:
            values = _values([row for row in mine if row[axis] == level], f"rating.{criterion}")
            if not values:
                continue
            groups.append(values)
            mean = replace(one_sample_t(values), p_value=None)
            yield Finding.of(
                f"level.{axis}.{level}",
                subject,
                mean,
                unit=_POINTS,
                conventions=(AS_PUBLISHED, f"criterion={criterion}"),
            )
        if len(groups) > 1 and min(map(len, groups)) > 1:
            yield Finding.of(
                f"levels_differ.{axis}",
                subject,
                anova(*groups),
                unit="share of variance",
                conventions=(CORRECTED,),
                family="levels differ",
            )


def _control(rows: Sequence[Row], subject: str) -> Iterator[Finding]:
    """The rating for the persona that was played minus that for one that differs on every axis."""
    mine = [row for row in rows if row["arm"] == "persona" and row.get("control.status") is not None]
    for criterion in CRITERIA:
        if mine:
            difference = paired_t(_values(mine, f"rating.{criterion}"), _values(mine, f"control.{criterion}"))
            yield Finding.of(
                f"own_minus_other.{criterion}",
                subject,
                difference,
                unit=_POINTS,
                conventions=(CORRECTED, "unit=consultation"),
                family="own minus other",
            )


def _manner(rows: Sequence[Row], subject: str) -> Iterator[Finding]:
    mine = [row for row in rows if row["arm"] == "persona" and row.get("words")]
    words = {row_id: float(np.mean(row["words"])) for row_id, row in enumerate(mine)}

    def of(axis: str, level: str) -> list[int]:
        return [place for place, row in enumerate(mine) if row[axis] == level and row["dazed"] == "normal"]

    for personality in AXES["personality"]:
        if chosen := [words[place] for place in of("personality", personality)]:
            mean = replace(one_sample_t(chosen), p_value=None)
            yield Finding.of(f"words.{personality}", subject, mean, unit="words an answer", conventions=(CORRECTED,))
    pair = [[words[place] for place in of("personality", one)] for one in ("verbose", "plain")]
    if min(map(len, pair)) > 1:
        yield Finding.of(
            "verbose_minus_plain",
            subject,
            welch_t(*pair),
            unit="words an answer",
            conventions=(CORRECTED,),
            family="manner",
        )
    for name in ("over_sentences", "over_words", "asks_several"):
        values = [float(np.mean(row[name])) for row in mine]
        if values:
            mean = replace(one_sample_t(values), p_value=None)
            yield Finding.of(name, subject, mean, unit="share of answers", conventions=(CORRECTED, "unit=consultation"))
    for level in AXES["language"][:-1]:
        if shares := [float(np.mean(mine[place]["beyond_level"])) for place in of("language", level)]:
            mean = replace(one_sample_t(shares), p_value=None)
            yield Finding.of(f"beyond_level.{level}", subject, mean, unit="share of answers", conventions=(CORRECTED,))


def _facts(rows: Sequence[Row], subject: str) -> Iterator[Finding]:
    for arm in ("information", "persona"):
        mine = [row for row in rows if row["arm"] == arm and row.get("facts.kind")]
        yield from _verdicts(mine, arm, subject)
        if mine:
            yield from _coverage(mine, arm, subject)
    both = [row for row in rows if row.get("facts.kind") and any(row.get("facts.elsewhere") or ())]
    if both:
        shares = [[_share(row, SUPPORTED, column) for row in both] for column in ("facts.verdict", "facts.elsewhere")]
        yield Finding.of(
            "own_minus_other_case.supported",
            subject,
            paired_t(*shares),
            unit="share of sentences",
            conventions=(CORRECTED, "unit=consultation"),
            family="own minus other",
        )
    low, high = ([_share(row, SUPPORTED) for row in rows if _has(row, recall)] for recall in ("low", "high"))
    if len(low) > 1 and len(high) > 1:
        yield Finding.of(
            "supported.high_minus_low_recall",
            subject,
            welch_t(high, low),
            unit="share of sentences",
            conventions=(CORRECTED, "unit=consultation"),
            family="recall",
        )


def _has(row: Row, recall: str) -> bool:
    return row["arm"] == "persona" and row["recall"] == recall and bool(row.get("facts.kind"))


def _told(row: Row) -> list[tuple[Sequence[str] | None, str | None, bool | None, int | None]]:
    """Sentences that give information: what they speak about, the verdict, whether they add a detail, plausibility."""
    columns = (row[f"facts.{name}"] for name in ("kind", "about", "verdict", "adds", "plausible"))
    return [one[1:] for one in zip(*columns, strict=True) if one[0] == "information"]


def _share(row: Row, verdict: str, column: str = "facts.verdict") -> float:
    pairs = zip(row["facts.kind"], row[column], strict=True)
    said = [one for kind, one in pairs if kind == "information" and one is not None]
    return said.count(verdict) / len(said) if said else float("nan")


def _verdicts(rows: Sequence[Row], arm: str, subject: str) -> Iterator[Finding]:
    said = [one for row in rows for one in _told(row)]
    known = [one[1] for one in said if one[1] is not None]
    for verdict in (SUPPORTED, CONTRADICTED, UNSTATED):
        if not rows:
            continue
        pooled = proportion(known.count(verdict), len(known), missing=len(said) - len(known))
        unit = "share of sentences with information"
        yield Finding.of(
            f"{verdict}.{arm}", subject, pooled, unit=unit, conventions=(AS_PUBLISHED, "unit=sentence", "mean=micro")
        )
        each = replace(one_sample_t([_share(row, verdict) for row in rows]), p_value=None)
        yield Finding.of(
            f"{verdict}.{arm}", subject, each, unit=unit, conventions=(CORRECTED, "unit=consultation", "mean=macro")
        )
    new = [(float(one[2]), str(place)) for place, row in enumerate(rows) for one in _told(row) if one[2] is not None]
    if new:
        unit = "share of sentences with information"
        pooled = proportion(sum(one > 0 for one, _ in new), len(new), missing=len(said) - len(new))
        yield Finding.of(f"adds_detail.{arm}", subject, pooled, unit=unit, conventions=(AS_PUBLISHED, "unit=sentence"))
        mean = replace(cluster_mean([one for one, _ in new], [place for _, place in new]), p_value=None)
        yield Finding.of(f"adds_detail.{arm}", subject, mean, unit=unit, conventions=(CORRECTED, "unit=consultation"))
    rated = [(float(one[3]), str(place)) for place, row in enumerate(rows) for one in _told(row) if one[3] is not None]
    if rated:
        mean = cluster_mean([one[0] for one in rated], [one[1] for one in rated])
        yield Finding.of(
            f"plausible.{arm}", subject, replace(mean, p_value=None), unit=_POINTS, conventions=(CORRECTED,)
        )


def _coverage(rows: Sequence[Row], arm: str, subject: str) -> Iterator[Finding]:
    """Parts of the case that came up, and those of them about which nothing false was said."""
    measures: Mapping[str, Callable[[Row], float]] = {"coverage": _covered, "consistency": _consistent}
    for name, measure in measures.items():
        mean = replace(one_sample_t([measure(row) for row in rows]), p_value=None)
        yield Finding.of(
            f"{name}.{arm}", subject, mean, unit="share of the parts of a case", conventions=(AS_PUBLISHED,)
        )


def _rated_alone(rows: Sequence[Row], subject: str) -> Iterator[Finding]:
    """Published ratings of how plausible sentences are that a case does not state."""
    scores = [(float(row["plausibility"]), str(row["profile"])) for row in rows if row["arm"] == "plausibility"]
    if scores:
        mean = replace(one_sample_t([one for one, _ in scores]), p_value=None)
        yield Finding.of("plausible.rated", subject, mean, unit=_POINTS, conventions=(AS_PUBLISHED, "unit=rating"))
        by_sentence = replace(cluster_mean([one for one, _ in scores], [name for _, name in scores]), p_value=None)
        told = (CORRECTED, "unit=sentence")
        yield Finding.of("plausible.rated", subject, by_sentence, unit=_POINTS, conventions=told)


def _cases(rows: Sequence[Row], subject: str) -> Iterator[Finding]:
    """How many clinical profiles there are, and for what."""
    parts = [str(row["part"]) for row in rows if row["arm"] == "cases"]
    for name in ("all", *dict.fromkeys(parts)) if parts else ():
        number = len(parts) if name == "all" else parts.count(name)
        yield Finding.of(f"cases.{name}", subject, _count(number), unit="profiles", conventions=())


def _alike(rows: Sequence[Row], subject: str) -> Iterator[Finding]:
    """Published scores of a judge: how alike the case that a dialogue tells is to the real one."""
    for arm in ("information", "persona"):
        scores = [
            float(np.mean(row["consistency.scores"]))
            for row in rows
            if row["arm"] == arm and row.get("consistency.scores")
        ]
        if scores:
            mean = replace(one_sample_t(scores), p_value=None)
            yield Finding.of(f"alike.{arm}", subject, mean, unit="score of the judge", conventions=(AS_PUBLISHED,))


def _parts(row: Row) -> dict[str, list[str]]:
    parts: dict[str, list[str]] = {}
    for about, verdict, *_ in _told(row):
        for part in about or ():
            if part != NOWHERE and verdict is not None:
                parts.setdefault(str(part), []).append(verdict)
    return parts


def _covered(row: Row) -> float:
    return len(_parts(row)) / float(row["fields"]) if row["fields"] else float("nan")


def _consistent(row: Row) -> float:
    parts = [verdicts for verdicts in _parts(row).values() if set(verdicts) & {SUPPORTED, CONTRADICTED}]
    return sum(CONTRADICTED not in one for one in parts) / len(parts) if parts else float("nan")


def _diagnosis(rows: Sequence[Row], subject: str) -> Iterator[Finding]:
    mine = [row for row in rows if row["status"] in ("ok", "repaired")]
    lost = len(rows) - len(mine)
    listed = [row for row in mine if row.get("listed")]
    yield Finding.of(
        "listed",
        subject,
        proportion(len(listed), len(mine), missing=lost),
        unit="share of consultations",
        conventions=(CORRECTED,),
    )
    yield Finding.of(
        "ended_by_doctor",
        subject,
        proportion(sum(bool(row.get("by_doctor")) for row in mine), len(mine), missing=lost),
        unit="share of consultations",
        conventions=(CORRECTED,),
    )
    for place in (1, _MOST_SHOWN):
        hits = sum(row["rank"] is not None and row["rank"] <= place for row in mine)
        for way, n in ((AS_PUBLISHED, len(listed)), (CORRECTED, len(mine))):
            kind = "consultations with a list" if way == AS_PUBLISHED else "all consultations"
            yield Finding.of(
                f"diagnosis.top_{place}",
                subject,
                proportion(hits, n, missing=len(rows) - n),
                unit="share of consultations",
                conventions=(way, f"denominator={kind}"),
            )


def _of_people(people: Sequence[PersonRating]) -> Iterator[Finding]:
    """Ratings of a file: means, and how far people agree."""
    dialogues = list(dict.fromkeys(one.dialogue for one in people))
    raters = list(dict.fromkeys(one.rater for one in people))
    if people:
        mean = cluster_mean([one.score for one in people], [one.dialogue for one in people])
        yield Finding.of("fidelity.all", PEOPLE, replace(mean, p_value=None), unit=_POINTS, conventions=(AS_PUBLISHED,))
    for criterion in CRITERIA:
        matrix = np.full((len(dialogues), len(raters)), np.nan)
        for one in people:
            if one.criterion == criterion:
                matrix[dialogues.index(one.dialogue), raters.index(one.rater)] = one.score
        rated = np.isfinite(matrix)
        if not rated.any():
            continue
        mine = [
            (value, place)
            for place, row in zip(dialogues, matrix, strict=True)
            for value in row[np.isfinite(row)].tolist()
        ]
        mean = replace(cluster_mean([one[0] for one in mine], [one[1] for one in mine]), p_value=None)
        yield Finding.of(f"fidelity.{criterion}", PEOPLE, mean, unit=_POINTS, conventions=(AS_PUBLISHED,))
        if (rated.sum(axis=1) > 1).sum() > 1:
            scale = list(range(LOWEST, HIGHEST + 1))
            agreed = gwet_ac(matrix, categories=scale, weights="ordinal")
            yield Finding.of(f"agreement.{criterion}", PEOPLE, agreed, conventions=(AS_PUBLISHED,))
            alpha = krippendorff_alpha(matrix, measure="ordinal")
            yield Finding.of(f"agreement.{criterion}", PEOPLE, alpha, conventions=(CORRECTED,))
