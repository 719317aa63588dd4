"""Does the questionnaire score follow the persona? Effect sizes as published and corrected, tests, means, recovery.

As published: sums of items, population SD, a normality gate before ANOVA or Mann-Whitney, respondents as units.
Corrected: sample SD, and the 32 prompts as units, because ten draws from one prompt are not ten people.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from personae.papers.personallm.groups import MEANS, SUMS, Group
from personae.persona import BIG_FIVE, trait_title
from personae.stats import (
    cluster_cohens_d,
    cluster_difference,
    cluster_mean,
    cohens_d,
    gated_test,
    hedges_g,
    point_biserial,
)
from personae.study import AS_PUBLISHED, CORRECTED, Finding

_SD = "pooled SD"
_FAMILY = "effects"


def effect_findings(group: Group) -> Iterator[Finding]:
    """Effect of each persona pole on its own scale."""
    for trait in BIG_FIVE:
        yield from _effect_sizes(group, trait)
    for trait in BIG_FIVE:
        yield from _tests(group, trait)
    for trait in BIG_FIVE:
        yield from _means(group, trait)
    yield from _recovery(group)


def _effect_sizes(group: Group, trait: str) -> Iterator[Finding]:
    name, subject = trait_title(trait), group.subject
    published = cohens_d(*group.main.by_pole(trait, SUMS), ddof=0, pooled="weighted")
    yield Finding.of(f"d.{name}", subject, published, unit=_SD, conventions=(AS_PUBLISHED, *SUMS.spell()))
    high, low = group.main.by_pole(trait, MEANS)
    clustered = cluster_cohens_d(high, low, *group.main.clusters_by_pole(trait), ddof=1)
    yield Finding.of(f"d.{name}", subject, clustered, unit=_SD, conventions=(CORRECTED, *MEANS.spell(), "unit=prompt"))
    yield Finding.of(f"g.{name}", subject, hedges_g(high, low), unit=_SD, conventions=(CORRECTED, *MEANS.spell()))


def _tests(group: Group, trait: str) -> Iterator[Finding]:
    name, subject = trait_title(trait), group.subject
    gated = gated_test(*group.main.by_pole(trait, SUMS))
    yield Finding.of(f"test.{name}", subject, gated, conventions=(AS_PUBLISHED, *SUMS.spell()), family=_FAMILY)
    high, low = group.main.by_pole(trait, MEANS)
    difference = cluster_difference(high, low, *group.main.clusters_by_pole(trait))
    yield Finding.of(
        f"difference.{name}",
        subject,
        difference,
        unit="scale points",
        conventions=(CORRECTED, *MEANS.spell(), "unit=prompt"),
        family=_FAMILY,
    )


def _means(group: Group, trait: str) -> Iterator[Finding]:
    scores = group.main.by_pole(trait, MEANS)
    clusters = group.main.clusters_by_pole(trait)
    for pole, values, codes in zip(("high", "low"), scores, clusters, strict=True):
        yield Finding.of(
            f"mean.{trait_title(trait)}.{pole}",
            group.subject,
            cluster_mean(values, codes),
            unit="scale points",
            conventions=(CORRECTED, *MEANS.spell(), "unit=prompt"),
        )


def _recovery(group: Group) -> Iterator[Finding]:
    """Correlation between the trait that was asked for and the score that came back, by trait and over all."""
    planted, measured = [], []
    for trait in BIG_FIVE:
        poles, scores = group.main.poles(trait), group.main.scores(trait, MEANS)
        planted.append(poles)
        measured.append(scores)
        yield Finding.of(
            f"recovery.{trait_title(trait)}",
            group.subject,
            point_biserial(poles, scores),
            unit="r",
            conventions=(CORRECTED, *MEANS.spell()),
        )
    yield Finding.of(
        "recovery.overall",
        group.subject,
        point_biserial(np.concatenate(planted), np.concatenate(measured)),
        unit="r",
        conventions=(CORRECTED, *MEANS.spell(), "unit=respondent and trait"),
    )
