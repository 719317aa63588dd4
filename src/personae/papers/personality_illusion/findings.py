"""RQ1: what alignment does to self-report. RQ2: self-report against behaviour. RQ3: what an injected persona moves.

As published: rows of all models are pooled, and every run counts as a respondent; the variance of pooled rows holds the
differences between models too; correlations of each model are tested one by one, uncorrected. Corrected: models (or, of
one model, its system prompts) are the units, variability is that within a model, and no association is a finding of its
own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from personae.canonical import derive_seed
from personae.instrument import Instrument
from personae.instrument.dissociation import Direction, Pairing, dissociation
from personae.instrument.tasks import BehaviouralTask
from personae.papers.personality_illusion.scores import (
    BEHAVIOURS,
    OURS,
    REGULATION,
    SELF_REPORTS,
    TRAITS,
    Scores,
    read_scores,
)
from personae.stats import (
    Estimate,
    bootstrap,
    cluster_difference,
    cluster_mean,
    dose_slope,
    levene,
    one_sample_t,
    paired_t,
    pearson,
    proportion,
    spearman,
    variance_change,
    welch_t,
)
from personae.stats.samples import known_mean
from personae.study import AS_PUBLISHED, CORRECTED, Finding

if TYPE_CHECKING:
    import polars as pl

EVERY_MODEL = "all models"

PAIRS: Mapping[str, str] = {
    "meta-llama/Meta-Llama-3-8B-Instruct": "meta-llama/Meta-Llama-3-8B",
    "meta-llama/Llama-3.2-3B-Instruct": "meta-llama/Llama-3.2-3B",
    "Qwen/Qwen2.5-1.5B-Instruct": "Qwen/Qwen2.5-1.5B",
    "Qwen/Qwen2.5-7B-Instruct": "Qwen/Qwen2.5-7B",
    "allenai/OLMo-2-1124-7B-Instruct": "allenai/OLMo2-7B-1124",
    "mistralai/Mistral-7B-Instruct-v0.1": "mistralai/Mistral-7B-v0.1",
}
"""Base model of each of the six instruct models that have one; the other six of the twelve are in no pair."""

HUMAN: Mapping[str, Mapping[str, Direction]] = {
    "openness": {"cards": 1, "association": -1},
    "conscientiousness": {"cards": -1, "inconsistency": -1, "overconfidence": -1, "waited": 1, "hard": 1},
    "extraversion": {"cards": 1, "overconfidence": 1},
    "agreeableness": {"cards": -1, "association": -1, "sycophancy": 1, "bent": 1},
    "neuroticism": {"cards": -1, "sycophancy": 1, "bent": 1, "overconfidence": -1, "inconsistency": 1},
    REGULATION: {"cards": -1, "association": -1, "inconsistency": -1, "waited": 1, "hard": 1},
}
"""Signs that studies of people report, from memory; pairs that are left out are not known to go either way."""

BEHAVIOUR_OF = {"agreeableness": ("agreeableness", "sycophancy"), REGULATION: (REGULATION, "cards")}
_UNITS = {
    **dict.fromkeys(TRAITS, "scale points"),
    REGULATION: "points of the sum",
    "cards": "cards",
    "association": "bias",
    "sycophancy": "percentage points",
    "bent": "percentage points",
}
Way = Literal["as_published", "corrected"]


def measure_table(table: pl.DataFrame, forms: Sequence[Instrument], tasks: Sequence[BehaviouralTask]) -> list[Finding]:
    """Measure a fresh run or the published files."""
    if "condition" not in table.columns or not table.height:
        return []
    found: list[Finding] = []
    for way in (AS_PUBLISHED, CORRECTED):
        scores = read_scores(table, forms, tasks, published=way == AS_PUBLISHED)
        subject = _subject(scores)
        found += _alignment(scores, subject, way)
        found += _associations(scores, subject, way)
        found += _injections(scores, subject, way)
        found += _levels(scores, way)
    found += _reading(table)
    return found


def _subject(scores: Scores) -> str:
    instruct = scores.where(kind="instruct").models
    return instruct[0] if len(instruct) == 1 else EVERY_MODEL


# RQ1


def _alignment(scores: Scores, subject: str, way: str) -> Iterator[Finding]:
    baseline = scores.where(condition="baseline")
    base, every = baseline.where(kind="base"), baseline.where(kind="instruct")
    if not base.rows or not every.rows:
        return
    paired = _paired(every, base)
    after_units, before_units = _units_of(paired, base)
    changes: list[Estimate] = []
    for name in SELF_REPORTS:
        rng = np.random.default_rng(derive_seed("personality_illusion", "variance", name, way))
        after, before = paired.of(name), base.of(name)
        change = variance_change(
            after,
            before,
            rng=rng,
            after_clusters=after_units,
            before_clusters=before_units,
            within=way == CORRECTED and len(base.models) > 1,
        )
        if way == AS_PUBLISHED:
            test = levene(after, before)
            change = replace(change, p_value=test.p_value, conventions=(*change.conventions, "rows=independent"))
        changes.append(change)
        yield Finding.of(
            f"variance.{name}", subject, change, unit="relative change", conventions=(way,), family="alignment"
        )
        for kind, rows in (("base", base), ("instruct", paired)):
            yield Finding.of(
                f"mean.{kind}.{name}",
                subject,
                _mean(rows, name, way),
                unit=_UNITS[name],
                conventions=(way,),
            )
        yield Finding.of(
            f"mean.change.{name}",
            subject,
            _change_of_mean(paired, base, name, way),
            unit=_UNITS[name],
            conventions=(way,),
            family="alignment",
        )
    five = [one.estimate for one in changes[: len(TRAITS)]]
    yield Finding.of(
        "variance.big_five",
        subject,
        replace(one_sample_t(np.array(five)), method="mean change of five variances, t over traits", p_value=None),
        unit="relative change",
        conventions=(way, "unit=trait"),
    )
    for kind, rows in (("base", base), ("instruct", every)):
        yield from _regulation(kind, rows, subject, way)


def _paired(every: Scores, base: Scores) -> Scores:
    """Instruct models that have their base model in the table; a fresh run has one of each."""
    known = [row for row in every.rows if PAIRS.get(str(row["model"])) in base.models]
    return Scores(tuple(dict.fromkeys(str(row["model"]) for row in known)), tuple(known)) if known else every


def _units_of(paired: Scores, base: Scores) -> tuple[list[str], list[str]]:
    """Clusters: the pair of models, or the system prompt where there is one pair only."""
    if len(base.models) < 2:
        return paired.labels("prompt"), base.labels("prompt")
    return [PAIRS.get(str(row["model"]), str(row["model"])) for row in paired.rows], base.labels("model")


def _mean(rows: Scores, name: str, way: str) -> Estimate:
    if way == AS_PUBLISHED:
        return replace(one_sample_t(rows.of(name)), p_value=None)
    return replace(cluster_mean(rows.of(name), _clusters(rows)), p_value=None)


def _change_of_mean(paired: Scores, base: Scores, name: str, way: str) -> Estimate:
    """As published, a mixed model with models as random intercepts; of balanced rows that is a test on model means."""
    if len(base.models) < 2:
        return cluster_difference(paired.of(name), base.of(name), _clusters(paired), _clusters(base))
    if way == AS_PUBLISHED:
        found = cluster_difference(paired.of(name), base.of(name), paired.labels("model"), base.labels("model"))
        return replace(found, conventions=(*found.conventions, "random=model, balanced"))
    means = [
        (known_mean(paired.where(model=model).of(name)), known_mean(base.where(model=PAIRS[model]).of(name)))
        for model in paired.models
    ]
    return paired_t(*np.array(means).T)


def _regulation(kind: str, rows: Scores, subject: str, way: str) -> Iterator[Finding]:
    """How each trait goes with self-regulation."""
    total = rows.of(REGULATION)
    for name in TRAITS:
        trait = rows.of(name)
        if way == AS_PUBLISHED:
            yield Finding.of(f"regulation.{kind}.{name}", subject, pearson(trait, total), unit="r", conventions=(way,))
            slope = dose_slope(trait, total)
            yield Finding.of(
                f"regulation_slope.{kind}.{name}", subject, slope, unit="points per scale point", conventions=(way,)
            )
            continue
        clusters = _clusters(rows)
        rng = np.random.default_rng(derive_seed("personality_illusion", "regulation", kind, name))
        within = np.column_stack([_centred(trait, clusters), _centred(total, clusters)])
        found = bootstrap(
            lambda x: pearson(x[:, 0], x[:, 1]).estimate,
            within,
            rng=rng,
            resamples=400,
            clusters=clusters,
            method="percentile",
        )
        yield Finding.of(
            f"regulation.{kind}.{name}",
            subject,
            replace(found, method=f"r within models or prompts, {found.method}"),
            unit="r",
            conventions=(way, "centred=unit"),
        )


# RQ2


def _associations(scores: Scores, subject: str, way: str) -> Iterator[Finding]:
    people = scores.where(condition="people")
    baseline = scores.where(condition="baseline", kind="instruct")
    if way == AS_PUBLISHED:
        yield from _one_by_one(baseline, subject)
        return
    yield from _dissociation(baseline, subject, "baseline", _clusters(baseline))
    if len(people.rows) > 3:
        yield from _dissociation(people, subject, "people", people.labels("model", "prompt"))


def _one_by_one(baseline: Scores, subject: str) -> Iterator[Finding]:
    """Every model, trait and task: significant at 5 %, and then in the direction of people?"""
    for test in ("pearson", "spearman"):
        significant, directed, agreed, missing, every = 0, 0, 0, 0, 0
        for model in baseline.models:
            rows = baseline.where(model=model)
            for trait in SELF_REPORTS:
                for task in BEHAVIOURS:
                    every += 1
                    correlate = pearson if test == "pearson" else spearman
                    found = correlate(rows.of(trait), rows.of(task))
                    if found.p_value is None or not np.isfinite(found.p_value):
                        missing += 1
                        continue
                    if found.p_value < 0.05:
                        significant += 1
                        if direction := HUMAN[trait].get(task, 0):
                            directed += 1
                            agreed += found.estimate * direction > 0
        # A scale that nobody varies on has no correlation; the published share counts it as not significant.
        share = proportion(significant, every)
        note = f"{missing} of {every} have a constant score and count as not significant" if missing else ""
        conventions = (AS_PUBLISHED, f"test={test}", "alpha=.05, uncorrected")
        name = "significant" if test == "pearson" else "significant_ranks"
        yield Finding.of(name, subject, replace(share, note=note), unit="share of pairs", conventions=conventions)
        human = proportion(agreed, directed)
        name = "human_direction" if test == "pearson" else "human_direction_ranks"
        yield Finding.of(name, subject, human, unit="share of significant pairs", conventions=conventions)


def _dissociation(rows: Scores, subject: str, where: str, clusters: Sequence[str]) -> Iterator[Finding]:
    measures = [name for name in (*BEHAVIOURS, *OURS) if rows.has(name)]
    if not measures or len(set(clusters)) < 2:
        return
    pairings = [
        Pairing(f"{trait}.{task}", rows.of(trait), rows.of(task), HUMAN[trait].get(task, 0))
        for trait in SELF_REPORTS
        for task in measures
    ]
    result = dissociation(pairings, clusters=clusters if len(set(clusters)) < len(rows.rows) else None)
    for one in result.pairs:
        finding = Finding.of(f"pair.{where}.{one.name}", subject, one.association, unit="rho", conventions=(CORRECTED,))
        adjusted = one.association.details.get("p_adjusted")
        note = "; ".join(filter(None, (f"verdict: {one.verdict}", finding.note)))
        yield replace(finding, p_adjusted=adjusted, note=note)
    for name, share in (
        ("associated", result.associated),
        ("dissociated", result.dissociated),
        ("human_direction", result.in_human_direction),
        ("human_among_associated", result.human_among_associated),
    ):
        yield Finding.of(f"{name}.{where}", subject, share, unit="share of pairs", conventions=(CORRECTED,))


# RQ3


def _injections(scores: Scores, subject: str, way: str) -> Iterator[Finding]:
    baseline = scores.where(condition="baseline", kind="instruct")
    for condition, (trait, task) in BEHAVIOUR_OF.items():
        injected = scores.where(condition=condition)
        for strategy in sorted({int(row["strategy"]) for row in injected.rows}):
            rows = injected.where(strategy=strategy)
            for part, name in (("self_report", trait), ("behaviour", task)):
                if not rows.has(name) or not baseline.has(name):
                    continue
                stem = f"injection.{condition}.strategy_{strategy}.{part}"
                shift, up = _shift(rows, baseline, name, way)
                unit = _UNITS[name]
                yield Finding.of(stem, subject, shift, unit=unit, conventions=(way,), family="injection")
                if up is not None:
                    yield Finding.of(
                        f"up.{condition}.strategy_{strategy}.{part}",
                        subject,
                        up,
                        unit="share of models",
                        conventions=(way,),
                    )


def _shift(rows: Scores, baseline: Scores, name: str, way: str) -> tuple[Estimate, Estimate | None]:
    """How far a persona moves a score: over models, or of one model over its system prompts."""
    models = [model for model in rows.models if model in baseline.models]
    if len(models) < 2:
        if way == AS_PUBLISHED:
            return welch_t(rows.of(name), baseline.of(name)), None
        return cluster_difference(rows.of(name), baseline.of(name), _clusters(rows), _clusters(baseline)), None
    pairs = [
        (known_mean(rows.where(model=model).of(name)), known_mean(baseline.where(model=model).of(name)))
        for model in models
    ]
    after, before = np.array(pairs).T
    return paired_t(after, before), proportion(int((after > before).sum()), len(models))


# Levels and reading


def _levels(scores: Scores, way: str) -> Iterator[Finding]:
    """Mean behaviour of each model without a persona."""
    if way == AS_PUBLISHED:
        return
    baseline = scores.where(condition="baseline", kind="instruct")
    for model in baseline.models:
        rows = baseline.where(model=model)
        for name in (*BEHAVIOURS, *OURS):
            if rows.has(name):
                level = replace(cluster_mean(rows.of(name), rows.labels("prompt")), p_value=None)
                yield Finding.of(f"level.{name}", model, level, unit=_UNITS.get(name, ""), conventions=(way,))


def _reading(table: pl.DataFrame) -> Iterator[Finding]:
    """Share of items that the published reading reads as we do, and that it makes up (an unread answer is 3)."""
    if "bfi.answers" not in table.columns:
        return
    for (model,), rows in table.group_by(["model"], maintain_order=True):
        same = made_up = every = 0
        for row in rows.iter_rows(named=True):
            for ours, theirs in zip(row["bfi.answers"] or (), row["bfi.published"] or (), strict=False):
                every += 1
                same += ours == theirs
                made_up += ours is None
        for name, count in (("same", same), ("made_up", made_up)):
            yield Finding.of(
                f"reading.{name}", str(model), proportion(count, every), unit="share of items", conventions=(CORRECTED,)
            )


def _clusters(rows: Scores) -> list[str]:
    return rows.labels("model") if len(rows.models) > 1 else rows.labels("prompt")


def _centred(values: np.ndarray[tuple[int, ...], np.dtype[np.float64]], clusters: Sequence[str]) -> list[float]:
    names = np.array(clusters)
    centred = values.astype(float).copy()
    for name in dict.fromkeys(clusters):
        mine = names == name
        centred[mine] -= known_mean(values[mine])
    return [float(one) for one in centred]
