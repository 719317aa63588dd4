"""Predictions that need no model: what every aligned model has to beat."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from personae.papers.personality_alignment.inventory import DOMAINS, HIGHEST, LOWEST, Floats, Inventory

ALWAYS = (3, 4)


def predictions(answers: Floats, inventory: Inventory) -> Iterator[tuple[str, bool, Floats]]:
    """Name, whether it is as published or corrected, and the predicted answers, people by items.

    The mean of an item over the very people that are predicted knows their answers; corrected, each is left out of
    their own mean. Means are rounded to an option, as a model has to give one.
    """
    for value in ALWAYS:
        yield f"always_{value}", True, np.full(answers.shape, float(value))
    known = np.isfinite(answers)
    counts, totals = known.sum(axis=0), np.nansum(answers, axis=0)
    yield "item_mean", True, np.broadcast_to(_rounded(totals / np.maximum(counts, 1)), answers.shape)
    without = (totals - np.where(known, answers, 0.0)) / np.maximum(counts - known, 1)
    yield "item_mean", False, _rounded(without)
    own = np.full(answers.shape, np.nan)
    for domain in DOMAINS:
        told = inventory.columns(inventory.described, domain)
        means = row_means(answers[:, told])
        own[:, inventory.columns(inventory.ids, domain)] = _rounded(means)[:, None]
    yield "own_domain_mean", True, own


def distances(answers: Floats, predicted: Floats, inventory: Inventory, items: tuple[str, ...]) -> Floats:
    """Mean absolute difference of each person by domain, in the order of :data:`DOMAINS`."""
    apart = np.abs(answers - predicted)
    return np.column_stack([row_means(apart[:, inventory.columns(items, domain)]) for domain in DOMAINS])


def random_distances(answers: Floats, inventory: Inventory, items: tuple[str, ...]) -> Floats:
    """What a uniformly random option costs, exactly: the mean over all options."""
    options = range(LOWEST, HIGHEST + 1)
    each = [distances(answers, np.full(answers.shape, float(value)), inventory, items) for value in options]
    mean: Floats = np.mean(each, axis=0)
    return mean


def row_means(values: Floats) -> Floats:
    """Mean of what is known in each row."""
    counts = np.isfinite(values).sum(axis=1)
    totals = np.nansum(values, axis=1)
    means: Floats = np.divide(totals, counts, out=np.full(len(values), np.nan), where=counts > 0)
    return means


def _rounded(values: Floats) -> Floats:
    rounded: Floats = np.clip(np.round(values), LOWEST, HIGHEST)
    return rounded
