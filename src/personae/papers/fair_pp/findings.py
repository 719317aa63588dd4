"""What segments prefer, how far they are from each other and from a model, and whether alignment finds one of them.

As published: one order, in which A is always the first pole of a dimension; distances between shares of A, B and C over
all questions; seven segments that count alike; weights that sum to 1 over tiers. Shares over all questions forget who
said what where: two people who never agree can be at a distance of 0. Corrected: the side chosen in both orders,
compared question by question; segments by their share of the population; weights whose mean is 1.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from personae.papers.fair_pp.alignment import align, trained
from personae.papers.fair_pp.answers import Answers, answers_of
from personae.papers.fair_pp.distances import differing, js_between, open_codes
from personae.papers.fair_pp.questions import DIMENSIONS
from personae.papers.fair_pp.segments import KEYS, SEGMENTS
from personae.papers.fair_pp.settings import FairSettings
from personae.papers.fair_pp.weights import NO_ANSWER, TIERS, tier_weights, tiers_of
from personae.stats import Estimate, cluster_mean, cohen_kappa, proportion
from personae.stats.samples import undefined
from personae.study import AS_PUBLISHED, CORRECTED, Finding, correct_families

if TYPE_CHECKING:
    import polars as pl

Ints = NDArray[np.int64]
_LETTERS = ("a", "b", "none")


def measure_table(table: pl.DataFrame, settings: FairSettings) -> list[Finding]:
    """Measure a fresh run, or published answers."""
    found: list[Finding] = []
    if "text" not in table.columns:
        return found
    for (model,), mine in table.group_by(["model"], maintain_order=True):
        subject = str(model)
        answers = answers_of(mine)
        if not answers.questions:
            continue
        found += [
            *_sizes(answers, subject),
            *_anchors(answers, subject),
            *_population(answers, subject),
            *_distances(answers, subject),
            *_positions(answers, subject),
            *_validity(answers, subject),
            *_tiers(answers, settings, subject),
            *correct_families(list(align(answers, settings, subject))),
            *trained(answers, subject),
        ]
    return found


def _sizes(answers: Answers, subject: str) -> Iterator[Finding]:
    n = len(answers.questions)
    given = int((answers.published[: len(KEYS)] != NO_ANSWER).sum())
    for name, number in (
        ("records", len(KEYS) * n),
        ("questions", n),
        ("groups", len({one.place.group for one in answers.questions})),
        ("topics", len({one.place.problem for one in answers.questions})),
        ("dimensions", len({one.place.dimension for one in answers.questions})),
    ):
        count = Estimate(float(number), float(number), float(number), number, method="count")
        yield Finding.of(name, subject, count, unit="count", conventions=(AS_PUBLISHED,))
    share = proportion(given, len(KEYS) * n)
    yield Finding.of("answered", subject, share, unit="share of records", conventions=(AS_PUBLISHED,))


def _anchors(answers: Answers, subject: str) -> Iterator[Finding]:
    """Shares of A, B and no answer, by segment and dimension."""
    of = np.array([one.place.dimension for one in answers.questions])
    for place, segment in enumerate(KEYS):
        for dimension in range(1, DIMENSIONS + 1):
            mine = of == dimension
            if not mine.any():
                continue
            for way, codes in ((AS_PUBLISHED, answers.published), (CORRECTED, answers.sides)):
                for code, letter in enumerate(_LETTERS):
                    share = proportion(int((codes[place, mine] == code).sum()), int(mine.sum()))
                    name = f"anchor.{letter}.{segment}.d{dimension}"
                    yield Finding.of(name, subject, share, unit="share of questions", conventions=(way,))


def _population(answers: Answers, subject: str) -> Iterator[Finding]:
    """Share of the population that is for the first pole, by dimension, topic and type of group."""
    shares = np.array([one.share for one in SEGMENTS])
    cuts: dict[str, list[str]] = {
        "dimension": [f"d{one.place.dimension}" for one in answers.questions],
        "topic": [_plain(one.place.topic) for one in answers.questions],
        "group_type": [_plain(one.place.group_type) for one in answers.questions],
    }
    for way, codes, weights in (
        (AS_PUBLISHED, answers.published, np.full(len(KEYS), 1 / len(KEYS))),
        (CORRECTED, answers.sides, shares / shares.sum()),
    ):
        seven = codes[: len(KEYS)]
        there = seven != NO_ANSWER
        total = (there * weights[:, None]).sum(axis=0)
        with np.errstate(invalid="ignore"):
            value = ((seven == 0) * weights[:, None]).sum(axis=0) / np.where(total > 0, total, np.nan)
        ways = (way, "segments=" + ("alike" if way == AS_PUBLISHED else "by share"))
        for cut, labels in cuts.items():
            for label in sorted(set(labels) - {""}):
                mine = [place for place, one in enumerate(labels) if one == label]
                found = cluster_mean(value[mine], [answers.questions[place].place.group for place in mine])
                told = replace(found, low=max(0.0, found.low), high=min(1.0, found.high), p_value=None)
                yield Finding.of(f"population.{cut}.{label}", subject, told, unit="share for A", conventions=ways)


def _plain(name: str) -> str:
    return name.lower().replace(" ", "_").replace(".", "_")


def _distances(answers: Answers, subject: str) -> Iterator[Finding]:
    """Between any two of the seven, and between two askings of one: the floor of every distance."""
    for one, other in combinations(range(len(KEYS)), 2):
        yield from _apart(answers, one, other, subject)
        kappa = cohen_kappa(open_codes(answers.sides[one]), open_codes(answers.sides[other]))
        yield Finding.of(f"kappa.{KEYS[one]}.{KEYS[other]}", subject, kappa, unit="kappa", conventions=(CORRECTED,))
    for place, segment in enumerate(KEYS):
        if (answers.again[place] == NO_ANSWER).all():
            continue  # nobody was asked twice
        floor = js_between(answers.first[place], answers.again[place], f"floor {segment}")
        yield Finding.of(f"floor.js.{segment}", subject, floor, unit="JS distance", conventions=(AS_PUBLISHED,))
        apart = differing(answers.first[place], answers.again[place], answers.places)
        yield Finding.of(f"floor.differ.{segment}", subject, apart, unit="share of questions", conventions=(CORRECTED,))


def _positions(answers: Answers, subject: str) -> Iterator[Finding]:
    """Everybody else as a further row of the same matrices."""
    for number in range(len(KEYS), len(answers.who)):
        if (answers.published[number] == NO_ANSWER).all():
            continue
        for place in range(len(KEYS)):
            yield from _apart(answers, number, place, subject)


def _apart(answers: Answers, one: int, other: int, subject: str) -> Iterator[Finding]:
    name = f"{answers.who[one]}.{answers.who[other]}"
    both = answers.asked[one] & answers.asked[other]
    distance = js_between(answers.published[one, both], answers.published[other, both], name)
    yield Finding.of(f"js.{name}", subject, distance, unit="JS distance", conventions=(AS_PUBLISHED,))
    places = [place for place, is_in in zip(answers.places, both.tolist(), strict=True) if is_in]
    apart = differing(answers.sides[one, both], answers.sides[other, both], places)
    yield Finding.of(f"differ.{name}", subject, apart, unit="share of questions", conventions=(CORRECTED,))


def _validity(answers: Answers, subject: str) -> Iterator[Finding]:
    """Answers that hang on the order of options, and replies that the two ways read differently."""
    for place, who in enumerate(answers.who):
        both = (answers.first[place] != NO_ANSWER) & (answers.swapped[place] != NO_ANSWER)
        if both.any():
            turned = int((both & (answers.first[place] != answers.swapped[place])).sum())
            share = proportion(turned, int(both.sum()), missing=int((~both).sum()))
            yield Finding.of(f"order.{who}", subject, share, unit="share of questions", conventions=(CORRECTED,))
    differs = int((answers.published != answers.first)[: len(KEYS)].sum())
    share = proportion(differs, len(KEYS) * len(answers.questions))
    yield Finding.of("read_differently", subject, share, unit="share of records", conventions=(CORRECTED,))


def _tiers(answers: Answers, settings: FairSettings, subject: str) -> Iterator[Finding]:
    for way, codes in ((AS_PUBLISHED, answers.published[: len(KEYS)]), (CORRECTED, answers.sides[: len(KEYS)])):
        is_published = way == AS_PUBLISHED
        tiers = tiers_of(codes, settings.target - 1, as_published=is_published)
        used = int((tiers > 0).sum())
        for tier in range(1, TIERS + 1):
            share = proportion(int((tiers == tier).sum()), used, missing=len(tiers) - used)
            yield Finding.of(f"tier.{tier}", subject, share, unit="share of questions", conventions=(way,))
        if not used:
            continue
        weights = tier_weights(tiers, alpha=settings.alpha, beta=settings.beta, as_published=is_published)
        for tier in range(1, TIERS + 1):
            value, nan = weights.get(tier), float("nan")
            n = int((tiers == tier).sum())
            told = (
                undefined("no item is in this tier", n=0, missing=0, method="weight")
                if value is None
                else Estimate(value, nan, nan, n, method="(k/7)^alpha (1/N_k)^beta")
            )
            yield Finding.of(f"weight.{tier}", subject, told, unit="weight of an item", conventions=(way,))
