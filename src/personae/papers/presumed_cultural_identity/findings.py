"""Bias scores: how much more often a reply presumes a culture when a name of it was said.

As published: the rate with the name less the rate without, every reply as a unit. Corrected: the same question by
question, with names (nested in their cultures) and questions as what was sampled. Every figure is computed by the
judge, and by the matcher of words under ``kb_``; what neither can tell is missing and not a no.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from personae.judge import KnowledgeBase
from personae.papers.presumed_cultural_identity import rows as verdicts
from personae.papers.presumed_cultural_identity.flattening import measure_flattening
from personae.papers.presumed_cultural_identity.labels import Labels
from personae.papers.presumed_cultural_identity.material import NOBODY
from personae.papers.presumed_cultural_identity.rows import By, Excess, Question, Ruling, grouped, pooled, rates
from personae.papers.presumed_cultural_identity.validity import measure_validity
from personae.stats import Estimate, cluster_mean, nested_shares, paired_t, welch_t
from personae.study import AS_PUBLISHED, CORRECTED, Finding, correct_families

if TYPE_CHECKING:
    import polars as pl

RATE = "share of replies"
HIGHEST = ("chinese", "japanese", "korean", "russian", "indian")
"""Cultures that the paper found to be presumed most, from memory: East Asian ones, Russian, Indian."""


def measure_table(table: pl.DataFrame, labels: Labels, base: KnowledgeBase) -> list[Finding]:
    """Measure everything, for each model in the table."""
    if "judged.reply" not in table.columns:
        return []
    found: list[Finding] = []
    for (model,), mine in table.group_by(["model"], maintain_order=True):
        ordered = mine.sort("condition", "channel", "culture", "name", "facet")
        rulings = verdicts.rulings_of(ordered)
        subject = str(model)
        of_model: list[Finding] = []
        ways: tuple[By, ...] = ("judge", "matcher")
        known = [by for by in ways if any(one.strength(by) is not None for one in rulings)]
        for by in known:
            of_model += Measured(subject, by, rulings, is_tested=by == known[0]).findings()
        of_model += measure_validity(subject, ordered, rulings, labels, base)
        found += correct_families(of_model)
    return found


@dataclass(frozen=True)
class Measured:
    """The rulings of one model by one way of judging."""

    subject: str
    by: By
    rulings: Sequence[Ruling]
    is_tested: bool = True

    @cached_property
    def none(self) -> list[Ruling]:
        """Replies to nobody in particular."""
        return [one for one in self.rulings if one.condition == NOBODY]

    @cached_property
    def reference(self) -> dict[Question, float]:
        """Rates without a name."""
        return rates(self.none, self.by)

    @cached_property
    def named(self) -> list[Ruling]:
        """Replies to names that were introduced, judged for their own culture."""
        return [one for one in self.rulings if one.condition == "name" and one.own == (one.culture,) and _said(one)]

    @cached_property
    def foreign(self) -> list[Ruling]:
        """The same, judged for another culture."""
        return [one for one in self.rulings if one.condition == "name" and one.own != (one.culture,)]

    @cached_property
    def cultures(self) -> list[str]:
        """Cultures with names of their own."""
        return list(dict.fromkeys(one.culture for one in self.named))

    def findings(self) -> Iterator[Finding]:
        """Everything that is measured by either way of judging."""
        yield from self._bias()
        yield from self._rates()
        yield from self._controls()
        yield from self._channels()
        yield from self._strength()
        yield from self._gender()
        yield from self._where_it_lies()
        yield from measure_flattening(self.of, self.by, self.rulings, self._excess(self.named))
        yield from self._single_names()

    def of(self, name: str, estimate: Estimate, *, unit: str = RATE, way: str = CORRECTED, family: str = "") -> Finding:
        """A finding under its name, with who judged; where both did, only the judge's are tested."""
        full = name if self.by == "judge" else f"kb_{name}"
        own = family if self.is_tested else ""
        return Finding.of(
            full, self.subject, estimate, unit=unit, conventions=(way, f"judged by={self.by}"), family=own
        )

    def _excess(self, rulings: Sequence[Ruling], reference: Mapping[Question, float] | None = None) -> Excess:
        return Excess.of(rulings, self.reference if reference is None else reference, self.by)

    def _bias(self) -> Iterator[Finding]:
        yield from self._both("bias.all", self.named, family="all")
        for culture in self.cultures:
            own = [one for one in self.named if one.culture == culture]
            yield from self._both(f"bias.{culture}", own, family="cultures")
        for facet, own in grouped(self.named, lambda one: one.facet):
            yield from self._both(f"bias_in.{facet}", own, family="facets")
        for (culture, facet), own in grouped(self.named, lambda one: (one.culture, one.facet)):
            yield self.of(f"cell.{culture}.{facet}", self._excess(own).estimate())

    def _both(self, name: str, rulings: Sequence[Ruling], family: str) -> Iterator[Finding]:
        """The published difference of rates, and the corrected one."""
        places = {(one.culture, one.facet) for one in rulings}
        without = [one for one in self.none if one.channel == "introduction" and (one.culture, one.facet) in places]
        if self.by == "judge":
            yield self.of(name, pooled(rulings, without, self.by), way=AS_PUBLISHED)
        yield self.of(name, self._excess(rulings).estimate(), family=family)

    def _rates(self) -> Iterator[Finding]:
        arms = {
            "name": self.named,
            "none": [one for one in self.none if _said(one)],
            "invented": [one for one in self.rulings if one.condition == "invented"],
            "placebo": [one for one in self.rulings if one.condition == "placebo"],
            "other_name": self.foreign,
        }
        for arm, rulings in arms.items():
            places = [("all", rulings)]
            places += [(one, [each for each in rulings if each.culture == one]) for one in self.cultures]
            for place, own in places if arm in ("name", "none") else places[:1]:
                if own:
                    yield self.of(f"rate_{arm}.{place}", self._rate(own))

    def _rate(self, rulings: Sequence[Ruling]) -> Estimate:
        """Rate with questions as units, which all arms have."""
        values = [verdicts.score(one, self.by) for one in rulings]
        return verdicts.share_of(values, [one.query for one in rulings])

    def _controls(self) -> Iterator[Finding]:
        """What a name without a culture does, what a foreign one does, and whether it is the right culture."""
        for condition in ("invented", "placebo"):
            own = [one for one in self.rulings if one.condition == condition]
            if own:
                yield self.of(f"control.{condition}_minus_none", self._excess(own).estimate(), family="controls")
        if not self.foreign:
            return
        yield self.of("control.other_name_minus_none", self._excess(self.foreign).estimate(), family="controls")
        elsewhere = rates(self.foreign, self.by)
        yield self.of("specific.all", self._excess(self.named, elsewhere).estimate(), family="controls")
        for culture in self.cultures:
            own = [one for one in self.named if one.culture == culture]
            found = self._excess(own, elsewhere).estimate()
            if found.n:
                yield self.of(f"specific.{culture}", found)

    def _channels(self) -> Iterator[Finding]:
        """The same names said, remembered, and in a CV, each against the same channel without a name."""
        own = [one for one in self.rulings if one.condition == "name" and one.own == (one.culture,)]
        elsewhere = {one.name for one in own if not _said(one)}
        if not elsewhere:
            return
        found = {
            channel: self._excess(rulings)
            for channel, rulings in grouped([one for one in own if one.name in elsewhere], lambda one: one.channel)
        }
        for channel, excess in found.items():
            yield self.of(f"channel.{channel}", excess.estimate())
        said = found.get("introduction")
        for channel, excess in found.items():
            if said is None or excess is said:
                continue
            first, second = (_by_pair(one) for one in (excess, said))
            pairs = sorted(set(first) & set(second))
            if not pairs:
                continue
            change = Excess(
                [first[one] - second[one] for one in pairs],
                [name for name, _ in pairs],
                [query for _, query in pairs],
                [first[one] for one in pairs],
                bound=2.0,
            )
            yield self.of(f"channel_change.{channel}", change.estimate(), family="channels")

    def _strength(self) -> Iterator[Finding]:
        """Presumptions that name the culture, and those that only imply it."""
        for name, counts in (("explicit", verdicts.names), ("implied", verdicts.implies)):
            reference = rates(self.none, self.by, counts)
            found = Excess.of(self.named, reference, self.by, counts).estimate()
            yield self.of(f"strength.{name}", found)
        presumed = [one for one in self.named if verdicts.score(one, self.by) == 1.0]
        places = [("all", presumed), *((one, [e for e in presumed if e.culture == one]) for one in self.cultures)]
        for place, own in places:
            if own:
                values = [float(verdicts.names(one.strength(self.by) or 0)) for one in own]
                share = verdicts.share_of(values, [one.name for one in own])
                yield self.of(f"explicit_share.{place}", share, unit="share of presumptions")

    def _gender(self) -> Iterator[Finding]:
        """Feminine and masculine names, and their difference within cultures."""
        means: dict[str, dict[str, float]] = {"feminine": {}, "masculine": {}}
        for gender, of_culture in means.items():
            own = [one for one in self.named if one.gender == gender]
            if not own:
                return
            yield self.of(f"gender.{gender}", self._excess(own).estimate(), family="gender")
            for culture, rulings in grouped(own, lambda one: one.culture):
                of_culture[culture] = self._excess(rulings).estimate().estimate
        shared = [one for one in self.cultures if one in means["feminine"] and one in means["masculine"]]
        pair = ([means[gender][one] for one in shared] for gender in ("feminine", "masculine"))
        yield self.of("gender.feminine_minus_masculine", paired_t(*pair), family="gender")

    def _where_it_lies(self) -> Iterator[Finding]:
        """Cultures, single names within them, or neither; and the contrast that the paper's headline makes."""
        excess = self._excess(self.named)
        values = _less_query(excess)
        parts = nested_shares(values, [one.culture for one in self.named], [one.name for one in self.named])
        for name, part in zip(("culture", "name", "rest"), parts, strict=True):
            found = self.of(f"variance.{name}", part, unit="share of variance")
            yield replace(found, conventions=(*found.conventions, "name nested in culture", "questions centred"))
        of_culture = {
            culture: self._excess(own).estimate().estimate
            for culture, own in grouped(self.named, lambda one: one.culture)
        }
        high = [value for culture, value in of_culture.items() if culture in HIGHEST]
        low = [value for culture, value in of_culture.items() if culture not in HIGHEST]
        if min(len(high), len(low)) > 1:
            found = self.of("headline.east_asia_russia_india_minus_others", welch_t(high, low), family="headline")
            yield replace(found, conventions=(*found.conventions, "unit=culture"))

    def _single_names(self) -> Iterator[Finding]:
        for (culture, name), own in grouped(self.named, lambda one: (one.culture, one.name)):
            mean = cluster_mean(self._excess(own).values, [one.query for one in own])
            yield self.of(f"name.{culture}.{name}", replace(mean, p_value=None))


def _said(one: Ruling) -> bool:
    return one.channel == "introduction"


def _by_pair(excess: Excess) -> dict[tuple[str, str], float]:
    found: dict[tuple[str, str], list[float]] = {}
    for name, query, value in zip(excess.names, excess.queries, excess.values, strict=True):
        if not math.isnan(value):
            found.setdefault((name, query), []).append(value)
    return {pair: float(np.mean(values)) for pair, values in found.items()}


def _less_query(excess: Excess) -> list[float]:
    """Values less the mean of their question, which all cultures have in common."""
    sums: dict[str, list[float]] = {}
    for query, value in zip(excess.queries, excess.values, strict=True):
        if not math.isnan(value):
            sums.setdefault(query, []).append(value)
    return [
        value - float(np.mean(sums[query])) if query in sums else math.nan
        for query, value in zip(excess.queries, excess.values, strict=True)
    ]
