"""Traits as z-scores, levels, percentiles and poles."""

from __future__ import annotations

import math
from statistics import NormalDist

import pytest
from hypothesis import given
from hypothesis import strategies as st

from personae.persona import BIG_FIVE, LEVELS, POLE_Z, level_of, percentile_of, pole_of, trait_title, trait_words
from personae.persona import z_of_level as z_of

z_scores = st.floats(-6, 6, allow_nan=False)


@given(z_scores)
def test_a_level_and_that_of_the_mirror_image_mirror_each_other(z: float) -> None:
    assert level_of(z) + level_of(-z) == 10


@given(z_scores, z_scores)
def test_a_higher_z_score_never_has_a_lower_level(one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert level_of(low) <= level_of(high)


@given(z_scores)
def test_levels_are_one_to_nine(z: float) -> None:
    assert level_of(z) in range(1, 10)
    assert type(level_of(z)) is int


@pytest.mark.parametrize("level", range(1, 10))
def test_the_middle_of_a_level_lies_in_it_and_so_do_its_surroundings(level: int) -> None:
    for shift in (-0.24, -0.1, 0.0, 0.1, 0.24):
        assert level_of(z_of(level) + shift) == level


def test_levels_span_half_a_standard_deviation_and_the_ends_are_open() -> None:
    assert [z_of(level) for level in range(1, 10)] == [-2.0, -1.5, -1.0, -0.5, 0.0, 0.5, 1.0, 1.5, 2.0]
    assert level_of(0.249) == 5
    assert level_of(0.251) == 6
    assert level_of(1.749) == 8
    assert level_of(1.75) == 9
    assert level_of(-1.75) == 1
    assert level_of(6) == 9
    assert LEVELS == 9


@pytest.mark.parametrize("level", [0, 10, -1, 100])
def test_there_is_no_tenth_level(level: int) -> None:
    with pytest.raises(ValueError, match="is not 1 to 9"):
        z_of(level)


@given(z_scores)
def test_percentiles_are_those_of_the_normal_distribution(z: float) -> None:
    assert percentile_of(z) == pytest.approx(100 * NormalDist().cdf(z), abs=1e-9)
    assert percentile_of(z) + percentile_of(-z) == pytest.approx(100)


def test_some_percentiles_of_the_table() -> None:
    assert percentile_of(0) == 50
    for z, share in ((1, 84.134), (-1, 15.866), (1.96, 97.5), (2, 97.725)):
        assert percentile_of(z) == pytest.approx(share, abs=0.005)


@given(z_scores, st.floats(0, 3))
def test_a_pole_is_the_sign_of_a_trait_that_is_far_enough_out(z: float, least: float) -> None:
    expected = 0 if abs(z) < least else int(math.copysign(1, z)) if z else -1
    assert pole_of(z, least=least) in ((expected,) if z else (-1, 0, 1))
    assert pole_of(z, least=0.5) == -pole_of(-z, least=0.5)


def test_the_pole_begins_at_half_a_standard_deviation() -> None:
    assert [pole_of(z) for z in (-1.5, -0.5, -0.49, 0, 0.49, 0.5, 1.5)] == [-1, -1, 0, 0, 0, 1, 1]


def test_a_bare_adjective_stands_for_one_in_fifteen() -> None:
    assert 100 / (100 - percentile_of(POLE_Z)) == pytest.approx(15, abs=0.1)
    assert pole_of(POLE_Z) == 1


def test_titles_are_the_last_word_of_the_key() -> None:
    assert trait_title("big_five.extraversion") == "extraversion"
    assert trait_title("big_five.extraversion.activity_level") == "activity level"


def test_the_five_domains_have_words_in_the_order_of_personallm() -> None:
    initials = "".join(key.partition(".")[2][0] for key in BIG_FIVE)
    assert initials == "eacno"
    assert tuple(trait_words()) == BIG_FIVE
    for key, words in trait_words().items():
        assert words.key == key
        assert words.title.lower().startswith(trait_title(key))


def test_there_are_104_marker_adjectives_in_52_pairs() -> None:
    counts = {key.partition(".")[2]: len(words.markers) for key, words in trait_words().items()}
    assert counts == {
        "extraversion": 9,
        "agreeableness": 11,
        "conscientiousness": 10,
        "neuroticism": 10,
        "openness": 12,
    }
    adjectives = [word for words in trait_words().values() for pair in words.markers for word in (pair.low, pair.high)]
    assert len(adjectives) == len(set(adjectives)) == 104
    assert all(word == word.strip().lower() for word in adjectives)
