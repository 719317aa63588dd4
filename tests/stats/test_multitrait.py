"""Planted validity is recovered with honest intervals; traits that are one are not called two."""

from __future__ import annotations

import math

import numpy as np
import pytest

from personae.errors import InputError
from personae.stats.multitrait import Measure, Multitrait, multitrait

TRAITS, METHODS = ("open", "calm", "kind"), ("form", "text")


def study(
    rng: np.random.Generator, n: int, *, validity: float = 0.8, between: float = 0.3, halo: float = 0.0
) -> Multitrait:
    """Traits that correlate ``between``; two methods that correlate ``validity`` on each; and what a method adds."""
    common = rng.normal(size=(n, 1))
    traits = math.sqrt(between) * common + math.sqrt(1 - between) * rng.normal(size=(n, 3))
    scores = {}
    for method in METHODS:
        shared = rng.normal(size=n)
        for place, trait in enumerate(TRAITS):
            noise = math.sqrt(1 - validity) * rng.normal(size=n)
            scores[Measure(trait, method)] = math.sqrt(validity) * traits[:, place] + noise + halo * shared
    return multitrait(scores)


def test_planted_correlations_are_recovered() -> None:
    found = study(np.random.default_rng(0), 4000)
    for trait in TRAITS:
        assert found.convergent[trait].estimate == pytest.approx(0.8, abs=0.03)
        assert found.discriminant[trait].estimate == pytest.approx(0.8 - 0.8 * 0.3, abs=0.04)
    assert found.convergent_mean.estimate == pytest.approx(0.8, abs=0.02)
    assert found.discriminant_mean.estimate == pytest.approx(0.56, abs=0.03)
    assert found.heterotrait["open", "calm"].estimate == pytest.approx(0.3, abs=0.05)
    assert found.campbell_fiske.estimate == 1.0
    assert found.correlations.shape == (6, 6)


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    rng = np.random.default_rng(1)
    held: dict[str, list[bool]] = {"convergent": [], "discriminant": [], "htmt": []}
    for _ in range(80):
        found = study(rng, 80)
        pairs = (
            ("convergent", found.convergent["open"], 0.8),
            ("discriminant", found.discriminant["open"], 0.56),
            ("htmt", found.heterotrait["open", "calm"], 0.3),
        )
        for name, one, truth in pairs:
            held[name].append(one.low <= truth <= one.high)
    for name, values in held.items():
        assert np.mean(values) == pytest.approx(0.95, abs=0.07), name


def test_one_trait_under_two_names_is_not_two() -> None:
    rng = np.random.default_rng(2)
    same = study(rng, 500, between=0.98)
    assert not same.is_distinct("open", "calm")
    assert study(rng, 500).is_distinct("calm", "open")
    assert same.discriminant["open"].estimate < 0.1


def test_what_a_method_adds_breaks_the_third_criterion() -> None:
    found = study(np.random.default_rng(3), 2000, validity=0.4, halo=1.5)
    assert found.same_method.estimate == 0.0
    assert found.campbell_fiske.estimate > 0.5


def test_respondents_of_one_biography_are_one_unit() -> None:
    rng = np.random.default_rng(4)
    scores = {}
    traits = rng.normal(size=(20, 2))
    for method in METHODS:
        for place, trait in enumerate(("a", "b")):
            scores[trait, method] = np.repeat(traits[:, place] + 0.5 * rng.normal(size=20), 25)
    alone, together = multitrait(scores), multitrait(scores, clusters=np.repeat(np.arange(20), 25))
    width = {name: one.convergent["a"].high - one.convergent["a"].low for name, one in (("x", alone), ("y", together))}
    assert width["y"] > 2 * width["x"]


def test_gaps_constants_and_faults() -> None:
    rng = np.random.default_rng(5)
    scores: dict[tuple[str, str], np.ndarray] = {(t, m): rng.normal(size=50) for t in "ab" for m in METHODS}
    scores["a", "form"][3] = np.nan
    found = multitrait(scores)
    assert (found.convergent["a"].n, found.convergent["a"].missing) == (49, 1)
    scores["b", "text"] = np.ones(50)
    assert math.isnan(multitrait(scores).convergent["a"].estimate)
    del scores["b", "text"]
    with pytest.raises(InputError, match="b is not measured by text"):
        multitrait(scores)
    with pytest.raises(InputError, match="two traits"):
        multitrait({("a", "x"): np.ones(2), ("a", "y"): np.ones(2)})
