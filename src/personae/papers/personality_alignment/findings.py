"""What is found about the records of people, and how near a model's answers come to theirs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from personae.papers.personality_alignment.inventory import DOMAINS, Floats, Inventory
from personae.papers.personality_alignment.predictors import distances, predictions, random_distances, row_means
from personae.stats import Estimate, cronbach_alpha, one_sample_t, paired_t, pearson, proportion
from personae.study import AS_PUBLISHED, CORRECTED, Finding, correct_families

PEOPLE = "people"
_MAE = "summed mean absolute difference, scale points"
MISREAD = "few_shot_misread"
BASELINE = "own_domain_mean"


@dataclass(frozen=True)
class Records:
    """Answers of people, turned by their key."""

    inventory: Inventory
    stored: Floats


@dataclass(frozen=True)
class Told:
    """Answers of a model in one condition, beside those of the people."""

    condition: str
    people: Sequence[str]
    answers: Floats
    """People by items, raw; NaN where the item was not asked or not answered."""
    human: Floats
    """Raw answers of the same people."""


def record_findings(records: Records, items: tuple[str, ...]) -> Iterator[Finding]:
    """Whether the answers are turned already, how reliable they are, and what trivial predictions come to."""
    stored, inventory = records.stored, records.inventory
    known = int(np.isfinite(stored).sum())
    yield Finding.of(
        "answered", PEOPLE, proportion(known, stored.size), unit="share of answers", conventions=(CORRECTED,)
    )
    turned = inventory.turned(stored)
    signs = np.array(inventory.signs)
    for domain in DOMAINS:
        columns = inventory.columns(inventory.ids, domain)
        mine = stored[:, columns]
        unit = "coefficient"
        filled = cronbach_alpha(_filled(mine))
        yield Finding.of(f"alpha.{domain}", PEOPLE, filled, unit=unit, conventions=(AS_PUBLISHED, "missing=item mean"))
        yield Finding.of(f"alpha.{domain}", PEOPLE, cronbach_alpha(mine), unit=unit, conventions=(CORRECTED,))
        again = cronbach_alpha(turned[:, columns])
        yield Finding.of(f"alpha_turned_again.{domain}", PEOPLE, again, unit=unit, conventions=(CORRECTED,))
        with_it, against = (mine[:, signs[columns] == sign] for sign in (1, -1))
        yield Finding.of(
            f"keys.{domain}",
            PEOPLE,
            replace(pearson(row_means(with_it), row_means(against)), p_value=None),
            unit="r",
            conventions=(CORRECTED, "between=mean of items keyed with and against"),
        )
        told, rest = (stored[:, inventory.columns(part, domain)] for part in (inventory.described, inventory.predicted))
        yield Finding.of(
            f"halves.{domain}",
            PEOPLE,
            replace(pearson(row_means(told), row_means(rest)), p_value=None),
            unit="r",
            conventions=(CORRECTED, "between=described and predicted items"),
        )
    yield from trivial_findings(records, items)


def trivial_findings(records: Records, items: tuple[str, ...]) -> Iterator[Finding]:
    """What predictions without a model come to; a turned answer is as far from another as a raw one is."""
    stored, inventory = records.stored, records.inventory
    for name, as_published, predicted in predictions(stored, inventory):
        apart = distances(stored, predicted, inventory, items)
        yield _summed(f"mae.{name}", PEOPLE, apart, AS_PUBLISHED if as_published else CORRECTED)
    yield _summed("mae.random", PEOPLE, random_distances(stored, inventory, items), AS_PUBLISHED)


def model_findings(
    subject: str, told: Sequence[Told], inventory: Inventory, items: tuple[str, ...], held: tuple[str, ...]
) -> list[Finding]:
    """How near each prompt comes to the people, against what needs no model, and the best prompt chosen two ways.

    As published, answers are taken as turned and stored answers as raw: the misread prompt is scored against what it
    showed. Corrected, raw answers are compared with raw answers.
    """
    found: list[Finding] = []
    by_condition = {}
    people = next((one for one in told if one.condition != "none"), None)
    if people is None:
        return found
    baseline = _baseline(people.human, inventory, items)
    for one in told:
        apart = distances(one.human, one.answers, inventory, items)
        found.append(_summed(f"mae.{one.condition}", subject, apart, CORRECTED))
        if one.condition == MISREAD:
            shown = distances(inventory.turned(one.human), one.answers, inventory, items)
            found.append(_summed(f"mae.{one.condition}", subject, shown, AS_PUBLISHED))
        for place, domain in enumerate(DOMAINS):
            mean = replace(one_sample_t(apart[:, place]), p_value=None)
            found.append(
                Finding.of(
                    f"distance.{domain}.{one.condition}", subject, mean, unit="scale points", conventions=(CORRECTED,)
                )
            )
        beyond = paired_t(apart.sum(axis=1), baseline.sum(axis=1))
        found.append(
            Finding.of(
                f"beyond.{one.condition}",
                subject,
                beyond,
                unit="scale points; below 0 it is better than the person's own domain means",
                conventions=(CORRECTED, "unit=person"),
                family="prompts",
            )
        )
        by_condition[one.condition] = (
            apart.sum(axis=1),
            row_means(np.abs(one.human - one.answers)[:, inventory.columns(held)]),
        )
    found += _best(subject, by_condition)
    return correct_families(found)


def _best(subject: str, by_condition: dict[str, tuple[Floats, Floats]]) -> Iterator[Finding]:
    """The prompt that suits each person best: chosen on the scored items themselves, or on items kept back."""
    scored = np.array([apart for apart, _ in by_condition.values()])
    held = np.array([apart for _, apart in by_condition.values()])
    usable = np.isfinite(scored).all(axis=0)
    if usable.any():
        lowest = np.where(usable, np.min(np.where(np.isfinite(scored), scored, np.inf), axis=0), np.nan)
        yield _of_sums("mae.best_prompt", subject, lowest, (AS_PUBLISHED, "chosen_on=scored items"))
    usable &= np.isfinite(held).all(axis=0)
    if usable.any():
        chosen = np.argmin(np.where(np.isfinite(held), held, np.inf), axis=0)
        honest = np.where(usable, scored[chosen, np.arange(scored.shape[1])], np.nan)
        yield _of_sums("mae.best_prompt", subject, honest, (CORRECTED, "chosen_on=items kept back"))


def _baseline(human: Floats, inventory: Inventory, items: tuple[str, ...]) -> Floats:
    stored = inventory.turned(human)
    for name, _, predicted in predictions(stored, inventory):
        if name == BASELINE:
            return distances(human, inventory.turned(predicted), inventory, items)
    raise AssertionError(BASELINE)


def _summed(name: str, subject: str, apart: Floats, convention: str) -> Finding:
    return _of_sums(name, subject, apart.sum(axis=1), (convention,))


def _of_sums(name: str, subject: str, sums: Floats, conventions: tuple[str, ...]) -> Finding:
    mean: Estimate = replace(one_sample_t(sums), p_value=None)
    method = "sum over five domains of the mean absolute difference, mean over people, t interval"
    return Finding.of(name, subject, replace(mean, method=method), unit=_MAE, conventions=(*conventions, "unit=person"))


def _filled(values: Floats) -> Floats:
    """Missing answers as the mean of their item."""
    counts = np.maximum(np.isfinite(values).sum(axis=0), 1)
    filled: Floats = np.where(np.isfinite(values), values, np.nansum(values, axis=0) / counts)
    return filled
