"""People to align with where no records are given: drawn, answering by a graded response model."""

from __future__ import annotations

import numpy as np

from personae.papers.personality_alignment.inventory import DOMAINS, HIGHEST, LOWEST, Floats, Inventory

_FACTOR, _SLOPE = 0.9, 1.6
_THRESHOLDS = np.array([-1.8, -0.6, 0.5, 1.7])


def draw_answers(count: int, inventory: Inventory, rng: np.random.Generator) -> Floats:
    """Raw answers of drawn people: five independent domains, items that share most of theirs, slopes as people have.

    They are nobody: five normal traits and noise. Correlations between domains and facets are left out.
    """
    traits = rng.normal(size=(count, len(DOMAINS)))
    places = np.array([DOMAINS.index(domain) for domain in inventory.domains])
    items = len(inventory.ids)
    own = _FACTOR * traits[:, places] + np.sqrt(1 - _FACTOR**2) * rng.normal(size=(count, items))
    easiness = rng.normal(0, 0.5, items)
    towards = np.array(inventory.signs) * own + easiness
    above = 1 / (1 + np.exp(-_SLOPE * (towards[:, :, None] - _THRESHOLDS)))
    answers: Floats = LOWEST + (rng.random((count, items))[:, :, None] < above).sum(axis=-1).astype(np.float64)
    return np.clip(answers, LOWEST, HIGHEST)
