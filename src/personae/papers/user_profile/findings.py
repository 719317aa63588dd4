"""How right profiles are: pairs of field and value, what an update does to each kind of pair, and controls.

As published: keys and values as they are written, all of them, pooled over users (micro F1). Corrected: fields by one
name, dates and numbers in one spelling, every item of a list a pair of its own; of updates also on changed pairs alone,
since what was not touched is right by copying.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from personae.canonical import derive_seed
from personae.papers.user_profile.cases import (
    Case,
    Hits,
    Pairs,
    both_of,
    built_cases,
    changed_of,
    counts_of,
    first_of,
    is_said,
    profile_of_pairs,
    updated_cases,
)
from personae.papers.user_profile.fields import Profile, is_list, pairs_of, raw_pairs
from personae.papers.user_profile.overlap import bleu, bleu_counts, exact_hits, f_score, near_hits, rouge_l, written
from personae.stats import (
    Estimate,
    bootstrap,
    brier_score,
    calibration_error,
    cluster_mean,
    discrimination,
    one_sample_t,
    paired_t,
    proportion,
)
from personae.study import AS_PUBLISHED, CORRECTED, Finding

if TYPE_CHECKING:
    import polars as pl

_RESAMPLES, _LEAST_RESAMPLES, _MOST_DRAWS = 1000, 200, 4_000_000
FORMS = ("whole", "edits")


def measure_table(table: pl.DataFrame) -> list[Finding]:
    """Measure a table with a row for each user, of each model in it."""
    if "truth" not in table.columns:
        return []
    found: list[Finding] = []
    for key, rows in table.sort("user").group_by("model", maintain_order=True):
        own = list(rows.iter_rows(named=True))
        labels = [row for row in own if row.get("is_label")]
        found += _Rows(str(key[0]), labels).of_labels() if labels else _Rows(str(key[0]), own).findings()
    return found


@dataclass(frozen=True)
class _Rows:
    """The users of one model."""

    subject: str
    rows: Sequence[dict[str, Any]]

    def findings(self) -> Iterator[Finding]:
        begun = [row for row in self.rows if not row.get("is_update")]
        built = [case for row in begun for case in built_cases(row, row.get("built"))]
        lost = sum(row.get("built") is None for row in begun)
        if begun:
            yield from self._task("construction", built, lost)
            yield from self._of_text("construction", built)
            yield from self._labels(begun)
            yield Finding.of("users", self.subject, _count(len(begun)), unit="users", conventions=(AS_PUBLISHED,))
            yield from self._controls(
                "construction", built, [one for row in begun for one in built_cases(row, first_of(row))]
            )
        for form in FORMS:
            fresh = [case for row in self.rows for case in updated_cases(row, row.get(f"{form}.fresh"), form)]
            known = [row for row in self.rows if row.get(f"{form}.fresh") is not None]
            if not known:
                continue
            task = "updating" if form == "whole" else "updating_by_edits"
            lost = sum(one is None for row in known for one in row[f"{form}.fresh"])
            yield from self._task(task, fresh, lost)
            yield from self._changes(task, fresh)
            yield from self._of_text(task, fresh)
            yield from self._chained(task, form)
            if form == "whole":
                reader = [case for row in self.rows for case in updated_cases(row, (row.get("reader") or [])[1:], "")]
                yield from self._controls(task, fresh, reader)
                kept = [Case(one.user, one.truth, one.old, one.old) for one in fresh]
                yield self._f1(f"f1_unchanged_copy.{task}", kept, raw_pairs, exact_hits, way=AS_PUBLISHED)
                yield self._f1(f"f1_unchanged_copy.{task}", kept, pairs_of, exact_hits)
        yield from self._forms()
        yield from self._read()

    def of_labels(self) -> Iterator[Finding]:
        """Published sets by themselves: sizes, words of labels that no text has, and what copying the old would score.

        The copy is the bar that a system for updating has to pass.
        """
        begun = [row for row in self.rows if not row["is_update"]]
        updates = [row for row in self.rows if row["is_update"]]
        for name, rows in (("users", begun), ("updates", updates)):
            if rows:
                yield Finding.of(name, self.subject, _count(len(rows)), unit=name, conventions=(AS_PUBLISHED,))
        for task, rows in (("construction", begun), ("updating", updates)):
            if not rows:
                continue
            truth = [json.loads(row["truth"][-1]) for row in rows]
            old = [json.loads(row["truth"][0]) if task == "updating" else {} for row in rows]
            cases = [
                Case(row["user"], label, label, before, row["text"][-1])
                for row, label, before in zip(rows, truth, old, strict=True)
            ]
            sizes = one_sample_t([float(len(pairs_of(label))) for label in truth])
            yield self._of(f"pairs.{task}", replace(sizes, p_value=None), "pairs a profile", "unit=user")
            unsaid = [(one.user, not is_said(pair, one)) for one in cases for pair in pairs_of(one.truth)]
            yield from self._share(f"label_unsaid.{task}", unsaid, "share of labels with a word that was never said")
            if task == "updating":
                kept = [Case(one.user, one.truth, one.old, one.old) for one in cases]
                yield self._f1(f"f1_unchanged_copy.{task}", kept, raw_pairs, exact_hits, way=AS_PUBLISHED)
                yield self._f1(f"f1_unchanged_copy.{task}", kept, pairs_of, exact_hits)
                yield self._f1(f"f1_changed.{task}", [changed_of(one) for one in kept], pairs_of, exact_hits)

    def _task(self, task: str, cases: Sequence[Case], lost: int) -> Iterator[Finding]:
        """Precision, recall and F1; what could not be read is missing, and counted."""
        for way, pairs in ((AS_PUBLISHED, raw_pairs), (CORRECTED, pairs_of)):
            for score in ("f1", "precision", "recall"):
                yield self._f1(f"{score}.{task}", cases, pairs, exact_hits, way=way, lost=lost, score=score)
        yield self._f1(f"f1_near.{task}", cases, pairs_of, near_hits, lost=lost)
        macro = [f_score(exact_hits(g, t), len(g), len(t)) for g, t in both_of(cases, pairs_of)]
        users = [one.user for one in cases]
        if macro:
            yield self._of(f"f1_macro.{task}", cluster_mean(macro, users), "F1", "average=profile")

    def _changes(self, task: str, cases: Sequence[Case]) -> Iterator[Finding]:
        """What became of pairs that are new, that are no longer true, and that still are."""
        changed = [changed_of(one) for one in cases]
        yield self._f1(f"f1_changed.{task}", changed, pairs_of, exact_hits)
        sets = [(one.user, pairs_of(one.old), pairs_of(one.truth), pairs_of(one.given)) for one in cases]
        outdated = [(user, pair, given) for user, old, true, given in sets for pair in old - true]
        kinds: dict[str, list[tuple[str, bool]]] = {"inserted": [], "modified": []}
        for user, old, true, given in sets:
            singles = {key for key, _ in old if not is_list(key)}
            for pair in true - old:
                kinds["modified" if pair[0] in singles else "inserted"].append((user, pair in given))
        for kind, seen in kinds.items():
            yield from self._share(f"{kind}.{task}", seen, "share of such pairs that were made")
        yield from self._share(
            f"stale.{task}", [(user, pair in given) for user, pair, given in outdated], "share of outdated pairs left"
        )
        kept = [(user, pair not in given) for user, old, true, given in sets for pair in old & true]
        yield from self._share(f"lost.{task}", kept, "share of true old pairs that are gone")
        wrong = [(user, pair not in true) for user, old, true, given in sets for pair in given - old]
        yield from self._share(f"false_edits.{task}", wrong, "share of new pairs that are false")

    def _of_text(self, task: str, cases: Sequence[Case]) -> Iterator[Finding]:
        """Invention, bait, calibration, and the overlap of profiles written out."""
        invented = [(one.user, not is_said(pair, one)) for one in cases if one.text for pair in pairs_of(one.given)]
        yield from self._share(f"invented.{task}", invented, "share of pairs with a word that was never said")
        for kind in dict.fromkeys(kind for one in cases for kind, _, _ in one.bait):
            taken = [
                (one.user, bool(pairs_of({key: value}) & pairs_of(one.given)))
                for one in cases
                for whose, key, value in one.bait
                if whose == kind
            ]
            yield from self._share(f"bait.{kind.replace(' ', '_')}.{task}", taken, "share that was taken for a fact")
        yield from self._calibration(task, cases)
        texts = [(one.user, written(one.given), written(one.truth)) for one in cases]
        if texts:
            overlap = cluster_mean([rouge_l(mine, true) for _, mine, true in texts], [user for user, _, _ in texts])
            yield self._of(f"rouge_l.{task}", overlap, "F1 of words", "average=profile", way=AS_PUBLISHED)
            counts = np.array([bleu_counts(mine, true) for _, mine, true in texts])
            yield self._of(
                f"bleu.{task}",
                self._resampled(counts, [user for user, _, _ in texts], bleu, f"bleu.{task}"),
                "BLEU-4",
                "average=corpus",
                way=AS_PUBLISHED,
            )

    def _calibration(self, task: str, cases: Sequence[Case]) -> Iterator[Finding]:
        told = [
            (one.user, sure, bool(pairs_of({key: value}) and pairs_of({key: value}) <= pairs_of(one.truth)))
            for one in cases
            for key, value, sure in one.sure
        ]
        if not told:
            return
        users, data = [user for user, _, _ in told], np.array([[sure, float(hit)] for _, sure, hit in told])
        scores: tuple[tuple[str, Callable[[Any, Any], float], str], ...] = (
            ("brier", brier_score, "squared distance"),
            ("calibration_error", calibration_error, "distance"),
            ("discrimination", discrimination, "area under the curve"),
        )
        for name, score, unit in scores:
            estimate = self._resampled(data, users, partial(_of_columns, score), f"{name}.{task}")
            yield self._of(f"{name}.{task}", estimate, unit, "unit=fact")

    def _labels(self, rows: Sequence[dict[str, Any]]) -> Iterator[Finding]:
        """Labels that a model wrote: how true they are, what a check of their words drops, and what they do to a score.

        As published, a profile is scored on labels that were checked; corrected, on the truth. If the difference is not
        0, the score tells how alike model and labeller are.
        """
        cases, dropped = [], []
        for row in rows:
            if row.get("labels") is None:
                continue
            truth, text = json.loads(row["truth"][0]), (row.get("text") or [""])[0]
            case = Case(row["user"], truth, json.loads(row["labels"]), {}, text)
            pairs = pairs_of(case.given)
            said = frozenset(pair for pair in pairs if not text or is_said(pair, case))
            dropped += [(case.user, pair not in said) for pair in pairs]
            cases.append((case, profile_of_pairs(said), row.get("built")))
        if not cases:
            return
        task = "construction"
        lost = len(rows) - len(cases)
        yield self._f1(f"label_f1.{task}", [case for case, _, _ in cases], pairs_of, exact_hits, lost=lost)
        yield from self._share(f"label_dropped.{task}", dropped, "share of labels with a word that was never said")
        scored = [(case, label, json.loads(built)) for case, label, built in cases if built is not None]
        on_labels = [Case(case.user, label, given) for case, label, given in scored]
        yield self._f1(f"f1_on_labels.{task}", on_labels, pairs_of, exact_hits, way=AS_PUBLISHED, lost=lost)
        both = [
            [f_score(exact_hits(g, t), len(g), len(t)) for g, t in both_of(side, pairs_of)]
            for side in (on_labels, [Case(case.user, case.truth, given) for case, _, given in scored])
        ]
        if scored:
            yield self._of(f"label_advantage.{task}", paired_t(*both), "difference of F1", "average=user")

    def _chained(self, task: str, form: str) -> Iterator[Finding]:
        """The last profile of a chain of updates, each on the one before, beside one update on the true profile."""
        ends = []
        for row in self.rows:
            chain, truth = row.get(f"{form}.chained"), row["truth"]
            if chain:
                ends.append(Case(row["user"], json.loads(truth[-1]), json.loads(chain[-1])))
        if ends:
            yield self._f1(f"f1_after_chain.{task}", ends, pairs_of, exact_hits)

    def _forms(self) -> Iterator[Finding]:
        """Edits beside whole profiles, on the same users."""
        both = []
        for row in self.rows:
            each = []
            for form in FORMS:
                cases = updated_cases(row, row.get(f"{form}.fresh"), form)
                sums = (
                    np.array([counts_of(g, t, exact_hits) for g, t in both_of(cases, pairs_of)]).reshape(-1, 3).sum(0)
                )
                each.append(f_score(*sums))
            both.append(each)
        if both and np.isfinite(np.array(both)).all(axis=1).any():
            first, second = np.array(both).T
            yield self._of("edits_beside_whole.f1", paired_t(second, first), "difference of F1", "average=user")

    def _controls(self, task: str, cases: Sequence[Case], reader: Sequence[Case]) -> Iterator[Finding]:
        """The profile of another user, and what a reader that knows the wording makes of the same evidence."""
        users = list(dict.fromkeys(one.user for one in cases))
        if len(users) > 1:
            mine = {user: [one for one in cases if one.user == user] for user in users}
            swapped = []
            for place, user in enumerate(users):
                others = mine[users[(place + 1) % len(users)]]
                swapped += [
                    Case(user, one.truth, others[number % len(others)].given, one.old)
                    for number, one in enumerate(mine[user])
                ]
            yield self._f1(f"f1_other_user.{task}", swapped, pairs_of, exact_hits)
        if reader:
            yield self._f1(f"f1_reader.{task}", reader, pairs_of, exact_hits)

    def _read(self) -> Iterator[Finding]:
        statuses = [one for row in self.rows for one in row.get("statuses") or []]
        if statuses:
            usable = sum(one in ("ok", "repaired") for one in statuses)
            yield self._of("read", proportion(usable, len(statuses)), "share of answers")

    def _f1(
        self,
        name: str,
        cases: Sequence[Case],
        pairs: Callable[[Profile], Pairs],
        hits: Hits,
        *,
        way: str = CORRECTED,
        lost: int = 0,
        score: str = "f1",
    ) -> Finding:
        counts = np.array([counts_of(g, t, hits) for g, t in both_of(cases, pairs)], dtype=float).reshape(-1, 3)
        estimate = self._resampled(counts, [one.user for one in cases], _SCORES[score], name, lost=lost)
        match = "match=near" if hits is near_hits else "match=exact"
        return self._of(name, estimate, score.replace("f1", "F1"), "average=micro", match, way=way)

    def _resampled(
        self, data: Any, users: Sequence[str], statistic: Callable[[Any], float], name: str, *, lost: int = 0
    ) -> Estimate:
        """A statistic of rows, or of their sum, with users resampled whole."""
        sums_up = statistic in _SUMMED

        def value(rows: Any) -> float:
            return statistic(rows.sum(axis=0) if sums_up else rows)

        rng = np.random.default_rng(derive_seed("user_profile", name))
        if not len(data):
            nan = math.nan
            return Estimate(nan, nan, nan, 0, lost, method="bootstrap over users", note="nothing to score")
        resamples = min(_RESAMPLES, max(_LEAST_RESAMPLES, _MOST_DRAWS // len(set(users))))
        found = bootstrap(value, data, rng=rng, clusters=users, resamples=resamples, method="percentile")
        return Estimate(
            found.estimate, found.low, found.high, found.n, found.missing + lost, method=found.method, note=found.note
        )

    def _share(self, name: str, seen: Sequence[tuple[str, bool]], unit: str) -> Iterator[Finding]:
        """A share of pairs, with users resampled whole; a bound of Wilson's where nothing varies."""
        if not seen:
            return
        hits = np.array([float(hit) for _, hit in seen])
        users = [user for user, _ in seen]
        if 0 < hits.mean() < 1 and len(set(users)) > 1:
            estimate = self._resampled(hits, users, lambda rows: float(rows.mean()), name)
        else:
            estimate = proportion(int(hits.sum()), len(hits))
        yield self._of(name, estimate, unit, "unit=pair")

    def _of(self, name: str, estimate: Estimate, unit: str, *how: str, way: str = CORRECTED) -> Finding:
        return Finding.of(name, self.subject, estimate, unit=unit, conventions=(way, *how))


def _count(number: int) -> Estimate:
    return Estimate(number, number, number, n=number, method="count")


def _of_columns(score: Callable[[Any, Any], float], rows: Any) -> float:
    return score(rows[:, 0], rows[:, 1])


def _precision(sums: Any) -> float:
    return float(sums[0] / sums[1]) if sums[1] else math.nan


def _recall(sums: Any) -> float:
    return float(sums[0] / sums[2]) if sums[2] else math.nan


def _micro(sums: Any) -> float:
    return float(f_score(*sums))


_SCORES: dict[str, Callable[[Any], float]] = {"f1": _micro, "precision": _precision, "recall": _recall}
_SUMMED: tuple[Callable[[Any], float], ...] = (*_SCORES.values(), bleu)
