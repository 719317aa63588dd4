"""Texts by people of known traits, for classifiers that are to be rehearsed: simulated, and labelled so."""

from __future__ import annotations

import random

import numpy as np

from personae.judge import LabelledTexts
from personae.persona import BIG_FIVE
from personae.respondent.writing import Length, write_text

SOURCE = "texts written by sim"


def simulated_texts(people: int = 200, *, words: int = 150, seed: int = 0) -> LabelledTexts:
    """Write one text for each of some people whose traits are drawn; a label says which half of the trait they are in.

    When to use: to rehearse a pipeline that trains a classifier. What is trained on these has learnt the sentence bank
    of the simulated respondent, and nothing about people.

    Args:
        people: How many people.
        words: About how long each text is.
        seed: Draws of people and sentences.

    Example:
        >>> found = simulated_texts(4)
        >>> len(found.texts), found.is_simulated, sorted(set(found.labels["big_five.openness"]))
        (4, True, [0.0, 1.0])
    """
    rng = np.random.default_rng(seed)
    drawn = rng.normal(size=(people, len(BIG_FIVE)))
    texts = tuple(
        write_text(dict(zip(BIG_FIVE, map(float, row), strict=True)), Length(words), random.Random(f"{seed}/{number}"))
        for number, row in enumerate(drawn)
    )
    labels = {trait: tuple(float(z > 0) for z in column) for trait, column in zip(BIG_FIVE, drawn.T, strict=True)}
    return LabelledTexts(texts, labels, SOURCE, is_simulated=True)
