"""Whether reputed traits depend on lives and faces: five tests of each pair, held against negative controls.

As published: p < .05 is dependence, whatever the number of tests, and a test that fails numerically has p = 0 and so
counts as dependence; in tables every score and every year is a level of its own. Corrected: in tables scores are in
thirds, false discoveries are held at 5 % within each test, and a test that fails is missing; each rater is also tested
alone, and all with people shuffled.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from personae.canonical import derive_seed
from personae.stats import INDEPENDENCE_TESTS, Estimate, benjamini_hochberg, icc, one_sample_t, proportion
from personae.stats.samples import Floats, known_mean
from personae.study import AS_PUBLISHED, CORRECTED, Finding

if TYPE_CHECKING:
    import polars as pl

TRAITS = ("o", "c", "e", "a", "n")
_TABLES = ("chi_square", "g_square")
_MOST_LEVELS = 12
_ALPHA = 0.05
_TRAIT, _ATTRIBUTE = "trait.", "attribute."
FINAL = "final"
"""The rater whose scores, where there are such, are the traits that are tested; else the mean over raters is."""
_QUICK = tuple(test for test in INDEPENDENCE_TESTS if test != "hsic")
"""Tests that are made again for each rater and with people shuffled; HSIC shuffles by itself, and takes long."""
_Results = Mapping[tuple[str, str], Estimate]


@dataclass(frozen=True, slots=True)
class People:
    """Traits and attributes of all people, one row a person."""

    raters: tuple[str, ...]
    ratings: Mapping[str, Floats]
    """By trait: people by raters."""
    attributes: Mapping[str, Sequence[Any]]

    def trait(self, name: str) -> Floats:
        """The final score, or the mean over the raters that gave one."""
        if FINAL in self.raters:
            final: Floats = self.ratings[name][:, self.raters.index(FINAL)]
            return final
        return np.array([known_mean(row) for row in self.ratings[name]])

    @property
    def single(self) -> list[int]:
        """Where the raters are who are models, not what was made of them."""
        return [place for place, name in enumerate(self.raters) if name != FINAL]


def measure_table(table: pl.DataFrame, negative: Sequence[str]) -> list[Finding]:
    """Measure a fresh run, a published table of people, or published p values."""
    if "test" in table.columns:
        return list(_published_tests(table, negative))
    if not any(name.startswith(_TRAIT) for name in table.columns):
        return list(_latents(table, "synthetic data"))
    people_rows = table.filter(table["part"] == "figures") if "part" in table.columns else table
    found: list[Finding] = []
    for (subject,), mine in people_rows.group_by(["model"], maintain_order=True):
        people = _people(mine)
        found += [
            *_counts(str(subject), people),
            *_raters(str(subject), people),
            *_independence(str(subject), people, negative),
            *_by_rater(str(subject), people, negative),
            *_shuffled(str(subject), people),
        ]
    return [*found, *_latents(table, "synthetic data")]


def _people(table: pl.DataFrame) -> People:
    rows = list(table.iter_rows(named=True))
    persons = list(dict.fromkeys(row["person"] for row in rows))
    raters = list(dict.fromkeys(row["rater"] for row in rows))
    place = {person: number for number, person in enumerate(persons)}
    traits = [name for name in TRAITS if f"{_TRAIT}{name}" in table.columns]
    ratings = {name: np.full((len(persons), len(raters)), np.nan) for name in traits}
    names = [name.removeprefix(_ATTRIBUTE) for name in table.columns if name.startswith(_ATTRIBUTE)]
    attributes: dict[str, list[Any]] = {name: [None] * len(persons) for name in names}
    for row in rows:
        person = place[row["person"]]
        for name in traits:
            if row[f"{_TRAIT}{name}"] is not None:
                ratings[name][person, raters.index(row["rater"])] = float(row[f"{_TRAIT}{name}"])
        for name in names:
            if row[f"{_ATTRIBUTE}{name}"] is not None:
                attributes[name][person] = row[f"{_ATTRIBUTE}{name}"]
    return People(tuple(map(str, raters)), ratings, attributes)


def _counts(subject: str, people: People) -> Iterator[Finding]:
    count = len(next(iter(people.ratings.values())))
    scored = sum(bool(np.isfinite(row).any()) for row in np.hstack(list(people.ratings.values())))
    known = Estimate(float(count), float(count), float(count), count, count - scored, method="count")
    yield Finding.of("people", subject, known, unit="people", conventions=(AS_PUBLISHED,))
    for name in people.ratings:
        level = replace(one_sample_t(people.trait(name)), p_value=None)
        yield Finding.of(f"level.{name}", subject, level, unit="rating", conventions=(AS_PUBLISHED, "unit=person"))


def _raters(subject: str, people: People) -> Iterator[Finding]:
    """Whether raters agree on a reputation."""
    for name, matrix in people.ratings.items():
        if len(people.single) > 1:
            for form in ("A1", "Ak"):
                found = icc(matrix[:, people.single], form=form)
                yield Finding.of(
                    f"agreement.{form.lower()}.{name}", subject, found, unit="ICC", conventions=(CORRECTED,)
                )


def _independence(subject: str, people: People, negative: Sequence[str]) -> Iterator[Finding]:
    traits = {name: people.trait(name) for name in people.ratings}
    for test in INDEPENDENCE_TESTS:
        results = _tested(test, traits, people.attributes, "")
        if results:
            as_they_are = _as_they_are(test, traits, people.attributes) if test in _TABLES else results
            yield from _of_test(subject, test, results, as_they_are, negative)


def _tested(
    test: str, traits: Mapping[str, Floats], attributes: Mapping[str, Sequence[Any]], purpose: str
) -> dict[tuple[str, str], Estimate]:
    """One test of every trait with every attribute that it takes."""
    results: dict[tuple[str, str], Estimate] = {}
    for attribute, values in attributes.items():
        if (prepared := _prepared(values, test)) is None:
            continue
        for trait, scores in traits.items():
            rng = np.random.default_rng(derive_seed(0, test, trait, attribute, *([purpose] if purpose else [])))
            first = _in_classes(scores) if test in _TABLES else scores
            results[trait, attribute] = INDEPENDENCE_TESTS[test](first, prepared, rng)
    return results


def _as_they_are(
    test: str, traits: Mapping[str, Floats], attributes: Mapping[str, Sequence[Any]]
) -> dict[tuple[str, str], Estimate]:
    """A test of tables as published: every score and every year a level of its own, however few people it has."""
    results: dict[tuple[str, str], Estimate] = {}
    for attribute, values in attributes.items():
        known = [value for value in values if value is not None]
        if not known or isinstance(known[0], (list, tuple)):
            continue
        if not isinstance(known[0], str) and any(float(value) != int(value) for value in known):
            continue  # heights and places are no levels
        if isinstance(known[0], str) and len(set(known)) > max(2, len(known) // 3):
            continue  # names and the like
        levels = np.array([None if value is None else str(value) for value in values], dtype=object)
        for trait, scores in traits.items():
            rng = np.random.default_rng(derive_seed(0, test, trait, attribute, "as they are"))
            own = np.array([None if not math.isfinite(value) else f"{value:g}" for value in scores], dtype=object)
            results[trait, attribute] = INDEPENDENCE_TESTS[test](own, levels, rng)
    return results


def _by_rater(subject: str, people: People, negative: Sequence[str]) -> Iterator[Finding]:
    """What depends for each rater by itself, as the paper shows it, and what of it depends for all of them."""
    attributes = {name: values for name, values in people.attributes.items() if name not in negative}
    if len(people.single) < 2:
        return
    for test in _QUICK:
        dependent: list[dict[tuple[str, str], bool]] = []
        for place in people.single:
            traits = {name: matrix[:, place] for name, matrix in people.ratings.items()}
            results = _tested(test, traits, attributes, people.raters[place])
            adjusted = benjamini_hochberg([one.p_value for one in results.values()])
            known = {pair: p < _ALPHA for pair, p in zip(results, adjusted, strict=True) if p is not None}
            dependent.append(known)
            share = proportion(sum(known.values()), len(known), missing=len(results) - len(known))
            yield Finding.of(
                f"dependent_by_rater.{test}.{people.raters[place]}",
                subject,
                share,
                unit="share of pairs",
                conventions=(CORRECTED, "fdr=.05"),
            )
        shared = [pair for pair in dependent[0] if all(pair in one for one in dependent)]
        of_any = [pair for pair in shared if any(one[pair] for one in dependent)]
        of_all = sum(all(one[pair] for one in dependent) for pair in of_any)
        yield Finding.of(
            f"replicated.{test}",
            subject,
            proportion(of_all, len(of_any)),
            unit="share of pairs that depend for any rater",
            conventions=(CORRECTED, "fdr=.05"),
        )


def _shuffled(subject: str, people: People) -> Iterator[Finding]:
    """The same tests with people shuffled, so that nothing depends on anything: how often p is below .05 then."""
    rng = np.random.default_rng(derive_seed(0, "shuffled people"))
    traits = {name: people.trait(name) for name in people.ratings}
    order = rng.permutation(len(next(iter(traits.values())))).tolist()
    attributes = {name: [values[place] for place in order] for name, values in people.attributes.items()}
    for test in _QUICK:
        known = [one.p_value for one in _tested(test, traits, attributes, "shuffled").values()]
        alarms = [p < _ALPHA for p in known if p is not None]
        if alarms:
            share = proportion(sum(alarms), len(alarms), missing=len(known) - len(alarms))
            yield Finding.of(
                f"shuffled.{test}", subject, share, unit="share of pairs", conventions=(CORRECTED, "p<.05")
            )


def _of_test(
    subject: str, test: str, results: _Results, as_they_are: _Results, negative: Sequence[str]
) -> Iterator[Finding]:
    adjusted = dict(zip(results, benjamini_hochberg([one.p_value for one in results.values()]), strict=True))
    for (trait, attribute), one in results.items():
        finding = Finding.of(
            f"strength.{test}.{trait}.{attribute}",
            subject,
            one,
            unit="strength from 0 to 1",
            conventions=(CORRECTED, "unit=person"),
            family=test,
        )
        yield replace(finding, p_adjusted=adjusted[trait, attribute])
    positive = [pair for pair in results if pair[1] not in negative]
    failed = sum(results[pair].p_value is None for pair in results)
    plain = [one.p_value for pair, one in as_they_are.items() if pair[1] not in negative]
    share = proportion(sum(p is None or p < _ALPHA for p in plain), len(plain))
    yield Finding.of(
        f"dependent.{test}",
        subject,
        share,
        unit="share of pairs",
        conventions=(AS_PUBLISHED, "p<.05", "failed=dependent"),
    )
    known = [adjusted[pair] for pair in positive if adjusted[pair] is not None]
    share = proportion(sum(p is not None and p < _ALPHA for p in known), len(known), missing=len(positive) - len(known))
    yield Finding.of(f"dependent.{test}", subject, share, unit="share of pairs", conventions=(CORRECTED, "fdr=.05"))
    yield Finding.of(
        f"failed.{test}", subject, proportion(failed, len(results)), unit="share of pairs", conventions=(CORRECTED,)
    )
    controls = [one.p_value for pair, one in results.items() if pair[1] in negative and one.p_value is not None]
    if controls:
        alarms = proportion(sum(p < _ALPHA for p in controls), len(controls))
        yield Finding.of(
            f"false_alarms.{test}", subject, alarms, unit="share of pairs", conventions=(CORRECTED, "p<.05")
        )


def _prepared(values: Sequence[Any], test: str) -> Any:
    """An attribute in the form that a test takes; ``None`` if it takes none of this kind.

    Kernels see words as indicator variables; tables see words, and numbers of few levels.
    """
    known = [value for value in values if value is not None]
    if not known:
        return None
    if isinstance(known[0], (list, tuple)):
        if test in _TABLES:
            return None
        size = len(known[0])
        return np.array([[math.nan] * size if value is None else value for value in values], dtype=float)
    is_word = isinstance(known[0], str)
    levels = sorted(set(known))
    if test in _TABLES:
        return np.array(values, dtype=object) if is_word or len(levels) <= _MOST_LEVELS else None
    if not is_word:
        return np.array([math.nan if value is None else float(value) for value in values])
    if len(levels) > max(2, len(known) // 3):
        return None  # names and the like
    return np.array([[math.nan if value is None else float(value == level) for level in levels] for value in values])


def _in_classes(values: Floats) -> Any:
    """A trait for tests of tables: its values where they are few, else thirds."""
    known = values[np.isfinite(values)]
    if len(np.unique(known)) <= 5:
        return [None if not math.isfinite(value) else f"{value:g}" for value in values]
    cuts = np.quantile(known, [1 / 3, 2 / 3])
    return [None if not math.isfinite(value) else str(int(np.searchsorted(cuts, value))) for value in values]


def _published_tests(table: pl.DataFrame, negative: Sequence[str]) -> Iterator[Finding]:
    """What the authors' matrices of p values say: as published, and with false discoveries held at 5 %.

    A p value of exactly 0 is what the released loop writes where a test fails; it is dependence as published, and
    missing here.
    """
    for (subject, test, rater), mine in table.group_by(["model", "test", "rater"], maintain_order=True):
        rows = [row for row in mine.iter_rows(named=True) if row["p"] is not None and math.isfinite(row["p"])]
        missing = mine.height - len(rows)
        name = f"{test}.{rater}"
        pairs = [row for row in rows if row["attribute"] not in negative]
        share = proportion(sum(row["p"] < _ALPHA for row in pairs), len(pairs), missing=missing)
        yield Finding.of(
            f"published_dependent.{name}", str(subject), share, unit="share of pairs",
            conventions=(AS_PUBLISHED, "p<.05", "failed=dependent"),
        )  # fmt: skip
        known = [row for row in rows if row["p"] > 0]
        adjusted = benjamini_hochberg([row["p"] for row in known])
        of = [p for row, p in zip(known, adjusted, strict=True) if row["attribute"] not in negative and p is not None]
        share = proportion(sum(p < _ALPHA for p in of), len(of), missing=mine.height - len(known))
        yield Finding.of(
            f"published_dependent.{name}", str(subject), share, unit="share of pairs",
            conventions=(CORRECTED, "fdr=.05", "p=0 is missing"),
        )  # fmt: skip
        zeros = proportion(len(rows) - len(known), mine.height)
        yield Finding.of(f"published_zero.{name}", str(subject), zeros, unit="share of pairs", conventions=(CORRECTED,))
        controls = [row["p"] for row in known if row["attribute"] in negative]
        if controls:
            alarms = proportion(sum(p < _ALPHA for p in controls), len(controls))
            yield Finding.of(
                f"published_false_alarms.{name}", str(subject), alarms, unit="share of pairs",
                conventions=(CORRECTED, "p<.05"),
            )  # fmt: skip


def _latents(table: pl.DataFrame, subject: str) -> Iterator[Finding]:
    """How well planted latents came back, over synthetic data sets."""
    for name in ("r2", "mcc", "r2_one_view", "edge_precision", "edge_recall"):
        column = f"latents.{name}"
        if column not in table.columns:
            continue
        values = [float(value) for value in table[column].to_list() if value is not None]
        if not values:
            continue
        mean = (
            replace(one_sample_t(values), p_value=None)
            if len(values) > 1
            else Estimate(values[0], math.nan, math.nan, 1, method="one data set")
        )
        unit = {"r2": "R2", "r2_one_view": "R2", "mcc": "correlation"}.get(name, "share of edges")
        yield Finding.of(f"latents.{name}", subject, mean, unit=unit, conventions=(CORRECTED, "unit=data set"))
