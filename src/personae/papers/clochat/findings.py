"""What customising changes: ratings, logs and variety within participants, as published and corrected."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from personae.canonical import derive_seed
from personae.instrument import Instrument, score_scale
from personae.papers.clochat.form import DIMENSIONS
from personae.papers.clochat.variety import distances, mean_distance
from personae.papers.human_study import StudyRows
from personae.stats import Estimate, one_sample_t, paired_t, proportion, signed_rank, welch_t
from personae.study import AS_PUBLISHED, Finding
from personae.text import distinct_n, tokenize

if TYPE_CHECKING:
    import polars as pl

Floats = NDArray[np.float64]

CONDITIONS = ("plain", "designed", "stranger")
LOGGED = {
    "turns": "messages a talk",
    "user_words": "words a message",
    "agent_words": "words a message",
    "topic_shifts": "share of messages that speak of something else",
    "user_variety": "share of pairs of words that differ",
    "agent_variety": "share of pairs of words that differ",
}
_POINTS = "scale points"


def measure_table(table: pl.DataFrame, instrument: Instrument) -> list[Finding]:
    """Measure a table with a row for each participant, of each model in it."""
    return _Rows.measure(table, instrument)


class _Rows(StudyRows):
    """Participants before one model."""

    KNOWN = CONDITIONS

    def findings(self) -> Iterator[Finding]:
        yield from self.people()
        yield from self._ratings()
        yield from self._logs()
        yield from self._variety()
        yield from self._customising()
        yield from self._order()
        yield from self.trust()

    def _ratings(self) -> Iterator[Finding]:
        for scale in self.instrument.scales:
            scores = {condition: self._scores(condition, scale.key) for condition in self.conditions}
            for condition, values in scores.items():
                mean = replace(one_sample_t(values), p_value=None)
                yield self.of(f"rating.{scale.key}.{condition}", mean, _POINTS)
            if not {"plain", "designed"} <= set(scores):
                continue
            pair = scores["designed"], scores["plain"]
            yield self.of(f"customising.{scale.key}", signed_rank(*pair, zeros="wilcox"), _POINTS, way=AS_PUBLISHED)
            yield self.of(f"customising.{scale.key}", signed_rank(*pair), _POINTS, family="ratings")
            yield self.of(f"prefer_designed.{scale.key}", _preferring(*pair), "share of those who differ")
            if "stranger" in scores:
                own = signed_rank(scores["designed"], scores["stranger"])
                yield self.of(f"own_persona.{scale.key}", own, _POINTS, family="control")
                any_persona = signed_rank(scores["stranger"], scores["plain"])
                yield self.of(f"any_persona.{scale.key}", any_persona, _POINTS, family="control")

    def _logs(self) -> Iterator[Finding]:
        for name, unit in LOGGED.items():
            values = {condition: self._logged(condition, name) for condition in self.conditions}
            known = {condition: one for condition, one in values.items() if np.isfinite(one).any()}
            for condition, one in known.items():
                yield self.of(f"logged.{name}.{condition}", replace(one_sample_t(one), p_value=None), unit)
            if {"plain", "designed"} <= set(known):
                change = paired_t(values["designed"], values["plain"])
                yield self.of(f"change.{name}", change, unit, family="logs")

    def _variety(self) -> Iterator[Finding]:
        """How far partners of different participants speak differently."""
        found = {one: self._texts(one) for one in self.conditions}
        apart = {one: distances(texts) for one, texts in found.items() if sum(map(bool, texts)) > 1}
        rng = np.random.default_rng(derive_seed("clochat", "variety"))
        for condition, matrix in apart.items():
            yield self.of(f"variety.{condition}", mean_distance(matrix, rng=rng), "cosine distance")
        pairs = {
            "change": ("designed", "plain"),
            "own_persona": ("designed", "stranger"),
            "any_persona": ("stranger", "plain"),
        }
        for name, (one, other) in pairs.items():
            if {one, other} <= set(apart):
                change = mean_distance(apart[one] - apart[other], rng=rng)
                yield self.of(f"{name}.variety", change, "cosine distance")

    def _customising(self) -> Iterator[Finding]:
        """What was written in the form, and how often it was changed."""
        for dimension in DIMENSIONS:
            words = self._column(f"designed.words.{dimension.key}")
            known = words[np.isfinite(words)]
            if len(known):
                share = proportion(int((known > 0).sum()), len(known), missing=len(words) - len(known))
                yield self.of(f"filled.{dimension.key}", share, "share of participants")
                yield self.of(f"words.{dimension.key}", replace(one_sample_t(words), p_value=None), "words")
        for name, unit in (("edits", "changes a participant"), ("personas", "personas a participant")):
            counts = self._column(f"designed.{name}")
            if np.isfinite(counts).any():
                yield self.of(name, replace(one_sample_t(counts), p_value=None), unit)
        personas = self._column("designed.personas")
        known = personas[np.isfinite(personas)]
        if len(known):
            share = proportion(int((known > 0).sum()), len(known), missing=len(personas) - len(known))
            yield self.of("designed", share, "share of participants")

    def _order(self) -> Iterator[Finding]:
        """Whether it matters which came first."""
        if "order" not in self.table.columns or not {"plain", "designed"} <= set(self.conditions):
            return
        orders = [str(order).split(">") for order in self.table["order"].to_list()]
        placed = [order if {"plain", "designed"} <= set(order) else [] for order in orders]
        known = np.array([bool(order) for order in placed])
        first = np.array([bool(order) and order.index("designed") < order.index("plain") for order in placed])
        for scale in self.instrument.scales:
            change = self._scores("designed", scale.key) - self._scores("plain", scale.key)
            effect = welch_t(change[known & first], change[known & ~first])
            yield self.of(f"order.{scale.key}", effect, _POINTS, family="order")

    def _scores(self, condition: str, key: str) -> Floats:
        (scale,) = [one for one in self.instrument.scales if one.key == key]
        return score_scale(self.matrix(condition), self.instrument, scale)

    def _texts(self, condition: str) -> list[str]:
        column = f"{condition}.agent_text"
        given = self.table[column].to_list() if column in self.table.columns else [""] * self.table.height
        return [text or "" for text in given]

    def _logged(self, condition: str, name: str) -> Floats:
        if name.endswith("_variety"):
            column = f"{condition}.{name.removesuffix('_variety')}_text"
            texts = self.table[column].to_list() if column in self.table.columns else [None] * self.table.height
            return np.array([distinct_n(tokenize(text), 2) if text else math.nan for text in texts], dtype=float)
        return self._column(f"{condition}.{name}")

    def _column(self, name: str) -> Floats:
        """Numbers of a column, the mean of each list; NaN where it is not there."""
        if name not in self.table.columns:
            return np.full(self.table.height, math.nan)
        return np.array([_number(value) for value in self.table[name].to_list()], dtype=float)


def _preferring(designed: Floats, plain: Floats) -> Estimate:
    difference = designed - plain
    known = difference[np.isfinite(difference)]
    above, below = int((known > 0).sum()), int((known < 0).sum())
    return proportion(above, above + below, missing=len(difference) - above - below)


def _number(value: Any) -> float:
    if isinstance(value, Sequence) and not isinstance(value, str):
        known = [float(one) for one in value if one is not None]
        return sum(known) / len(known) if known else math.nan
    return math.nan if value is None else float(value)
