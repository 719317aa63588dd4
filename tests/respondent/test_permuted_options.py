"""Scales whose options stand in an order of their own."""

from __future__ import annotations

import itertools

import pytest

from personae.model import Request, open_model
from personae.respondent.sheet import read_sheet
from support.questionnaires import AGREEMENT

PLACES = list(itertools.permutations(range(5)))[3::17]


def prompt(order: tuple[int, ...], marks: str = "12345") -> str:
    options = "\n".join(f"{marks[index]} = {AGREEMENT[place]}" for index, place in enumerate(order))
    return f"Statement: I am talkative.\n\nResponse options:\n{options}\n\nAnswer with the option you choose."


@pytest.mark.parametrize("order", PLACES)
@pytest.mark.parametrize("marks", ["12345", "ABCDE"])
def test_options_are_graded_by_their_words(order: tuple[int, ...], marks: str) -> None:
    sheet = read_sheet(prompt(order, marks))
    assert sheet is not None
    assert sheet.is_scale
    assert [sheet.choices[index].label for index in sheet.order] == list(AGREEMENT)
    assert sheet.items == ("I am talkative.",)


@pytest.mark.parametrize("order", PLACES)
def test_marks_may_be_the_values_of_the_options(order: tuple[int, ...]) -> None:
    marks = "".join(str(place + 1) for place in order)
    sheet = read_sheet(prompt(order, marks))
    assert sheet is not None
    assert [sheet.choices[index].mark for index in sheet.order] == ["1", "2", "3", "4", "5"]


async def test_the_answer_follows_the_trait_and_not_the_list() -> None:
    said = []
    for order in PLACES:
        ask = Request.of(prompt(order), system="You are extremely talkative and outgoing.")
        reply = await open_model("sim").generate(ask)
        said.append(order[int(reply.text) - 1])
    assert sum(place >= 3 for place in said) >= len(said) - 1


def test_alternatives_and_ordered_scales_are_read_as_before() -> None:
    sheet = read_sheet(prompt((0, 1, 2, 3, 4)))
    assert sheet is not None
    assert [choice.agreement for choice in sheet.choices] == [-1.0, -0.5, 0.0, 0.5, 1.0]
    scenario = read_sheet("What do you do?\nA. I go to the party.\nB. I read at home.\nC. I call a friend.")
    assert scenario is not None
    assert not scenario.is_scale
