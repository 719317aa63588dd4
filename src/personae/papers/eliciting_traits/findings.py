"""Traits of what models write: levels, differences between prompts, activation, size, fine-tuning; whom to believe.

As published every text is a unit. Corrected, prompts are: a thousand completions of one prompt are one stimulus.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from personae.instrument.tasks import ElicitationPrompt
from personae.judge import standardised
from personae.papers.eliciting_traits.scoring import classifier, reports
from personae.papers.eliciting_traits.settings import ElicitingSettings
from personae.persona import BIG_FIVE, trait_title
from personae.stats import (
    anova,
    cluster_difference,
    cluster_mean,
    one_sample_t,
    paired_t,
    pearson,
    proportion,
    spearman,
    welch_t,
)
from personae.stats.samples import known_mean
from personae.study import AS_PUBLISHED, CORRECTED, Finding

if TYPE_CHECKING:
    import polars as pl

Floats = NDArray[np.float64]
EVERY_MODEL = "all models"
_MIDDLES = {"classifier": 0.5, "rated": 5.0, "lexicon": 0.0}
"""What a text is given that shows neither pole."""


@dataclass(frozen=True, slots=True)
class Scored:
    """All texts with their scores by one scorer, on its own scale; word categories have none but z over all texts."""

    scorer: str
    unit: str
    roles: NDArray[np.str_]
    prompts: NDArray[np.str_]
    scores: dict[str, Floats]


def measure_table(
    table: pl.DataFrame, settings: ElicitingSettings, prompts: Sequence[ElicitationPrompt], writers: Sequence[str]
) -> list[Finding]:
    """Measure everything that the table allows."""
    if "text" not in table.columns:
        return []
    table = table.sort("role", "prompt", "completion")
    subjects = _subjects(table, writers)
    found: list[Finding] = []
    for role, subject in subjects.items():
        mine = table.filter(table["role"] == role)
        usable = int((mine["status"] == "ok").sum())
        written = proportion(usable, mine.height)
        found.append(Finding.of("written", subject, written, unit="share of texts", conventions=(CORRECTED,)))
    for scored in _scorers(table, settings):
        for role, subject in subjects.items():
            found += _levels(scored, role, subject)
            found += _activation(scored, role, subject, prompts)
        found += _tuning(scored, subjects)
        found += _sizes(scored, settings, writers)
    texts = [text for text, status in table.select("text", "status").iter_rows() if status == "ok"]
    found += reports(settings, texts, next(iter(subjects.values()), EVERY_MODEL))
    return found


def _subjects(table: pl.DataFrame, writers: Sequence[str]) -> dict[str, str]:
    """A name for each writer; the role is added where two writers are the same model."""
    names = dict(table.select("role", "model").unique().iter_rows())
    every = list(names.values())
    return {
        role: names[role] if every.count(names[role]) == 1 else f"{names[role]} ({role})"
        for role in writers
        if role in names
    }


def _scorers(table: pl.DataFrame, settings: ElicitingSettings) -> Iterator[Scored]:
    roles, prompts = (np.array(table[name].to_list(), dtype=str) for name in ("role", "prompt"))
    for key in ("lexicon", "rated"):
        if f"score.{key}" not in table.columns:
            continue
        rows = [
            {} if values is None else {t: v for t, v in zip(BIG_FIVE, values, strict=True) if v is not None}
            for values in table[f"score.{key}"].to_list()
        ]
        if key == "rated":
            scores = {trait: np.array([row.get(trait, np.nan) for row in rows]) for trait in BIG_FIVE}
            yield Scored(key, "rating from 1 to 9", roles, prompts, scores)
        else:
            scores = {trait: np.array(values) for trait, values in standardised(rows).items()}
            yield Scored(key, "z over all texts", roles, prompts, scores)
    trained = classifier(settings)
    if trained is not None:
        usable = [
            trained.read(text or "").scores if status == "ok" else {}
            for text, status in table.select("text", "status").iter_rows()
        ]
        scores = {trait: np.array([one.get(trait, np.nan) for one in usable]) for trait in trained.models}
        yield Scored("classifier", "probability of the high pole", roles, prompts, scores)


def _levels(scored: Scored, role: str, subject: str) -> Iterator[Finding]:
    """Mean of each trait, and how far prompts differ."""
    mine = scored.roles == role
    names = scored.prompts[mine]
    middle = _MIDDLES[scored.scorer]
    for trait, values in scored.scores.items():
        own = values[mine]
        stem = f"{scored.scorer}.{trait_title(trait)}"
        for way in (AS_PUBLISHED, CORRECTED):
            mean = one_sample_t(own) if way == AS_PUBLISHED else cluster_mean(own, list(names))
            unit = "unit=text" if way == AS_PUBLISHED else "unit=prompt"
            yield Finding.of(
                f"level.{stem}",
                subject,
                replace(mean, p_value=None),
                unit=scored.unit,
                conventions=(way, unit, f"middle={middle:g}"),
            )
        groups = [own[names == prompt] for prompt in dict.fromkeys(names)]
        if len(groups) > 1:
            between = anova(*groups)
            yield Finding.of(
                f"prompts.{stem}",
                subject,
                between,
                unit="share of variance",
                conventions=(AS_PUBLISHED, "unit=text"),
                family="prompts",
            )


def _activation(scored: Scored, role: str, subject: str, prompts: Sequence[ElicitationPrompt]) -> Iterator[Finding]:
    """A trait under the prompt that is to call it up, minus under all other prompts."""
    mine = scored.roles == role
    for trait, values in scored.scores.items():
        wanted = [one.key for one in prompts if one.trait == trait]
        is_own = np.isin(scored.prompts, wanted) & mine
        if not is_own.any() or not (mine & ~is_own).any():
            continue
        first, second = values[is_own], values[mine & ~is_own]
        effect = welch_t(first, second)
        stem = f"activation.{scored.scorer}.{trait_title(trait)}"
        yield Finding.of(
            stem,
            subject,
            effect,
            unit=scored.unit,
            conventions=(AS_PUBLISHED, "unit=text"),
            family="activation",
        )
        if len(wanted) > 1:
            clusters = [list(scored.prompts[is_own]), list(scored.prompts[mine & ~is_own])]
            yield Finding.of(
                stem,
                subject,
                cluster_difference(first, second, *clusters),
                unit=scored.unit,
                conventions=(CORRECTED, "unit=prompt"),
                family="activation",
            )
        else:
            rest = scored.prompts[mine & ~is_own]
            means = np.array([known_mean(second[rest == prompt]) for prompt in dict.fromkeys(rest)])
            rank = proportion(int((means < known_mean(first)).sum()), len(means))
            note = "one prompt calls this trait up: how it would be with another is unknown"
            yield Finding.of(
                f"activation_rank.{scored.scorer}.{trait_title(trait)}",
                subject,
                replace(rank, note=note),
                unit="share of other prompts below it",
                conventions=(CORRECTED, "unit=prompt"),
            )


def _tuning(scored: Scored, subjects: dict[str, str]) -> Iterator[Finding]:
    """Fine-tuned minus base, paired by prompt."""
    if "tuned" not in subjects or "subject" not in subjects:
        return
    for trait, values in scored.scores.items():
        pairs = []
        for prompt in dict.fromkeys(scored.prompts):
            two = [values[(scored.roles == role) & (scored.prompts == prompt)] for role in ("tuned", "subject")]
            pairs.append([known_mean(one) for one in two])
        yield Finding.of(
            f"tuned.{scored.scorer}.{trait_title(trait)}",
            subjects["tuned"],
            paired_t(*np.array(pairs).T),
            unit=scored.unit,
            conventions=(CORRECTED, "unit=prompt"),
            family="tuned",
        )


def _sizes(scored: Scored, settings: ElicitingSettings, writers: Sequence[str]) -> Iterator[Finding]:
    """Mean of each model with the logarithm of its parameters."""
    known = [(role, size) for role, size in zip(writers, settings.sizes, strict=False) if role != "tuned"]
    if len(known) < 3:
        return
    logs = [float(np.log10(size)) for _, size in known]
    for trait, values in scored.scores.items():
        means = [known_mean(values[scored.roles == role]) for role, _ in known]
        for way, correlate in ((AS_PUBLISHED, pearson), (CORRECTED, spearman)):
            yield Finding.of(
                f"parameters.{scored.scorer}.{trait_title(trait)}",
                EVERY_MODEL,
                correlate(logs, means),
                unit="r with log parameters",
                conventions=(way, "unit=model"),
                family="parameters",
            )
