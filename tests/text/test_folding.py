"""Spellings that are compared."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from personae.text import folded_words, without_accents


def test_accents_go_and_case_stays() -> None:
    assert without_accents("Ñandú São Łódź Ağrı Hồ Chí Minh") == "Nandu Sao Lodz Agri Ho Chi Minh"


def test_hyphens_part_words_and_apostrophes_do_not() -> None:
    assert folded_words("Haft-Sin, pu’er & Ya'ar_x 3") == ["haft", "sin", "pu'er", "ya'ar", "x", "3"]


@given(st.text(max_size=60))
def test_folding_twice_is_folding_once(text: str) -> None:
    once = folded_words(text)
    assert folded_words(" ".join(once)) == once
