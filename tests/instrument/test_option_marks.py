"""How marks of options look."""

from __future__ import annotations

import pytest

from personae.instrument.option_marks import MarkPatterns, mark_patterns

NUMBERS = mark_patterns(["1", "2", "3", "4", "5", "10"])
SIGNED = mark_patterns(["-1", "0", "1"])
LETTERS = mark_patterns(["a", "b", "c"])


def first(patterns: MarkPatterns, text: str) -> str | None:
    match = patterns.first.match(text)
    return match.group(1) if match else None


@pytest.mark.parametrize(
    "text", ["4", "(4)", "4/10", "4 out of 10", "4 of the 10", "4.0", "4,00", "4 - so", "4: 2 jobs"]
)
def test_a_number_begins_an_answer(text: str) -> None:
    assert first(NUMBERS, text) == "4"


@pytest.mark.parametrize(
    "text", ["4.5", "4,5", "4/5", "4 of 5", "4-5", "4 - 5", "4 or 5", "4 to 5", "44", "4th", "4%", "4+", "6"]
)
def test_a_number_that_is_more_or_less_than_itself_does_not(text: str) -> None:
    assert first(NUMBERS, text) is None


def test_the_longest_mark_wins() -> None:
    assert first(NUMBERS, "10") == "10"


def test_signs_are_part_of_numbers_where_some_are_negative() -> None:
    assert (NUMBERS.are_signed, SIGNED.are_signed) == (False, True)
    assert first(SIGNED, "-1") == "-1"
    assert first(SIGNED, "+1") == "1"
    assert [match.group(1) for match in SIGNED.named.finditer("so -1, or - 1")] == ["-1"]
    for patterns, end in ((NUMBERS, 2), (SIGNED, 0)):
        lead = patterns.lead.match("- 1")
        assert lead is not None
        assert lead.end() == end


@pytest.mark.parametrize(
    ("text", "mark"),
    [("B", "B"), ("(b)", "b"), ("b)", "b"), ("B - A quiet one", "B"), ("A-B", None), ("A or B", None), ("Bob", None)],
)
def test_a_letter_begins_an_answer_if_it_is_a_word_of_its_own(text: str, mark: str | None) -> None:
    assert LETTERS.are_numbers is False
    assert first(LETTERS, text) == mark


@pytest.mark.parametrize("text", [", 5", " maybe 5", ", or even 5", "\n5", ". 5", " (5)", ": 5"])
def test_a_second_mark_is_seen(text: str) -> None:
    assert NUMBERS.second.match(text) is not None


@pytest.mark.parametrize(
    "text", [" - I have 2 jobs", ", as 5 are too many", ". 5 cats live here", "\n\n5", "", " because"]
)
def test_a_number_in_an_explanation_is_no_second_mark(text: str) -> None:
    assert NUMBERS.second.match(text) is None


def test_without_marks_nothing_matches() -> None:
    none = mark_patterns([])
    for pattern in (none.first, none.second, none.named, none.whole_range):
        assert pattern.search("1 (a) 1 to 5 A") is None


@pytest.mark.parametrize("text", ["from 1 to 10", "1-10", "1 (little) to 10 (much)", "between 1 and 10"])
def test_the_whole_range_is_said_of_the_scale(text: str) -> None:
    assert NUMBERS.whole_range.search(text) is not None


@pytest.mark.parametrize("text", ["1 to 5", "2-10", "11 to 10", "1.1 to 10"])
def test_another_range_is_not(text: str) -> None:
    assert NUMBERS.whole_range.search(text) is None
