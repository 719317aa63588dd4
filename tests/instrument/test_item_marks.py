"""Where the answers to items stand in a reply."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from personae.instrument.item_marks import find_spans
from personae.instrument.option_reader import OptionReader
from support.questionnaires import LETTERS_44, in_words, lettered, numbered

FIVE = OptionReader(numbered())
ABC = ("a", "b", "c")
ONE_TO_THREE = ("1", "2", "3")


def found(text: str, labels: tuple[str, ...] = ABC, reader: OptionReader = FIVE) -> list[tuple[str, str]]:
    return [(span.label, text[span.start : span.end].strip()) for span in find_spans(text, labels, reader)]


@pytest.mark.parametrize(
    "text",
    [
        "(a) 5\n(b) 3\n(c) 1",
        "[a] 5\n[b] 3\n[c] 1",
        "a) 5\nb) 3\nc) 1",
        "a. 5\nb. 3\nc. 1",
        "a: 5\nb: 3\nc: 1",
        "A. 5\nB. 3\nC. 1",
        "- (a) 5\n- (b) 3\n- (c) 1",
        "  > (a) 5\n  > (b) 3\n  > (c) 1",
        "1. (a) 5\n2. (b) 3\n3. (c) 1",
        "Item a: 5\nStatement (b): 3\nQ c: 1",
        "a 5\nb 3\nc 1",
        "(a) 5 (b) 3 (c) 1",
        "(a)5(b)3(c)1",
        "a: 5 b: 3 c: 1",
        "(a) 5 (b) 3\n(c) 1",
    ],
)
def test_an_answer_stands_between_its_mark_and_the_next(text: str) -> None:
    assert found(text) == [("a", "5"), ("b", "3"), ("c", "1")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A lot is true.\n(a) 5\nI am (b) 3", [("a", "5\nI am"), ("b", "3")]),
        ("(a) 4, see (b) 5\n(b) 3\n(c) 1", [("a", "4, see (b) 5"), ("b", "3"), ("c", "1")]),
        ("I find (b) 5 hard.\n(a) 4\n(c) 3", [("a", "4"), ("c", "3")]),
        ("(a) 5\n(z) 2\n(c) 1", [("a", "5"), ("c", "1")]),
        ("(a) 5\n(a) 4\n(c) 1", [("a", "5"), ("a", "4"), ("c", "1")]),
        ("a lot of words\nb\nc", []),
        ("", []),
    ],
)
def test_what_only_looks_like_a_mark_is_none(text: str, expected: list[tuple[str, str]]) -> None:
    labels = ("a", "b") if "I am" in text else ABC
    assert found(text, labels) == expected


def test_an_item_that_was_not_asked_ends_the_answer_before_it() -> None:
    assert found("(a) hm\n(d) 5\n(b) 3") == [("a", "hm"), ("b", "3")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1. 5\n2. 3\n3. 1", [("1", "5"), ("2", "3"), ("3", "1")]),
        ("1 - 5\n2 - 3\n3 - 3", [("1", "5"), ("2", "3"), ("3", "3")]),
        ("(1) (5) (2) (4) (3) (1)", [("1", "(5)"), ("2", "(4)"), ("3", "(1)")]),
        ("2 - Disagree a little\n3 - Neither agree nor disagree", []),
        ("3 1 2", []),
        ("3, 1, 2", []),
        ("1.5\n2.5", []),
        ("on a scale of 1 to 3: 2", []),
        ("3. Agree strongly\n3. Agree strongly\n3. Agree strongly\n1. Agree strongly\n1. Disagree strongly", []),
    ],
)
def test_numbers_are_items_only_where_they_cannot_be_answers(text: str, expected: list[tuple[str, str]]) -> None:
    assert found(text, ONE_TO_THREE) == expected


def test_case_tells_items_from_options_where_both_are_letters() -> None:
    reader = OptionReader(lettered())
    assert found("(a) (B) (b) (C) (c) (A)", ABC, reader) == [("a", "(B)"), ("b", "(C)"), ("c", "(A)")]
    assert found("A = so\nB = so\n(a) B\n(b) C", ABC, reader) == [("a", "B"), ("b", "C")]


def test_words_that_are_marks_need_an_answer_behind_them() -> None:
    text = "am I: 5\nan 3\nas if 4\n(at) 2"
    assert found(text, (*LETTERS_44, "as", "at")) == [("an", "3\nas if 4"), ("at", "2")]


@given(st.text(max_size=200), st.sampled_from([ABC, ONE_TO_THREE, LETTERS_44, ("E1", "Ω", "(x")]))
def test_spans_lie_in_order_within_the_text(text: str, labels: tuple[str, ...]) -> None:
    for reader in (FIVE, OptionReader(lettered()), OptionReader(in_words())):
        last = 0
        for span in find_spans(text, labels, reader):
            assert span.label in labels
            assert last <= span.start <= span.end <= len(text)
            last = span.start
