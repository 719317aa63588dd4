"""What the figures rest on: replies, knowledge, the judge beside the matcher and beside people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from personae.judge import KnowledgeBase
from personae.papers.presumed_cultural_identity.labels import Labels, label_key
from personae.papers.presumed_cultural_identity.rows import By, Ruling, presumes, score
from personae.stats import Estimate, cohen_kappa, krippendorff_alpha, majority_vote, proportion
from personae.study import AS_PUBLISHED, CORRECTED, Finding

if TYPE_CHECKING:
    import polars as pl

_WAYS: tuple[By, ...] = ("judge", "matcher")


def measure_validity(
    subject: str, table: pl.DataFrame, rulings: Sequence[Ruling], labels: Labels, base: KnowledgeBase
) -> Iterator[Finding]:
    """Sizes, replies that could not be used, gaps of the base, and agreement."""
    yield from _sizes(subject, rulings)
    yield from _replies(subject, table, rulings)
    yield from _knowledge(subject, rulings, base)
    yield from _agreement(subject, rulings, labels)


def _sizes(subject: str, rulings: Sequence[Ruling]) -> Iterator[Finding]:
    named = [one for one in rulings if one.condition == "name"]
    counts = {
        "names": len({(one.name, one.own) for one in named}),
        "cultures": len({one.own for one in named}),
        "queries": len({one.query for one in rulings}),
        "shared_names": len({one.name for one in rulings if one.condition == "shared"}),
    }
    for name, value in counts.items():
        known = Estimate(float(value), float(value), float(value), value, method="count")
        yield Finding.of(f"size.{name}", subject, known, unit=name.replace("_", " "), conventions=(AS_PUBLISHED,))


def _replies(subject: str, table: pl.DataFrame, rulings: Sequence[Ruling]) -> Iterator[Finding]:
    statuses = [one for row in table["reply.statuses"].to_list() for one in row or ()]
    for status in ("refused", "empty", "failed"):
        share = proportion(statuses.count(status), len(statuses))
        yield Finding.of(f"replies.{status}", subject, share, unit="share of replies", conventions=(CORRECTED,))
    asked = [one.status for one in rulings if one.status is not None]
    if asked:
        share = proportion(sum(one in ("ok", "repaired") for one in asked), len(asked))
        yield Finding.of("judged", subject, share, unit="share of ratings asked for", conventions=(CORRECTED,))


def _knowledge(subject: str, rulings: Sequence[Ruling], base: KnowledgeBase) -> Iterator[Finding]:
    """Cultures and facets of which the base knows nothing that the matcher can find; nothing is decided there."""
    places: dict[tuple[str, str], list[Ruling]] = {}
    for one in rulings:
        places.setdefault((one.culture, one.facet), []).append(one)
    empty = [place for place, own in places.items() if all(one.matched is None for one in own)]
    share = replace(proportion(len(empty), len(places)), p_value=None)
    if empty:
        share = replace(share, note=f"nothing on {', '.join(f'{culture} {facet}' for culture, facet in empty[:20])}")
    yield Finding.of(
        "knowledge.missing", subject, share, unit="share of cultures and facets", conventions=(CORRECTED, base.key)
    )
    for culture in dict.fromkeys(culture for culture, _ in places):
        known = sum(key == culture and (key, facet) not in empty for key, facet in places)
        of = sum(key == culture for key, _ in places)
        yield Finding.of(
            f"knowledge.{culture}", subject, proportion(known, of), unit="share of facets", conventions=(CORRECTED,)
        )


def _agreement(subject: str, rulings: Sequence[Ruling], labels: Labels) -> Iterator[Finding]:
    """Kappas, and of people also how often the judge finds what they find."""
    by_way = {way: [_truth(score(one, way)) for one in rulings] for way in _WAYS}
    if any(one is not None for one in by_way["judge"]):
        kappa = cohen_kappa(by_way["judge"], by_way["matcher"])
        yield _agreed("agreement.judge_matcher", subject, kappa, "kappa")
    said = [labels.get(label_key(one.text, one.culture), ()) for one in rulings]
    # The same text may come from several names; people labelled it once.
    first = {label_key(one.text, one.culture): place for place, one in reversed(list(enumerate(rulings)))}
    places = [place for place in first.values() if said[place]]
    if not places:
        return
    people = [majority_vote(said[place]) for place in places]
    most = max(len(said[place]) for place in places)
    if most > 1:
        table = [[*map(float, said[place]), *[np.nan] * (most - len(said[place]))] for place in places]
        yield _agreed("agreement.people", subject, krippendorff_alpha(table), "alpha")
    for way in _WAYS:
        own = [by_way[way][place] for place in places]
        pairs = [(a, bool(b)) for a, b in zip(own, people, strict=True) if a is not None and b is not None]
        if not pairs:
            continue
        missing = len(places) - len(pairs)
        ours, theirs = [a for a, _ in pairs], [b for _, b in pairs]
        yield _agreed(f"agreement.{way}_people", subject, replace(cohen_kappa(ours, theirs), missing=missing), "kappa")
        same = proportion(sum(a == b for a, b in pairs), len(pairs), missing=missing)
        yield _agreed(f"agreed.{way}_people", subject, same, "share of labels")
        for name, side in (("sensitivity", True), ("specificity", False)):
            chosen = [a for a, b in pairs if b is side]
            share = proportion(sum(a is side for a in chosen), len(chosen))
            yield _agreed(
                f"{name}.{way}", subject, share, f"share of what people call {'a' if side else 'no'} presumption"
            )


def _agreed(name: str, subject: str, estimate: Estimate, unit: str) -> Finding:
    return Finding.of(name, subject, replace(estimate, p_value=None), unit=unit, conventions=(CORRECTED,))


def _truth(value: float) -> bool | None:
    return None if value != value else presumes(int(value))
