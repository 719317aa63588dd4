"""Options under roman numerals."""

from __future__ import annotations

import pytest

from personae.model import Request, open_model
from personae.respondent.roman_options import as_numbers
from personae.respondent.sheet import read_sheet
from support.questionnaires import AGREEMENT

LOWER, UPPER = ("i", "ii", "iii", "iv", "v"), ("I", "II", "III", "IV", "V")


@pytest.mark.parametrize("marks", [LOWER, UPPER])
@pytest.mark.parametrize("labels", [AGREEMENT, AGREEMENT[::-1]])
def test_lines_and_sentences_are_read(marks: tuple[str, ...], labels: tuple[str, ...]) -> None:
    lines = "\n".join(f"{mark} = {label}" for mark, label in zip(marks, labels, strict=True))
    listed = ", ".join(f"{mark} for {label}" for mark, label in zip(marks, labels, strict=True))
    for options in (f"Response options:\n{lines}", f"Answer from {marks[0]} to {marks[-1]}: {listed}."):
        sheet = read_sheet(f"Statement: I am talkative.\n\n{options}")
        assert sheet is not None
        assert [choice.mark for choice in sheet.choices] == list(marks)
        assert [sheet.choices[place].label for place in sheet.order] == list(AGREEMENT)


async def test_the_answer_is_a_numeral() -> None:
    options = "\n".join(f"{mark} = {label}" for mark, label in zip(UPPER, AGREEMENT, strict=True))
    ask = Request.of(f"Statement: I am talkative.\n\n{options}", system="You are extremely talkative and outgoing.")
    assert (await open_model("sim").generate(ask)).text in {"IV", "V"}


@pytest.mark.parametrize(
    "text", ["I = 3 and x = 4", "i = no, iii = yes", "I is a pronoun. V is a letter.", "1 = no, 2 = maybe, 3 = yes"]
)
def test_what_does_not_count_on_is_no_numeral(text: str) -> None:
    assert as_numbers(text) is None
