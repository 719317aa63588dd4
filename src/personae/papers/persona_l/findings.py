"""What an ability-based framing changes: ratings, support by sources, level of reading, what answers name."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from personae.instrument import Instrument, score_scale
from personae.papers.human_study import StudyRows
from personae.papers.persona_l.abilities import ACCEPTED, FAULTS
from personae.papers.persona_l.corpus import LEAST_SUPPORT
from personae.papers.persona_l.words import FLAGS, keeps_level
from personae.stats import (
    Estimate,
    cluster_mean,
    one_sample_t,
    paired_t,
    proportion,
    signed_rank,
)
from personae.study import Finding

if TYPE_CHECKING:
    import polars as pl

CONDITIONS = ("ability", "deficit", "unsourced", "profile")
"""Persona-L: abilities with their constraints, and narratives; constraints alone, and the same narratives; abilities
without narratives; the profile without either."""
ABLE, SOURCED = ("ability", "unsourced"), ("ability", "deficit")
"""Conditions that are told of abilities, and those that are shown narratives."""
LEVELS = ("easy", "plain", "expert")
FRAMINGS = (
    "names_ability",
    "names_constraint",
    "names_both",
    "first_person",
    "generalises",
    "stereotype_words",
    "deficit_words",
    "own_phrases",
)
_POINTS = "scale points"


def measure_table(table: pl.DataFrame, instrument: Instrument) -> list[Finding]:
    """Measure a table with a row for each designer, of each model in it."""
    return _Rows.measure(table, instrument)


class _Rows(StudyRows):
    """Designers before one model."""

    PERSON = "designer"
    KNOWN = CONDITIONS

    def findings(self) -> Iterator[Finding]:
        yield from self.people()
        yield from self._ratings()
        yield from self.trust()
        yield from self._sources()
        yield from self._retrieval()
        yield from self._pairs()
        yield from self._reading()
        yield from self._framing()

    def _ratings(self) -> Iterator[Finding]:
        for scale in self.instrument.scales:
            scores = {one: score_scale(self.matrix(one), self.instrument, scale) for one in self.conditions}
            for condition, values in scores.items():
                yield self.of(f"rating.{scale.key}.{condition}", _mean(values), _POINTS)
            for other in self.conditions:
                if other != "ability" and "ability" in scores:
                    shift = signed_rank(scores["ability"], scores[other])
                    yield self.of(f"ability_beside_{other}.{scale.key}", shift, _POINTS, family=f"ratings {other}")

    def _sources(self) -> Iterator[Finding]:
        """Whether sentences rest on what was found, beside narratives of other themes; and whether marks are right."""
        for condition in CONDITIONS:
            rows = [(who, one) for who, text in self._column(f"{condition}.sentences") for one in json.loads(text)]
            if not rows:
                continue
            users = [who for who, _ in rows]
            if condition in SOURCED:
                for name, key in (("supported", "score"), ("supported_elsewhere", "elsewhere")):
                    hits = [float(one[key] >= LEAST_SUPPORT) for _, one in rows]
                    yield self.of(f"{name}.{condition}", _share(hits, users), "share of sentences")
                cited = [float(bool(one["cited"])) for _, one in rows]
                yield self.of(f"cited.{condition}", _share(cited, users), "share of sentences")
                right = [(who, float(one["cited_right"])) for who, one in rows if one["cited_right"] is not None]
                if right:
                    share = _share([hit for _, hit in right], [who for who, _ in right])
                    yield self.of(f"cited_right.{condition}", share, "share of sentences that name a source")
            known = [float(one["corpus"] >= LEAST_SUPPORT) for _, one in rows]
            yield self.of(f"in_corpus.{condition}", _share(known, users), "share of sentences")
        shares = {one: self._rested(one) for one in CONDITIONS}
        for other in CONDITIONS[1:]:
            if np.isfinite(shares["ability"]).any() and np.isfinite(shares[other]).any():
                change = paired_t(shares["ability"], shares[other])
                yield self.of(f"in_corpus_beside.{other}", change, "share of sentences", family="sources")

    def _retrieval(self) -> Iterator[Finding]:
        """Whether a question finds the narrative that it was written for, beside drawing as many at random."""
        ranks: dict[str, tuple[int, int, int]] = {}
        names = ("retrieval.keys", "retrieval.ranks", "retrieval.among", "retrieval.shown")
        if names[0] in self.table.columns:
            for keys, found, among, shown in self.table.select(names).iter_rows():
                ranks |= {key: (rank, among, shown) for key, rank in zip(keys or (), found or (), strict=True)}
        if not ranks:
            return
        places = list(ranks.values())  # of each narrative once, however many designers met it
        for most in sorted({1, places[0][2]}):
            hit = proportion(sum(0 < rank <= most for rank, _, _ in places), len(places))
            yield self.of(f"retrieval.found_at_{most}", hit, "share of questions", per="narrative")
            luck = _mean(np.array([min(1.0, most / among) for _, among, _ in places]))
            yield self.of(f"retrieval_by_chance.found_at_{most}", luck, "share of questions", per="narrative")
        reciprocal = _mean(np.array([1 / rank if rank else 0.0 for rank, _, _ in places]))
        yield self.of("retrieval.reciprocal_rank", reciprocal, "mean of 1 / place", per="narrative")

    def _pairs(self) -> Iterator[Finding]:
        """What became of the pairs that were proposed, and how many of those that people read were found."""
        verdicts = [(who, one) for who, given in self._column("pairs.verdicts") for one in given]
        users = [who for who, _ in verdicts]
        for name in (ACCEPTED, *FAULTS) if verdicts else ():
            share = _share([float(one == name) for _, one in verdicts], users)
            yield self.of(f"pairs.{name}", share, "share of proposed pairs")
        pairs = [count for _, count in self._column("pairs.taken")]
        if pairs:
            bare = proportion(sum(count == 0 for count in pairs), len(pairs))
            yield self.of("pairs.personas_without", bare, "share of personas")
        known = [(who, hit) for who, hits in self._column("pairs.found") for hit in hits]
        if known:
            share = _share([float(hit) for _, hit in known], [who for who, _ in known])
            yield self.of("pairs.recall", share, "share of pairs that people read")
        flags = [codes for _, codes in self._column("persona.flags")]
        for name in FLAGS if flags else ():
            hits = proportion(sum(name in codes for codes in flags), len(flags))
            yield self.of(f"persona.{name}", hits, "share of personas")

    def _reading(self) -> Iterator[Finding]:
        grades = {level: self._numbers(f"level.{level}") for level in LEVELS}
        for level, values in grades.items():
            if not np.isfinite(values).any():
                continue
            yield self.of(f"grade.{level}", _mean(values), "years of school")
            kept = [keeps_level(None if math.isnan(one) else float(one), level) for one in values]
            judged = [one for one in kept if one is not None]
            if judged:
                share = proportion(sum(judged), len(judged), missing=len(kept) - len(judged))
                yield self.of(f"level_kept.{level}", share, "share of answers")
        if np.isfinite(grades["easy"]).any() and np.isfinite(grades["expert"]).any():
            control = paired_t(grades["expert"], grades["easy"])
            yield self.of("level_control.expert_less_easy", control, "years of school", family="reading")

    def _framing(self) -> Iterator[Finding]:
        """Shares of answers that name abilities, limits, both; means of designers, compared within them."""
        for name in FRAMINGS:
            values = {one: self._shares(f"{one}.framing.{name}") for one in CONDITIONS}
            for condition, shares in values.items():
                if np.isfinite(shares).any():
                    yield self.of(f"framing.{name}.{condition}", _within(_mean(shares)), "share of answers")
            for other in CONDITIONS[1:]:
                if np.isfinite(values["ability"]).any() and np.isfinite(values[other]).any():
                    change = paired_t(values["ability"], values[other])
                    yield self.of(
                        f"framing_beside_{other}.{name}", change, "share of answers", family=f"framing {other}"
                    )
        for condition in CONDITIONS:
            shares = self._shares(f"{condition}.grades")
            if np.isfinite(shares).any():
                yield self.of(f"grade_of_talk.{condition}", _mean(shares), "years of school")

    def _rested(self, condition: str) -> Any:
        """Share of each designer's sentences that any narrative of the theme supports; NaN where nothing was said."""
        rows = [json.loads(text or "[]") for text in self._strings(f"{condition}.sentences")]
        hits = [[one["corpus"] >= LEAST_SUPPORT for one in said] for said in rows]
        return np.array([sum(one) / len(one) if one else math.nan for one in hits])

    def _strings(self, name: str) -> list[str | None]:
        return self.table[name].to_list() if name in self.table.columns else [None] * self.table.height

    def _column(self, name: str) -> list[tuple[str, Any]]:
        if name not in self.table.columns:
            return []
        pairs = zip(self.table["designer"].to_list(), self.table[name].to_list(), strict=True)
        return [(who, value) for who, value in pairs if value is not None]

    def _lists(self, name: str) -> list[list[Any]]:
        if name not in self.table.columns:
            return []
        return [list(one) if one is not None else [] for one in self.table[name].to_list()]

    def _numbers(self, name: str) -> Any:
        if name not in self.table.columns:
            return np.full(self.table.height, math.nan)
        return np.array([math.nan if one is None else float(one) for one in self.table[name].to_list()])

    def _shares(self, name: str) -> Any:
        """The mean of each designer's list; NaN where there is none."""
        known = [[float(one) for one in given if one is not None] for given in self._lists(name)]
        if not known:
            return np.full(self.table.height, math.nan)
        return np.array([sum(one) / len(one) if one else math.nan for one in known])


def _mean(values: Any) -> Estimate:
    return replace(one_sample_t(values), p_value=None)


def _share(hits: Sequence[float], users: Sequence[str]) -> Estimate:
    """A share over sentences, clustered by designer; Wilson's bounds over designers where nothing varies."""
    if len(set(hits)) < 2:
        bounds = proportion(len(set(users)) if hits[0] else 0, len(set(users)))
        return replace(bounds, n=len(hits))
    if len(set(users)) < 2:
        return proportion(int(sum(hits)), len(hits))
    return _within(replace(cluster_mean(hits, users), p_value=None))


def _within(share: Estimate) -> Estimate:
    return replace(share, low=max(0.0, share.low), high=min(1.0, share.high))
