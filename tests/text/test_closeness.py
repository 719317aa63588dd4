"""Closeness of texts by rarer words, and the places of sentences."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from personae.text import closeness, flesch_kincaid_grade, placed_sentences, rare_words, syllables, word_weights

WORDS = st.frozensets(st.sampled_from(["bee", "honey", "hive", "garden", "winter"]), max_size=5)


def test_a_sentence_is_closest_to_what_it_says_again() -> None:
    said_before = ("I bake bread for the market.", "The train to town is noisy.", "Bread is dear.")
    texts = [rare_words(one) for one in said_before]
    weight = word_weights(texts)
    said = rare_words("At markets they liked bread")
    scores = [closeness(said, other, weight) for other in texts]
    assert scores[0] == max(scores) > 0.5
    assert scores[1] == 0


def test_one_common_word_is_no_support() -> None:
    texts = [rare_words("honey from the garden"), rare_words("garden tools are heavy")]
    assert closeness(rare_words("My garden"), texts[0], word_weights(texts)) == 0


@given(st.lists(WORDS, min_size=1, max_size=6), WORDS)
def test_closeness_is_a_share(texts: list[frozenset[str]], one: frozenset[str]) -> None:
    weight = word_weights(texts)
    for other in texts:
        assert 0 <= closeness(one, other, weight) <= 1 + 1e-9
        assert not other or closeness(other, other, weight) == pytest.approx(1)


@given(st.text(max_size=200))
def test_sentences_stand_where_they_are_said_to(text: str) -> None:
    last = 0
    for start, end, sentence in placed_sentences(text):
        assert text[start:end] == sentence
        assert start >= last
        last = end


def test_the_grade_is_the_published_formula() -> None:
    text = "The committee deliberated extensively. Nobody agreed."
    words = text.replace(".", "").lower().split()
    expected = 0.39 * len(words) / 2 + 11.8 * sum(map(syllables, words)) / len(words) - 15.59
    assert flesch_kincaid_grade(text) == pytest.approx(expected)
    assert flesch_kincaid_grade("") != flesch_kincaid_grade("")  # NaN
