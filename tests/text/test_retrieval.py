"""Texts found by their words, and long texts cut into passages."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from personae.text import WordIndex, cut_passages, search_words

TEXTS = [
    "I keep bees behind the old school and sell honey on Saturdays.",
    "The bus to town is loud, and I wear headphones.",
    "My brother repairs radios; he taught me to solder.",
]


@pytest.mark.parametrize(("question", "place"), [("Who sells honey?", 0), ("buses are loud", 1), ("Solder a radio", 2)])
def test_a_text_is_found_by_its_words_whatever_their_endings(question: str, place: int) -> None:
    scores = WordIndex(TEXTS).scores(question)
    assert max(scores) == scores[place] > 0


def test_a_score_is_the_published_formula() -> None:
    index = WordIndex(["honey honey garden", "winter garden", "winter"])
    lengths, mean = [3, 2, 1], 2.0
    rarity = math.log(1 + (3 - 1 + 0.5) / (1 + 0.5))
    wanted = rarity * 2 / (2 + 1.5 * (1 - 0.75 + 0.75 * lengths[0] / mean))
    assert index.scores("honey") == pytest.approx([wanted, 0.0, 0.0], rel=1e-5)


def test_nothing_fits_where_no_word_is_shared() -> None:
    assert WordIndex(TEXTS).scores("quantum zebra") == [0.0, 0.0, 0.0]
    assert WordIndex(TEXTS).scores("") == [0.0, 0.0, 0.0]
    assert WordIndex([]).scores("honey") == []
    assert WordIndex(["", "the and of"]).scores("honey") == [0.0, 0.0]


@pytest.mark.parametrize(
    ("texts", "question"),
    [
        (["나는 벌을 키우고 꿀을 판다.", "버스는 시끄럽다."], "꿀을 누가 팔아요?"),
        (["我在学校后面养蜂。", "公共汽车很吵。"], "谁养蜂？"),
        (["蜂蜜を売っています。", "バスはうるさい。"], "蜂蜜はどこで買える？"),
        (["אני מגדל דבורים ומוכר דבש", "האוטובוס רועש"], "מי מגדל דבורים"),
    ],
)
def test_other_scripts_are_searched_too(texts: list[str], question: str) -> None:
    first, second = WordIndex(texts).scores(question)
    assert first > second


def test_a_short_text_is_one_passage_and_paragraphs_are_apart() -> None:
    assert list(cut_passages("  One. Two.  ")) == [(2, 11)]
    text = "One is first.\n\nTwo is second."
    assert [text[start:end] for start, end in cut_passages(text)] == ["One is first.", "Two is second."]
    assert list(cut_passages(" \n\n ")) == []


@settings(max_examples=60, deadline=None)
@given(st.text(st.sampled_from("ab .!?\n\u00e9\u05d0"), max_size=200), st.integers(1, 40))
def test_passages_hold_every_word_once_within_their_length(text: str, longest: int) -> None:
    places = list(cut_passages(text, longest))
    assert all(0 <= start < end <= len(text) and end - start <= longest for start, end in places)
    assert all(before[1] <= after[0] for before, after in pairwise(places))
    inside = "".join(text[start:end] for start, end in places)
    assert [one for one in inside if one.isalnum()] == [one for one in text if one.isalnum()]


def test_words_are_counted_as_often_as_they_occur() -> None:
    assert search_words("Bees and more bees") == ["bees", "bees"]
