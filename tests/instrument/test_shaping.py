"""Shaping: planted responses are described as they were planted, and a trait that does not move is not said to."""

from __future__ import annotations

import numpy as np
import pytest

from personae.errors import InputError
from personae.instrument.shaping import dose_response, level_means, profile_personas, separation, transfer
from personae.persona import level_of

TRAITS = [
    f"big_five.{name}" for name in ("extraversion", "agreeableness", "conscientiousness", "neuroticism", "openness")
]
LEVELS = np.repeat(np.arange(1, 10), 20)


def test_five_traits_make_thirty_two_profiles_at_the_extremes() -> None:
    profiles = list(profile_personas(TRAITS))
    assert len({code for code, _, _ in profiles}) == 32
    for code, levels, persona in profiles:
        for letter, trait in zip(code, TRAITS, strict=True):
            assert levels[trait] == (9 if letter == "+" else 1)
            z = persona.trait(trait)
            assert z is not None
            assert level_of(z) == levels[trait]
    highs = np.array([[letter == "+" for letter in code] for code, _, _ in profiles])
    assert (highs.sum(axis=0) == 16).all()  # balanced, so that crosstalk is 0 where there is none


def test_a_planted_line_is_recovered() -> None:
    rng = np.random.default_rng(0)
    found = dose_response(LEVELS, 1 + 0.4 * (LEVELS - 1) + rng.normal(0, 0.3, len(LEVELS)), ceiling=4.2)
    assert found.slope.low <= 0.4 <= found.slope.high
    assert found.reach.low <= 3.2 <= found.reach.high
    assert found.rho.estimate > 0.95
    assert found.monotone.estimate > 0.99
    assert 0.2 < found.at_end.estimate < 0.8


def test_a_curve_that_turns_back_is_not_monotone_and_a_flat_one_has_no_slope() -> None:
    rng = np.random.default_rng(1)
    back = dose_response(LEVELS, -np.abs(LEVELS - 5) + rng.normal(0, 0.1, len(LEVELS)), ceiling=5)
    assert back.monotone.estimate < 0.6
    flat = dose_response(LEVELS, 3 + rng.normal(0, 0.3, len(LEVELS)), ceiling=5)
    assert flat.slope.low < 0 < flat.slope.high
    assert flat.at_end.estimate == 0


def test_one_prompt_a_level_has_a_reach_without_interval() -> None:
    found = dose_response([1, 9], [2.0, 4.5], ceiling=5)
    assert found.reach.estimate == 2.5
    assert np.isnan(found.reach.low)


def test_missing_scores_are_counted() -> None:
    scores = LEVELS.astype(float)
    scores[-20:-10] = np.nan
    found = dose_response(LEVELS, scores, ceiling=9)
    assert found.rho.missing == 10
    assert (found.at_end.estimate, found.at_end.n, found.at_end.missing) == (1.0, 10, 10)
    assert level_means(LEVELS, scores)[9] == 9
    assert np.isnan(level_means([1, 2], [1.0, np.nan])[2])
    with pytest.raises(InputError, match="levels have"):
        dose_response([1, 2], [1.0], ceiling=5)


def test_separation_is_of_its_own_trait_alone() -> None:
    rng = np.random.default_rng(2)
    codes = [code for code, _, _ in profile_personas(TRAITS)] * 10
    high = np.array([[letter == "+" for letter in code] for code in codes])
    scores = 2 + 2 * high[:, 0] + rng.normal(0, 0.3, len(codes))
    own, other = separation(high[:, 0], scores), separation(high[:, 1], scores)
    assert own.low <= 2 <= own.high
    assert other.low <= 0 <= other.high


def test_few_biographies_are_few_units() -> None:
    rng = np.random.default_rng(3)
    shared = np.repeat(rng.normal(0, 1, 6), 30)
    high = np.tile(np.repeat([True, False], 15), 6)
    alone = separation(high, shared + high)
    together = separation(high, shared + high, clusters=np.repeat(np.arange(6), 30).tolist())
    assert together.high - together.low > 2 * (alone.high - alone.low)


def test_transfer_follows_order() -> None:
    assert transfer([1, 2, 3, 4], [1, 4, 9, 16]).estimate == 1
    assert transfer([1, 2, 3, 4], [4, 3, 2, 1]).estimate == -1
