from __future__ import annotations

import math
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from personae.text import (
    distinct_n,
    flesch_reading_ease,
    long_word_share,
    mtld,
    tokenize,
    type_token_ratio,
    words_per_sentence,
)

TOKENS = st.lists(st.sampled_from("abcdefgh"), max_size=80)


def test_type_token_ratio_counts_distinct_tokens() -> None:
    assert type_token_ratio(["a", "b", "a", "a"]) == 0.5
    assert type_token_ratio(["a"]) == 1.0
    assert math.isnan(type_token_ratio([]))


def test_mtld_of_the_example_of_its_authors() -> None:
    # McCarthy & Jarvis (2010): "of the people by the people" ends a factor, as the ratio falls from .80 to .67;
    # "for the people" begins anew at 1.00. Backwards "people the for people the" ends one.
    assert mtld(tokenize("Of the people, by the people, for the people")) == 9.0


def test_mtld_adds_the_part_of_a_factor_that_is_left() -> None:
    # Forwards "aba" falls to .67, a factor; "abca" is left at .75. Backwards "acbaa" falls to .60; "ba" is left at 1.
    forwards = 7 / (1 + (1 - 0.75) / (1 - 0.72))
    backwards = 7 / 1
    assert mtld(list("abaabca")) == pytest.approx((forwards + backwards) / 2)


def test_mtld_ends_a_factor_when_the_ratio_reaches_the_threshold_exactly() -> None:
    # 18 types in 25 tokens are a ratio of .72, one factor, read from either end; other words begin the next one.
    block = [*range(18), *range(7)]
    tokens = [f"{letter}{number}" for letter in "ab" for number in block]
    assert type_token_ratio(tokens[:25]) == type_token_ratio(tokens) == 0.72
    assert mtld(tokens) == 25.0
    assert mtld(tokens, threshold=0.719) > 25.0


def test_mtld_of_one_repeated_word_is_two() -> None:
    assert mtld(["so"] * 10) == 2.0


def test_mtld_is_undefined_without_any_repetition() -> None:
    assert math.isnan(mtld([]))
    assert math.isnan(mtld(["one"]))
    assert math.isnan(mtld(["one", "two", "three"]))


@given(TOKENS)
def test_mtld_is_the_same_backwards_and_at_least_one(tokens: list[str]) -> None:
    value = mtld(tokens)
    if math.isnan(value):
        assert len(set(tokens)) == len(tokens)
    else:
        assert value >= 1.0
        assert value == mtld(tokens[::-1])


def test_mtld_hardly_depends_on_length_where_the_type_token_ratio_does() -> None:
    rng = random.Random(1)
    vocabulary = [f"w{number}" for number in range(300)]
    weights = [1 / (rank + 1) for rank in range(300)]
    short, long = (rng.choices(vocabulary, weights, k=size) for size in (400, 4000))
    assert mtld(long) == pytest.approx(mtld(short), rel=0.15)
    assert type_token_ratio(long) < 0.5 * type_token_ratio(short)


@pytest.mark.parametrize("threshold", [0.0, 1.0, -0.5, 2.0, math.nan])
def test_mtld_refuses_a_threshold_that_is_no_ratio(threshold: float) -> None:
    with pytest.raises(ValueError, match="not between 0 and 1"):
        mtld(["a", "a"], threshold=threshold)


def test_a_higher_threshold_ends_factors_earlier() -> None:
    tokens = random.Random(2).choices("abcdefghijklmnop", k=200)
    assert mtld(tokens, threshold=0.8) < mtld(tokens, threshold=0.5)


def test_distinct_n_counts_distinct_n_grams() -> None:
    tokens = list("ababa")
    assert distinct_n(tokens, 1) == 2 / 5
    assert distinct_n(tokens, 2) == 2 / 4
    assert distinct_n(tokens, 3) == 2 / 3
    assert distinct_n(tokens, 5) == 1.0
    assert math.isnan(distinct_n(tokens, 6))
    assert math.isnan(distinct_n([], 1))
    with pytest.raises(ValueError, match="at least one"):
        distinct_n(tokens, 0)


@given(TOKENS.filter(bool), st.integers(1, 4))
def test_distinct_n_lies_in_the_unit_interval_and_extends_the_type_token_ratio(tokens: list[str], n: int) -> None:
    assert distinct_n(tokens, 1) == type_token_ratio(tokens)
    if len(tokens) >= n:
        assert 0 < distinct_n(tokens, n) <= 1


def test_words_per_sentence_is_a_mean() -> None:
    assert words_per_sentence("One two three. Four. Five six!") == 2.0
    assert words_per_sentence("no stop here") == 3.0
    assert math.isnan(words_per_sentence("... 😊"))


def test_long_words_have_more_than_six_letters() -> None:
    assert long_word_share(["sister", "sisters", "a"]) == pytest.approx(1 / 3)
    assert long_word_share(["they'll've"]) == 1.0  # eight letters
    assert long_word_share(["couldn't"]) == 1.0  # seven letters
    assert long_word_share(["didn't", "1234567"]) == 0.0  # five letters; digits are no letters
    assert math.isnan(long_word_share([]))


def test_flesch_follows_its_formula() -> None:
    # Six words of one syllable in one sentence.
    assert flesch_reading_ease("The cat sat on the mat.") == pytest.approx(206.835 - 1.015 * 6 - 84.6)
    # Two sentences, four words, 2 + 4 + 1 + 2 syllables.
    text = "Happy education. Dogs enjoy."
    assert flesch_reading_ease(text) == pytest.approx(206.835 - 1.015 * 2 - 84.6 * 9 / 4)
    assert math.isnan(flesch_reading_ease("!!!"))


def test_flesch_puts_plain_prose_above_bureaucratic_prose() -> None:
    plain = "We went to the park. The sun was out. My son ran to the pond and fed the ducks."
    heavy = "Notwithstanding organisational considerations, implementation necessitates interdepartmental coordination."
    assert flesch_reading_ease(plain) > 90
    assert flesch_reading_ease(heavy) < 0


@settings(deadline=None)
@given(st.text(max_size=80))
def test_every_feature_is_a_number_or_nan_for_any_text(text: str) -> None:
    tokens = tokenize(text)
    values = [type_token_ratio(tokens), long_word_share(tokens), words_per_sentence(text), flesch_reading_ease(text)]
    assert [math.isnan(value) for value in values] == [not tokens] * 4
    assert math.isnan(mtld(tokens)) == (len(set(tokens)) == len(tokens))
