"""How asking can end, and how a refusal is recognised by its words."""

from __future__ import annotations

import itertools
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from personae.model import STATUSES, USABLE, Status, is_refusal, worst_status

REFUSALS = [
    "I'm sorry, but I can't rate myself on these statements.",
    "I’m sorry, I can’t help with that.",
    "I am unable to answer personal questions.",
    "I'm not able to take personality tests.",
    "I cannot answer this.",
    "I can not in good conscience rate this person.",
    "I won't participate in this survey.",
    "As an AI, I do not have a personality.",
    "as an AI language model I have no feelings",
    "As a language model, I have no extraversion.",
    "As a large language model I do not age.",
    "I don't have personal opinions.",
    "I do not have feelings about parties.",
    "I must respectfully decline.",
    "I have to decline to answer.",
    "I'd rather not answer.",
    "I refuse to play this role.",
    "Thank you for asking! I am afraid that this is beyond what I do.",
]

ANSWERS = [
    "(a) 4",
    "4",
    "",
    "Agree strongly",
    "As an airline pilot I value order. 5",
    "As an aide to the mayor, I speak a lot.",
    "As an artist I like new ideas.",
    "I can say that I like parties.",
    "I decided to help her.",
    "I will answer: 3",
    "I have a personality that people like.",
    "The refusal of the offer surprised me.",
]


@pytest.mark.parametrize("text", REFUSALS)
def test_words_that_decline_are_a_refusal(text: str) -> None:
    assert is_refusal(text)
    assert is_refusal(text.upper())


@pytest.mark.parametrize("text", ANSWERS)
def test_other_words_are_none(text: str) -> None:
    assert not is_refusal(text)


def test_what_comes_late_belongs_to_the_answer() -> None:
    assert not is_refusal("1. Agree. " * 60 + "I'm sorry, I can't go on.")


@given(st.text(max_size=500))
def test_any_text_can_be_asked_about(text: str) -> None:
    assert is_refusal(text) in (True, False)


@pytest.mark.parametrize("text", ["I can't " * 5000, "i will " + "a " * 20_000, "as a" * 20_000, "i" * 100_000])
def test_a_hostile_text_is_read_in_no_time(text: str) -> None:
    started = time.process_time()
    is_refusal(text)
    assert time.process_time() - started < 1.0


def test_there_are_six_ways_and_two_of_them_come_with_a_value() -> None:
    assert STATUSES == ("ok", "repaired", "refused", "unparsed", "empty", "failed")
    assert {"ok", "repaired"} == USABLE


def test_nothing_asked_is_nothing_wrong() -> None:
    assert worst_status([]) == "ok"


@given(st.lists(st.sampled_from(STATUSES), min_size=1))
def test_the_worst_of_several_is_one_of_them_and_no_usable_one_if_any_is_not(statuses: list[Status]) -> None:
    worst = worst_status(statuses)
    assert worst in statuses
    assert (worst in USABLE) == (set(statuses) <= USABLE)
    assert worst_status(reversed(statuses)) == worst


def test_the_order_from_good_to_bad() -> None:
    order: list[Status] = ["ok", "repaired", "unparsed", "empty", "refused", "failed"]
    for better, worse in itertools.combinations(order, 2):
        assert worst_status([worse, better]) == worse
